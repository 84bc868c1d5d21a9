"""Several layers under one budget, as plans by layer: the figures of proof are of the whole."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from geo.errors import BadSettingError
from geo.model import DistrictInput, Floats, Ints, Settings
from geo.plans import LayerPlan, Measured
from geo.siting.asking import candidates_of, cost_of, limit_words, limits_of
from geo.siting.built import built_of, with_built
from geo.siting.describing import changes_of_dong, describe
from geo.siting.ground import Candidates, Ground, households_of, layer_problem, make_ground, supplied
from geo.siting.model import Effort, Group, Limits, RecountError, SitingError, Solution
from geo.siting.plan import Order, Step
from geo.siting.proving import check_limits
from geo.siting.ranking import in_order
from geo.siting.recount import agree, recount_change
from geo.siting.several import SeveralSites, join, solve_several


def plan_together(
    source: DistrictInput, settings: Settings, orders: Sequence[Order], budget_krw: float, *, years: int, effort: Effort
) -> tuple[list[LayerPlan], DistrictInput]:
    """Return a plan a layer, built one on the other, and the district with all of them.

    Raises
    ------
    BadSettingError
        A layer supplies no need that has a part in the combined cover, or several.
    SitingError
        Fewer than two layers, or an order with a model, floor or budget of its own.
    """
    if len(orders) < 2:
        raise SitingError("한 예산으로 고를 층이 둘 이상이어야 합니다", "예: --budget 5억 --layers cctv,security_light")
    for order in orders:
        if order.model != "cover" or order.floor is not None or order.budget_krw is not None:
            raise SitingError(
                f"{order.places.name}: 한 예산 안에서는 목표·두 겹·옮기기·수용량·하한·층별 예산을 쓸 수 없습니다",
                "그 층을 따로 계획하십시오",
            )
    began, ground = perf_counter(), make_ground(source, settings)
    joined, limits = _joined(ground, orders, budget_krw, years)
    left = effort.seconds - (perf_counter() - began)
    solution = solve_several(ground, joined, limits, replace(effort, seconds=max(left, effort.seconds / 2)))
    return _by_layer(source, settings, ground, orders, joined, solution, budget_krw, years)


def _joined(ground: Ground, orders: Sequence[Order], budget_krw: float, years: int) -> tuple[SeveralSites, Limits]:
    """Return all places as one list of sites with all limits."""
    layers, groups, near, forced, first = [], [], [np.empty((0, 2), np.int64)], [], 0
    for order in orders:
        budgeted = replace(order, budget_krw=budget_krw)
        candidates = candidates_of(order.places, cost_of(budgeted, years))
        _check_part(ground, order, candidates.needs)
        supplied(ground, candidates)
        own = limits_of(ground, order)
        layers.append(candidates)
        groups += [replace(g, name=f"{order.places.name} {g.name}", sites=g.sites + first) for g in own.groups]
        if order.count is not None:
            every = np.arange(first, first + len(order.places.ids))
            groups.append(Group(f"{order.places.name} 개소 수", every, at_most=order.count))
        near.append(own.too_near + first)
        forced += [j + first for j in order.forced]
        first += len(order.places.ids)
    return join(ground, layers), Limits(
        budget_krw=budget_krw, forced=tuple(forced), groups=tuple(groups), too_near=np.concatenate(near)
    )


def _check_part(ground: Ground, order: Order, needs: Sequence[str]) -> None:
    weights = dict(zip(ground.needs, ground.weights, strict=True))
    if any(weights.get(need, 0.0) > 0 for need in needs):
        return
    names = {s.need.id: s.need.name for s in ground.source.supplies}
    words = ", ".join(names.get(need, need) for need in needs)
    raise BadSettingError(
        f"{order.places.name}: {words}은(는) 종합에 들지 않아 다른 층과 한 예산에서 견줄 수 없습니다",
        f"가중치를 주거나(--weight {next(iter(needs), 'need')}=0.1) 자료를 가져오고, 아니면 그 층을 따로 계획하십시오",
    )


def _by_layer(
    source: DistrictInput, settings: Settings, ground: Ground, orders: Sequence[Order], joined: SeveralSites,
    solution: Solution, budget_krw: float, years: int,
) -> tuple[list[LayerPlan], DistrictInput]:  # fmt: skip
    plans: list[LayerPlan] = []
    built, first = source, 0
    whole = Measured(
        "모든 층의 종합 도달", "가구분", "up", solution.base_value, solution.value, solution.bound
    )  # fmt: skip
    for order in orders:
        places, n = order.places, len(order.places.ids)
        chosen = solution.chosen[(solution.chosen >= first) & (solution.chosen < first + n)] - first
        here = make_ground(built, settings)
        cost: Floats = joined.cost_krw[first : first + n]
        need = next(k for k in places.needs if k in here.needs)
        steps = _steps(here, candidates_of(places, cost), chosen)
        later = with_built(built, places.needs, built_of(places, chosen))
        counted = recount_change(built, later, settings)
        plans.append(
            LayerPlan(
                layer=places.layer, name=places.name, objective=here.needs, candidates=n, left_out=places.left_out,
                budget_krw=None, count=order.count, before=counted.before, after=counted.after, bound=counted.after,
                gap=solution.gap, status=solution.status.value, bound_from=solution.bound_from,
                seconds=solution.seconds, cut_short=solution.cut_short,
                gained={k: counted.gained[k] for k in places.needs if k in here.needs},
                sites=describe(source, places, steps, need, years, order.forced),
                limits=(f"모든 층을 합해 예산 {budget_krw:,.0f}원", *limit_words(ground, order)), model="together",
                measured=whole, dongs=changes_of_dong(source, counted, need),
            )
        )  # fmt: skip
        built, first = later, first + n
        check_limits(source, order, chosen, years)
    if sum(layer.total_krw for layer in plans) > budget_krw * (1 + 1e-9):
        raise RecountError("다시 세니 한 예산을 넘습니다", "계획을 내보내지 않았습니다. 알려 주십시오")
    agree(solution.value, recount_change(source, built, settings).after)
    return plans, built


def _steps(ground: Ground, candidates: Candidates, chosen: Ints) -> list[Step]:
    """Return the chosen sites in the order of building; only they are laid out."""
    if not chosen.size:
        return []
    zones = (candidates.zones[chosen], candidates.zone_cap[chosen]) if candidates.zones.size else ()
    few = Candidates(
        candidates.layer, candidates.needs, tuple(candidates.ids[j] for j in chosen), candidates.x[chosen],
        candidates.y[chosen], candidates.cost_krw[chosen], *zones,
    )  # fmt: skip
    problem = layer_problem(ground, few, Limits())
    steps = in_order(problem, households_of(ground), np.arange(chosen.size))
    return [replace(step, site=int(chosen[step.site])) for step in steps]
