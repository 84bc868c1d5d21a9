"""Planners' questions about a district: coverage, gaps, cells, its map. Worked out in a process beside."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer, download
from api.district_memory import Job
from api.keys import Key, Role
from api.services import Services
from api.stream import Progress, events, wants_events, while_there
from api.work import job_of, work
from geo.model import Settings
from maps.english import Lang

_GAPS, _CELLS = ("geojson", "csv", "gpkg", "xlsx"), ("csv", "parquet", "gpkg")
_EVENTS_DOC: dict[int | str, dict[str, Any]] = {
    200: {"description": "파일, 또는 Accept: text/event-stream이면 progress·result 사건", "content": {}}
}


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/districts/{district}", tags=["analysis"])
    planner = Depends(needs(services.access, Role.PLANNER))
    settings = parameters.settings_of(services.catalog)

    def asked(
        district: str,
        at: Annotated[str, Depends(parameters.at)],
        who: Annotated[str, Depends(parameters.who)],
        settings: Settings = settings,  # type: ignore[assignment]
    ) -> Job:
        return job_of(services, district, settings, at, who)

    @routes.get("/coverage", summary="필요마다, 동마다 도달률", dependencies=[planner])
    async def coverage(request: Request, job: Annotated[Job, Depends(asked)], key: Key = planner) -> Response:
        body = await while_there(request, _run(services, key, "coverage", job))
        return answer(request, body, "application/json")

    @routes.get("/gaps", summary="틈새구역", dependencies=[planner], responses=_EVENTS_DOC)
    async def gaps(
        request: Request,
        job: Annotated[Job, Depends(asked)],
        lang: Annotated[Lang, Depends(parameters.lang)],
        key: Key = planner,
        format: Annotated[str, Query(description=", ".join(_GAPS))] = "geojson",  # noqa: A002 - the name in the address
        stability: Annotated[str, Query(description="안정성을 볼 추출 횟수")] = "0",
    ) -> Response:
        kind = parameters.one_of("format", format, _GAPS)
        draws = parameters.whole("stability", stability, 0, services.settings.limits.draws)
        job = replace(job, draws=draws)
        if wants_events(request):
            asked_for = ("gaps", job, ".geojson", lang)
            return events(request, services.journal, lambda tell: _run(services, key, *asked_for, progress=tell))
        body = await while_there(request, _run(services, key, "gaps", job, f".{kind}", lang))
        return download(request, body, kind, f"{job.district}-gaps")

    @routes.get("/cells", summary="칸별 표", dependencies=[planner])
    async def cells(
        request: Request,
        job: Annotated[Job, Depends(asked)],
        lang: Annotated[Lang, Depends(parameters.lang)],
        key: Key = planner,
        format: Annotated[str, Query(description=", ".join(_CELLS))] = "csv",  # noqa: A002
    ) -> Response:
        kind = parameters.one_of("format", format, _CELLS)
        body = await while_there(request, _run(services, key, "cells", job, f".{kind}", lang))
        return download(request, body, kind, f"{job.district}-cells")

    return routes


async def _run(
    services: Services,
    key: Key | None,
    what: str,
    *arguments: Any,  # noqa: ANN401 - of the job
    progress: Progress | None = None,
) -> bytes:
    return await work(services, key, f"api.analysis_jobs:{what}", *arguments, progress=progress)
