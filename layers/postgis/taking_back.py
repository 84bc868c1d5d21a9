"""Taking an import back in the database: history holds every edition before, so that the last of them stands again.

Nothing is deleted: the import's rows end, those before it begin anew, and the log is a record that never stood.
"""

from dataclasses import replace
from datetime import datetime

import pandas as pd
import psycopg
from psycopg import sql

from layers.postgis.models import SCHEMA
from layers.postgis.reading import read_rows, standing
from layers.postgis.records import digests_of, insert_record, records_where, renew
from layers.tables import Batch, ImportRecord, taken_rows
from layers.taking_back import (
    IDENTITY,
    WITHOUT_BOUNDARIES,
    Forgotten,
    Taken,
    Why,
    adds,
    check_last,
    moved,
    not_told_apart,
    places_of,
    regained,
)

FORGET = "forget"  # the mode of a record of the log
_IMPORT = sql.Identifier(SCHEMA, "import")
_OWN = sql.SQL(
    "SELECT id, place, stored_table FROM {} WHERE valid_to IS NULL AND ({}) = ({}) ORDER BY place DESC LIMIT 1"
).format(
    _IMPORT, sql.SQL(", ").join(map(sql.Identifier, IDENTITY)), sql.SQL(", ").join([sql.Placeholder()] * len(IDENTITY))
)
_BEGAN = sql.SQL("SELECT MIN(valid_from) FROM {} WHERE place = %s").format(_IMPORT)
_LOGGED = sql.SQL("SELECT DISTINCT place FROM {} WHERE mode = {}").format(_IMPORT, sql.Literal(FORGET))
_LOG = sql.SQL(
    "SELECT DISTINCT ON (log.id) log.file, log.dataset, log.layer, own.imported_at, log.imported_at, log.read,"
    " log.accepted FROM {0} log JOIN {0} own ON own.place = log.place AND own.mode <> {1}"
    " WHERE log.mode = {1} ORDER BY log.id, own.id"
).format(_IMPORT, sql.Literal(FORGET))


class Own:
    """An import that stands: its row, place among the imports, table, record as it is now, and when it began."""

    def __init__(self, driver: psycopg.Connection, record: ImportRecord, name: str) -> None:
        found = driver.execute(_OWN, [getattr(record, column) for column in IDENTITY]).fetchone()
        if found is None:
            raise moved(name, record)
        self.row, self.place, self.table = int(found[0]), int(found[1]), str(found[2])
        standing_now = records_where(driver, standing(None), self.table, record.dataset)
        self.record = next((one for row, _, one in standing_now if row == self.row), None) or record
        began = driver.execute(_BEGAN, [self.place]).fetchone()
        self.began: datetime = began[0]  # type: ignore[index]


def places(own: Own) -> Batch:
    """Return what the import stands in."""
    return places_of(own.table, own.record)


def rows_before(driver: psycopg.Connection, own: Own, why: Why) -> pd.DataFrame:
    """Return the rows that stand in an import's places once it is taken back; those of an append's neighbours stay."""
    if why == "boundaries" or (why and not adds(own.table, own.record)):
        return read_rows(driver, own.table).iloc[:0]
    before = read_rows(driver, own.table, as_of=own.began)
    return before[taken_rows(before, places(own))].reset_index(drop=True)


def why_not(driver: psycopg.Connection, own: Own, *, restore: bool) -> Why:
    """Return why the edition before is not to stand again, '' where it may. Raises CannotForgetError."""
    others = records_where(driver, standing(None), own.table, own.record.dataset)
    check_last(own.table, own.record, (one for _, place, one in others if place > own.place))
    same_ground = own.table in WITHOUT_BOUNDARIES or _ground(driver, None) == _ground(driver, own.began)
    added = adds(own.table, own.record)
    if added and not same_ground:
        if len(others) > 1:
            raise not_told_apart(own.record)
        return "boundaries"
    if not restore:
        return "asked"
    before = records_where(driver, standing(own.began), own.table, own.record.dataset)
    touched = {place for _, place, old in before if regained(old, None, places(own)) is not None}
    if not touched.isdisjoint(place for (place,) in driver.execute(_LOGGED)):
        return "forgotten"
    if not touched and not added:
        return "none"
    return "" if same_ground else "boundaries"


def forget_record(driver: psycopg.Connection, own: Own, taken: Taken, at: str, stamp: datetime) -> tuple[str, ...]:
    """End the record, let those before it stand again, write the log; return the files that stand again."""
    files = []
    renew(driver, own.row, own.place, None, stamp)
    if not taken.why:
        standing_now = records_where(driver, standing(None), own.table, own.record.dataset)
        now = {place: (row, one) for row, place, one in standing_now}
        for _, place, old in records_where(driver, standing(own.began), own.table, own.record.dataset):
            row, one = now.get(place, (0, None))
            again = regained(old, one, places(own))
            if again is None or again == one:
                continue
            files.append(old.file)
            if one is None:
                insert_record(driver, own.table, again, place, stamp)
            else:
                renew(driver, row, place, again, stamp)
    logged = replace(own.record, mode=FORGET, imported_at=at, read=taken.removed, accepted=taken.restored)
    insert_record(driver, own.table, logged, own.place, stamp, ended=True)
    return tuple(dict.fromkeys(files))


def read_forgotten(driver: psycopg.Connection) -> list[Forgotten]:
    """Return the log, oldest first."""
    return [Forgotten(*row) for row in driver.execute(_LOG).fetchall()]


def _ground(driver: psycopg.Connection, as_of: datetime | None) -> list[str]:
    """Return what names the boundaries of a moment: the digests of their imports."""
    return digests_of(driver, standing(as_of), "dong")
