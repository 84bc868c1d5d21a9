"""The application: nothing at import, everything in :func:`create_app` and the lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from api import (
    analysis,
    bundles,
    city,
    district_maps,
    health,
    holdings,
    import_forget,
    import_views,
    imports,
    me,
    pages,
    phone_page,
    plan_store,
    plans,
    proposals,
    report,
    views,
)
from api.errors import BadParameterError, MethodError, NoSuchPathError, fault, problem
from api.frame import Answered, App, Frame
from api.journal import Journal
from api.near_app import PATH, NearApp
from api.ogc import Ogc, has_ogc
from api.openapi import describe
from api.services import Services
from api.settings import ServeSettings
from geo.errors import AnsimError
from layers.hours import SEOUL

_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip


def seoul_now() -> datetime:
    """Return the time on Seoul's clock."""
    return datetime.now(SEOUL)


class AnsimApi(Frame):
    """The application, as ASGI: the frame round the phones' way and FastAPI's routes."""

    def __init__(self, services: Services, fastapi: FastAPI) -> None:
        settings = services.settings
        limits = settings.limits
        near = NearApp(fastapi, services.live, services.access, services.catalog, limits, services.clock)
        app: App = near
        posts: dict[str, Answered] = {PATH: near.answered}
        if settings.cors:
            posts = {}
            app = CORSMiddleware(
                app, allow_origins=settings.cors, allow_methods=["GET", "POST", "PUT", "DELETE"],
                allow_headers=["authorization", "content-type"], expose_headers=["x-request-id", "etag"],
            )  # fmt: skip
        super().__init__(app, services.journal, services.metrics, limits, posts)
        self.services = services
        self.fastapi = fastapi


def create_app(
    settings: ServeSettings | None = None, *, clock: Callable[[], datetime] = seoul_now, journal: Journal | None = None
) -> AnsimApi:
    """Make the application.

    Raises
    ------
    CatalogError, StoreError
        The settings name a catalog or a store that cannot be.
    """
    services = Services(settings or ServeSettings(), clock, journal or Journal())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with services.running(), ogc.running() if ogc else nullcontext():
            yield

    # No pages of its own, which load their scripts from other hosts; no traces, which hold addresses and messages.
    fastapi = FastAPI(
        title="안심지도 API", version="1", docs_url=None, redoc_url=None, lifespan=lifespan,
        telemetry=_NO_TELEMETRY,
    )  # fmt: skip
    for routes in (
        health, me, holdings, bundles, analysis, district_maps, views, report, city, plans, plan_store, proposals,
        import_forget, imports, import_views,
    ):  # fmt: skip
        fastapi.include_router(routes.router(services))
    for files in (pages, phone_page):
        fastapi.include_router(files.router())
    ogc = Ogc(fastapi, services) if has_ogc(services) else None
    for kind in (AnsimError, RequestValidationError, HTTPException):
        fastapi.add_exception_handler(kind, _refused)
    fastapi.add_exception_handler(Exception, _failed)
    fastapi.add_middleware(imports.KeyFirst, access=services.access)
    fastapi.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    describe(fastapi, services.catalog, services.settings.limits)
    return AnsimApi(services, fastapi)


def _failed(request: Request, _: Exception) -> Response:
    """Answer a fault; it is raised on to the frame, which logs it."""
    return _refused(request, fault())


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
