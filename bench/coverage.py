"""Cover against the exact union, and against the least a raster can cost. ``python -m bench.coverage``.

Everything is measured in one run on one machine: ratios mean something, times depend on it. The union's time is
that of 60,000 points, scaled linearly; its area is that of 128-cornered polygons whose radius is raised so that
each has the circle's area, so that the polygons' own deficit (0.04 %) is not counted as ours.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.coverage import Reach, cover_of_cells, cover_raster, covered_area_m2, warm
from geo.crs import Floats, to_metres
from geo.grid import Grid
from geo.raster import pixels_per_cell_count, rasterise
from tests.oracles import coverage as oracle

SEOUL_DATA = Path(__file__).resolve().parents[1] / "../shared/data/seoul"
ORIGIN = (930_000.0, 1_930_000.0)
PIXEL_M = 5
HARD = Reach(30, 30)
REFUGE = Reach(150 / 1.3, 400 / 1.3)
DENSITY = 300  # points a km²
SEED = 20_240_117
Row = dict[str, Any]


def clustered(n: int, area_km2: float, seed: int = SEED) -> tuple[Floats, Floats]:
    """Return points of a square: four in five round cluster centres (200 a cluster, sd 150 m), the rest anywhere."""
    rng = np.random.default_rng(seed)
    side = np.sqrt(area_km2) * 1000
    centres = rng.random((max(1, n // 200), 2)) * side
    near = n * 4 // 5
    points = np.empty((2, n))
    which = rng.integers(0, len(centres), near)
    for axis in (0, 1):
        points[axis, :near] = centres[which, axis] + rng.normal(0, 150, near)
        points[axis, near:] = rng.random(n - near) * side
    points %= side
    return points[0] + ORIGIN[0], points[1] + ORIGIN[1]


def best_time(call: Callable[[], object], repeats: int = 5) -> float:
    """Return the shortest of several times, seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(min(times))


_MEMORY = """
import sys
from pathlib import Path
import numpy as np
from geo.coverage import Reach, covered_area_m2, warm

def status(key):
    return int(Path("/proc/self/status").read_text().split(key + ":")[1].split()[0])

warm()
x, y = np.load(sys.argv[1])
Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
before = status("VmRSS")
covered_area_m2(x, y, Reach(30, 30))
print(status("VmHWM") - before)
"""


def peak_extra_mb(x: Floats, y: Floats) -> float:
    """Return by how much a fresh process that holds the points grows at most while their area is computed, MB.

    Linux only: elsewhere NaN.
    """
    if not Path("/proc/self/clear_refs").exists():
        return float("nan")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "points.npy"
        np.save(file, np.stack([x, y]))
        done = subprocess.run([sys.executable, "-c", _MEMORY, file], capture_output=True, text=True, check=True)
    return int(done.stdout) * 1024 / 1e6


def against_union() -> Row:
    """Measure 300,000 hard discs of 30 m over 1,000 km² beside the union of 60,000 at the same density."""
    x, y = clustered(300_000, 1000)
    ours_s = best_time(lambda: covered_area_m2(x, y, HARD))
    sx, sy = clustered(60_000, 200)
    points = shapely.points(sx, sy)
    start = time.perf_counter()
    shapely.union_all(shapely.buffer(points, HARD.none_m))  # shapely's default: 64 corners
    union_s = (time.perf_counter() - start) * 5
    equal_area_m = HARD.none_m * np.sqrt(np.pi / (64 * np.sin(np.pi / 64)))
    exact = shapely.union_all(shapely.buffer(points, equal_area_m, quad_segs=32)).area
    ours = covered_area_m2(sx, sy, HARD)
    return {
        "ours_s": ours_s,
        "union_scaled_s": union_s,
        "times_faster": union_s / ours_s,
        "union_area_km2": exact / 1e6,
        "ours_area_km2": ours / 1e6,
        "area_error_percent": (ours / exact - 1) * 100,
    }


def against_raster(ours_s: float) -> Row:
    """Compare with writing a raster of 1,000 km² once and summing it once, and with returning the raster."""
    side = int(np.sqrt(1000) * 1000 / PIXEL_M)
    raster = np.empty((side, side), np.uint8)

    def write_and_sum() -> int:
        raster.fill(1)
        return int(raster.sum())

    floor_s = best_time(write_and_sum)
    x, y = clustered(300_000, 1000)
    grid = Grid.around((*ORIGIN, ORIGIN[0] + side * PIXEL_M, ORIGIN[1] + side * PIXEL_M))
    buildings = shapely.box(x, y, x + 12, y + 9)
    return {
        "write_and_sum_s": floor_s,
        "ours_over_write_and_sum": ours_s / floor_s,
        "whole_raster_s": best_time(lambda: cover_raster(grid, HARD, x, y), 3),
        "cells_s": best_time(lambda: cover_of_cells(grid, HARD, x, y), 3),
        "cells_graded_15_30_s": best_time(lambda: cover_of_cells(grid, Reach(15, 30), x, y), 3),
        "buildings_300k_rasterised_s": best_time(lambda: rasterise(buildings, grid, keep_small=True), 3),
        "graded_refuge_s": best_time(lambda: covered_area_m2(x, y, REFUGE), 3),
    }


