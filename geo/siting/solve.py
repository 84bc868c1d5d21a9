"""Maximal covering, solved: reduce, improve and bound, describe."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Bools, Ints
from geo.siting.bound import Room, Shares, lagrange, shares_of
from geo.siting.clash import named_clash
from geo.siting.coarse import blocks, coarse_problem, is_wide
from geo.siting.exact import chosen_sites, cover_program
from geo.siting.improve import Improve
from geo.siting.limits import check, distinguishes, limit_arrays, usable_sites
from geo.siting.model import Effort, Problem, Solution, Status
from geo.siting.reduce import Reduced, reduce_problem
from geo.siting.search import Found, greedy
from geo.siting.wide import Wide

_TIE = 1e-9
_BOUND_ROUNDS = 1000
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
    usable = usable_sites(problem)
    if is_wide(problem, usable) and not problem.limits.floors:
        found = solve_wide(problem, usable, effort, started)
        if found is not None:
            return found
    return _Solver(problem, reduce_problem(problem, usable), effort, started).solution()


def solve_wide(problem: Problem, usable: Bools, effort: Effort, started: float) -> Solution | None:
    """Return the solution of a checked problem begun on coarse ground; None where limits ask for the exact solver."""
    return _Solver(problem, coarse_problem(problem, usable, blocks(problem)), effort, started).wide_solution()


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
        shares = self._shares(room)
        part = 1.0 if shares is None else _BEFORE_SHARES
        effort = replace(self.effort, seconds=part * self.effort.seconds)
        improve = Improve(self.problem, self.reduced, room, most, effort, self.started, begun)
        improve.run()
        if shares is not None and improve.upper > improve.best.gain * (1 + _TIE):
            until = max(self.started + self.effort.seconds, perf_counter() + (1 - part) * self.effort.seconds)
            threads, known = self.effort.threads, improve.best.gain
            bound = lagrange(self.reduced, replace(room, shares=shares), known, _BOUND_ROUNDS, until, threads)
            if bound.gain < improve.upper:
                improve.upper, improve.source = bound.gain, "라그랑주 완화"
        return self._described(improve.best, improve.upper, improve.source, cut=improve.cut)

    def wide_solution(self) -> Solution | None:
        """Return the solution of a problem laid out on coarse ground; None where limits ask for the exact solver."""
        limits = limit_arrays(self.problem, self.reduced.site)
        count = self.problem.limits.count
        most = self.reduced.sites if count is None else min(count, self.reduced.sites)
        begun = greedy(self.reduced, limits, most, np.flatnonzero(limits[10] == 1))
        if begun is None or begun.gain <= 0:
            return None
        room = self._room(float(limits[0][0]), np.inf if count is None else float(count), limits[10] == 1)
        until = self.started + self.effort.seconds
        found = Wide(self.problem, self.reduced, room, most, self.effort, until, begun)
        found.run()
        return self._described(found.best, found.upper, "라그랑주 완화", cut=found.cut)

    def _room(self, budget: float, most: float, forced: Bools) -> Room:
        """Return what the bound is judged within. Sites of one price make a budget a number: half a site is none."""
        cost = self.problem.cost_krw[self.reduced.site]
        if np.isfinite(budget) and cost.size and 0 < cost.min() == cost.max():
            return Room(np.inf, min(most, float(np.floor(budget / cost[0] * (1 + _TIE)))), forced)
        for group in self.problem.limits.groups:  # one of them, such as existing sites of which most stay
            kept = np.isin(self.reduced.site, group.sites)
            if 0 < group.at_least <= kept.sum() and (not np.isfinite(budget) or not cost[kept].any()):
                return Room(budget, most, forced, kept, group.at_least)
        return Room(budget, most, forced)

    def _shares(self, room: Room) -> Shares | None:
        """Return the limits by group that the bound has still to mind; None with a budget or for one group kept."""
        groups = self.problem.limits.groups
        if np.isfinite(room.budget) or (room.kept is not None and len(groups) == 1):
            return None
        return shares_of(groups, self.reduced.site)

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
