"""A district's report to print: one A4 page, and a survey sheet for each site of a plan that is kept."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer
from api.keys import Key, Role
from api.services import Services
from api.stream import while_there
from api.work import job_of, work
from geo.model import Settings
from maps.report.document import POLICY

_MOST_NAME = 200


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/districts/{district}", tags=["analysis"])
    planner = Depends(needs(services.access, Role.PLANNER))
    settings = parameters.settings_of(services.catalog)

    @routes.get("/report", summary="인쇄할 보고서 (A4, HTML 한 파일)", response_class=Response)
    async def report(
        request: Request,
        district: str,
        at: Annotated[str, Depends(parameters.at)],
        who: Annotated[str, Depends(parameters.who)],
        settings: Settings = settings,  # type: ignore[assignment]
        key: Key = planner,
        plan: Annotated[str, Query(description="저장된 계획의 이름")] = "",
        sheets: Annotated[str, Query(description="자리마다 현장조사표: true 또는 false")] = "false",
    ) -> Response:
        request.scope["ansim.csp"] = f"{POLICY}; frame-ancestors 'none'".encode()
        wanted = parameters.one_of("sheets", sheets, ("true", "false")) == "true"
        job = job_of(services, district, settings, at, who)
        today = f"{services.clock():%Y-%m-%d}"
        make = partial(work, services, key, "api.report_jobs:report_html")
        body = await while_there(request, make(job, plan[:_MOST_NAME], wanted, today))
        return answer(request, body, "text/html; charset=utf-8")

    return routes
