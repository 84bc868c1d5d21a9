"""The database store beside its peers, in one run: ``python -m bench.postgis``.

Loading is measured from a cleaned frame in memory to committed, against GeoPandas' ``to_postgis`` of the same frame
and against one raw COPY of prepared text into a table with the same columns and indices; and as the whole line from a
CSV file, which is then imported again unchanged. They take turns; each figure is the best of the rounds, wall seconds
and, beside them (``_cpu_s``), CPU seconds of this process and the server together, which other programs on the machine
disturb less. The server is the tests' throw-away one (``ANSIM_TEST_DATABASE_URL`` for another, then without CPU
seconds of the server), with fsync off for all alike.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
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

from bench.importing import NOW, boundaries, lamps
from layers.catalog import load_catalog
from layers.importing import ImportOptions, import_files
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
    keys = word + pd.Series([f"{key:015x}" for key in rng.permutation(n) * 0x9E3779B1]).astype("str")  # as hashes lie
    values: dict[str, Any] = {
        "key": keys, "dataset": "bench", "source_id": "", "name": "보안등-" + number,
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


Taken = tuple[float, float]  # wall seconds, CPU seconds


class Clock:
    """Wall and CPU seconds of a call, those of the private server's processes among them."""

    def __init__(self, server: Cluster) -> None:
        running = server.process and server.process.pid
        self._postmaster = str(running or "")
        self._tick = os.sysconf("SC_CLK_TCK")

    def __call__(self, call: Callable[[], object]) -> Taken:
        """Return what a call takes."""
        own, theirs = time.process_time(), self._server_s()
        taken = seconds(call)
        return taken, time.process_time() - own + self._server_s() - theirs

    def _server_s(self) -> float:
        """Return the CPU seconds of the server so far: its processes, and those that have ended."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat") if self._postmaster else ():
            with contextlib.suppress(OSError):
                values = stat.read_text().rsplit(")", 1)[1].split()
                if stat.parent.name == self._postmaster:
                    ticks += sum(map(int, values[11:15]))
                elif values[1] == self._postmaster:
                    ticks += sum(map(int, values[11:13]))
        return ticks / self._tick


class Bench:
    """One database; every measure begins from empty tables."""

    def __init__(self, server: Cluster) -> None:
        self._server = server
        self._number = 0
        self.clock = Clock(server)

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

    def ours(self, frame: pd.DataFrame) -> dict[str, Taken]:
        """Return the first import, the same rows in another file, and one row in a hundred changed."""
        store = self.fresh()
        changed = frame.copy()
        changed.loc[::100, "name"] = "바뀐 이름"
        times = {
            "ours": self.clock(lambda: put(store, frame, "first")),
            "same_rows": self.clock(lambda: put(store, frame, "again")),
            "one_in_100_changed": self.clock(lambda: put(store, changed, "changed")),
        }
        self.drop(store)
        return times

    def line(self, folder: Path) -> dict[str, Taken]:
        """Return the whole line from the CSV file, and the unchanged file again."""
        store = self.fresh()
        catalog = load_catalog()

        def load(name: str) -> None:
            import_files([folder / name], store, catalog, ImportOptions(), now=NOW)

        load("행정동.geojson")
        times = {"line": self.clock(lambda: load("보안등.csv")), "line_again": self.clock(lambda: load("보안등.csv"))}
        self.drop(store)
        return times

    def to_postgis(self, frame: pd.DataFrame) -> Taken:
        """Return what GeoPandas' loader takes, which then builds its one index."""
        store = self.fresh()
        peer = gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:5179")
        engine = sqlalchemy.create_engine(store.database.url)
        taken = self.clock(lambda: peer.to_postgis("peer", engine, index=False))
        engine.dispose()
        self.drop(store)
        return taken

    def raw_copy(self, frame: pd.DataFrame) -> Taken:
        """Return what one COPY takes of text that is ready, into a table with our columns and indices."""
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

            taken = self.clock(load)
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
start, own = time.perf_counter(), time.process_time()
with store.one_version() as still:
    snapshot = take_snapshot(still)
