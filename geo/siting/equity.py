"""The plan that raises the worst-served dong to a floor, and what the floor costs."""

from dataclasses import dataclass, replace

import numpy as np

from geo.model import Ints
from geo.siting.model import ClashError, Effort, Floor, Problem, Solution
from geo.siting.set_cover import cheapest
from geo.siting.solve import solve


@dataclass(frozen=True)
class FloorPlan:
    """A plan with a floor beside the one without. ``lost_value``: cover given up for the floor within the same limits.

    ``least_cost_krw``: what any plan that reaches the floor costs at the least; the bound of that proof is
    ``least_cost_bound_krw``.
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
    problem: Problem, dong_of_point: Ints, names: tuple[str, ...], floor: float, effort: Effort | None = None
) -> FloorPlan:
    """Maximise cover with every dong's share covered at least ``floor`` (0..1).

    ``dong_of_point`` int64 (n,), -1 none. Dong without weight have no floor.

    Raises
    ------
    ClashError
        The floor cannot be reached within the limits; the message says what reaching it would cost.
    """
    floors = []
    for dong, name in enumerate(names):
        points = np.flatnonzero((dong_of_point == dong) & (problem.weight > 0))
        if points.size:
            floors.append(Floor(name, points, floor))
    floored = replace(problem, limits=replace(problem.limits, floors=tuple(floors)))
    free = replace(floored, limits=replace(floored.limits, budget_krw=None, count=None))
    least = cheapest(free, 0.0, effort)
    budget = problem.limits.budget_krw
    if budget is not None and least.bound > budget * (1 + 1e-9):
        raise ClashError(
            f"모든 동을 {floor:.0%}로 올리려면 적어도 {least.bound:,.0f}원이 듭니다 (예산 {budget:,.0f}원)",
            "예산을 늘리거나 하한을 낮추십시오",
        )
    return FloorPlan(solve(floored, effort), solve(problem, effort), least.cost_krw, least.bound)
