"""What the embedded store remembers beside its rows: data version and imports."""

import json
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path

from layers.store import StoreError
from layers.tables import Batch, ImportRecord

FORMAT = 2
META = """
CREATE TABLE IF NOT EXISTS ansim_meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, format INTEGER NOT NULL);
INSERT OR IGNORE INTO ansim_meta VALUES (1, 0, 2);
CREATE TABLE IF NOT EXISTS ansim_import (
    id INTEGER PRIMARY KEY AUTOINCREMENT, "table" TEXT NOT NULL, dataset TEXT NOT NULL, record TEXT NOT NULL);
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier)
    VALUES ('ansim_meta', 'attributes', 'ansim_meta'), ('ansim_import', 'attributes', 'ansim_import');
"""


def not_ours(path: Path) -> StoreError:
    """Return the error for a file that is no store of this program."""
    return StoreError(f"{path}: 안심지도 저장소가 아닙니다", "다른 파일 이름을 --store에 주십시오")


def read_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the data version. Raises :class:`StoreError` for a file of another program or a later format."""
    try:
        version, kind = connection.execute("SELECT version, format FROM ansim_meta").fetchone()
    except sqlite3.Error as error:
        raise not_ours(path) from error
    if kind < FORMAT:
        raise StoreError(f"{path}: 예전 판이 만든 저장소입니다 (형식 {kind})", "새 저장소에 파일들을 다시 가져오십시오")
    if kind > FORMAT:
        raise StoreError(f"{path}: 이 프로그램이 모르는 저장소 형식 {kind}", "새 판의 프로그램으로 여십시오")
    return int(version)


def feature_tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that hold data, in the order they were made."""
    rows = connection.execute(
        "SELECT table_name FROM gpkg_contents WHERE table_name NOT LIKE 'ansim_%' AND table_name != 'layer_styles'"
        " ORDER BY rowid"
    )
    return [name for (name,) in rows]


def read_records(connection: sqlite3.Connection) -> list[tuple[int, ImportRecord]]:
    """Return the imports that still stand, oldest first, with their row ids."""
    found = []
    for row, text in connection.execute("SELECT id, record FROM ansim_import ORDER BY id"):
        values = json.loads(text)
        districts = values.pop("districts")
        values["complete_for"] = tuple(values["complete_for"])
        found.append((row, ImportRecord(**values, districts=None if districts is None else tuple(districts))))
    return found


def records_of(connection: sqlite3.Connection, table: str, dataset: str) -> list[tuple[int, ImportRecord]]:
    """Return the imports of a dataset into a table that still stand, oldest first, with their row ids."""
    return [
        (row, old)
        for row, old in read_records(connection)
        if old.dataset == dataset and _same_table(connection, row, table)
    ]


def remember(connection: sqlite3.Connection, batch: Batch, record: ImportRecord) -> int:
    """Store the record; forget, or cut down, the records whose rows this batch replaces. Return its row id.

    A record that is cut down keeps its digest: what of the file still stands is in its ``districts``.
    """
    for row, old in records_of(connection, batch.table, batch.dataset):
        left = left_of(old, batch, record)
        if left == ():
            connection.execute("DELETE FROM ansim_import WHERE id = ?", (row,))
        elif left != old.districts:
            still = tuple(code for code in old.complete_for if code in (left or ()))
            update_record(connection, row, replace(old, districts=left, complete_for=still))
    text = record_text(replace(record, districts=batch.districts, scope=batch.scope))
    cursor = connection.execute(
        'INSERT INTO ansim_import ("table", dataset, record) VALUES (?, ?, ?)', (batch.table, batch.dataset, text)
    )
    return int(cursor.lastrowid or 0)


def update_record(connection: sqlite3.Connection, row: int, record: ImportRecord) -> None:
    """Write a record anew in its row."""
    connection.execute("UPDATE ansim_import SET record = ? WHERE id = ?", (record_text(record), row))


def left_of(old: ImportRecord, batch: Batch, record: ImportRecord) -> tuple[str, ...] | None:
    """Return the districts in which a remembered import still stands once the batch is stored."""
    if batch.mode == "append":
        return () if old.digest == record.digest else old.districts
    if batch.districts is None:
        return ()
    if old.districts is None:
        return None
    return tuple(code for code in old.districts if not batch.takes(code, old.scope))


def record_text(record: ImportRecord) -> str:
    """Return a record as it is kept."""
    return json.dumps(asdict(record), ensure_ascii=False)


def _same_table(connection: sqlite3.Connection, row: int, table: str) -> bool:
    found = connection.execute('SELECT "table" FROM ansim_import WHERE id = ?', (row,)).fetchone()
    return found is not None and found[0] == table
