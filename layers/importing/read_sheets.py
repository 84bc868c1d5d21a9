"""Workbooks (xlsx, xlsm, xlsb, xls, ods): one table a sheet, cells as text the way they are stored."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from layers.importing.errors import UnreadableFileError, UnsafeFileError
from layers.importing.header import Known
from layers.importing.raw import Raw
from layers.importing.tabular import raw_of_grid
from layers.importing.unpack import check_archive

_MOST_CELLS = 60_000_000  # of the rectangle around all filled cells of a sheet, which is held in memory
_COLUMN = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"')
_CHUNK = 1 << 22


def sheet_names(path: Path, name: str, max_bytes: int) -> dict[str, str]:
    """Return the sheets of a workbook, with why each is not read, '' for those that are.

    Raises
    ------
    UnreadableFileError
        The workbook is locked or damaged.
    UnsafeFileError
        It would unpack to over ``max_bytes``, or a sheet is wider and longer than memory.
    """
    if zipfile.is_zipfile(path):
        _check_size(path, name, max_bytes)
    reasons = {}
    with _open(path, name) as workbook:
        for sheet in workbook.sheets_metadata:
            hidden = sheet.visible != SheetVisibleEnum.Visible
            table = sheet.typ == SheetTypeEnum.WorkSheet
            reasons[sheet.name] = "표가 아닌 시트입니다" if not table else "숨긴 시트입니다" if hidden else ""
    return reasons


def read_sheet(path: Path, sheet: str, file: str, known: Known) -> Raw | None:
    """Read one sheet; None where it has no table (two columns and a row under their names).

    Whole numbers lose the '.0' that Excel adds, dates are ISO, formulas are their stored results, error cells are
    empty. A text merged over several rows stands in each of them, since it speaks for each.

    Raises
    ------
    UnreadableFileError
        The sheet is damaged.
    """
    with _open(path, file) as workbook:
        opened = workbook.get_sheet_by_name(sheet)
        rows = opened.to_python(skip_empty_area=False)
        merged = list(opened.merged_cell_ranges or ())
    texts = [[_text(cell) for cell in row] for row in rows]
    repaired = {"merged": filled} if (filled := _fill(texts, merged)) else {}
    if sum(any(row) for row in texts) < 2 or max((sum(map(bool, row)) for row in texts), default=0) < 2:
        return None
    return raw_of_grid(texts, file, known, repaired)


@contextmanager
def _open(path: Path, name: str) -> Iterator[CalamineWorkbook]:
    """Open a workbook; whatever the library says about a broken one becomes one line of ours."""
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            yield workbook
    except PasswordError as error:
        raise UnreadableFileError(
            f"{name}: 암호가 걸린 엑셀 파일입니다", "엑셀에서 암호를 풀고 저장하십시오"
        ) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise _damaged(name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the library's own failure on a damaged xls; no Exception
            raise
        raise _damaged(name) from error


def _damaged(name: str) -> UnreadableFileError:
    return UnreadableFileError(f"{name}: 손상된 엑셀 파일입니다", "엑셀에서 열어 다시 저장하십시오")


def _check_size(path: Path, name: str, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            check_archive(infos, name, max_bytes)
            for info in infos:
                if info.filename.lower().startswith("xl/worksheets/") and info.filename.lower().endswith(".xml"):
                    _check_extent(archive, info, name)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError) as error:
        raise _damaged(name) from error


def _check_extent(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    """Refuse a sheet whose filled cells lie so far apart that the rectangle around them does not fit in memory."""
    widest, longest, rest = 0, 0, b""
    with archive.open(info) as sheet:
        while chunk := sheet.read(_CHUNK):
            cells = _COLUMN.findall(rest + chunk)
            rest = chunk[-40:]
            if cells:
                widest = max(widest, *(_column_number(letters) for letters in {c[0] for c in cells}))
                longest = max(longest, *(int(row) for row in {c[1] for c in cells}))
    if widest * longest > _MOST_CELLS:
        raise UnsafeFileError(
            f"{name}: 시트가 {longest:,}행 × {widest:,}열로 너무 큽니다", "표 밖의 멀리 떨어진 칸을 지우거나 나누십시오"
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: Any) -> str:  # noqa: ANN401 - whatever a cell of a workbook can hold
    if isinstance(cell, str):
        return cell
    for kind, text_of in _TEXT_OF:
        if isinstance(cell, kind):
            return text_of(cell)
    return str(cell)


def _number(cell: float) -> str:
    return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)


def _hours(cell: timedelta) -> str:
    minutes = int(cell.total_seconds() // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


_TEXT_OF: tuple[tuple[type, Callable[[Any], str]], ...] = (  # a bool is an int, a datetime a date: the order matters
    (float, _number),
    (bool, lambda cell: "Y" if cell else "N"),
    (datetime, lambda cell: f"{cell:%Y-%m-%d %H:%M:%S}"),
    (date, lambda cell: cell.isoformat()),
    (time, lambda cell: f"{cell:%H:%M}"),
    (timedelta, _hours),  # hours past midnight: 26:30
)


def _fill(rows: list[list[str]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    """Write a text merged downwards into each of its rows. A number is not: it is one count, not one a row."""
    filled = 0
    for (top, left), (bottom, _right) in merged:
        if bottom <= top or top >= len(rows) or left >= len(rows[top]):
            continue
        text = rows[top][left]
        if not text or text.replace(",", "").replace(".", "", 1).isdigit():
            continue
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and not row[left]:
                row[left] = text
                filled += 1
    return filled
