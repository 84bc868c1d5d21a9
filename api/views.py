"""What the planner's page draws: what stays of a district, and what its sliders change."""

from dataclasses import replace
from functools import partial
from typing import Annotated

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
from api.work import job_of, work
from geo.model import Settings


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/districts/{district}", tags=["analysis"])
    public = Depends(needs(services.access, Role.PUBLIC))
    settings = parameters.settings_of(services.catalog)

    @routes.get("/ground", summary="화면에서 설정에 따라 바뀌지 않는 것")
    async def ground(
        request: Request,
        district: str,
        edition: Annotated[parameters.Edition, Depends(parameters.edition)],
        key: Key | None = public,
    ) -> Response:
        job = job_of(services, district, Settings(), "", "")
        return await _drawn(services, request, key, "ground", job, edition)

    @routes.get("/view", summary="한 설정으로 찾은 것 (공개용은 설정을 받지 않음)")
    async def view(
        request: Request,
        district: str,
        edition: Annotated[parameters.Edition, Depends(parameters.edition)],
        at: Annotated[str, Depends(parameters.at)],
        who: Annotated[str, Depends(parameters.who)],
        stability: Annotated[str, Query(description="안정성을 볼 추출 횟수")] = "0",
        settings: Settings = settings,  # type: ignore[assignment]
        key: Key | None = public,
    ) -> Response:
        draws = parameters.whole("stability", stability, 0, services.settings.limits.draws)
        if edition == "public":  # households of chosen people, told apart from all, would give few away
            settings, at, who, draws = Settings(), "", "", 0
        job = replace(job_of(services, district, settings, at, who), draws=draws)
        return await _drawn(services, request, key, "view", job, edition)

    return routes


async def _drawn(
    services: Services, request: Request, key: Key | None, what: str, job: Job, edition: parameters.Edition
) -> Response:
    """Answer with what a page draws. Not ended when the caller leaves: the next question needs the warm process."""
    function = f"api.view_jobs:{what}"
    if edition == "internal":
        if key is None or Role[key.role.upper()] < Role.PLANNER:
            raise RoleError("내부용은 직원만 볼 수 있습니다", "planner 열쇠를 주거나 edition=public으로 하십시오")
        return answer(request, await work(services, key, function, job, edition), "application/json", cache=PRIVATE)
    make = partial(work, services, None, function, job, edition)
    body = await services.public_files.get((what, job.stamp, job.district), make)
    return answer(request, body, "application/json", cache=PUBLIC)
