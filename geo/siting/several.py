"""Several layers under one budget: the combined score itself is maximised, and bounded.

The score of a cell is G(c), c the covers of the needs: affine in each, and the more one need is covered the less
another adds. So for every set A of needs, with b the covers that exist and u those with every candidate built,

    G(c) <= G(v) + sum over k not in A of s_k(v) (c_k - b_k) - sum over k in A of s_k(u) (u_k - c_k)

where v is u on A and b elsewhere, and s_k the slope in k (Nemhauser and Wolsey 1981, at the corners of the box; both
sides are affine in each c_k, so what holds at the corners holds within). The right side is a plain covering problem,
whose Lagrangian bound bounds the score. Each cell takes the A that is tightest at the plan in hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from time import perf_counter

import numpy as np

from geo.model import Floats, Ints
from geo.siting.coarse import WIDE
from geo.siting.ground import Candidates, Ground, blocks_of, covers_with, need_index, pairs_of
from geo.siting.limits import keeps
from geo.siting.model import Effort, Limits, Pairs, Problem, Solution, Status
from geo.siting.solve import solve

_ROUNDS = 3
_FIRST_SHARE, _SHARE, _LAYER_SHARE = 0.35, 0.4, 0.1  # of the time that is left
_LEAST_SHARE = 0.05  # of the whole: with less left nothing is begun
_TIE = 1e-9


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
        pairs.append(_below(parts, ground.cell.size))
    return SeveralSites(
        tuple(c.layer for c in layers), np.repeat(np.arange(len(layers)), sizes),
        tuple(i for c in layers for i in c.ids), np.concatenate([c.cost_krw for c in layers]), tuple(pairs),
    )  # fmt: skip


def solve_several(ground: Ground, sites: SeveralSites, limits: Limits, effort: Effort | None = None) -> Solution:
    """Maximise the combined score over all layers at once; ``value`` and ``bound`` are scores.

    At least as good as the plan of any single layer within the same limits. Raises as :func:`geo.siting.solve.solve`.
    """
    started = perf_counter()
    search = _Search(ground, sites, _linear(ground, sites, limits), effort or Effort(), started)
    search.run()
    value, bound, before = search.value, max(search.bound, search.value), ground.score(ground.cover)
    status = Status.OPTIMAL if bound - value <= _TIE * max(value, 1e-300) else Status.BOUNDED
    return Solution(
        search.best, value, before, bound, "모서리 접평면과 라그랑주 완화", status,
        float(sites.cost_krw[search.best].sum()), perf_counter() - started, search.cut,
    )  # fmt: skip


@dataclass
class _Search:
    """Tangents and true slopes in turn, while there is time; ``plain`` is the covering problem without weights."""

    ground: Ground
    sites: SeveralSites
    plain: Problem
    effort: Effort
    started: float
    best: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    value: float = -np.inf
    bound: float = np.inf
    cut: bool = False

    def run(self) -> None:
        """Begin with the tangents at what exists and each layer alone; then go on from the best plan."""
        ground, pairs = self.ground, self.sites.pairs
        every = covers_with(ground, pairs, np.arange(self.sites.cost_krw.size))
        at = ground.cover
        for round_ in range(_ROUNDS):
            slopes, constant = _tangent(ground, ground.cover, every, at)
            found = self._solved(slopes, _FIRST_SHARE if round_ == 0 else _SHARE)
            self.bound = min(self.bound, constant + found.bound)
            self._try(found.chosen)
            if round_ == 0:
                self._single_layers()
            if self._ended():
                break
            now = covers_with(ground, pairs, found.chosen)
            true = np.array([ground.slope(now, k) for k in range(len(slopes))])
            self._try(self._solved(true, _SHARE).chosen)
            if self._ended():
                break
            at = covers_with(ground, pairs, self.best)

    def _ended(self) -> bool:
        if self.bound - self.value <= _TIE * self.value:
            return True
        late = self._left() < _LEAST_SHARE * self.effort.seconds
        self.cut |= late
        return late

    def _left(self) -> float:
        return self.started + self.effort.seconds - perf_counter()

    def _solved(self, slopes: Floats, share: float) -> Solution:
        """Solve the covering problem with slopes, in a share of the time that is left."""
        part = replace(self.effort, seconds=max(share * self._left(), _LEAST_SHARE * self.effort.seconds))
        found = solve(_weighed(self.ground, self.plain, slopes), part)
        self.cut |= found.cut_short
        return found

    def _try(self, plan: Ints) -> None:
        score = self.ground.score(covers_with(self.ground, self.sites.pairs, plan))
        if score > self.value:
            self.best, self.value = plan, score

    def _single_layers(self) -> None:
        """Try the plan of each layer alone, where one keeps the limits."""
        ground, limits = self.ground, self.plain.limits
        slopes = np.array([ground.slope(ground.cover, k) for k in range(len(ground.needs))])
        problem = _weighed(ground, self.plain, slopes)
        if any(g.at_least for g in limits.groups):
            return
        for layer in range(len(self.sites.layers)):
            mine = np.flatnonzero(self.sites.layer_of == layer)
            if not mine.size or not np.isin(np.asarray(limits.forced, np.int64), mine).all():
                continue
            alone = _alone(problem, int(mine[0]), int(mine[-1]) + 1)
            barred = np.asarray(alone.limits.forbidden, np.int64)
            cheapest = np.delete(alone.cost_krw, barred).min(initial=np.inf)
            if limits.budget_krw is not None and cheapest > limits.budget_krw:
                continue
            part = replace(self.effort, seconds=max(_LAYER_SHARE * self._left(), _LEAST_SHARE * self.effort.seconds))
            plan = solve(alone, part).chosen + mine[0]
            if not keeps(problem, plan):
                self._try(plan)


def _alone(problem: Problem, first: int, last: int) -> Problem:
    """Return the problem of the sites from ``first`` up to ``last``, with what the limits say of them."""
    limits, pairs = problem.limits, problem.pairs
    where = slice(pairs.start[first], pairs.start[last])
    own = Pairs(
        pairs.start[first : last + 1] - pairs.start[first], pairs.point[where], pairs.value[where], pairs.points
    )

    def inside(sites: Sequence[int] | Ints) -> Ints:
        at = np.asarray(sites, np.int64)
        return at[(at >= first) & (at < last)] - first

    near = limits.too_near[((limits.too_near >= first) & (limits.too_near < last)).all(axis=1)] - first
    groups = tuple(replace(group, sites=inside(group.sites)) for group in limits.groups)
    kept = replace(
        limits, forced=inside(limits.forced), forbidden=inside(limits.forbidden), groups=groups, too_near=near
    )
    return replace(
        problem, pairs=own, cost_krw=problem.cost_krw[first:last], limits=kept, names=problem.names[first:last]
    )


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


def _linear(ground: Ground, sites: SeveralSites, limits: Limits) -> Problem:
    """Return the covering problem over all needs' points, one need after another, its weights still 1.

    Points of a need whose sites reach far lie in blocks; of another each is a block of its own.
    """
    n, k = ground.cell.size, len(ground.needs)
    pairs = _beside(sites, n)
    here, first, block = blocks_of(ground), 0, []
    for of_need in sites.pairs:
        size = np.diff(of_need.start)
        wide = of_need.point.size > WIDE * max(int((size > 0).sum()), 1)
        block.append(first + (here if wide else np.arange(n)))
        first += (int(here.max()) + 1) if wide else n
    return Problem(
        np.ones(n * k), ground.base.ravel().copy(), pairs, sites.cost_krw, limits, sites.names, np.concatenate(block)
    )  # fmt: skip


def _weighed(ground: Ground, plain: Problem, slopes: Floats) -> Problem:
    """Return the problem with the weights that slopes (needs, cells) give."""
    worth = ground.frame.households * np.maximum(slopes, 0.0)
    return replace(plain, weight=(worth[:, ground.cell] * ground.share).ravel())


def _below(parts: Sequence[Pairs], points: int) -> Pairs:
    """Return the sites of all parts, one part after another; what one part alone has is not copied."""
    start = np.concatenate(([0], np.cumsum(np.concatenate([np.diff(p.start) for p in parts]))))
    full = [p for p in parts if p.point.size] or list(parts[:1])
    if len(full) == 1:
        return Pairs(start, full[0].point, full[0].value, points)
    return Pairs(start, np.concatenate([p.point for p in full]), np.concatenate([p.value for p in full]), points)


def _beside(sites: SeveralSites, points: int) -> Pairs:
    """Return the same sites with the points of all needs, one need after another."""
    size = np.sum([np.diff(p.start) for p in sites.pairs], axis=0)
    start = np.concatenate(([0], np.cumsum(size)))
    point, value = np.empty(start[-1], np.int32), np.empty(start[-1], np.uint8)
    for layer in range(len(sites.layers)):
        mine = np.flatnonzero(sites.layer_of == layer)
        if not mine.size:
            continue
        first, last = int(mine[0]), int(mine[-1]) + 1
        at, of_site = int(start[first]), []
        for k, p in enumerate(sites.pairs):
            where = slice(p.start[first], p.start[last])
            here = slice(at, at + int(where.stop - where.start))
            np.add(p.point[where], np.int32(points * k), out=point[here])
            value[here] = p.value[where]
            of_site.append(np.diff(p.start[first : last + 1]))
            at = here.stop
        if sum(bool(one.any()) for one in of_site) > 1:  # a layer of several needs: its sites' pairs lie apart
            whole = slice(int(start[first]), at)
            order = np.argsort(np.repeat(np.tile(mine, len(of_site)), np.concatenate(of_site)), kind="stable")
            point[whole], value[whole] = point[whole][order], value[whole][order]
    return Pairs(start, point, value, points * len(sites.pairs))
