"""Taking an import back in the embedded store: which rows then stand, and what is remembered of the imports."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from geo.model import Bools
from layers.gpkg_meta import record_text, update_record
from layers.gpkg_rows import read_rows
from layers.gpkg_undo import Kept, forgotten_imports, ground, log_forgotten, read_undo, records_by_table
from layers.tables import ImportRecord, taken_rows
from layers.taking_back import (
    WITHOUT_BOUNDARIES,
    Taken,
    Why,
    adds,
    check_last,
    identity_of,
    meet,
    moved,
    not_told_apart,
    places_of,
    regained,
    same_import,
)


def take_back(
    path: Path, record: ImportRecord, at: str, *, restore: bool, name: str
) -> tuple[str, pd.DataFrame, Taken]:
    """Take an import out of what is remembered; see :meth:`layers.taking_back.TakingBack.take_back`.

    ``name``: what the store is called, of which ``path`` is the working copy.

    Returns
    -------
    Its table, the rows that are to stand in it, and the account.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        standing = records_by_table(connection)
        row, table, record = _own(standing, record, name)
        added = adds(table, record)
        others = [(at_row, one) for at_row, t, one in standing if (t, one.dataset) == (table, record.dataset)]
        check_last(table, record, (one for at_row, one in others if at_row > row))
        kept = read_undo(connection, row, table)
        stored = read_rows(path, table)
        going = _going(stored, record, table, kept, [one for at_row, one in others if at_row != row])
        why = _why(connection, kept, table, restore=restore)
        places = places_of(table, record)
        back = pd.DataFrame()
        if kept is not None and kept.before is not None and not why:
            back = kept.before if added else kept.before[taken_rows(kept.before, places)]
        connection.execute("DELETE FROM ansim_import WHERE id = ?", (row,))
        files: list[str] = []
        if kept is not None and not why:
            still = dict(others)
            for old_row, old in kept.records:
                again = regained(old, still.get(old_row), places)
                if again is not None:
                    files.append(old.file)
                    _stand_again(connection, old_row, table, again, exists=old_row in still)
        if not why and not added and not files:
            why = "none"
        taken = Taken(record, *_counted(int(going.sum()), len(back), added=added), tuple(dict.fromkeys(files)), why)
        log_forgotten(connection, row, at, taken)
    rows = stored[~going]
    if len(back):
        rows = pd.concat([rows, back], ignore_index=True) if len(rows) else back
    return table, rows.reset_index(drop=True), taken


def _counted(going: int, back: int, *, added: bool) -> tuple[int, int]:
    """Return rows removed and restored; of what was only added to, the rest never went."""
    return (going - back, 0) if added else (going, back)


def _own(
    standing: list[tuple[int, str, ImportRecord]], record: ImportRecord, name: str
) -> tuple[int, str, ImportRecord]:
    """Return an import's row, its table, and its record as it stands now. Raises StoreMovedError."""
    for row, table, one in reversed(standing):
        if same_import(one, record):
            return row, table, one
    raise moved(name, record)


def _going(
    stored: pd.DataFrame, record: ImportRecord, table: str, kept: Kept | None, others: list[ImportRecord]
) -> Bools:
    """Return which stored rows are this import's."""
    own = taken_rows(stored, places_of(table, record)).to_numpy(dtype=bool)
    alone = not any(meet(one, record) for one in others)
    if not adds(table, record) or alone or (kept is not None and kept.before is not None):
        return own
    if kept is None or (kept.brought is None and kept.dropped):
        raise not_told_apart(record)
    if kept.brought is None:
        return own & False
    names = identity_of(table)
    brought = pd.MultiIndex.from_frame(kept.brought[names]).unique()
    found = own & pd.MultiIndex.from_frame(stored[names]).isin(brought)
    if int(found.sum()) < len(brought):
        raise not_told_apart(record)
    return found


def _why(connection: sqlite3.Connection, kept: Kept | None, table: str, *, restore: bool) -> Why:
    """Return why the edition before is not to stand again, '' where it may."""
    if not restore:
        return "asked"
    if kept is None:
        return "unknown"
    if kept.dropped:
        return "dropped"
    if not {row for row, _ in kept.records}.isdisjoint(forgotten_imports(connection)):
        return "forgotten"
    if kept.before is not None and table not in WITHOUT_BOUNDARIES and kept.boundaries != ground(connection):
        return "boundaries"
    return ""


def _stand_again(connection: sqlite3.Connection, row: int, table: str, record: ImportRecord, *, exists: bool) -> None:
    if exists:
        update_record(connection, row, record)
        return
    connection.execute(
        'INSERT INTO ansim_import (id, "table", dataset, record) VALUES (?, ?, ?, ?)',
        (row, table, record.dataset, record_text(record)),
    )
