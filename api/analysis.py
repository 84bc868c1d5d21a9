"""Planners' questions about a district: coverage, gaps, cells, its map. Worked out in a process beside."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import PRIVATE, PUBLIC, answer
from api.district_memory import Job
from api.errors import RoleError
from api.keys import Key, Role
from api.services import Services
from api.stream import Progress, events, wants_events, while_there
from api.work import job_of, work
from geo.model import Settings
from maps.offline import script_hashes

TYPES = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_GAPS, _CELLS = ("geojson", "csv", "gpkg", "xlsx"), ("csv", "parquet", "gpkg")
_EVENTS_DOC: dict[int | str, dict[str, Any]] = {
    200: {"description": "파일, 또는 Accept: text/event-stream이면 progress·result 사건", "content": {}}
}


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/districts/{district}", tags=["analysis"])
    planner = Depends(needs(services.access, Role.PLANNER))
    public = Depends(needs(services.access, Role.PUBLIC))
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
        key: Key = planner,
        format: Annotated[str, Query(description=", ".join(_GAPS))] = "geojson",  # noqa: A002 - the name in the address
        stability: Annotated[str, Query(description="안정성을 볼 추출 횟수")] = "0",
    ) -> Response:
        kind = parameters.one_of("format", format, _GAPS)
        draws = parameters.whole("stability", stability, 0, services.settings.limits.draws)
        job = replace(job, draws=draws)
        if wants_events(request):

            async def run(tell: Progress) -> bytes:
                return await _run(services, key, "gaps", job, ".geojson", progress=tell)

            return events(request, services.journal, run)
        body = await while_there(request, _run(services, key, "gaps", job, f".{kind}"))
        return download(request, body, kind, f"{job.district}-gaps")

    @routes.get("/cells", summary="칸별 표", dependencies=[planner])
    async def cells(
        request: Request,
        job: Annotated[Job, Depends(asked)],
        key: Key = planner,
        format: Annotated[str, Query(description=", ".join(_CELLS))] = "csv",  # noqa: A002
    ) -> Response:
        kind = parameters.one_of("format", format, _CELLS)
        body = await while_there(request, _run(services, key, "cells", job, f".{kind}"))
        return download(request, body, kind, f"{job.district}-cells")

    @routes.get("/map", summary="자치구 지도 (HTML 한 파일)", response_class=Response)
    async def map_(
        request: Request,
        district: str,
        edition: Annotated[parameters.Edition, Depends(parameters.edition)],
        key: Key | None = public,
    ) -> Response:
        if edition == "internal" and (key is None or Role[key.role.upper()] < Role.PLANNER):
            raise RoleError("내부용 지도는 직원만 볼 수 있습니다", "planner 열쇠를 주거나 edition=public으로 하십시오")
        job = job_of(services, district, Settings(), "", "")
        make = partial(_run, services, key if edition == "internal" else None, "page", job, edition)
        made = make() if edition == "internal" else services.public_files.get(("map", job.stamp, job.district), make)
        body = await while_there(request, made)
        request.scope["ansim.csp"] = map_csp(body)
        cache = PUBLIC if edition == "public" else PRIVATE
        return answer(request, body, "text/html; charset=utf-8", cache=cache)

    return routes


def map_csp(body: bytes) -> bytes:
    """Return the policy of a map: one file that may load nothing, send nothing, and run its own scripts alone."""
    own = " ".join(script_hashes(body.decode("utf-8"))) or "'none'"
    parts = ("default-src 'none'", f"script-src {own}", "style-src 'unsafe-inline'", "img-src data: blob:",
             "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")  # fmt: skip
    return "; ".join(parts).encode()


async def _run(
    services: Services,
    key: Key | None,
    what: str,
    *arguments: Any,  # noqa: ANN401 - of the job
    progress: Progress | None = None,
) -> bytes:
    return await work(services, key, f"api.analysis_jobs:{what}", *arguments, progress=progress)


def download(request: Request, body: bytes, kind: str, name: str) -> Response:
    """Answer with a file of a kind of :data:`TYPES`, named."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.{kind}"}
    return answer(request, body, TYPES[kind], headers=headers)
