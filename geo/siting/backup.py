"""Backup cover: people reached by two sites, so that one may fail (Hogan and ReVelle 1986, BACOP2)."""

from dataclasses import replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL, Bytes
from geo.model import Floats, Ints
from geo.siting.clash import named_clash
from geo.siting.exact import Program, add_limits, chosen_sites
from geo.siting.limits import check, usable_sites
from geo.siting.model import Effort, Pairs, Problem, Solution, Status
from geo.siting.pairs import keep_pairs
from geo.siting.reduce import Reduced, make_instance, merge_alike, select_sites


def twice(
    problem: Problem, already: Bytes, share_twice: float, least_cover: float = 0.5, effort: Effort | None = None
) -> Solution:
    """Maximise (1 - a) x households reached once + a x households reached twice, a = ``share_twice``.

    Reached by a site means cover of at least ``least_cover``. ``already`` uint8 (n,): how many existing
    facilities reach each point (more than 2 count as 2); it stands in for the problem's base. Solved by HiGHS,
    whose bound is given.
    """
    started = perf_counter()
    effort = effort or Effort()
    check(problem)
    site = np.flatnonzero(usable_sites(problem))
    pairs, weight, reached = _alike(select_sites(problem.pairs, site), problem.weight, already, least_cover)
    m = site.size
    program = _program(problem, site, (pairs, weight, reached), share_twice)
    begin = _greedy(problem, already, share_twice, least_cover)
    start = None if begin is None else np.flatnonzero(np.isin(site, begin))
    answer = program.solve(effort.seconds - (perf_counter() - started), start)
    if not answer.possible:
        raise named_clash(problem)
    answer.require_plan(effort.seconds, "모든 조건을 함께 지키는 계획이 없습니다")
    # Points that no site reaches, or that are reached twice already, are left out of the program.
    fixed = float(problem.weight @ ((1.0 - share_twice) * (already >= 1) + share_twice * (already >= 2)))
    chosen = site[chosen_sites(answer, np.arange(m))]
    value = twice_value(problem, already, share_twice, chosen, least_cover)
    return Solution(
        chosen, value, fixed, max(fixed + answer.bound, value), "정수계획 (HiGHS)",
        Status.OPTIMAL if answer.optimal else Status.BOUNDED, float(problem.cost_krw[chosen].sum()),
        perf_counter() - started, answer.late,
    )  # fmt: skip


def _program(problem: Problem, site: Ints, merged: tuple[Pairs, Floats, Bytes], share_twice: float) -> Program:
    """Return the program over the sites ``site``: y, then z1 and z2 of every point of ``merged`` (:func:`_alike`)."""
    pairs, weight, reached = merged
    m, n = site.size, pairs.points
    once = _worth(weight, reached, 1, 1.0 - share_twice)
    again = _worth(weight, reached, 2, share_twice)
    nothing = make_instance(pairs, weight, np.zeros(n, np.uint8))
    reduced = Reduced(nothing, problem.cost_krw[site], site, np.arange(n), 0.0)
    objective = np.concatenate([np.zeros(m), once, again])
    # Where twice is worth more than once, halves of both would pay more than either: z is whole too.
    integers = m if share_twice <= 0.5 else m + 2 * n
    program = Program(m + 2 * n, integers, objective, np.zeros(m + 2 * n), np.ones(m + 2 * n))
    program.lower[m:] = np.concatenate([reached >= 1, reached >= 2])
    program.lower[:m] = np.isin(site, np.asarray(problem.limits.forced, np.int64))
    point = np.arange(n)
    # z1 + z2 <= already + sum of y, and z2 <= z1.
    program.add(
        np.concatenate([point, point, pairs.point.astype(np.int64)]),
        np.concatenate([m + point, m + n + point, np.repeat(np.arange(m), np.diff(pairs.start))]),
        np.concatenate([np.ones(2 * n), -np.ones(pairs.point.size)]),
        np.full(n, -np.inf), np.minimum(reached, 2).astype(float),
    )  # fmt: skip
    program.add(
        np.concatenate([point, point]), np.concatenate([m + n + point, m + point]),
        np.concatenate([np.ones(n), -np.ones(n)]), np.full(n, -np.inf), np.zeros(n),
    )  # fmt: skip
    add_limits(program, reduced, np.arange(m), problem)
    return program


def twice_value(problem: Problem, already: Bytes, share_twice: float, chosen: Ints, least_cover: float = 0.5) -> float:
    """Return the objective of :func:`twice` for some sites."""
    count = already.astype(np.int64)
    for j in chosen:
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        count[problem.pairs.point[here]] += problem.pairs.value[here] >= np.ceil(least_cover * FULL)
    return float(problem.weight @ ((1.0 - share_twice) * (count >= 1) + share_twice * (count >= 2)))


def _alike(pairs: Pairs, weight: Floats, already: Bytes, least_cover: float) -> tuple[Pairs, Floats, Bytes]:
    """Return the pairs that reach, with points one that the same sites reach and as many facilities already."""
    strong = (pairs.value >= np.ceil(least_cover * FULL)) & (weight[pairs.point] > 0) & (already[pairs.point] < 2)
    hard = keep_pairs(pairs, strong)
    hard = replace(hard, value=np.full(hard.point.size, FULL, np.uint8))
    _, merged, total, reached = merge_alike(hard, weight, already)
    return merged, total, reached


def _greedy(problem: Problem, already: Bytes, share_twice: float, least_cover: float) -> Ints | None:
    """Return a plan to begin with, sites by what they add for their cost; None where limits are too many for that."""
    limits = problem.limits
    if limits.groups or len(limits.too_near) or len(limits.forced):
        return None
    usable = usable_sites(problem)
    strong = keep_pairs(problem.pairs, problem.pairs.value >= np.ceil(least_cover * FULL))
    site = np.repeat(np.arange(strong.sites), np.diff(strong.start))
    count, price = already.astype(np.int64), np.maximum(problem.cost_krw, 1e-9)
    worth = problem.weight * np.where(already == 0, 1.0 - share_twice, np.where(already == 1, share_twice, 0.0))
    gain = np.bincount(site, worth[strong.point], strong.sites) / price
    chosen: list[int] = []
    left = np.inf if limits.budget_krw is None else limits.budget_krw
    most = strong.sites if limits.count is None else limits.count
    while len(chosen) < most:
        open_ = usable & (problem.cost_krw <= left) & (gain > 0)
        if not open_.any():
            break
        j = int(np.argmax(np.where(open_, gain, -1.0)))
        chosen.append(j)
        left -= float(problem.cost_krw[j])
        usable[j] = False
        at = strong.point[strong.start[j] : strong.start[j + 1]]
        count[at] += 1
        worth[at] = problem.weight[at] * np.where(count[at] == 1, share_twice, 0.0)
        gain = np.bincount(site, worth[strong.point], strong.sites) / price
    return np.array(sorted(chosen), np.int64)


def _worth(weight: Floats, already: Bytes, times: int, share: float) -> Floats:
    """Return what reaching each point for the ``times``-th time is worth: nothing where it is so already."""
    return np.where(already >= times, 0.0, weight * share)
