"""In which order a plan's sites are built: the next is the one that adds most for its money."""

import heapq

import numpy as np

from geo.kernels import FULL
from geo.model import Floats, Ints
from geo.siting.model import Problem
from geo.siting.plan import Step


def in_order(problem: Problem, households: Floats, chosen: Ints) -> list[Step]:
    """Rank the chosen sites by what each adds to those before it, per won where all cost something.

    ``households`` float64 (n,): what full cover of each point counts in households. What a site adds only falls as
    others are built, so the largest of a heap that is still right is the next. Ties go to the lowest index.
    """
    cover = problem.base.copy()
    money = problem.cost_krw[chosen]
    price = np.where(money > 0, money, 1.0) if (money > 0).all() else np.ones(chosen.size)
    heap = [
        (-adds(problem, cover, j, problem.weight) / p, int(j), float(p)) for j, p in zip(chosen, price, strict=True)
    ]
    heapq.heapify(heap)
    steps = []
    while heap:
        _, site, p = heapq.heappop(heap)
        score = adds(problem, cover, site, problem.weight)
        if heap and (-score / p, site) > heap[0][:2]:
            heapq.heappush(heap, (-score / p, site, p))
            continue
        steps.append(Step(site, score, adds(problem, cover, site, households)))
        point, value = _pairs(problem, site)
        cover[point] = np.maximum(cover[point], value)
    return steps


def adds(problem: Problem, cover: np.ndarray[tuple[int], np.dtype[np.uint8]], site: int, worth: Floats) -> float:
    """Return what a site adds to sum(worth x cover) where points have ``cover``, uint8."""
    point, value = _pairs(problem, site)
    more = np.maximum(value.astype(float) - cover[point], 0.0)
    return float((worth[point] * more).sum() / FULL)  # no BLAS: its threads wait for one another on a busy machine


def _pairs(
    problem: Problem, site: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], np.ndarray[tuple[int], np.dtype[np.uint8]]]:
    here = slice(problem.pairs.start[site], problem.pairs.start[site + 1])
    return problem.pairs.point[here], problem.pairs.value[here]
