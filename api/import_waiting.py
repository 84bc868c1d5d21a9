"""Uploads that wait to be confirmed: files in a folder each, so that any worker process answers for them."""

import re
import shutil
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson
from fastapi import UploadFile

from api.errors import BadParameterError, UnknownImportError
from api.import_jobs import Upload
from api.services import Services
from layers.importing import ImportOptions

OPTIONS, REPORT = "options.json", "report.json"
_ID = re.compile(r"[0-9a-f]{16}")
_COPY = 1 << 20


def uploaded(services: Services, import_id: str) -> Path:
    """Return the folder of an upload that waits. Raises UnknownImportError."""
    root = services.folder / "imports"
    sweep(root, services.settings.limits.import_kept_s)
    folder = root / import_id
    if not _ID.fullmatch(import_id) or not (folder / REPORT).is_file():
        raise UnknownImportError("기다리는 가져오기가 없습니다", "다시 올리십시오 (확인 없이 오래 두면 지워집니다)")
    return folder


def as_job(services: Services, folder: Path, said: ImportOptions, *, ask: bool = False) -> Upload:
    """Return what the importing process is told; ``ask``: what is wrong with single files is gathered."""
    told = services.settings
    return Upload(told.store, told.catalog, folder, said, services.clock(), ask)


def remember(folder: Path, said: ImportOptions, report: bytes) -> None:
    """Keep what was said of the files and what came of it."""
    (folder / OPTIONS).write_bytes(orjson.dumps(asdict(said)))
    (folder / REPORT).write_bytes(report)


def said_of(folder: Path) -> ImportOptions:
    """Return what was said of the files."""
    values = orjson.loads((folder / OPTIONS).read_bytes())
    return ImportOptions(**(values | {name: tuple(values[name]) for name in ("complete_for", "leave_out")}))


def keep(files: list[UploadFile], folder: Path) -> None:
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


def sweep(root: Path, kept_s: float) -> None:
    """Remove uploads that were neither confirmed nor discarded in time."""
    if root.is_dir():
        for folder in root.iterdir():
            with suppress(FileNotFoundError):  # confirmed, discarded or swept meanwhile
                if time.time() - folder.stat().st_mtime > kept_s:
                    shutil.rmtree(folder, ignore_errors=True)
