"""Sites that serve only so many households, such as lockers (capacitated covering: Current and Storbeck 1988)."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Bools, Floats, Ints
from geo.siting.bound import Room, lagrange
from geo.siting.clash import named_clash
from geo.siting.exact import Answer, Program, add_limits, chosen_sites
from geo.siting.limits import check, keeps, usable_sites
from geo.siting.model import Effort, Pairs, Problem, SitingError, Solution, Status, TimeUpError
from geo.siting.pairs import keep_pairs
from geo.siting.reduce import Reduced, make_instance, select_sites
from geo.siting.sharing import Market, bounded, greedily

_PROGRAM_PAIRS = 60_000  # more are bounded by prices, and only the sites that earn most go to the exact solver
_FEW_PAIRS = 15_000
_GREEDY_SHARE, _PRICE_SHARE, _BOUND_SHARE = 0.2, 0.3, 0.6  # of the time, by when each is to end
_PRICE_ROUNDS = 500
_TIE = 1e-9
_SHARE_S = 3.0  # for the best shares of a plan whose search was cut short, a linear program


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
    weight x cover. Small problems go to HiGHS with a column a pair: meant for cells, not for pixels. In a large one the
    sites that earn most do, and the bound is that of prices (:mod:`geo.siting.sharing`).
    """
    started = perf_counter()
    effort = effort or Effort()
    check(problem)
    if capacity.shape != problem.cost_krw.shape or not (capacity >= 0).all():
        raise SitingError("수용량이 없거나 음수인 후보가 있습니다", "후보마다 0 이상의 수용량을 주십시오")
    usable = usable_sites(problem)
    if np.diff(problem.pairs.start)[usable].sum() > _PROGRAM_PAIRS:
        return _largely(problem, capacity, usable, effort, started)
    return _exactly(problem, capacity, usable, effort, started)


def _exactly(
    problem: Problem, capacity: Floats, usable: Bools, effort: Effort, started: float, begin: Ints | None = None
) -> Served:
    """Solve by HiGHS over the sites ``usable``, from the plan ``begin`` on where one is given."""
    site = np.flatnonzero(usable)
    pairs = select_sites(problem.pairs, site)
    program, of_site, at = _program(problem, pairs, site, capacity[site])
    m = site.size
    start = None if begin is None else np.flatnonzero(np.isin(site, begin))
    answer = program.solve(effort.seconds - (perf_counter() - started), start)
    if not answer.possible:
        raise named_clash(problem)
    columns = answer.require_plan(effort.seconds, "모든 조건을 함께 지키는 계획이 없습니다")
    chosen = site[chosen_sites(answer, np.arange(m))]
    columns, gain = _shared(program, m, answer, columns)
    load = np.zeros(problem.pairs.sites)
    load[site] = np.bincount(of_site, columns[m:] * problem.weight[at], m)
    served = columns[m:] > 0
    parts = (site[of_site[served]], at[served], columns[m:][served])
    base = float(problem.weight @ problem.base) / FULL
    value = base + gain
    solution = Solution(
        chosen, value, base, max(base + answer.bound, value), "정수계획 (HiGHS)",
        Status.OPTIMAL if answer.optimal else Status.BOUNDED, float(problem.cost_krw[chosen].sum()),
        perf_counter() - started, answer.late,
    )  # fmt: skip
    return Served(solution, load, parts)


def _shared(program: Program, m: int, answer: Answer, columns: Floats) -> tuple[Floats, float]:
    """Return the columns of a plan and what they gain, its sites (the first ``m`` columns) serving as much as they can.

    A search that was cut short shares points out as it came upon the plan; for given sites the best shares are a
    linear program. So no plan serves less than its sites do alone.
    """
    if answer.optimal:
        return columns, answer.value
    program.lower[:m] = program.upper[:m] = np.round(columns[:m])
    again = program.solve(_SHARE_S)
    if again.columns is None or again.value <= answer.value:
        return columns, answer.value
    return again.columns, again.value


