"""From orders to a plan: each layer is solved on top of those before it, counted again, and described.

Layers are taken in the order given (domain.md 5: a budget per layer), so what two layers would cover both is counted
once, and the scores of the layers add up to the plan's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
import shapely
from scipy.spatial import KDTree

from geo.district import takes_part
from geo.errors import BadSettingError
from geo.grid import cell_names
from geo.model import DataState, DistrictInput, Floats, Ints, LayerPoints, Places, Settings, Supply
from geo.siting.ground import Candidates, Ground, layer_problem, make_ground
from geo.siting.limits import too_near
from geo.siting.model import CostError, Effort, Floor, Group, Limits, Problem, SitingError
from geo.siting.plan import Known, LayerPlan, Order, Plan, Site, Step
from geo.siting.ranking import in_order
from geo.siting.recount import Recount, agree, recount
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
    for order in orders:
        layer = plan_layer(built, settings, order, years=years, effort=part)
        built = with_sites(built, order.places.needs, *_places_of(layer.sites))
        layers.append(layer)
    added = _added(source, layers)
    whole = recount(source, settings, added) if _judged(source, settings) else Recount(0.0, 0.0, {})
    return Plan(
        source, settings, years, data_version, tuple(layers), whole.before, whole.after,
        make_ground(source, settings_for(source, settings, orders[0].places)).frame.households.sum(),
        whole.gained or layers[0].gained, perf_counter() - started,
    )  # fmt: skip


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
        layer=places.layer, name=places.name, needs=places.needs, objective=ground.needs,
        candidates=len(places.ids), left_out=places.left_out, budget_krw=order.budget_krw, count=order.count,
        solution=solution, before=counted.before, after=counted.after,
        gained={n: counted.gained[n] for n in added}, sites=describe(source, places, steps, need, years),
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
        budget_krw=order.budget_krw, count=order.count, forced=order.forced, forbidden=order.forbidden, groups=groups,
        too_near=too_near(places.x, places.y, order.spacing_m), floors=floors,
    )  # fmt: skip


def total_krw(places: Places, years: int) -> Floats:
    """Return what each place costs once and over the years, NaN where neither is known."""
    known = np.isfinite(places.once_krw) | np.isfinite(places.year_krw)
    total: Floats = np.nan_to_num(places.once_krw) + years * np.nan_to_num(places.year_krw)
    return np.where(known, total, np.nan)


def dong_of(source: DistrictInput, x: Floats, y: Floats) -> Ints:
    """Return the dong index of each point, int64 (n,), -1 outside; on a shared border the lowest."""
    tree = shapely.STRtree(source.dong_geometry)
    point, dong = tree.query(shapely.points(x, y), predicate="intersects")
    found = np.full(np.asarray(x).size, len(source.dong_names), np.int64)
    np.minimum.at(found, point, dong)
    return np.where(found == len(source.dong_names), -1, found)


def with_sites(source: DistrictInput, needs: Sequence[str], x: Floats, y: Floats) -> DistrictInput:
    """Return the district with facilities built that supply some needs."""
    return replace(source, supplies=tuple(_with(s, x, y) if s.need.id in needs else s for s in source.supplies))


def describe(source: DistrictInput, places: Places, steps: Sequence[Step], need: str, years: int) -> tuple[Site, ...]:
    """Return the steps as sites, with the nearest facility that has an address."""
    at = np.array([step.site for step in steps], np.int64)
    x, y = places.x[at], places.y[at]
    names, dong, near = cell_names(x, y, 10), dong_of(source, x, y), nearest_known(source.layers, x, y)
    total = total_krw(places, years)
    return tuple(
        Site(
            rank, places.layer, places.ids[j], places.kinds[j], places.names[j], places.flags[j],
            float(places.x[j]), float(places.y[j]), names[i], int(dong[i]), float(np.nan_to_num(places.once_krw[j])),
            float(np.nan_to_num(places.year_krw[j])), float(total[j]), {need: step.gained}, step.score, near[i],
        )
        for i, (rank, j, step) in enumerate(zip(range(1, len(steps) + 1), at.tolist(), steps, strict=True))
    )  # fmt: skip


def nearest_known(layers: Sequence[LayerPoints], x: Floats, y: Floats) -> list[Known | None]:
    """Return the nearest point facility of any layer for each place, one with an address where any has one."""
    rows = [
        (px, py, layer.ids[i], layer.names[i], layer.addresses[i])
        for layer in layers
        for i, (px, py) in enumerate(zip(layer.x.tolist(), layer.y.tolist(), strict=True))
        if shapely.get_dimensions(layer.geometry[i]) == 0
    ]
    rows = [row for row in rows if row[4]] or rows
    if not rows or not len(x):
        return [None] * len(x)
    distance, which = KDTree(np.array([row[:2] for row in rows])).query(np.column_stack([x, y]))
    return [
        Known(rows[w][2], rows[w][3], rows[w][4], float(d))
        for d, w in zip(distance.tolist(), which.tolist(), strict=True)
    ]


def _with(supply: Supply, x: Floats, y: Floats) -> Supply:
    return replace(supply, x=np.concatenate([supply.x, x]), y=np.concatenate([supply.y, y]))


def _known(source: DistrictInput, need: str) -> bool:
    return any(s.need.id == need and s.state is not DataState.NONE for s in source.supplies)


def _judged(source: DistrictInput, settings: Settings) -> bool:
    return any(takes_part(s, settings) for s in source.supplies)


def _places_of(sites: Sequence[Site]) -> tuple[Floats, Floats]:
    return np.array([s.x for s in sites], float), np.array([s.y for s in sites], float)


def _added(source: DistrictInput, layers: Sequence[LayerPlan]) -> Mapping[str, tuple[Floats, Floats]]:
    needs = {need for layer in layers for need in layer.needs if _known(source, need)}
    return {n: _places_of([s for layer in layers if n in layer.needs for s in layer.sites]) for n in sorted(needs)}
