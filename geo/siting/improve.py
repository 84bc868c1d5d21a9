"""From a greedy plan to the best that time allows, and what no plan exceeds: cheap things first, stop when proved.

Greedy; a short search; the bound; the exact solver on the sites that earn most at its prices; a proof on what the
bound leaves open. If that is not the end: plans bred from plans (a large problem: rounds of longer search and of exact
merging), then the proof again.
"""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from geo.model import Ints
from geo.siting import price_kernels
from geo.siting.bound import Bound, Room, lagrange, settled
from geo.siting.breed import Island, merged, unlike
from geo.siting.core import core_bound, near_sites
from geo.siting.exact import Answer, chosen_sites, cover_program
from geo.siting.full_cover import cover_all, may_cover_all
from geo.siting.kernels import Limits as LimitArrays
from geo.siting.limits import distinguishes, limit_arrays
from geo.siting.model import Effort, Problem
from geo.siting.reduce import Reduced, narrowed
from geo.siting.search import HOT, WARM, Found, Search, first_price, runs, search_of

_TIE = 1e-9
_LARGE = 2_000_000  # pairs: the bound is found from some of the sites
_PROGRAM_PAIRS = 400_000  # more pairs than these are not given to the exact solver
_EASY_PAIRS = 100_000  # of what the bound leaves open: few enough to try the proof before the long search
_MERGE_PAIRS = 20_000  # of the sites from which one plan is made anew
_MERGE_NODES = 1000
_HELD = 1e-3  # less of a site is noise
_FIRST_TURNS, _MOST_TURNS = 100_000, 4_000_000
_IDLE = 3  # rounds without a better plan that end the search
_ISLANDS, _STALE = 10, 15  # islands without a better plan that end it, generations without one that end an island
_CHAMPIONS = (4, 2)  # plans of islands that ended, before one is settled by them, and again after so many more
_BRED_TURNS, _BRED_WORK = (400_000, 1_600_000), 1.2e11  # turns of a run, fewer where a turn is longer
_PLAIN_TURNS = 2_000_000  # the same where the kernel of the classical problem runs
_WHOLE_SHARE = 0.4
_PROVABLE, _SMALL_PAIRS = 0.002, 20_000  # a wider gap is tried to be closed only where so little is open
_SEARCH_SHARE = 0.75  # of the time; the rest is for the proof
_ALL_SHARE = 0.98  # where too much is open for a proof
_BOUND_SHARE = 0.5
_EASY_SHARE = 0.3
_MERGE_SHARE, _FIRST_MERGE_SHARE = 0.15, 0.05


