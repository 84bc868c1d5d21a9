"""A bound where reaches are wide: prices found on coarse ground, spread over the pixels, are prices there too.

A locker reaches twenty thousand pixels, and the search for prices takes a pass over all of them a step. Pixels that lie
together are covered much alike, so prices are first looked for with one point a block, whose gain from a site is the
mean of its pixels'. Spread over the pixels by what each can gain, and bettered there for a few steps, they give a
bound that holds for the pixels: any prices do.
"""

from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Floats, Ints
from geo.siting import price_kernels
from geo.siting.bound import Bound, Room, lagrange
from geo.siting.model import Pairs, Problem
from geo.siting.reduce import Reduced, make_instance

WIDE = 1500  # pairs a site: fewer need no coarse ground
_LARGE = 1_000_000
_CHUNK = 4_000_000  # pairs summed at once
_ROUNDS, _LAST_ROUNDS = 1500, 100
_SHARE = 0.4  # of the time


def is_wide(reduced: Reduced, problem: Problem) -> bool:
    """Say whether a bound from coarse ground is worth its time."""
    pairs = reduced.instance[1].size
    return problem.block is not None and pairs > _LARGE and pairs > WIDE * max(reduced.sites, 1)


def coarse_bound(reduced: Reduced, problem: Problem, room: Room, known: float, seconds: float, threads: int) -> Bound:
    """Return a bound on the gain; ``known`` is that of a plan in hand."""
    block = _blocks(reduced, problem)
    small = _coarse(reduced, block)
    # Each part has its time from when it begins: on coarse ground little of it is needed.
    found = lagrange(small, room, known, _ROUNDS, perf_counter() + _SHARE * seconds, threads)
    price = _spread(reduced, block, found.price)
    return lagrange(reduced, room, known, _LAST_ROUNDS, perf_counter() + _SHARE * seconds, threads, price)


def _blocks(reduced: Reduced, problem: Problem) -> Ints:
    """Return the block of each point of the reduced problem, numbered from 0."""
    if problem.block is None:
        raise ValueError("no blocks")
    block = np.zeros(reduced.instance[6].size, np.int64)
    here = reduced.point >= 0
    block[reduced.point[here]] = problem.block[here]
    return np.unique(block, return_inverse=True)[1]


def _coarse(reduced: Reduced, block: Ints) -> Reduced:
    """Return the problem with one point a block: a site's cover of it is the mean that it gains on its points."""
    start, point, value, _, _, _, weight, base = reduced.instance
    blocks = int(block.max()) + 1
    total: Floats = np.asarray(np.bincount(block, weight, blocks), float)
    sizes: list[Ints] = []
    points, values, j = [], [], 0
    while j < reduced.sites:
        last = max(int(np.searchsorted(start, start[j] + _CHUNK, side="right")) - 1, j + 1)
        at = point[start[j] : start[last]]
        site = np.repeat(np.arange(last - j), np.diff(start[j : last + 1]))
        gain = weight[at] * np.maximum(value[start[j] : start[last]].astype(float) - base[at], 0.0)
        key, which = np.unique(site * blocks + block[at], return_inverse=True)
        mean = np.bincount(which, gain, key.size) / total[key % blocks]
        step = np.floor(mean + 0.5).astype(np.uint8)
        kept = step > 0
        sizes.append(np.bincount(key[kept] // blocks, minlength=last - j))
        points.append((key[kept] % blocks).astype(np.int32))
        values.append(step[kept])
        j = last
    first = np.concatenate(([0], np.cumsum(np.concatenate(sizes))))
    pairs = Pairs(first, np.concatenate(points), np.concatenate(values), blocks)
    instance = make_instance(pairs, total * FULL, np.zeros(blocks, np.uint8))
    return Reduced(instance, reduced.cost, reduced.site, np.arange(blocks), 0.0)


def _spread(reduced: Reduced, block: Ints, price: Floats) -> Floats:
    """Return the price of each point: its part of its block's, by what its best cover gains."""
    cap = np.empty(block.size)
    price_kernels.caps(reduced.instance, cap)
    held = np.bincount(block, cap, price.size)[block]
    return np.minimum(np.divide(cap * price[block], held, out=np.zeros(block.size), where=held > 0), cap)
