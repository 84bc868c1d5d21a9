"""The embedded store: one GeoPackage, one writer at a time, replaced whole or not at all."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import pyarrow as pa
import pyogrio

from geo.crs import METRES
from geo.plans import Plan
from geo.proposals import Round
from layers.catalog import Catalog
from layers.gpkg_files import replace_file, settle_journal
from layers.gpkg_meta import (
    META,
    feature_tables,
    not_ours,
    read_records,
    read_version,
    records_of,
    remember,
    update_record,
)
from layers.gpkg_plans import drop_plan, read_plans, write_plan
from layers.gpkg_proposals import drop_round, read_rounds, write_round
from layers.gpkg_rows import read_rows, to_arrow
from layers.gpkg_taking_back import take_back
from layers.gpkg_undo import keep_undo, read_forgotten
from layers.kept_rounds import pick_round, round_named
from layers.qgis import add_aliases, add_styles
from layers.store import Bounds, RoundCheck, StoreError
from layers.store_styles import store_aliases, store_styles
from layers.tables import (
    FACILITY,
    SUMMARY,
    TABLE_TITLES,
    TABLES,
    Batch,
    ImportRecord,
    recode_record,
    taken_rows,
)
from layers.taking_back import Forgotten, Taken

_DECISION_WAIT_S = 3.0  # a decision takes little; an import, which takes longer, is told of
_COUNTING = "counts AND status = 'installed' AND geom IS NOT NULL"
# The newest of dates as geo.dates has it: one known to the month may be the month's last day.
_SUMMARY = """
SELECT district, COUNT(*), SUM(devices), SUM(geom IS NOT NULL), SUM(near),
       SUM(CASE WHEN {counting} THEN devices ELSE 0 END),
       COALESCE(MIN(CASE WHEN {counting} THEN NULLIF(data_date, '') END), ''),
       COALESCE(RTRIM(MAX(CASE WHEN {counting} THEN NULLIF(data_date, '') || '~' END), '~'), '')
