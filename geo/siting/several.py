"""Several layers under one budget: the combined score itself is maximised, and bounded.

The score of a cell is G(c), c the covers of the needs: affine in each, and the more one need is covered the less
another adds. So for every set A of needs, with b the covers that exist and u those with every candidate built,

    G(c) <= G(v) + sum over k not in A of s_k(v) (c_k - b_k) - sum over k in A of s_k(u) (u_k - c_k)

where v is u on A and b elsewhere, and s_k the slope in k (Nemhauser and Wolsey 1981, at the corners of the box; both
sides are affine in each c_k, so what holds at the corners holds within). The right side is a plain covering problem,
whose Lagrangian bound bounds the score. Each cell takes the A that is tightest at the plan in hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from time import perf_counter

import numpy as np

from geo.model import Floats, Ints
from geo.siting.ground import Candidates, Ground, blocks_of, covers_with, need_index, pairs_of
from geo.siting.limits import keeps
from geo.siting.model import Effort, Limits, Pairs, Problem, Solution, Status
from geo.siting.solve import solve

_ROUNDS = 3


@dataclass(frozen=True)
class SeveralSites:
    """Candidates of several layers as one list: ``layer_of`` (m,) indexes ``layers``; ``pairs`` one a need."""

    layers: tuple[str, ...]
    layer_of: Ints
    names: tuple[str, ...]
    cost_krw: Floats
    pairs: tuple[Pairs, ...]


def join(ground: Ground, layers: Sequence[Candidates]) -> SeveralSites:
    """Return all candidates as one list, layer after layer."""
    for layer in layers:
        if not set(layer.needs) & set(ground.needs):
            need_index(ground, layer.needs[0])  # raises why not
    sizes = [c.x.size for c in layers]
    pairs = []
    for need in ground.needs:
        parts = [
            pairs_of(ground, need, c)
            if need in c.needs
            else Pairs(np.zeros(c.x.size + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8), ground.cell.size)
            for c in layers
        ]
        pairs.append(_below(parts, [0] * len(parts), ground.cell.size))
    return SeveralSites(
        tuple(c.layer for c in layers), np.repeat(np.arange(len(layers)), sizes),
        tuple(i for c in layers for i in c.ids), np.concatenate([c.cost_krw for c in layers]), tuple(pairs),
    )  # fmt: skip


def solve_several(ground: Ground, sites: SeveralSites, limits: Limits, effort: Effort | None = None) -> Solution:
    """Maximise the combined score over all layers at once; ``value`` and ``bound`` are scores.

    At least as good as the plan of any single layer within the same limits. Raises as :func:`geo.siting.solve.solve`.
    """
    started = perf_counter()
    effort = effort or Effort()
    base, every = ground.cover, covers_with(ground, sites.pairs, np.arange(sites.cost_krw.size))
    part = replace(effort, seconds=effort.seconds / (_ROUNDS + len(sites.layers)))
    best, value, bound, cut = np.empty(0, np.int64), -np.inf, np.inf, False
    at, plans = base, []
    for _ in range(_ROUNDS):
        slopes, constant = _tangent(ground, base, every, at)
        found = solve(_linear(ground, sites, slopes, limits), part)
        cut |= found.cut_short
        bound = min(bound, constant + found.bound)
        plans.append(found.chosen)
        true_slopes = np.array(
            [ground.slope(covers_with(ground, sites.pairs, found.chosen), k) for k in range(len(slopes))]
        )
        plans.append(solve(_linear(ground, sites, true_slopes, limits), part).chosen)
        plans += [] if at is not base else _single_layers(ground, sites, limits, part)
        for plan in plans:
            score = ground.score(covers_with(ground, sites.pairs, plan))
            if score > value:
                best, value = plan, score
        plans = []
        at = covers_with(ground, sites.pairs, best)
        if bound - value <= 1e-9 * value:
            break
    before = ground.score(base)
    status = Status.OPTIMAL if bound - value <= 1e-9 * max(value, 1e-300) else Status.BOUNDED
    return Solution(
        best, value, before, max(bound, value), "모서리 접평면과 라그랑주 완화", status,
        float(sites.cost_krw[best].sum()), perf_counter() - started, cut,
    )  # fmt: skip


def _single_layers(ground: Ground, sites: SeveralSites, limits: Limits, effort: Effort) -> list[Ints]:
    """Return the plan of each layer alone, where one keeps the limits."""
    slopes = np.array([ground.slope(ground.cover, k) for k in range(len(ground.needs))])
    problem = _linear(ground, sites, slopes, limits)
    plans = []
    for layer in range(len(sites.layers)):
        others = np.flatnonzero(sites.layer_of != layer)
        forced = np.asarray(limits.forced, np.int64)
        barred = np.union1d(np.asarray(limits.forbidden, np.int64), np.setdiff1d(others, forced))
        cheapest = problem.cost_krw[np.setdiff1d(np.arange(problem.pairs.sites), barred)].min(initial=np.inf)
        if any(g.at_least for g in limits.groups) or (limits.budget_krw is not None and cheapest > limits.budget_krw):
            continue
        plan = solve(replace(problem, limits=replace(limits, forbidden=barred)), effort).chosen
        if not keeps(problem, plan):
            plans.append(plan)
    return plans


def _tangent(ground: Ground, base: Floats, every: Floats, at: Floats) -> tuple[Floats, float]:
    """Return slopes (needs, cells) and the constant of the bound's right side tightest at the covers ``at``.

    score(c) <= constant + sum(households x slopes x c), for covers from ``base`` to ``every``.
    """
    k = len(ground.needs)
    end = [ground.slope(every, need) for need in range(k)]
    best_value = np.full(base.shape[1], np.inf)
    best_slopes, best_constant = np.zeros_like(base), np.zeros(base.shape[1])
    for inside in product((False, True), repeat=k):
        chosen = np.array(inside)[:, None]
        corner = np.where(chosen, every, base)
        slopes = np.array([end[need] if inside[need] else ground.slope(corner, need) for need in range(k)])
        constant = ground.combined(corner) - (slopes * corner).sum(axis=0)
        value = constant + (slopes * at).sum(axis=0)
        better = value < best_value
        best_value[better], best_constant[better] = value[better], constant[better]
        best_slopes[:, better] = slopes[:, better]
    return best_slopes, float(ground.frame.households @ best_constant)


def _linear(ground: Ground, sites: SeveralSites, slopes: Floats, limits: Limits) -> Problem:
    """Return the covering problem over all needs' points, one need after another."""
    n, k = ground.cell.size, len(ground.needs)
    worth = ground.frame.households * np.maximum(slopes, 0.0)
    weight = (worth[:, ground.cell] * ground.share).ravel()
    offsets = [n * need for need in range(k)]
    pairs = _beside(sites.pairs, offsets, n * k)
    here = blocks_of(ground)
    block = np.concatenate([here + need * (int(here.max()) + 1) for need in range(k)])
    return Problem(weight, ground.base.ravel().copy(), pairs, sites.cost_krw, limits, sites.names, block)


def _below(parts: Sequence[Pairs], offsets: Sequence[int], points: int) -> Pairs:
    """Return the sites of all parts, one part after another."""
    size = np.concatenate([np.diff(p.start) for p in parts])
    point = np.concatenate([p.point + np.int32(o) for p, o in zip(parts, offsets, strict=True)])
    start = np.concatenate(([0], np.cumsum(size)))
    return Pairs(start, point, np.concatenate([p.value for p in parts]), points)


def _beside(parts: Sequence[Pairs], offsets: Sequence[int], points: int) -> Pairs:
    """Return the same sites with the points of all parts."""
    below = _below(parts, offsets, points)
    sites = parts[0].sites
    size = np.diff(below.start)
    site = np.repeat(np.tile(np.arange(sites), len(parts)), size)
    order = np.argsort(site, kind="stable")
    start = np.concatenate(([0], np.cumsum(size.reshape(len(parts), sites).sum(axis=0))))
    return Pairs(start, below.point[order], below.value[order], points)