@dataclass
class Improve:
    """A plan being improved. ``best`` and ``upper`` are gains; ``source`` says where ``upper`` is from."""

    problem: Problem
    reduced: Reduced
    room: Room
    most: int
    effort: Effort
    started: float
    best: Found
    upper: float = np.inf
    source: str = "라그랑주 완화"
    cut: bool = False
    _elite: list[Found] = field(default_factory=list)
    _easy: int = _EASY_PAIRS

    def run(self) -> None:
        """Do all that is worth doing in the time there is."""
        self._tell("탐욕 해")
        if not self._large():
            self._search(self._field(np.arange(self.reduced.sites)), 0, self._turns(0), _SEARCH_SHARE)
        bound, core = self._bound()
        self.upper = min(bound.gain, self._everything())
        self._tell("상한 계산")
        if self.effort.exact and not self._proved():
            self._merge(self._relaxed(bound), _FIRST_MERGE_SHARE)
            self._prove_if_easy(bound)
        if not self._proved():
            self._rounds(bound, core)
        if self.effort.exact and not self._proved() and self._left(1.0) > 0:
            self._prove(*self._open(bound), self._left(1.0))

    def _rounds(self, bound: Bound, core: Ints) -> None:
        """Search longer and longer, and make the best plan of what was met, until nothing better comes."""
        if self.effort.exact and not self._large():
            self._breed(bound, core)
            return
        searched, idle, round_ = self._field(core), 0, 1
        provable = self._pairs(self._open(bound)[0]) <= _PROGRAM_PAIRS
        share, seconds = _SEARCH_SHARE if provable else _ALL_SHARE, 0.0
        while idle < _IDLE and self._left(share) > 0 and not self._proved():
            before, begun, turns = self.best.gain, perf_counter(), self._turns(round_)
            if seconds * turns > self._left(share):  # a run that is cut while hot is of no use: a shorter one
                turns, self.cut = max(int(self._left(share) / seconds), 1), True
            self._search(searched, round_, turns, share)
            seconds = (perf_counter() - begun) / turns
            if self.effort.exact:
                self._merge(self._met(), _MERGE_SHARE)
                self._prove_if_easy(bound)
            idle = 0 if self.best.gain > before * (1 + 1e-12) else idle + 1
            self._tell("교환 탐색")
            round_ += 1

    def _breed(self, bound: Bound, core: Ints) -> None:
        """Breed plans on islands, one after the other, until some in a row bring nothing better; merge their best."""
        share = _SEARCH_SHARE if self._provable(self._open(bound)[0]) else _ALL_SHARE
        sites, part, limits = self._field(np.union1d(core, self.best.sites))
        search = search_of(part, limits, self.most, 1, 1, self._until(share))
        turns = int(np.clip(_BRED_WORK / self.reduced.instance[1].size, *_BRED_TURNS))
        search = replace(search, turns=self.effort.turns or (turns if search.cap is None else _PLAIN_TURNS))
        self._cover_all(sites, search)
        begun, idle, number, again = self.best, 0, 0, _CHAMPIONS[0]
        champions: list[Found] = []
        with ThreadPoolExecutor(self.effort.threads) as pool:
            while idle < _ISLANDS and self._left(share) > 0 and not self._proved():
                before, by_champions = self.best.gain, len(champions) >= again
                island = self._island(sites, search, begun, number)
                if by_champions:
                    island.settle(champions)
                    again = len(champions) + _CHAMPIONS[1]
                self._live(island, pool, bound, share)
                champions = unlike([*champions, island.best])
                if by_champions:
                    self._merge(merged(champions, self._degree(), _MERGE_PAIRS), _MERGE_SHARE)
                idle = 0 if self.best.gain > before * (1 + 1e-12) else idle + 1
                number += 1
        self.cut |= self._left(share) <= 0

    def _live(self, island: Island, pool: Executor, bound: Bound, share: float) -> None:
        """Breed generations until some in a row bring nothing better."""
        while island.stale < _STALE and (self._left(share) > 0 or not island.plans) and not self._proved():
            before = self.best.gain
            island.generation(pool)
            self._keep(island.best)
            self.cut |= island.cut
            if self.best.gain > before * (1 + 1e-12):
                self._prove_if_easy(bound)
            self._tell("계획 섞기")

    def _cover_all(self, sites: Ints, search: Search) -> None:
        """Look for a plan that covers everything, where the bound leaves one open."""
        inside = Found(np.searchsorted(sites, self.best.sites), self.best.gain)
        if may_cover_all(search, self.best.gain, self.upper):
            shared = replace(search, threads=self.effort.threads, until=self._until(_WHOLE_SHARE))
            found = cover_all(shared, inside, self.effort.seed * 1000)
            self.cut |= found.cut
            self._keep(Found(sites[found.sites], found.gain))

    def _island(self, sites: Ints, search: Search, start: Found, number: int) -> Island:
        first = Found(np.searchsorted(sites, start.sites), start.gain)

        def narrow(some: Ints) -> Search:
            return search_of(*self._field(some)[1:], self.most, 1, 1, 0.0)

        seed = self.effort.seed * 1_000_000 + 10_000 * number
        return Island(sites, search, first, narrow, seed)

    def _everything(self) -> float:
        """Return what covering every point as well as any site does would gain."""
        cap = np.empty(self.reduced.instance[6].size)
        price_kernels.caps(self.reduced.instance, cap)
        return float(cap.sum())

    def _degree(self) -> Ints:
        return np.diff(self.reduced.instance[0])

    def _bound(self) -> tuple[Bound, Ints]:
        """Return the bound and the sites worth searching."""
        until, threads = self._until(_BOUND_SHARE), self.effort.threads
        if self._large():
            bound, core = core_bound(self.reduced, self.room, self.best.sites, self.best.gain, until, threads)
        else:
            price = first_price(self.reduced, self.best.sites)
            rounds = int(np.clip(4e9 / max(self.reduced.instance[1].size, 1), 300, 3000))
            bound = lagrange(self.reduced, self.room, self.best.gain, rounds, until, 1, price)
            core = near_sites(bound, self.reduced, self.room, self.best.sites)
        self.cut |= bound.cut
        return bound, core

    def _field(self, sites: Ints) -> tuple[Ints, Reduced, LimitArrays]:
        """Return what a search of some sites needs: the sites, the problem with them alone, its limits."""
        part = self.reduced if sites.size == self.reduced.sites else narrowed(self.reduced, sites)
        return sites, part, limit_arrays(self.problem, part.site)

    def _search(self, searched: tuple[Ints, Reduced, LimitArrays], round_: int, turns: int, share: float) -> None:
        """Anneal, in turn from the first plan, hot, and from the best, less so."""
        sites, part, limits = searched
        effort, elite = self.effort, self._elite
        start = elite[0] if elite and round_ % 2 else self.best
        inside = start if np.isin(start.sites, sites).all() else self.best
        until = self._until(share)
        search = search_of(part, limits, self.most, turns, effort.threads, until)
        few = round_ == 0 or self._large()
        seeds = [effort.seed * 1000 + 100 * round_ + k for k in range(effort.threads if few else effort.runs)]
        begin = Found(np.searchsorted(sites, inside.sites), inside.gain)
        heat = HOT if round_ % 2 else WARM
        found = [Found(sites[f.sites], f.gain, f.cut) for f in runs(search, begin, seeds, heat)]
        self.cut |= any(f.cut for f in found)
        for plan in (self.best, *found):
            self._keep(plan)

    def _keep(self, plan: Found) -> None:
        self._elite.append(plan)
        if plan.gain > self.best.gain:
            self.best = plan

    def _met(self) -> Ints:
        """Return the sites of the best plans met, as many as can be merged."""
        sites = self.best.sites
        for other in sorted(self._elite, key=lambda f: -f.gain):
            wider = np.union1d(sites, other.sites)
            if self._pairs(wider) > _MERGE_PAIRS:
                break
            sites = wider
        return sites

    def _relaxed(self, bound: Bound) -> Ints:
        """Return the plan's sites and those that the relaxation holds most of, as many as can be merged."""
        order = np.argsort(-bound.held, kind="stable")[: np.count_nonzero(bound.held > _HELD)]
        pairs = np.cumsum(np.diff(self.reduced.instance[0])[order])
        return np.union1d(self.best.sites, order[pairs <= _MERGE_PAIRS])

    def _merge(self, sites: Ints, share: float) -> None:
        """Make the best plan of some sites."""
        seconds = share * self._left(1.0)
        if seconds <= 0 or sites.size <= self.best.sites.size:
            return
        answer = self._exactly(sites, np.empty(0, np.int64), seconds, _MERGE_NODES)
        if answer.columns is not None and answer.value > self.best.gain * (1 + 1e-12):
            self._keep(Found(chosen_sites(answer, sites), answer.value))

    def _open(self, bound: Bound) -> tuple[Ints, Ints]:
        """Return the sites that a better plan may hold, with the plan's, and those it must."""
        if distinguishes(self.problem.limits):
            return np.arange(self.reduced.sites), np.empty(0, np.int64)
        out, sure = settled(bound, self.reduced, self.room, self.best.gain)
        return np.union1d(np.flatnonzero(~out), self.best.sites), np.flatnonzero(sure)

    def _prove_if_easy(self, bound: Bound) -> None:
        """Try the proof where little is open, and no more than half of what it was tried on before."""
        sites, sure = self._open(bound)
        if self._pairs(sites) <= self._easy and self._provable(sites):
            self._easy = self._pairs(sites) // 2
            self._prove(sites, sure, _EASY_SHARE * self._left(1.0))

    def _provable(self, sites: Ints) -> bool:
        """Return whether the exact solver may close the gap over these sites.

        Where limits are left out of the bound, how far off it is says nothing of that.
        """
        return (
            distinguishes(self.problem.limits)
            or self.upper <= self.best.gain * (1 + _PROVABLE)
            or self._pairs(sites) <= _SMALL_PAIRS
        )

    def _prove(self, sites: Ints, sure: Ints, seconds: float) -> None:
        """Solve what the bound leaves open, if there is time and it is not too large."""
        if self._pairs(sites) > _PROGRAM_PAIRS or seconds <= 0:
            return
        answer = self._exactly(sites, sure, seconds)
        if answer.columns is not None and answer.value > self.best.gain:
            self._keep(Found(chosen_sites(answer, sites), answer.value))
        # Sites left out cannot better the plan that was in hand, so the larger of both bounds every plan.
        proved = max(answer.bound, self.best.gain)
        if proved < self.upper:
            self.upper, self.source = proved, "정수계획 (HiGHS)"

    def _exactly(self, sites: Ints, sure: Ints, seconds: float, nodes: int | None = None) -> Answer:
        """Solve with some sites, of which ``sure`` are chosen, from the best plan on."""
        part = narrowed(self.reduced, sites)
        program, _ = cover_program(part, np.arange(sites.size), self.problem)
        program.lower[np.searchsorted(sites, sure)] = 1.0
        answer = program.solve(seconds, np.searchsorted(sites, self.best.sites), nodes)
        self.cut |= answer.late
        return answer

    def _turns(self, round_: int) -> int:
        """Return the turns of a run of annealing: twice as many each round, more for more sites."""
        first = float(np.clip(50 * self.reduced.sites, 20_000, _FIRST_TURNS))
        longer = 4 if self._large() else 1  # few runs, but long ones
        return self.effort.turns or int(min(longer * first * 4**round_, _MOST_TURNS))

    def _large(self) -> bool:
        return self.reduced.instance[1].size > _LARGE

    def _pairs(self, sites: Ints) -> int:
        return int(np.diff(self.reduced.instance[0])[sites].sum())

    def _proved(self) -> bool:
        return self.upper <= self.best.gain * (1 + _TIE)

    def _until(self, share: float) -> float:
        return self.started + share * self.effort.seconds

    def _left(self, share: float) -> float:
        return self._until(share) - perf_counter()

    def _tell(self, what: str) -> None:
        if self.effort.progress is not None:
            constant = self.reduced.constant
            self.effort.progress(what, constant + self.best.gain, constant + self.upper)