FROM "{layer}" GROUP BY district ORDER BY district
"""


class GeoPackageStore:
    """A store in one GeoPackage file that QGIS opens. See :class:`layers.store.Store`.

    Parameters
    ----------
    path
        The file; made by the first write.
    catalog
        Gives the tables their titles and QGIS styles; without it they have none.
    """

    def __init__(self, path: Path, catalog: Catalog | None = None) -> None:
        self.path = path
        self.name = str(path)
        self._catalog = catalog

    def version(self) -> int:
        """Return the data version, 0 where there is no file yet."""
        if not self.path.exists():
            return 0
        with self._connect(self.path) as connection:
            return read_version(connection, self.path)

    def imports(self) -> list[ImportRecord]:
        """Return the imports that still stand, oldest first."""
        if not self.path.exists():
            return []
        with self._connect(self.path) as connection:
            read_version(connection, self.path)
            return [record for _, record in read_records(connection)]

    def forgotten(self) -> list[Forgotten]:
        """Return what was taken back, oldest first."""
        if not self.path.exists():
            return []
        with self._connect(self.path) as connection:
            return read_forgotten(connection)

    def layer_ids(self) -> list[str]:
        """Return the facility layers that hold rows, in order of their first import."""
        if not self.path.exists():
            return []
        with self._connect(self.path) as connection:
            return [name for name in feature_tables(connection) if name not in TABLES and _has_rows(connection, name)]

    def summary(self) -> pd.DataFrame:
        """Return what each layer holds a district."""
        rows: list[tuple[Any, ...]] = []
        if self.path.exists():
            with self._connect(self.path) as connection:
                for layer in [name for name in feature_tables(connection) if name not in TABLES]:
                    statement = _SUMMARY.format(layer=layer, counting=_COUNTING)
                    rows += [(layer, *row) for row in connection.execute(statement)]
        return pd.DataFrame(rows, columns=list(SUMMARY)).astype(SUMMARY)

    def read(self, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table; see :meth:`layers.store.Store.read`."""
        return read_rows(self.path, table, bounds=bounds, columns=columns)

    @contextmanager
    def write(self, wait_s: float = 0.0) -> Iterator["GeoPackageWriter"]:
        """Open the one transaction: a copy beside the file, put in its place when the block ends well."""
        self._check_folder()
        lock = filelock.FileLock(f"{self.path}.lock", timeout=wait_s)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise StoreError(f"{self.path}: 다른 작업이 이 저장소에 쓰고 있습니다", "끝난 뒤 다시 하십시오") from error
        except OSError as error:
            raise StoreError(
                f"{self.path}: 잠금 파일을 만들 수 없습니다 ({error.strerror})", "폴더의 쓰기 권한을 확인하십시오"
            ) from error
        work = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp.gpkg")
        try:
            self._sweep()
            if self.path.exists():
                settle_journal(self.path)
                shutil.copyfile(self.path, work)
            writer = GeoPackageWriter(work, self._catalog, self.name)
            yield writer
            if writer.changed:
                writer.finish()
            if writer.changed or writer.planned:
                replace_file(work, self.path)
        except (sqlite3.Error, pyogrio.errors.DataSourceError, OSError) as error:
            raise StoreError(
                f"{self.path}: 저장하지 못했습니다 ({error})", "디스크 공간과 권한을 확인하십시오"
            ) from error
        finally:
            for leftover in (work, *(work.with_name(work.name + end) for end in ("-journal", "-wal", "-shm"))):
                leftover.unlink(missing_ok=True)
            lock.release()

    def plans(self) -> list[Plan]:
        """Return the plans kept, oldest first."""
        if not self.path.exists():
            return []
        with self._connect(self.path) as connection:
            read_version(connection, self.path)
            return read_plans(connection)

    def save_plan(self, plan: Plan) -> None:
        """Keep a plan under its name."""
        with self.write() as writer:
            writer.save_plan(plan)

    def delete_plan(self, name: str) -> bool:
        """Forget a plan; return whether there was one."""
        if not self.path.exists():
            return False
        with self.write() as writer:
            return writer.delete_plan(name)

    def rounds(self) -> list[Round]:
        """Return the calls for proposals kept, oldest first."""
        if not self.path.exists():
            return []
        with self._connect(self.path) as connection:
            read_version(connection, self.path)
            return read_rounds(connection)

    def save_round(self, made: Round, check: RoundCheck | None = None) -> None:
        """Keep a call for proposals under its name, where ``check`` bears what stands there."""
        with self.write() as writer:
            if check is not None:
                check(round_named(self.rounds(), made.name))
            writer.save_round(made)

    def change_round(self, name: str, change: Callable[[Round], Round]) -> Round:
        """Keep what ``change`` makes of a call; no other writer comes between."""
        pick_round(self.rounds(), name)  # an unknown one is no reason to copy the file
        with self.write(_DECISION_WAIT_S) as writer:
            made = change(was := pick_round(self.rounds(), name))
            if made != was:
                writer.save_round(made)
        return made

    def delete_round(self, name: str) -> bool:
        """Forget a call for proposals; return whether there was one."""
        if not self.path.exists():
            return False
        with self.write() as writer:
            return writer.delete_round(name)

    def _check_folder(self) -> None:
        if not self.path.parent.is_dir():
            raise StoreError(f"{self.path}: 폴더가 없습니다", "폴더를 먼저 만들거나 --store를 고치십시오")
        if self.path.is_dir():
            raise StoreError(f"{self.path}: 파일이 아니라 폴더입니다", "--store에 .gpkg 파일 이름을 주십시오")

    def _sweep(self) -> None:
        """Remove what a killed writer left; safe because we hold the lock."""
        for leftover in self.path.parent.glob(f".{self.path.name}.*.tmp.gpkg*"):
            leftover.unlink(missing_ok=True)

    @contextmanager
    def _connect(self, path: Path) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise not_ours(path) from error


