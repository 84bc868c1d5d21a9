"""How firmly each site of a plan holds when what is not known exactly is drawn at random (domain.md 4, stability).

Each draw is solved anew, quickly: a greedy plan and the plan itself, the better of the two bettered by a short exchange
(no proof). Backup cover, capacities and floors, which no exchange knows, are solved by their own models, in few seconds
a draw. A site holds in a draw whose plan has it, or one of its layer so near that it covers the place in full.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from geo.errors import BadSettingError, NoDataError
from geo.frame import Frame, make_frame
from geo.kernels import Ints32
from geo.model import Bools, DistrictInput, Floats, Ints, Places, Settings, Supply
from geo.plans import LayerPlan, Plan
from geo.siting.asking import candidates_of, limits_of, settings_for
from geo.siting.built import built_of, with_built, without_points
from geo.siting.describing import total_krw
from geo.siting.ground import Ground, layer_problem, make_ground
from geo.siting.limits import as_sites, limit_arrays, usable_sites
from geo.siting.model import Effort, Limits, Problem, SitingError, TimeUpError
from geo.siting.models import choose_on
from geo.siting.pairs import keep_pairs
from geo.siting.plan import Order
from geo.siting.reduce import Reduced, make_instance
from geo.siting.search import WARM, Found, Search, alike_sites, anneal, choose, empty_state, fresh, gain_of, greedy
from geo.stability import MOST_DRAWS, REACHES, ROUNDING_M, THRESHOLD, drawn_households, drawn_weights

THRESHOLDS = tuple(np.linspace(*THRESHOLD, 5).round(2).tolist())
_TURNS = 20_000
_DRAW_S = 3.0  # of a draw that its own model solves
_ALIKE = 24

PlacesAt = Mapping[float, Sequence[Places] | None]


@dataclass(frozen=True)
class _Layer:
    """One layer of a plan: where it is built, what it may choose, what it chose."""

    source: DistrictInput
    settings: Settings
    places: Places
    limits: Limits
    cost: Floats
    chosen: Ints
    similar: Ints32 | None
    near: list[list[int]]  # the places that stand for each chosen one
    open_at: dict[float, Bools]  # which places are candidates at a threshold of a gap; empty: all are at any
    order: Order
    years: int


def places_by_threshold(places_at: Callable[[float], Sequence[Places]]) -> PlacesAt:
    """Return the candidates of each layer at every threshold of a gap that draws try, None where there is no gap.

    ``places_at`` returns them for one threshold; it raises NoDataError where no gap area is left.
    """
    found: dict[float, Sequence[Places] | None] = {}
    for threshold in THRESHOLDS:
        try:
            found[threshold] = places_at(threshold)
        except NoDataError:
            found[threshold] = None
    return found


def with_steadiness(
    source: DistrictInput,
    settings: Settings,
    orders: Sequence[Order],
    plan: Plan,
    *,
    draws: int = 200,
    seed: int = 0,
    places_at: PlacesAt | None = None,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Return the plan with each site's ``stability``: the share of draws in which it holds.

    A draw varies reach (+-30 %, in steps of 5 %), weights (+-50 %, renormalised), households inside their dong
    (Dirichlet), the grid's origin (0 or 50 m) and the last digit of coordinates of what exists (+-5 m). Where
    candidates lie in gap areas the threshold of a gap (0.3 to 0.7, in steps of 0.1) decides which there are:
    ``places_at``, as :func:`places_by_threshold`; without it they are those of the plan. Layers are redrawn each on top
    of the plan's earlier ones.
    A plan for a target is redrawn as the best plan of as many sites, one under a common budget with each layer's share.

    Raises
    ------
    BadSettingError
        The number of draws is not 1 to 10,000.
    TimeUpError
        More than half of the draws of a layer that its own model solves ended without a plan.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise BadSettingError(f"추출 횟수는 1에서 {MOST_DRAWS:,} 사이여야 합니다: {draws}", "예: --stability 200")
    layers = _layers(source, settings, orders, plan, places_at or {})
    rng = np.random.default_rng(seed)
    frames = [
        make_frame(source, replace(settings, grid_shift_m=settings.grid_shift_m + shift)) for shift in (0.0, 50.0)
    ]
    held = [np.zeros(layer.chosen.size) for layer in layers]
    counted = np.zeros(len(layers))
    for done in range(1, draws + 1):
        factor = float(rng.choice(REACHES))
        frame = frames[int(rng.integers(2))]
        frame = replace(frame, households=drawn_households(frame, rng))
        threshold = float(rng.choice(THRESHOLDS)) if places_at else settings.gap_threshold
        for k, layer in enumerate(layers):
            stays = _draw(layer, frame, factor, threshold, rng)
            if stays is not None:
                held[k] += stays
                counted[k] += 1
        if progress is not None:
            progress(done)
    if counted.min(initial=draws) < draws / 2:
        raise TimeUpError(
            "추출마다 다시 푸는 시간이 모자라 안정성을 셈하지 못했습니다",
            "후보를 줄이거나 --stability 없이 계획하십시오",
        )
    named = [_told(one, stays / n) for one, stays, n in zip(plan.layers, held, counted, strict=True)]
    return replace(plan, layers=tuple(named), draws=draws)


def _told(layer: LayerPlan, stays: Floats) -> LayerPlan:
    sites = tuple(replace(site, stability=float(share)) for site, share in zip(layer.sites, stays, strict=True))
    return replace(layer, sites=sites)


def _layers(
    source: DistrictInput, settings: Settings, orders: Sequence[Order], plan: Plan, places_at: PlacesAt
) -> list[_Layer]:
    built, layers = source, []
    for k, (own, done) in enumerate(zip(orders, plan.layers, strict=True)):
        order, open_at = _widened(own, {t: None if found is None else found[k] for t, found in places_at.items()})
        places = order.places
        number = {i: j for j, i in enumerate(places.ids)}
        chosen = np.array([number[site.id] for site in done.sites], np.int64)
        closed = (np.array([getattr(c, axis) for c in done.closed], float) for axis in ("x", "y"))
        built = without_points(built, places.needs, *closed)
        mine = settings_for(built, settings, places)
        ground = make_ground(built, mine)
        limits = limits_of(ground, order)
        if done.model in {"target", "moves"}:
            limits = replace(limits, budget_krw=None, count=chosen.size)
        elif done.model == "together":
            limits = replace(limits, budget_krw=done.total_krw)
        cost = np.nan_to_num(total_krw(places, plan.years))
        need = next(s.need for s in built.supplies if s.need.id in places.needs and s.need.id in ground.needs)
        xy = np.column_stack([places.x, places.y])
        tree = cKDTree(xy)
        point = not places.zones.size
        near = tree.query_ball_point(xy[chosen], need.full_m * mine.reach_factor) if point else [[j] for j in chosen]
        similar = None
        if point:
            _, around = tree.query(xy, min(_ALIKE + 1, len(xy)))
            similar = np.full((len(xy), _ALIKE), -1, np.int32)
            around = np.atleast_2d(around.reshape(len(xy), -1))[:, 1:]
            similar[:, : around.shape[1]] = around
        layers.append(
            _Layer(
                built, mine, places, limits, cost, chosen, similar, [list(n) for n in near], open_at, order, plan.years
            )
        )
        built = with_built(built, places.needs, built_of(places, chosen))
    return layers


def _widened(order: Order, places_at: Mapping[float, Places | None]) -> tuple[Order, dict[float, Bools]]:
    """Return the order with the most candidates there are at any threshold, and which of them there are at each.

    The order as it is, and nothing of thresholds, where its own candidates are not all among those.
    """
    widest = max((p for p in places_at.values() if p is not None), key=lambda p: len(p.ids), default=order.places)
    number = {i: j for j, i in enumerate(widest.ids)}
    if not places_at or not set(order.places.ids) <= set(number):
        return order, {}
    open_at = {t: np.zeros(len(widest.ids), bool) for t in places_at}
    for threshold, found in places_at.items():
        open_at[threshold][[number[i] for i in (found.ids if found is not None else ()) if i in number]] = True
        open_at[threshold][[number[order.places.ids[j]] for j in order.forced]] = True
    return replace(order, places=widest, forced=tuple(number[order.places.ids[j]] for j in order.forced)), open_at


def _draw(layer: _Layer, frame: Frame, factor: float, threshold: float, rng: np.random.Generator) -> Bools | None:
    """Return which of the layer's sites hold in one draw, bool (sites,); None where time ended it without a plan."""
    part = [s for s in layer.source.supplies if s.state.value != "none"]
    weights = dict(zip((s.need.id for s in part), drawn_weights(part, layer.settings, rng), strict=True))
    settings = replace(layer.settings, reach_factor=layer.settings.reach_factor * factor, weights=weights)
    moved = replace(layer.source, supplies=tuple(_moved(s, rng) for s in layer.source.supplies))
    ground = make_ground(moved, settings, frame)
    limits, begin, seed = layer.limits, layer.chosen, int(rng.integers(1 << 30))
    allowed = layer.open_at.get(threshold, np.ones(len(layer.places.ids), bool))
    if layer.order.model in {"twice", "capacity"} or layer.order.floor is not None:
        try:
            again = _by_its_model(layer, ground, np.flatnonzero(allowed), seed)
        except TimeUpError:
            return None
        return np.array([any(j in again for j in near) for near in layer.near], bool)
    if not allowed.all():
        limits = replace(limits, forbidden=np.union1d(as_sites(limits.forbidden), np.flatnonzero(~allowed)))
        begin = begin[allowed[begin]]
    problem = layer_problem(ground, candidates_of(layer.places, layer.cost), limits)
    again = {j for j in quick(problem, begin, layer.similar, seed).tolist() if allowed[j]}
    return np.array([any(j in again for j in near) for near in layer.near], bool)


