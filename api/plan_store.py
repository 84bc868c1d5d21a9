"""Plans that are kept, over HTTP: listed, told, compared, written to files, kept and forgotten. For planners only."""

import asyncio
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer, answer_json, download
from api.body import Fields, read_json
from api.errors import BadParameterError
from api.keys import Key, Role
from api.openapi_plans import BODY
from api.plan_question import plan_name
from api.seal import secret_of, unseal
from api.services import Services
from api.stream import while_there
from api.work import job_of, work
from geo.model import Settings
from geo.plans import Plan
from layers.kept_plans import find_plan
from maps.english import Lang
from maps.plan_json import compared, summary

_KINDS = ("geojson", "gpkg", "xlsx", "csv")
_COMPARED = 6


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/plans", tags=["plans"])
    planner = Depends(needs(services.access, Role.PLANNER))
    _several(routes, services, planner)
    _one(routes, services, planner)
    _changes(routes, services, planner)
    return routes


def _several(routes: APIRouter, services: Services, planner: Any) -> None:  # noqa: ANN401 - a dependency of FastAPI
    """Add what is told of several plans. Before those of one, whose name may be any word."""

    @routes.get("", summary="저장한 계획 목록", dependencies=[planner])
    async def listed(
        request: Request, district: Annotated[str, Query(description="이 자치구만 (이름 또는 코드)")] = ""
    ) -> Response:
        code = job_of(services, district, Settings(), "", "").district if district else ""
        plans = await asyncio.to_thread(services.store.plans)
        version = services.live.near.version
        told = [summary(plan, version) for plan in plans if not code or code in plan.codes]
        return answer_json(request, {"data_version": version, "plans": told})

    @routes.get("/compare", summary="계획을 나란히", dependencies=[planner])
    async def compare(
        request: Request, name: Annotated[list[str], Query(default_factory=list, description="계획 이름 (여러 번)")]
    ) -> Response:
        if not 2 <= len(name) <= _COMPARED:
            raise BadParameterError(f"name은 2개에서 {_COMPARED}개까지입니다", "예: ?name=첫 계획&name=둘째")
        plans = [await kept_plan(services, one) for one in name]
        return answer_json(request, compared(plans, services.live.near.version))


def _one(routes: APIRouter, services: Services, planner: Any) -> None:  # noqa: ANN401
    """Add what is told of one plan, and its files."""

    @routes.post("/file", summary="저장하지 않은 계획의 파일", response_class=Response, openapi_extra=BODY["draft"])
    async def file(
        request: Request,
        lang: Annotated[Lang, Depends(parameters.lang)],
        key: Key = planner,
        format: Annotated[str, Query(description=", ".join(_KINDS))] = "xlsx",  # noqa: A002 - the name in the address
    ) -> Response:
        kind = parameters.one_of("format", format, _KINDS)
        plan = draft_of(services, await _body(services, request))
        return await _written(services, request, key, plan, kind, lang)

    @routes.get("/{name}", summary="저장한 계획 (format을 주면 파일)")
    async def get(
        request: Request, name: str, lang: Annotated[Lang, Depends(parameters.lang)], key: Key = planner,
        format: Annotated[str, Query(description=f"json, {', '.join(_KINDS)}")] = "json",  # noqa: A002
    ) -> Response:  # fmt: skip
        kind = parameters.one_of("format", format, ("json", *_KINDS))
        plan = await kept_plan(services, name)
        if kind != "json":
            return await _written(services, request, key, plan, kind, lang)
        job = job_of(services, one_district(plan), Settings(), "", "")
        told = await work(services, key, "api.plan_jobs:told", job, plan, secret_of(services.folder))
        return answer(request, told, "application/json")


def _changes(routes: APIRouter, services: Services, planner: Any) -> None:  # noqa: ANN401
    """Add what keeps and forgets a plan."""

    @routes.put("/{name}", summary="계획을 이 이름으로 둡니다", openapi_extra=BODY["draft"])
    async def put(request: Request, name: str, key: Key = planner) -> Response:
        del key
        plan = replace(
            draft_of(services, await _body(services, request)),
            name=plan_name(name),
            made_at=services.clock().isoformat(timespec="seconds"),
        )
        await asyncio.to_thread(services.store.save_plan, plan)
        return answer_json(request, summary(plan, services.live.near.version))

    @routes.delete("/{name}", summary="저장한 계획을 지웁니다", status_code=204, dependencies=[planner])
    async def delete(name: str) -> Response:
        await kept_plan(services, name)
        await asyncio.to_thread(services.store.delete_plan, name)
        return Response(status_code=204)


async def _written(services: Services, request: Request, key: Key, plan: Plan, kind: str, lang: Lang) -> Response:
    job = job_of(services, plan.codes[0], Settings(), "", "")
    made = await while_there(request, work(services, key, "api.plan_jobs:written", job, plan, kind, lang))
    return download(request, made, kind, plan.name or f"{plan.district}-plan")


async def kept_plan(services: Services, name: str) -> Plan:
    """Return the plan of a name. Raises UnknownPlanError."""
    return await asyncio.to_thread(find_plan, services.store, name)


def one_district(plan: Plan) -> str:
    """Return the code of the district a plan is of. Raises :class:`BadParameterError` where it is of several."""
    if plan.districts:
        raise BadParameterError(
            f"계획 '{plan.name}'은(는) 여러 자치구를 함께 본 것이라 여기서 펼치지 않습니다",
            "format=xlsx로 받거나 자치구 지도(plan=이름)로 보십시오",
        )
    return plan.district


def now(services: Services) -> str:
    """Return the time, as plans keep it."""
    return services.clock().isoformat(timespec="seconds")


async def _body(services: Services, request: Request) -> Fields:
    return Fields(await read_json(request, services.settings.limits.body_s), ("draft",))


def draft_of(services: Services, fields: Fields) -> Plan:
    """Return the plan that a body hands back. Raises PlanDraftError."""
    return unseal(fields.text("draft"), secret_of(services.folder))
