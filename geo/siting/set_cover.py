"""Fewest sites, or least money, for a target share (location set covering, partial: Daskin and Owen 1999).

Small problems go to HiGHS. In a large one a greedy plan is bettered by maximal covering with less and less money, and
the bound is that of the same prices: what sites earn at any prices must make up the target,

    sum over chosen j of r_j(p) >= target - constant - sum(p)

so the least money that earns so much, sites taken in part, is less than any plan costs.
"""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from geo.model import Floats, Ints
from geo.siting import kernels
from geo.siting.bound import Room, lagrange
from geo.siting.clash import named_clash
from geo.siting.exact import chosen_sites, cover_program
from geo.siting.limits import as_sites, check, limit_arrays, usable_sites
from geo.siting.model import ClashError, CostError, Effort, Floor, Problem, Solution, Status, TimeUpError
from geo.siting.reduce import Reduced, reduce_problem
from geo.siting.search import choose, empty_state, first_price, fresh, gain_of
from geo.siting.solve import solve, value_of

_SLACK = 1e-9
_EASY_PAIRS = 60_000  # more are first searched
_PROGRAM_PAIRS = 400_000
_PRICES = 4  # times the prices are looked for
_QUICK_SECONDS, _QUICK_PAIRS = 1.0, 3_000
_NEAR = 1e-3  # of the cost: money nearer to a plan's is not tried


def cheapest(problem: Problem, target_share: float, effort: Effort | None = None) -> Solution:
    """Choose the sites that reach ``target_share`` of sum(weight) for least cost; for fewest sites give unit costs.

    In the answer ``value`` and ``base_value`` are of cover as always; ``bound`` is the least cost any plan
    needs, and ``gap`` does not apply: compare ``bound`` with ``cost_krw``. Limits of the problem hold too.

    Raises
    ------
    ClashError
        The target is beyond what all sites together reach, or cannot be kept within the limits.
    """
    started = perf_counter()
    effort = effort or Effort()
    check(problem)
    usable = usable_sites(problem)
    target = target_share * float(problem.weight.sum())
    most = value_of(problem, np.flatnonzero(usable))
    if most < target * (1 - _SLACK):
        raise ClashError(
            f"목표 {target_share:.1%}는 후보를 모두 써도 닿지 않습니다 (최대 {most / problem.weight.sum():.1%})",
            "목표를 낮추거나 후보를 늘리십시오",
        )
    reduced = reduce_problem(problem, usable)
    search = _Search(problem, reduced, target, effort, started)
    forced = as_sites(problem.limits.forced)
    if not (problem.limits.floors or any(g.at_least for g in problem.limits.groups)) and (
        value_of(problem, forced) >= target * (1 - _SLACK)
    ):
        return search.reached_already(forced)
    if problem.limits.floors:
        return search.exactly(effort.seconds, 0.0)
    if reduced.instance[1].size <= _EASY_PAIRS:
        try:
            return search.exactly(effort.seconds, 0.0)
        except TimeUpError:
            return search.run()
    return search.run()


def quickly(problem: Problem, target_share: float, effort: Effort) -> Solution:
    """Reach the target as :func:`cheapest` does where that is small; else greedily, with a bound.

    The exact solver looks at the clock seldom: what it may be given must be small for a limit of seconds to hold.
    """
    check(problem)
    target = target_share * float(problem.weight.sum())
    reduced = reduce_problem(problem, usable_sites(problem))
    if effort.seconds >= _QUICK_SECONDS and reduced.instance[1].size <= _QUICK_PAIRS:
        return cheapest(problem, target_share, effort)
    return _Search(problem, reduced, target, effort, perf_counter()).greedily()


