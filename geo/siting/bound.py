"""What no plan can exceed: the Lagrangian bound of maximal covering, by the volume algorithm.

Every point is sold to at most one site. Pricing that rule at ``price`` >= 0 a point leaves sites that earn apart:

    bound(price) = sum(price) + best sum over affordable sites of sum(max(0, weight x gain - price))

and that is valid for every price (Geoffrion 1974; for covering: Galvao and ReVelle 1996). The best price is looked
for with averaged directions (Barahona and Anbil 2000). The smallest bound equals that of the linear relaxation.
"""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geo.model import Bools, Floats, Ints
from geo.siting import price_kernels
from geo.siting.model import Group
from geo.siting.reduce import Reduced

_LEAST_STEP = 1e-6


@dataclass(frozen=True)
class Bound:
    """A bound on the gain, the price of each point that proves it, and what each site earns at it.

    ``held`` float64 (m,): how much of each site the averaged answers hold: about the linear relaxation's answer.
    """

    gain: float
    price: Floats
    profit: Floats
    held: Floats
    rounds: int
    cut: bool


@dataclass(frozen=True)
class Room:
    """What a plan may hold: money, number, and the sites that are in whatever they earn.

    ``kept``: a set of sites of which a plan holds at least ``least``; they cost nothing, or money is no limit, so that
    the best plan at any prices holds those of them that earn most.
    ``shares``: how many of each group, which only :func:`lagrange` minds, and only where no budget is given; ``kept``
    is left out then.
    """

    budget: float
    most: float
    forced: Bools
    kept: Bools | None = None
    least: int = 0
    shares: "Shares | None" = None

    def held(self, profit: Floats) -> Bools:
        """Return the sites that are in whatever the others earn, bool (m,)."""
        if self.kept is None:
            return self.forced
        more, open_ = self.least - int((self.forced & self.kept).sum()), np.flatnonzero(self.kept & ~self.forced)
        if more <= 0:
            return self.forced
        held = self.forced.copy()
        held[open_[np.argsort(-profit[open_], kind="stable")[:more]]] = True
        return held

    def part(self, sites: Ints) -> "Room":
        """Return what a plan of ``sites`` alone may hold; all that are ``kept`` must be among them."""
        kept = None if self.kept is None else self.kept[sites]
        return Room(self.budget, self.most, self.forced[sites], kept, self.least)

    def always(self) -> Ints:
        """Return the sites that no part of the problem may leave out."""
        return np.flatnonzero(self.forced if self.kept is None else self.forced | self.kept)


@dataclass(frozen=True)
class Shares:
    """Groups that have no site in common: ``group`` int64 (m,), -1 for none; ``least`` and ``most`` int64 (groups,)."""

    group: Ints
    least: Ints
    most: Ints


def shares_of(groups: Sequence[Group], site: Ints) -> Shares | None:
    """Return groups that share no site of ``site`` (original indices), the largest first; None where there are none."""
    group = np.full(site.size, -1, np.int64)
    least: list[int] = []
    most: list[int] = []
    for one in sorted(groups, key=lambda g: -g.sites.size):
        inside = np.isin(site, one.sites)
        if (one.at_least or one.at_most is not None) and inside.any() and (group[inside] < 0).all():
            group[inside] = len(least)
            least.append(one.at_least)
            most.append(site.size if one.at_most is None else one.at_most)
    return Shares(group, np.array(least, np.int64), np.array(most, np.int64)) if least else None


