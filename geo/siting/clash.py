"""Which limits clash: the fewest that no plan can keep together, found by leaving out one after another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from geo.siting.exact import Program, add_limits, cover_program
from geo.siting.limits import usable_sites
from geo.siting.model import ClashError, Limits, Problem, SolverError
from geo.siting.reduce import Reduced, make_instance, reduce_problem, select_sites

_PROGRAM_PAIRS = 400_000


@dataclass(frozen=True)
class _Rule:
    """A limit by its name, and how limits look without it."""

    name: str
    without: Callable[[Limits], Limits]


def named_clash(problem: Problem, seconds: float = 5.0) -> ClashError:
    """Return the error that names limits which cannot be kept together.

    Every limit whose absence leaves the clash is dropped (a deletion filter: Chinneck and Dravnieks 1991), so that
    what is named clashes, and would not without any one of it. What cannot be told in time is named too.
    """
    until = perf_counter() + seconds
    limits, named = problem.limits, []
    for rule in _rules(problem):
        fewer = rule.without(limits)
        possible = True if perf_counter() > until else _possible(replace(problem, limits=fewer), until)
        if possible:
            named.append(rule.name)
        else:
            limits = fewer
    return ClashError(
        f"함께 지킬 수 없는 조건입니다: {', '.join(named) or '없음'}", "이 가운데 하나를 늦추거나 빼십시오"
    )


def _rules(problem: Problem) -> list[_Rule]:
    limits = problem.limits
    rules = []
    if limits.budget_krw is not None:
        rules.append(_Rule(f"예산 {limits.budget_krw:,.0f}원", lambda at: replace(at, budget_krw=None)))
    if limits.count is not None:
        rules.append(_Rule(f"개소 수 {limits.count}", lambda at: replace(at, count=None)))
    if len(limits.forced):
        rules.append(_Rule(f"반드시 넣을 곳 {len(limits.forced)}개", lambda at: replace(at, forced=())))
    if len(limits.forbidden):
        rules.append(_Rule(f"뺄 곳 {len(limits.forbidden)}개", lambda at: replace(at, forbidden=())))
    if len(limits.too_near):
        rules.append(_Rule("최소 간격", lambda at: replace(at, too_near=at.too_near[:0])))
    for group in limits.groups:
        if group.at_least:
            rules.append(_Rule(f"{group.name} 최소 {group.at_least}곳", _without_group(group.name, "at_least", 0)))
        if group.at_most is not None:
            rules.append(_Rule(f"{group.name} 최대 {group.at_most}곳", _without_group(group.name, "at_most", None)))
    rules += [_Rule(f"{floor.name} 하한 {floor.least:.0%}", _without_floor(floor.name)) for floor in limits.floors]
    return rules


def _without_group(name: str, part: str, value: int | None) -> Callable[[Limits], Limits]:
    return lambda at: replace(
        at,
        groups=tuple(replace(g, **{part: value}) if g.name == name else g for g in at.groups),  # type: ignore[arg-type]
    )


def _without_floor(name: str) -> Callable[[Limits], Limits]:
    return lambda at: replace(at, floors=tuple(f for f in at.floors if f.name != name))


def _possible(problem: Problem, until: float) -> bool:
    """Return whether a plan may keep the limits: False only where it is proved that none does."""
    if problem.limits.floors:
        reduced = reduce_problem(problem, usable_sites(problem))
        if reduced.instance[1].size > _PROGRAM_PAIRS:
            return True
        program, _ = cover_program(reduced, np.arange(reduced.sites), problem)
    else:
        site = np.flatnonzero(usable_sites(problem))
        pairs = select_sites(problem.pairs, site)
        instance = make_instance(pairs, problem.weight, problem.base)
        reduced = Reduced(instance, problem.cost_krw[site], site, np.arange(pairs.points), 0.0)
        lower = np.isin(site, np.asarray(problem.limits.forced, np.int64)).astype(float)
        program = Program(site.size, site.size, np.zeros(site.size), lower, np.ones(site.size))
        add_limits(program, reduced, np.arange(site.size), problem)
    try:
        return program.solve(max(until - perf_counter(), 0.1)).possible
    except SolverError:
        return True