@dataclass
class _Search:
    """A target being reached for less and less."""

    problem: Problem
    reduced: Reduced
    target: float
    effort: Effort
    started: float

    def reached_already(self, forced: Ints) -> Solution:
        """Return what must be in anyway, which is enough."""
        return self._described(forced, self._cost(forced), "이미 닿음", cut=False)

    def greedily(self) -> Solution:
        """Return the greedy plan, with what any costs at least."""
        best = self._greedy()
        if best is None:
            raise TimeUpError("시간 안에 목표에 닿는 계획을 찾지 못했습니다", "--seconds를 늘리십시오")
        return self._described(best, self._bound(best), "라그랑주 완화", cut=True)

    def run(self) -> Solution:
        """Return the best of greedy, halving of the money, and the exact solver if there is time."""
        best = self._greedy()
        if best is None:
            return self.exactly(self._left(1.0), 0.0)
        bound = self._bound(best)
        low, cut = bound, False
        while True:
            money = self._rounded((low + self._cost(best)) / 2)
            if not low <= money < self._cost(best) * (1 - _NEAR):
                break
            cut = self._left(0.7) <= 0
            if cut:
                break
            found = self._with_money(money)
            if found is not None and found.value >= self.target * (1 - _SLACK):
                best = found.chosen
                continue
            low = max(money, low + _NEAR * self._cost(best))
            if found is not None and found.bound < self.target * (1 - _SLACK):
                bound = max(bound, self._rounded_up(float(np.nextafter(money, np.inf))))
        found = self._described(best, bound, "라그랑주 완화", cut=cut)
        if found.status is Status.OPTIMAL or self.reduced.instance[1].size > _PROGRAM_PAIRS:
            return found
        try:
            exact = self.exactly(self._left(1.0), bound)
        except TimeUpError:
            return replace(found, cut_short=True)
        if exact.cost_krw <= found.cost_krw:
            return exact
        return self._described(best, max(bound, exact.bound), exact.bound_from, cut=True)

    def exactly(self, seconds: float, bound: float) -> Solution:
        """Solve by HiGHS."""
        problem, reduced = self.problem, self.reduced
        sites = np.arange(reduced.sites)
        program, levels = cover_program(reduced, sites, problem)
        scale = max(float(reduced.cost.max(initial=0.0)), 1.0)
        program.objective = np.concatenate([-reduced.cost / scale, np.zeros(levels.point.size)])
        total = float(problem.weight.sum())
        program.add_one(
            sites.size + np.arange(levels.point.size), levels.worth / total,
            (self.target - reduced.constant) / total - _SLACK, np.inf,
        )  # fmt: skip
        answer = program.solve(seconds)
        if not answer.possible:
            raise named_clash(self._with_target())
        answer.require_plan(self.effort.seconds, "목표와 조건을 함께 지키는 계획이 없습니다")
        chosen = np.sort(reduced.site[chosen_sites(answer, sites)])
        lower = max(bound, -answer.bound * scale)
        solution = self._described(chosen, lower, "정수계획 (HiGHS)", cut=answer.late)
        return replace(solution, status=Status.OPTIMAL) if answer.optimal else solution

    def _with_target(self) -> Problem:
        """Return the problem with the target as a floor for everybody, so that a clash with it can be named."""
        total = float(self.problem.weight.sum())
        whole = Floor("목표", np.arange(self.problem.weight.size), self.target / total, self.problem.weight)
        limits = self.problem.limits
        return replace(self.problem, limits=replace(limits, floors=(*limits.floors, whole)))

    def _greedy(self) -> Ints | None:
        """Return the sites that gain most for their cost up to the target, None where limits stopped them short."""
        reduced = self.reduced
        limits = fresh(limit_arrays(self.problem, reduced.site))
        state, forced = empty_state(reduced.instance, reduced.sites), np.flatnonzero(limits[10] == 1)
        choose(reduced, state, limits, forced)
        kernels.lazy_greedy(reduced.instance, state, reduced.cost, limits, reduced.sites, True)
        order = state[4][forced.size : state[6][0]].astype(np.int64)  # as they were chosen
        state, limits = empty_state(reduced.instance, reduced.sites), fresh(limits)
        choose(reduced, state, limits, forced)
        gain, need = gain_of(reduced.instance, state), self.target - reduced.constant
        for j in order:
            if gain >= need * (1 - _SLACK):
                break
            gain += kernels.gain_of(reduced.instance, state[0], int(j))
            choose(reduced, state, limits, [int(j)])
        kept = gain >= need * (1 - _SLACK) and bool((limits[4] >= limits[5]).all())
        return np.sort(reduced.site[state[4][: state[6][0]].astype(np.int64)]) if kept else None

    def _bound(self, plan: Ints) -> float:
        """Return the least cost that any plan needs, from the prices of maximal covering with about that money."""
        reduced, problem = self.reduced, self.problem
        locked = np.isin(reduced.site, as_sites(problem.limits.forced))
        money, best = self._cost(plan), 0.0
        price = first_price(reduced, np.flatnonzero(np.isin(reduced.site, plan)))
        for _ in range(_PRICES):
            until = perf_counter() + 0.12 * self.effort.seconds
            room = Room(money, np.inf, locked)
            found = lagrange(reduced, room, self.target - reduced.constant, 1000, until, self.effort.threads, price)
            least = least_money(found.profit, reduced.cost, locked, self.target - reduced.constant - found.price.sum())
            price, better = found.price, least > best * (1 + 1e-4)
            best = max(best, least)
            if not better:
                break
            money = least
        return self._rounded_up(best * (1 - _SLACK))

    def _with_money(self, money: float) -> Solution | None:
        seconds = max(self._left(0.85) / 3, 0.2)
        limits = replace(self.problem.limits, budget_krw=money)
        try:
            return solve(replace(self.problem, limits=limits), replace(self.effort, seconds=seconds))
        except (ClashError, CostError, TimeUpError):
            return None

    def _described(self, chosen: Ints, bound: float, source: str, *, cut: bool) -> Solution:
        cost = self._cost(chosen)
        bound = min(bound, cost)
        status = Status.OPTIMAL if cost - bound <= _SLACK * max(cost, 1.0) else Status.BOUNDED
        return Solution(
            chosen, value_of(self.problem, chosen), value_of(self.problem, chosen[:0]), bound, source, status, cost,
            perf_counter() - self.started, cut,
        )  # fmt: skip

    def _cost(self, plan: Ints) -> float:
        return float(self.problem.cost_krw[plan].sum())

    def _rounded(self, money: float) -> float:
        """Return money in whole sites where all cost alike."""
        one = self.reduced.cost[0] if self.reduced.cost.min() == self.reduced.cost.max() else 0.0
        return float(np.floor(money / one + 1e-9) * one) if one > 0 else money

    def _rounded_up(self, money: float) -> float:
        one = self.reduced.cost[0] if self.reduced.cost.min() == self.reduced.cost.max() else 0.0
        return float(np.ceil(money / one - 1e-9) * one) if one > 0 else money

    def _left(self, share: float) -> float:
        return self.started + share * self.effort.seconds - perf_counter()