def lagrange(
    reduced: Reduced, room: Room, known: float, rounds: int, until: float, threads: int = 1, price: Floats | None = None
) -> Bound:
    """Look for the smallest bound. ``known``: the gain of a plan in hand, which the bound is aimed at.

    Stops when the bound meets ``known``, after ``rounds``, when the steps vanish, or at the time ``until``.
    """
    with ThreadPoolExecutor(max(1, threads)) as pool:
        market = _Market(reduced, room, pool, max(1, threads))
        cap, tried = market.cap, np.empty_like(market.cap)
        centre = cap * 0.5 if price is None else np.clip(price, 0.0, cap)
        best, profit, out, (taken, part) = market.ask(centre)
        direction, held = 1.0 - out, np.zeros(reduced.sites)
        held[taken] = part
        step, most, misses, mark, done, cut = 0.1, 0.1, 0, best, 0, False
        for round_ in range(rounds):
            done = round_
            cut = perf_counter() > until
            if cut or best <= known * (1 + 1e-9) or step < _LEAST_STEP:
                break
            length = price_kernels.free_length(centre, direction, cap)
            if length < 1e-12:
                break
            price_kernels.propose(centre, direction, cap, step * (best - known) / length, tried)
            value, earned, out, (taken, part) = market.ask(tried)
            along, against, change2 = price_kernels.compare(centre, direction, cap, out)
            share = min(max(-against / change2 if change2 > 0 else most, most / 10), most)
            price_kernels.turn(direction, out, share)
            held *= 1.0 - share
            held[taken] += share * part
            if value < best:
                step = min(step * 1.2, 2.0) if along > 0 else step
                centre, tried, best, profit, misses = tried, centre, value, earned, 0
            else:
                misses += 1
                if misses >= 10:
                    step, misses = step * 0.8, 0
            if round_ % 100 == 99:
                most = max(most / 2, 1e-3) if mark - best < 0.01 * (best - known) else most
                mark = best
    return Bound(best, centre, profit, held, done, cut)


class _Market:
    """Answers what the bound is at a price. ``cap`` float64 (n,): what the best cover of each point gains."""

    def __init__(self, reduced: Reduced, room: Room, pool: ThreadPoolExecutor, parts: int) -> None:
        self._reduced, self._room, self._pool = reduced, room, pool
        start = reduced.instance[0]
        cuts = np.searchsorted(start, np.linspace(0, start[-1], parts + 1)[1:-1])
        edges = [0, *cuts.tolist(), reduced.sites]
        self._parts = list(itertools.pairwise(edges))
        self.cap = np.empty(reduced.instance[6].size)
        self._flat = price_kernels.caps(reduced.instance, self.cap)

    def ask(self, price: Floats) -> tuple[float, Floats, Floats, tuple[Ints, Floats]]:
        """Return the bound, each site's profit, the times each point is sold, the sites taken and their shares."""
        profit = self._profits(price)
        taken, share = best_share(profit, self._reduced.cost, self._room)
        out = np.zeros(price.size)
        price_kernels.sold(self._reduced.instance, price, taken, share, out)
        return float(price.sum() + profit[taken] @ share), profit, out, (taken, share)

    def _profits(self, price: Floats) -> Floats:
        profit, instance = np.zeros(self._reduced.sites), self._reduced.instance
        surplus = self.cap - price

        def fill(part: tuple[int, int]) -> None:
            if self._flat:
                price_kernels.flat_profits(instance[0], instance[1], surplus, part, profit)
            else:
                price_kernels.reduced_profits(instance, price, part, profit)

        if len(self._parts) == 1:
            fill(self._parts[0])
        else:
            list(self._pool.map(fill, self._parts))
        return profit


def best_share(profit: Floats, cost: Floats, room: Room) -> tuple[Ints, Floats]:
    """Return the sites, and how much of each, that earn most within the room: a bound on whole sites.

    With a budget the sites with the best profit for their cost, the last in part; with a number the best so many;
    with both the smaller of the two sums, each of which is valid.
    """
    if room.shares is not None and not np.isfinite(room.budget):
        forced, taken = np.flatnonzero(room.forced), _shared(profit, room, room.shares)
        return np.concatenate([forced, taken]), np.ones(forced.size + taken.size)
    held = room.held(profit)
    forced = np.flatnonzero(held)
    free = np.flatnonzero(~held & (profit > 0))
    options = []
    if np.isfinite(room.most) or not np.isfinite(room.budget):
        k = int(min(max(room.most - forced.size, 0), free.size))
        top = free if k == free.size else free[np.argpartition(-profit[free], k - 1)[:k]] if k else free[:0]
        options.append((top, np.ones(top.size)))
    if np.isfinite(room.budget):
        options.append(_by_money(free, profit, cost, room.budget - float(cost[forced].sum())))
    taken, share = min(options, key=lambda o: float(profit[o[0]] @ o[1]))
    return np.concatenate([forced, taken]), np.concatenate([np.ones(forced.size), share])


