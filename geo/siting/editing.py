"""A plan changed by hand, counted again: what each site adds, the whole, and how far it is below what is proved."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isnan, nan
from time import perf_counter
from typing import Any

import numpy as np

from geo.district import Cover, takes_part
from geo.kernels import FULL
from geo.model import DistrictInput, Floats, Ints, Places
from geo.plans import EDITED, Closed, LayerPlan, Plan
from geo.siting.asking import candidates_of, cost_of, limits_of, settings_for
from geo.siting.built import built_of, with_built, without_points
from geo.siting.describing import changes_of_dong, describe, total_krw
from geo.siting.gap_change import gap_changes
from geo.siting.ground import Ground, households_of, layer_problem
from geo.siting.limits import keeps
from geo.siting.model import Limits, Pairs, Problem
from geo.siting.plan import Order
from geo.siting.planning import known
from geo.siting.ranking import in_order
from geo.siting.recount import agree
from geo.siting.tally import Tally
from geo.summary import headings


@dataclass(frozen=True)
class Base:
    """The plan that was changed, and its orders by layer where they could be made again: for its bounds to be kept."""

    plan: Plan
    orders: Mapping[str, Order]


@dataclass(frozen=True)
class Against:
    """How a layer stands beside the bound of the plan it was made from. ``why``: Korean and English, '' where it holds.

    ``below``: score that the bound is above, ``share`` of the gain that is possible, 0..1; NaN where it does not hold.
    """

    bound: float
    below: float
    share: float
    why: tuple[str, str] = ("", "")

    @property
    def valid(self) -> bool:
        """Whether the bound speaks of this plan."""
        return not self.why[0]


@dataclass(frozen=True)
class Edited:
    """A plan counted again. ``given``, ``loses``: for each site of each layer, its index among the places given, and
    the score that is lost where it alone is taken away. ``after``: covers once all is built.
    """  # noqa: D205

    plan: Plan
    given: tuple[Ints, ...]
    loses: tuple[Floats, ...]
    against: tuple[Against | None, ...]
    after: Cover


def edited(
    tally: Tally, wanted: Sequence[Places], *, years: int, data_version: int = 0, base: Base | None = None
) -> Edited:
    """Count a plan whose sites are ``wanted``, layer by layer, all of which are built.

    Facilities that ``base`` takes away stay taken away. ``tally`` is of the settings; a layer judged on its own has one
    made for it.

    Raises
    ------
    NoDataError, BadSettingError, CostError
        A layer supplies nothing that can be judged, or a site has no known cost.
    RecountError
        The sum of what the sites add is not what the gap table finds.
    """
    started = perf_counter()
    source, settings = tally.source, tally.settings
    old = {layer.layer: layer for layer in base.plan.layers} if base else {}
    built, same, parts = source, base is not None, []
    for places in wanted:
        part, later = _layer(tally, built, places, old.get(places.layer), years)
        if base is not None:
            why = _why_not(tally, built, base, places, earlier_same=same, years=years, data_version=data_version)
            part = replace(part, against=_against(part.plan, old.get(places.layer), why))
            same = same and places.layer in old and _sites(old[places.layer]) == set(_xy(places))
        built = later
        parts.append(part)
    if not any(takes_part(s, settings) for s in source.supplies) and wanted:
        tally = tally.judging(settings_for(source, settings, wanted[0]))
    whole = tally.change(source, built)
    plan = Plan(
        district=source.code, district_name=source.name, at=source.at, who=source.who, years=years,
        data_version=data_version, data_dates=source.data_dates,
        need_names={s.need.id: s.need.name for s in source.supplies},
        weights={s.need.id: settings.weights.get(s.need.id, s.need.weight) for s in source.supplies},
        settings=asdict(settings), households=float(tally.frame.households.sum()),
        before=whole.before, after=whole.after, gained={n: g for n, g in whole.gained.items() if np.isfinite(g)},
        seconds=perf_counter() - started, layers=tuple(_proved(part) for part in parts), notes=source.notes,
        made_up=source.made_up, extra=base.plan.extra if base else {},
        headings=headings(
            source, tally.settings, tally.frame.households, tally.frame.demand_source,
            tuple(s.need.id for s in source.supplies if takes_part(s, tally.settings)),
        ),
        gaps=gap_changes(source, tally.frame, tally.dense, whole.covers, settings)
        if tally.settings == settings else (),
    )  # fmt: skip
    return Edited(
        plan, tuple(p.given for p in parts), tuple(p.loses for p in parts), tuple(p.against for p in parts),
        whole.covers[1],
    )  # fmt: skip


@dataclass(frozen=True)
class _Part:
    plan: LayerPlan
    given: Ints
    loses: Floats
    against: Against | None = None


def _layer(
    tally: Tally, built: DistrictInput, places: Places, old: LayerPlan | None, years: int
) -> tuple[_Part, DistrictInput]:
    """Count one layer on top of those before it; return it and the district with it."""
    source = tally.source
    mine = settings_for(source, tally.settings, places)
    tally = tally.judging(mine)
    needs = tuple(n for n in places.needs if known(source, n))
    closed: tuple[Closed, ...] = old.closed if old else ()
    x, y = (np.array([getattr(c, axis) for c in closed], float) for axis in ("x", "y"))
    stays = without_points(built, needs, x, y) if closed else built
    every = np.arange(len(places.ids))
    later = with_built(stays, needs, built_of(places, every)) if every.size else stays
    ground = tally.ground(stays)
    cost = cost_of(Order(places, count=every.size), years) if every.size else np.empty(0)
    problem = layer_problem(ground, candidates_of(places, cost), Limits())
    need = next(n for n in places.needs if n in ground.needs)
    steps = in_order(problem, households_of(ground), every)
    counted = tally.change(built, later)
    if not closed:
        agree(counted.before + sum(step.score for step in steps), counted.after)
    given = np.array([step.site for step in steps], np.int64)
    plan = LayerPlan(
        layer=places.layer, name=places.name, objective=ground.needs,
        candidates=old.candidates if old else 0, left_out=old.left_out if old else {},
        budget_krw=old.budget_krw if old else None, count=old.count if old else None,
        before=counted.before, after=counted.after, bound=nan, gap=nan, status=EDITED, bound_from="", seconds=0.0,
        cut_short=False, gained={n: counted.gained[n] for n in needs},
        sites=describe(source, places, steps, need, years), limits=old.limits if old else (),
        closed=closed, dongs=changes_of_dong(source, counted, need),
    )  # fmt: skip
    return _Part(plan, given, _loses(problem)[given]), later


def _loses(problem: Problem) -> Floats:
    """Return what sum(weight x cover) loses where one site alone is taken away, float64 (m,)."""
    best, second = problem.base.astype(np.int64), problem.base.astype(np.int64)
    owner = np.full(best.size, -1)
    for j in range(problem.pairs.sites):
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        at, value = problem.pairs.point[here], problem.pairs.value[here].astype(np.int64)
        more = value > best[at]
        second[at] = np.where(more, best[at], np.maximum(second[at], np.minimum(value, best[at])))
        best[at[more]], owner[at[more]] = value[more], j
    mine = owner >= 0
    lost = problem.weight * (best - second) / FULL
    return np.bincount(owner[mine], lost[mine], problem.pairs.sites).astype(float)


def _why_not(
    tally: Tally, built: DistrictInput, base: Base, places: Places, *, earlier_same: bool, years: int, data_version: int
) -> tuple[str, str]:
    """Return why the bound of a layer does not speak of these sites, Korean and English; '' where it does."""
    plan, source, order = base.plan, tally.source, base.orders.get(places.layer)
    settings = _plain(plan.settings) == _plain(asdict(tally.settings))
    if not settings or (plan.at, plan.who) != (source.at, source.who):
        return "설정이 다릅니다", "the settings differ"
    checks = (
        (plan.data_version != data_version, "자료가 바뀌었습니다", "the data have changed"),
        (plan.years != years, "연간비를 넣은 햇수가 다릅니다", "the years of yearly cost differ"),
        (order is None, "처음 계획의 후보지를 알 수 없는 층입니다", "the candidates of the layer are not known"),
        (not earlier_same, "앞 층의 자리가 바뀌었습니다", "sites of an earlier layer have changed"),
    )
    found = next(((ko, en) for wrong, ko, en in checks if wrong), None)
    if found or order is None:
        return found or ("", "")
    if order.model != "cover" or order.floor is not None:
        return "이 모형의 상한은 종합 도달의 것이 아닙니다", "the bound of this model is not of the combined cover"
    number = {at: j for j, at in enumerate(_xy(order.places))}
    at = [number.get(xy, -1) for xy in _xy(places)]
    if -1 in at:
        return "후보지가 아니던 자리가 있습니다", "a site was no candidate"
    broken = keeps(_limits_only(tally.ground(built), order, years), np.array(at, np.int64))
    return (f"계획의 조건을 벗어납니다 ({broken})", "it breaks a limit of the plan") if broken else ("", "")


def _plain(settings: Mapping[str, Any]) -> str:
    """Return settings as text: those of a stored plan have lists for tuples."""
    return json.dumps(settings, sort_keys=True)


def _limits_only(ground: Ground, order: Order, years: int) -> Problem:
    """Return the problem of an order without what its places cover: enough to ask which limits are kept."""
    none = np.empty(0, np.uint8)
    pairs = Pairs(np.zeros(len(order.places.ids) + 1, np.int64), np.empty(0, np.int32), none, 0)
    return Problem(np.empty(0), none, pairs, total_krw(order.places, years), limits_of(ground, order))


def _against(plan: LayerPlan, old: LayerPlan | None, why: tuple[str, str]) -> Against | None:
    if old is None or isnan(old.bound):
        return None
    if why[0]:
        return Against(old.bound, nan, nan, why)
    bound = max(old.bound, plan.after)
    below, possible = bound - plan.after, bound - plan.before
    return Against(bound, below, below / possible if possible > 0 else 0.0)


def _proved(part: _Part) -> LayerPlan:
    """Return the layer with the bound it keeps."""
    against = part.against
    if against is None or not against.valid:
        return part.plan
    return replace(part.plan, bound=against.bound, gap=against.share, bound_from="처음 계획의 상한")


def _xy(places: Places) -> list[tuple[float, float]]:
    return list(zip(places.x.tolist(), places.y.tolist(), strict=True))


def _sites(layer: LayerPlan) -> set[tuple[float, float]]:
    return {(site.x, site.y) for site in layer.sites}
