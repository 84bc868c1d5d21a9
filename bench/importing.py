"""300,000 lamps of a CSV file into a GeoPackage, beside pandas and geopandas writing the same rows.

``python -m bench.importing [--rows N] [--json OUT]``. Seconds and peak memory (POSIX), each in a process of its own, in
one run. Ours reads, recognises, cleans, locates, keys and stores; the peer reads, makes points in EPSG:5179 and writes.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pandas as pd
import shapely

from geo.crs import LONLAT, METRES, to_lonlat
from layers.catalog import load_catalog
from layers.geopackage import GeoPackageStore
from layers.importing import ImportOptions, import_files

ROWS = 300_000
NOW = datetime(2025, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Seoul"))
X0, Y0, DONG_M = 950_000.0, 1_945_000.0, 5_000.0  # two districts of one square dong each, side by side
DISTRICTS = (("11620", "관악구"), ("11530", "구로구"))


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", choices=list(_WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_measured(_WAYS[options.one](options.folder))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lamps(options.rows).to_csv(folder / "보안등.csv", index=False, encoding="utf-8")
        figures = {one: _in_a_process(one, folder) for one in _WAYS}
    ours = figures["ansim"]
    print(f"{options.rows:,} lamps of a CSV file into a GeoPackage")
    for one, figure in figures.items():
        speed, slower = options.rows / figure["seconds"], figure["seconds"] / ours["seconds"]
        larger = figure["peak_mb"] / ours["peak_mb"]
        print(
            f"{one:12}{figure['seconds']:8.2f} s{speed:12,.0f} rows/s{figure['peak_mb']:8.0f} MB"
            f"  x{slower:.2f} time, x{larger:.2f} memory"
        )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def lamps(rows: int) -> pd.DataFrame:
    """Return made-up lamps, as the standard file of the portal has them."""
    x, y = np.random.default_rng(1).uniform(0, DONG_M, (2, rows))
    which = np.arange(rows) % len(DISTRICTS)
    lon, lat = to_lonlat(X0 + x + which * DONG_M, Y0 + y)
    seoul = pd.Series([f"서울특별시 {name}" for _, name in DISTRICTS]).take(which).reset_index(drop=True)
    number = pd.Series(np.arange(rows)).astype(str)
    filled = {
        "보안등위치명": "등" + number,
        "설치개수": "1",
        "소재지도로명주소": seoul + " 가람로 " + number,
        "소재지지번주소": seoul + " 가람동 " + number,
        "위도": pd.Series(lat).map("{:.8f}".format),
        "경도": pd.Series(lon).map("{:.8f}".format),
        "설치연도": "2019",
        "설치형태": "한전주",
        "관리기관전화번호": "02-000-0000",
        "관리기관명": seoul + "청",
        "데이터기준일자": "2025-06-30",
    }
    return pd.DataFrame(filled)


def boundaries() -> geopandas.GeoDataFrame:
    """Return the dong of the two districts, as the usual file has them."""
    rows = [
        {
            "adm_cd": f"{code}51",
            "adm_cd2": f"{code}60100",
            "adm_nm": f"서울특별시 {name} 가람동",
            "sgg": code,
            "sggnm": name,
            "sidonm": "서울특별시",
        }
        for code, name in DISTRICTS
    ]
    east = [X0 + i * DONG_M for i in range(len(DISTRICTS))]
    squares = [shapely.box(x, Y0, x + DONG_M, Y0 + DONG_M) for x in east]
    return geopandas.GeoDataFrame(rows, geometry=squares, crs=METRES).to_crs(LONLAT)


def _ansim(folder: Path) -> Callable[[], object]:
    catalog = load_catalog()
    store = GeoPackageStore(folder / "ansim.gpkg", catalog)
    boundaries().to_file(folder / "행정동.geojson", driver="GeoJSON")
    import_files([folder / "행정동.geojson"], store, catalog, ImportOptions(), now=NOW)
    return lambda: import_files([folder / "보안등.csv"], store, catalog, ImportOptions(), now=NOW)


def _geopandas(folder: Path) -> Callable[[], object]:
    def write() -> None:
        rows = pd.read_csv(folder / "보안등.csv")
        points = geopandas.points_from_xy(rows["경도"], rows["위도"], crs=LONLAT).to_crs(METRES)
        geopandas.GeoDataFrame(rows, geometry=points).to_file(folder / "peer.gpkg", engine="pyogrio")

    return write


_WAYS: dict[str, Callable[[Path], Callable[[], object]]] = {"ansim": _ansim, "geopandas": _geopandas}


def _in_a_process(one: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.importing", "--one", one, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measured(work: Callable[[], object]) -> dict[str, float]:
    before = time.perf_counter()
    work()
    seconds = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"seconds": seconds, "peak_mb": peak / 1e6}


if __name__ == "__main__":
    main()
