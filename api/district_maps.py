"""A district's map, as one HTML file: for the public, and for planners with their settings and plans."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import PRIVATE, PUBLIC, answer
from api.body import Fields, read_json
from api.errors import BadParameterError, RoleError
from api.keys import Key, Role
from api.openapi_plans import BODY
from api.plan_question import SETTINGS, read_settings
from api.plan_store import draft_of, kept_plan
from api.services import Services
from api.stream import while_there
from api.work import job_of, work
from geo.model import Settings
from maps.english import Lang
from maps.offline import script_hashes

_HTML = "text/html; charset=utf-8"


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/districts/{district}/map", tags=["analysis"])
    planner = Depends(needs(services.access, Role.PLANNER))
    public = Depends(needs(services.access, Role.PUBLIC))
    settings = parameters.settings_of(services.catalog)
    run = partial(work, services)

    @routes.get("", summary="자치구 지도 (HTML 한 파일)", response_class=Response)
    async def get(  # noqa: PLR0913, PLR0917 - the parameters of the address
        request: Request,
        district: str,
        edition: Annotated[parameters.Edition, Depends(parameters.edition)],
        at: Annotated[str, Depends(parameters.at)],
        who: Annotated[str, Depends(parameters.who)],
        lang: Annotated[Lang, Depends(parameters.lang)],
        plan: Annotated[str, Query(description="그릴 계획의 이름 (내부용에만)")] = "",
        settings: Settings = settings,  # type: ignore[assignment]
        key: Key | None = public,
    ) -> Response:
        if edition == "internal":
            if key is None or Role[key.role.upper()] < Role.PLANNER:
                raise RoleError("내부용 지도는 직원만 볼 수 있습니다", "planner 열쇠를 주거나 edition=public으로")
            job = job_of(services, district, settings, at, who)
            kept = await kept_plan(services, plan) if plan else None
            own = bool(set(request.query_params) - {"edition", "plan", "lang"})
            made = await while_there(request, run(key, "api.plan_jobs:drawn", job, kept, own, lang))
            return _map(request, made, PRIVATE)
        if plan:
            raise BadParameterError("공개용 지도에는 계획을 넣지 않습니다", "edition=internal로 하십시오")
        job = job_of(services, district, Settings(), "", "")  # households of chosen people would give few away
        make = partial(run, None, "api.analysis_jobs:page", job, edition, lang)
        made = await while_there(request, services.public_files.get(("map", job.stamp, job.district, lang), make))
        return _map(request, made, PUBLIC)

    @routes.post(
        "", summary="저장하지 않은 계획이나 지금 설정의 지도", response_class=Response, openapi_extra=BODY["map"]
    )
    async def post(
        request: Request, district: str, lang: Annotated[Lang, Depends(parameters.lang)], key: Key = planner
    ) -> Response:
        job = job_of(services, district, Settings(), "", "")
        fields = Fields(await read_json(request, services.settings.limits.body_s), ("draft", "settings"))
        asking = read_settings(fields.inner("settings", SETTINGS), services.catalog)
        job = replace(job, settings=asking.settings, at=asking.at, who=asking.who)
        draft = draft_of(services, fields) if fields.has("draft") else None
        own = fields.has("settings")
        made = await while_there(request, run(key, "api.plan_jobs:drawn", job, draft, own, lang))
        return _map(request, made, PRIVATE)

    return routes


def _map(request: Request, made: bytes, cache: str) -> Response:
    """Answer with a map: one file that may load nothing, send nothing, and run its own scripts alone."""
    own = " ".join(script_hashes(made.decode("utf-8"))) or "'none'"
    parts = ("default-src 'none'", f"script-src {own}", "style-src 'unsafe-inline'", "img-src data: blob:",
             "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")  # fmt: skip
    request.scope["ansim.csp"] = "; ".join(parts).encode()
    return answer(request, made, _HTML, cache=cache)
