"""Being told of a committed import at once, by ``LISTEN``; whoever listens also looks again after every connection."""

import threading
from collections.abc import Callable

import psycopg

from layers.postgis.engine import Database
from layers.postgis.writing import CHANNEL
from layers.store import StoreError

_LOOK_S = 0.5  # how soon a stop is noticed


def listen(
    database: Database,
    told: Callable[[], None],
    stopped: threading.Event,
    *,
    first_wait_s: float = 0.5,
    longest_wait_s: float = 30.0,
) -> None:
    """Call ``told`` after each connection made and each import committed, until ``stopped``; runs in a thread.

    A lost connection is made again: after a failure it waits the first, twice as long after each further one, at most
    the longest. What ``told`` raises as StoreError or psycopg's counts as a failure.
    """
    wait_s = first_wait_s
    while not stopped.is_set():
        try:
            with database.connect_alone() as listener:
                listener.execute(f"LISTEN {CHANNEL}")
                told()  # of what was committed before we listened
                wait_s = first_wait_s
                while not stopped.is_set():
                    if list(listener.notifies(timeout=_LOOK_S, stop_after=1)):
                        told()
        except (StoreError, psycopg.Error):
            stopped.wait(wait_s)
            wait_s = min(2 * wait_s, longest_wait_s)
