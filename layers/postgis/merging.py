"""Rows into a table with history: COPY to staging, check, merge.

Rows that are stored already are not touched and not even sent: their digests are compared first. A changed row is
closed and its new form begins at the same moment; a vanished one is closed.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql

from layers.postgis.columns import GEOMETRY, digests, number_repeats, to_columns, to_csv
from layers.postgis.reading import standing, table_of
from layers.store import StoreError
from layers.tables import FACILITY, TABLES, Batch

_CHUNK_ROWS = 20_000  # bounds the memory: about 10 MB of text


def taken(driver: psycopg.Connection, batch: Batch) -> sql.Composable | None:
    """Return the condition on the stored rows that a batch replaces, None where it only adds."""
    if batch.mode == "append":
        return None
    of_dataset = sql.SQL("dataset = {}").format(sql.Literal(batch.dataset))
    if batch.districts is None:
        return of_dataset
    source, of_layer = table_of(batch.table)
    shape, _ = TABLES.get(batch.table, (FACILITY, True))
    names = [sql.Identifier(name) if name in shape else sql.SQL("''::text") for name in ("district", "scope")]
    pair = sql.SQL(", ").join(names)
    stored = driver.execute(
        sql.SQL("SELECT DISTINCT {} FROM {} WHERE {} AND {} AND {}").format(
            pair, source, of_layer, standing(None), of_dataset
        )
    ).fetchall()
    going = [sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in stored if batch.takes(*row)]
    if not going:
        return sql.SQL("FALSE")
    return sql.SQL("{} AND ({}) IN ({})").format(of_dataset, pair, sql.SQL(", ").join(going))


def merge(
    driver: psycopg.Connection, table: str, rows: pd.DataFrame, replaced: sql.Composable | None, stamp: datetime
) -> None:
    """Put rows in the place of those stored that meet a condition; None only adds.

    Parameters
    ----------
    rows
        In the shape of the table (``layers.tables``).
    stamp
        When the new rows begin and the replaced ones end.

    Raises
    ------
    StoreError
        Not every row arrived as it was sent.
    """
    shape, has_geometry = TABLES.get(table, (FACILITY, True))
    parts = [rows.iloc[at : at + _CHUNK_ROWS] for at in range(0, len(rows), _CHUNK_ROWS)]
    tables = [to_columns(part, shape, has_geometry=has_geometry) for part in parts]
    coming = number_repeats(np.concatenate([np.empty(0, np.int64), *map(digests, tables)]))
    news = np.ones(len(coming), dtype=bool)
    if replaced is not None:
        ids, stored = _open_digests(driver, table, replaced)
        stays = np.isin(stored, coming) & ~pd.Series(stored).duplicated().to_numpy()
        _close(driver, table, ids[~stays], stamp)
        news = ~np.isin(coming, stored[stays])
    if news.any():
        _insert(driver, table, _chosen(tables, coming, news), int(news.sum()), stamp)


def _chosen(tables: Sequence[pa.Table], coming: NDArray[np.int64], news: NDArray[np.bool_]) -> Iterator[pa.Table]:
    """Yield the rows that are news, with their digests, a chunk at a time."""
    at = 0
    for table in tables:
        here = slice(at, at + len(table))
        at = here.stop
        if news[here].any():
            yield table.append_column("digest", pa.array(coming[here])).filter(pa.array(news[here]))


def _open_digests(
    driver: psycopg.Connection, table: str, replaced: sql.Composable
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and digests of the stored rows to be replaced, int64 (n,) each."""
    source, of_layer = table_of(table)
    statement = sql.SQL(
        # One value: a row a message would take ten times as long to receive.
        "SELECT string_agg(int8send(id) || int8send(digest), ''::bytea ORDER BY id) FROM {} WHERE {} AND {} AND {}"
    ).format(source, of_layer, standing(None), replaced)
    found = driver.cursor(binary=True).execute(statement).fetchone()
    pairs = np.frombuffer(found[0] or b"" if found else b"", dtype=">i8").astype(np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _close(driver: psycopg.Connection, table: str, ids: NDArray[np.int64], stamp: datetime) -> None:
    if not len(ids):
        return
    driver.execute("CREATE TEMP TABLE gone (id bigint) ON COMMIT DROP")
    _copy_in(driver, sql.SQL("COPY gone FROM STDIN (FORMAT csv)"), [pa.table({"id": ids})])
    source, of_layer = table_of(table)
    driver.execute(
        sql.SQL("UPDATE {} SET valid_to = {} FROM gone WHERE {} AND {}.id = gone.id").format(
            source, sql.Literal(stamp), of_layer, source
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
