"""A file as read, before anything is understood: a header, trimmed text cells, perhaps geometry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.model import Bools, Geometries, Ints
from layers.importing.shapes import missing
from layers.importing.text import SEPARATOR, empty_text, filled, join, plain


@dataclass(frozen=True)
class Page:
    """Of which service a portal's page is (its path in the page), and how many rows that has in all, if it says."""

    service: str
    total: int | None


@dataclass(frozen=True, eq=False)
class Raw:
    """Rows of one file.

    Attributes
    ----------
    file
        Its name.
    header
        Column names as in the file, trimmed, none empty, none twice.
    columns
        One string array (n,) a name, trimmed, '' where empty.
    lines
        int64 (n,): line (text) or record (vector) number in the file, from 1.
    broken
        Rows that could not be cut into cells: ``line``, ``row`` (their text).
    geometry, crs
        Object array (n,) of shapely geometries or None, and their system, '' where the file does not say.
    repaired, flagged
        What was mended while reading, and what could not be, and how often.
    note
        What the planner must know of how the file was read, '' for nothing. Korean.
    title
        The lines down to the header's last, as one text; '' where the container has none.
    part
        Name of the table, of a file found to hold several only when it was read.
    page
        Of a portal's page.
    """

    file: str
    header: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    lines: Ints
    encoding: str
    broken: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"line": [], "row": []}))
    geometry: Geometries | None = None
    crs: str = ""
    repaired: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    title: str = ""
    part: str = ""
    page: Page | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def find(self, name: str) -> int | None:
        """Return the index of the column whose plain name this is, None where there is none."""
        wanted = plain(name)
        return next((i for i, own in enumerate(self.header) if plain(own) == wanted), None)

    def whole_rows(self) -> pa.Array:
        """Return each row as one string, cells in file order: equal strings are exact duplicates."""
        parts = list(self.columns)
        if self.geometry is not None:
            parts.append(_geometry_text(self.geometry))
        return join(parts) if parts else empty_text(len(self))

    def only(self, rows: Bools, *, with_broken: bool) -> "Raw":
        """Return some of the rows (bool (n,)), and the broken ones or none of them."""
        index = pa.array(np.flatnonzero(rows))
        return replace(
            self,
            columns=tuple(column.take(index) for column in self.columns),
            lines=self.lines[rows],
            geometry=None if self.geometry is None else self.geometry[rows],
            broken=self.broken if with_broken else self.broken.iloc[:0],
            repaired=self.repaired if with_broken else {},
            flagged=self.flagged if with_broken else {},
            note=self.note if with_broken else "",
        )

    def blank(self) -> Bools:
        """Return bool (n,): no cell of the row holds anything."""
        blank = np.ones(len(self), bool) if self.geometry is None else missing(self.geometry)
        for column in self.columns:
            if not blank.any():
                break
            blank &= ~filled(column)
        return np.asarray(blank, dtype=bool)

    def shown(self, rows: Bools) -> list[str]:
        """Return the chosen rows as CSV text, for the list of rejected rows."""
        index = pa.array(np.flatnonzero(rows))
        cells = [_quoted(column.take(index)) for column in self.columns]
        return list(join(cells, ",").to_pylist()) if cells else [""] * len(index)


def tidy(names: Sequence[str], columns: Sequence[pa.Array]) -> tuple[tuple[str, ...], tuple[pa.Array, ...]]:
    """Trim the cells, drop columns that say nothing, and name the rest apart.

    Nothing is said by an empty column that has no name or an earlier one's, and by a first column without a name that
    only counts the rows: with it, no row would equal another and no header would be the known one.
    """
    header: list[str] = []
    kept: list[pa.Array] = []
    for position, (name, column) in enumerate(zip(names, columns, strict=True), start=1):
        own = " ".join(name.replace("\ufeff", "").split())
        trimmed = pc.utf8_trim_whitespace(column)
        unnamed = not own or own.startswith("Unnamed:")
        if (unnamed or own in header) and not filled(trimmed).any():
            continue
        if unnamed and not header and _counts_rows(trimmed):
            continue
        own = f"열{position}" if unnamed else own
        header.append(own if own not in header else f"{own} ({position})")
        kept.append(trimmed)
    return tuple(header), tuple(kept)


def _counts_rows(cells: pa.Array) -> bool:
    """Say whether cells are whole numbers that begin with 0 or 1 and grow; empty ones (of total rows) left out."""
    try:
        numbers = np.asarray(pc.cast(cells.filter(filled(cells)), pa.int64()), dtype=np.int64)
    except pa.ArrowInvalid:
        return False
    return bool(len(numbers)) and numbers[0] in {0, 1} and bool((np.diff(numbers) > 0).all())


def _quoted(cells: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(cells, '[",\\n]')
    if not pc.any(special).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), cells)


def _geometry_text(geometry: Geometries) -> pa.Array:
    from shapely import to_wkb  # noqa: PLC0415 - only vector files need it

    hexes = to_wkb(geometry, hex=True)
    return pa.array([h or SEPARATOR for h in hexes], pa.string())
