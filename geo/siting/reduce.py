"""Make a problem smaller without changing its best plans."""

from dataclasses import dataclass, replace

import numpy as np

from geo.kernels import FULL, Bytes
from geo.model import Bools, Floats, Ints
from geo.siting import pair_kernels
from geo.siting.kernels import Instance
from geo.siting.limits import distinguishes
from geo.siting.model import Pairs, Problem
from geo.siting.pairs import keep_pairs

_LARGE = 2_000_000  # pairs: fewer stay in the cache in any order


@dataclass(frozen=True)
class Reduced:
    """A problem as the solver sees it: fewer sites and points.

    ``site`` int64: the original index of each site left, in any order; ``point`` int64 (n,): where each original
    point went, -1 where no site can gain anything on it. ``constant``: the value of the base, kept out of the instance.
    """

    instance: Instance
    cost: Floats
    site: Ints
    point: Ints
    constant: float

    @property
    def sites(self) -> int:
        """The number of sites left."""
        return self.site.size


def reduce_problem(problem: Problem, usable: Bools) -> Reduced:
    """Drop unusable sites, pairs that gain nothing and dominated sites; merge points covered alike.

    Points with the same base and the same cover by every site become one, their weights added: told by two sums of
    random 64-bit keys, so two different points meet with a chance of about n**2 / 2**128. A site is dominated if
    another, no dearer, covers every point at least as well; not looked at where limits tell sites apart.
    """
    pairs, base = problem.pairs, problem.base
    keep = (pairs.value > base[pairs.point]) & (problem.weight[pairs.point] > 0)
    keep &= np.repeat(usable, np.diff(pairs.start))
    pairs = select_sites(keep_pairs(pairs, keep), np.flatnonzero(usable))
    site, weight, label = np.flatnonzero(usable), problem.weight, _floor_labels(problem)
    number = None
    if pairs.point.size > _LARGE:
        order, number, pairs = _walked(pairs)
        site, at = site[order], np.flatnonzero(number >= 0)
        at = at[np.argsort(number[at])]
        weight, base, label = weight[at], base[at], label[at]
    point, merged, weight, merged_base = _merge(pairs, weight, base, label)
    if number is not None:
        point = np.where(number >= 0, point[number], -1)
    cost = np.ascontiguousarray(problem.cost_krw[site])
    constant = float(problem.weight @ (problem.base / FULL))
    if distinguishes(problem.limits):
        return Reduced(make_instance(merged, weight, merged_base), cost, site, point, constant)
    forced = np.isin(site, np.asarray(problem.limits.forced, np.int64)).astype(np.uint8)
    out = np.zeros(site.size, np.uint8)
    pair_kernels.dominated(make_instance(merged, weight, merged_base), cost, forced, out)
    left = np.flatnonzero(out == 0)
    merged = select_sites(merged, left)
    if left.size < site.size:
        again, merged, weight, merged_base = _merge(merged, weight, merged_base, np.zeros(weight.size, np.int64))
        point = np.where(point >= 0, again[point], -1) if again.size else point
    return Reduced(make_instance(merged, weight, merged_base), cost[left], site[left], point, constant)


def narrowed(reduced: Reduced, sites: Ints) -> Reduced:
    """Return the problem with some of its sites only (ascending); points that these cover alike become one."""
    return narrowed_to(reduced, sites)[0]


def narrowed_to(reduced: Reduced, sites: Ints) -> tuple[Reduced, Ints]:
    """Return :func:`narrowed`, and where each point of ``reduced`` went: -1 where ``sites`` do not reach."""
    start, point, value, _, _, _, weight, base = reduced.instance
    pairs = select_sites(Pairs(start, point, value, base.size), sites)
    again, merged, total, merged_base = _merge(pairs, weight * FULL, base, np.zeros(base.size, np.int64))
    went = np.where(reduced.point >= 0, again[reduced.point], -1) if again.size else reduced.point
    instance = make_instance(merged, total, merged_base)
    return Reduced(instance, reduced.cost[sites], reduced.site[sites], went, reduced.constant), again


