"""Connections to the database: one pool, limits on every connection, and a name without the password."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from layers.postgis.errors import speaking
from layers.postgis.settings import Limits
from layers.store import StoreError

# Where administrators put PostGIS; schemas that do not exist are passed over.
_SEARCH_PATH = "public,postgis,extensions"


class Database:
    """A database by its URL (``postgresql://user:password@host:port/name``). Nothing is connected until asked.

    Attributes
    ----------
    name
        The URL without its password and options: what messages and logs say.
    """

    def __init__(self, location: str, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.url = _parse(location)
        self.name = URL.create(
            "postgresql", self.url.username, None, self.url.host, self.url.port, self.url.database
        ).render_as_string()
        self.engine = _engine(self.url, self.limits)

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Lend a connection of the pool inside a transaction that is rolled back at the end, unless committed.

        Raises
        ------
        StoreError
            Whatever the database says, in words.
        """
        with speaking(self.name), self.engine.connect() as borrowed:
            driver = driver_of(borrowed)
            try:
                yield driver
            finally:
                _give_back(borrowed, driver)

    def connect_alone(self) -> psycopg.Connection:
        """Open a connection outside the pool, committing every statement: for ``LISTEN``, which keeps it."""
        _, arguments = self.engine.dialect.create_connect_args(self.url)
        with speaking(self.name):
            return psycopg.connect(**{**arguments, **_connect_args(self.limits)}, autocommit=True)

    def close(self) -> None:
        """Close the pool."""
        self.engine.dispose()


def driver_of(connection: Connection) -> psycopg.Connection:
    """Return the driver's connection beneath."""
    return cast("psycopg.Connection", connection.connection.driver_connection)


def _give_back(borrowed: Connection, driver: psycopg.Connection) -> None:
    """Roll back, or drop a connection that is lost: what went wrong has been said, or is being."""
    with suppress(psycopg.Error):
        driver.rollback()
    if driver.broken or driver.closed:
        borrowed.invalidate()


def _parse(location: str) -> URL:
    example = "예: postgresql://사용자:비밀번호@서버:5432/ansim"
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        raise StoreError("저장소 주소를 읽을 수 없습니다", example) from None
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise StoreError(f"{url.drivername.split('+')[0]}:// 저장소는 쓸 수 없습니다", example)
    if not url.database:
        raise StoreError("저장소 주소에 데이터베이스 이름이 없습니다", example)
    given = url.query.get("password")
    if isinstance(given, str):  # to where SQLAlchemy knows it for a secret
        url = url.difference_update_query(["password"]).set(password=given)
    return url.set(drivername="postgresql+psycopg")


def _engine(url: URL, limits: Limits) -> Engine:
    return create_engine(
        url,
        pool_size=limits.pool,
        max_overflow=0,
        pool_timeout=limits.connect_s,
        pool_reset_on_return=None,  # connect() does; the pool would log a lost connection with all of its trace
        pool_pre_ping=True,  # a server that was restarted is noticed before it is asked
        hide_parameters=True,
        connect_args=_connect_args(limits),
    )


def _connect_args(limits: Limits) -> dict[str, str]:
    settings = {
        "search_path": _SEARCH_PATH,
        "statement_timeout": f"{limits.statement_s}s",
        "lock_timeout": f"{limits.lock_s}s",
        "idle_in_transaction_session_timeout": f"{limits.import_s}s",
        # The server notices within a second that a writer was killed, and gives its locks back.
        "client_connection_check_interval": "1s",
        "timezone": "Asia/Seoul",
        "datestyle": "ISO",
    }
    return {
        "options": " ".join(f"-c {key}={value}" for key, value in settings.items()),
        "connect_timeout": str(limits.connect_s),
        "application_name": "ansim",
        "client_encoding": "utf8",
    }
