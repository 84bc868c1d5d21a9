"""Problems of wide reaches: the plan and the prices of coarse ground, bettered and proved on the pixels.

The pairs of all sites are passed over as they are, a few times; only those of the sites that matter are laid out. What
is proved holds for all sites and pixels: at the prices found with the few, every site is judged (as in
:mod:`geo.siting.core`).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL, Bytes
from geo.model import Floats, Ints
from geo.siting import coarse_kernels
from geo.siting.bound import Bound, Room, best_share, lagrange, place_price
from geo.siting.coarse import spread
from geo.siting.core import NEAR, core_bound
from geo.siting.improve import Improve
from geo.siting.limits import keeps
from geo.siting.model import Effort, Pairs, Problem
from geo.siting.reduce import Reduced, make_instance, merge_alike
from geo.siting.search import Found

_PLAN_SHARE, _PRICE_SHARE, _SWAP_SHARE = 0.35, 0.2, 0.3  # of the time that is left at each step
_FEW_PAIRS = 6_000_000  # of the sites that are laid out on pixels
_NEW = 200  # sites that come in at once
_TRIES, _STEPS = 12, 300
_CLOSE = 0.02
_TIE = 1e-9
_LOOKED_AT = 12  # places for a site that are tried against the limits


@dataclass
class Wide:
    """A problem being solved; ``small`` is it on coarse ground, ``room`` and ``begun`` in the sites of ``small``."""

    problem: Problem
    small: Reduced
    room: Room
    most: int
    effort: Effort
    until: float
    begun: Found
    best: Found = field(init=False)
    upper: float = np.inf
    cut: bool = False

    def run(self) -> None:
        """Find a plan and a bound, both gains on the pixels."""
        self._worth = self.problem.weight / FULL
        self._pairs = (self.problem.pairs.start, self.problem.pairs.point, self.problem.pairs.value)
        self.best = self._counted(self.begun.sites)
        part = replace(self.effort, seconds=_PLAN_SHARE * self._left())
        improve = Improve(self.problem, self.small, self.room, self.most, part, perf_counter(), self.begun)
        improve.run()
        self.cut = improve.cut
        self.best = max(self.best, self._counted(improve.best.sites), key=lambda f: f.gain)
        until = perf_counter() + _PRICE_SHARE * self._left()
        found, near = core_bound(
            self.small, self.room, improve.best.sites, improve.best.gain, until, self.effort.threads
        )
        self._swap(near, found.profit)
        self._prove(found, near)

    def _left(self) -> float:
        return max(self.until - perf_counter(), 0.0)

    def _counted(self, sites: Ints) -> Found:
        """Return a plan with what it gains on the pixels."""
        return Found(sites, float(self._worth @ (self._cover(sites).astype(float) - self.problem.base)))

    def _cover(self, sites: Ints) -> Bytes:
        cover = self.problem.base.copy()
        coarse_kernels.covered(self._pairs, self.small.site[sites], cover)
        return cover

    def _swap(self, near: Ints, profit: Floats) -> None:
        """Move one site of the plan after another to a better place, or add one, until none brings anything."""
        near = near[np.argsort(-profit[near], kind="stable")]
        until, moved = perf_counter() + _SWAP_SHARE * self._left(), True
        while moved:
            moved = False
            for out in (*self.best.sites.tolist(), -1):
                if perf_counter() > until:
                    self.cut = True
                    return
                if out < 0 or not self.room.forced[out]:
                    moved |= self._moved(out, near)

    def _moved(self, out: int, near: Ints) -> bool:
        """Put the best site in the place of ``out`` (-1: of none); say if that is a better plan."""
        rest = self.best.sites[self.best.sites != out]
        cover = self._cover(rest)
        kept = float(self._worth @ (cover.astype(float) - self.problem.base))
        others = near[~np.isin(near, rest)]
        gain = np.zeros(others.size)
        coarse_kernels.gains(self._pairs, self._worth, cover, self.small.site[others], gain)
        for k in np.argsort(-gain, kind="stable")[:_LOOKED_AT]:
            if kept + gain[k] <= self.best.gain * (1 + 1e-12):
                return False
            sites = np.sort(np.append(rest, others[k]))
            if not keeps(self.problem, self.small.site[sites]):
                self.best = Found(sites, kept + float(gain[k]))
                return True
        return False

    def _prove(self, coarse: Bound, near: Ints) -> None:
        """Look for prices on the pixels with the few sites that matter, and judge all sites at them."""
        cap = np.zeros(self._worth.size)
        coarse_kernels.site_caps(self._pairs, self._worth, self.problem.base, self.small.site, cap)
        price = spread(cap, self.small.point, coarse.price)
        profit = self._judged(price)
        active = self._few(near, coarse.profit)
        for _ in range(_TRIES):
            if self._left() <= 0 or self._proved():
                self.cut |= not self._proved()
                break
            part, went = self._laid_out(active)
            inside = went >= 0
            begin = np.asarray(np.bincount(went[inside], price[inside], part.instance[6].size), float)
            found = lagrange(
                part, self.room.part(active), self.best.gain, _STEPS, self.until, self.effort.threads, begin
            )
            price[inside] = (found.price / part.instance[6])[went[inside]] * self._worth[inside]
            profit = self._judged(price)
            place = place_price(profit, self.small.cost, self.room)
            outside = np.ones(self.small.sites, bool)
            outside[active] = False
            earning = np.flatnonzero(outside & (profit > place))
            of_few = found.gain + float(price[~inside].sum())
            if earning.size == 0 or self._at(price, profit) - of_few < _CLOSE * (self.upper - self.best.gain):
                if found.cut or found.rounds < _STEPS - 1:
                    self.cut |= found.cut
                    break
                continue
            kept = active[profit[active] > NEAR * place[active]]
            new = earning[np.argsort(-profit[earning], kind="stable")[:_NEW]]
            active = self._few(np.union1d(kept, new), profit)

    def _judged(self, price: Floats) -> Floats:
        """Return what every site earns at prices of the pixels; keep the bound that they give."""
        profit, sites = np.zeros(self.small.sites), self.small.site
        size = np.concatenate(([0], np.cumsum(np.diff(self.problem.pairs.start)[sites])))
        threads = max(1, self.effort.threads)
        cuts = [0, *np.searchsorted(size, np.linspace(0, size[-1], threads + 1)[1:-1]).tolist(), sites.size]

        def fill(k: int) -> None:
            part = (cuts[k], cuts[k + 1])
            coarse_kernels.profits(self._pairs, self._worth, self.problem.base, price, sites, part, profit)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, range(threads)))
        self.upper = min(self.upper, self._at(price, profit))
        return profit

    def _at(self, price: Floats, profit: Floats) -> float:
        taken, share = best_share(profit, self.small.cost, self.room)
        return float(price.sum() + profit[taken] @ share)

    def _few(self, sites: Ints, profit: Floats) -> Ints:
        """Return those of some sites that earn most, as many as can be laid out, with the plan's and all kept."""
        always = np.union1d(self.best.sites, self.room.always())
        order = np.setdiff1d(sites, always)
        order = order[np.argsort(-profit[order], kind="stable")]
        pairs = np.diff(self.problem.pairs.start)[self.small.site]
        room = _FEW_PAIRS - pairs[always].sum()
        return np.union1d(always, order[np.cumsum(pairs[order]) <= room])

    def _laid_out(self, active: Ints) -> tuple[Reduced, Ints]:
        """Return the problem of some sites, pixels that they cover alike made one, and where each pixel went."""
        start, point, value = self._pairs
        where = [slice(start[j], start[j + 1]) for j in self.small.site[active].tolist()]
        at, of = np.concatenate([point[w] for w in where]), np.concatenate([value[w] for w in where])
        site = np.repeat(np.arange(active.size), [w.stop - w.start for w in where])
        keep = (of > self.problem.base[at]) & (self._worth[at] > 0)
        first = np.concatenate(([0], np.cumsum(np.bincount(site[keep], minlength=active.size))))
        pairs = Pairs(first, at[keep], of[keep], self._worth.size)
        went, merged, weight, base = merge_alike(pairs, self.problem.weight, self.problem.base)
        instance = make_instance(merged, weight, base)
        return Reduced(instance, self.small.cost[active], active, went, 0.0), went

    def _proved(self) -> bool:
        return self.upper <= self.best.gain * (1 + _TIE)
