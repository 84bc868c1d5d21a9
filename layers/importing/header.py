"""Where the names of the columns stand: under titles, in several rows, over merged cells."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from layers.importing.synonyms import role_of

Known = Callable[[Sequence[str]], bool]
Rows = Sequence[Sequence[str]]

HEADER_WITHIN = 20  # rows in which the header is looked for
SAMPLE = 60  # rows that are enough to tell names from values
_DEEPEST = 4  # rows of one header
_NUMBER = re.compile(r"\(?[-+]?[\d,]*\.?\d+\)?%?|\d{4}[-./]\d{1,2}.*")
_YEAR = re.compile(r"(19|20)\d\d(년|[-./]\d{1,2})?")


@dataclass(frozen=True)
class Header:
    """Names of the columns, and the row after them: rows before it are titles and the header itself."""

    names: tuple[str, ...]
    end: int


def find_header(rows: Rows, known: Known) -> Header | None:
    """Find the header among the first rows of a table.

    Parameters
    ----------
    rows
        The first :data:`SAMPLE` rows, cells trimmed, blank rows included.
    known
        Says whether cells are the header of a known form.

    Returns
    -------
    The first row (or rows, the lowest name of each column) that ``known`` takes; else the first row that names two
    roles by their usual names; else the first row that is filled at least half as far as the fullest one. In each
    case rows below it that divide its merged or repeated cells belong to it. None where no row has two cells.
    """
    within = range(min(HEADER_WITHIN, len(rows)))
    for depth in range(1, _DEEPEST + 1):
        for first in within:
            block = rows[first : first + depth]
            if len(block) == depth and _filled(block[0]) and known(names := _lowest(block)):
                end = _end(rows, first, first + depth)
                return Header(tuple(names if end == first + depth else _told_apart(rows[first:end])), end)
    least = max(2, max((_filled(row) for row in rows), default=0) / 2)
    likely = [i for i in within if _roles(rows[i]) >= 2] or [i for i in within if _filled(rows[i]) >= least]
    if not likely:
        return None
    first, end = likely[0], likely[0] + 1
    while first and _filled(rows[first - 1]) > 1 and _completes(rows[first - 1], rows[first]):
        first -= 1
    end = _end(rows, first, end)
    return Header(tuple(_told_apart(rows[first:end])), end)


def _end(rows: Rows, first: int, end: int) -> int:
    """Return where a header ends that begins at ``first`` and goes on at least to ``end``."""
    while end < len(rows) and end - first < _DEEPEST and _divides(rows, end):
        end += 1
    return end


def _filled(row: Sequence[str]) -> int:
    """Return how many cells of a row are filled; a title merged over three columns or more is one."""
    cells = [cell for cell in row if cell.strip()]
    return 1 if len(cells) > 2 and len(set(cells)) == 1 else len(cells)


def _roles(row: Sequence[str]) -> int:
    """Return how many roles the cells of a row name; none where a value stands among them."""
    if any(_is_value(cell) for cell in row):
        return 0
    return len({role for cell in row if cell.strip() and (role := role_of(cell))})


def _completes(above: Sequence[str], row: Sequence[str]) -> bool:
    """Say whether a row names columns that the row below it leaves without a name, and holds no values."""
    gaps = any(cell.strip() and (i >= len(row) or not row[i].strip()) for i, cell in enumerate(above))
    return gaps and not any(_is_value(cell) for cell in above)


def _divides(rows: Rows, at: int) -> bool:
    """Say whether a row is one more row of names: it stands under a gap or a repeated name, and holds no values."""
    above, row, below = rows[at - 1], rows[at], rows[at + 1 : at + 11]
    divided = any(
        cell.strip() and (i >= len(above) or not above[i].strip() or list(above).count(above[i]) > 1)
        for i, cell in enumerate(row)
    )
    if not divided or any(_is_value(cell) for cell in row):
        return False
    return any(cell.strip() and _mostly_numbers([r[i] for r in below if i < len(r)]) for i, cell in enumerate(row))


def _is_value(cell: str) -> bool:
    cell = cell.strip()
    return bool(_NUMBER.fullmatch(cell)) and not _YEAR.fullmatch(cell)


def _mostly_numbers(cells: Sequence[str]) -> bool:
    said = [cell.strip() for cell in cells if cell.strip()]
    return bool(said) and sum(bool(_NUMBER.fullmatch(cell)) for cell in said) > len(said) / 2


def _upper(block: Rows) -> list[str]:
    """Return each column's names so far, those of merged cells carried to the right, as one text."""
    width = max(map(len, block))
    joined = [""] * width
    for row in block:
        carried = ""
        for i in range(width):
            carried = (row[i].strip() if i < len(row) else "") or carried
            joined[i] += f"\n{carried}"
    return joined


def _lowest(block: Rows) -> list[str]:
    """Return the lowest name of each column."""
    width = max(map(len, block))
    return [next((r[i].strip() for r in reversed(block) if i < len(r) and r[i].strip()), "") for i in range(width)]


def _told_apart(block: Rows) -> list[str]:
    """Return the lowest name of each column, with those above it where it alone stands twice."""
    lowest = _lowest(block)
    if len(block) == 1:
        return list(block[0])
    whole = [" ".join(dict.fromkeys(part for part in parts.split("\n") if part)) for parts in _upper(block)]
    return [full if lowest.count(low) > 1 else low for low, full in zip(lowest, whole, strict=True)]
