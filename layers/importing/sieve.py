"""Which rows are accepted: every other one is rejected for one reason, the first that holds."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.model import Bools
from layers.importing.forms import Form
from layers.importing.raw import Raw
from layers.importing.synonyms import Columns
from layers.importing.text import matches, repeated
from layers.importing.values import is_no

# In the order in which they are tried.
REASONS = ("unreadable", "total_row", "dead", "duplicate", "older_edition", "impossible_coordinates", "outside")

# 합계, 소 계, 총계(12개), [계], 관악구 소계, 봉천동 계, Total: the whole cell, or its last word
_TOTAL = (
    r"(?i)^[\[(<※*\s]*(총\s*합\s*계|총\s*합|[합소총누중]\s*계|계|전\s*체|(sub|grand)?\s*total)[\])>:\s]*(\(.*\))?$"
    r"|\s[합소총누]?계$|[시군구동읍면][합소총]계$"
)
_FOOTNOTE = r"^\s*(※|☞|\*\s|주\s?\d?\)|자료\s*:|출처\s*:|단위\s*:|\(단위)"
_TOTAL_ROLES = ("name", "province", "district", "dong_name", "stat_code")


@dataclass
class Sieve:
    """The rows of a file and why they were rejected."""

    raw: Raw
    reason: NDArray[np.int8] = field(init=False)

    def __post_init__(self) -> None:
        self.reason = np.full(len(self.raw), -1, np.int8)

    def reject(self, rows: Bools, reason: str) -> None:
        """Reject rows (bool (n,)) that no earlier reason has rejected."""
        self.reason[np.asarray(rows, dtype=bool) & (self.reason < 0)] = REASONS.index(reason)

    @property
    def kept(self) -> Bools:
        """Bool (n,): accepted so far."""
        return np.asarray(self.reason < 0)

    @property
    def read(self) -> int:
        """Rows read, those without readable cells included."""
        return len(self.raw) + len(self.raw.broken)

    def counts(self) -> dict[str, int]:
        """Return how many rows each reason rejected, only those that did, in order."""
        found = {name: int((self.reason == code).sum()) for code, name in enumerate(REASONS)}
        found["unreadable"] += len(self.raw.broken)
        return {name: count for name, count in found.items() if count}

    def rejected_rows(self) -> pd.DataFrame:
        """Return ``line``, ``reason`` and ``row`` (its cells as CSV text) of the rejected rows, by line."""
        rejected = ~self.kept
        rows = pd.DataFrame(
            {
                "line": self.raw.lines[rejected],
                "reason": pd.Series([REASONS[code] for code in self.reason[rejected]], dtype="str"),
                "row": pd.Series(self.raw.shown(rejected), dtype="str"),
            }
        )
        broken = self.raw.broken.assign(reason="unreadable")[["line", "reason", "row"]]
        parts = [part for part in (rows, broken) if len(part)]
        joined = pd.concat(parts, ignore_index=True) if parts else rows
        return joined.sort_values("line", kind="stable").reset_index(drop=True)


def sift(raw: Raw, columns: Columns, form: Form | None) -> Sieve:
    """Reject blank rows, totals, the dead and exact duplicates; coordinates come later."""
    sieve = Sieve(raw)
    sieve.reject(raw.blank(), "unreadable")
    sieve.reject(_no_record(raw), "unreadable")
    sieve.reject(_totals(raw, columns), "total_row")
    sieve.reject(_dead(raw, columns, form), "dead")
    sieve.reject(repeated(raw.whole_rows()), "duplicate")
    return sieve


def _totals(raw: Raw, columns: Columns) -> Bools:
    places = [columns.get(role) for role in _TOTAL_ROLES if columns.has(role)] + list(raw.columns[:1])
    found = np.zeros(len(raw), bool)
    for place in places:
        found |= np.asarray(pc.match_substring_regex(place, _TOTAL), dtype=bool)
    # All dong of a district, not their sum: a sum has no hours, and here nothing is counted.
    if columns.has("dong_name") and columns.has("hours") and not columns.has("count"):
        all_dong = pc.match_substring_regex(columns.get("dong_name"), r"^전\s*체$")
        found &= ~np.asarray(pc.and_(all_dong, pc.not_equal(columns.get("hours"), "")), dtype=bool)
    return found


def _no_record(raw: Raw) -> Bools:
    """Return bool (n,): a footnote under the table (the only cell of its row), or the header once more."""
    found = np.zeros(len(raw), bool)
    if len(raw.columns) < 2 or raw.geometry is not None:
        return found
    first = raw.columns[0]
    for row in np.flatnonzero(np.asarray(pc.match_substring_regex(first, _FOOTNOTE), dtype=bool)):
        found[row] = not any(column[row].as_py() for column in raw.columns[1:])
    for row in np.flatnonzero(np.asarray(pc.equal(first, raw.header[0]), dtype=bool)):
        found[row] = all(column[row].as_py() == name for column, name in zip(raw.columns, raw.header, strict=True))
    return found


def _dead(raw: Raw, columns: Columns, form: Form | None) -> Bools:
    dead = np.asarray(pc.match_substring_regex(columns.get("name"), r"^[\W_]*삭제|삭제[\W_]*$"), dtype=bool)
    if form is None:
        state = columns.get("state")
        dead |= matches(state, is_no)
        dead |= np.asarray(pc.match_substring_regex(state, "폐업|폐쇄|말소"), dtype=bool)
        return dead
    for column, texts in form.dead.items():
        index = raw.find(column)
        for text in texts if index is not None else ():
            cells = raw.columns[index]  # type: ignore[index]
            dead |= np.asarray(pc.match_substring(cells, text), dtype=bool) if len(text) > 1 else matches(cells, is_no)
    return dead
