"""What is remembered of imports: rows with history, as all else."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from layers.postgis.models import SCHEMA
from layers.postgis.reading import standing
from layers.tables import Batch, ImportRecord, recode_record

_IMPORT, _COMMAND = sql.Identifier(SCHEMA, "import"), sql.Identifier(SCHEMA, "command")
_NAMES = [item.name for item in fields(ImportRecord)]
_READ = sql.SQL("SELECT id, place, {} FROM {} WHERE {} AND {} ORDER BY place")
_CLOSE = sql.SQL("UPDATE {} SET valid_to = %s WHERE id = %s RETURNING stored_table").format(_IMPORT)
_INSERT = sql.SQL("INSERT INTO {} (place, stored_table, valid_from, valid_to, {}) VALUES ({}) RETURNING id")
_NEXT = sql.SQL("SELECT COALESCE(MAX(place), 0) + 1 FROM {}").format(_IMPORT)
_REJECTED = sql.SQL("COPY {} (import_id, line, reason, row) FROM STDIN").format(sql.Identifier(SCHEMA, "rejected_row"))
# Records that stand, and those of boundaries among them. One that is cut down or moved goes on under another id.
_STANDING = sql.SQL("ARRAY(SELECT id FROM {} WHERE valid_to IS NULL)").format(_IMPORT)
_GROUND = sql.SQL("ARRAY(SELECT id FROM {} WHERE valid_to IS NULL AND stored_table = 'dong' ORDER BY id)").format(
    _IMPORT
)
_RECALL = sql.SQL("SELECT said FROM {} WHERE digest = %s AND imports <@ {} AND ground = {}").format(
    _COMMAND, _STANDING, _GROUND
)
_FORGET = sql.SQL("DELETE FROM {} WHERE digest = %s OR NOT imports <@ {} OR ground <> {}").format(
    _COMMAND, _STANDING, _GROUND
)
_NOTE = sql.SQL("INSERT INTO {} (digest, said, imports, ground) SELECT %s, %s, %s, {}").format(_COMMAND, _GROUND)


def recall(driver: psycopg.Connection, command: str) -> str | None:
    """Return what was noted of a command; see :meth:`layers.store.Recalling.recall`."""
    found = driver.execute(_RECALL, [command]).fetchone()
    return None if found is None else str(found[0])


def note(driver: psycopg.Connection, command: str, said: str, digests: Collection[str]) -> None:
    """Note a command, and forget those that no longer stand; see :meth:`layers.store.RecallingWriter.note`."""
    driver.execute("SELECT pg_advisory_xact_lock(hashtext('command'), 0)")  # two that forget do not cross
    driver.execute(_FORGET, [command])
    rows = [(row, old.digest) for row, _, old in _records(driver, standing(None), sql.SQL("TRUE"))]
    if set(digests) <= {digest for _, digest in rows}:
        ids = [row for row, digest in rows if digest in digests]
        driver.execute(_NOTE, [command, said, ids])


def read_records(driver: psycopg.Connection, as_of: datetime | None = None) -> list[ImportRecord]:
    """Return the imports that stand, oldest first."""
    return [record for _, _, record in _records(driver, standing(as_of), sql.SQL("TRUE"))]


def remember(driver: psycopg.Connection, batch: Batch, record: ImportRecord, stamp: datetime) -> None:
    """Store the record; close, or cut down, the records whose rows this batch replaces.

    A record that is cut down keeps its digest: what of the file still stands is in its ``districts``.
    """
    for row, place, old in records_where(driver, standing(None), batch.table, batch.dataset):
        left = _left(old, batch, record)
        if left == old.districts:
            continue
        still = None
        if left != ():
            complete = tuple(code for code in old.complete_for if code in (left or ()))
            still = replace(old, districts=left, complete_for=complete)
        renew(driver, row, place, still, stamp)
    found = driver.execute(_NEXT).fetchone()
    whole = replace(record, districts=batch.districts, scope=batch.scope)
    row = insert_record(driver, batch.table, whole, int(found[0]) if found else 1, stamp)
    if batch.rejected is not None and len(batch.rejected):
        _keep_rejected(driver, row, batch.rejected)


def records_where(
    driver: psycopg.Connection, stands: sql.Composable, table: str, dataset: str
) -> list[tuple[int, int, ImportRecord]]:
    """Return the imports of a dataset into a table, oldest first, with their rows and places among the imports."""
    limit = sql.SQL("stored_table = {} AND dataset = {}").format(sql.Literal(table), sql.Literal(dataset))
    return _records(driver, stands, limit)


def digests_of(driver: psycopg.Connection, stands: sql.Composable, table: str) -> list[str]:
    """Return the digests of the imports into a table, sorted."""
    limit = sql.SQL("stored_table = {}").format(sql.Literal(table))
    return sorted(record.digest for _, _, record in _records(driver, stands, limit))


def recode(driver: psycopg.Connection, moved: Mapping[str, tuple[str, ...]], stamp: datetime) -> None:
    """Let the records follow a change of district codes."""
    for row, place, old in _records(driver, standing(None), sql.SQL("TRUE")):
        if (recoded := recode_record(old, moved)) != old:
            renew(driver, row, place, recoded, stamp)


def _left(old: ImportRecord, batch: Batch, record: ImportRecord) -> tuple[str, ...] | None:
    """Return the districts in which a remembered import still stands once the batch is stored."""
    if batch.mode == "append":
        return () if old.digest == record.digest else old.districts
    if batch.districts is None:
        return ()
    if old.districts is None:
        return None
    return tuple(code for code in old.districts if not batch.takes(code, old.scope))


def renew(driver: psycopg.Connection, row: int, place: int, record: ImportRecord | None, stamp: datetime) -> None:
    """Close a record, and begin its new form in its place among the imports, if it has one."""
    found = driver.execute(_CLOSE, [stamp, row]).fetchone()
    if record is not None and found is not None:
        insert_record(driver, str(found[0]), record, place, stamp)


def _records(
    driver: psycopg.Connection, stands: sql.Composable, limit: sql.Composable
) -> list[tuple[int, int, ImportRecord]]:
    names = sql.SQL(", ").join(map(sql.Identifier, _NAMES))
    with driver.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_READ.format(names, _IMPORT, stands, limit)).fetchall()
    return [(row.pop("id"), row.pop("place"), _record(row)) for row in rows]


def _record(row: dict[str, Any]) -> ImportRecord:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return ImportRecord(**values)


def insert_record(
    driver: psycopg.Connection, table: str, record: ImportRecord, place: int, stamp: datetime, *, ended: bool = False
) -> int:
    """Add a record at a place among the imports; ``ended``: it never stood. Return its row."""
    own = [list(value) if isinstance(value, tuple) else value for value in (getattr(record, name) for name in _NAMES)]
    values = [place, table, stamp, stamp if ended else None, *own]
    names = sql.SQL(", ").join(map(sql.Identifier, _NAMES))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
    found = driver.execute(_INSERT.format(_IMPORT, names, marks), values).fetchone()
    if found is None:
        raise AssertionError(record.file)
    return int(found[0])


def _keep_rejected(driver: psycopg.Connection, row: int, rejected: pd.DataFrame) -> None:
    with driver.cursor() as cursor, cursor.copy(_REJECTED) as copy:
        for line, reason, text in rejected[["line", "reason", "row"]].itertuples(index=False):
            copy.write_row((row, int(line), reason, text))
