"""The overview of a city: worked out once a data version, a district after another, kept until the data change."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.child import describe_fault
from api.city_jobs import CityFiles
from api.district_memory import Job
from api.errors import BusyError, fault
from api.services import Services
from api.stream import Progress
from geo.errors import AnsimError
from maps.city.rows import CityRow
from maps.editions import Edition

_BUSY_S = 1.0


@dataclass
class _Making:
    """One data version's overview: how far it is, what it came to, or why it failed.

    ``kept_on``: somebody asked without following, and will ask again; else it rests while nobody follows.
    """

    job: Job
    codes: tuple[str, ...] = ()
    rows: list[CityRow] = field(default_factory=list)
    files: Mapping[Edition, CityFiles] | None = None
    error: AnsimError | None = None
    task: asyncio.Task[None] | None = None
    following: int = 0
    kept_on: bool = False
    resting: bool = False  # the district under way is finished, and no other begun
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        """Wake whoever waits for the next step."""
        self.moved.set()
        self.moved = asyncio.Event()

    def rest(self) -> None:
        """Stop after the district under way: its process goes on serving others. What is done stays."""
        self.resting = True
        self.tell()


class CityWork:
    """Makes the overview in the processes of the public, so that it slows neither phones nor planners.

    Each district is a job of its own: others' questions go in between.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._making: _Making | None = None

    def look(self) -> tuple[Mapping[Edition, CityFiles] | None, int, int]:
        """Return the files of the data version of now, or None, and how many districts are done, of how many.

        Begins the work where nobody has, and keeps it on. Raises what the work was refused with; it begins anew at the
        next question.
        """
        making = self._of_now()
        making.kept_on = True
        return making.files, len(making.rows), len(making.codes)

    def made(self) -> bool:
        """Return whether the files of the data version of now are there, without beginning anything."""
        making, live = self._making, self._services.live
        return making is not None and making.job.stamp == live.stamp and making.files is not None

    async def follow(self, tell: Progress) -> Mapping[Edition, CityFiles]:
        """Return the files as soon as they are made, telling how many districts are done, of how many.

        Waits where the service has not read its data yet. When the last who follows leaves, the work rests: the next
        question goes on where it stopped. Raises as :meth:`look`.
        """
        while not self._services.live.ready:
            tell(0, 0)
            await asyncio.sleep(_BUSY_S)
        while True:
            making = self._of_now()
            if making.files is not None:
                return making.files
            tell(len(making.rows), len(making.codes))
            making.following += 1
            try:
                await making.moved.wait()
                if making.error is not None:  # said to everybody who waited; the next question begins anew
                    if self._making is making:
                        self._making = None
                    raise making.error
            except asyncio.CancelledError:  # gone
                if making.following == 1 and not making.kept_on:
                    making.rest()
                raise
            finally:
                making.following -= 1

    async def _make(self, making: _Making) -> None:
        try:
            if not making.codes:
                making.codes = await self._run("districts", making.job)
                making.tell()
            for code in making.codes[len(making.rows) :]:
                if making.resting:
                    return
                making.rows.append(await self._run("row", making.job, code))
                making.tell()
            if making.resting:
                return
            making.files = await self._run("files", making.job, tuple(making.rows))
        except AnsimError as error:
            making.error = error
        except Exception as error:  # noqa: BLE001 - nobody waits for the task: the next question says it
            self._services.journal.write("error", "fault", what=describe_fault(error))
            making.error = fault()
        finally:  # also where newer data ended it: who waits looks again
            making.tell()

    def _of_now(self) -> _Making:
        """Return the work on the data version of now, going on."""
        told, live = self._services.settings, self._services.live
        making = self._making
        if making is None or making.job.stamp != live.stamp:
            if making is not None:
                making.rest()
            # One version, whatever becomes of the store.
            self._making = making = _Making(Job(live.location, told.catalog, live.stamp, ""))
        if making.error is not None:
            self._making = None
            raise making.error
        making.resting = False
        if making.files is None and (making.task is None or making.task.done()):
            making.task = asyncio.create_task(self._make(making))
            self._services.background.add(making.task)
            making.task.add_done_callback(self._services.background.discard)
        return making

    async def _run(self, what: str, *arguments: Any) -> Any:  # noqa: ANN401 - of the job
        seconds = self._services.settings.limits.analysis_s
        while True:
            try:
                return await self._services.public.run(f"api.city_jobs:{what}", *arguments, seconds=seconds)
            except BusyError:
                await asyncio.sleep(_BUSY_S)
