"""Questions handed to the processes that work them out."""

from collections.abc import Callable
from typing import Any

from api.district_memory import Job
from api.keys import Key
from api.services import Services
from api.workers import WorkerPool
from geo.model import Settings
from layers.snapshot import find_district


def job_of(services: Services, district: str, settings: Settings, at: str, who: str) -> Job:
    """Return the question about a district named in an address. Raises UnknownDistrictError."""
    near = services.live.near
    found = find_district(district[:50], {place.district.code: place.district for place in near.places})
    live, catalogs = services.live, services.settings.catalog
    return Job(live.location, catalogs, live.stamp, found.code, settings, at, who)


async def work(
    services: Services,
    key: Key | None,
    function: str,
    *arguments: Any,  # noqa: ANN401 - of the job
    progress: Callable[..., None] | None = None,
    pool: WorkerPool | None = None,
    seconds: float | None = None,
) -> bytes:
    """Return what ``module:function`` makes in a process; without a key in that of the public."""
    pool = pool or (services.public if key is None else services.analysis)
    with services.access.doing(key):
        made: bytes = await pool.run(
            function, *arguments, seconds=seconds or services.settings.limits.analysis_s, progress=progress
        )
    return made