def cell_errors() -> list[Row]:
    """Compare means of 12 cells with the exact integral, by brute force: 12 random layouts a reach."""
    rng = np.random.default_rng(1)
    grid = Grid(950_000.0, 1_950_000.0, 4, 3)
    rows = []
    for reach in (HARD, Reach(200, 200), Reach(15, 30), Reach(22, 57), Reach(0, 100), REFUGE):
        errors, from_centres = [], []
        for _ in range(12):
            n = int(rng.integers(1, 40))
            x, y = grid.x0 + rng.uniform(-100, 500, n), grid.y0 + rng.uniform(-100, 400, n)
            ours = cover_of_cells(grid, reach, x, y)
            errors.append(ours - oracle.of_cells(grid, oracle.raster(grid, reach, x, y, per_pixel=8)))
            from_centres.append(ours - oracle.of_cells(grid, oracle.raster(grid, reach, x, y)))
        rows.append(
            {
                "full_m": float(reach.full_m),
                "none_m": float(reach.none_m),
                "largest": float(np.abs(errors).max()),
                "mean": float(np.mean(errors)),
                "largest_from_pixel_centres": float(np.abs(from_centres).max()),
            }
        )
    return rows


def growth() -> list[Row]:
    """Measure 10^4 to 10^7 points, at the same density and over the same 1,000 km²."""
    rows = []
    for n in (10**4, 10**5, 10**6, 10**7):
        row: Row = {"points": n}
        for kind, area in (("same_density", n / DENSITY), ("same_area", 1000.0)):
            x, y = clustered(n, area)
            row[f"{kind}_km2"] = area
            row[f"{kind}_s"] = best_time(partial(covered_area_m2, x, y, HARD), 3)
            row[f"{kind}_extra_mb"] = peak_extra_mb(x, y)
            row["points_mb"] = (x.nbytes + y.nbytes) / 1e6
        rows.append(row)
    return rows


def start_up() -> Row:
    """Measure a fresh process with the kernels cached (imports, then the first call), and one that compiles."""
    code = (
        "import time; a = time.perf_counter(); import numpy as np; from geo.coverage import *;"
        "b = time.perf_counter(); import numba; c = time.perf_counter();"
        "covered_area_m2(np.array([950000.0]), np.array([1950000.0]), Reach(30, 30));"
        "d = time.perf_counter(); print(b - a, c - b, d - c)"
    )
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        runs.append([float(v) for v in done.stdout.split()])
    ours, numba_s, call = min(runs, key=sum)
    with tempfile.TemporaryDirectory() as folder:
        code = "from geo.coverage import warm; import numba, time; a = time.perf_counter(); warm();"
        code += "print(time.perf_counter() - a)"
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    compile_s = float(done.stdout)
    return {"import_s": ours, "import_numba_s": numba_s, "first_call_cached_s": call, "compile_all_s": compile_s}


def real_district() -> Row | None:
    """Measure 관악구 with its neighbours' facilities: main-road streetlights and 안심이 cameras, cells of 100 m."""
    if not SEOUL_DATA.is_dir():
        return None
    import geopandas as gpd  # noqa: PLC0415 - only where the data is
    import pandas as pd  # noqa: PLC0415

    dong = gpd.read_file(SEOUL_DATA / "hangjeongdong_서울특별시.geojson")
    district = dong[dong["sgg"] == "11620"].to_crs(5179).union_all()
    lamps = pd.read_csv(SEOUL_DATA / "02_서울특별시_가로등 위치 정보_20221108.csv", encoding="cp949")
    cameras = pd.read_csv(SEOUL_DATA / "안심이_CCTV_관악구.csv")
    lamps = lamps[lamps["경도"].between(124, 132)]
    lamp_x, lamp_y = to_metres(lamps["경도"].to_numpy(), lamps["위도"].to_numpy())
    camera_x, camera_y = to_metres(cameras["longitude"].to_numpy(), cameras["latitude"].to_numpy())
    grid = Grid.around(district.bounds)
    mask = rasterise(district, grid)
    x, y = np.concatenate([lamp_x, camera_x]), np.concatenate([lamp_y, camera_y])
    lit = cover_of_cells(grid, HARD, x, y, mask)
    share = np.nansum(lit * pixels_per_cell_count(mask, grid)) / mask.sum()
    discs = shapely.buffer(shapely.points(x, y), HARD.none_m * np.sqrt(np.pi / (64 * np.sin(np.pi / 64))), quad_segs=32)
    exact = shapely.union_all(discs[shapely.intersects(discs, district)]).intersection(district).area / district.area
    return {
        "facilities": int(x.size),
        "cells": grid.rows * grid.columns,
        "mask_ms": 1000 * best_time(lambda: rasterise(district, grid)),
        "lit_15_30_ms": 1000 * best_time(lambda: cover_of_cells(grid, Reach(15, 30), lamp_x, lamp_y, mask)),
        "watched_22_57_ms": 1000 * best_time(lambda: cover_of_cells(grid, Reach(22, 57), camera_x, camera_y, mask)),
        "share_within_30_m": float(share),
        "share_within_30_m_exact": exact,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON too")
    options = parser.parse_args()
    warm()
    union = against_union()
    figures: Row = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "shapely": shapely.__version__,
        },
        "union": union,
        "raster": against_raster(union["ours_s"]),
        "cell_errors": cell_errors(),
        "start_up": start_up(),
        "growth": growth(),
        "gwanak": real_district(),
    }
    for title, values in figures.items():
        print(title)
        for row in values if isinstance(values, list) else [values or {"skipped": f"no data in {SEOUL_DATA}"}]:
            print("   ", ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