class GeoPackageWriter:
    """Writes into the working copy. See :class:`layers.store.Writer`."""

    def __init__(self, path: Path, catalog: Catalog | None, name: str) -> None:
        self._path = path
        self._name = name
        self._catalog = catalog
        self.changed = False
        self.planned = False

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table as this transaction sees it."""
        return read_rows(self._path, table, columns=columns)

    def put(self, batch: Batch, record: ImportRecord) -> None:
        """Replace the batch's (dataset, district) pairs by its rows and remember the import."""
        if not self._path.exists():
            _create(self._path)
        rows, replaces = batch.rows, batch.mode == "replace"
        with closing(sqlite3.connect(self._path)) as connection:
            exists = batch.table in feature_tables(connection)
            taken, going, staying = _taken(connection, batch) if exists and replaces else ([], 0, 0)
        # Past this the index triggers, row by row, cost more than writing the table afresh.
        append = not exists or not replaces or going + len(rows) <= staying // 4
        stored = read_rows(self._path, batch.table) if going or not append else None
        with closing(sqlite3.connect(self._path)) as connection, connection:
            old = records_of(connection, batch.table, batch.dataset)
            row = remember(connection, batch, record)
            keep_undo(connection, row, batch, record, stored if going else None, old)
            if append and going:
                _delete(connection, batch, taken)
        if stored is not None and not append:
            rows = _staying(stored, batch, rows)
        if len(rows) or not append or not exists:
            self._write(batch.table, rows, append=append, exists=exists)
        self.changed = True

    def take_back(self, record: ImportRecord, at: str, *, restore: bool) -> Taken:
        """Take back an import that stands; see :meth:`layers.taking_back.TakingBack.take_back`."""
        table, rows, taken = take_back(self._path, record, at, restore=restore, name=self._name)
        self._write(table, rows, append=False, exists=True)
        self.changed = True
        return taken

    def amend(self, layer: str, rows: pd.DataFrame) -> None:
        """Put rows of a facility layer in the place of those with the same keys; no import is remembered."""
        if rows.empty:
            return
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("CREATE TEMP TABLE going (key TEXT PRIMARY KEY)")
            connection.executemany("INSERT INTO going VALUES (?)", [(key,) for key in rows["key"]])
            connection.execute(f'DELETE FROM "{layer}" WHERE key IN (SELECT key FROM going)')  # noqa: S608 - a table we know
        self._write(layer, rows, append=True, exists=True)
        self.changed = True

    def rewrite(self, table: str, rows: pd.DataFrame) -> None:
        """Write a table's rows anew; what is remembered of their imports stays."""
        self._write(table, rows, append=False, exists=True)
        self.changed = True

    def recode(self, moved: Mapping[str, tuple[str, ...]]) -> None:
        """Put the districts that came of one in its place in what is remembered of the imports."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            for row, record in read_records(connection):
                if (recoded := recode_record(record, moved)) != record:
                    update_record(connection, row, recoded)
        self.changed = True

    def save_plan(self, plan: Plan) -> None:
        """Keep a plan; the data and its version stay as they are."""
        if not self._path.exists():
            _create(self._path)
        with closing(sqlite3.connect(self._path)) as connection, connection:
            write_plan(connection, plan)
        self.planned = True

    def delete_plan(self, name: str) -> bool:
        """Forget a plan; return whether there was one."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            self.planned = drop_plan(connection, name)
        return self.planned

    def save_round(self, made: Round) -> None:
        """Keep a call for proposals; the data and its version stay as they are."""
        if not self._path.exists():
            _create(self._path)
        with closing(sqlite3.connect(self._path)) as connection, connection:
            write_round(connection, made)
        self.planned = True

    def delete_round(self, name: str) -> bool:
        """Forget a call for proposals; return whether there was one."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            self.planned = drop_round(connection, name)
        return self.planned

    def _write(self, table: str, rows: pd.DataFrame, *, append: bool, exists: bool) -> None:
        columns, has_geometry = TABLES.get(table, (FACILITY, True))
        arrow, geometry_type = to_arrow(rows, columns, has_geometry=has_geometry)
        pyogrio.write_arrow(
            arrow,
            self._path,
            layer=table,
            driver="GPKG",
            append=append,
            geometry_name="geometry" if has_geometry else None,
            geometry_type=geometry_type,
            crs=METRES if has_geometry else None,
            layer_options=None if exists and append else {"DESCRIPTION": self._title(table)},
        )

    def finish(self) -> None:
        """Count the version on; the caller then puts the file in place."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("UPDATE ansim_meta SET version = version + 1")
            tables = [table for table in feature_tables(connection) if TABLES.get(table, (None, True))[1]]
        if self._catalog is not None:
            add_styles(self._path, store_styles(self._catalog, tables))
            add_aliases(self._path, store_aliases(tables))

    def _title(self, table: str) -> str:
        if table in TABLE_TITLES or self._catalog is None:
            return TABLE_TITLES.get(table, "")
        layer = self._catalog.layers.get(table)
        return layer.name if layer else ""


