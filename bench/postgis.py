"""The database store beside its peers, in one run: ``python -m bench.postgis``.

Loading is measured from a cleaned frame in memory to committed, against GeoPandas' ``to_postgis`` of the same frame
and against one raw COPY of prepared text into a table with the same columns and indices. The server is the tests'
throw-away one (``ANSIM_TEST_DATABASE_URL`` for another), with fsync off for all alike; times are the best of three.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
import sqlalchemy
from sqlalchemy import text

from layers.catalog import load_catalog
from layers.postgis.columns import to_columns, to_csv
from layers.postgis.open import open_database, open_postgis
from layers.postgis.queries import nearest
from layers.postgis.store import PostgisStore
from layers.postgis.upgrade import upgrade
from layers.tables import FACILITY, Batch, ImportRecord
from tests.layers.postgis.cluster import Cluster, cluster

ROWS = 300_000
SEED = 20_240_117
LOCKERS = 254
DISTRICTS = [f"11{n:03d}" for n in range(110, 760, 26)]
_COPY_COLUMNS = [*FACILITY, "geom"]


def facilities(n: int, word: str = "k") -> pd.DataFrame:
    """Return n lamps as an import would give them: addresses, dates, attributes and all."""
    rng = np.random.default_rng(SEED)
    number = pd.Series(np.arange(n)).astype("str")
    district = pd.Series(rng.choice(DISTRICTS, n)).astype("str")
    values: dict[str, Any] = {
        "key": word + number.str.zfill(15), "dataset": "bench", "source_id": "", "name": "보안등-" + number,
        "road_address": "서울특별시 관악구 신림로 " + number, "lot_address": "서울특별시 관악구 신림동 " + number,
        "district": district, "dong": district + "53000", "devices": 1, "status": "installed", "installed": "2019",
        "data_date": "2025-12-23", "hours": "", "purpose": "", "counts": True, "near": False, "approximate": False,
        "flags": "", "scope": "", "attributes": '{"설치형태": "한전주", "관리기관전화번호": "02-000-' + number + '"}',
    }  # fmt: skip
    frame = pd.DataFrame(values).astype(FACILITY)
    x, y = rng.uniform(935_000, 972_000, n), rng.uniform(1_936_000, 1_966_000, n)
    frame["geometry"] = pd.Series(shapely.points(x, y), dtype=object)
    return frame


def record(digest: str, layer: str = "security_light") -> ImportRecord:
    return ImportRecord("bench.csv", digest, "bench", layer, "utf-8", "EPSG:5179", "", "2026-01-01T00:00:00+09:00",
                        1, 1, 0, 0)  # fmt: skip


def put(store: PostgisStore, frame: pd.DataFrame, digest: str, layer: str = "security_light") -> None:
    with store.write() as writer:
        writer.put(Batch(layer, "bench", (*DISTRICTS,), frame), record(digest, layer))


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Bench:
    """One database; every measure begins from empty tables."""

    def __init__(self, server: Cluster) -> None:
        self._server = server
        self._number = 0

    def fresh(self) -> PostgisStore:
        """Return a store in a new database."""
        self._number += 1
        name = f"ansim_bench_{os.getpid()}_{self._number}"
        self._server.run(f"CREATE DATABASE {name}")
        database = open_database(self._server.url(name))
        upgrade(database, load_catalog())
        return open_postgis(database)

    def drop(self, store: PostgisStore) -> None:
        """Drop a store's database."""
        store.database.close()
        self._server.drop(str(store.database.url.database))

    def ours(self, frame: pd.DataFrame) -> tuple[float, float, float]:
        """Return seconds of the first import, of the same rows again, and of one row in a hundred changed."""
        store = self.fresh()
        changed = frame.copy()
        changed.loc[::100, "name"] = "바뀐 이름"
        times = (
            seconds(lambda: put(store, frame, "first")),
            seconds(lambda: put(store, frame, "again")),
            seconds(lambda: put(store, changed, "changed")),
        )
        self.drop(store)
        return times

    def to_postgis(self, frame: pd.DataFrame) -> float:
        """Return seconds of GeoPandas' loader, which then builds its one index."""
        store = self.fresh()
        peer = gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:5179")
        engine = sqlalchemy.create_engine(store.database.url)
        taken = seconds(lambda: peer.to_postgis("peer", engine, index=False))
        engine.dispose()
        self.drop(store)
        return taken

    def raw_copy(self, frame: pd.DataFrame) -> float:
        """Return seconds of one COPY of text that is ready, into a table with our columns and indices."""
        store = self.fresh()
        csv = bytes(to_csv(to_columns(frame, FACILITY, has_geometry=True)))
        with psycopg.connect(self._server.url(str(store.database.url.database))) as connection:
            connection.execute("CREATE TABLE raw (LIKE ansim.facility_security_light INCLUDING ALL)")
            for column in ("layer", "digest", "valid_from", "located"):
                connection.execute(f"ALTER TABLE raw ALTER COLUMN {column} SET DEFAULT {_DEFAULTS[column]}")
            connection.commit()

            def load() -> None:
                columns = ", ".join(_COPY_COLUMNS)
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY raw ({columns}) FROM STDIN (FORMAT csv)") as copy,
                ):
                    copy.write(csv)
                connection.commit()

            taken = seconds(load)
        self.drop(store)
        return taken