def _by_its_model(layer: _Layer, ground: Ground, allowed: Ints, seed: int) -> set[int]:
    """Return the sites of a draw by the layer's own model, none where its conditions cannot be kept in it."""
    order, places = layer.order, layer.places
    if not allowed.size:
        return set()
    number = {j: k for k, j in enumerate(allowed.tolist())}
    some = replace(order, places=places.some(allowed), forced=tuple(number[j] for j in order.forced))
    try:
        found = choose_on(ground, some, layer.years, Effort(seconds=_DRAW_S, seed=seed, runs=1, turns=_TURNS))
    except TimeUpError:
        raise
    except (SitingError, NoDataError):  # a floor that cannot be reached, nothing to offer
        return set()
    return set(allowed[found.chosen].tolist())


def _moved(supply: Supply, rng: np.random.Generator) -> Supply:
    jitter = rng.uniform(-ROUNDING_M, ROUNDING_M, (2, supply.x.size))
    return replace(supply, x=supply.x + jitter[0], y=supply.y + jitter[1])


def quick(problem: Problem, plan: Ints, similar: Ints32 | None, seed: int) -> Ints:
    """Return a good plan of a problem from one that keeps its limits: greedy, then a short exchange. No proof."""
    keep = (problem.pairs.value > problem.base[problem.pairs.point]) & (problem.weight[problem.pairs.point] > 0)
    keep &= np.repeat(usable_sites(problem), np.diff(problem.pairs.start))
    pairs = keep_pairs(problem.pairs, keep)
    live = np.zeros(pairs.points, bool)  # the search takes points at random: each must have a site
    live[pairs.point] = True
    if not live.any():
        return plan
    number = np.cumsum(live) - 1
    pairs = replace(pairs, point=number[pairs.point].astype(np.int32), points=int(live.sum()))
    reduced = Reduced(
        make_instance(pairs, problem.weight[live], problem.base[live]), problem.cost_krw, np.arange(pairs.sites),
        np.where(live, number, -1), 0.0,
    )  # fmt: skip
    limits = limit_arrays(problem, reduced.site)
    state = empty_state(reduced.instance, reduced.sites)
    choose(reduced, state, fresh(limits), plan)
    own = Found(np.sort(plan), gain_of(reduced.instance, state))
    count = problem.limits.count
    most = reduced.sites if count is None else min(count, reduced.sites)
    begun = greedy(reduced, limits, most, np.flatnonzero(limits[10] == 1))
    start = max([own] + ([begun] if begun else []), key=lambda found: found.gain)
    alike = alike_sites(reduced) if similar is None else similar
    return anneal(Search(reduced, limits, most, alike, _TURNS, 1, np.inf), start, seed, WARM).sites
