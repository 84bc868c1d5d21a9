"""What the routes use: made once an application, alive while it serves."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from api.access import Access
from api.journal import Journal
from api.kept import Kept
from api.key_books import open_book
from api.keys import SessionBook
from api.listening import Bell
from api.live import Live, to_its_end
from api.metrics import Metrics
from api.opened import close_store
from api.settings import ServeSettings
from api.workers import WorkerPool
from geo.errors import AnsimError
from layers.catalog import load_catalog
from layers.store import open_store

_KEYS_S = 1.0
_FIRST_KEYS_S = 2.0  # how long the start waits for the first list of keys; a database that is away is not waited for
_FILES_KEPT = 128  # bundles, maps, grounds and views of a city's 25 districts, of up to a megabyte each


class Services:
    """Store, catalog, keys, near data and worker processes of one application.

    Raises
    ------
    CatalogError, StoreError
        The settings name a catalog or a store that cannot be.
    """

    def __init__(self, settings: ServeSettings, clock: Callable[[], datetime], journal: Journal) -> None:
        limits = settings.limits
        self.settings = settings
        self.clock = clock
        self.journal = journal
        self.catalog = load_catalog(settings.catalog)
        self.store = open_store(settings.store, self.catalog)
        self.metrics = Metrics()
        self.book = open_book(self.store, settings.store, settings.keys, remembered=True)
        known = SessionBook(self.book, settings.session_digest) if settings.session_digest else self.book
        self.access = Access(known, public=settings.public, per_key=limits.per_key)
        self.live = Live(self.store, self.catalog, settings, journal, self.metrics)
        self._keys_asked = asyncio.Event()
        self.analysis = WorkerPool(limits.analyses, waiting=limits.analyses_waiting, memory_mb=limits.process_mb)
        self.public = WorkerPool(1, waiting=limits.analyses_waiting, memory_mb=limits.process_mb)
        self.plans = WorkerPool(limits.plans, waiting=limits.plans_waiting, memory_mb=limits.process_mb)
        self.imports = WorkerPool(1, waiting=limits.imports_waiting, memory_mb=limits.process_mb)
        self.public_files = Kept(_FILES_KEPT)
        self.folder = settings.folder or Path()
        self.background: set[asyncio.Task[None]] = set()  # work that nobody waits for; ended with the application

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch the store while the application serves; end every process after."""
        own = None if self.settings.folder else tempfile.mkdtemp(prefix="ansim-serve-")
        self.folder = self.settings.folder or Path(own or "")
        self.folder.mkdir(parents=True, exist_ok=True)
        bell = Bell(self.store)
        work = (self.live.watch(self.folder, bell), self.journal.keep_flushing(), self._keep_keys())
        tasks = [asyncio.create_task(one) for one in work]
        try:
            async with bell.listening():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_FIRST_KEYS_S):
                        await self._keys_asked.wait()
                yield
        finally:
            for task in (*tasks, *self.background):
                task.cancel()
            await asyncio.gather(*tasks, *self.background, return_exceptions=True)
            self.journal.flush()
            await self.analysis.close()
            await self.public.close()
            await self.plans.close()
            await self.imports.close()
            close_store(self.store)
            if own:
                shutil.rmtree(own, ignore_errors=True)

    async def _keep_keys(self) -> None:
        """Have the list of keys read again and again, so that a revoked one is refused however seldom keys come."""
        read = getattr(self.book, "refresh", self.book.all_keys)
        while True:
            with suppress(AnsimError):  # said to whoever comes with a key
                await to_its_end(read)
            self._keys_asked.set()
            await asyncio.sleep(_KEYS_S)
