"""Imports over HTTP: upload and see the report, then confirm or discard. Kept in files, so that any worker answers."""

import asyncio
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import Access, needs
from api.answers import answer_json
from api.errors import BadParameterError, TooLargeError, UnknownImportError
from api.frame import UPLOADS, App, Receive, Scope, Send, answer_problem
from api.import_jobs import Upload
from api.keys import Role
from api.services import Services
from geo.errors import AnsimError
from layers.importing import ImportOptions

_ID = re.compile(r"[0-9a-f]{16}")
_COPY = 1 << 20


def options(
    layer: Annotated[str, Form(description="머리글로 알 수 없는 파일의 층")] = "",
    crs: Annotated[str, Form(description="예: EPSG:5174")] = "",
    encoding: Annotated[str, Form(description="예: cp949")] = "",
    column: Annotated[list[str] | None, Form(description="예: lat=위도 (여러 번)")] = None,
    mode: Annotated[str, Form(description="replace 또는 append")] = "replace",
    complete_for: Annotated[list[str] | None, Form(description="이 파일이 전부인 자치구 코드")] = None,
    measure: Annotated[str, Form(description="population 또는 households")] = "",
    visibility: Annotated[str, Form(description="public 또는 staff")] = "",
) -> ImportOptions:
    """Return what the form says of the files; the import itself checks the values."""
    columns = {}
    for text in column or ():
        role, mark, header = text.partition("=")
        if not mark:
            raise BadParameterError("column은 '이름=열'이어야 합니다", "예: column=lat=위도")
        columns[role] = header
    return ImportOptions(
        layer=layer or None, crs=crs or None, encoding=encoding or None, columns=columns,
        mode=mode, complete_for=tuple(complete_for or ()), measure=measure or None,  # type: ignore[arg-type]
        visibility=visibility or None,
    )  # fmt: skip


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
    limits = services.settings.limits

    @routes.post("", status_code=201, summary="파일을 올려 보고서를 미리 봅니다 (저장하지 않음)")
    async def upload(
        request: Request,
        files: Annotated[list[UploadFile], File(description="공공데이터 파일 (여러 개)")],
        said: Annotated[ImportOptions, Depends(options)],
    ) -> Response:
        root = services.folder / "imports"
        await asyncio.to_thread(_sweep, root, limits.import_kept_s)
        if len(files) > limits.upload_files:
            raise TooLargeError(f"파일은 한 번에 {limits.upload_files}개까지입니다", "나누어 올리십시오")
        import_id = secrets.token_hex(8)
        folder = root / import_id
        try:
            await asyncio.to_thread(_keep, files, folder / "files")
            job = _upload(services, folder, said)
            found = await services.imports.run("api.import_jobs:rehearse", job, seconds=limits.import_s)
            report = {"id": import_id, **found}
            (folder / "options.json").write_bytes(orjson.dumps(asdict(said)))
            (folder / "report.json").write_bytes(orjson.dumps(report))
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, True)
            raise
        response = answer_json(request, report)
        response.status_code = 201
        return response

    @routes.get("/{import_id}", summary="미리 본 보고서")
    async def report(request: Request, import_id: str) -> Response:
        return answer_json(request, orjson.loads((_uploaded(services, import_id) / "report.json").read_bytes()))

    @routes.get("/{import_id}/rejected/{number}", summary="거절된 행 (CSV)", response_class=Response)
    async def rejected(import_id: str, number: str) -> Response:
        which = parameters.whole("number", number, 0, limits.upload_files)
        for path in (_uploaded(services, import_id) / "rejected" / str(which)).glob("*.csv"):
            headers = {
                "content-disposition": f'attachment; filename="rejected-{which}.csv"',
                "cache-control": "no-store",
            }
            return Response(path.read_bytes(), media_type="text/csv; charset=utf-8", headers=headers)
        raise UnknownImportError("거절된 행이 없는 파일입니다", "보고서의 rejected_rows를 보십시오")

    @routes.post("/{import_id}/confirm", summary="저장합니다")
    async def confirm(request: Request, import_id: str, confirm: str = "false", force: str = "false") -> Response:
        folder = _uploaded(services, import_id)
        said = ImportOptions(**_options(folder))
        truth = ("true", "false")
        said = replace(
            said,
            confirm=parameters.one_of("confirm", confirm, truth) == "true",
            force=parameters.one_of("force", force, truth) == "true",
        )
        job = _upload(services, folder, said)
        done = await services.imports.run("api.import_jobs:store", job, seconds=limits.import_s)
        await asyncio.to_thread(shutil.rmtree, folder, True)
        return answer_json(request, done)

    @routes.delete("/{import_id}", status_code=204, summary="버립니다")
    async def discard(import_id: str) -> Response:
        await asyncio.to_thread(shutil.rmtree, _uploaded(services, import_id), True)
        return Response(status_code=204)

    return routes


def _uploaded(services: Services, import_id: str) -> Path:
    root = services.folder / "imports"
    _sweep(root, services.settings.limits.import_kept_s)
    folder = root / import_id
    if not _ID.fullmatch(import_id) or not (folder / "report.json").is_file():
        raise UnknownImportError("기다리는 가져오기가 없습니다", "다시 올리십시오 (확인 없이 오래 두면 지워집니다)")
    return folder


def _upload(services: Services, folder: Path, said: ImportOptions) -> Upload:
    told = services.settings
    return Upload(told.store, told.catalog, folder, said, services.clock())


def _options(folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = orjson.loads((folder / "options.json").read_bytes())
    return values | {"complete_for": tuple(values["complete_for"])}


def _keep(files: list[UploadFile], folder: Path) -> None:
    """Write the uploads under their own names, which forms and reports go by; never outside the folder."""
    folder.mkdir(parents=True)
    for upload in files:
        name = re.split(r"[/\\]", upload.filename or "")[-1].strip()
        if not name or name.startswith(".") or len(name.encode()) > 200 or not name.isprintable():
            raise BadParameterError("파일 이름을 쓸 수 없습니다", "이름을 바꾸어 올리십시오")
        if (folder / name).exists():
            raise BadParameterError("같은 이름의 파일이 두 개입니다", "이름을 바꾸어 올리십시오")
        with (folder / name).open("wb") as stream:
            shutil.copyfileobj(upload.file, stream, _COPY)


def _sweep(root: Path, kept_s: float) -> None:
    """Remove uploads that were neither confirmed nor discarded in time."""
    if root.is_dir():
        for folder in root.iterdir():
            with suppress(FileNotFoundError):  # confirmed, discarded or swept meanwhile
                if time.time() - folder.stat().st_mtime > kept_s:
                    shutil.rmtree(folder, ignore_errors=True)
