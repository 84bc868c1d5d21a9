"""From orders to a plan: each layer is solved on top of those before it, counted again, and described.

Layers are taken in the order given (domain.md 5: a budget per layer), so what two layers would cover both is counted
once, and the scores of the layers add up to the plan's.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from time import perf_counter

import numpy as np

from geo.district import takes_part
from geo.errors import BadSettingError
from geo.frame import make_frame
from geo.model import DataState, DistrictInput, Floats, Places, Settings, Supply
from geo.plans import LayerPlan, Plan, Site
from geo.siting.describing import describe, dong_of, total_krw
from geo.siting.ground import Candidates, Ground, layer_problem, make_ground
from geo.siting.limits import too_near
from geo.siting.model import CostError, Effort, Floor, Group, Limits, Problem, SitingError
from geo.siting.plan import Order
from geo.siting.ranking import in_order
from geo.siting.recount import agree, recount
from geo.siting.solve import solve


def make_plan(
    source: DistrictInput,
    settings: Settings,
    orders: Sequence[Order],
    *,
    years: int = 5,
    data_version: int = 0,
    effort: Effort | None = None,
) -> Plan:
    """Choose sites for each order in turn, with proof, and count the whole again.

    ``effort.seconds`` is shared out among the orders.

    Raises
    ------
    SitingError, CostError, ClashError, NoDataError, BadSettingError
        What an order cannot mean; RecountError if the recount does not agree: nothing is published then.
    """
    started = perf_counter()
    effort = effort or Effort()
    part = replace(effort, seconds=effort.seconds / max(len(orders), 1))
    built, layers = source, []
    added: dict[str, tuple[Floats, Floats]] = {}
    for order in orders:
        layer = plan_layer(built, settings, order, years=years, effort=part)
        needs, places = order.places.needs, _places_of(layer.sites)
        built = with_sites(built, needs, *places)
        for need in needs:
            x, y = added.get(need, (np.empty(0), np.empty(0)))
            added[need] = (np.concatenate([x, places[0]]), np.concatenate([y, places[1]]))
        layers.append(layer)
    common = settings if any(takes_part(s, settings) for s in source.supplies) else _own(source, settings, orders)
    whole = recount(source, common, {need: at for need, at in added.items() if _known(source, need)})
    return Plan(
        district=source.code, district_name=source.name, at=source.at, who=source.who, years=years,
        data_version=data_version, data_dates=source.data_dates,
        need_names={s.need.id: s.need.name for s in source.supplies},
        weights={s.need.id: settings.weights.get(s.need.id, s.need.weight) for s in source.supplies},
        settings=asdict(settings), households=float(make_frame(source, common).households.sum()),
        before=whole.before, after=whole.after, gained={n: g for n, g in whole.gained.items() if np.isfinite(g)},
        seconds=perf_counter() - started, layers=tuple(layers), notes=source.notes, made_up=source.made_up,
    )  # fmt: skip


def _own(source: DistrictInput, settings: Settings, orders: Sequence[Order]) -> Settings:
    return settings_for(source, settings, orders[0].places)


def plan_layer(
    source: DistrictInput, settings: Settings, order: Order, *, years: int = 5, effort: Effort | None = None
) -> LayerPlan:
    """Choose the sites of one layer and describe them.

    Raises as :func:`make_plan`.
    """
    places = order.places
    mine = settings_for(source, settings, places)
    ground = make_ground(source, mine)
    problem = problem_of(ground, order, years)
    solution = solve(problem, effort)
    need = next(n for n in places.needs if n in ground.needs)
    households = (ground.frame.households[ground.cell]) * ground.share
    steps = in_order(problem, households, solution.chosen)
    chosen = np.array([step.site for step in steps], np.int64)
    added = {n: (places.x[chosen], places.y[chosen]) for n in places.needs if _known(source, n)}
    counted = recount(source, mine, added)
    agree(counted.before + solution.value - solution.base_value, counted.after)
    return LayerPlan(
        layer=places.layer, name=places.name, objective=ground.needs, candidates=len(places.ids),
        left_out=places.left_out, budget_krw=order.budget_krw, count=order.count,
        before=counted.before, after=counted.after,
        bound=max(counted.before + solution.bound - solution.base_value, counted.after), gap=solution.gap,
        status=solution.status.value, bound_from=solution.bound_from, seconds=solution.seconds,
        cut_short=solution.cut_short, gained={n: counted.gained[n] for n in added},
        sites=describe(source, places, steps, need, years),
    )  # fmt: skip


def settings_for(source: DistrictInput, settings: Settings, places: Places) -> Settings:
    """Return the settings a layer is judged by: a need shown on its own (weight 0) is judged on its own.

    So is replacing old lamps by smart ones, which lights no more of the way (domain.md 1).
    """
    supplies = {s.need.id: s for s in source.supplies}
    mine = [supplies[n] for n in places.needs if n in supplies]
    if not mine:
        raise BadSettingError(f"{places.name}: 채우는 필요가 없어 고를 수 없습니다", "필요를 채우는 층을 고르십시오")
    if any(takes_part(s, settings) for s in mine):
        return settings
    alone = [
        s.need.id for s in mine if s.state is not DataState.NONE and settings.weights.get(s.need.id, s.need.weight) == 0
    ]
    return replace(settings, needs=tuple(alone[:1])) if alone else settings


def problem_of(ground: Ground, order: Order, years: int) -> Problem:
    """Return the siting problem of an order.

    Raises
    ------
    CostError
        No cost is known, or a cost of nothing is to be kept within a budget.
    SitingError
        There are no candidates, or neither money nor a number is given.
    """
    places = order.places
    if not places.ids:
        raise SitingError(f"{places.name}: 후보지가 없습니다", "--candidates나 --within을 넓혀 보십시오")
    if order.budget_krw is None and order.count is None:
        raise SitingError(
            f"{places.name}: 예산도 개소 수도 없습니다", f"--budget {places.layer}=원 또는 --count {places.layer}=수"
        )
    cost = total_krw(places, years)
    if np.isnan(cost).any():
        kind = places.kinds[int(np.flatnonzero(np.isnan(cost))[0])]
        raise CostError(
            f"{places.name}({kind})의 비용이 알려져 있지 않습니다",
            f"--cost {places.layer}=설치비 또는 --cost {places.layer}=설치비/연간비(원)",
        )
    if order.count is None and not cost.any():
        raise CostError(
            f"{places.name}: 비용이 0원이면 예산으로 고를 수 없습니다", f"--count {places.layer}=수 로 고르십시오"
        )
    candidates = Candidates(places.layer, places.needs, places.ids, places.x, places.y, cost)
    return layer_problem(ground, candidates, limits_of(ground, order))


def limits_of(ground: Ground, order: Order) -> Limits:
    """Return the limits of an order, dong by their index in the district."""
    places, names = order.places, ground.source.dong_names
    dong = dong_of(ground.source, places.x, places.y)
    most = dict.fromkeys(range(len(names)), order.most_each) if order.most_each is not None else {}
    most |= order.most
    groups = tuple(
        Group(names[d], np.flatnonzero(dong == d), order.least.get(d, 0), most.get(d))
        for d in sorted({*order.least, *most})
    )
    floors: tuple[Floor, ...] = ()
    if order.floor is not None:
        of_point = ground.frame.cells.dong[ground.cell]
        floors = tuple(Floor(name, np.flatnonzero(of_point == d), order.floor) for d, name in enumerate(names))
    return Limits(
        budget_krw=order.budget_krw, count=order.count, forced=order.forced, groups=groups,
        too_near=too_near(places.x, places.y, order.spacing_m), floors=floors,
    )  # fmt: skip


def with_sites(source: DistrictInput, needs: Sequence[str], x: Floats, y: Floats) -> DistrictInput:
    """Return the district with facilities built that supply some needs."""
    return replace(source, supplies=tuple(_with(s, x, y) if s.need.id in needs else s for s in source.supplies))


def _with(supply: Supply, x: Floats, y: Floats) -> Supply:
    return replace(supply, x=np.concatenate([supply.x, x]), y=np.concatenate([supply.y, y]))


def _known(source: DistrictInput, need: str) -> bool:
    return any(s.need.id == need and s.state is not DataState.NONE for s in source.supplies)


def _places_of(sites: Sequence[Site]) -> tuple[Floats, Floats]:
    return np.array([s.x for s in sites], float), np.array([s.y for s in sites], float)
