"""A district's report to print: one A4 page, and a survey sheet for each site of a plan."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer
from api.body import Fields, read_json
from api.keys import Key, Role
from api.openapi_plans import BODY
from api.plan_question import SETTINGS, read_settings
from api.plan_store import draft_of, kept_plan
from api.services import Services
from api.stream import while_there
from api.work import job_of, work
from geo.model import Settings
from maps.english import Lang
from maps.report.document import POLICY


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/districts/{district}/report", tags=["analysis"])
    planner = Depends(needs(services.access, Role.PLANNER))
    settings = parameters.settings_of(services.catalog)
    run = partial(work, services)

    def today() -> str:
        return f"{services.clock():%Y-%m-%d}"

    @routes.get("", summary="인쇄할 보고서 (A4, HTML 한 파일)", response_class=Response)
    async def get(  # noqa: PLR0913, PLR0917 - the parameters of the address
        request: Request,
        district: str,
        at: Annotated[str, Depends(parameters.at)],
        who: Annotated[str, Depends(parameters.who)],
        lang: Annotated[Lang, Depends(parameters.lang)],
        settings: Settings = settings,  # type: ignore[assignment]
        key: Key = planner,
        plan: Annotated[str, Query(description="저장된 계획의 이름")] = "",
        sheets: Annotated[str, Query(description="자리마다 현장조사표: true 또는 false")] = "false",
    ) -> Response:
        wanted = parameters.one_of("sheets", sheets, ("true", "false")) == "true"
        job = job_of(services, district, settings, at, who)
        kept = await kept_plan(services, plan) if plan else None
        own = bool(set(request.query_params) - {"plan", "sheets", "lang"})
        made = await while_there(
            request, run(key, "api.report_jobs:report_html", job, kept, own, wanted, today(), lang)
        )
        return _report(request, made)

    @routes.post(
        "", summary="저장하지 않은 계획이나 지금 설정의 보고서", response_class=Response, openapi_extra=BODY["report"]
    )
    async def post(
        request: Request, district: str, lang: Annotated[Lang, Depends(parameters.lang)], key: Key = planner
    ) -> Response:
        job = job_of(services, district, Settings(), "", "")
        fields = Fields(await read_json(request, services.settings.limits.body_s), ("draft", "settings", "sheets"))
        asking = read_settings(fields.inner("settings", SETTINGS), services.catalog)
        job = replace(job, settings=asking.settings, at=asking.at, who=asking.who)
        draft = draft_of(services, fields) if fields.has("draft") else None
        own, wanted = fields.has("settings"), fields.flag("sheets")
        made = await while_there(
            request, run(key, "api.report_jobs:report_html", job, draft, own, wanted, today(), lang)
        )
        return _report(request, made)

    return routes


def _report(request: Request, made: bytes) -> Response:
    """Answer with a report: it loads nothing and has no script."""
    request.scope["ansim.csp"] = f"{POLICY}; frame-ancestors 'none'".encode()
    return answer(request, made, "text/html; charset=utf-8")
