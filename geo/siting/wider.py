"""What a plan misses by looking for sites in gap areas alone: a quick plan of the whole district beside it."""

import numpy as np

from geo.model import DistrictInput, Settings
from geo.siting.asking import problem_of, settings_for
from geo.siting.ground import make_ground
from geo.siting.limits import limit_arrays, usable_sites
from geo.siting.plan import Order
from geo.siting.reduce import reduce_problem
from geo.siting.search import greedy


def gain_at_least(source: DistrictInput, settings: Settings, order: Order, years: int) -> float:
    """Return a score that an order's places can certainly gain: that of a greedy plan, 0 where it finds none."""
    problem = problem_of(make_ground(source, settings_for(source, settings, order.places)), order, years)
    reduced = reduce_problem(problem, usable_sites(problem))
    if not reduced.instance[1].size:
        return 0.0
    limits, count = limit_arrays(problem, reduced.site), order.count
    most = reduced.sites if count is None else min(count, reduced.sites)
    found = greedy(reduced, limits, most, np.flatnonzero(limits[10] == 1))
    return found.gain if found else 0.0


def wider_words(gain: float, planned: float) -> str:
    """Return what a planner should know of it; '' where the plan is as good."""
    if gain <= planned * 1.005:
        return ""
    return (
        f"격자 후보는 틈새구역 안에만 두었습니다: 자치구 전체에 두면 종합 도달이 적어도 "
        f"+{gain:,.1f}가구분 늘어납니다 (이 계획 +{planned:,.1f}). 틈새구역 밖은 급한 곳이 아닐 수 있습니다"
    )
