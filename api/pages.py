"""The pages in a browser, and the files they are made of. They hold no data: their scripts ask the API for it."""

import gzip
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import answer
from api.errors import NoSuchPathError
from maps.page_files import digest, page_files, page_html

PAGES: Mapping[str, str] = {"/": "planner", "/import": "import", "/near": "near", "/city": "city"}
CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    b"worker-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
FOR_GOOD = "public, max-age=31536000, immutable"
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_SMALLEST_PACKED = 500  # bytes


@dataclass(frozen=True)
class _File:
    body: bytes
    packed: bytes | None
    kind: str


def router() -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)
    for path, name in PAGES.items():
        routes.add_api_route(path, _page(name), methods=["GET"], response_class=Response)
    served = {name: _file(name, body) for name, body in page_files().items() if not name.endswith(".html")}

    @routes.get("/static/{version}/{name:path}", response_class=Response)
    async def static(request: Request, version: str, name: str) -> Response:
        request.scope["ansim.route"] = "/static/{version}/{name}"
        if version != digest() or name not in served:
            raise NoSuchPathError("그런 파일이 없습니다", "쪽을 새로 고치십시오")
        return _static(request, served[name])

    return routes


def _page(name: str) -> Callable[[Request], Response]:
    html = page_html(name).encode()

    def page(request: Request) -> Response:
        request.scope["ansim.csp"] = CSP
        return answer(request, html, _KINDS[".html"], cache="no-cache")

    return page


def _file(name: str, body: bytes) -> _File:
    ending = name[name.rfind(".") :]
    kind = _KINDS.get(ending) or mimetypes.types_map.get(ending) or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= _SMALLEST_PACKED else None
    return _File(body, packed if packed and len(packed) < len(body) else None, kind)


def _static(request: Request, file: _File) -> Response:
    accepts = "gzip" in request.headers.get("accept-encoding", "")
    body = file.packed if file.packed and accepts else file.body
    response = answer(request, body, file.kind, cache=FOR_GOOD, headers={"vary": "Accept-Encoding"})
    if body is file.packed and response.status_code == 200:
        response.headers["content-encoding"] = "gzip"
    return response
