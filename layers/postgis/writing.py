"""One transaction of a writer: wait for the others, merge, remember, tell the readers."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from layers.postgis.merging import merge, taken
from layers.postgis.reading import read_rows, read_version
from layers.postgis.records import note, recode, remember
from layers.postgis.taking_back import Own, forget_record, places, rows_before, why_not
from layers.postgis.upgrade import has_partition
from layers.store import StoreError, StoreMovedError
from layers.tables import TABLES, Batch, ImportRecord, taken_rows
from layers.taking_back import Taken, adds

CHANNEL = "ansim_version"
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
        self._rewritten: datetime | None = None

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
        # A sheet whose cells were rewritten just before is one change with it: history before it is before both.
        stamp = self._begin() if batch.before is None or self._rewritten is None else self._rewritten
        merge(self._driver, batch.table, batch.rows, taken(self._driver, batch), stamp)
        remember(self._driver, batch, record, stamp)
        self._wrote(batch.table)

    def rewrite(self, table: str, rows: pd.DataFrame) -> None:
        """Write all rows of a table anew; equal ones are left alone, and what is remembered of imports stays."""
        self._driver.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_hash("boundaries")])
        self._rewritten = self._begin()
        merge(self._driver, table, rows, sql.SQL("TRUE"), self._rewritten)
        self._wrote(table)

    def take_back(self, record: ImportRecord, at: str, *, restore: bool) -> Taken:
        """Take back an import that stands; see :meth:`layers.taking_back.TakingBack.take_back`."""
        own = Own(self._driver, record, self._name)
        there = places(own)
        self._lock(there)
        stamp = self._begin()
        why = why_not(self._driver, own, restore=restore)
        stood = int(taken_rows(self.read(own.table), there).sum())
        coming = rows_before(self._driver, own, why)
        merge(self._driver, own.table, coming, taken(self._driver, there), stamp)
        counted = (stood - len(coming), 0) if adds(own.table, own.record) else (stood, len(coming))
        done = Taken(own.record, *counted, why=why)
        done = replace(done, back=forget_record(self._driver, own, done, at, stamp))
        self._wrote(own.table)
        return done

    def amend(self, layer: str, rows: pd.DataFrame) -> None:
        """Put rows of a facility layer in the place of those with the same keys; no import is remembered.

        Their (dataset, district) pairs are locked as :meth:`put` does: another writer may be replacing them.
        """
        if rows.empty:
            return
        for dataset, part in rows.groupby("dataset", sort=True):
            self._lock(Batch(layer, str(dataset), tuple(part["district"].unique()), part.iloc[:0]))
        same = sql.SQL("key = ANY({})").format(sql.Literal(rows["key"].tolist()))
        merge(self._driver, layer, rows, same, self._begin())
        self._wrote(layer)

    def recode(self, moved: Mapping[str, tuple[str, ...]]) -> None:
        """Put the districts that came of one in its place in what is remembered of the imports."""
        recode(self._driver, moved, self._begin())
        self.changed = True

    def note(self, command: str, said: str, digests: Collection[str]) -> None:
        """Note what a command came to; see :meth:`layers.store.RecallingWriter.note`."""
        note(self._driver, command, said, digests)

    def _begin(self) -> datetime:
        """Return the moment of a change. Call it with the locks held: what others changed is before it."""
        if read_version(self._driver) != self._version:
            raise StoreMovedError(f"{self._name}: 그 사이 다른 가져오기가 저장했습니다", "다시 하십시오")
        return self._driver.execute("SELECT clock_timestamp()").fetchone()[0]  # type: ignore[index, no-any-return]

    def _wrote(self, table: str) -> None:
        if table == "dong":
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
        # In one order: no deadlock. Rows of no district go with all the districts of their file (Batch.takes),
        # which are locked then.
        for code in sorted({_hash(district) for district in batch.districts or ()}):
            self._driver.execute("SELECT pg_advisory_xact_lock(%s, %s)", [dataset, code])


def _hash(text: str) -> int:
    return int(np.int32(np.uint32(zlib.crc32(text.encode()))))
