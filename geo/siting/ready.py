"""Compiled kernels made ready before a plan's clock starts: the first plan of an installation gets all of its time."""

from dataclasses import replace
from functools import cache
from time import perf_counter

import numpy as np

from geo.kernels import FULL
from geo.siting.model import Effort, Limits, Pairs, Problem
from geo.siting.solve import solve, solve_wide

_SITES, _POINTS, _EACH = 60, 400, 40


@cache
def warm() -> None:
    """Compile the solver's kernels, or load them from the cache, once a process; those of large problems aside."""
    random = np.random.default_rng(7)
    point = np.concatenate([np.sort(random.choice(_POINTS, _EACH, replace=False)) for _ in range(_SITES)])
    value = random.integers(1, FULL + 1, point.size).astype(np.uint8)
    pairs = Pairs(np.arange(_SITES + 1) * _EACH, point.astype(np.int32), value, _POINTS)
    weight = random.integers(1, 6, _POINTS).astype(float)
    problem = Problem(weight, np.zeros(_POINTS, np.uint8), pairs, np.ones(_SITES), Limits(count=6))
    effort = Effort(seconds=600.0, runs=2, turns=20, threads=1, exact=False)
    solve(problem, effort)
    solve_wide(replace(problem, block=np.arange(_POINTS) // 4), np.ones(_SITES, bool), effort, perf_counter())
