"""The plan that raises the worst-served dong to a floor, and what the floor costs.

Small problems go to HiGHS with a row a floor. In a large one each floor has a price mu_f >= 0 on its missing cover:

    value <= max over plans of [ sum w c + sum_f mu_f (share_f(c) - floor_f) ]

for every mu (Lagrangian relaxation), which is a covering problem with other weights, solved and bounded as any. A dong
under its floor gets a higher price, and the best plan met that keeps all floors is given.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.model import Floats, Ints
from geo.siting.limits import usable_sites
from geo.siting.model import ClashError, Effort, Floor, Group, Limits, Problem, Solution, Status, TimeUpError
from geo.siting.pairs import keep_pairs
from geo.siting.reduce import reduce_problem, select_sites
from geo.siting.set_cover import cheapest, quickly
from geo.siting.solve import solve, value_of

_EASY_PAIRS = 60_000
_ROUNDS = 10
_SLACK = 1e-9
_PRICED_SHARE = 0.7  # of the time; the rest is for a plan, where no price gave one


@dataclass(frozen=True)
class FloorPlan:
    """A plan with a floor beside the one without. ``lost_value``: cover given up for the floor within the same limits.

    ``least_cost_krw``: what a plan that reaches the floor costs, the least found (NaN: none found in time); what any
    costs at the least is ``least_cost_bound_krw``.
    """

    with_floor: Solution
    without: Solution
    least_cost_krw: float
    least_cost_bound_krw: float

    @property
    def lost_value(self) -> float:
        """Return sum(weight x cover) given up for the floor."""
        return self.without.value - self.with_floor.value


def with_floor(
    problem: Problem,
    dong_of_point: Ints,
    names: tuple[str, ...],
    floor: float,
    effort: Effort | None = None,
    weight: Floats | None = None,
) -> FloorPlan:
    """Maximise cover with every dong's share covered at least ``floor`` (0..1).

    ``dong_of_point`` int64 (n,), -1 none. ``weight`` float64 (n,): what shares are counted by, such as households;
    without it the problem's own. Dong without weight have no floor.

    Raises
    ------
    ClashError
        The floor cannot be reached within the limits; the message says what reaching it would cost.
    """
    effort = effort or Effort()
    until = perf_counter() + effort.seconds
    counts = problem.weight if weight is None else weight
    floors = []
    for dong, name in enumerate(names):
        points = np.flatnonzero((dong_of_point == dong) & (counts > 0))
        if points.size:
            floors.append(Floor(name, points, floor, counts[points]))
    floored = replace(problem, limits=replace(problem.limits, floors=tuple(floors)))
    _check_reachable(floored)
    small = _small(floored)
    cheap, bound = _least_cost(floored, _within(effort, until, 3), small=small)
    cost = float("nan") if cheap is None else float(problem.cost_krw[cheap].sum())
    budget = problem.limits.budget_krw
    if budget is not None and bound > budget * (1 + 1e-9):
        raise ClashError(
            f"모든 동을 {floor:.0%}로 올리려면 적어도 {bound:,.0f}원이 듭니다 (예산 {budget:,.0f}원)",
            "예산을 늘리거나 하한을 낮추십시오",
        )
    without = solve(problem, _within(effort, until, 3))
    part = _within(effort, until, 1)
    return FloorPlan(solve(floored, part) if small else _priced(floored, part, without, cheap), without, cost, bound)


def _within(effort: Effort, until: float, parts: float) -> Effort:
    """Return the effort with its part of the time that is left; a second where none is, so that there is an answer."""
    return replace(effort, seconds=max((until - perf_counter()) / parts, min(1.0, effort.seconds)))


def shares(problem: Problem, chosen: Ints) -> Floats:
    """Return the share covered that each floor of the problem has with some sites, float64 (floors,)."""
    cover = problem.base.copy()
    for j in chosen:
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        at = problem.pairs.point[here]
        cover[at] = np.maximum(cover[at], problem.pairs.value[here])
    found = []
    for floor in problem.limits.floors:
        weight = floor.weights(problem)
        found.append(float(weight @ cover[floor.points].astype(float)) / FULL / float(weight.sum()))
    return np.array(found)


def _check_reachable(problem: Problem) -> None:
    """Raise what no plan can reach, dong by dong."""
    most = shares(problem, np.flatnonzero(usable_sites(problem)))
    for floor, reached in zip(problem.limits.floors, most, strict=True):
        if reached < floor.least - _SLACK:
            raise ClashError(
                f"{floor.name}: 후보를 모두 써도 {reached:.1%}까지라 하한 {floor.least:.0%}에 닿지 않습니다",
                "하한을 낮추거나 후보를 늘리십시오 (--within district, --candidates)",
            )


def _small(problem: Problem) -> bool:
    return reduce_problem(problem, usable_sites(problem)).instance[1].size <= _EASY_PAIRS


def _least_cost(problem: Problem, effort: Effort, *, small: bool) -> tuple[Ints | None, float]:
    """Return the cheapest plan found that keeps the floors (None: none in time), and what none can cost less than."""
    free = replace(problem, limits=replace(problem.limits, budget_krw=None, count=None))
    if small:
        try:
            least = cheapest(free, 0.0, effort)
        except TimeUpError:
            return None, _dong_by_dong(free, effort)[1]
        return least.chosen, least.bound
    return _dong_by_dong(free, effort)


def _dong_by_dong(problem: Problem, effort: Effort) -> tuple[Ints | None, float]:
    """Return a plan that reaches one floor after another, and a bound: sites are split by whom they reach.

    A site's cost is shared among the floors it adds to, by what it adds; a plan that keeps all floors pays at least
    the sum of what each floor costs at those parts, for each site pays in full once.
    """
    floors, pairs = problem.limits.floors, problem.pairs
    site = np.repeat(np.arange(pairs.sites), np.diff(pairs.start))
    gain = np.maximum(pairs.value.astype(float) - problem.base[pairs.point], 0.0)
    adds = np.zeros((len(floors), pairs.sites))
    for f, floor in enumerate(floors):
        counts = np.zeros(pairs.points)
        counts[floor.points] = floor.weights(problem)
        adds[f] = np.bincount(site, gain * counts[pairs.point], pairs.sites)
    part = np.divide(adds, adds.sum(axis=0), out=np.zeros_like(adds), where=adds.sum(axis=0) > 0)
    low = [f for f, reached in enumerate(shares(problem, np.empty(0, np.int64))) if reached < floors[f].least - _SLACK]
    usable = usable_sites(problem)
    chosen = np.asarray(problem.limits.forced, np.int64)
    bound, found, until = 0.0, True, perf_counter() + effort.seconds
    for k, f in enumerate(low):
        sites = np.flatnonzero((part[f] > 0) & usable)
        alone = _one_floor(problem, floors[f], sites, chosen)
        parted = replace(alone, cost_krw=(problem.cost_krw * part[f])[sites], limits=Limits())
        each = replace(effort, seconds=max((until - perf_counter()) / (2 * (len(low) - k)), 0.0))
        if not sites.size:  # nothing adds to it
            found = False
            continue
        with suppress(ClashError, TimeUpError):  # it only makes the bound better
            bound += quickly(parted, floors[f].least, each).bound
        try:
            chosen = np.union1d(chosen, sites[quickly(alone, floors[f].least, each).chosen])
        except (ClashError, TimeUpError):  # with what was chosen before it; another order may do
            found = False
    return (chosen, min(bound, float(problem.cost_krw[chosen].sum()))) if found else (None, bound)


def _one_floor(problem: Problem, floor: Floor, sites: Ints, chosen: Ints) -> Problem:
    """Return the problem of one floor: the pairs of its own points and some sites; those chosen already are forced.

    Spacing and most numbers hold, with those chosen elsewhere; least numbers are left for the whole.
    """
    counts = np.zeros(problem.pairs.points)
    counts[floor.points] = floor.weights(problem)
    pairs = select_sites(keep_pairs(problem.pairs, counts[problem.pairs.point] > 0), sites)
    return Problem(counts, problem.base, pairs, problem.cost_krw[sites], _part_of_limits(problem, sites, chosen))


def _part_of_limits(problem: Problem, sites: Ints, chosen: Ints) -> Limits:
    number = np.full(problem.pairs.sites, -1, np.int64)
    number[sites] = np.arange(sites.size)
    taken, near = np.isin(np.arange(problem.pairs.sites), chosen), problem.limits.too_near
    barred = np.concatenate([near[taken[near[:, 0]], 1], near[taken[near[:, 1]], 0]])
    groups = []
    for group in problem.limits.groups:
        inside, most = number[group.sites], group.at_most
        if most is not None and (inside >= 0).any():
            elsewhere = int(taken[group.sites[inside < 0]].sum())
            groups.append(Group(group.name, inside[inside >= 0], at_most=max(most - elsewhere, 0)))
    inside_near = number[near]
    return Limits(
        forced=np.flatnonzero(taken[sites]),
        forbidden=np.setdiff1d(number[np.setdiff1d(barred, chosen)], [-1]),
        groups=tuple(groups),
        too_near=inside_near[(inside_near >= 0).all(axis=1)],
    )


def _priced(problem: Problem, effort: Effort, without: Solution, cheap: Ints | None) -> Solution:
    """Return the best plan met that keeps the floors, prices on which rise where they are missed.

    ``without``: the plan at prices of nothing, the first one met. ``cheap``: a plan that keeps the floors for little.
    """
    started = perf_counter()
    floors = problem.limits.floors
    plain = replace(problem, limits=replace(problem.limits, floors=()))
    price, step = np.zeros(len(floors)), 0.5 * float(problem.weight.sum()) / len(floors)
    least = np.array([floor.least for floor in floors])
    part = replace(effort, seconds=effort.seconds / (_ROUNDS + 1))
    best, value, bound, cut, found = None, -np.inf, np.inf, False, without
    for round_ in range(_ROUNDS):
        if round_:
            if perf_counter() - started > _PRICED_SHARE * effort.seconds:
                cut = True
                break
            found = solve(_weighed(plain, problem, price), part)
        cut |= found.cut_short
        bound = min(bound, found.bound - float(price @ least))
        reached = shares(problem, found.chosen)
        mine = value_of(problem, found.chosen)
        if (reached >= least - _SLACK).all():
            if mine > value:
                best, value = found.chosen, mine
            if not price.any():
                break
            price = np.maximum(price - 0.3 * step * (reached - least > 0.02), 0.0)
            step *= 0.7
        else:
            price = np.maximum(price + step * np.clip((least - reached) / 0.1, -0.1, 1.0), 0.0)
    if best is None:
        left = max(effort.seconds - (perf_counter() - started), part.seconds)
        best = _filled(plain, problem, replace(effort, seconds=left), cheap)
        value = value_of(problem, best)
    bound = max(bound, value)
    status = Status.OPTIMAL if bound - value <= _SLACK * max(bound, 1e-300) else Status.BOUNDED
    return Solution(
        best, value, value_of(problem, best[:0]), bound, "라그랑주 완화(하한)", status,
        float(problem.cost_krw[best].sum()), perf_counter() - started, cut,
    )  # fmt: skip


def _weighed(plain: Problem, problem: Problem, price: Floats) -> Problem:
    """Return the problem without floors whose weights pay their prices."""
    weight = problem.weight.copy()
    for floor, mu in zip(problem.limits.floors, price, strict=True):
        counts = floor.weights(problem)
        weight[floor.points] += mu * counts / counts.sum()
    return replace(plain, weight=weight)


def _filled(plain: Problem, problem: Problem, effort: Effort, cheap: Ints | None) -> Ints:
    """Return a plan that reaches each floor cheaply first and spends what is left on the whole."""
    limits = problem.limits
    chosen = cheap
    if chosen is None or not _fits(problem, chosen):
        chosen = _floor_by_floor(problem, replace(effort, seconds=effort.seconds / 2))
    if not _fits(problem, chosen):
        raise TimeUpError(
            "하한을 지키는 계획을 조건 안에서 찾지 못했습니다 "
            f"(찾은 것은 {problem.cost_krw[chosen].sum():,.0f}원, {chosen.size}곳; 없다는 증명은 아닙니다)",
            "예산을 늘리거나 하한을 낮추거나 --seconds를 늘리십시오",
        )
    try:
        half = replace(effort, seconds=effort.seconds / 2)
        return solve(replace(plain, limits=replace(limits, forced=chosen, floors=())), half).chosen
    except ClashError as error:
        raise _not_found() from error


def _fits(problem: Problem, chosen: Ints) -> bool:
    limits, money = problem.limits, float(problem.cost_krw[chosen].sum())
    return not (
        (limits.budget_krw is not None and money > limits.budget_krw)
        or (limits.count is not None and chosen.size > limits.count)
    )


def _floor_by_floor(problem: Problem, effort: Effort) -> Ints:
    """Return sites that reach one floor after another, those chosen for one counted for the next."""
    floors, until = problem.limits.floors, perf_counter() + effort.seconds
    chosen = np.asarray(problem.limits.forced, np.int64)
    site = np.repeat(np.arange(problem.pairs.sites), np.diff(problem.pairs.start))
    usable = np.flatnonzero(usable_sites(problem))
    for f, floor in enumerate(floors):
        if shares(problem, chosen)[f] >= floor.least:
            continue
        counts = np.zeros(problem.pairs.points)
        counts[floor.points] = 1.0
        sites = np.intersect1d(np.unique(site[counts[problem.pairs.point] > 0]), usable)
        alone = _one_floor(problem, floor, sites, chosen)
        each = replace(effort, seconds=max((until - perf_counter()) / (len(floors) - f), 0.0))
        try:
            chosen = np.union1d(chosen, sites[quickly(alone, floor.least, each).chosen])
        except (ClashError, TimeUpError) as error:  # with what was chosen for other floors, not with the limits as such
            raise _not_found() from error
    return chosen


def _not_found() -> TimeUpError:
    return TimeUpError(
        "하한을 지키는 계획을 조건 안에서 찾지 못했습니다 (없다는 증명은 아닙니다)",
        "최소 간격이나 동별 개소의 조건을 늦추거나 하한을 낮추거나 --seconds를 늘리십시오",
    )
