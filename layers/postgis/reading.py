"""Rows out of the database, a column at a time, through one COPY a table."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import psycopg
from psycopg import sql

from layers.postgis.columns import GEOMETRY, ORDER, from_csv, to_frame
from layers.postgis.models import SCHEMA, SRID
from layers.store import Bounds
from layers.tables import FACILITY, SUMMARY, TABLES

_COUNTING = "counts AND located AND status = 'installed'"
# The newest of dates as geo.dates has it: one known to the month may be the month's last day.
_SUMMARY = """
SELECT layer, district, COUNT(*), SUM(devices), COUNT(*) FILTER (WHERE located), COUNT(*) FILTER (WHERE near),
       COALESCE(SUM(devices) FILTER (WHERE {counting}), 0),
       COALESCE(MIN(NULLIF(data_date, '') COLLATE "C") FILTER (WHERE {counting}), ''),
       COALESCE(RTRIM(MAX((NULLIF(data_date, '') || '~') COLLATE "C") FILTER (WHERE {counting}), '~'), '')
FROM {facility} WHERE {standing} GROUP BY layer, district ORDER BY layer, district COLLATE "C"
"""


def standing(as_of: datetime | None) -> sql.Composable:
    """Return the condition on rows that stand: now, or just before a moment."""
    if as_of is None:
        return sql.SQL("valid_to IS NULL")
    moment = sql.Literal(as_of)
    return sql.SQL("(valid_from < {0} AND (valid_to IS NULL OR valid_to >= {0}))").format(moment)


def table_of(table: str) -> tuple[sql.Composable, sql.Composable]:
    """Return the database's table for one of ours or a layer, and the condition that limits it to the layer."""
    if table in TABLES:
        return sql.Identifier(SCHEMA, table), sql.SQL("TRUE")
    return sql.Identifier(SCHEMA, "facility"), sql.SQL("layer = {}").format(sql.Literal(table))


def read_rows(
    driver: psycopg.Connection,
    table: str,
    *,
    bounds: Bounds | None = None,
    columns: Sequence[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """Return a table, in the order its rows came; see :meth:`layers.store.Store.read`."""
    known, has_geometry = TABLES.get(table, (FACILITY, True))
    wanted = {name: known[name] for name in (known if columns is None else columns) if name != "geometry"}
    with_geometry = has_geometry and (columns is None or "geometry" in columns)
    asked = {ORDER: "int64", **wanted, **({GEOMETRY: "str"} if with_geometry else {})}
    source, of_layer = table_of(table)
    statement = sql.SQL("COPY (SELECT {} FROM {} WHERE {} AND {} AND {}) TO STDOUT (FORMAT csv)").format(
        sql.SQL(", ").join(map(sql.Identifier, asked)),
        source,
        of_layer,
        standing(as_of),
        sql.SQL("TRUE") if bounds is None or not has_geometry else _meets(bounds),
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        return to_frame(from_csv(copy, asked), wanted, with_geometry=with_geometry)


def read_summary(driver: psycopg.Connection, as_of: datetime | None) -> pd.DataFrame:
    """Return what each layer holds a district; see :meth:`layers.store.Store.summary`."""
    statement = sql.SQL(_SUMMARY).format(
        facility=sql.Identifier(SCHEMA, "facility"), standing=standing(as_of), counting=sql.SQL(_COUNTING)
    )
    rows = driver.execute(statement).fetchall()
    return pd.DataFrame(rows, columns=list(SUMMARY)).astype(SUMMARY)


def read_version(driver: psycopg.Connection) -> int:
    """Return the data version."""
    found = driver.execute(sql.SQL("SELECT version FROM {}").format(sql.Identifier(SCHEMA, "meta"))).fetchone()
    return int(found[0]) if found else 0


def _meets(bounds: Bounds) -> sql.Composable:
    box = sql.SQL("ST_MakeEnvelope({}, {})").format(
        sql.SQL(", ").join(sql.Literal(float(side)) for side in bounds), sql.Literal(SRID)
    )
    return sql.SQL("ST_Intersects({}, {})").format(sql.Identifier(GEOMETRY), box)
