"""From orders to a plan: each layer is solved on top of those before it, counted again, and described.

Layers are taken in the order given (domain.md 5: a budget per layer), so what two layers would cover both is counted
once, and the scores of the layers add up to the plan's. Several under one budget are :mod:`geo.siting.together`'s.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from time import perf_counter

import numpy as np

from geo.district import takes_part
from geo.model import DataState, DistrictInput, Settings
from geo.plans import Closed, FloorCost, LayerPlan, Plan, PlanDistrict
from geo.siting.asking import limit_words, settings_for
from geo.siting.built import Built, built_of, with_built, without_points
from geo.siting.describing import changes_of_dong, closed_of, describe
from geo.siting.gap_change import dense_of, gap_changes
from geo.siting.ground import households_of, make_ground
from geo.siting.model import ClashError, Effort
from geo.siting.models import Found, choose
from geo.siting.plan import Order
from geo.siting.proving import check_limits, recounted
from geo.siting.ranking import in_order
from geo.siting.ready import warm
from geo.siting.recount import Recount, recount_change
from geo.siting.together import plan_together
from geo.summary import headings

ONE_BUDGET = (
    "여러 층을 한 예산으로 골랐습니다: 층 사이의 배분은 필요의 가중치에 따른 것이며, 가중치가 바뀌면 달라집니다"
)


def make_plan(
    source: DistrictInput,
    settings: Settings,
    orders: Sequence[Order],
    *,
    years: int = 5,
    data_version: int = 0,
    effort: Effort | None = None,
    together_krw: float | None = None,
) -> Plan:
    """Choose sites for each order in turn, with proof, and count the whole again.

    ``effort.seconds`` is shared out among the orders. ``together_krw``: one budget for all orders, whose own budgets
    are then None; the combined score is maximised over all layers at once.

    Raises
    ------
    SitingError, CostError, ClashError, NoDataError, BadSettingError
        What an order cannot mean; RecountError if the recount does not agree: nothing is published then.
    """
    warm()
    started = perf_counter()
    effort = effort or Effort()
    notes: tuple[str, ...] = ()
    if together_krw is not None:
        layers, built = plan_together(source, settings, orders, together_krw, years=years, effort=effort)
        notes = (ONE_BUDGET,)
    else:
        part = replace(effort, seconds=effort.seconds / max(len(orders), 1))
        layers, built = [], source
        for order in orders:
            layer, built = _plan_one(built, settings, order, years, part)
            layers.append(layer)
    common = settings if any(takes_part(s, settings) for s in source.supplies) else _own(source, settings, orders)
    whole = recount_change(source, built, common)
    frame, judged = whole.frame, tuple(s.need.id for s in source.supplies if takes_part(s, common))
    return Plan(
        district=source.code, district_name=source.name, at=source.at, who=source.who, years=years,
        data_version=data_version, data_dates=source.data_dates,
        need_names={s.need.id: s.need.name for s in source.supplies},
        weights={
            s.need.id: settings.weights.get(s.need.id, s.need.weight) for s in source.supplies if s.need.id in judged
        },
        settings=asdict(settings), households=float(frame.households.sum()),
        before=whole.before, after=whole.after, gained={n: g for n, g in whole.gained.items() if np.isfinite(g)},
        seconds=perf_counter() - started, layers=tuple(layers), notes=(*notes, *source.notes), made_up=source.made_up,
        headings=headings(source, common, frame.households, frame.demand_source, judged),
        gaps=gap_changes(source, frame, dense_of(frame, common), whole.covers, settings) if common is settings else (),
        districts=tuple(
            PlanDistrict(part.code, part.name, tuple(source.dong_codes[d] for d in part.dongs)) for part in source.parts
        ),
    )  # fmt: skip


def _own(source: DistrictInput, settings: Settings, orders: Sequence[Order]) -> Settings:
    return settings_for(source, settings, orders[0].places)


def plan_layer(
    source: DistrictInput, settings: Settings, order: Order, *, years: int = 5, effort: Effort | None = None
) -> LayerPlan:
    """Choose the sites of one layer and describe them.

    Raises as :func:`make_plan`.
    """
    return _plan_one(source, settings, order, years, effort)[0]


def _plan_one(
    source: DistrictInput, settings: Settings, order: Order, years: int, effort: Effort | None
) -> tuple[LayerPlan, DistrictInput]:
    """Return the plan of an order, and the district once it is built."""
    if order.moves is not None:  # the yearly money of a facility moves along with it
        still = replace(order.places, year_krw=np.zeros(len(order.places.ids)))
        order = replace(order, places=still)
    places = order.places
    mine = settings_for(source, settings, places)
    try:
        found = choose(source, mine, order, years, effort)
    except ClashError as error:
        raise type(error)(f"{places.name}: {error.message}", error.hint) from error
    ground = make_ground(source, mine)
    need = next(n for n in places.needs if n in ground.needs)
    steps = in_order(found.problem, households_of(ground), found.chosen)
    needs = tuple(n for n in places.needs if known(source, n))
    stays = source
    if found.points is not None and found.closed.size:
        stays = without_points(source, needs, found.points.x[found.closed], found.points.y[found.closed])
    later = with_built(stays, needs, built_of(places, found.chosen))
    check_limits(source, order, found.chosen, years)
    counted = recounted(source, later, mine, order, found, need)
    plan = LayerPlan(
        layer=places.layer, name=places.name, objective=ground.needs, candidates=len(places.ids),
        left_out=places.left_out, budget_krw=order.budget_krw, count=order.count,
        before=counted.before, after=counted.after, bound=_score_bound(counted, found), gap=found.gap,
        status=found.solution.status.value, bound_from=found.solution.bound_from, seconds=found.solution.seconds,
        cut_short=found.solution.cut_short, gained={n: counted.gained[n] for n in needs},
        sites=describe(source, places, steps, need, years, order.forced), limits=limit_words(ground, order),
        model=order.model, measured=found.measured,
        closed=_closed(source, later, order, found, needs, mine), dongs=changes_of_dong(source, counted, need),
        floor=_floor(source, order, found, counted, mine, needs), notes=found.notes,
    )  # fmt: skip
    return plan, later


def _score_bound(counted: Recount, found: Found) -> float:
    """Return the bound of the combined score; the score itself where a model is bounded in its own measure."""
    if found.measured is not None:
        return counted.after
    return max(counted.before + found.solution.bound - found.solution.base_value, counted.after)


def _closed(
    source: DistrictInput, later: DistrictInput, order: Order, found: Found, needs: tuple[str, ...], mine: Settings
) -> tuple[Closed, ...]:
    if found.points is None:
        return ()
    lost = []
    for i in found.closed:
        back = with_built(later, needs, Built(found.points.x[[i]], found.points.y[[i]]))
        change = recount_change(later, back, mine)
        lost.append({need: change.gained[need] for need in needs})
    return closed_of(source, found.points, found.closed, lost, order.occupancy)


def _floor(
    source: DistrictInput, order: Order, found: Found, counted: Recount, mine: Settings, needs: tuple[str, ...]
) -> FloorCost | None:
    """Return what the floor costs in households and won: the plan beside it is counted again too."""
    if found.floor is None or order.floor is None:
        return None
    free = with_built(source, needs, built_of(order.places, found.floor.without.chosen))
    other = recount_change(source, free, mine)
    least = found.floor.least_cost_krw
    return FloorCost(
        order.floor, other.after - counted.after, {n: other.gained[n] - counted.gained[n] for n in needs},
        float(least) if np.isfinite(least) else None, found.floor.least_cost_bound_krw,
    )  # fmt: skip


def known(source: DistrictInput, need: str) -> bool:
    """Return whether there are data on a need in the district."""
    return any(s.need.id == need and s.state is not DataState.NONE for s in source.supplies)
