"""The city's districts side by side: the data of the overview and its table, internal or public."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import PRIVATE, PUBLIC, answer, download
from api.city_work import CityWork
from api.errors import NotReadyError, RoleError
from api.keys import Key, Role
from api.services import Services
from maps.editions import Edition

_FORMATS = ("xlsx", "csv")


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/city", tags=["analysis"])
    public = Depends(needs(services.access, Role.PUBLIC))
    work = CityWork(services)

    @routes.get(
        "",
        summary="모든 자치구를 나란히 (도시 쪽의 자료)",
        responses={202: {"description": "계산 중: done개 구를 of개 가운데 마침"}},
    )
    async def city(
        request: Request, edition: Annotated[Edition, Depends(parameters.edition)], key: Key | None = public
    ) -> Response:
        _allowed(edition, key)
        files, done, of = work.look()
        if files is None:
            body = orjson.dumps({"state": "working", "done": done, "of": of})
            return Response(body, 202, media_type="application/json", headers={"cache-control": "no-store"})
        cache = PUBLIC if edition == "public" else PRIVATE
        return answer(request, files[edition].data, "application/json", cache=cache)

    @routes.get("/table", summary="구별 표", response_class=Response)
    async def table(
        request: Request,
        edition: Annotated[Edition, Depends(parameters.edition)],
        key: Key | None = public,
        format: Annotated[str, Query(description=", ".join(_FORMATS))] = "xlsx",  # noqa: A002 - the name in the address
    ) -> Response:
        _allowed(edition, key)
        kind = parameters.one_of("format", format, _FORMATS)
        files, done, of = work.look()
        if files is None:
            raise NotReadyError(f"도시 표를 계산하고 있습니다 ({done}/{of})", "잠시 뒤 다시 하십시오")
        body = files[edition].xlsx if kind == "xlsx" else files[edition].csv
        return download(request, body, kind, "districts")

    return routes


def _allowed(edition: Edition, key: Key | None) -> None:
    if edition == "internal" and (key is None or Role[key.role.upper()] < Role.PLANNER):
        raise RoleError("내부용은 직원만 볼 수 있습니다", "planner 열쇠를 주거나 edition=public으로 하십시오")
