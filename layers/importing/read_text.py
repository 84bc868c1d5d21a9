"""Delimited text into columns: delimiter found, header row found, broken rows set apart, nothing lost."""

import csv
import io
from collections import Counter
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from geo.model import Ints
from layers.importing.encoding import REPLACEMENT, check_broken, check_header, decode
from layers.importing.errors import UnreadableFileError
from layers.importing.header import HEADER_WITHIN, SAMPLE, Known, find_header
from layers.importing.raw import Raw, tidy
from layers.importing.text import SEPARATOR

_DELIMITERS = ",\t;|"
_SAMPLED = 100_000  # characters in which the delimiter and the header are looked for
_LONGEST_CELL = 20  # lines; a quoted cell longer than this is a quote that was never closed


def read_text(data: bytes, file: str, known: Known, encoding: str | None = None) -> Raw:
    """Read a delimited text file.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name.
    known
        Says whether cells are the header of a known form; see :func:`layers.importing.header.find_header`.
    encoding
        In place of the detected one.

    Raises
    ------
    UnreadableFileError
        There is no header, or nothing under it.
    BadEncodingError
        See :mod:`layers.importing.encoding`.
    """
    text, found_encoding = decode(data, file, encoding)
    text, repaired = _without_controls(text)
    delimiter = _delimiter(text)
    skip, names = _header(text, delimiter, known, file)
    check_header(tuple(names), file)
    lines = text.rstrip("\n \t").split("\n")
    title, body = "\n".join(lines[:skip]), lines[skip:]
    parse = _quoted if '"' in text else _unquoted
    columns, numbers, broken = parse(body, delimiter, len(names))
    damaged = sum(REPLACEMENT in line for line in body) if REPLACEMENT in text else 0
    check_broken(damaged, len(body), file)
    flagged = {"broken_text": damaged} if damaged else {}
    header, kept = tidy(names, columns)
    broken["line"] += skip
    return Raw(
        file, header, kept, numbers + skip, found_encoding, broken, repaired=repaired, flagged=flagged, title=title
    )


def _without_controls(text: str) -> tuple[str, dict[str, int]]:
    """Make all line ends a line feed, and take out NUL bytes and our own separator."""
    repaired = {}
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        repaired["nul"] = text.count("\x00")
        text = text.replace("\x00", "")
    return text.replace(SEPARATOR, "") if SEPARATOR in text else text, repaired


def _delimiter(text: str) -> str:
    """Return what divides most of the first lines into the same number of cells, and into most."""
    lines = [line for line in text[:_SAMPLED].split("\n") if line.strip()][:HEADER_WITHIN]
    outside = ["".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0) for line in lines]

    def regularity(delimiter: str) -> tuple[float, int]:
        often, times = Counter(line.count(delimiter) for line in outside).most_common(1)[0]
        if often == 0:  # titles above a short table
            often, times = max((line.count(delimiter), 1) for line in outside)
        return (round(times / len(outside), 1) if often else 0.0), often

    return max(_DELIMITERS, key=regularity) if outside else _DELIMITERS[0]


