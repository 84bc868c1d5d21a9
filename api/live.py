"""The data version being served: built by a process beside, swapped whole, while requests go on."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from api.child import describe_fault
from api.errors import NotReadyError
from api.journal import Journal
from api.listening import Bell
from api.metrics import Metrics
from api.near_build import STORE, stamp_of, told_of
from api.near_data import NearData
from api.served import last_served, note_served
from api.settings import ServeSettings
from api.workers import WorkerPool
from geo.errors import AnsimError
from layers.catalog import Catalog
from layers.store import Store

_T = TypeVar("_T")
_BUILD_S = 600.0


class Live:
    """Watches the store and holds the near data of its newest version.

    ``stamp`` is of what is served: another after every change. ``store_ok`` says whether the store could be
    read when last looked at; what is served does not need it.
    """

    def __init__(
        self, store: Store, catalog: Catalog, settings: ServeSettings, journal: Journal, metrics: Metrics
    ) -> None:
        self._store = store
        self._settings = settings
        self._stale_months = settings.stale_months or catalog.method.stale_months
        self._told = told_of(catalog, self._stale_months)
        self._journal = journal
        self._metrics = metrics
        self._near: NearData | None = None
        self.stamp = ""
        self.store_ok = True

    @property
    def ready(self) -> bool:
        """Whether there is data to serve."""
        return self._near is not None

    @property
    def near(self) -> NearData:
        """The data being served. Raises :class:`NotReadyError` before the first is built."""
        if self._near is None:
            raise NotReadyError("자료를 읽고 있습니다", "잠시 뒤 다시 하십시오")
        return self._near

    @property
    def location(self) -> str:
        """Where processes read the whole version being served: a frozen store (:mod:`layers.frozen`)."""
        return str(self.near.folder / STORE)

    async def watch(self, folder: Path, bell: Bell) -> None:
        """Look at the store when the bell rings, and now and then, and take its new versions into service.

        Never ends by itself. Where the store is away from the start, what was served last from this folder is.
        """
        # A pool of its own: a new version never waits for an analysis.
        pool = WorkerPool(1, waiting=0, nice=10)
        try:
            while True:
                try:
                    await self._look(pool, folder)
                    self._say_store(ok=True)
                except AnsimError as error:
                    self._say_store(ok=False, code=error.code)
                except Exception as error:  # noqa: BLE001 - what is served stays; the next look may go well
                    self._say_store(ok=False, code=describe_fault(error))
                if self._near is None:
                    await self._take_up_last(folder)
                await bell.wait(self._settings.poll_s)
        finally:
            await pool.close()

    async def _look(self, pool: WorkerPool, folder: Path) -> None:
        stamp = await to_its_end(stamp_of, self._store, self._told)
        if stamp == self.stamp:
            return
        arguments = (self._settings.store, self._settings.catalog, self._stale_months, folder, self._told)
        name = await pool.run("api.near_build:build", *arguments, seconds=_BUILD_S)
        await pool.close()  # its memory is not needed until the next version
        before = self._near
        await self._serve(folder, name)
        await asyncio.to_thread(note_served, folder, name, self._told)
        # What was served until now stays on the disk: work begun with it may still read it.
        await asyncio.to_thread(_remove_others, folder, {name, before.folder.name if before else name})

    async def _serve(self, folder: Path, name: str) -> None:
        """Take a version that is on the disk into service."""
        fresh = await asyncio.to_thread(NearData, folder / name)
        await asyncio.to_thread(fresh.warm)
        self._near, self.stamp = fresh, name.removeprefix("near-")
        self._metrics.data_version.set(fresh.version)
        self._metrics.swaps.inc()
        self._journal.write("info", "swap", data_version=fresh.version, points=len(fresh.index.place))

    async def _take_up_last(self, folder: Path) -> None:
        """Serve what this folder served last, if anything."""
        name = await asyncio.to_thread(last_served, folder, self._told)
        if name is None:
            return
        try:
            await self._serve(folder, name)
        except Exception as error:  # noqa: BLE001 - a folder that is not whole: wait for the store
            self._journal.write("warning", "served", what=describe_fault(error))

    def _say_store(self, *, ok: bool, code: str = "") -> None:
        if ok != self.store_ok:
            self._journal.write("info" if ok else "warning", "store", ok=ok, code=code)
        self.store_ok = ok


async def to_its_end(look: Callable[..., _T], *arguments: object) -> _T:
    """Do it in a thread, and wait for that also when cancelled: it holds a connection, soon to be closed."""
    work = asyncio.ensure_future(asyncio.to_thread(look, *arguments))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with suppress(Exception):
            await work
        raise


def _remove_others(folder: Path, keep: set[str]) -> None:
    for old in folder.glob("near-*"):
        if old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)  # Windows keeps what is still mapped: the service's end takes it
