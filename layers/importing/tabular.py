"""A grid of cells, as workbooks and pages of the portals hold them, into columns under a header."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from geo.model import Ints
from layers.importing.encoding import check_header, check_text
from layers.importing.header import SAMPLE, Known, find_header
from layers.importing.raw import Raw, tidy
from layers.importing.text import SEPARATOR

Cells = Sequence[Sequence[str]]


def raw_of_grid(rows: Cells, file: str, known: Known, repaired: Mapping[str, int]) -> Raw | None:
    """Return the rows under the header of a sheet, None where it has no header; blank rows are no rows.

    Parameters
    ----------
    rows
        Cells as text, '' where empty; row i is line i + 1.
    file, known
        As for :func:`layers.importing.read_text.read_text`.
    repaired
        What was mended while the cells were read.
    """
    header = find_header([[cell.strip() for cell in row] for row in rows[:SAMPLE]], known)
    if header is None:
        return None
    numbers = [i for i in range(header.end, len(rows)) if any(cell.strip() for cell in rows[i])]
    body = [rows[i] for i in numbers]
    width = max([len(header.names), *map(len, body)])
    names = [*header.names, *[""] * (width - len(header.names))]
    columns = [pa.array([row[i] if i < len(row) else "" for row in body], pa.string()) for i in range(width)]
    raw = raw_of_columns(file, names, columns, np.array(numbers, np.int64) + 1, repaired)
    return replace(raw, title="\n".join(cell for row in rows[: header.end] for cell in row if cell))


def raw_of_records(records: Sequence[Mapping[str, str]], file: str, note: str, encoding: str) -> Raw:
    """Return records whose keys are the names of the columns, in the order in which they first come."""
    names = list(dict.fromkeys(key for record in records for key in record))
    columns = [pa.array([record.get(name, "") for record in records], pa.string()) for name in names]
    return raw_of_columns(file, names, columns, np.arange(1, len(records) + 1, dtype=np.int64), {}, note, encoding)


def raw_of_columns(
    file: str,
    names: Sequence[str],
    columns: Sequence[pa.Array],
    lines: Ints,
    repaired: Mapping[str, int],
    note: str = "",
    encoding: str = "utf-8",
) -> Raw:
    """Return named columns as a file as read: control characters out, mojibake refused."""
    check_header(tuple(names), file)
    cleaned = [_without_controls(column) for column in columns]
    check_text("\n".join([*names, *(cell for column in cleaned for cell in column[:200].to_pylist())]), file)
    header, kept = tidy(names, cleaned)
    return Raw(file, header, kept, lines, encoding, repaired=repaired, note=note)


def _without_controls(column: pa.Array) -> pa.Array:
    for mark in ("\0", SEPARATOR):
        if pa.compute.any(pa.compute.match_substring(column, mark)).as_py():
            column = pa.compute.replace_substring(column, mark, "")
    return column
