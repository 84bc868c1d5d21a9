"""A target share within the money and the number there is: the least that reaches it, or how far one gets.

Set covering has one of the two as its objective (least money, or fewest sites) and the other as a limit. Where the
target is not reached within them, maximal covering with the same money and number says how much is, and its bound
proves that no plan reaches more.
"""

from dataclasses import replace
from time import perf_counter

import numpy as np

from geo.siting.limits import check, usable_sites
from geo.siting.model import ClashError, Effort, Limits, Problem, Solution, Status, TimeUpError
from geo.siting.set_cover import cheapest, fewest
from geo.siting.solve import solve, value_of

_SLACK = 1e-9
_PART = 0.6  # of the time, before it is asked how far one gets


def reached(problem: Problem, share: float, effort: Effort | None = None, *, by_number: bool = False) -> Solution:
    """Choose the sites that reach a share of sum(weight) for least money, or with fewest sites, within all limits.

    ``bound`` of the answer is the least money, or number, that any plan within the limits needs.

    Raises
    ------
    ClashError
        It is proved that the target is not reached within the limits; with a budget or a number the message says how
        far one gets with them.
    TimeUpError
        No plan that reaches it within them was found in time, and none is proved to be missing.
    """
    effort = effort or Effort()
    limits = problem.limits
    if limits.budget_krw is None and limits.count is None:
        return (fewest if by_number else cheapest)(problem, share, effort)
    check(replace(problem, limits=replace(limits, budget_krw=None)))
    started, error, least = perf_counter(), None, 0.0
    part = replace(effort, seconds=_PART * effort.seconds)
    try:
        found = _fewest_within(problem, share, part) if by_number else _cheapest_within(problem, share, part)
        if _kept(problem, found):
            return found
        least = found.bound
    except (ClashError, TimeUpError) as raised:
        error = raised
    target = share * float(problem.weight.sum())
    free = usable_sites(replace(problem, limits=Limits(forbidden=limits.forbidden)))
    if error is not None and value_of(problem, np.flatnonzero(free)) < target * (1 - _SLACK):
        raise error  # all candidates together do not reach it, whatever the money
    left = max(effort.seconds - (perf_counter() - started), (1 - _PART) * effort.seconds)
    return _how_far(problem, share, replace(effort, seconds=left), least, by_number=by_number)


def _cheapest_within(problem: Problem, share: float, effort: Effort) -> Solution:
    """Return the least money within the number; whether that is within the budget is for the caller to see."""
    return cheapest(replace(problem, limits=replace(problem.limits, budget_krw=None)), share, effort)


def _fewest_within(problem: Problem, share: float, effort: Effort) -> Solution:
    """Return the fewest sites within the budget: where the fewest of all cost too much, numbers are tried by halving.

    For each the cover that the money buys is maximised: a plan that reaches the target is one of so many sites, and a
    bound under it proves that more are needed.
    """
    limits = problem.limits
    quick = replace(effort, seconds=effort.seconds / 3)
    free = fewest(replace(problem, limits=replace(limits, count=None)), share, quick)
    if limits.budget_krw is None or free.cost_krw <= limits.budget_krw * (1 + _SLACK):
        return free
    least = cheapest(replace(problem, limits=replace(limits, budget_krw=None, count=None)), share, quick)
    if least.cost_krw > limits.budget_krw * (1 + _SLACK):
        return replace(least, bound=free.bound, status=Status.BOUNDED)  # too dear: for the caller to see
    best, proved, low = least, free.bound, int(free.bound)
    until, target = perf_counter() + quick.seconds, share * float(problem.weight.sum())
    while low < best.chosen.size and perf_counter() < until:
        number = (low + best.chosen.size) // 2
        some = replace(problem, limits=replace(limits, count=number))
        try:
            found = solve(some, replace(effort, seconds=max((until - perf_counter()) / 3, 0.2)))
        except ClashError:  # with a least number, or sites that must be in
            low, proved = number + 1, max(proved, number + 1.0)
            continue
        except TimeUpError:
            low = number + 1
            continue
        if found.value >= target * (1 - _SLACK):
            best = found
            continue
        low = number + 1
        if found.bound < target * (1 - _SLACK):
            proved = max(proved, number + 1.0)
    status = Status.OPTIMAL if proved >= best.chosen.size else Status.BOUNDED
    return replace(best, bound=min(proved, float(best.chosen.size)), status=status, bound_from="라그랑주 완화")


def _kept(problem: Problem, found: Solution) -> bool:
    limits = problem.limits
    return (limits.budget_krw is None or found.cost_krw <= limits.budget_krw * (1 + _SLACK)) and (
        limits.count is None or found.chosen.size <= limits.count
    )


def _how_far(problem: Problem, share: float, effort: Effort, least: float, *, by_number: bool) -> Solution:
    """Return the best cover the money buys if that reaches the target; else raise how far it gets."""
    total, limits = float(problem.weight.sum()), problem.limits
    parts = [f"예산 {limits.budget_krw:,.0f}원"] if limits.budget_krw is not None else []
    parts += [f"개소 수 {limits.count}곳"] if limits.count is not None else []
    within = "과 ".join(parts)
    found = solve(problem, effort)
    if found.value >= share * total * (1 - _SLACK):
        has = float(found.chosen.size) if by_number else found.cost_krw
        status = Status.OPTIMAL if least >= has * (1 - _SLACK) else Status.BOUNDED
        return replace(found, bound=min(least, has), status=status)
    needs = f" 목표에는 적어도 {least:,.0f}{'곳이' if by_number else '원이'} 듭니다." if least > 0 else ""
    hint = "예산이나 개소 수를 늘리거나 목표를 낮추십시오"
    if found.bound < share * total * (1 - _SLACK):
        raise ClashError(
            f"목표 {share:.1%}는 {within} 안에서 닿지 않습니다: 가장 많이 닿는 계획이 {found.value / total:.1%}이고, "
            f"어떤 계획도 {found.bound / total:.1%}를 넘지 못합니다.{needs}", hint,
        )  # fmt: skip
    raise TimeUpError(
        f"목표 {share:.1%}에 {within} 안에서 닿는 계획을 찾지 못했습니다 (없다는 증명은 아닙니다): 찾은 것은 "
        f"{found.value / total:.1%}, 상한은 {found.bound / total:.1%}입니다.{needs}", f"--seconds를 늘리거나 {hint}",
    )  # fmt: skip
