"""Maximal covering, solved: reduce, improve and bound, describe."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Bools, Ints
from geo.siting.bound import Room, lagrange, shares_of
from geo.siting.clash import named_clash
from geo.siting.coarse import coarse_bound, is_wide
from geo.siting.exact import chosen_sites, cover_program
from geo.siting.improve import Improve
from geo.siting.limits import check, distinguishes, limit_arrays, usable_sites
from geo.siting.model import Effort, Problem, Solution, Status
from geo.siting.reduce import Reduced, reduce_problem
from geo.siting.search import Found, greedy

_TIE = 1e-9
_BOUND_ROUNDS = 1000
_WIDE_SHARE = 0.6  # of the time, where the bound needs some of its own
_BEFORE_SHARES = 0.85  # of the time, where limits by group are bounded afterwards


def solve(problem: Problem, effort: Effort | None = None) -> Solution:
    """Choose the sites that cover most within the limits, and prove how good that is.

    Returns a plan that keeps every limit, with a bound valid for all plans. ``Status.OPTIMAL`` is said only where
    the bound meets the value, to 1e-9 of it.

    Raises
    ------
    SitingError, CostError, ClashError
        As :func:`geo.siting.limits.check`; ClashError also where the exact solver proves that no plan exists.
    TimeUpError
        Time ended before any plan that keeps all limits was found.
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
        count = self.problem.limits.count
        most = self.reduced.sites if count is None else min(count, self.reduced.sites)
        if not self.reduced.instance[1].size and not distinguishes(self.problem.limits):
            return self._described(Found(forced, 0.0), 0.0, "이득 없음", cut=False)
        room = self._room(float(limits[0][0]), np.inf if count is None else float(count), limits[10] == 1)
        # Floors are kept by the exact solver alone: the search knows nothing of them.
        begun = None if self.problem.limits.floors else greedy(self.reduced, limits, most, forced)
        if begun is None:
            return self._by_program(room)
        wide = is_wide(self.reduced, self.problem)
        shares = shares_of(self.problem.limits.groups, self.reduced.site) if not np.isfinite(room.budget) else None
        part = _WIDE_SHARE if wide else _BEFORE_SHARES if shares is not None else 1.0
        effort = replace(self.effort, seconds=part * self.effort.seconds)
        improve = Improve(self.problem, self.reduced, room, most, effort, self.started, begun)
        improve.run()
        if wide and improve.upper > improve.best.gain * (1 + _TIE):
            seconds = max(self.started + self.effort.seconds - perf_counter(), (1 - _WIDE_SHARE) * self.effort.seconds)
            found = coarse_bound(self.reduced, self.problem, room, improve.best.gain, seconds, self.effort.threads)
            if found.gain < improve.upper:
                improve.upper, improve.source = found.gain, "라그랑주 완화"
        if shares is not None and improve.upper > improve.best.gain * (1 + _TIE):
            until = max(self.started + self.effort.seconds, perf_counter() + (1 - part) * self.effort.seconds)
            threads, known = self.effort.threads, improve.best.gain
            bound = lagrange(self.reduced, replace(room, shares=shares), known, _BOUND_ROUNDS, until, threads)
            if bound.gain < improve.upper:
                improve.upper, improve.source = bound.gain, "라그랑주 완화"
        return self._described(improve.best, improve.upper, improve.source, cut=improve.cut)

    def _room(self, budget: float, most: float, forced: Bools) -> Room:
        """Return what the bound is judged within. Sites of one price make a budget a number: half a site is none."""
        cost = self.problem.cost_krw[self.reduced.site]
        if np.isfinite(budget) and cost.size and 0 < cost.min() == cost.max():
            return Room(np.inf, min(most, float(np.floor(budget / cost[0] * (1 + _TIE)))), forced)
        return Room(budget, most, forced)

    def _by_program(self, room: Room) -> Solution:
        """Solve by the exact solver alone."""
        until = self.started + self.effort.seconds
        bound = lagrange(self.reduced, room, 0.0, _BOUND_ROUNDS, self.started + 0.2 * self.effort.seconds)
        sites = np.arange(self.reduced.sites)
        program, _ = cover_program(self.reduced, sites, self.problem)  # a floor's points stay apart
        answer = program.solve(until - perf_counter())
        if not answer.possible:
            raise named_clash(self.problem)
        answer.require_plan(self.effort.seconds, "모든 조건을 함께 지키는 계획이 없습니다")
        upper, source = min((answer.bound, "정수계획 (HiGHS)"), (bound.gain, "라그랑주 완화"))
        return self._described(Found(chosen_sites(answer, sites), answer.value), upper, source, cut=answer.late)

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


def value_of(problem: Problem, chosen: Ints) -> float:
    """Return sum(weight x cover) with some sites: each point takes its best."""
    cover = problem.base.copy()
    for j in chosen:
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        at = problem.pairs.point[here]
        cover[at] = np.maximum(cover[at], problem.pairs.value[here])
    return float(problem.weight @ cover.astype(float)) / FULL
