"""Whether the service lives, whether it can answer, and its counters."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from api.services import Services


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["service"])

    @routes.get("/health", summary="프로세스가 살아 있는지")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/ready", summary="자료를 읽어 답할 수 있는지", responses={503: {"description": "아직 읽는 중"}})
    async def ready() -> JSONResponse:
        near = services.live.near  # raises while there is none: 503
        told = {"status": "ready", "data_version": near.version, "store": services.live.store_ok}
        return JSONResponse({**told, "districts": len(near.places)})  # 0: nothing is imported yet

    @routes.get("/metrics", summary="Prometheus 지표 (주소 틀과 상태만)", response_class=Response)
    async def metrics() -> Response:
        return Response(services.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes
