"""The snapshot a service reads: swapped whole when an import is committed, kept while the database is away."""

import threading
from collections.abc import Callable

from layers.postgis.listening import listen
from layers.postgis.store import PostgisStore
from layers.snapshot import Snapshot, take_snapshot


class LiveSnapshot:
    """Follows a store from a thread of its own.

    Parameters
    ----------
    store
        What to follow.
    told
        Called in the thread with each new snapshot, after the swap.
    first_wait_s, longest_wait_s
        After a failure it waits the first, twice as long after each further one, at most the longest.

    Raises
    ------
    StoreError
        The database does not answer at the start, when there is no older snapshot to serve.
    """

    def __init__(
        self,
        store: PostgisStore,
        *,
        told: Callable[[Snapshot], None] | None = None,
        first_wait_s: float = 0.5,
        longest_wait_s: float = 30.0,
    ) -> None:
        self._store = store
        self._told = told or (lambda _snapshot: None)
        self._waits_s = (first_wait_s, longest_wait_s)
        self._current = self._take()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="ansim-live", daemon=True)
        self._thread.start()

    @property
    def current(self) -> Snapshot:
        """The newest snapshot; one attribute read, never waits for the database."""
        return self._current

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _take(self) -> Snapshot:
        with self._store.one_version() as still:
            return take_snapshot(still)

    def _follow(self) -> None:
        first_s, longest_s = self._waits_s
        listen(self._store.database, self._catch_up, self._stopped, first_wait_s=first_s, longest_wait_s=longest_s)

    def _catch_up(self) -> None:
        with self._store.one_version() as still:
            if still.version() == self._current.version:
                return
            self._current = take_snapshot(still)
        self._told(self._current)
