"""The overview of a city: worked out once a data version, a district after another, kept until the data change."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.child import describe_fault
from api.city_jobs import CityFiles
from api.district_memory import Job
from api.errors import BusyError, fault
from api.services import Services
from geo.errors import AnsimError
from maps.editions import Edition

_BUSY_S = 1.0


@dataclass
class _Making:
    """One data version's overview: how far it is, what it came to, or why it failed."""

    stamp: str
    done: int = 0
    of: int = 0
    files: Mapping[Edition, CityFiles] | None = None
    error: AnsimError | None = None
    task: asyncio.Task[None] | None = None


class CityWork:
    """Makes the overview in the processes of the public, so that it slows neither phones nor planners.

    Each district is a job of its own: others' questions go in between.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._making: _Making | None = None

    def look(self) -> tuple[Mapping[Edition, CityFiles] | None, int, int]:
        """Return the files of the data version of now, or None, and how many districts are done, of how many.

        Begins the work where nobody has. Raises what the work was refused with; it begins anew at the next question.
        """
        told, live = self._services.settings, self._services.live
        making = self._making
        if making is None or making.stamp != live.stamp:
            job = Job(live.location, told.catalog, live.stamp, "")  # one version, whatever becomes of the store
            if making is not None and making.task is not None:
                making.task.cancel()
            self._making = making = _Making(live.stamp)
            making.task = asyncio.create_task(self._make(making, job))
            self._services.background.add(making.task)
            making.task.add_done_callback(self._services.background.discard)
        if making.error is not None:
            self._making = None
            raise making.error
        return making.files, making.done, making.of

    async def _make(self, making: _Making, job: Job) -> None:
        try:
            codes = await self._run("districts", job)
            making.of = len(codes)
            rows = []
            for code in codes:
                rows.append(await self._run("row", job, code))
                making.done = len(rows)
            making.files = await self._run("files", job, tuple(rows))
        except AnsimError as error:
            making.error = error
        except Exception as error:  # noqa: BLE001 - nobody waits for the task: the next question says it
            self._services.journal.write("error", "fault", what=describe_fault(error))
            making.error = fault()

    async def _run(self, what: str, *arguments: Any) -> Any:  # noqa: ANN401 - of the job
        seconds = self._services.settings.limits.analysis_s
        while True:
            try:
                return await self._services.public.run(f"api.city_jobs:{what}", *arguments, seconds=seconds)
            except BusyError:
                await asyncio.sleep(_BUSY_S)
