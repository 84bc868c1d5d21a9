"""Maximal covering, solved: reduce, search, bound, and prove where that can be done."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Ints
from geo.siting.bound import Bound, Room, hopeless, lagrange
from geo.siting.exact import Answer, chosen_sites, cover_program
from geo.siting.kernels import Limits as LimitArrays
from geo.siting.limits import check, limit_arrays, usable_sites
from geo.siting.model import ClashError, Effort, Problem, Solution, Status
from geo.siting.reduce import Reduced, distinguishes, narrowed, reduce_problem
from geo.siting.search import HOT, WARM, Found, Search, alike_sites, first_price, greedy, runs

_MIP_PAIRS = 400_000  # more pairs than these are not given to the exact solver at once
_MERGE_PAIRS = 16_000  # of the sites from which one plan is made anew
_MERGE_NODES = 1000
_ROUNDS = 4
_SMALL_SEARCH = 1_000_000  # turns: what is searched with fewer is searched once
_SEARCH_SHARE = 0.75
_LARGE = 2_000_000  # pairs: the search is shorter, the bound takes longer
_LARGE_SHARE = 0.5
_LARGE_VISITS = 3e8  # pairs looked at by one run
_TIE = 1e-9


def solve(problem: Problem, effort: Effort | None = None) -> Solution:
    """Choose the sites that cover most within the limits, and prove how good that is.

    Returns a plan that keeps every limit, with a bound valid for all plans. ``Status.OPTIMAL`` is said only where
    the bound meets the value, to 1e-9 of it.

    Raises
    ------
    SitingError, CostError, ClashError
        As :func:`geo.siting.limits.check`; ClashError also where the exact solver proves that no plan exists.
    """
    started = perf_counter()
    effort = effort or Effort()
    check(problem)
    reduced = reduce_problem(problem, usable_sites(problem))
    return _Solver(problem, reduced, effort, started).solution()


@dataclass
class _Solver:
    """One problem being solved."""

    problem: Problem
    reduced: Reduced
    effort: Effort
    started: float

    def solution(self) -> Solution:
        limits = limit_arrays(self.problem, self.reduced.site)
        forced = np.flatnonzero(limits[10] == 1)
        until = self.started + self.effort.seconds
        count = self.problem.limits.count
        most = self.reduced.sites if count is None else min(count, self.reduced.sites)
        if not self.reduced.instance[1].size and not distinguishes(self.problem.limits):
            return self._nothing(forced)
        room = Room(float(limits[0][0]), np.inf if count is None else float(count), limits[10] == 1)
        begun = None if self._needs_program() else greedy(self.reduced, limits, most, forced)
        found = [] if begun is None else self._search(limits, most, begun, until)
        best = max(found, key=lambda f: f.gain, default=None)
        bound = self._bound(room, best, until)
        self._tell("상한 계산", best.gain if best else 0.0, bound.gain)
        answer = self._prove(found, bound, room, until)
        return self._described(*answer, cut=any(f.cut for f in found) or bound.cut)

    def _needs_program(self) -> bool:
        """Floors are kept by the exact solver alone: the search knows nothing of them."""
        return bool(self.problem.limits.floors)

    def _search(self, limits: LimitArrays, most: int, begun: Found, until: float) -> list[Found]:
        """Anneal from the greedy plan, make the best plan of the sites met, anneal on from there, again and again."""
        effort = self.effort
        turns = effort.turns or turns_for(self.reduced)
        large = self.reduced.instance[1].size > _LARGE
        share = _LARGE_SHARE if large else _SEARCH_SHARE  # the rest of the time is for the proof
        until = self.started + share * (until - self.started)
        self._tell("탐욕 해", begun.gain, np.inf)
        similar = alike_sites(self.reduced)
        search = Search(self.reduced, limits, most, similar, turns, effort.threads, until)
        found, best = [begun], begun
        for round_ in range(_ROUNDS):
            seeds = [effort.seed * 1000 + 100 * round_ + k for k in range(effort.runs)]
            heat = HOT if round_ % 2 == 0 else WARM
            start = begun if round_ % 2 == 0 else best
            found += runs(search, start, seeds, heat)
            best = self._merged(found, max(found, key=lambda f: f.gain), until) if effort.exact else best
            found.append(best)
            self._tell("교환 탐색", max(f.gain for f in found), np.inf)
            if large or perf_counter() > until or turns * effort.runs < _SMALL_SEARCH:
                break
        return found

    def _bound(self, room: Room, best: Found | None, until: float) -> Bound:
        pairs = self.reduced.instance[1].size
        rounds = int(np.clip(4e9 / max(pairs, 1), 300, 3000))
        threads = self.effort.threads if pairs > _LARGE else 1
        if best is None:
            return lagrange(self.reduced, room, 0.0, rounds, until, threads)
        price = first_price(self.reduced, best.sites)
        return lagrange(self.reduced, room, best.gain, rounds, until, threads, price)

    def _prove(self, found: list[Found], bound: Bound, room: Room, until: float) -> tuple[Found, float, str]:
        """Return the best plan, the bound and where that is from, after the exact solver had its say."""
        best = max(found, key=lambda f: f.gain, default=None)
        upper, source = bound.gain, "라그랑주 완화"
        if best is not None and upper <= best.gain * (1 + _TIE):
            return best, upper, source
        if not self.effort.exact and best is not None:
            return best, upper, source
        plain = not distinguishes(self.problem.limits)
        out = hopeless(bound, self.reduced, room, best.gain) if best is not None and plain else None
        sites = np.arange(self.reduced.sites) if out is None else np.flatnonzero(~out)
        if best is not None and self._pairs(sites) > _MIP_PAIRS:
            return best, upper, source
        answer = self._exactly(sites, best, until - perf_counter())
        if not answer.possible and best is None:
            raise ClashError("모든 조건을 함께 지키는 계획이 없습니다", "하한·최소 개소·예산 가운데 하나를 늦추십시오")
        if answer.columns is not None and (best is None or answer.value > best.gain):
            best = Found(chosen_sites(answer, sites), answer.value)
        if best is None:
            raise ClashError(
                "시간 안에 조건을 모두 지키는 계획을 찾지 못했습니다", "--seconds를 늘리거나 조건을 늦추십시오"
            )
        # Sites left out cannot better the plan that was in hand, so the larger of both bounds every plan.
        proved = max(answer.bound, best.gain)
        return (best, proved, "정수계획 (HiGHS)") if proved < upper else (best, upper, source)

    def _merged(self, found: list[Found], best: Found, until: float) -> Found:
        """Return the best plan made of the sites of the best plans found, or ``best``."""
        sites = best.sites
        for other in sorted(found, key=lambda f: -f.gain):
            wider = np.union1d(sites, other.sites)
            if self._pairs(wider) > _MERGE_PAIRS:
                break
            sites = wider
        left = 0.3 * (until - perf_counter())
        if left <= 0 or sites.size == best.sites.size:
            return best
        answer = self._exactly(sites, best, left, _MERGE_NODES)
        if answer.columns is None or answer.value <= best.gain * (1 + 1e-12):
            return best
        return Found(chosen_sites(answer, sites), answer.value, best.cut)

    def _exactly(self, sites: Ints, start: Found | None, seconds: float, nodes: int | None = None) -> Answer:
        reduced, of = self.reduced, sites
        if not self.problem.limits.floors:  # a floor's points must stay apart
            reduced, of = narrowed(reduced, sites), np.arange(sites.size)
        program, _ = cover_program(reduced, of, self.problem)
        begin = None if start is None else np.searchsorted(sites, start.sites[np.isin(start.sites, sites)])
        return program.solve(seconds, self.effort.threads, begin, nodes)

    def _pairs(self, sites: Ints) -> int:
        return int(np.diff(self.reduced.instance[0])[sites].sum())

    def _nothing(self, forced: Ints) -> Solution:
        return self._described(Found(forced, 0.0), 0.0, "이득 없음", cut=False)

    def _described(self, found: Found, bound: float, source: str, *, cut: bool) -> Solution:
        chosen = np.sort(self.reduced.site[found.sites])
        value = value_of(self.problem, chosen)
        base = value_of(self.problem, np.empty(0, np.int64))
        upper = max(self.reduced.constant + bound, value)
        status = Status.OPTIMAL if upper - value <= _TIE * max(upper, 1e-300) else Status.BOUNDED
        if bound <= 0:
            status = Status.NOTHING_TO_GAIN
        return Solution(
            chosen, value, base, upper, source, status, float(self.problem.cost_krw[chosen].sum()),
            perf_counter() - self.started, cut,
        )  # fmt: skip

    def _tell(self, what: str, value: float, bound: float) -> None:
        if self.effort.progress is not None:
            self.effort.progress(what, self.reduced.constant + value, self.reduced.constant + bound)


def turns_for(reduced: Reduced) -> int:
    """Return how many turns of annealing a run gets: more for more sites, within reason."""
    turns = float(np.clip(1500 * reduced.sites, 20_000, 4_000_000))
    pairs = reduced.instance[1].size
    if pairs > _LARGE:
        turns = min(turns, _LARGE_VISITS * reduced.sites / pairs)
    return int(turns)


def value_of(problem: Problem, chosen: Ints) -> float:
    """Return sum(weight x cover) with some sites: each point takes its best."""
    cover = problem.base.copy()
    for j in chosen:
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        at = problem.pairs.point[here]
        cover[at] = np.maximum(cover[at], problem.pairs.value[here])
    return float(problem.weight @ cover.astype(float)) / FULL
