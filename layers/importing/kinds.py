"""What a file is, by its first bytes; its name only tells texts apart. A name can lie, and in open data it does."""

import re
import zipfile
from pathlib import Path

from layers.importing.errors import UnreadableFileError

TEXT = frozenset({".csv", ".tsv", ".txt", ""})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
SIDECARS = frozenset({
    ".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".fix", ".qmd", ".idx", ".ain", ".aih", ".atx",
})  # fmt: skip
# Endings of files that may hold data: in a folder or an archive, every other file is passed over and named.
DATA = frozenset({
    ".csv", ".tsv", ".geojson", ".json", ".jsonl", ".ndjson", ".xml", ".shp", ".gpkg",
    ".parquet", ".geoparquet", ".zip",
}) | WORKBOOKS  # fmt: skip
READ = "CSV, 엑셀(xlsx, xls), GeoJSON, Shapefile, GeoPackage, Parquet, JSON·XML, zip"

_ARCHIVES = {
    b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\x1f\x8b": "gz", b"ALZ\x01": "alz", b"EGGA": "egg", b"BZh": "bz2",
    b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zst",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GEOJSON = re.compile(rb'"features"\s*:|"type"\s*:\s*"(?:Feature|Topology|Point|Multi|Line|Polygon|Geometry)')
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Endings whose files always begin with marks of their own, seen before.
_PACKED = frozenset({".zip", ".gpkg", ".parquet"}) | WORKBOOKS
_SNIFFED = 4096  # bytes


def kind_of(path: Path, name: str) -> str:
    """Return what a file is.

    Returns
    -------
    ``text``, ``geojson``, ``json``, ``xml``, ``shapefile``, ``workbook``, ``gpkg``, ``parquet`` or ``zip``.

    Raises
    ------
    UnreadableFileError
        The file is empty, or of a kind that is known not to be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED)
    except OSError as error:
        raise UnreadableFileError(f"{name}: 열 수 없습니다 ({error.strerror})", "권한을 확인하십시오") from error
    for mark, kind in ((b"SQLite format 3\0", "gpkg"), (b"PAR1", "parquet"), (b"\x00\x00\x27\x0a", "shapefile")):
        if start.startswith(mark):
            return kind
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(path, name)
    if start.startswith(_OLE):
        return _of_ole(path, name)
    for mark, kind in _ARCHIVES.items():
        if start.startswith(mark):
            raise UnreadableFileError(f"{name}: {kind} 압축은 읽지 않습니다", "압축을 풀거나 zip으로 다시 묶으십시오")
    return _of_text(start, path.suffix.lower(), name)


def _of_zip(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(f"{name}: 압축 파일이 손상되었습니다", "다시 내려받으십시오") from error
    if {"xl/workbook.xml", "xl/workbook.bin", "xl/Workbook.xml"} & inside or {"content.xml", "mimetype"} <= inside:
        return "workbook"
    if {"word/document.xml", "ppt/presentation.xml", "Contents/content.hpf"} & inside:
        raise UnreadableFileError(f"{name}: 문서 파일입니다", f"표를 CSV나 엑셀로 저장하십시오 (읽는 것: {READ})")
    return "zip"


def _of_ole(path: Path, name: str) -> str:
    """Tell an old workbook from a locked new one and from documents, by the names of its streams."""
    data = path.read_bytes()
    if _utf16("EncryptedPackage") in data:
        raise UnreadableFileError(f"{name}: 암호가 걸린 엑셀 파일입니다", "엑셀에서 암호를 풀고 저장하십시오")
    if _utf16("Workbook") in data or _utf16("Book") in data:
        return "workbook"
    raise UnreadableFileError(
        f"{name}: 엑셀이 아닌 문서 파일입니다", f"표를 CSV나 엑셀로 저장하십시오 (읽는 것: {READ})"
    )


def _of_text(start: bytes, ending: str, name: str) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    text = text.lstrip().lower()
    if not text:
        raise UnreadableFileError(f"{name}: 빈 파일입니다", "다시 내려받으십시오")
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta", b"<script")):
        raise UnreadableFileError(
            f"{name}: 자료가 아니라 웹 페이지입니다",
            "표가 들어 있으면 엑셀에서 열어 xlsx로 저장하고, 오류·로그인 화면이면 다시 내려받으십시오",
        )
    if text.startswith(b"<"):
        return "xml"
    if text.startswith((b"{", b"[")) and (ending not in TEXT or text.startswith((b'{"', b'[{"', b"[["))):
        return "geojson" if text.startswith(b"{") and _GEOJSON.search(start.replace(b"\0", b"")) else "json"
    # A text that a portal, or whoever renamed it, calls a workbook: it has no control characters.
    if ending in TEXT or (ending in WORKBOOKS and not _CONTROLS.search(text)):
        return "text"
    if ending == ".shp" or ending in SIDECARS:
        raise UnreadableFileError(f"{name}: Shapefile이 아닙니다", "다시 내려받으십시오")
    if ending in _PACKED:
        raise UnreadableFileError(
            f"{name}: 이름은 {ending}이지만 그런 파일이 아니거나 손상되었습니다", "다시 내려받으십시오"
        )
    raise UnreadableFileError(f"{name}: 읽을 줄 모르는 파일입니다", f"읽는 것: {READ}")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")
