"""The form of an upload: what is said of all its files, and of single ones."""

from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import Depends, Form

from api import parameters
from api.errors import BadParameterError
from layers.importing import ImportOptions


def of_all(
    layer: Annotated[str, Form(description="머리글로 알 수 없는 파일의 층")] = "",
    crs: Annotated[str, Form(description="예: EPSG:5174")] = "",
    encoding: Annotated[str, Form(description="예: cp949")] = "",
    column: Annotated[list[str] | None, Form(description="예: lat=위도 (여러 번)")] = None,
    mode: Annotated[str, Form(description="replace 또는 append")] = "replace",
    complete_for: Annotated[list[str] | None, Form(description="이 파일이 전부인 자치구 코드")] = None,
    measure: Annotated[str, Form(description="population 또는 households")] = "",
    visibility: Annotated[str, Form(description="public 또는 staff")] = "",
) -> ImportOptions:
    """Return what the form says of all files; the import itself checks the values."""
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


def of_files(
    of_file: Annotated[str, Form(description='파일마다 다른 것: {"a.csv": {"layer": "cctv"}}')] = "",
) -> dict[str, dict[str, Any]]:
    """Return what is said of single files; the import checks names and values. Raises BadParameterError."""
    try:
        said = orjson.loads(of_file) if of_file else {}
        found = {file: dict(own.items()) for file, own in said.items()}
        texts = [value for own in found.values() for name, value in own.items() if name != "columns"]
        columns = [value for own in found.values() for value in own.get("columns", {}).values()]
    except (orjson.JSONDecodeError, AttributeError):
        texts, columns, found = [None], [], {}
    if not all(isinstance(value, str) for value in [*texts, *columns]):
        raise BadParameterError("of_file을 읽을 수 없습니다", '예: of_file={"a.csv": {"layer": "cctv"}}')
    return found


def options(
    said: Annotated[ImportOptions, Depends(of_all)],
    files: Annotated[dict[str, dict[str, Any]], Depends(of_files)],
    leave_out: Annotated[list[str] | None, Form(description="읽지 않을 파일의 이름 (여러 번)")] = None,
) -> ImportOptions:
    """Return everything the form says."""
    return replace(said, files=files, leave_out=tuple(leave_out or ()))


def asked(
    ask: Annotated[str, Form(description="true: 읽지 못한 파일은 오류가 아니라 보고서의 open으로")] = "false",
) -> bool:
    """Return whether files that cannot be imported are to be told of beside the others."""
    return parameters.one_of("ask", ask, ("true", "false")) == "true"
