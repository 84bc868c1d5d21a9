"""``ansim db upgrade`` and ``status``: the tables by migrations, then a partition and a view for each layer."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection

from layers.catalog import Catalog
from layers.postgis.engine import Database, driver_of
from layers.postgis.errors import speaking
from layers.postgis.models import SCHEMA
from layers.postgis.rights import grant_rights, missing_requirements
from layers.postgis.views import make_views
from layers.store import StoreError

_UPGRADE_LOCK = 0x616E73  # one upgrade at a time, whatever the database's other locks
_LONGEST_LAYER = 63 - len("facility_")  # PostgreSQL cuts longer names off


@dataclass(frozen=True)
class DatabaseStatus:
    """What stands in a database: migration (None = no tables yet), data version, layers without a partition."""

    revision: str | None
    newest: str
    version: int
    postgis: str
    missing_layers: tuple[str, ...]
    pool: int  # connections this program would hold, and those the server lends to ordinary users
    connections: int

    @property
    def ready(self) -> bool:
        """Whether everything the program needs is there."""
        return self.revision == self.newest and not self.missing_layers


def upgrade(database: Database, catalog: Catalog, revision: str = "head") -> DatabaseStatus:
    """Bring the tables up to date, and make the partition and view of each catalog layer; all of it or nothing.

    Raises
    ------
    StoreError
        Something only an administrator can give is missing; the hint is the SQL to run.
    """
    _check_names(catalog.layers)
    with speaking(database.name), database.engine.begin() as connection:
        driver = driver_of(connection)
        driver.execute(f"SET LOCAL statement_timeout = '{database.limits.import_s}s'")
        driver.execute("SELECT pg_advisory_xact_lock(%s)", [_UPGRADE_LOCK])
        _check_owner(driver, database.name)
        missing = missing_requirements(driver)
        if missing:
            raise StoreError(f"{database.name}: 관리자가 먼저 해야 할 것이 있습니다", f"psql에서: {' '.join(missing)}")
        driver.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        config = alembic_config(connection)
        command.upgrade(config, revision)
        if revision == "head":
            make_partitions(driver, catalog.layers)
            make_views(driver, catalog)
            grant_rights(driver)
    return status(database, catalog)


def status(database: Database, catalog: Catalog) -> DatabaseStatus:
    """Return what stands in the database; changes nothing."""
    with database.connect() as driver:
        newest = str(ScriptDirectory.from_config(alembic_config(None)).get_current_head())
        found = driver.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'").fetchone()
        postgis = str(found[0]) if found else ""
        revision = _one(driver, f"{SCHEMA}.alembic_version", "version_num")
        version = _one(driver, f"{SCHEMA}.meta", "version")
        missing = tuple(layer for layer in catalog.layers if not has_partition(driver, layer))
        connections = driver.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        ).fetchone()
    return DatabaseStatus(
        revision=None if revision is None else str(revision),
        newest=newest,
        version=int(str(version or 0)),
        postgis=postgis,
        missing_layers=missing,
        pool=database.limits.pool,
        connections=int(connections[0]) if connections else 0,
    )


def alembic_config(connection: Connection | None) -> Config:
    """Return alembic's settings; there is no file of them."""
    config = Config()
    config.set_main_option("script_location", str(files("layers.postgis") / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def has_partition(driver: psycopg.Connection, layer: str) -> bool:
    """Return whether rows of this layer can be stored."""
    found = driver.execute("SELECT to_regclass(%s)", [f'{SCHEMA}."facility_{layer}"']).fetchone()
    return found is not None and found[0] is not None


def make_partitions(driver: psycopg.Connection, layers: Iterable[str]) -> None:
    """Make the partitions of these layers that are not there yet; their indices come with them."""
    for layer in layers:
        driver.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES IN ({})").format(
                sql.Identifier(SCHEMA, f"facility_{layer}"), sql.Identifier(SCHEMA, "facility"), sql.Literal(layer)
            )
        )


def _check_owner(driver: psycopg.Connection, name: str) -> None:
    """Raise where the tables are somebody else's: no right that could be given would be enough."""
    found = driver.execute(
        "SELECT pg_get_userbyid(nspowner) FROM pg_namespace"
        " WHERE nspname = %s AND NOT pg_has_role(current_user, nspowner, 'USAGE')",
        [SCHEMA],
    ).fetchone()
    if found is not None:
        raise StoreError(
            f"{name}: 표는 다른 사용자의 것입니다", f"표의 소유자 {found[0]}(으)로 ansim db upgrade를 하십시오"
        )


def _check_names(layers: Iterable[str]) -> None:
    for layer in layers:
        if len(layer) > _LONGEST_LAYER:
            raise StoreError(f"[layer.{layer}]: 이름이 {_LONGEST_LAYER}자를 넘습니다", "카탈로그의 이름을 줄이십시오")


def _one(driver: psycopg.Connection, table: str, column: str) -> object | None:
    found = driver.execute("SELECT to_regclass(%s)", [table]).fetchone()
    if found is None or found[0] is None:
        return None
    schema, name = table.split(".")
    row = driver.execute(
        sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(schema, name))
    ).fetchone()
    return None if row is None else row[0]
