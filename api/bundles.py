"""District bundles: the way that needs no position."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.access import needs
from api.answers import answer
from api.district_memory import Job
from api.keys import Role
from api.services import Services
from api.stream import while_there
from layers.snapshot import find_district


def router(services: Services) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1", tags=["phones"])

    @routes.get(
        "/bundles/{district}",
        summary="자치구 꾸러미: 공개 자료 전부 (위치를 보내지 않고 기기에서 고르도록)",
        dependencies=[Depends(needs(services.access, Role.PUBLIC))],
    )
    async def bundle(request: Request, district: str) -> Response:
        near = services.live.near
        found = find_district(district[:50], {place.district.code: place.district for place in near.places})
        told, today = services.settings, services.clock().date()
        job = Job(services.live.location, told.catalog, services.live.stamp, found.code)

        async def make() -> bytes:
            made: bytes = await services.public.run(
                "api.bundle_jobs:bundle", job, near.folder, today, told.bundle_days, seconds=told.limits.analysis_s
            )
            return made

        body = await while_there(request, services.public_files.get(("bundle", job.stamp, job.district, today), make))
        return answer(request, body, "application/json", cache="public, max-age=3600")

    return routes