taken = time.perf_counter() - start
print(taken, time.process_time() - own, (status("VmHWM") - before) / 1000, sum(map(len, snapshot.tables.values())))
"""


def snapshot(bench: Bench, repeats: int) -> dict[str, Any]:
    store = bench.fresh()
    put(store, facilities(400_000 - LOCKERS), "lamps")
    put(store, facilities(LOCKERS, "l"), "lockers", "locker")
    with psycopg.connect(store.database.url.set(drivername="postgresql").render_as_string(hide_password=False)) as c:
        c.execute("ANALYZE")
    found = []
    for _ in range(max(repeats, 5)):
        done = subprocess.run(
            [sys.executable, "-c", _SNAPSHOT, store.database.url.render_as_string(hide_password=False)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        found.append([float(word) for word in done.stdout.split()])
    bench.drop(store)
    best = min(found)
    return {
        "rows": int(best[3]), "snapshot_s": best[0], "all_s": [each[0] for each in found], "reader_cpu_s": best[1],
        "peak_mb": max(each[2] for each in found),
    }  # fmt: skip


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

        def ms(change: Callable[[str], str], lon: float, lat: float) -> float:
            asked = nearest("locker", lon, lat, 20)
            statement, values = text(change(asked.text)), asked.compile().params
            return seconds(lambda: connection.execute(statement, values).all()) * 1000

        # In turn, so that what else runs on the machine meets both.
        ways: list[Callable[[str], str]] = [
            lambda words: words, lambda words: words.replace("ansim.facility", "lockers")
        ]  # fmt: skip
        rounds = [[[ms(way, lon, lat) for way in ways] for lon, lat in places] for _ in range(repeats)]
        among, alone = np.median(np.array(rounds), axis=1).min(axis=0).tolist()
    bench.drop(store)
    return {"nearest_20_of_254_among_400000_ms": among, "in_a_table_of_their_own_ms": alone, "times": among / alone}


def loading(bench: Bench, n: int, repeats: int) -> dict[str, Any]:
    frame = facilities(n)
    rounds: list[dict[str, Taken]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lamps(n).to_csv(folder / "보안등.csv", index=False, encoding="utf-8")
        boundaries().to_file(folder / "행정동.geojson", driver="GeoJSON")
        for _ in range(repeats):
            peers = {"to_postgis": bench.to_postgis(frame), "raw_copy": bench.raw_copy(frame)}
            rounds.append(bench.ours(frame) | peers | bench.line(folder))
    wall = {name: min(each[name][0] for each in rounds) for name in rounds[0]}
    cpu = {name: min(each[name][1] for each in rounds) for name in rounds[0]}

    def ratios(of: dict[str, float]) -> dict[str, float]:
        return {
            "of_to_postgis": of["to_postgis"] / of["ours"],
            "of_raw_copy": of["raw_copy"] / of["ours"],
            "line_of_to_postgis": of["to_postgis"] / of["line"],
            "unchanged_file_times_faster": of["line"] / of["line_again"],
            "same_rows_times_faster": of["ours"] / of["same_rows"],
        }

    return {
        "rows": n, **{f"{name}_s": value for name, value in wall.items()}, **ratios(wall),
        **{f"{name}_cpu_s": value for name, value in cpu.items()},
        **{f"{name}_by_cpu": value for name, value in ratios(cpu).items()},
        "of_to_postgis_each_round": [each["to_postgis"][0] / each["ours"][0] for each in rounds],
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
            _say(loading(bench, asked.rows, asked.repeats))
        if asked.only in {None, "snapshot"}:
            _say(snapshot(bench, asked.repeats))
        if asked.only in {None, "nearest"}:
            _say(rare_layer(bench, asked.repeats))


def _say(figures: dict[str, Any]) -> None:
    print(json.dumps(figures, ensure_ascii=False, indent=2), flush=True)


if __name__ == "__main__":
    main()
