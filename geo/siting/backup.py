"""Backup cover: people reached by two sites, so that one may fail (Hogan and ReVelle 1986, BACOP2)."""

from time import perf_counter

import numpy as np

from geo.kernels import FULL, Bytes
from geo.model import Floats, Ints
from geo.siting.exact import Program, add_limits, chosen_sites
from geo.siting.limits import check, usable_sites
from geo.siting.model import Effort, Problem, Solution, Status
from geo.siting.reduce import Reduced, make_instance, select_sites


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
    pairs = select_sites(problem.pairs, site)
    m, n = site.size, pairs.points
    once = _worth(problem.weight, already, 1, 1.0 - share_twice)
    again = _worth(problem.weight, already, 2, share_twice)
    nothing = make_instance(pairs, problem.weight, np.zeros(n, np.uint8))
    reduced = Reduced(nothing, problem.cost_krw[site], site, np.arange(n), 0.0)
    objective = np.concatenate([np.zeros(m), once, again])
    # Where twice is worth more than once, halves of both would pay more than either: z is whole too.
    integers = m if share_twice <= 0.5 else m + 2 * n
    program = Program(m + 2 * n, integers, objective, np.zeros(m + 2 * n), np.ones(m + 2 * n))
    program.lower[m:] = np.concatenate([already >= 1, already >= 2])
    program.lower[:m] = np.isin(site, np.asarray(problem.limits.forced, np.int64))
    strong = pairs.value >= np.ceil(least_cover * FULL)
    point = np.arange(n)
    # z1 + z2 <= already + sum of y, and z2 <= z1.
    program.add(
        np.concatenate([point, point, pairs.point[strong].astype(np.int64)]),
        np.concatenate([m + point, m + n + point, np.repeat(np.arange(m), np.diff(pairs.start))[strong]]),
        np.concatenate([np.ones(2 * n), -np.ones(int(strong.sum()))]),
        np.full(n, -np.inf), np.minimum(already, 2).astype(float),
    )  # fmt: skip
    program.add(
        np.concatenate([point, point]), np.concatenate([m + n + point, m + point]),
        np.concatenate([np.ones(n), -np.ones(n)]), np.full(n, -np.inf), np.zeros(n),
    )  # fmt: skip
    add_limits(program, reduced, np.arange(m), problem)
    answer = program.solve(effort.seconds - (perf_counter() - started))
    answer.require_plan(effort.seconds, "모든 조건을 함께 지키는 계획이 없습니다")
    fixed = float(problem.weight @ ((1.0 - share_twice) * (already >= 1) + share_twice * (already >= 2)))
    chosen = site[chosen_sites(answer, np.arange(m))]
    value = twice_value(problem, already, share_twice, chosen, least_cover)
    return Solution(
        chosen, value, fixed, max(fixed + answer.bound, value), "정수계획 (HiGHS)",
        Status.OPTIMAL if answer.optimal else Status.BOUNDED, float(problem.cost_krw[chosen].sum()),
        perf_counter() - started, answer.late,
    )  # fmt: skip


def twice_value(problem: Problem, already: Bytes, share_twice: float, chosen: Ints, least_cover: float = 0.5) -> float:
    """Return the objective of :func:`twice` for some sites."""
    count = already.astype(np.int64)
    for j in chosen:
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        count[problem.pairs.point[here]] += problem.pairs.value[here] >= np.ceil(least_cover * FULL)
    return float(problem.weight @ ((1.0 - share_twice) * (count >= 1) + share_twice * (count >= 2)))


def _worth(weight: Floats, already: Bytes, times: int, share: float) -> Floats:
    """Return what reaching each point for the ``times``-th time is worth: nothing where it is so already."""
    return np.where(already >= times, 0.0, weight * share)
