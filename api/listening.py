"""Looking at the store as soon as it says that it changed; a file says nothing and is looked at now and then."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from layers.store import Store

_LONGEST_WAIT_S = 5.0  # until a lost connection is tried again


class Bell:
    """Rings when a database tells of a committed version; :meth:`wait` ends then, or when it is time to look anyway."""

    def __init__(self, store: Store) -> None:
        self._database: Any = getattr(store, "database", None)
        self._rung = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen, in a thread with a connection of its own, while the block lasts."""
        if self._database is None:
            yield
            return
        from layers.postgis.listening import listen  # noqa: PLC0415 - an extra of the installation

        stopped, loop = threading.Event(), asyncio.get_running_loop()

        def ring() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._rung.set)

        thread = threading.Thread(
            target=listen, args=(self._database, ring, stopped), name="ansim-listen", daemon=True,
            kwargs={"longest_wait_s": _LONGEST_WAIT_S},
        )  # fmt: skip
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            await asyncio.to_thread(thread.join, 2.0)

    async def wait(self, seconds: float) -> None:
        """Wait for the next ring, or so long. A ring since the last wait counts."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()
