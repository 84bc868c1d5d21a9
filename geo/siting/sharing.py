"""What no plan with capacities exceeds, and a plan to begin with, where a program of all pairs is too large.

Every point's weight is sold at most once, at ``price`` >= 0 a unit. A site then serves those that are worth most above
their price, as far as its capacity goes (a knapsack filled in parts), and sites earn apart:

    bound(price) = sum(weight x price) + best sum over affordable sites of what each earns

valid for every price (Geoffrion 1974; with capacities: Pirkul and Schilling 1991). At a price of nothing it is the sum
of the best capacities; without capacities it is the bound of maximal covering.
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geo.model import Floats, Ints
from geo.siting.bound import Room, best_share

_STEPS = 200
_MISSES = 5  # steps without a better bound, after which steps are halved


@dataclass(frozen=True)
class Market:
    """Sites (m) that may serve points: pairs by site, ``worth`` what a unit of weight gains there, 0..1."""

    of_site: Ints
    point: Ints
    worth: Floats
    weight: Floats
    capacity: Floats
    cost: Floats
    room: Room

    def served(self, price: Floats, left: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the weight that each pair would serve, float64 (k,), and what each site earns by it, (m,).

        ``left`` float64 (n,): the weight that each point has to give; by default all of it.
        """
        above = self.worth - price[self.point]
        order = np.lexsort((-above, self.of_site))
        wanted = np.where(above > 0, (self.weight if left is None else left)[self.point], 0.0)[order]
        before = np.cumsum(wanted) - wanted
        first = np.searchsorted(self.of_site, np.arange(self.capacity.size))
        begun = np.concatenate((before, [0.0]))[np.minimum(first, before.size)]
        within = np.clip(self.capacity[self.of_site] - (before - begun[self.of_site]), 0.0, wanted)
        out = np.empty_like(within)
        out[order] = within
        return out, np.asarray(np.bincount(self.of_site, out * above, self.capacity.size), float)


def bounded(market: Market, prices: list[Floats], known: float, until: float) -> tuple[float, Floats]:
    """Return the least bound found and its price, begun at the best of ``prices``; ``known``: a plan's gain.

    Subgradient steps (Held, Wolfe and Crowder 1974) until the time ``until``.
    """
    best, price = min(((_at(market, p)[0], p) for p in prices), key=lambda found: found[0])
    now, scale, misses = price, 1.0, 0
    for _ in range(_STEPS):
        if perf_counter() > until or best <= known * (1 + 1e-9):
            break
        value, slope = _at(market, now)
        if value < best:
            best, price, misses = value, now, 0
        else:
            misses += 1
            if misses >= _MISSES:
                now, scale, misses = price, scale / 2, 0
                continue
        length = float((slope**2 / np.maximum(market.weight, 1e-12)).sum())
        if length < 1e-12:
            break
        step = scale * max(value - known, 1e-9) / length
        now = np.maximum(now - step * slope / np.maximum(market.weight, 1e-12), 0.0)
    return best, price


def _at(market: Market, price: Floats) -> tuple[float, Floats]:
    """Return the bound at a price, and its slope in the price."""
    served, profit = market.served(price)
    taken, share = best_share(profit, market.cost, market.room)
    held = np.zeros(market.capacity.size)
    held[taken] = share
    used = np.bincount(market.point, served * held[market.of_site], market.weight.size)
    return float(market.weight @ price + profit[taken] @ share), market.weight - used


def greedily(market: Market, until: float) -> Ints:
    """Return sites, one after another by what they serve of the weight that is left, for their cost; to a time."""
    left, none = market.weight.copy(), np.zeros(market.weight.size)
    chosen: list[int] = []
    forced = np.flatnonzero(market.room.forced).tolist()
    money = market.room.budget
    while len(chosen) < market.room.most and (forced or perf_counter() < until):
        served, gain = market.served(none, left)
        open_ = (market.cost <= money * (1 + 1e-12)) & (gain > 0)
        open_[chosen] = False
        if forced:
            j = forced.pop(0)
        elif open_.any():
            j = int(np.argmax(np.where(open_, gain / np.maximum(market.cost, 1e-9), -1.0)))
        else:
            break
        chosen.append(j)
        money -= float(market.cost[j])
        mine = slice(*np.searchsorted(market.of_site, [j, j + 1]))
        left[market.point[mine]] = np.maximum(left[market.point[mine]] - served[mine], 0.0)
    return np.array(sorted(chosen), np.int64)
