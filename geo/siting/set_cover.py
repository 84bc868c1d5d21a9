"""Fewest sites, or least money, for a target share (location set covering, partial: Daskin and Owen 1999)."""

from dataclasses import replace
from time import perf_counter

import numpy as np

from geo.siting.exact import chosen_sites, cover_program
from geo.siting.limits import check, usable_sites
from geo.siting.model import ClashError, Effort, Problem, Solution, Status
from geo.siting.reduce import reduce_problem
from geo.siting.solve import value_of

_SLACK = 1e-9


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
    sites = np.arange(reduced.sites)
    program, levels = cover_program(reduced, sites, problem)
    scale = max(float(reduced.cost.max(initial=0.0)), 1.0)
    program.objective = np.concatenate([-reduced.cost / scale, np.zeros(levels.point.size)])
    total = float(problem.weight.sum())
    program.add_one(
        sites.size + np.arange(levels.point.size), levels.worth / total,
        (target - reduced.constant) / total - _SLACK, np.inf,
    )  # fmt: skip
    answer = program.solve(effort.seconds - (perf_counter() - started))
    answer.require_plan(effort.seconds, "목표와 조건을 함께 지키는 계획이 없습니다")
    chosen = np.sort(reduced.site[chosen_sites(answer, sites)])
    cost = float(problem.cost_krw[chosen].sum())
    bound = min(-answer.bound * scale, cost)
    return Solution(
        chosen, value_of(problem, chosen), value_of(problem, chosen[:0]), bound, "정수계획 (HiGHS)",
        Status.OPTIMAL if answer.optimal else Status.BOUNDED, cost, perf_counter() - started, answer.late,
    )  # fmt: skip


def fewest(problem: Problem, target_share: float, effort: Effort | None = None) -> Solution:
    """Choose the fewest sites that reach the target: :func:`cheapest` with a cost of 1 a site and no budget."""
    alike = replace(problem, cost_krw=np.ones(problem.pairs.sites), limits=replace(problem.limits, budget_krw=None))
    found = cheapest(alike, target_share, effort)
    # A whole number of sites: the bound rounds up.
    return replace(
        found, bound=float(np.ceil(found.bound - 1e-6)), cost_krw=float(problem.cost_krw[found.chosen].sum())
    )
