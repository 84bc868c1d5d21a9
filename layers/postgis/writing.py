"""One transaction of a writer: COPY to staging, check, merge with history, tell the readers.

Rows that are stored already are not touched and not even sent: their digests are compared first. A changed row is
closed and its new form begins at the same moment; a vanished one is closed.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

from layers.postgis.columns import GEOMETRY, digests, number_repeats, to_columns, to_csv
from layers.postgis.reading import read_rows, read_version, standing, table_of
from layers.postgis.records import remember
from layers.postgis.upgrade import has_partition
from layers.store import StoreError, StoreMovedError
from layers.tables import FACILITY, TABLES, Batch, ImportRecord

CHANNEL = "ansim_version"
_CHUNK_ROWS = 20_000  # bounds the memory: about 10 MB of text
_DISTRICTS = """
DELETE FROM ansim.district;
INSERT INTO ansim.district (code, name, province, geom)
SELECT district, MIN(district_name), MIN(province), ST_Multi(ST_UnaryUnion(ST_Collect(geom)))
FROM ansim.dong WHERE valid_to IS NULL AND geom IS NOT NULL GROUP BY district
"""


class PostgisWriter:
    """Writes into one open transaction. See :class:`layers.store.Writer`."""

    def __init__(self, driver: psycopg.Connection, name: str) -> None:
        self._driver = driver
        self._name = name
        self._version = read_version(driver)
        self.changed = False

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table as this transaction sees it."""
        return read_rows(self._driver, table, columns=columns)

    def put(self, batch: Batch, record: ImportRecord) -> None:
        """Replace the batch's (dataset, district) pairs by its rows and remember the import.

        Raises
        ------
        StoreError
            The layer has no partition, or another writer held the same pairs too long.
        StoreMovedError
            Another import was committed since this transaction began.
        """
        if batch.table not in TABLES and not has_partition(self._driver, batch.table):
            raise StoreError(
                f"{self._name}: 층 {batch.table}의 표가 아직 없습니다",
                "ansim db upgrade (카탈로그를 더했으면 같은 --catalog와 함께)",
            )
        self._lock(batch)
        if read_version(self._driver) != self._version:
            raise StoreMovedError(f"{self._name}: 그 사이 다른 가져오기가 저장했습니다", "다시 하십시오")
        # After the lock: whatever another writer closed or began is before this moment.
        stamp = self._driver.execute("SELECT clock_timestamp()").fetchone()[0]  # type: ignore[index]
        _merge(self._driver, batch, stamp)
        remember(self._driver, batch, record, stamp)
        if batch.table == "dong":
            for statement in _DISTRICTS.split(";"):
                self._driver.execute(statement)
        self.changed = True

    def finish(self) -> None:
        """Count the version on and tell the listeners; they hear it when the transaction is committed."""
        found = self._driver.execute("UPDATE ansim.meta SET version = version + 1 RETURNING version").fetchone()
        self._driver.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(found[0] if found else "")])

    def _lock(self, batch: Batch) -> None:
        """Wait for writers of the same pairs, and for those of the boundaries that rows are located by."""
        boundaries = "pg_advisory_xact_lock" if batch.table == "dong" else "pg_advisory_xact_lock_shared"
        self._driver.execute(f"SELECT {boundaries}(%s, 0)", [_hash("boundaries")])
        dataset = _hash(f"{batch.table}/{batch.dataset}")
        whole = "pg_advisory_xact_lock" if batch.districts is None else "pg_advisory_xact_lock_shared"
        self._driver.execute(f"SELECT {whole}(%s, 0)", [dataset])
        for code in sorted({_hash(district) for district in batch.districts or ()}):  # one order: no deadlock
            self._driver.execute("SELECT pg_advisory_xact_lock(%s, %s)", [dataset, code])


def _hash(text: str) -> int:
    return int(np.int32(np.uint32(zlib.crc32(text.encode()))))


