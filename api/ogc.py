"""OGC API Features and Tiles at ``/ogc``, by tipg: the public layers of a database store, as its own views show them.

Its pool opens and closes with the application; each connection is the role ``ansim_ogc`` from its first moment, reads
only, and gives up after some seconds. Nothing asked is logged, and no statement kept.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.child import describe_fault
from api.ogc_gate import PREFIX, OgcGate, box_ring
from api.services import Services

ROLE = "ansim_ogc"
SCHEMA = "ogc"
TILINGS = ("WebMercatorQuad",)
_KNOWN = frozenset({"host", "port", "user", "password", "dbname", "passfile"})
_LOOK_S = 0.5
_WAIT_S = 5.0
_CATALOG_S = 60
_CONFORMS = (
    "ogcapi-common-1/1.0/conf/core", "ogcapi-common-1/1.0/conf/json", "ogcapi-common-2/1.0/conf/collections",
    "ogcapi-features-1/1.0/conf/core", "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
    "ogcapi-tiles-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/mvt", "ogcapi-tiles-1/1.0/conf/tileset",
    "ogcapi-tiles-1/1.0/conf/tilesets-list",
)  # fmt: skip


def has_ogc(services: Services) -> bool:
    """Return whether the store is a database, and tipg is installed."""
    return hasattr(services.store, "database") and find_spec("tipg") is not None


class Ogc:
    """The routes, the gate before them, and what they read from: one an application."""

    def __init__(self, fastapi: FastAPI, services: Services) -> None:
        self._fastapi = fastapi
        self._services = services
        fastapi.state.collection_catalog = None
        fastapi.add_middleware(
            OgcGate,
            access=services.access,
            limits=services.settings.limits,
            catalog=lambda: fastapi.state.collection_catalog,
        )
        for routes in _routers():
            fastapi.include_router(routes, prefix=PREFIX, tags=["ogc"])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the pool while the application serves; connect when first asked."""
        import asyncpg  # noqa: PLC0415 - an extra of the installation

        pool = asyncpg.create_pool(
            **self._connection(), min_size=0, max_size=self._services.settings.limits.ogc_at_once, init=_prepare,
        )  # fmt: skip
        async with pool:
            self._fastapi.state.pool = pool
            watching = asyncio.create_task(self._watch())
            try:
                yield
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    def _connection(self) -> dict[str, Any]:
        limits, url = self._services.settings.limits, self._services.store.database.url  # type: ignore[attr-defined]
        if self._services.settings.ogc_store:
            from sqlalchemy import make_url  # noqa: PLC0415 - an extra of the installation

            url = make_url(self._services.settings.ogc_store)
        # Of what stands behind the '?', that which asyncpg knows; it would send the rest to the server.
        kept = {name: value for name, value in url.query.items() if name.startswith("ssl") or name in _KNOWN}
        return {
            "dsn": url.set(drivername="postgresql", query=kept).render_as_string(hide_password=False),
            "timeout": limits.ogc_s,
            "statement_cache_size": 0,  # statements hold what was asked
            "server_settings": {
                "role": ROLE,
                "application_name": "ansim-ogc",
                "search_path": f"{SCHEMA},public,postgis,extensions",
                "statement_timeout": f"{limits.ogc_s}s",
                "idle_in_transaction_session_timeout": f"{limits.ogc_s}s",
                "default_transaction_read_only": "on",
            },
        }

    async def _watch(self) -> None:
        """Read which collections there are, again after every new version; never ends by itself."""
        stamp, ok = "", True
        while True:
            live = self._services.live
            try:
                if live.ready and live.stamp != stamp:
                    self._fastapi.state.collection_catalog = await self._read_catalog()
                    stamp, ok = live.stamp, True
            except Exception as error:  # noqa: BLE001 - what is served stays; the next look may go well
                if ok:
                    self._services.journal.write("warning", "ogc", what=describe_fault(error))
                ok = False
                await asyncio.sleep(_WAIT_S)
            await asyncio.sleep(_LOOK_S)

    async def _read_catalog(self) -> dict[str, Any]:
        """Return tipg's catalog of the views, by the layers' own ids."""
        import asyncpg  # noqa: PLC0415
        from tipg.collections import pg_get_collection_index  # noqa: PLC0415
        from tipg.database import connection_factory  # noqa: PLC0415
        from tipg.settings import DatabaseSettings  # noqa: PLC0415

        told = self._connection()
        # tipg makes temporary functions, which a connection that only reads may not.
        told["server_settings"] |= {"default_transaction_read_only": "off", "statement_timeout": f"{_CATALOG_S}s"}
        connection = await asyncpg.connect(**told)
        try:
            await connection_factory([SCHEMA], "pg_temp")(connection)
            found = await pg_get_collection_index(connection, DatabaseSettings(schemas=[SCHEMA], functions=[]))
        finally:
            with suppress(Exception):
                await connection.close(timeout=1)
        exact = _exact()
        titles = {layer.id: layer.name for layer in self._services.catalog.layers.values()}
        titles |= {"dong": "행정동", "district": "자치구"}
        collections = {
            one.table: exact.model_validate(
                {
                    **one.model_dump(by_alias=True),
                    "id": one.table,
                    "description": titles.get(one.table, one.table),
                }
            )
            for one in sorted(found, key=lambda one: str(one.id))
            if one.type == "Table" and one.id == f"{SCHEMA}.{one.table}"
        }
        return {"collections": collections, "last_updated": datetime.now(tz=None)}  # noqa: DTZ005 - tipg's own form


