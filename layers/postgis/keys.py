"""The keys of the service in the database: what is kept of them, and since when they are revoked.

The key itself is never here, only its SHA-256; whoever may read this table cannot ask as somebody else.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from layers.hours import SEOUL
from layers.postgis.engine import Database
from layers.postgis.models import SCHEMA
from layers.store import StoreError

_TABLE = sql.Identifier(SCHEMA, "api_key")
_READ = sql.SQL(
    "SELECT key_id, name, role, encode(digest, 'hex'), made_at, revoked_at FROM {} ORDER BY made_at, id"
).format(_TABLE)
_PUT = sql.SQL(
    "INSERT INTO {table} (key_id, name, role, digest, made_at, revoked_at)"
    " VALUES (%s, %s, %s, decode(%s, 'hex'), %s, %s) ON CONFLICT (key_id) DO UPDATE"
    # A revoked key stays so, and since when.
    " SET name = excluded.name, revoked_at = COALESCE({table}.revoked_at, excluded.revoked_at)"
    " WHERE {table}.digest = excluded.digest AND {table}.role = excluded.role"
).format(table=_TABLE)
_REVOKE = sql.SQL("UPDATE {} SET revoked_at = COALESCE(revoked_at, %s) WHERE key_id = %s").format(_TABLE)


@dataclass(frozen=True)
class StoredKey:
    """What is kept of a key.

    Attributes
    ----------
    id
        What lists name it by; unique.
    digest
        SHA-256 of the whole key, hexadecimal.
    created_at, revoked_at
        ISO time with offset (Asia/Seoul as read), '' = not revoked.
    """

    id: str
    name: str
    role: str
    digest: str
    created_at: str
    revoked_at: str = ""


class DatabaseKeys:
    """The keys in the table ``ansim.api_key``. Its owner makes and revokes them, ``ansim_service`` reads them.

    Raises
    ------
    StoreError
        From every method: the database's complaints; a login without the right is told whom to ask for what.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name

    def read(self) -> list[StoredKey]:
        """Return every key, revoked ones among them, oldest first."""
        with self._connect() as driver:
            return [
                StoredKey(key_id, name, role, digest, _iso(made), _iso(revoked))
                for key_id, name, role, digest, made, revoked in driver.execute(_READ).fetchall()
            ]

    def put(self, key: StoredKey) -> None:
        """Add a key; of one whose id is known, take over the name and that it is revoked.

        Raises
        ------
        StoreError
            The id is another key's (another digest or role): keys are not changed into others.
        """
        values = [key.id, key.name, key.role, key.digest, key.created_at, key.revoked_at or None]
        with self._connect() as driver:
            if not driver.execute(_PUT, values).rowcount:
                raise StoreError(f"{self.name}: 열쇠 번호 {key.id}은(는) 이미 다른 열쇠의 것입니다", "새로 만드십시오")
            driver.commit()

    def revoke(self, key_id: str, at: datetime) -> StoredKey | None:
        """Revoke the key of an id, from its first time on; return it as it is then, None where there is none."""
        with self._connect() as driver:
            driver.execute(_REVOKE, [at, key_id])
            driver.commit()
        return next((key for key in self.read() if key.id == key_id), None)

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection]:
        with self._database.connect() as driver:
            try:
                yield driver
            except psycopg.errors.InsufficientPrivilege:
                raise StoreError(
                    f"{self.name}: 이 사용자는 열쇠를 다룰 수 없습니다",
                    "만들고 취소하는 것은 표의 소유자(ansim db upgrade를 한 사용자), 서비스의 사용자에게는"
                    " GRANT ansim_service",
                ) from None


class RememberedKeys:
    """The keys as last read, for callers that must not wait for the database.

    What is older than ``fresh_s`` is read again beside, in a thread of its own, while the last list is given: a key
    revoked is refused about that much later. While the database is away the last list stands.

    Parameters
    ----------
    read
        Reads all keys (:meth:`DatabaseKeys.read`); asked at once, the first time, and whatever it raises then is the
        caller's.
    beside
        Never ask in :meth:`read`, the first time neither: somebody else calls :meth:`refresh`, in a thread. Until it
        has come back once, :meth:`read` raises StoreError at once.
    """

    def __init__(
        self,
        read: Callable[[], list[StoredKey]],
        *,
        fresh_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        beside: bool = False,
    ) -> None:
        self._ask = read
        self._beside = beside
        self._fresh_s = fresh_s
        self._clock = clock
        self._known: list[StoredKey] | None = None
        self._asked_at = 0.0
        self._asking = threading.Lock()

    def read(self) -> list[StoredKey]:
        """Return every key as last read, oldest first."""
        if self._known is None:
            if self._beside:
                raise StoreError("열쇠를 아직 읽지 못했습니다", "잠시 뒤 다시 하십시오")
            return list(self.refresh())
        if self._clock() - self._asked_at > self._fresh_s and self._asking.acquire(blocking=False):
            threading.Thread(target=self._again, name="ansim-keys", daemon=True).start()
        return list(self._known)

    def refresh(self) -> list[StoredKey]:
        """Read every key now, remember and return them; waits for the database. Raises as ``read`` does."""
        known = self._ask()
        self._known, self._asked_at = known, self._clock()
        return known

    def _again(self) -> None:
        try:
            self._known = self._ask()
        except StoreError:
            pass  # the last list stands
        finally:
            self._asked_at = self._clock()
            self._asking.release()


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(SEOUL).isoformat(timespec="seconds")
