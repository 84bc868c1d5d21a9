"""From an order to a siting problem: what is judged, what it costs, what it must keep within."""

from dataclasses import replace

import numpy as np

from geo.district import takes_part
from geo.errors import BadSettingError
from geo.model import DataState, DistrictInput, Floats, Places, Settings
from geo.siting.areas import area_names, areas_of
from geo.siting.describing import dong_of, total_krw
from geo.siting.ground import Candidates, Ground, layer_problem
from geo.siting.limits import too_near
from geo.siting.model import CostError, Group, Limits, Problem, SitingError
from geo.siting.plan import Order


def settings_for(source: DistrictInput, settings: Settings, places: Places) -> Settings:
    """Return the settings a layer is judged by: a need shown on its own (weight 0) is judged on its own.

    So is replacing old lamps by smart ones, which lights no more of the way (domain.md 1).
    """
    supplies = {s.need.id: s for s in source.supplies}
    mine = [supplies[n] for n in places.needs if n in supplies]
    if not mine:
        raise BadSettingError(f"{places.name}: 채우는 필요가 없어 고를 수 없습니다", "필요를 채우는 층을 고르십시오")
    if any(takes_part(s, settings) for s in mine):
        return settings
    alone = [
        s.need.id for s in mine if s.state is not DataState.NONE and settings.weights.get(s.need.id, s.need.weight) == 0
    ]
    return replace(settings, needs=tuple(alone[:1])) if alone else settings


def problem_of(ground: Ground, order: Order, years: int) -> Problem:
    """Return the siting problem of an order.

    Raises
    ------
    CostError
        No cost is known, or a cost of nothing is to be kept within a budget.
    SitingError
        There are no candidates, or neither money nor a number is given.
    """
    places = order.places
    check_offered(places)
    if order.budget_krw is None and order.count is None and order.model not in {"target", "moves"}:
        raise SitingError(
            f"{places.name}: 예산도 개소 수도 없습니다", f"--budget {places.layer}=원 또는 --count {places.layer}=수"
        )
    candidates = candidates_of(places, cost_of(order, years))
    problem = layer_problem(ground, candidates, limits_of(ground, order))
    if order.target is None:
        check_affordable(order, candidates.cost_krw)
    return problem


def check_offered(places: Places) -> None:
    """Raise where there are no candidates at all, such as a grid over gap areas of which none is left.

    Raises
    ------
    SitingError
        There are none.
    """
    if not places.ids:
        raise SitingError(
            f"{places.name}: 후보지가 없습니다 (틈새가 없으면 그 안에 둘 격자도 없습니다)",
            "--candidates나 --within을 넓혀 보십시오 (예: --within district)",
        )


def check_affordable(order: Order, cost: Floats) -> None:
    """Raise where the budget is under the cheapest place; so that it is said whatever else a model holds for free.

    Raises
    ------
    CostError
        No place can be bought, and none is forced (which is a clash of its own).
    """
    budget, cheapest = order.budget_krw, float(cost.min(initial=np.inf))
    if budget is not None and budget < cheapest and not order.forced:
        raise CostError(
            f"{order.places.name}: 예산 {budget:,.0f}원은 가장 싼 후보 {cheapest:,.0f}원보다 적습니다",
            "예산을 늘리거나 더 싼 후보를 주십시오 (--candidates, --cost)",
        )


def cost_of(order: Order, years: int) -> Floats:
    """Return what each place of an order costs over the years, or to move to. Raises :class:`CostError`."""
    places = order.places
    below = np.flatnonzero((np.nan_to_num(places.once_krw) < 0) | (np.nan_to_num(places.year_krw) < 0))
    if below.size:
        raise CostError(
            f"{places.name}: 비용이 음수인 후보가 있습니다: {places.ids[int(below[0])]}", "0 이상의 원으로 고치십시오"
        )
    if order.moves is not None:
        return np.asarray(np.nan_to_num(places.once_krw), float)  # the yearly money moves along
    cost = total_krw(places, years)
    if order.fewest and order.budget_krw is None:
        return np.asarray(np.nan_to_num(cost), float)
    if np.isnan(cost).any():
        kind = places.kinds[int(np.flatnonzero(np.isnan(cost))[0])]
        raise CostError(
            f"{places.name}({kind})의 비용이 알려져 있지 않습니다",
            f"--cost {places.layer}=설치비 또는 --cost {places.layer}=설치비/연간비(원)",
        )
    if order.count is None and not order.fewest and not cost.any():
        raise CostError(
            f"{places.name}: 비용이 0원이면 예산으로 고를 수 없습니다", f"--count {places.layer}=수 로 고르십시오"
        )
    return cost


def candidates_of(places: Places, cost: Floats) -> Candidates:
    """Return places as the ground takes them."""
    return Candidates(
        places.layer, places.needs, places.ids, places.x, places.y, cost, places.zones, places.zone_cap
    )  # fmt: skip


def limits_of(ground: Ground, order: Order) -> Limits:
    """Return the limits of an order; the floor is not among them."""
    places, areas, names = order.places, areas_of(ground.source), area_names(ground.source)
    dong = dong_of(ground.source, places.x, places.y)
    every = range(len(ground.source.dong_names))
    most = dict.fromkeys(every, order.most_each) if order.most_each is not None else {}
    most |= order.most
    groups = tuple(
        Group(names[a], np.flatnonzero(np.isin(dong, areas[a].dongs)), order.least.get(a, 0), most.get(a))
        for a in sorted({*order.least, *most})
    )
    return Limits(
        budget_krw=order.budget_krw, count=order.count, forced=order.forced, groups=groups,
        too_near=too_near(places.x, places.y, order.spacing_m),
    )  # fmt: skip


def limit_words(ground: Ground, order: Order) -> tuple[str, ...]:
    """Return the limits of an order beside money and number, in Korean."""
    words: list[str] = []
    names = area_names(ground.source)
    if order.target is not None:
        words.append(f"목표 {order.target:.1%}{', 가장 적은 개소로' if order.fewest else ', 가장 적은 비용으로'}")
    if order.twice is not None:
        words.append(f"두 겹 (두 번째 도달의 비중 {order.twice:g})")
    if order.moves is not None:
        words.append(f"기존 {order.moves}곳까지 옮김")
    if order.capacity is not None:
        words.append(f"한 곳이 {order.capacity:,.0f}가구까지")
    if order.floor is not None:
        words.append(f"모든 동 {order.floor:.0%} 이상")
    if order.forced:
        words.append(f"꼭 넣을 곳 {len(order.forced)}")
    if order.spacing_m:
        words.append(f"서로 {order.spacing_m:g} m 이상")
    if order.most_each is not None:
        words.append(f"동마다 {order.most_each}곳까지")
    words += [f"{names[d]} {n}곳 이상" for d, n in sorted(order.least.items())]
    words += [f"{names[d]} {n}곳까지" for d, n in sorted(order.most.items())]
    return tuple(words)
