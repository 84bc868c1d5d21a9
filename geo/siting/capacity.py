"""Sites that serve only so many households, such as lockers (capacitated covering: Current and Storbeck 1988)."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Floats, Ints
from geo.siting.clash import named_clash
from geo.siting.exact import Program, add_limits, chosen_sites
from geo.siting.limits import check, usable_sites
from geo.siting.model import Effort, Problem, SitingError, Solution, Status
from geo.siting.reduce import Reduced, make_instance, select_sites


@dataclass(frozen=True)
class Served:
    """A plan with capacities: ``load`` float64 (m,) the weight each site serves.

    ``parts``: site, point and share of the point's weight that the site serves, arrays of one length.
    """

    solution: Solution
    load: Floats
    parts: tuple[Ints, Ints, Floats]


def with_capacity(problem: Problem, capacity: Floats, effort: Effort | None = None) -> Served:
    """Choose sites and share each point's weight among those that reach it, none over its ``capacity`` (m,).

    A point served by a site gains cover over its base; it may be served in parts. The value is sum over parts of
    weight x cover. Solved by HiGHS with a column a pair: meant for cells, not for pixels.
    """
    started = perf_counter()
    effort = effort or Effort()
    check(problem)
    if capacity.shape != problem.cost_krw.shape or not (capacity >= 0).all():
        raise SitingError("수용량이 없거나 음수인 후보가 있습니다", "후보마다 0 이상의 수용량을 주십시오")
    site = np.flatnonzero(usable_sites(problem))
    pairs = select_sites(problem.pairs, site)
    m, n, k = site.size, pairs.points, pairs.point.size
    of_site, at = np.repeat(np.arange(m), np.diff(pairs.start)), pairs.point.astype(np.int64)
    gain = np.maximum(pairs.value.astype(float) - problem.base[at], 0.0) / FULL * problem.weight[at]
    program = Program(m + k, m, np.concatenate([np.zeros(m), gain]), np.zeros(m + k), np.ones(m + k))
    program.lower[:m] = np.isin(site, np.asarray(problem.limits.forced, np.int64))
    pair = np.arange(k)
    program.add(at, m + pair, np.ones(k), np.full(n, -np.inf), np.ones(n))
    program.add(
        np.concatenate([pair, pair]), np.concatenate([m + pair, of_site]), np.repeat([1.0, -1.0], k),
        np.full(k, -np.inf), np.zeros(k),
    )  # fmt: skip
    scale = max(float(capacity.max(initial=0.0)), 1e-9)
    program.add(
        np.concatenate([of_site, np.arange(m)]), np.concatenate([m + pair, np.arange(m)]),
        np.concatenate([problem.weight[at], -capacity[site]]) / scale, np.full(m, -np.inf), np.zeros(m),
    )  # fmt: skip
    reduced = Reduced(
        make_instance(pairs, problem.weight, problem.base), problem.cost_krw[site], site, np.arange(n), 0.0
    )
    add_limits(program, reduced, np.arange(m), problem)
    answer = program.solve(effort.seconds - (perf_counter() - started))
    if not answer.possible:
        raise named_clash(problem)
    columns = answer.require_plan(effort.seconds, "모든 조건을 함께 지키는 계획이 없습니다")
    chosen = site[chosen_sites(answer, np.arange(m))]
    load = np.zeros(problem.pairs.sites)
    load[site] = np.bincount(of_site, columns[m:] * problem.weight[at], m)
    served = columns[m:] > 0
    parts = (site[of_site[served]], at[served], columns[m:][served])
    base = float(problem.weight @ problem.base) / FULL
    value = base + answer.value
    solution = Solution(
        chosen, value, base, max(base + answer.bound, value), "정수계획 (HiGHS)",
        Status.OPTIMAL if answer.optimal else Status.BOUNDED, float(problem.cost_krw[chosen].sum()),
        perf_counter() - started, answer.late,
    )  # fmt: skip
    return Served(solution, load, parts)
