"""Gaps of 관악구 from the real files: the first analysis of a process, a warm one, and the whole command.

``python -m bench.gaps [--json OUT]``. Needs the real open-data files beside the project.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.real import COMMAND, IMPORT, REAL, ROOT

RUNS = 5

_ONE_PROCESS = """
import sys, time
started = time.perf_counter()
import holidays.countries, numba, numba.core.registry, scipy.sparse.csgraph, scipy.spatial
from geo.district import analyse
from geo.coverage import warm
from layers.catalog import load_catalog
from layers.district_input import district_input
from layers.snapshot import take_snapshot
from layers.store import open_store
imported = time.perf_counter()
if sys.argv[2] == "warm":
    warm()
loaded = time.perf_counter()
catalog = load_catalog()
store = open_store(sys.argv[1], catalog)
times = []
for _ in range(3):
    before = time.perf_counter()
    snapshot = take_snapshot(store, district="관악구")
    result = analyse(district_input(snapshot, catalog, "관악구"))
    times.append(time.perf_counter() - before)
print(imported - started, loaded - imported, times[0], min(times[1:]), len(result.gaps))
"""


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not REAL.is_dir():
        sys.exit("the real files are not beside the project")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "s.gpkg"
        imported = _time([*COMMAND, "import", str(REAL), *IMPORT], store)
        # The first run compiles the kernels for whoever has no cache; it is not counted.
        _time([*COMMAND, "gaps", "관악구"], store)
        whole = [_time([*COMMAND, "gaps", "관악구"], store) for _ in range(RUNS)]
        cold = [_one_process(store, "cold") for _ in range(RUNS)]
        warm = [_one_process(store, "warm") for _ in range(RUNS)]
    figures = {
        "import of the whole folder, 66,133 rows, s": imported,
        "whole process of `ansim gaps 관악구`, s": statistics.median(whole),
        "Python's imports, s": statistics.median(run[0] for run in cold),
        "loading the compiled kernels, s": statistics.median(run[1] for run in warm),
        "first analysis after imports, kernels still to be loaded, s": statistics.median(run[2] for run in cold),
        "first analysis after imports and kernels, s": statistics.median(run[2] for run in warm),
        "later analysis in the same process, s": statistics.median(run[3] for run in cold),
    }
    for name, seconds in figures.items():
        print(f"{seconds:8.3f}  {name}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def _time(command: list[str], store: Path) -> float:
    before = time.perf_counter()
    environment = {**os.environ, "ANSIM_STORE": str(store)}
    subprocess.run(command, check=True, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - before


def _one_process(store: Path, how: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", _ONE_PROCESS, str(store), how], check=True, cwd=ROOT, capture_output=True, text=True
    )
    return [float(word) for word in done.stdout.split()]


if __name__ == "__main__":
    main()
