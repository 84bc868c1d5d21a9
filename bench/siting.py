"""Maximal covering on real city instances with published values.

``python -m bench.siting DIR [--seconds 60] [--json OUT]`` reads every instance in DIR and its ``published.csv``.
"""

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from geo.kernels import FULL, Ints
from geo.model import Floats
from geo.siting.model import Effort, Limits, Pairs, Problem
from geo.siting.solve import solve

EARTH_M = 6_378_100.0
_HEAD = "instance  radius   p    covered      bound    gap %  of published %  wall s   CPU s  status"


def main() -> None:
    """Print a row an instance and the means, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    published = options.folder / "published.csv"
    if not published.is_file():
        sys.exit(f"{published} is not there")
    _warm()
    print(_HEAD)
    rows = []
    with published.open(encoding="utf-8") as file:
        for case in csv.DictReader(file):
            rows.append(_solved(options.folder, case, options.seconds, options.seed))
            print(_line(rows[-1]), flush=True)
    _summary(rows)
    if options.json:
        keys = ("instance", "radius_m", "p", "covered", "bound", "published", "seconds")
        options.json.write_text(json.dumps([{k: r[k] for k in keys} for r in rows], indent=1), encoding="utf-8")


def read_instance(path: Path) -> tuple[Floats, Floats, Floats]:
    """Return latitude, longitude and demand of the points of an instance."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    size = next(int(line[2]) for line in lines if line and line[0] == "DIMENSION")
    first = next(i for i, line in enumerate(lines) if line and line[0] == "NODE_COORD_SECTION") + 1
    demand = next(i for i, line in enumerate(lines) if line and line[0] == "DEMAND_SECTION") + 1
    places = np.array([[float(v) for v in line[:2]] for line in lines[first : first + size]])
    return places[:, 0], places[:, 1], np.array([float(line[0]) for line in lines[demand : demand + size]])


def great_circle_pairs(latitude: Floats, longitude: Floats, radius_m: float) -> Pairs:
    """Return which points are within the radius of which: chords of the sphere in a KD-tree."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    tree = cKDTree(EARTH_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]))
    found = tree.query_ball_point(tree.data, 2 * EARTH_M * np.sin(radius_m / 2 / EARTH_M), return_sorted=True)
    start: Ints = np.concatenate(([0], np.cumsum([len(near) for near in found])))
    point = np.concatenate(found).astype(np.int32)
    return Pairs(start, point, np.full(point.size, FULL, np.uint8), lat.size)


def _solved(folder: Path, case: dict[str, str], seconds: float, seed: int) -> dict[str, Any]:
    latitude, longitude, demand = read_instance(folder / f"{case['instance']}.txt")
    wall, cpu = time.perf_counter(), time.process_time()
    pairs = great_circle_pairs(latitude, longitude, float(case["radius_m"]))
    n = demand.size
    problem = Problem(demand, np.zeros(n, np.uint8), pairs, np.ones(n), Limits(count=int(case["p"])))
    plan = solve(problem, Effort(seconds=seconds - (time.perf_counter() - wall), seed=seed))
    return {
        "instance": case["instance"], "radius_m": float(case["radius_m"]), "p": int(case["p"]),
        "covered": plan.value, "bound": plan.bound, "published": float(case["covered_demand"]),
        "seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "gap": plan.gap,
        "status": plan.status.value, "cut": plan.cut_short,
    }  # fmt: skip


def _line(r: dict[str, Any]) -> str:
    return (
        f"{r['instance']:9}{r['radius_m']:7.0f}{r['p']:4d}{r['covered']:11.0f}{r['bound']:11.0f}{100 * r['gap']:9.3f}"
        f"{100 * r['covered'] / r['published']:16.4f}{r['seconds']:8.1f}{r['cpu']:8.1f}  {r['status']}"
        f"{' (cut short)' if r['cut'] else ''}"
    )


def _summary(rows: list[dict[str, Any]]) -> None:
    short = [max(0.0, 1 - r["covered"] / r["published"]) for r in rows]
    reached = sum(r["covered"] >= r["published"] - 0.5 for r in rows)
    valid = all(r["bound"] >= r["published"] - 0.5 for r in rows)
    print(
        f"{reached} of {len(rows)} reach the published value; mean shortfall {100 * np.mean(short):.4f} %, "
        f"worst {100 * max(short):.4f} %; mean gap {100 * np.mean([r['gap'] for r in rows]):.3f} %; "
        f"bounds {'valid' if valid else 'NOT VALID'}; {sum(r['cpu'] for r in rows):.0f} s of CPU in all"
    )


def _warm() -> None:
    """Compile the kernels before the clock starts."""
    pairs = Pairs(np.arange(4), np.arange(3, dtype=np.int32), np.full(3, FULL, np.uint8), 3)
    solve(Problem(np.ones(3), np.zeros(3, np.uint8), pairs, np.ones(3), Limits(count=2)), Effort(turns=10))


if __name__ == "__main__":
    main()
