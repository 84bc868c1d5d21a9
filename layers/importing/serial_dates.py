"""Dates that a workbook holds as plain numbers: days since the end of 1899, as Excel counts them."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers.importing.synonyms import Columns
from layers.importing.text import each_text

_DAY_ZERO = date(1899, 12, 30)  # Excel counts a 29 February 1900 that never was
_SERIAL = r"^[2-5]\d{4}(\.0)?$"  # 20000 to 59999: 1954 to 2064; no year and no year with a month
_ROLES = ("installed", "data_date")


def with_serial_dates(columns: Columns) -> tuple[Columns, int]:
    """Return the columns with the serial numbers in those of dates as ISO dates, and how many there were."""
    cells, mended = list(columns.raw.columns), 0
    for at in {columns.index[role] for role in _ROLES if columns.has(role)}:
        serial = pc.match_substring_regex(cells[at], _SERIAL)
        found = int(np.asarray(serial, dtype=bool).sum())
        if found:
            read = pc.if_else(serial, each_text(pc.if_else(serial, cells[at], "0"), _iso), cells[at])
            cells[at] = pa.array(read, pa.string())
            mended += found
    if not mended:
        return columns, 0
    return Columns(replace(columns.raw, columns=tuple(cells)), columns.index), mended


def _iso(serial: str) -> str:
    return (_DAY_ZERO + timedelta(days=int(float(serial)))).isoformat()
