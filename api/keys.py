"""Keys and roles: who may do what. A key is shown once; its hash is kept, in the database or beside a file.

Not in the file itself: a GeoPackage is handed round, opened in QGIS, copied at every import.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Protocol

import filelock
import orjson

from geo.errors import AnsimError

_PREFIX = "ansim"
_ID_HEX = 8


class KeyFileError(AnsimError):
    """The file of keys cannot be read or written, or a key named on the command line is not in it."""

    code = "key_file"


class Role(IntEnum):
    """What a caller may do; each may do what those before it may."""

    PUBLIC = 0
    PLANNER = 1
    ADMIN = 2


@dataclass(frozen=True)
class Key:
    """What is kept of a key. ``digest`` is the SHA-256 of the whole key, whose secret part has 256 random bits."""

    id: str
    name: str
    role: str
    digest: str
    created_at: str
    revoked_at: str = ""


class KeyBook(Protocol):
    """Where keys are kept: a file, or a table of the database."""

    def all_keys(self) -> list[Key]:
        """Return every key, revoked ones among them, oldest first."""
        ...

    def put(self, key: Key) -> None:
        """Add a key, or replace the one of its id."""
        ...


def create_key(book: KeyBook, role: Role, name: str, now: datetime) -> str:
    """Make a key and return it: the only time it is seen."""
    text = f"{_PREFIX}_{secrets.token_hex(_ID_HEX // 2)}_{secrets.token_urlsafe(32)}"
    key = Key(text.split("_")[1], name, role.name.lower(), _digest(text), now.isoformat(timespec="seconds"))
    book.put(key)
    return text


def revoke_key(book: KeyBook, key_id: str, now: datetime) -> Key:
    """Revoke the key of an id. Raises :class:`KeyFileError` where there is none."""
    for key in book.all_keys():
        if key.id == key_id:
            revoked = Key(**{**asdict(key), "revoked_at": key.revoked_at or now.isoformat(timespec="seconds")})
            book.put(revoked)
            return revoked
    raise KeyFileError(f"그런 열쇠가 없습니다: {key_id}", "ansim keys list에서 번호를 확인하십시오")


def session_key() -> tuple[str, str]:
    """Return a key for one run of the service, and its digest, which is all that the service is told."""
    text = f"{_PREFIX}_session_{secrets.token_urlsafe(32)}"
    return text, _digest(text)


def find_key(book: KeyBook, text: str) -> Key | None:
    """Return the key that a text is, None where it is none or was revoked. Compared in constant time."""
    digest = _digest(text)
    session: Key | None = getattr(book, "session", None)
    if session is not None and hmac.compare_digest(session.digest, digest):
        return session  # good also while the other keys cannot be read
    found = None
    for key in book.all_keys():
        if hmac.compare_digest(key.digest, digest) and not key.revoked_at:
            found = key
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def keys_path(store: str) -> Path:
    """Return where the keys of a store in a file are kept: beside it."""
    return Path(f"{store}.keys.json")


class SessionBook:
    """A book with one key more, which stands in no file and ends with the service. It may do everything."""

    def __init__(self, book: KeyBook, digest: str) -> None:
        self._book = book
        self.session = Key("session", "이 컴퓨터", Role.ADMIN.name.lower(), digest, "")

    def all_keys(self) -> list[Key]:
        """Return every key, the session's last."""
        return [*self._book.all_keys(), self.session]

    def put(self, key: Key) -> None:
        """Add a key to the book itself."""
        self._book.put(key)


def _known(key: Key) -> Key:
    """Return a key that was read, if it can be one. Raises KeyError for an unknown role, TypeError for no texts."""
    if not all(isinstance(value, str) for value in asdict(key).values()):
        raise TypeError
    Role[key.role.upper()]
    return key


class KeyFile:
    """Keys in one JSON file, read again when it changes; only its owner may read it (not on Windows)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int, int], list[Key]] | None = None

    def all_keys(self) -> list[Key]:
        """Return every key, oldest first; none where there is no file yet."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._read is None or self._read[0] != seen:
                keys = [_known(Key(**entry)) for entry in orjson.loads(self._path.read_bytes())]
                self._read = (seen, keys)
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise KeyFileError(f"{self._path}: 열쇠 파일을 읽을 수 없습니다", "권한과 내용을 확인하십시오") from error
        return list(self._read[1])

    def put(self, key: Key) -> None:
        """Add a key, or replace the one of its id; the file is replaced whole."""
        work = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            with filelock.FileLock(f"{self._path}.lock", timeout=10):
                kept = {other.id: other for other in self.all_keys()} | {key.id: key}
                data = orjson.dumps([asdict(entry) for entry in kept.values()], option=orjson.OPT_INDENT_2)
                descriptor = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(data)
                work.replace(self._path)
        except (OSError, filelock.Timeout) as error:
            raise KeyFileError(
                f"{self._path}: 열쇠 파일을 쓸 수 없습니다", "폴더의 쓰기 권한을 확인하십시오"
            ) from error
        finally:
            with suppress(OSError):
                work.unlink(missing_ok=True)