def _program(problem: Problem, pairs: Pairs, site: Ints, capacity: Floats) -> tuple[Program, Ints, Ints]:
    """Return the program over some sites, and the site (of ``site``) and the point of each column of a pair."""
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
        np.concatenate([problem.weight[at], -capacity]) / scale, np.full(m, -np.inf), np.zeros(m),
    )  # fmt: skip
    reduced = Reduced(
        make_instance(pairs, problem.weight, problem.base), problem.cost_krw[site], site, np.arange(n), 0.0
    )
    add_limits(program, reduced, np.arange(m), problem)
    return program, of_site, at


def _largely(problem: Problem, capacity: Floats, usable: Bools, effort: Effort, started: float) -> Served:
    """Bound by prices; give the greedy plan, or a better one of the sites that earn most at them."""
    site = np.flatnonzero(usable)
    pairs = select_sites(problem.pairs, site)
    pairs = keep_pairs(pairs, (pairs.value > problem.base[pairs.point]) & (problem.weight[pairs.point] > 0))
    market = _market(problem, pairs, site, capacity)
    plain = site[greedily(market, started + _GREEDY_SHARE * effort.seconds)]
    begin = None if keeps(problem, plain) else plain
    best = None
    if begin is not None:
        best = _exactly(problem, capacity, np.isin(np.arange(usable.size), begin), effort, perf_counter())
    base = float(problem.weight @ problem.base) / FULL
    known = best.solution.value - base if best is not None else 0.0
    bound, price = bounded(
        market, _prices(problem, pairs, site, market.room, known, started + _PRICE_SHARE * effort.seconds),
        known, started + _BOUND_SHARE * effort.seconds,
    )  # fmt: skip
    profit = np.zeros(usable.size)
    profit[site] = market.served(price)[1]
    few = _few(problem, usable, profit, begin)
    try:
        found = _exactly(problem, capacity, few, effort, started, begin)
        best = found if best is None or found.solution.value > best.solution.value else best
    except TimeUpError:
        if best is None:
            raise
    solution = best.solution
    upper = max(base + bound, solution.value)
    status = Status.OPTIMAL if upper - solution.value <= _TIE * max(upper, 1e-300) else Status.BOUNDED
    solution = replace(
        solution, bound=upper, bound_from="라그랑주 완화(수용량)", status=status, seconds=perf_counter() - started,
        cut_short=True,
    )  # fmt: skip
    return Served(solution, best.load, best.parts)


def _market(problem: Problem, pairs: Pairs, site: Ints, capacity: Floats) -> Market:
    limits, at = problem.limits, pairs.point.astype(np.int64)
    forced = np.isin(site, np.asarray(limits.forced, np.int64))
    budget = np.inf if limits.budget_krw is None else limits.budget_krw
    room = Room(budget, np.inf if limits.count is None else float(limits.count), forced)
    worth = (pairs.value.astype(float) - problem.base[at]) / FULL
    of_site = np.repeat(np.arange(site.size), np.diff(pairs.start))
    return Market(of_site, at, worth, problem.weight, capacity[site], problem.cost_krw[site], room)


def _prices(problem: Problem, pairs: Pairs, site: Ints, room: Room, known: float, until: float) -> list[Floats]:
    """Return prices to begin with: parts of those of the problem without capacities."""
    instance = make_instance(pairs, problem.weight, problem.base)
    plain = Reduced(instance, problem.cost_krw[site], site, np.arange(pairs.points), 0.0)
    price = lagrange(plain, room, known, _PRICE_ROUNDS, until).price
    unit = np.divide(price, problem.weight, out=np.zeros(price.size), where=problem.weight > 0)
    return [share * unit for share in (0.0, 0.25, 0.5, 0.75, 1.0)]


def _few(problem: Problem, usable: Bools, profit: Floats, begin: Ints | None) -> Bools:
    """Return the usable sites that earn most for their cost, as many as the exact solver takes, with those in hand."""
    few = np.zeros(usable.size, bool)
    few[np.asarray(problem.limits.forced, np.int64)] = True
    few[begin if begin is not None else np.empty(0, np.int64)] = True
    pairs = np.diff(problem.pairs.start)
    order = np.flatnonzero(usable & ~few)
    order = order[np.argsort(-profit[order] / np.maximum(problem.cost_krw[order], 1e-9), kind="stable")]
    few[order[np.cumsum(pairs[order]) <= _FEW_PAIRS - pairs[few].sum()]] = True
    return few