def _has_rows(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() is not None  # noqa: S608 - from gpkg_contents


def _taken(connection: sqlite3.Connection, batch: Batch) -> tuple[list[tuple[str, str]], int, int]:
    """Return the (district, scope) pairs of its dataset that a batch replaces, their rows, and the rows that stay."""
    known = TABLES.get(batch.table, (FACILITY, True))[0]
    pair = ", ".join(name if name in known else f"'' AS {name}" for name in ("district", "scope"))
    counted = connection.execute(
        f'SELECT {pair}, COUNT(*) FROM "{batch.table}" WHERE dataset = ? GROUP BY 1, 2',  # noqa: S608 - names we know
        (batch.dataset,),
    )
    taken = [(district, scope, count) for district, scope, count in counted if batch.takes(district, scope)]
    total = int(connection.execute(f'SELECT COUNT(*) FROM "{batch.table}"').fetchone()[0])  # noqa: S608 - a table we know
    going = sum(count for *_, count in taken)
    return [(district, scope) for district, scope, _ in taken], going, total - going


def _staying(stored: pd.DataFrame, batch: Batch, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the stored rows that the batch leaves alone, followed by its own."""
    kept = stored[~taken_rows(stored, batch)]
    return pd.concat([kept, rows], ignore_index=True) if len(kept) else rows


def _delete(connection: sqlite3.Connection, batch: Batch, taken: Sequence[tuple[str, str]]) -> None:
    # The GeoPackage's own delete triggers keep the spatial index; they need no spatial functions.
    known = TABLES.get(batch.table, (FACILITY, True))[0]
    where = "".join(f" AND {name} = ?" for name in ("district", "scope") if name in known)
    values = [(batch.dataset, *(v for v, name in zip(pair, ("district", "scope"), strict=True) if name in known))
              for pair in taken]  # fmt: skip
    connection.executemany(f'DELETE FROM "{batch.table}" WHERE dataset = ?{where}', values)  # noqa: S608 - names we know


def _create(path: Path) -> None:
    """Make an empty GeoPackage (GDAL lays its own tables) with ours beside."""
    seed = pa.table({"x": pa.array([], pa.string())})
    pyogrio.write_arrow(
        seed, path, layer="ansim_seed", driver="GPKG", geometry_type=None, dataset_options={"VERSION": "1.2"}
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('DROP TABLE "ansim_seed"')
        for table in ("gpkg_contents", "gpkg_ogr_contents"):
            connection.execute(f"DELETE FROM {table} WHERE table_name = 'ansim_seed'")  # noqa: S608 - constants
        connection.executescript(META)
