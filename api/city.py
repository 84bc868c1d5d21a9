"""The city's districts side by side: the data of the overview and its table, internal or public."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import PRIVATE, PUBLIC, answer, download
from api.city_work import CityWork
from api.errors import RoleError
from api.keys import Key, Role
from api.services import Services
from api.stream import Progress, events, wants_events
from maps.editions import Edition
from maps.english import Lang

_FORMATS = ("xlsx", "csv")
_WORKING: dict[int | str, dict[str, Any]] = {202: {"description": "계산 중: done개 구를 of개 가운데 마침"}}


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/city", tags=["analysis"])
    public = Depends(needs(services.access, Role.PUBLIC))
    work = CityWork(services)

    @routes.get(
        "",
        summary="모든 자치구를 나란히 (도시 쪽의 자료)",
        responses=_WORKING,
    )
    async def city(
        request: Request, edition: Annotated[Edition, Depends(parameters.edition)], key: Key | None = public
    ) -> Response:
        _allowed(edition, key)
        if wants_events(request) and not work.made():

            async def made(tell: Progress) -> bytes:
                return (await work.follow(tell))[edition].data

            return events(request, services.journal, made, ("done", "of"))
        files, done, of = work.look()
        if files is None:
            return _working(done, of)
        cache = PUBLIC if edition == "public" else PRIVATE
        return answer(request, files[edition].data, "application/json", cache=cache)

    @routes.get("/table", summary="구별 표", response_class=Response, responses=_WORKING)
    async def table(
        request: Request,
        edition: Annotated[Edition, Depends(parameters.edition)],
        lang: Annotated[Lang, Depends(parameters.lang)],
        key: Key | None = public,
        format: Annotated[str, Query(description=", ".join(_FORMATS))] = "xlsx",  # noqa: A002 - the name in the address
    ) -> Response:
        _allowed(edition, key)
        kind = parameters.one_of("format", format, _FORMATS)
        files, done, of = work.look()
        if files is None:
            return _working(done, of)
        return download(request, files[edition].tables[lang, kind], kind, "districts")

    return routes


def _working(done: int, of: int) -> Response:
    body = orjson.dumps({"state": "working", "done": done, "of": of})
    return Response(body, 202, media_type="application/json", headers={"cache-control": "no-store"})


def _allowed(edition: Edition, key: Key | None) -> None:
    if edition == "internal" and (key is None or Role[key.role.upper()] < Role.PLANNER):
        raise RoleError("내부용은 직원만 볼 수 있습니다", "planner 열쇠를 주거나 edition=public으로 하십시오")