def _merge(driver: psycopg.Connection, batch: Batch, stamp: datetime) -> None:
    shape, has_geometry = TABLES.get(batch.table, (FACILITY, True))
    rows = [batch.rows.iloc[at : at + _CHUNK_ROWS] for at in range(0, len(batch.rows), _CHUNK_ROWS)]
    tables = [to_columns(part, shape, has_geometry=has_geometry) for part in rows]
    coming = number_repeats(np.concatenate([np.empty(0, np.int64), *map(digests, tables)]))
    news = np.ones(len(coming), dtype=bool)
    if batch.mode == "replace":
        ids, stored = _open_digests(driver, batch)
        stays = np.isin(stored, coming) & ~pd.Series(stored).duplicated().to_numpy()
        _close(driver, batch, ids[~stays], stamp)
        news = ~np.isin(coming, stored[stays])
    if news.any():
        _insert(driver, batch.table, _chosen(tables, coming, news), int(news.sum()), stamp)


def _chosen(tables: Sequence[pa.Table], coming: NDArray[np.int64], news: NDArray[np.bool_]) -> Iterator[pa.Table]:
    """Yield the rows that are news, with their digests, a chunk at a time."""
    at = 0
    for table in tables:
        here = slice(at, at + len(table))
        at = here.stop
        if news[here].any():
            yield table.append_column("digest", pa.array(coming[here])).filter(pa.array(news[here]))


def _open_digests(driver: psycopg.Connection, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and digests of the stored rows the batch replaces, int64 (n,) each."""
    table, of_layer = table_of(batch.table)
    districts = sql.SQL("TRUE")
    if batch.districts is not None:
        districts = sql.SQL("district = ANY({})").format(sql.Literal(list(batch.districts)))  # type: ignore[assignment]
    statement = sql.SQL(
        # One value: a row a message would take ten times as long to receive.
        "SELECT string_agg(int8send(id) || int8send(digest), ''::bytea ORDER BY id) FROM {}"
        " WHERE {} AND {} AND dataset = {} AND {}"
    ).format(table, of_layer, standing(None), sql.Literal(batch.dataset), districts)
    found = driver.cursor(binary=True).execute(statement).fetchone()
    pairs = np.frombuffer(found[0] or b"" if found else b"", dtype=">i8").astype(np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _close(driver: psycopg.Connection, batch: Batch, ids: NDArray[np.int64], stamp: datetime) -> None:
    if not len(ids):
        return
    driver.execute("CREATE TEMP TABLE gone (id bigint) ON COMMIT DROP")
    _copy_in(driver, sql.SQL("COPY gone FROM STDIN (FORMAT csv)"), [pa.table({"id": ids})])
    table, of_layer = table_of(batch.table)
    driver.execute(
        sql.SQL("UPDATE {} SET valid_to = {} FROM gone WHERE {} AND {}.id = gone.id").format(
            table, sql.Literal(stamp), of_layer, table
        )
    )
    driver.execute("DROP TABLE gone")


def _insert(driver: psycopg.Connection, table: str, parts: Iterator[pa.Table], expected: int, stamp: datetime) -> None:
    shape, has_geometry = TABLES.get(table, (FACILITY, True))
    names = [*shape, *([GEOMETRY] if has_geometry else []), "digest"]
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    target, _ = table_of(table)
    driver.execute(
        sql.SQL("CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(listed, target)
    )
    _copy_in(driver, sql.SQL("COPY staging FROM STDIN (FORMAT csv)"), parts)
    _check_staging(driver, expected, has_geometry=has_geometry)
    own = {"valid_from": sql.Literal(stamp)}
    if table not in TABLES:
        own |= {"layer": sql.Literal(table), "located": sql.SQL("geom IS NOT NULL")}  # type: ignore[dict-item]
    driver.execute(
        sql.SQL("INSERT INTO {} ({}, {}) SELECT {}, {} FROM staging").format(
            target, listed, sql.SQL(", ").join(map(sql.Identifier, own)), listed, sql.SQL(", ").join(own.values())
        )
    )
    driver.execute("DROP TABLE staging")


def _check_staging(driver: psycopg.Connection, expected: int, *, has_geometry: bool) -> None:
    """Raise unless every row arrived, and every place is one."""
    bad = "COUNT(*) FILTER (WHERE ST_IsEmpty(geom))" if has_geometry else "0"
    found = driver.execute(f"SELECT COUNT(*), {bad} FROM staging").fetchone()  # noqa: S608 - constants
    if found != (expected, 0):
        raise StoreError(f"저장할 {expected:,}행이 온전히 오지 않았습니다 {found}", "다시 하십시오")


def _copy_in(driver: psycopg.Connection, statement: sql.SQL, parts: Sequence[pa.Table] | Iterator[pa.Table]) -> None:
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for part in parts:
            copy.write(to_csv(part))
