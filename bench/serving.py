"""From a commit in the database to a phone's answer, and the copy of a version that the service reads.

``python -m bench.serving [--rows N] [--commits N]``: a throw-away PostGIS with the sample and N lamps; the service
looks at the store once a minute, so what it learns sooner it was told.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.postgis import Bench, facilities, put
from layers.catalog import load_catalog
from layers.frozen import freeze
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.postgis.listening import listen
from layers.postgis.store import PostgisStore
from tests.api.conftest import SAMPLE, serving
from tests.layers.postgis.cluster import cluster

ROWS = 300_000
NOW = datetime(2026, 3, 4, 23, 0, tzinfo=SEOUL)


def frozen(store: PostgisStore, folder: Path) -> dict[str, float]:
    """Return seconds, megabytes and rows of the copy."""
    start = time.perf_counter()
    freeze(store, folder)
    taken = time.perf_counter() - start
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {"freeze_s": taken, "freeze_mb": size / 1e6}


def told(store: PostgisStore, commits: int) -> dict[str, float]:
    """Return the milliseconds from a commit's return to the call of who listens."""
    rung, stopped = threading.Event(), threading.Event()
    thread = threading.Thread(target=listen, args=(store.database, rung.set, stopped), daemon=True)
    thread.start()
    rung.wait(10)  # of the connection
    found = []
    for number in range(commits):
        rung.clear()
        put(store, facilities(1, f"t{number}"), f"told-{number}", "streetlight")
        start = time.perf_counter()
        if not rung.wait(30):
            raise SystemExit("nothing was told")
        found.append((time.perf_counter() - start) * 1e3)
    stopped.set()
    thread.join()
    return {"told_ms": statistics.median(found), "told_worst_ms": max(found)}


def served(store: PostgisStore, url: str, folder: Path, commits: int) -> dict[str, float]:
    """Return the seconds from a commit's return to the first answer of that version."""
    found = []
    with serving(url, folder, clock=lambda: NOW, poll_s=60.0) as service:
        for number in range(commits):
            put(store, facilities(1, f"s{number}"), f"served-{number}", "streetlight")
            start, version = time.perf_counter(), store.version()
            while service.post("/v1/nearby", json={"lat": 36.89, "lon": 125.6}).json()["data_version"] != version:
                time.sleep(0.005)
            found.append(time.perf_counter() - start)
    return {"served_s": statistics.median(found), "served_worst_s": max(found)}


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=ROWS)
    words.add_argument("--commits", type=int, default=5)
    asked = words.parse_args()
    figures: dict[str, Any] = {"rows": asked.rows}
    with cluster() as server, tempfile.TemporaryDirectory() as there:
        folder = Path(there)
        store = Bench(server).fresh()
        import_files([SAMPLE], store, load_catalog(), ImportOptions(made_up=True), now=NOW)
        if asked.rows:
            put(store, facilities(asked.rows), "rows")
        figures |= frozen(store, folder / "frozen")
        figures |= told(store, asked.commits)
        (folder / "service").mkdir()
        figures |= served(
            store, str(store.database.url.render_as_string(hide_password=False)), folder / "service", asked.commits
        )
        print(json.dumps(figures, indent=2))
        store.database.close()


if __name__ == "__main__":
    main()
