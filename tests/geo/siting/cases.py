"""Small random siting problems."""

import numpy as np

from geo.discs import Reach
from geo.kernels import FULL
from geo.siting.limits import too_near
from geo.siting.model import Floor, Group, Limits, Problem
from geo.siting.pairs import pairs_within

X0, Y0 = 950_000.0, 1_950_000.0


def problem(seed, *, sites=8, points=30, graded=True, limits=None, base=True, unit=False):
    """Return a problem on 300 m square: reach 60 to 110 m, or a hard 80 m."""
    random = np.random.default_rng(seed)
    px, py = X0 + random.uniform(0, 300, points), Y0 + random.uniform(0, 300, points)
    sx, sy = X0 + random.uniform(0, 300, sites), Y0 + random.uniform(0, 300, sites)
    pairs = pairs_within((px, py), (sx, sy), Reach(60, 110) if graded else Reach(80, 80))
    weight = random.integers(0, 6, points).astype(float)
    weight[0] = 1.0
    has = random.choice([0, 0, 100, FULL], points).astype(np.uint8) if base else np.zeros(points, np.uint8)
    cost = np.ones(sites) if unit else random.choice([1.0, 2.0, 3.5], sites)
    made = Problem(weight, has, pairs, cost, limits or Limits(count=3))
    return made, (sx, sy), random


def random_limits(random, place, points):
    """Return limits of every kind, some of them absent; they may clash."""
    sites = place[0].size
    half = np.flatnonzero(place[0] < X0 + 150)
    groups = ()
    if half.size and random.random() < 0.6:
        groups = (Group("서쪽", half, int(random.integers(0, 2)), int(random.integers(1, 3))),)
    floors = (
        (Floor("첫 동", np.arange(points // 2), float(random.choice([0.2, 0.4]))),) if random.random() < 0.3 else ()
    )
    return Limits(
        budget_krw=float(random.choice([4.0, 6.5])) if random.random() < 0.6 else None,
        count=int(random.integers(2, 5)) if random.random() < 0.7 else None,
        forced=(int(random.integers(sites)),) if random.random() < 0.3 else (),
        forbidden=(int(random.integers(sites)),) if random.random() < 0.3 else (),
        groups=groups,
        too_near=too_near(*place, 90.0) if random.random() < 0.4 else np.empty((0, 2), np.int64),
        floors=floors,
    )
