"""Plans over HTTP: made, changed by hand, kept, compared, written and drawn. For planners only."""

import asyncio
from dataclasses import replace
from functools import partial

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.access import needs
from api.answers import answer
from api.body import read_json
from api.edit_question import read_edit
from api.keys import Key, Role
from api.openapi_plans import BODY
from api.plan_question import Bounds, Keeping, read_plan
from api.plan_store import now
from api.seal import secret_of, unseal
from api.services import Services
from api.stream import Progress, events, wants_events, while_there
from api.work import job_of, work
from geo.model import Settings

_TOLD = ("what", "value", "bound")
_MORE_S = 60.0  # beyond the solver's: to read the district, lay out candidates and count again


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1", tags=["plans"])
    planner = Depends(needs(services.access, Role.PLANNER))
    limits, catalog = services.settings.limits, services.catalog
    run = partial(work, services)

    async def body(request: Request) -> object:
        return await read_json(request, limits.body_s)

    @routes.post("/districts/{district}/plans", summary="새 자리를 고릅니다", openapi_extra=BODY["plan"])
    async def make(request: Request, district: str, key: Key = planner) -> Response:
        job = job_of(services, district, Settings(), "", "")
        asked = read_plan(await body(request), catalog, limits)
        job = replace(job, settings=asked.asking.settings, at=asked.asking.at, who=asked.asking.who)
        runs = 3 if asked.cost_range else 1
        seconds = asked.seconds * runs + asked.draws + _MORE_S
        arguments = (job, asked, Bounds(limits.plan_sites, limits.plan_candidates), _keeping(services, asked.name))

        async def made(tell: Progress | None) -> bytes:
            answered = await run(
                key, "api.plan_jobs:plan", *arguments, progress=tell, pool=services.plans, seconds=seconds
            )  # fmt: skip
            if asked.name:
                plan = unseal(orjson.loads(answered)["draft"], secret_of(services.folder))
                await asyncio.to_thread(services.store.save_plan, plan)
            return answered

        if wants_events(request):
            return events(request, services.journal, made, _TOLD)
        return _private(request, await while_there(request, made(None)))

    @routes.post(
        "/districts/{district}/plans/evaluate", summary="손으로 고친 계획을 다시 셉니다", openapi_extra=BODY["edit"]
    )
    async def evaluate(request: Request, district: str, key: Key = planner) -> Response:
        job = job_of(services, district, Settings(), "", "")
        asked = read_edit(await body(request), catalog, limits)
        # Not ended when the caller leaves: the next question needs the warm process.
        return _private(request, await run(key, "api.edit_jobs:evaluate", job, asked, _keeping(services)))

    return routes


def _private(request: Request, made: bytes) -> Response:
    return answer(request, made, "application/json")


def _keeping(services: Services, name: str = "") -> Keeping:
    return Keeping(secret_of(services.folder), now(services), name)
