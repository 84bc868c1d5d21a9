"""What is looked at before an import is stored: what may be uploaded, the report, rows on a map and in a table."""

from typing import Any

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer, answer_json
from api.errors import UnknownImportError
from api.import_jobs import OUTLINES, POINTS, ROWS
from api.import_waiting import REPORT, uploaded
from api.keys import Role
from api.services import Services
from layers.importing.options import ROLES, TABLE_LAYERS
from maps.terminal import REPORT_WORDS


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(
        prefix="/v1/imports", tags=["imports"], dependencies=[Depends(needs(services.access, Role.ADMIN))]
    )
    limits = services.settings.limits

    @routes.get("", summary="무엇을 올릴 수 있는지: 한도, 층, 항목")
    async def allowed(request: Request) -> Response:
        return answer_json(request, _allowed(services))

    @routes.get("/{import_id}", summary="미리 본 보고서")
    async def report(request: Request, import_id: str) -> Response:
        return answer_json(request, orjson.loads((uploaded(services, import_id) / REPORT).read_bytes()))

    @routes.get("/{import_id}/points", summary="받아들인·표시한·거절한 행 가운데 일부의 자리 (GeoJSON)")
    async def points(request: Request, import_id: str) -> Response:
        return answer(request, (uploaded(services, import_id) / POINTS).read_bytes(), "application/geo+json")

    @routes.get("/{import_id}/outlines", summary="저장하면 있게 될 자치구의 윤곽")
    async def outlines(request: Request, import_id: str) -> Response:
        return answer(request, (uploaded(services, import_id) / OUTLINES).read_bytes(), "application/json")

    @routes.get("/{import_id}/rejected/{number}/rows", summary="거절된 행의 앞부분")
    async def rejected_rows(request: Request, import_id: str, number: str) -> Response:
        which = parameters.whole("number", number, 0, limits.upload_files)
        path = uploaded(services, import_id) / "rejected" / str(which) / ROWS
        if not path.is_file():
            raise UnknownImportError("그런 파일의 보고서가 없습니다", "보고서의 rejected_rows를 보십시오")
        return answer(request, path.read_bytes(), "application/json")

    @routes.get("/{import_id}/rejected/{number}", summary="거절된 행 (CSV)", response_class=Response)
    async def rejected(import_id: str, number: str) -> Response:
        which = parameters.whole("number", number, 0, limits.upload_files)
        for path in (uploaded(services, import_id) / "rejected" / str(which)).glob("*.csv"):
            headers = {
                "content-disposition": f'attachment; filename="rejected-{which}.csv"',
                "cache-control": "no-store",
            }
            return Response(path.read_bytes(), media_type="text/csv; charset=utf-8", headers=headers)
        raise UnknownImportError("거절된 행이 없는 파일입니다", "보고서의 rejected_rows를 보십시오")

    return routes


def _allowed(services: Services) -> dict[str, Any]:
    """Return limits and choices of an upload, for a page to say before anything is sent."""
    catalog, limits = services.catalog, services.settings.limits
    layers = [{"id": spec.id, "name": spec.name} for spec in catalog.layers.values()]
    areas = [{"id": area.id, "name": area.name} for area in catalog.areas.values()]
    return {
        "bytes": limits.upload_bytes,
        "files": limits.upload_files,
        "kept_s": limits.import_kept_s,
        "layers": layers + areas,
        "tables": list(TABLE_LAYERS),
        "roles": list(ROLES),
        "words": dict(REPORT_WORDS),
    }
