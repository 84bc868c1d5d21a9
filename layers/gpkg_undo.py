"""What the embedded store keeps so that an import can be taken back: the one edition before, and what was appended.

A table beside the others, ``ansim_undo``: a line an import, with the rows that it replaced (Arrow, compressed), the
imports these were of, and the boundaries they were located by; of an appended file, what tells its rows. When an
import is replaced whole, the edition before it goes: one step back is kept. ``ansim_forgotten`` is the log.
"""

import json
import sqlite3
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import shapely

from layers.gpkg_meta import left_of, read_records, record_text
from layers.tables import FACILITY, TABLES, Batch, ImportRecord, taken_rows
from layers.taking_back import WITHOUT_BOUNDARIES, Forgotten, Taken, identity_of

_TABLES = """
CREATE TABLE IF NOT EXISTS ansim_undo (
    import INTEGER PRIMARY KEY, boundaries TEXT NOT NULL, records TEXT NOT NULL, before BLOB, brought BLOB,
    dropped INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS ansim_forgotten (
    id INTEGER PRIMARY KEY AUTOINCREMENT, import INTEGER NOT NULL, at TEXT NOT NULL, removed INTEGER NOT NULL,
    restored INTEGER NOT NULL, record TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Kept:
    """What is kept of one import: rows it replaced, or that tell those it appended; None where there are none."""

    boundaries: str
    records: list[tuple[int, ImportRecord]]
    before: pd.DataFrame | None
    brought: pd.DataFrame | None
    dropped: bool


def ground(connection: sqlite3.Connection) -> str:
    """Return what names the boundaries there are: the digests of their imports."""
    return ";".join(sorted(record.digest for _, table, record in records_by_table(connection) if table == "dong"))


def records_by_table(connection: sqlite3.Connection) -> list[tuple[int, str, ImportRecord]]:
    """Return the imports that stand, oldest first, with their row ids and tables."""
    tables = dict(connection.execute('SELECT id, "table" FROM ansim_import'))
    return [(row, tables[row], record) for row, record in read_records(connection)]


def keep_undo(
    connection: sqlite3.Connection, row: int, batch: Batch, record: ImportRecord, stored: pd.DataFrame | None,
    old: list[tuple[int, ImportRecord]],
) -> None:  # fmt: skip
    """Keep what taking an import back will need.

    Parameters
    ----------
    row
        The import's row id.
    stored
        The table before, None where none of it was replaced.
    old
        The imports of the dataset before.
    """
    connection.executescript(_TABLES)
    touched = [(at, one) for at, one in old if left_of(one, batch, record) != one.districts]
    before = batch.before if stored is None else stored[taken_rows(stored, batch)]
    brought = batch.rows[identity_of(batch.table)] if batch.mode == "append" and batch.before is None else None
    again = [kept for at, _ in touched if batch.mode == "append" and (kept := read_undo(connection, at, batch.table))]
    parts = [kept.brought for kept in again if kept.brought is not None]
    if brought is not None and parts:
        brought = pd.concat([*parts, brought], ignore_index=True)
    for at, one in touched:
        if left_of(one, batch, record) == ():
            connection.execute(
                "UPDATE ansim_undo SET dropped = dropped OR before IS NOT NULL, before = NULL WHERE import = ?", (at,)
            )
    connection.execute(
        "INSERT OR REPLACE INTO ansim_undo (import, boundaries, records, before, brought) VALUES (?, ?, ?, ?, ?)",
        (
            row,
            "" if batch.table in WITHOUT_BOUNDARIES else ground(connection),
            json.dumps([[at, record_text(one)] for at, one in touched], ensure_ascii=False),
            _packed(before),
            _packed(brought),
        ),
    )


def read_undo(connection: sqlite3.Connection, row: int, table: str) -> Kept | None:
    """Return what is kept of an import, None where it was imported before anything was."""
    if not _has(connection, "ansim_undo"):
        return None
    found = connection.execute(
        "SELECT boundaries, records, before, brought, dropped FROM ansim_undo WHERE import = ?", (row,)
    ).fetchone()
    if found is None:
        return None
    boundaries, records, before, brought, dropped = found
    return Kept(
        boundaries,
        [(int(at), _record(text)) for at, text in json.loads(records)],
        _unpacked(before, table),
        _unpacked(brought, table),
        bool(dropped),
    )


def log_forgotten(connection: sqlite3.Connection, row: int, at: str, taken: Taken) -> None:
    """Write a line of the log; what was kept of the import goes."""
    connection.executescript(_TABLES)
    connection.execute("DELETE FROM ansim_undo WHERE import = ?", (row,))
    connection.execute(
        "INSERT INTO ansim_forgotten (import, at, removed, restored, record) VALUES (?, ?, ?, ?, ?)",
        (row, at, taken.removed, taken.restored, record_text(taken.record)),
    )


def forgotten_imports(connection: sqlite3.Connection) -> set[int]:
    """Return the row ids of the imports that were taken back."""
    if not _has(connection, "ansim_forgotten"):
        return set()
    return {row for (row,) in connection.execute("SELECT import FROM ansim_forgotten")}


def read_forgotten(connection: sqlite3.Connection) -> list[Forgotten]:
    """Return the log, oldest first."""
    if not _has(connection, "ansim_forgotten"):
        return []
    rows = connection.execute("SELECT at, removed, restored, record FROM ansim_forgotten ORDER BY id").fetchall()
    found = []
    for at, removed, restored, text in rows:
        one = _record(text)
        found.append(Forgotten(one.file, one.dataset, one.layer, one.imported_at, at, removed, restored))
    return found


def _record(text: str) -> ImportRecord:
    values = json.loads(text)
    for name in ("districts", "complete_for"):
        values[name] = None if values[name] is None else tuple(values[name])
    return ImportRecord(**values)


def _has(connection: sqlite3.Connection, table: str) -> bool:
    asked = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(asked, (table,)).fetchone() is not None


def _packed(rows: pd.DataFrame | None) -> bytes | None:
    if rows is None or not len(rows):
        return None
    columns = {name: pa.array(rows[name].to_numpy()) for name in rows.columns if name != "geometry"}
    if "geometry" in rows.columns:
        columns["geometry"] = pa.array(shapely.to_wkb(rows["geometry"].to_numpy()), pa.binary())
    sink = pa.BufferOutputStream()
    table = pa.table(columns)
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpacked(blob: bytes | None, table: str) -> pd.DataFrame | None:
    if blob is None:
        return None
    kinds = TABLES.get(table, (FACILITY, True))[0]
    found = pa.ipc.open_file(pa.BufferReader(blob)).read_all()
    frame = pd.DataFrame({name: found[name].to_pandas() for name in found.column_names if name != "geometry"})
    frame = frame.astype({name: kinds[name] for name in frame.columns})
    if "geometry" in found.column_names:
        frame["geometry"] = pd.Series(
            shapely.from_wkb(found["geometry"].to_numpy(zero_copy_only=False)), dtype=object, index=frame.index
        )
    return frame
