"""What the routes use: made once an application, alive while it serves."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from api.access import Access
from api.journal import Journal
from api.kept import Kept
from api.keys import KeyBook, KeyFile, SessionBook, keys_path
from api.live import Live
from api.metrics import Metrics
from api.settings import ServeSettings
from api.workers import WorkerPool
from layers.catalog import load_catalog
from layers.store import open_store

_FILES_KEPT = 64  # bundles and public maps, of up to a megabyte each


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
        book: KeyBook = KeyFile(settings.keys or keys_path(settings.store))
        if settings.session_digest:
            book = SessionBook(book, settings.session_digest)
        self.access = Access(book, public=settings.public, per_key=limits.per_key)
        self.live = Live(self.store, self.catalog, settings, journal, self.metrics)
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
        tasks = [asyncio.create_task(work) for work in (self.live.watch(self.folder), self.journal.keep_flushing())]
        try:
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
            if own:
                shutil.rmtree(own, ignore_errors=True)