def make_instance(pairs: Pairs, weight: Floats, base: Bytes) -> Instance:
    """Return the arrays the kernels take."""
    by_point = pair_kernels.transpose(pairs.start, pairs.point, pairs.value, pairs.points)
    return (pairs.start, pairs.point, pairs.value, *by_point, weight / FULL, base)


def select_sites(pairs: Pairs, sites: Ints) -> Pairs:
    """Return the pairs of some sites, ascending, numbered anew."""
    size = np.diff(pairs.start)[sites]
    start = np.concatenate(([0], np.cumsum(size)))
    if sites.size == pairs.sites:
        return pairs
    chosen = np.zeros(pairs.sites, bool)
    chosen[sites] = True
    keep = np.repeat(chosen, np.diff(pairs.start))
    return replace(pairs, start=start, point=pairs.point[keep], value=pairs.value[keep])


def merge_alike(pairs: Pairs, weight: Floats, base: Bytes) -> tuple[Ints, Pairs, Floats, Bytes]:
    """Return where each point went (-1: covered by no site), and the pairs, weights, bases of points made one."""
    return _merge(pairs, weight, base, np.zeros(weight.size, np.int64))


def _walked(pairs: Pairs) -> tuple[Ints, Ints, Pairs]:
    """Return the sites in the order of a walk over the ground, the number each point gets in it (-1: none), the pairs.

    The loops are then as quick whatever the order of the input: neighbours are near in memory.
    """
    site_start, site, _ = pair_kernels.transpose(pairs.start, pairs.point, pairs.value, pairs.points)
    order, walked = pair_kernels.walk(pairs.start, pairs.point, site_start, site)
    number = np.full(pairs.points, -1, np.int32)
    number[walked] = np.arange(walked.size, dtype=np.int32)
    start, point, value = pair_kernels.renumber(pairs.start, pairs.point, pairs.value, order, number)
    return order, number.astype(np.int64), Pairs(start, point, value, walked.size)


def _floor_labels(problem: Problem) -> Ints:
    """Return a number a point: points of different floors must not be merged."""
    label = np.zeros(problem.pairs.points, np.int64)
    for floor in problem.limits.floors:
        member = np.zeros(label.size, np.int64)
        member[floor.points] = 1
        label = np.unique(2 * label + member, return_inverse=True)[1]
    return label


def _merge(pairs: Pairs, weight: Floats, base: Bytes, label: Ints) -> tuple[Ints, Pairs, Floats, Bytes]:
    """Return where each point went (-1: covered by no site), the pairs, weights and bases of the merged points."""
    print_ = np.zeros((pairs.points, 2), np.uint64)
    keys = np.random.default_rng(20261121).integers(1, 2**63, (pairs.sites, 2), np.uint64) * np.uint64(2) + np.uint64(1)
    pair_kernels.fingerprints(pairs.start, pairs.point, pairs.value, keys, print_)
    covered = np.zeros(pairs.points, bool)
    covered[pairs.point] = True
    live = np.flatnonzero(covered)
    order = live[np.lexsort((label[live], base[live], print_[live, 1], print_[live, 0]))]
    new = np.ones(order.size, bool)
    new[1:] = (print_[order[1:]] != print_[order[:-1]]).any(axis=1) | (base[order[1:]] != base[order[:-1]])
    new[1:] |= label[order[1:]] != label[order[:-1]]
    number = np.cumsum(new) - 1
    # Numbered by first appearance, so that points near one another stay near one another in memory.
    leader = np.minimum.reduceat(order, np.flatnonzero(new)) if order.size else order
    rank = np.empty(leader.size, np.int64)
    rank[np.argsort(leader)] = np.arange(leader.size)
    point = np.full(pairs.points, -1, np.int64)
    point[order] = rank[number]
    leader = np.sort(leader)
    total = np.bincount(point[live], weight[live], leader.size).astype(float)
    stays = np.zeros(pairs.points, bool)
    stays[leader] = True
    kept = keep_pairs(pairs, stays[pairs.point])
    return point, Pairs(kept.start, point[kept.point].astype(np.int32), kept.value, leader.size), total, base[leader]