def _shared(profit: Floats, room: Room, shares: Shares) -> Ints:
    """Return the free sites that earn most within the number and every group's: exact, for groups share no site.

    What a group earns is concave in how many of it are taken, best first. So each group's least are taken, and then the
    best of all others that their groups still hold.
    """
    groups, free = shares.least.size, np.flatnonzero(~room.forced & (profit > 0))
    held = np.bincount(shares.group[room.forced] + 1, minlength=groups + 1)[1:]
    least, most = np.maximum(shares.least - held, 0), np.maximum(shares.most - held, 0)
    order = free[np.lexsort((free, -profit[free]))]
    group = shares.group[order]
    rank = np.zeros(order.size, np.int64)
    for g in range(groups):
        rank[group == g] = np.arange(np.count_nonzero(group == g))
    grouped = group >= 0
    must = grouped & (rank < least[group])
    may = ~must & (~grouped | (rank < most[group]))
    left = max(room.most - np.count_nonzero(room.forced) - least.sum(), 0)
    rest = np.flatnonzero(may)
    rest = rest if left >= rest.size else rest[: int(left)]
    return np.asarray(np.concatenate([order[must], order[rest]]), np.int64)


def _by_money(free: Ints, profit: Floats, cost: Floats, budget: float) -> tuple[Ints, Floats]:
    order = free[np.lexsort((free, -profit[free] / np.maximum(cost[free], 1e-9)))]
    spent = np.cumsum(cost[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    if whole == order.size:
        return order, np.ones(order.size)
    left = budget - (spent[whole - 1] if whole else 0.0)
    share = np.ones(whole + 1)
    share[-1] = max(left, 0.0) / cost[order[whole]]
    return order[: whole + 1], share


def place_price(profit: Floats, cost: Floats, room: Room) -> Floats:
    """Return what each site must earn to push another out: 0 where there is room to spare. float64 (m,)."""
    taken, share = best_share(profit, cost, room)
    free = taken[~room.held(profit)[taken]]
    if free.size == 0:
        return np.zeros(profit.size)
    if taken.size >= room.most:
        return np.full(profit.size, profit[free].min())
    if float(cost[taken] @ share) >= room.budget * (1 - 1e-12):
        return np.asarray((profit[free] / np.maximum(cost[free], 1e-9)).min() * cost)
    return np.zeros(profit.size)


def settled(bound: Bound, reduced: Reduced, room: Room, known: float) -> tuple[Bools, Bools]:
    """Return the sites that no plan better than ``known`` can hold, and those that all such plans hold.

    A site that is put in pushes out what its place or money earns, one that is left out is replaced by no more than
    that; where the bound is then under ``known`` the question is settled. Nothing is told under a budget and a number
    together, nor where some must be kept.
    """
    none = np.zeros(reduced.sites, bool)
    if (np.isfinite(room.budget) and np.isfinite(room.most)) or room.kept is not None:
        return none, none
    taken, share = best_share(bound.profit, reduced.cost, room)
    whole = none.copy()
    whole[taken[share >= 1]] = True
    above = bound.profit - place_price(bound.profit, reduced.cost, room)
    margin = bound.gain - known + 1e-9 * max(1.0, bound.gain)
    return ~room.forced & ~whole & (-above > margin), ~room.forced & whole & (above > margin)


def bound_at(reduced: Reduced, room: Room, price: Floats, threads: int = 1) -> Bound:
    """Return the bound at given prices."""
    return lagrange(reduced, room, -np.inf, 0, np.inf, threads, price)
