"""The models an order may ask for, on a district's ground: each gives the sites, the proof and its own measure."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL, Bytes
from geo.model import DistrictInput, Floats, Ints, LayerPoints, Settings
from geo.plans import Measured
from geo.siting import coarse_kernels
from geo.siting.asking import candidates_of, check_affordable, check_offered, cost_of, limits_of, problem_of
from geo.siting.backup import twice
from geo.siting.built import standing, without_points
from geo.siting.capacity import Served, with_capacity
from geo.siting.equity import FloorPlan, with_floor
from geo.siting.ground import Candidates, Ground, households_of, layer_problem, make_ground, pairs_of, supplied
from geo.siting.model import Effort, Limits, Pairs, Problem, SitingError, Solution, Status
from geo.siting.moves import move
from geo.siting.plan import Order
from geo.siting.solve import solve
from geo.siting.target import reached

REACHED = 0.5  # cover from which a place counts as reached once or twice
_DOWN = 1e-7  # of a step: a mean nearer to the next whole step is that step


@dataclass(frozen=True)
class Found:
    """What a model found. ``problem`` is of the places alone: it ranks them, with ``base`` what stays standing.

    ``value`` and ``before`` are of the combined score where ``measured`` is None. ``closed`` indexes ``points``.
    """

    problem: Problem
    chosen: Ints
    solution: Solution
    gap: float
    measured: Measured | None = None
    points: LayerPoints | None = None
    closed: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    floor: FloorPlan | None = None
    served: Served | None = None
    facilities: tuple[Floats, Floats] | None = None  # of the served: x, y of every site, existing first
    notes: tuple[str, ...] = ()


def choose(source: DistrictInput, settings: Settings, order: Order, years: int, effort: Effort | None) -> Found:
    """Choose the sites of an order by its model. ``settings`` as of :func:`geo.siting.asking.settings_for`."""
    return choose_on(make_ground(source, settings), order, years, effort or Effort())


def choose_on(ground: Ground, order: Order, years: int, effort: Effort) -> Found:
    """Choose the sites of an order on a ground that is laid out."""
    models: dict[str, Callable[[Ground, Order, int, Effort], Found]] = {
        "cover": _cover, "target": _target, "twice": _twice, "moves": _moves, "capacity": _capacity,
    }  # fmt: skip
    return models[order.model](ground, order, years, effort)


def _cover(ground: Ground, order: Order, years: int, effort: Effort) -> Found:
    problem = problem_of(ground, order, years)
    if order.floor is None:
        solution = solve(problem, effort)
        return Found(problem, solution.chosen, solution, solution.gap)
    dong = ground.frame.cells.dong[ground.cell]
    found = with_floor(problem, dong, ground.source.dong_names, order.floor, effort, households_of(ground))
    solution = found.with_floor
    return Found(problem, solution.chosen, solution, solution.gap, floor=found)


def _target(ground: Ground, order: Order, years: int, effort: Effort) -> Found:
    share = _share(order.target, "--target cctv=0.8")
    ranking = problem_of(ground, order, years)
    solution = reached(replace(ranking, weight=households_of(ground)), share, effort, by_number=order.fewest)
    value, unit = (float(solution.chosen.size), "곳") if order.fewest else (solution.cost_krw, "원")
    name = f"목표 {share:.1%}에 드는 {'개소' if order.fewest else '비용'}"
    measured = Measured(name, unit, "down", 0.0, value, solution.bound)
    return Found(ranking, solution.chosen, solution, _down(value, solution.bound), measured)


def _twice(ground: Ground, order: Order, years: int, effort: Effort) -> Found:
    share = _share(order.twice, "--twice cctv=0.5")
    ranking = problem_of(ground, order, years)
    problem = replace(ranking, weight=households_of(ground))
    solution = _or_nothing(twice(problem, _already(ground, order), share, REACHED, effort))
    name = f"한 번 닿는 가구 x {1 - share:g} + 두 번 닿는 가구 x {share:g}"
    measured = Measured(name, "가구", "up", solution.base_value, solution.value, solution.bound)
    return Found(ranking, solution.chosen, solution, solution.gap, measured)


def _already(ground: Ground, order: Order) -> Bytes:
    """Return how many places reach each point now, 2 for more; facilities on one point are one place."""
    k = supplied(ground, candidates_of(order.places, np.zeros(len(order.places.ids))))
    supply = next(s for s in ground.source.supplies if s.need.id == ground.needs[k])
    none = np.empty(0)
    xy = np.unique(np.column_stack([supply.x, supply.y]), axis=0)
    points = Candidates(order.places.layer, (supply.need.id,), (), xy[:, 0].copy(), xy[:, 1].copy(), none)
    count = np.zeros(ground.cell.size, np.int64)
    for pairs in (
        pairs_of(ground, supply.need.id, points),
        *([pairs_of(ground, supply.need.id, replace(points, zones=supply.zones, zone_cap=supply.zone_cap))]
          if supply.zones.size else []),
    ):  # fmt: skip
        strong = pairs.value >= np.ceil(REACHED * FULL)
        count += np.bincount(pairs.point[strong], minlength=count.size)
    return np.minimum(count, 2).astype(np.uint8)


def _moves(ground: Ground, order: Order, years: int, effort: Effort) -> Found:
    began, most = perf_counter(), order.moves or 0
    places = order.places
    check_offered(places)
    need = ground.needs[supplied(ground, candidates_of(places, np.zeros(len(places.ids))))]
    points, now = standing(ground.source, places.layer, need)
    if points is None or not now.size:
        raise SitingError(f"{places.name}: 이 자치구에 옮길 기존 시설이 없습니다", "그 층의 자료를 먼저 가져오십시오")
    occupancy = np.array([order.occupancy.get(points.ids[i], np.nan) for i in now], float)
    bare = make_ground(without_points(ground.source, places.needs, points.x[now], points.y[now]), ground.settings)
    m, cost = len(places.ids), cost_of(order, years)
    check_affordable(order, cost)
    both = Candidates(
        places.layer, places.needs, (*places.ids, *(points.ids[i] for i in now)),
        np.concatenate([places.x, points.x[now]]), np.concatenate([places.y, points.y[now]]),
        np.concatenate([cost, np.zeros(now.size)]),
    )  # fmt: skip
    limits = replace(limits_of(bare, order), count=None)
    every = layer_problem(bare, both, limits)
    moved = move(every, np.arange(m, m + now.size), most, occupancy, _rest(effort, began))
    stays = np.setdiff1d(np.arange(now.size), moved.closed - m)
    kept = make_ground(
        without_points(ground.source, places.needs, points.x[now[moved.closed - m]], points.y[now[moved.closed - m]]),
        ground.settings,
    )
    ranking = _first(every, m, kept.base[kept.needs.index(need)].copy())
    known = int(np.isfinite(occupancy).sum())
    notes = [
        f"이용률을 아는 {known}곳 가운데 낮은 {most}곳만 옮길 수 있게 했습니다"
        if known >= max(most, 1)
        else f"이용률을 아는 곳이 {known}곳뿐이라 이용률을 보지 않고 골랐습니다",
        f"남은 기존 시설 {stays.size}곳, 옮긴 뒤에도 모두 {stays.size + moved.opened.size}곳",
    ]
    if not cost.any():
        notes.append("옮기는 비용은 알려진 값이 없어 0원으로 두었습니다")
    solution = _or_nothing(moved.solution)
    return Found(
        ranking, moved.opened, solution, solution.gap, points=points, closed=now[moved.closed - m], notes=tuple(notes)
    )


def _rest(effort: Effort, began: float) -> Effort:
    """Return the effort without the time that laying the problem out took, at most half of it."""
    return replace(effort, seconds=max(effort.seconds - (perf_counter() - began), effort.seconds / 2))


def _first(problem: Problem, sites: int, base: Bytes) -> Problem:
    """Return the problem of the first ``sites`` alone, on what stays standing; nothing is copied."""
    start = problem.pairs.start[: sites + 1]
    pairs = Pairs(start, problem.pairs.point[: start[-1]], problem.pairs.value[: start[-1]], problem.pairs.points)
    return replace(problem, base=base, pairs=pairs, cost_krw=problem.cost_krw[:sites], names=problem.names[:sites])


def _capacity(ground: Ground, order: Order, years: int, effort: Effort) -> Found:
    if order.capacity is None or not order.capacity > 0:
        raise SitingError("수용량은 0보다 커야 합니다", "예: --capacity locker=500 (한 곳이 맡는 가구)")
    began = perf_counter()
    ranking = problem_of(ground, order, years)
    places, m = order.places, len(order.places.ids)
    need = ground.needs[supplied(ground, candidates_of(places, ranking.cost_krw))]
    supply = next(s for s in ground.source.supplies if s.need.id == need)
    if places.zones.size or supply.zones.size:
        raise SitingError(f"{places.name}: 구역에는 수용량을 쓸 수 없습니다", "--capacity를 빼십시오")
    both = Candidates(
        places.layer, places.needs, (*places.ids, *("기존 시설",) * supply.x.size),
        np.concatenate([places.x, supply.x]), np.concatenate([places.y, supply.y]), np.empty(0),
    )  # fmt: skip
    held = np.flatnonzero(ground.frame.households > 0)
    cells = _by_cell(ground, pairs_of(ground, need, both), held)
    existing = np.arange(m, m + supply.x.size)
    limits = ranking.limits
    problem = Problem(
        ground.frame.households[held], np.zeros(held.size, np.uint8), cells,
        np.concatenate([ranking.cost_krw, np.zeros(existing.size)]),
        replace(
            limits, forced=np.union1d(np.asarray(limits.forced, np.int64), existing),
            count=None if limits.count is None else limits.count + existing.size,
        ),
        both.ids,
    )  # fmt: skip
    capacity = np.full(m + existing.size, order.capacity)
    only = replace(problem, limits=Limits(forced=existing, forbidden=np.arange(m), budget_krw=None))
    before = with_capacity(only, capacity, effort).solution.value
    served = with_capacity(problem, capacity, _rest(effort, began))
    solution = _or_nothing(replace(served.solution, base_value=before))
    measured = Measured("수용량 안에서 닿는 가구", "가구", "up", before, solution.value, solution.bound)
    chosen = solution.chosen[solution.chosen < m]
    notes = ("도달은 칸 평균으로 1/240 단위로 내려 세며, 기존 시설도 같은 수용량으로 봅니다",)
    facilities = (both.x, both.y)
    return Found(ranking, chosen, solution, solution.gap, measured, served=served, facilities=facilities, notes=notes)


def _by_cell(ground: Ground, pairs: Pairs, held: Ints) -> Pairs:
    """Return what each site covers of each populated cell: means over pixels, rounded down to whole steps."""
    number = np.full(ground.frame.households.size, -1, np.int64)
    number[held] = np.arange(held.size)
    start, cell, value = coarse_kernels.block_means(
        (pairs.start, pairs.point, pairs.value), ground.share, np.zeros(pairs.points, np.uint8), number[ground.cell],
        np.ones(held.size), np.arange(pairs.sites), _DOWN,
    )  # fmt: skip
    return Pairs(start, cell, value, held.size)


def floored(mean: Floats) -> Bytes:
    """Return mean covers, 0..FULL, as whole steps from below."""
    return np.floor(mean + _DOWN).astype(np.uint8)


def _or_nothing(solution: Solution) -> Solution:
    """Return the solution, said to have nothing to gain where no plan betters what stands."""
    if solution.bound > solution.base_value + 1e-9 * max(solution.base_value, 1.0):
        return solution
    return replace(solution, status=Status.NOTHING_TO_GAIN)


def _share(value: float | None, example: str) -> float:
    if value is None or not 0 < value <= 1:
        raise SitingError(f"비율은 0보다 크고 1 이하여야 합니다: {value}", f"예: {example}")
    return value


def _down(value: float, bound: float) -> float:
    return max(0.0, (value - bound) / value) if value > 0 else 0.0
