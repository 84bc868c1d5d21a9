"""Who the caller is to the service: pages ask it to know what to offer."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.access import needs
from api.answers import answer_json
from api.keys import Key, Role
from api.services import Services


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1", tags=["service"])
    public = Depends(needs(services.access, Role.PUBLIC))

    @routes.get("/me", summary="열쇠의 역할과 이름 (없으면 public)")
    async def me(request: Request, key: Key | None = public) -> Response:
        value = {"role": "public", "name": ""} if key is None else {"role": key.role, "name": key.name}
        return answer_json(request, value, cache="private, no-store")

    return routes
