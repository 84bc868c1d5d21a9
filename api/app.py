"""The application: nothing at import, everything in :func:`create_app` and the lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from api import health
from api.errors import BadParameterError, MethodError, NoSuchPathError, problem
from api.frame import Frame
from api.journal import Journal
from api.near_app import NearApp
from api.openapi import describe
from api.services import Services
from api.settings import ServeSettings
from geo.errors import AnsimError
from layers.hours import SEOUL


def seoul_now() -> datetime:
    """Return the time on Seoul's clock."""
    return datetime.now(SEOUL)


def create_app(
    settings: ServeSettings | None = None, *, clock: Callable[[], datetime] = seoul_now, journal: Journal | None = None
) -> FastAPI:
    """Make the application.

    Raises
    ------
    CatalogError, StoreError
        The settings name a catalog or a store that cannot be.
    """
    settings = settings or ServeSettings()
    services = Services(settings, clock, journal or Journal())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with services.running():
            yield

    # No pages of its own: FastAPI's load their scripts from other hosts.
    app = FastAPI(title="안심지도 API", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.services = services
    app.include_router(health.router(services))
    for kind in (AnsimError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    # The last added is the outermost.
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(
        NearApp, live=services.live, access=services.access, catalog=services.catalog, limits=settings.limits,
        clock=clock,
    )  # fmt: skip
    if settings.cors:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors, allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"], expose_headers=["x-request-id", "etag"],
        )  # fmt: skip
    app.add_middleware(Frame, journal=services.journal, metrics=services.metrics, limits=settings.limits)
    describe(app, services.catalog, settings.limits)
    return app


def _refused(request: Request, error: Exception) -> Response:
    """Answer an error on purpose. Starlette's and FastAPI's own may quote what was sent, so they are said anew."""
    known = error if isinstance(error, AnsimError) else _in_our_words(error)
    request.scope["ansim.code"] = known.code
    status, body, headers = problem(known, request.scope.get("ansim.id", ""))
    response = Response(body, status)
    for name, value in headers:
        response.headers[name.decode()] = value.decode()
    allow = (getattr(error, "headers", None) or {}).get("Allow")
    if allow:
        response.headers["allow"] = allow
    return response


def _in_our_words(error: Exception) -> AnsimError:
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return NoSuchPathError("그런 주소가 없습니다", "/openapi.json에서 주소를 확인하십시오")
        if error.status_code == 405:
            return MethodError("이 주소에서 쓸 수 없는 방법입니다", "/openapi.json에서 확인하십시오")
    return BadParameterError("빠졌거나 읽을 수 없는 항목이 있습니다", "/openapi.json에서 형식을 확인하십시오")
