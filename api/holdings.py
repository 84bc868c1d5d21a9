"""What is stored: districts, layers, and what is known of each need in each district. From memory, never the store."""

from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.access import needs
from api.answers import PRIVATE, PUBLIC, answer_json
from api.keys import Key, Role
from api.outlines import DEGREES
from api.services import Services
from layers.snapshot import District, find_district


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1", tags=["data"])
    public = Depends(needs(services.access, Role.PUBLIC))
    planner = Depends(needs(services.access, Role.PLANNER))

    @routes.get("/districts", summary="자치구 목록", dependencies=[public])
    async def districts(request: Request) -> Response:
        near = services.live.near
        listed = [_named(place.district) for place in near.places]
        return answer_json(
            request, {"data_version": near.version, "districts": listed, "first": near.first}, cache=PUBLIC
        )

    @routes.get(
        "/districts/outlines",
        summary="자치구 윤곽: 어느 꾸러미를 받을지 기기가 스스로 알도록",
        dependencies=[public],
    )
    async def outlines(request: Request) -> Response:
        near = services.live.near
        value = {
            "data_version": near.version,
            "degrees": DEGREES,
            "within_m": near.outlines_within_m,
            "districts": [_named(place.district) | {"rings": place.outline} for place in near.places],
        }
        return answer_json(request, value, cache=PUBLIC)

    @routes.get("/layers", summary="층마다 무엇이 있는지 (열쇠가 없으면 공개 층만)")
    async def layers(request: Request, key: Key | None = public) -> Response:
        near = services.live.near
        staff = key is not None and Role[key.role.upper()] >= Role.PLANNER
        listed = [h for h in near.holdings if staff or h["visibility"] == "public"]
        cache = PRIVATE if staff else PUBLIC
        return answer_json(request, {"data_version": near.version, "layers": listed}, cache=cache)

    @routes.get("/districts/{district}/states", summary="필요마다 자료 상태", dependencies=[planner])
    async def states(request: Request, district: str) -> Response:
        near = services.live.near
        code = find_district(district[:50], {p.district.code: p.district for p in near.places}).code
        place = next(p for p in near.places if p.district.code == code)
        value = {"data_version": near.version, "district": _named(place.district), "needs": place.needs}
        return answer_json(request, value)

    return routes


def _named(district: District) -> dict[str, Any]:
    return {"code": district.code, "name": district.name, "province": district.province}