_DEFAULTS = {"layer": "'security_light'", "digest": "0", "valid_from": "now()", "located": "true"}
_SNAPSHOT = """
import sys, time
from pathlib import Path
from layers.postgis.open import open_database, open_postgis
from layers.snapshot import take_snapshot
import layers.postgis.columns, shapely, numpy

def status(key):
    return int(Path("/proc/self/status").read_text().split(key + ":")[1].split()[0])

store = open_postgis(open_database(sys.argv[1]))
store.version()
Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
before = status("VmRSS")
start = time.perf_counter()
with store.one_version() as still:
    snapshot = take_snapshot(still)
taken = time.perf_counter() - start
print(taken, (status("VmHWM") - before) / 1000, sum(map(len, snapshot.tables.values())))
"""


def snapshot(bench: Bench, repeats: int) -> dict[str, Any]:
    store = bench.fresh()
    put(store, facilities(400_000 - LOCKERS), "lamps")
    put(store, facilities(LOCKERS, "l"), "lockers", "locker")
    with psycopg.connect(store.database.url.set(drivername="postgresql").render_as_string(hide_password=False)) as c:
        c.execute("ANALYZE")
    found = []
    for _ in range(repeats):
        done = subprocess.run(
            [sys.executable, "-c", _SNAPSHOT, store.database.url.render_as_string(hide_password=False)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        found.append([float(word) for word in done.stdout.split()])
    bench.drop(store)
    best = min(found)
    return {"rows": int(best[2]), "snapshot_s": best[0], "peak_mb": best[1]}


_LOCKERS_ALONE = """
CREATE TABLE lockers AS SELECT * FROM ansim.facility WHERE layer = 'locker';
CREATE INDEX ON lockers USING gist (geom) WHERE valid_to IS NULL;
ANALYZE lockers;
"""


def rare_layer(bench: Bench, repeats: int) -> dict[str, Any]:
    """Return milliseconds of the nearest 20 lockers, median of 200 places: among all layers, and on their own."""
    store = bench.fresh()
    put(store, facilities(400_000 - LOCKERS), "lamps")
    put(store, facilities(LOCKERS, "l"), "lockers", "locker")
    places = np.random.default_rng(SEED).uniform((126.8, 37.45), (127.15, 37.65), (200, 2)).tolist()
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE ansim.facility")
        for statement in _LOCKERS_ALONE.strip().split("\n"):
            connection.exec_driver_sql(statement)

        def median_ms(change: Callable[[str], str]) -> float:
            times = []
            for lon, lat in places:
                asked = nearest("locker", lon, lat, 20)
                statement, values = text(change(asked.text)), asked.compile().params
                times.append(seconds(lambda: connection.execute(statement, values).all()))  # noqa: B023 - called here
            return float(np.median(times)) * 1000

        among = min(median_ms(lambda words: words) for _ in range(repeats))
        alone = min(median_ms(lambda words: words.replace("ansim.facility", "lockers")) for _ in range(repeats))
    bench.drop(store)
    return {"nearest_20_of_254_among_400000_ms": among, "in_a_table_of_their_own_ms": alone, "times": among / alone}


def loading(bench: Bench, n: int, repeats: int) -> dict[str, Any]:
    frame = facilities(n)
    ours = [bench.ours(frame) for _ in range(repeats)]
    first, again, changed = (min(times) for times in zip(*ours, strict=True))
    peer = min(bench.to_postgis(frame) for _ in range(repeats))
    raw = min(bench.raw_copy(frame) for _ in range(repeats))
    return {
        "rows": n, "ours_s": first, "again_s": again, "one_in_100_changed_s": changed, "to_postgis_s": peer,
        "raw_copy_s": raw, "of_to_postgis": peer / first, "of_raw_copy": raw / first,
        "again_times_faster": first / again,
    }  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=ROWS)
    words.add_argument("--repeats", type=int, default=3)
    words.add_argument("--only", choices=["loading", "snapshot", "nearest"])
    asked = words.parse_args()
    with cluster() as server:
        bench = Bench(server)
        if asked.only in {None, "loading"}:
            print(json.dumps(loading(bench, asked.rows, asked.repeats), ensure_ascii=False, indent=2), flush=True)
        if asked.only in {None, "snapshot"}:
            print(json.dumps(snapshot(bench, asked.repeats), ensure_ascii=False, indent=2), flush=True)
        if asked.only in {None, "nearest"}:
            print(json.dumps(rare_layer(bench, asked.repeats), ensure_ascii=False, indent=2), flush=True)


if __name__ == "__main__":
    main()