def least_money(
    profit: Floats, cost: Floats, forced: np.ndarray[tuple[int], np.dtype[np.bool_]], needed: float
) -> float:
    """Return the least money for which sites, each in part if need be, earn ``needed``; forced ones are paid for."""
    spent, needed = float(cost[forced].sum()), needed - float(profit[forced].sum())
    free = np.flatnonzero(~forced & (profit > 0))
    if needed <= 0:
        return spent
    order = free[np.lexsort((free, cost[free] / profit[free]))]
    earned = np.cumsum(profit[order])
    whole = int(np.searchsorted(earned, needed))
    if whole == order.size:
        return spent + float(cost[order].sum())
    before = float(earned[whole - 1]) if whole else 0.0
    return spent + float(cost[order[:whole]].sum() + (needed - before) / profit[order[whole]] * cost[order[whole]])


def fewest(problem: Problem, target_share: float, effort: Effort | None = None) -> Solution:
    """Choose the fewest sites that reach the target: :func:`cheapest` with a cost of 1 a site and no budget."""
    alike = replace(problem, cost_krw=np.ones(problem.pairs.sites), limits=replace(problem.limits, budget_krw=None))
    found = cheapest(alike, target_share, effort)
    # A whole number of sites: the bound rounds up.
    return replace(
        found, bound=float(np.ceil(found.bound - 1e-6)), cost_krw=float(problem.cost_krw[found.chosen].sum())
    )
