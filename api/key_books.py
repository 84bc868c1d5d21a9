"""Where the keys of a store are: in the database itself, or in a file beside a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from api.keys import Key, KeyBook, KeyFile, keys_path
from layers.store import Store

if TYPE_CHECKING:
    from layers.postgis.keys import StoredKey


class DatabaseBook:
    """The keys in the database of a store.

    Parameters
    ----------
    remembered
        Give the list as last read, at once: for a service, which must not wait for the database and goes on without
        it. It calls :meth:`refresh` every second (:meth:`api.services.Services.running`), and learns within two that
        a key was revoked; before the first has come back no key is known, and StoreError says so.

    Raises
    ------
    StoreError
        From every method, as the database says.
    """

    def __init__(self, store: Store, *, remembered: bool) -> None:
        from layers.postgis.keys import DatabaseKeys, RememberedKeys, StoredKey  # noqa: PLC0415 - an extra

        self._keys = DatabaseKeys(store.database)  # type: ignore[attr-defined]
        known = RememberedKeys(self._keys.read, beside=True) if remembered else None
        self._read = known.read if known else self._keys.read
        self._refresh = known.refresh if known else self._keys.read
        self._stored = StoredKey

    def all_keys(self) -> list[Key]:
        """Return every key, revoked ones among them, oldest first."""
        return [_key(stored) for stored in self._read()]

    def refresh(self) -> None:
        """Read the list now; waits for the database."""
        self._refresh()

    def put(self, key: Key) -> None:
        """Add a key; of one whose id is known, take over the name and that it is revoked."""
        self._keys.put(self._stored(key.id, key.name, key.role, key.digest, key.created_at, key.revoked_at))


def open_book(store: Store, location: str, path: Path | None, *, remembered: bool = False) -> KeyBook:
    """Return the keys of a store: in a file where one is named, else in its database, else in the file beside it."""
    if path is None and hasattr(store, "database"):
        return DatabaseBook(store, remembered=remembered)
    return KeyFile(path or keys_path(location))


def _key(stored: "StoredKey") -> Key:
    return Key(stored.id, stored.name, stored.role, stored.digest, stored.created_at, stored.revoked_at)