def _exact() -> Any:  # noqa: ANN401 - a class of tipg's
    """Return tipg's collection with boxes as they are asked.

    tipg takes the box round the corners in the columns' metres, which holds places outside: the degree of latitude
    is no straight line there.
    """
    from cql2 import Expr  # noqa: PLC0415
    from tipg.collections import PgCollection  # noqa: PLC0415

    class Exact(PgCollection):
        def cql_where(  # type: ignore[override]
            self,
            *,
            bbox: list[float] | None = None,
            cql: Any = None,  # noqa: ANN401 - cql2's and tipg's
            **more: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            if bbox and self.geometry_column is not None:
                ring = {"type": "Polygon", "coordinates": [box_ring(bbox)]}
                within = Expr({"op": "s_intersects", "args": [{"property": self.geometry_column.name}, ring]})
                cql = within if cql is None else cql + within
            return super().cql_where(cql=cql, **more)

    return Exact


async def _prepare(connection: Any) -> None:  # noqa: ANN401 - asyncpg's
    import orjson  # noqa: PLC0415

    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=orjson.dumps, decoder=orjson.loads, schema="pg_catalog")


def _routers() -> list[APIRouter]:
    """Return tipg's routes, without its pages, its viewer and its landing page (which links to pages)."""
    import tipg.collections  # noqa: PLC0415
    from morecantile import tms  # noqa: PLC0415
    from morecantile.defaults import TileMatrixSets  # noqa: PLC0415
    from tipg.factory import OGCFeaturesFactory, OGCTilesFactory  # noqa: PLC0415

    logging.getLogger("tipg").disabled = True
    # It formats each statement for a log; a "$1" in a filter makes that fail.
    tipg.collections.debug_query = lambda *_: None
    features = OGCFeaturesFactory(with_common=False, router_prefix=PREFIX, collection_dependency=_collection)
    tiles = OGCTilesFactory(
        with_common=False, router_prefix=PREFIX, collection_dependency=_collection, with_viewer=False,
        supported_tms=TileMatrixSets({name: tms.get(name) for name in TILINGS}),
    )  # fmt: skip
    return [_landing(), features.router, tiles.router]


def _collection(request: Request, collectionId: str) -> Any:  # noqa: ANN401, N803 - tipg's collection, tipg's name
    return request.app.state.collection_catalog["collections"][collectionId]  # the gate has seen that it is there


def _landing() -> APIRouter:
    routes = APIRouter()

    @routes.get("/", summary="OGC API: 첫 화면")
    async def landing(request: Request) -> JSONResponse:
        base = str(request.base_url).rstrip("/")
        links = [
            ("self", PREFIX + "/", "application/json", "this document"),
            ("service-desc", "/openapi.json", "application/vnd.oai.openapi+json;version=3.1", "OpenAPI"),
            ("conformance", PREFIX + "/conformance", "application/json", "conformance classes"),
            ("data", PREFIX + "/collections", "application/json", "collections"),
            ("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", PREFIX + "/tileMatrixSets", "application/json",
             "tile matrix sets"),
        ]  # fmt: skip
        return JSONResponse({
            "title": "안심지도 OGC API",
            "description": "공개 층의 시설과 행정 경계",
            "links": [{"rel": r, "href": base + p, "type": t, "title": title} for r, p, t, title in links],
        })  # fmt: skip

    @routes.get("/conformance", summary="OGC API: 따르는 규격")
    async def conformance() -> JSONResponse:
        return JSONResponse({"conformsTo": [f"http://www.opengis.net/spec/{name}" for name in _CONFORMS]})

    return routes
