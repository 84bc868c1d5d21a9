"""Answers with an ETag of their content, so that what a caller has already is not sent again."""

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

PUBLIC = "public, max-age=300"
PRIVATE = "private, no-cache"
TYPES = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def answer(
    request: Request, body: bytes, media_type: str, *, cache: str = PRIVATE, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the body, or 304 where the caller has it (``If-None-Match``). Weak: the bytes may be packed on the way."""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = {"etag": etag, "cache-control": cache, "vary": "Accept-Encoding, Authorization", **(headers or {})}
    asked = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if "*" in asked or etag in asked or etag.removeprefix("W/") in asked:
        return Response(status_code=304, headers=known)
    return Response(body, media_type=media_type, headers=known)


def answer_json(request: Request, value: object, *, cache: str = PRIVATE) -> Response:
    """Return a JSON answer with an ETag."""
    return answer(request, orjson.dumps(value), "application/json", cache=cache)


def download(request: Request, body: bytes, kind: str, name: str, *, cache: str = PRIVATE) -> Response:
    """Answer with a file of a kind of :data:`TYPES`, named."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.{kind}"}
    return answer(request, body, TYPES[kind], cache=cache, headers=headers)
