"""Why a plan has nothing in a dong: what its best place would add, beside the least the plan settled for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from geo.errors import AnsimError
from geo.model import DistrictInput, Places, Settings
from geo.plans import LayerPlan, Plan
from geo.siting.asking import candidates_of, settings_for
from geo.siting.built import built_of_sites, with_built, without_points
from geo.siting.describing import dong_of, total_krw
from geo.siting.ground import layer_problem, make_ground
from geo.siting.model import Limits
from geo.siting.ranking import adds


class Reason(StrEnum):
    """Why a plan has nothing, or no more, of a layer in a dong."""

    CANNOT_JUDGE = "cannot_judge"  # no data on the need, or the like: ``said``
    NO_PLACE = "no_place"  # no candidate there
    NOTHING_TO_GAIN = "nothing_to_gain"  # what candidates reach is reached already
    NO_COST = "no_cost"  # the best place has no known cost
    LESS_FOR_MONEY = "less_for_money"  # it adds less for its money than the last site chosen
    AS_GOOD = "as_good"  # it adds as much: it was no candidate of the plan, or its limits ended it first
    NO_PLAN = "no_plan"  # nothing to compare with


@dataclass(frozen=True)
class Explanation:
    """What one more site of a layer would do in a dong, once the plan is built.

    ``place`` indexes the candidates, -1 none; ``per_million`` is score a million won, NaN without cost; ``least``:
    that of the site of the plan that has least.
    """

    reason: Reason
    said: str = ""
    candidates: int = 0
    place: int = -1
    score: float = 0.0
    gained: float = 0.0
    cost_krw: float = float("nan")
    per_million: float = float("nan")
    least: float = float("nan")


def explain(
    source: DistrictInput, settings: Settings, places: Places, dong: int, plan: Plan | None, years: int = 5
) -> Explanation:
    """Explain a dong (index in the district) for one layer; what cannot be judged is an answer, not an error."""
    built = source
    for layer in plan.layers if plan else ():
        closed = (np.array([getattr(c, axis) for c in layer.closed], float) for axis in ("x", "y"))
        built = without_points(built, tuple(layer.gained), *closed)
        built = with_built(built, tuple(layer.gained), built_of_sites(layer.sites))
    here = np.flatnonzero(dong_of(source, places.x, places.y) == dong)
    cost = total_krw(places, years)
    try:
        ground = make_ground(built, settings_for(built, settings, places))
        offered = candidates_of(places, np.nan_to_num(cost))
        problem = layer_problem(ground, offered, Limits())
    except AnsimError as error:
        return Explanation(Reason.CANNOT_JUDGE, str(error), here.size)
    if not here.size:
        return Explanation(Reason.NO_PLACE)
    score = np.array([adds(problem, problem.base, int(j), problem.weight) for j in here])
    worth = score / np.where(cost[here] > 0, cost[here] / 1e6, 1.0)
    best = int(here[np.argmax(worth)])
    households = ground.frame.households[ground.cell] * ground.share
    found = Explanation(
        Reason.NO_PLAN, candidates=here.size, place=best, score=float(score[worth.argmax()]),
        gained=adds(problem, problem.base, best, households), cost_krw=float(cost[best]),
        per_million=float(worth.max()) if cost[best] > 0 else float("nan"),
    )  # fmt: skip
    return _reasoned(found, _own(plan, places.layer))


def _own(plan: Plan | None, layer: str) -> Sequence[LayerPlan]:
    return [one for one in (plan.layers if plan else ()) if one.layer == layer]


def _reasoned(found: Explanation, own: Sequence[LayerPlan]) -> Explanation:
    if found.score <= 0:
        return replace(found, reason=Reason.NOTHING_TO_GAIN)
    if np.isnan(found.cost_krw):
        return replace(found, reason=Reason.NO_COST)
    paid = [site.score / (site.total_krw / 1e6) for layer in own for site in layer.sites if site.total_krw]
    if not paid or np.isnan(found.per_million):
        return found
    least = min(paid)
    less = found.per_million < least
    return replace(found, least=least, reason=Reason.LESS_FOR_MONEY if less else Reason.AS_GOOD)
