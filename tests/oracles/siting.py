"""Siting by trying every plan: loops, one point at a time. For small cases."""

import itertools
import math

from geo.kernels import FULL


def cover_of_point(problem, point, chosen):
    """Return the best cover, 0..FULL, a point gets from its base and the chosen sites."""
    best = int(problem.base[point])
    for j in chosen:
        for q in range(problem.pairs.start[j], problem.pairs.start[j + 1]):
            if problem.pairs.point[q] == point:
                best = max(best, int(problem.pairs.value[q]))
    return best


def value(problem, chosen):
    """Return sum(weight x cover)."""
    return sum(
        float(problem.weight[i]) * cover_of_point(problem, i, chosen) / FULL for i in range(problem.pairs.points)
    )


def allowed(problem, chosen):  # noqa: PLR0911 - one limit after another
    """Return whether a plan keeps every limit, floors among them."""
    limits = problem.limits
    if limits.budget_krw is not None and sum(problem.cost_krw[j] for j in chosen) > limits.budget_krw + 1e-9:
        return False
    if limits.count is not None and len(chosen) > limits.count:
        return False
    if not set(limits.forced) <= set(chosen) or set(limits.forbidden) & set(chosen):
        return False
    if any(a in chosen and b in chosen for a, b in limits.too_near):
        return False
    for group in limits.groups:
        held = len(set(chosen) & set(group.sites.tolist()))
        if held < group.at_least or (group.at_most is not None and held > group.at_most):
            return False
    for floor in limits.floors:
        total = sum(problem.weight[i] for i in floor.points)
        reached = sum(problem.weight[i] * cover_of_point(problem, i, chosen) / FULL for i in floor.points)
        if reached < floor.least * total - 1e-9:
            return False
    return True


def plans(problem):
    """Yield every plan that keeps the limits."""
    sites = range(problem.pairs.sites)
    for size in range(problem.pairs.sites + 1):
        for chosen in itertools.combinations(sites, size):
            if allowed(problem, chosen):
                yield chosen


def best(problem, worth=value):
    """Return the largest worth of any plan; -inf if none keeps the limits."""
    return max((worth(problem, chosen) for chosen in plans(problem)), default=-math.inf)
