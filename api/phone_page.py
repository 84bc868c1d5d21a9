"""The phone page's service worker: what keeps the page on the phone, so that it opens without a network."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import answer
from maps.page_files import digest, modules_of, page_files

PATH, PAGE = "/near-worker.js", "/near"
_CSP = b"default-src 'none'; connect-src 'self'"
_START = "near/main.js"
_BESIDE = ("common.css", "near/style.css", "near/near.webmanifest", "icon.svg")


def router() -> APIRouter:
    """Return the route."""
    routes = APIRouter(include_in_schema=False)
    files = [PAGE, *(f"/static/{digest()}/{name}" for name in sorted({*modules_of(_START), *_BESIDE}))]
    script = page_files()["near/worker.js"].decode("utf-8")
    script = script.replace("{version}", digest()).replace(
        "/* {files} */", ", ".join(json.dumps(file) for file in files)
    )

    @routes.get(PATH, response_class=Response)
    async def worker(request: Request) -> Response:
        request.scope["ansim.csp"] = _CSP
        return answer(request, script.encode(), "text/javascript; charset=utf-8", cache="no-cache")

    return routes
