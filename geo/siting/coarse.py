"""A problem of wide reaches on coarse ground: one point a block of pixels.

A locker reaches twenty thousand pixels, and thousands of places for one make hundreds of millions of pairs, too many to
lay out in the time there is. Pixels that lie together are covered much alike, so plans and prices are first looked
for with one point a block, whose gain from a site is the mean of its pixels'. Spread over the pixels by what each can
gain, the prices are prices there too: any prices bound every plan (:mod:`geo.siting.wide`).
"""

import numpy as np

from geo.kernels import FULL
from geo.model import Bools, Floats, Ints
from geo.siting import coarse_kernels
from geo.siting.model import Pairs, Problem
from geo.siting.reduce import Reduced, make_instance

WIDE = 1500  # pairs a site: fewer need no coarse ground
_LARGE = 1_000_000


def is_wide(problem: Problem, usable: Bools) -> bool:
    """Say whether a problem is so large and its sites reach so far that it is begun on coarse ground."""
    pairs = int(np.diff(problem.pairs.start)[usable].sum())
    return problem.block is not None and pairs > _LARGE and pairs > WIDE * max(int(usable.sum()), 1)


def blocks(problem: Problem) -> Ints:
    """Return the block of each point, numbered from 0, int64 (n,)."""
    if problem.block is None:
        raise ValueError("no blocks")
    return np.unique(problem.block, return_inverse=True)[1].astype(np.int64)


def coarse_problem(problem: Problem, usable: Bools, block: Ints) -> Reduced:
    """Return the problem with one point a block: a site's cover of it is the mean that it gains on its points.

    ``point`` of the answer is ``block``: the point of each of the problem's points.
    """
    total: Floats = np.asarray(np.bincount(block, problem.weight), float)
    sites = np.flatnonzero(usable)
    pairs = (problem.pairs.start, problem.pairs.point, problem.pairs.value)
    start, point, value = coarse_kernels.block_means(
        pairs, problem.weight, problem.base, block, np.maximum(total, 1e-300), sites, 0.5
    )
    instance = make_instance(Pairs(start, point, value, total.size), total, np.zeros(total.size, np.uint8))
    constant = float(problem.weight @ (problem.base / FULL))
    return Reduced(instance, np.ascontiguousarray(problem.cost_krw[sites]), sites, block, constant)


def spread(cap: Floats, block: Ints, price: Floats) -> Floats:
    """Return the price of each point, float64 (n,): its part of its block's, by what its best cover gains."""
    held = np.bincount(block, cap, price.size)[block]
    return np.minimum(np.divide(cap * price[block], held, out=np.zeros(block.size), where=held > 0), cap)