def _header(text: str, delimiter: str, known: Known, file: str) -> tuple[int, list[str]]:
    """Return how many lines end with the header, and its cells."""
    reader = csv.reader(io.StringIO(text[:_SAMPLED], newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for cells in islice(reader, SAMPLE):
            rows.append([cell.strip() for cell in cells])
            ends.append(reader.line_num)
    except csv.Error as error:
        if not rows:
            raise UnreadableFileError(f"{file}: 표로 읽을 수 없습니다", "CSV 파일인지 확인하십시오") from error
    header = find_header(rows, known)
    if header is None:
        raise UnreadableFileError(f"{file}: 열 이름이 있는 줄이 없습니다", "첫 줄에 열 이름이 있는 CSV를 주십시오")
    return ends[header.end - 1], list(header.names)


_Parsed = tuple[list[pa.Array], Ints, pd.DataFrame]


def _unquoted(body: list[str], delimiter: str, width: int) -> _Parsed:
    """Parse text without quotes, in which every line is a row: the odd ones by hand, the others all at once."""
    right = [line.count(delimiter) == width - 1 and not line.isspace() and line != "" for line in body]
    if all(right):
        table = _arrow(body, delimiter, width)
        if table is not None:
            return _columns(table), np.arange(1, len(body) + 1, dtype=np.int64), _broken([])
    even = np.flatnonzero(right)
    table = _arrow([body[i] for i in even], delimiter, width)
    if table is None:
        return _careful(body, delimiter, width)
    odd = np.flatnonzero(~np.array(right, dtype=bool))
    odd_columns, odd_numbers, broken = _careful([body[i] for i in odd], delimiter, width)
    broken["line"] = odd[broken["line"].to_numpy(np.int64) - 1] + 1
    numbers = np.concatenate([even, odd[odd_numbers - 1]]) + 1
    order = pa.array(np.argsort(numbers, kind="stable"))
    columns = [pa.concat_arrays(pair).take(order) for pair in zip(_columns(table), odd_columns, strict=True)]
    return columns, np.sort(numbers), broken


def _quoted(body: list[str], delimiter: str, width: int) -> _Parsed:
    """Parse text with quotes: all at once where every line is a row, else row by row."""
    table = _arrow(body, delimiter, width)
    if table is None:  # a blank line, or a line end inside a cell: line numbers need care
        return _careful(body, delimiter, width)
    return _columns(table), np.arange(1, len(body) + 1, dtype=np.int64), _broken([])


def _arrow(lines: list[str], delimiter: str, width: int) -> pa.Table | None:
    """Parse lines that are one row each; None where they are not."""
    names = [str(i) for i in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader("\n".join(lines).encode("utf-8", errors="replace")),
            arrow_csv.ReadOptions(column_names=names, block_size=1 << 22),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return table if table.num_rows == len(lines) else None


def _columns(table: pa.Table) -> list[pa.Array]:
    return [column.combine_chunks() for column in table.columns]


def _careful(body: list[str], delimiter: str, width: int) -> _Parsed:
    """Parse row by row: blank lines skipped, short rows filled, rows with too many cells set apart."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    broken: list[tuple[int, str]] = []

    def take(cells: list[str], line: int, text: str) -> None:
        if not cells or not text.strip():
            return
        extra = cells[width:]
        if any(cell.strip() for cell in extra):
            broken.append((line, text))
        else:
            rows.append(cells[:width] + [""] * (width - len(cells)))
            numbers.append(line)

    at = 0
    while at < len(body):
        cells, span = _record(body, at, delimiter)
        if span > 1 and (len(cells) != width or span > _LONGEST_CELL):
            cells, span = _record(body[at : at + 1], 0, delimiter)
        take(cells, at + 1, "\n".join(body[at : at + span]))
        at += span
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)] if rows else []
    return columns or [pa.array([], pa.string())] * width, np.array(numbers, np.int64), _broken(broken)


def _record(body: list[str], at: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the record that begins at a line, and how many lines it takes."""
    end = at + 1
    if body[at].count('"') % 2:  # a quote is open: it closes at the next line with an odd number of them
        end = next((i + 1 for i in range(at + 1, min(at + 1000, len(body))) if body[i].count('"') % 2), at + 1)
    text = "\n".join(body[at:end])
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        cells = next(reader, [])
    except csv.Error:  # a cell beyond csv.field_size_limit
        return [text] * 2, end - at
    return cells, end - at


def _broken(rows: list[tuple[int, str]]) -> pd.DataFrame:
    return pd.DataFrame({
        "line": np.array([line for line, _ in rows], np.int64),
        "row": pd.Series([text for _, text in rows], dtype="str"),
    })  # fmt: skip
