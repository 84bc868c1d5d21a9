"""Siting beside a peer, and at the size of a city.

``python -m bench.siting_peers [--only peer|city] [--json OUT]``. The first part needs spopt and pulp (the ``bench``
extra): maximal covering of 5,000 demands by 50 of 1,000 sites, built and solved by ``spopt.locate.MCLP`` with HiGHS
and by ours. The second is 1,000,000 clustered demands, 50,000 candidates, 300 m, 500 to choose.
"""

import argparse
import importlib.util
import json
import resource
import time
from pathlib import Path

import numpy as np

from geo.discs import Reach
from geo.kernels import FULL
from geo.model import Floats
from geo.siting.model import Effort, Limits, Pairs, Problem
from geo.siting.pairs import pairs_within
from geo.siting.solve import solve

RADIUS_M = 300.0
WEST, SOUTH = 940_000.0, 1_930_000.0


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=["peer", "city"])
    options = parser.parse_args()
    warm()
    figures: dict[str, float] = {}
    if options.only != "city":
        figures |= peer()
    if options.only != "peer":
        figures |= city()
    for name, value in figures.items():
        print(f"{value:16,.4f}  {name}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def peer() -> dict[str, float]:
    """Solve one problem both ways."""
    random = np.random.default_rng(5)
    points, sites = clustered(random, 5_000, 10_000.0, 40), clustered(random, 1_000, 10_000.0, 40)
    weight = random.integers(1, 100, 5_000).astype(float)
    started, cpu = time.perf_counter(), time.process_time()
    pairs = pairs_within(points, sites, Reach(RADIUS_M, RADIUS_M))
    plan = solve(Problem(weight, np.zeros(5_000, np.uint8), pairs, np.ones(1_000), Limits(count=50)))
    ours, ours_cpu = time.perf_counter() - started, time.process_time() - cpu
    figures = {
        "ours, value": plan.value, "ours, bound": plan.bound, "ours, build and solve, s": ours,
        "ours, build and solve, CPU s": ours_cpu,
    }  # fmt: skip
    if importlib.util.find_spec("spopt") is None:
        print("spopt is not installed: pip install -e '.[bench]'")
        return figures
    import pulp  # noqa: PLC0415
    from spopt.locate import MCLP  # noqa: PLC0415

    distance = np.hypot(points[0][:, None] - sites[0], points[1][:, None] - sites[1])
    started, cpu = time.perf_counter(), time.process_time()
    theirs = MCLP.from_cost_matrix(distance, weight, RADIUS_M, p_facilities=50)
    theirs.solve(pulp.HiGHS(msg=False))
    took, took_cpu = time.perf_counter() - started, time.process_time() - cpu
    value = float(pulp.value(theirs.problem.objective))
    return figures | {
        "spopt, value": value, "spopt, build and solve, s": took, "spopt, build and solve, CPU s": took_cpu,
        "spopt's time over ours": took / ours, "spopt's CPU over ours": took_cpu / ours_cpu,
    }  # fmt: skip


def city() -> dict[str, float]:
    """Solve the large problem."""
    random = np.random.default_rng(7)
    points, sites = clustered(random, 1_000_000, 25_000.0, 3_000), clustered(random, 50_000, 25_000.0, 3_000)
    weight = random.integers(1, 10, 1_000_000).astype(float)
    started, cpu = time.perf_counter(), time.process_time()
    pairs = pairs_within(points, sites, Reach(RADIUS_M, RADIUS_M))
    built = time.perf_counter() - started
    problem = Problem(weight, np.zeros(weight.size, np.uint8), pairs, np.ones(50_000), Limits(count=500))
    plan = solve(problem, Effort(seconds=58.0 - built))
    return {
        "city: million pairs": pairs.point.size / 1e6,
        "city: building them, s": built,
        "city: in all, s": time.perf_counter() - started,
        "city: in all, CPU s": time.process_time() - cpu,
        "city: covered": plan.value,
        "city: bound": plan.bound,
        "city: gap, %": 100 * plan.gap,
        "city: peak memory, GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def clustered(random: np.random.Generator, count: int, edge_m: float, clusters: int) -> tuple[Floats, Floats]:
    """Return points: four in five round cluster centres (standard deviation 400 m), the rest anywhere."""
    # Centres from a generator of their own, so that demands and candidates share them.
    centres = np.random.default_rng(clusters).uniform(0, edge_m, (clusters, 2))
    at = centres[random.integers(0, clusters, count)] + random.normal(0, 400, (count, 2))
    away = random.random(count) < 0.2
    at[away] = random.uniform(0, edge_m, (int(away.sum()), 2))
    return WEST + at[:, 0], SOUTH + at[:, 1]


def warm() -> None:
    """Compile the kernels before the clock starts."""
    pairs = Pairs(np.arange(4), np.arange(3, dtype=np.int32), np.full(3, FULL, np.uint8), 3)
    solve(Problem(np.ones(3), np.zeros(3, np.uint8), pairs, np.ones(3), Limits(count=2)), Effort(turns=10))
    pairs_within((np.array([WEST]), np.array([SOUTH])), (np.array([WEST]), np.array([SOUTH])), Reach(1, 1))


if __name__ == "__main__":
    main()
