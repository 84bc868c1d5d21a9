"""The store in PostGIS: readers see what is committed, one writer a (dataset, district) at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime

import pandas as pd
import psycopg
from psycopg import sql

from geo.plans import Plan
from geo.proposals import Round
from layers.kept_rounds import pick_round, round_named
from layers.postgis.engine import Database
from layers.postgis.models import SCHEMA
from layers.postgis.plans import drop_plan, read_plans, write_plan
from layers.postgis.proposals import drop_round, lock_round, read_rounds, write_round
from layers.postgis.reading import read_rows, read_summary, read_version, standing
from layers.postgis.records import read_records, recall
from layers.postgis.taking_back import read_forgotten
from layers.postgis.writing import PostgisWriter
from layers.store import Bounds, RoundCheck, StoreError
from layers.tables import TABLES, ImportRecord
from layers.taking_back import Forgotten

_LAYERS = sql.SQL(
    "SELECT stored_table FROM {} WHERE {} AND NOT stored_table = ANY({}) GROUP BY stored_table ORDER BY MIN(place)"
)


class PostgisStore:
    """A store in a PostGIS database. See :class:`layers.store.Store`.

    Parameters
    ----------
    database
        Where.
    as_of
        Read what stood just before this moment instead of what stands now; such a store cannot be written to.
    """

    def __init__(self, database: Database, as_of: datetime | None = None) -> None:
        self.database = database
        self.name = database.name
        self._as_of = as_of
        self._connect: Callable[[], AbstractContextManager[psycopg.Connection]] = database.connect

    def version(self) -> int:
        """Return the data version."""
        with self._connect() as driver:
            return read_version(driver)

    def imports(self) -> list[ImportRecord]:
        """Return the imports that stand, oldest first."""
        with self._connect() as driver:
            return read_records(driver, self._as_of)

    def forgotten(self) -> list[Forgotten]:
        """Return what was taken back, oldest first."""
        with self._connect() as driver:
            return read_forgotten(driver)

    def recall(self, command: str) -> str | None:
        """Return what was noted of an import command; see :meth:`layers.store.Recalling.recall`."""
        with self._connect() as driver:
            return recall(driver, command)

    def layer_ids(self) -> list[str]:
        """Return the layers that hold rows, in order of their first import."""
        with self._connect() as driver:
            imported = driver.execute(
                _LAYERS.format(sql.Identifier(SCHEMA, "import"), standing(self._as_of), sql.Literal(list(TABLES)))
            ).fetchall()
            return [layer for (layer,) in imported if self._holds(driver, layer)]

    def summary(self) -> pd.DataFrame:
        """Return what each layer holds a district."""
        with self._connect() as driver:
            return read_summary(driver, self._as_of)

    def read(self, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table; see :meth:`layers.store.Store.read`."""
        with self._connect() as driver:
            return read_rows(driver, table, bounds=bounds, columns=columns, as_of=self._as_of)

    @contextmanager
    def write(self) -> Iterator[PostgisWriter]:
        """Open a transaction, committed when the block ends well."""
        if self._as_of is not None:
            raise StoreError(f"{self.name}: 지난 날의 자료에는 쓸 수 없습니다", "--as-of를 빼십시오")
        with self._connect() as driver:
            driver.execute(f"SET LOCAL statement_timeout = '{self.database.limits.import_s}s'")
            writer = PostgisWriter(driver, self.name)
            yield writer
            if writer.changed:
                writer.finish()
                driver.commit()

    @contextmanager
    def one_version(self) -> Iterator["PostgisStore"]:
        """Lend this store as it stands at this moment: everything read through it is of one version."""
        with self.database.connect() as driver:
            driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            still = PostgisStore(self.database, self._as_of)
            still._connect = lambda: nullcontext(driver)
            yield still

    def plans(self) -> list[Plan]:
        """Return the plans kept, oldest first."""
        with self._connect() as driver:
            return read_plans(driver)

    def save_plan(self, plan: Plan) -> None:
        """Keep a plan under its name."""
        with self._connect() as driver:
            write_plan(driver, plan)
            driver.commit()

    def delete_plan(self, name: str) -> bool:
        """Forget a plan; return whether there was one."""
        with self._connect() as driver:
            found = drop_plan(driver, name)
            driver.commit()
        return found

    def rounds(self) -> list[Round]:
        """Return the calls for proposals kept, oldest first."""
        with self._connect() as driver:
            return read_rounds(driver)

    def save_round(self, made: Round, check: RoundCheck | None = None) -> None:
        """Keep a call for proposals under its name, where ``check`` bears what stands there."""
        with self._connect() as driver:
            lock_round(driver, made.name)
            if check is not None:
                check(round_named(read_rounds(driver), made.name))
            write_round(driver, made)
            driver.commit()

    def change_round(self, name: str, change: Callable[[Round], Round]) -> Round:
        """Keep what ``change`` makes of a call; no other writer comes between."""
        with self._connect() as driver:
            lock_round(driver, name)
            made = change(was := pick_round(read_rounds(driver), name))
            if made != was:
                write_round(driver, made)
                driver.commit()
        return made

    def delete_round(self, name: str) -> bool:
        """Forget a call for proposals; return whether there was one."""
        with self._connect() as driver:
            lock_round(driver, name)
            found = drop_round(driver, name)
            driver.commit()
        return found

    def _holds(self, driver: psycopg.Connection, layer: str) -> bool:
        statement = sql.SQL("SELECT 1 FROM {} WHERE layer = {} AND {} LIMIT 1").format(
            sql.Identifier(SCHEMA, "facility"), sql.Literal(layer), standing(self._as_of)
        )
        return driver.execute(statement).fetchone() is not None
