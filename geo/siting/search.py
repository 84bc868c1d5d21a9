"""Good plans: lazy greedy, then exchange of sites by annealing, in runs of their own random numbers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from geo.kernels import FULL, Ints32
from geo.model import Floats, Ints
from geo.siting import flat_kernels, kernels, price_kernels
from geo.siting.flat_kernels import FlatState
from geo.siting.kernels import Instance, State
from geo.siting.kernels import Limits as LimitArrays
from geo.siting.reduce import Reduced

_SLICE = 200_000  # turns between two looks at the clock
_ALIKE = 24
HOT, WARM, _COLD = 0.03, 0.01, 0.001  # temperatures, of what a site of the greedy plan gains on average


@dataclass(frozen=True)
class Found:
    """A plan of the reduced problem: its sites and sum(weight x cover gained). ``cut``: the clock ended the run."""

    sites: Ints
    gain: float
    cut: bool = False


@dataclass(frozen=True)
class Search:
    """What every run searches: ``most`` sites at most, ``similar`` as :func:`alike_sites`, ``until`` a time.

    ``cap``: what cover of each point gains, as :func:`plain_caps`.
    """

    reduced: Reduced
    limits: LimitArrays
    most: int
    similar: Ints32
    turns: int
    threads: int
    until: float
    cap: Floats | None = None


def search_of(reduced: Reduced, limits: LimitArrays, most: int, turns: int, threads: int, until: float) -> Search:
    """Return a search, with what it finds out of the problem."""
    return Search(reduced, limits, most, alike_sites(reduced), turns, threads, until, plain_caps(reduced, limits))


def plain_caps(reduced: Reduced, limits: LimitArrays) -> Floats | None:
    """Return what cover of each point gains, float64 (n,); None but for the classical problem.

    That is: every site covers a point alike or not at all, and no limit but the number of sites.
    """
    if np.isfinite(limits[0][0]) or limits[3].size or limits[8].size:
        return None
    cap = np.empty(reduced.instance[6].size)
    return cap if price_kernels.caps(reduced.instance, cap) else None


def empty_state(instance: Instance, sites: int) -> State:
    """Return the state of a plan without sites."""
    base = instance[7]
    return (
        base.copy(), base.copy(), np.full(base.size, -1, np.int32), np.zeros(sites), np.zeros(sites, np.int32),
        np.full(sites, -1, np.int32), np.zeros(1, np.int64),
    )  # fmt: skip


def choose(reduced: Reduced, state: State, limits: LimitArrays, sites: Sequence[int] | Ints) -> None:
    """Add sites to a plan whatever the limits say, and book them."""
    for j in np.asarray(sites, np.int64):
        kernels.add_site(reduced.instance, state, int(j))
        kernels.book(limits, reduced.cost, int(j), 1)


def gain_of(instance: Instance, state: State) -> float:
    """Return sum(weight x cover gained) of a plan."""
    return float(instance[6] @ (state[0].astype(float) - instance[7]))


def first_price(reduced: Reduced, sites: Ints) -> Floats:
    """Return prices to begin the bound with: nothing for what a plan misses, most for what it covers twice."""
    instance = reduced.instance
    state, weight, base = empty_state(instance, reduced.sites), instance[6], instance[7]
    for j in sites:
        kernels.add_site(instance, state, int(j))
    share = np.where(state[1] > base, 0.8, np.where(state[0] > base, 0.4, 0.0))
    return np.asarray(weight * (float(FULL) - base) * share)


def fresh(limits: LimitArrays) -> LimitArrays:
    """Return limits with nothing booked."""
    return (
        limits[0],
        np.zeros(1),
        *limits[2:4],
        np.zeros_like(limits[4]),
        *limits[5:9],
        np.zeros_like(limits[9]),
        limits[10],
    )


def greedy(reduced: Reduced, limits: LimitArrays, most: int, start: Ints) -> Found | None:
    """Return the better of the greedy plans by gain and by gain for money, begun with the sites ``start``.

    Least numbers of groups are filled first. None where that leads nowhere: a plan may exist all the same.
    """
    found = []
    alike = reduced.sites == 0 or reduced.cost.min() == reduced.cost.max()
    for per_cost in (False,) if alike else (False, True):
        state, book = empty_state(reduced.instance, reduced.sites), fresh(limits)
        choose(reduced, state, book, start)
        if not _fill_least(reduced, state, book, most):
            continue
        kernels.lazy_greedy(reduced.instance, state, reduced.cost, book, most, per_cost)
        found.append(Found(np.sort(state[4][: state[6][0]]).astype(np.int64), gain_of(reduced.instance, state)))
    return max(found, key=lambda f: f.gain, default=None)


def _fill_least(reduced: Reduced, state: State, limits: LimitArrays, most: int) -> bool:
    """Add, group by group, the sites that gain most for their cost until each holds its least; say if all do."""
    group, held, least = limits[3], limits[4], limits[5]
    of_site = np.repeat(np.arange(reduced.sites), np.diff(limits[2]))
    for g in np.flatnonzero(least):
        members = of_site[group == g]
        while held[g] < least[g]:
            fitting = [int(j) for j in members if state[5][j] < 0 and kernels.fits(limits, reduced.cost, int(j), -1)]
            if not fitting or state[6][0] >= most:
                return False
            gains = [kernels.gain_of(reduced.instance, state[0], j) / max(reduced.cost[j], 1e-9) for j in fitting]
            choose(reduced, state, limits, [fitting[int(np.argmax(gains))]])
    return True


def anneal(search: Search, start: Found, seed: int, hot: float = HOT) -> Found:
    """Return the best plan of one run of annealing that begins with ``start`` at the heat ``hot``; no worse than it."""
    size = start.sites.size
    if size == 0 or start.gain <= 0:
        return start
    best: Ints32 = np.zeros(search.reduced.sites, np.int32)
    best[:size] = start.sites
    now = np.array([start.gain, start.gain, size])
    random = np.random.default_rng(seed).integers(1, 2**63, 1, np.uint64)
    slice_ = _slice_of(search, start, best, (now, random, search.similar))
    slices = -(-search.turns // _SLICE)
    heat = start.gain / size * np.geomspace(hot, _COLD, slices + 1)
    cut = False
    for k in range(slices):
        cut = perf_counter() > search.until
        if cut:
            break
        slice_((heat[k], heat[k + 1]), search.turns // slices)
    return Found(np.sort(best[: int(now[2])]).astype(np.int64), float(now[1]), cut)


def _slice_of(
    search: Search, start: Found, best: Ints32, memory: tuple[Floats, Any, Ints32]
) -> Callable[[tuple[float, float], int], object]:
    """Return what anneals some turns between two heats, by the kernel that suits the problem."""
    instance, cost = search.reduced.instance, search.reduced.cost
    if search.cap is not None and start.sites.size == search.most:
        pairs, cap, locked, flat = flat_pairs(instance), search.cap, search.limits[10], flat_state(search, start.sites)
        return lambda heat, turns: flat_kernels.anneal(pairs, cap, locked, flat, heat, turns, best, memory)
    state, book = empty_state(instance, search.reduced.sites), fresh(search.limits)
    choose(search.reduced, state, book, start.sites)
    return lambda heat, turns: kernels.anneal(instance, state, cost, book, heat, (turns, search.most), best, memory)


def flat_pairs(instance: Instance) -> flat_kernels.Pairs:
    """Return the pairs by site and by point without their covers."""
    return (instance[0], instance[1], instance[3], instance[4])


def flat_state(search: Search, sites: Ints) -> FlatState:
    """Return the state of a plan of the classical problem."""
    if search.cap is None:
        raise ValueError("covers differ, or limits do more than count")
    n, m = search.cap.size, search.reduced.sites
    state = (
        np.full(n, -1, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(m), sites.astype(np.int32),
        np.full(m, -1, np.int32),
    )  # fmt: skip
    flat_kernels.begin(flat_pairs(search.reduced.instance), search.cap, state)
    return state


def runs(search: Search, start: Found, seeds: Sequence[int], hot: float = HOT) -> list[Found]:
    """Return the plan of each run, in the order of the seeds."""
    with ThreadPoolExecutor(max(1, search.threads)) as pool:
        return list(pool.map(lambda seed: anneal(search, start, seed, hot), seeds))


def alike_sites(reduced: Reduced) -> Ints32:
    """Return the sites most alike to each in what they cover, int32 (m, 24)."""
    similar = np.empty((reduced.sites, _ALIKE), np.int32)
    kernels.alike(reduced.instance, similar)
    return similar
