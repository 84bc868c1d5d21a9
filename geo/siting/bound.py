"""What no plan can exceed: the Lagrangian bound of maximal covering, by the volume algorithm.

Every point is sold to at most one site. Pricing that rule at ``price`` >= 0 a point leaves sites that earn apart:

    bound(price) = sum(price) + best sum over affordable sites of sum(max(0, weight x gain - price))

and that is valid for every price (Geoffrion 1974; for covering: Galvao and ReVelle 1996). The best price is looked
for with averaged directions (Barahona and Anbil 2000). The smallest bound equals that of the linear relaxation.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Bools, Floats, Ints
from geo.siting import kernels
from geo.siting.reduce import Reduced

_LEAST_STEP = 1e-6


@dataclass(frozen=True)
class Bound:
    """A bound on the gain, the price of each point that proves it, and what each site earns at it."""

    gain: float
    price: Floats
    profit: Floats
    rounds: int
    cut: bool


@dataclass(frozen=True)
class Room:
    """What a plan may hold: money, number, and the sites that are in whatever they earn."""

    budget: float
    most: float
    forced: Bools


def lagrange(
    reduced: Reduced, room: Room, known: float, rounds: int, until: float, threads: int = 1, price: Floats | None = None
) -> Bound:
    """Look for the smallest bound. ``known``: the gain of a plan in hand, which the bound is aimed at.

    Stops when the bound meets ``known``, after ``rounds``, when the steps vanish, or at the time ``until``.
    """
    _, _, _, _, _, _, weight, base = reduced.instance
    cap = weight * (float(FULL) - base)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        market = _Market(reduced, room, pool, max(1, threads))
        centre = cap * 0.5 if price is None else price.copy()
        best, profit, direction = market.ask(centre)
        step, most, misses, mark, done, cut = 0.1, 0.1, 0, best, 0, False
        for turn in range(rounds):
            done = turn
            cut = perf_counter() > until
            if cut or best <= known * (1 + 1e-9) or step < _LEAST_STEP:
                break
            d = np.where(((centre <= 0) & (direction > 0)) | ((centre >= cap) & (direction < 0)), 0.0, direction)
            length = float(d @ d)
            if length < 1e-12:
                break
            tried = np.clip(centre - step * (best - known) / length * d, 0.0, cap)
            value, earned, slack = market.ask(tried)
            along = float(slack @ d)
            change = slack - direction
            change2 = float(change @ change)
            share = -float(direction @ change) / change2 if change2 > 0 else most
            direction = direction + min(max(share, most / 10), most) * change
            if value < best:
                step = min(step * 1.2, 2.0) if along > 0 else step
                centre, best, profit, misses = tried, value, earned, 0
            else:
                misses += 1
                if misses >= 10:
                    step, misses = step * 0.8, 0
            if turn % 100 == 99:
                most = max(most / 2, 1e-3) if mark - best < 0.01 * (best - known) else most
                mark = best
    return Bound(best, centre, profit, done, cut)


class _Market:
    """Answers what the bound is at a price."""

    def __init__(self, reduced: Reduced, room: Room, pool: ThreadPoolExecutor, parts: int) -> None:
        self._reduced, self._room, self._pool = reduced, room, pool
        start = reduced.instance[0]
        cuts = np.searchsorted(start, np.linspace(0, start[-1], parts + 1)[1:-1])
        edges = [0, *cuts.tolist(), reduced.sites]
        self._parts = list(itertools.pairwise(edges))

    def ask(self, price: Floats) -> tuple[float, Floats, Floats]:
        """Return the bound, each site's profit and, of each point, 1 - the number of times it is sold."""
        profit = np.zeros(self._reduced.sites)
        instance = self._reduced.instance
        list(self._pool.map(lambda part: kernels.reduced_profits(instance, price, part, profit), self._parts))
        taken, share = best_share(profit, self._reduced.cost, self._room)
        out = np.zeros(price.size)
        kernels.sold(instance, price, taken, share, out)
        return float(price.sum() + profit[taken] @ share), profit, 1.0 - out


def best_share(profit: Floats, cost: Floats, room: Room) -> tuple[Ints, Floats]:
    """Return the sites, and how much of each, that earn most within the room: a bound on whole sites.

    With a budget the sites with the best profit for their cost, the last in part; with a number the best so many;
    with both the smaller of the two sums, each of which is valid.
    """
    forced = np.flatnonzero(room.forced)
    free = np.flatnonzero(~room.forced & (profit > 0))
    options = []
    if np.isfinite(room.most) or not np.isfinite(room.budget):
        k = int(min(max(room.most - forced.size, 0), free.size))
        top = free if k == free.size else free[np.argpartition(-profit[free], k - 1)[:k]] if k else free[:0]
        options.append((top, np.ones(top.size)))
    if np.isfinite(room.budget):
        options.append(_by_money(free, profit, cost, room.budget - float(cost[forced].sum())))
    taken, share = min(options, key=lambda o: float(profit[o[0]] @ o[1]))
    return np.concatenate([forced, taken]), np.concatenate([np.ones(forced.size), share])


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


def hopeless(bound: Bound, reduced: Reduced, room: Room, known: float) -> Bools:
    """Return the sites that no plan better than ``known`` can hold: the bound with one of them in is no larger.

    Putting site j in pushes out at least the least profit that its money or place earns. None are told under a
    budget and a number together.
    """
    if np.isfinite(room.budget) and np.isfinite(room.most):
        return np.zeros(reduced.sites, bool)
    taken, share = best_share(bound.profit, reduced.cost, room)
    open_ = ~room.forced
    open_[taken[share >= 1]] = False
    margin = bound.gain - known
    if np.isfinite(room.budget):
        edge = taken[~room.forced[taken]]
        full = float(reduced.cost[taken] @ share) >= room.budget * (1 - 1e-12)
        rate = float((bound.profit[edge] / np.maximum(reduced.cost[edge], 1e-9)).min()) if full and edge.size else 0.0
        lost = rate * reduced.cost - bound.profit
    else:
        free = taken[~room.forced[taken]]
        full = taken.size >= room.most
        lost = (float(bound.profit[free].min()) if full and free.size else 0.0) - bound.profit
    return np.asarray(open_ & (lost > margin + 1e-9 * max(1.0, bound.gain)))
