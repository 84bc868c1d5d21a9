"""Both coordinates in one cell ("37.48, 126.91") as two columns; which of them is which, placing finds out."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers.importing.raw import Raw
from layers.importing.text import filled

_LABEL = r"(?i:(?:위도|경도|북위|동경|lat\w*|lon\w*|lng|[nexy])\s*[:=]?\s*)?"  # 위도: 37.48, 경도: 126.91
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_PAIR = rf"^\s*[(\[]?\s*{_LABEL}(?P<first>{_NUMBER})\s*(?:[,;/]\s*|\s)\s*{_LABEL}(?P<second>{_NUMBER})\s*[)\]]?\s*$"


def are_pairs(cells: pa.Array) -> bool:
    """Say whether at least half of the cells that hold anything hold two numbers."""
    pairs = np.asarray(pc.match_substring_regex(cells, _PAIR), dtype=bool)
    return bool(pairs.any()) and 2 * int(pairs.sum()) >= int(filled(cells).sum())


def split_pairs(raw: Raw, column: int) -> Raw:
    """Return the file with two columns more, the first and the second number of each cell of a column.

    A cell that is no pair stands in both as it is, and so is judged like any other cell that is no coordinate.
    """
    cells = raw.columns[column]
    parts = pc.extract_regex(cells, _PAIR)
    halves = tuple(
        pa.array(pc.coalesce(pc.struct_field(parts, name), cells), pa.string()) for name in ("first", "second")
    )
    names = (f"{raw.header[column]} 1", f"{raw.header[column]} 2")
    return replace(raw, header=(*raw.header, *names), columns=(*raw.columns, *halves))
