"""Taking imports back over HTTP: what stands, and which of it goes."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer
from api.errors import BadParameterError
from api.frame import UPLOADS
from api.import_jobs import Asked
from api.keys import Role
from api.services import Services
from api.stream import Progress, events, wants_events

_MOST = 200


def router(services: Services) -> APIRouter:
    """Return the routes; they stand before those of an upload's number."""
    routes = APIRouter(prefix=UPLOADS, tags=["imports"], dependencies=[Depends(needs(services.access, Role.ADMIN))])
    told, limits = services.settings, services.settings.limits

    @routes.get("/stored", summary="저장된 가져오기와 되돌린 것")
    async def stored(request: Request) -> Response:
        found = await services.imports.run(
            "api.import_jobs:stored_imports", told.store, told.catalog, seconds=limits.import_s
        )
        return answer(request, orjson.dumps(found), "application/json")

    @routes.post("/forget", summary="가져오기를 되돌립니다 (confirm 없이는 무엇이 빠지는지만)")
    async def forget(
        request: Request,
        imports: Annotated[list[str] | None, Query(alias="import", description="번호 (여러 번)")] = None,
        confirm: str = "false",
    ) -> Response:
        ids = tuple(imports or ())
        sure = parameters.one_of("confirm", confirm, ("true", "false")) == "true"
        if not 0 < len(ids) <= _MOST:
            raise BadParameterError("import에 되돌릴 번호를 주십시오", "GET /v1/imports/stored의 id")

        async def work(tell: Progress | None = None) -> bytes:
            asked = Asked(told.store, told.catalog, ids, sure, services.clock())
            done = await services.imports.run("api.import_jobs:forget", asked, seconds=limits.import_s, progress=tell)
            return orjson.dumps(done)

        if wants_events(request):
            return events(request, services.journal, work)
        return answer(request, await work(), "application/json")

    return routes
