"""Imports over HTTP: upload and see the report, then confirm or discard. Kept in files, so that any worker answers."""

import asyncio
import secrets
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, File, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import Access, needs
from api.answers import answer
from api.errors import TooLargeError
from api.frame import UPLOADS, App, Receive, Scope, Send, answer_problem
from api.import_form import asked, options
from api.import_waiting import as_job, keep, remember, said_of, sweep, uploaded
from api.keys import Role
from api.services import Services
from api.stream import Progress, events, wants_events
from geo.errors import AnsimError
from layers.importing import ImportOptions

_MOST_VERSION = 10**9
TOLD = ("done", "total", "file", "rows")  # of an import's progress


class KeyFirst:
    """Middleware: who may not import is refused before a byte of the upload is read; FastAPI reads a form first."""

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["path"].startswith(UPLOADS):
            header = dict(scope["headers"]).get(b"authorization")
            try:
                await asyncio.to_thread(self._access.require, header, Role.ADMIN)
            except AnsimError as error:
                scope["ansim.route"] = UPLOADS
                await answer_problem(scope, send, error)
                return
        await self._app(scope, receive, send)


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix=UPLOADS, tags=["imports"], dependencies=[Depends(needs(services.access, Role.ADMIN))])
    _uploading(routes, services)
    _deciding(routes, services)
    return routes


def _uploading(routes: APIRouter, services: Services) -> None:
    """Add the upload, which rehearses the import and gives its report."""
    limits = services.settings.limits

    @routes.post("", status_code=201, summary="파일을 올려 보고서를 미리 봅니다 (저장하지 않음)")
    async def upload(
        request: Request,
        files: Annotated[list[UploadFile], File(description="공공데이터 파일 (여러 개)")],
        said: Annotated[ImportOptions, Depends(options)],
        ask: Annotated[bool, Depends(asked)],
    ) -> Response:
        root = services.folder / "imports"
        await asyncio.to_thread(sweep, root, limits.import_kept_s)
        if len(files) > limits.upload_files:
            raise TooLargeError(f"파일은 한 번에 {limits.upload_files}개까지입니다", "나누어 올리십시오")
        folder = root / secrets.token_hex(8)
        try:
            await asyncio.to_thread(keep, files, folder / "files")
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, True)
            raise

        async def rehearse(tell: Progress | None = None) -> bytes:
            try:
                return await _rehearsed(services, folder, said, tell, ask=ask)
            except BaseException:
                await asyncio.to_thread(shutil.rmtree, folder, True)
                raise

        if wants_events(request):
            return events(request, services.journal, rehearse, TOLD)
        response = answer(request, await rehearse(), "application/json")
        response.status_code = 201
        return response

    @routes.post("/{import_id}", summary="올린 파일을, 알려 준 것을 고쳐 다시 미리 봅니다")
    async def again(request: Request, import_id: str, said: Annotated[ImportOptions, Depends(options)]) -> Response:
        folder = uploaded(services, import_id)

        async def rehearse(tell: Progress | None = None) -> bytes:
            return await _rehearsed(services, folder, said, tell, ask=True)

        if wants_events(request):
            return events(request, services.journal, rehearse, TOLD)
        return answer(request, await rehearse(), "application/json")


def _deciding(routes: APIRouter, services: Services) -> None:
    """Add what becomes of an upload: stored or discarded."""
    import_s = services.settings.limits.import_s

    @routes.post("/{import_id}/confirm", summary="저장합니다")
    async def confirm(
        request: Request, import_id: str, confirm: str = "false", force: str = "false", version: str = ""
    ) -> Response:
        folder = uploaded(services, import_id)
        truth = ("true", "false")
        said = replace(
            said_of(folder),
            confirm=parameters.one_of("confirm", confirm, truth) == "true",
            force=parameters.one_of("force", force, truth) == "true",
        )
        seen = parameters.whole("version", version, 0, _MOST_VERSION) if version else None
        job = replace(as_job(services, folder, said), version=seen)

        async def store(tell: Progress | None = None) -> bytes:
            done = await services.imports.run("api.import_jobs:store", job, seconds=import_s, progress=tell)
            await asyncio.to_thread(shutil.rmtree, folder, True)
            return orjson.dumps(done)

        if wants_events(request):
            return events(request, services.journal, store, TOLD)
        return answer(request, await store(), "application/json")

    @routes.delete("/{import_id}", status_code=204, summary="버립니다")
    async def discard(import_id: str) -> Response:
        await asyncio.to_thread(shutil.rmtree, uploaded(services, import_id), True)
        return Response(status_code=204)


async def _rehearsed(
    services: Services, folder: Path, said: ImportOptions, tell: Progress | None, *, ask: bool
) -> bytes:
    """Rehearse an upload and keep what came of it; of one that failed, what came of the look before stands."""
    limits = services.settings.limits
    job = as_job(services, folder, said, ask=ask)
    found = await services.imports.run("api.import_jobs:rehearse", job, seconds=limits.import_s, progress=tell)
    report = orjson.dumps({"id": folder.name, **found})
    remember(folder, said, report)
    return report
