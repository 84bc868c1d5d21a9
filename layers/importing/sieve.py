"""Which rows are accepted: every other one is rejected for one reason, the first that holds."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.model import Bools
from layers.importing.forms import Form
from layers.importing.raw import Raw
from layers.importing.synonyms import Columns
from layers.importing.text import repeated

# In the order in which they are tried.
REASONS = ("unreadable", "total_row", "dead", "duplicate", "impossible_coordinates", "outside")

_TOTALS = ("합계", "소계", "총계", "계", "총합계", "총합", "전체", "합 계", "소 계", "총 계", "total", "Total", "TOTAL")
_DEAD_STATES = ("N", "n", "아니오", "미운영", "폐쇄", "철거")
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
    sieve.reject(_totals(raw, columns), "total_row")
    sieve.reject(_dead(raw, columns, form), "dead")
    sieve.reject(repeated(raw.whole_rows()), "duplicate")
    return sieve


def _totals(raw: Raw, columns: Columns) -> Bools:
    places = [columns.get(role) for role in _TOTAL_ROLES if columns.has(role)] + list(raw.columns[:1])
    found = np.zeros(len(raw), bool)
    for place in places:
        found |= np.asarray(pc.is_in(place, pa.array(_TOTALS)), dtype=bool)
    return found


def _dead(raw: Raw, columns: Columns, form: Form | None) -> Bools:
    dead = np.asarray(pc.match_substring_regex(columns.get("name"), r"^[\W_]*삭제|삭제[\W_]*$"), dtype=bool)
    if form is None:
        state = columns.get("state")
        dead |= np.asarray(pc.is_in(state, pa.array(_DEAD_STATES)), dtype=bool)
        dead |= np.asarray(pc.match_substring_regex(state, "폐업|폐쇄|말소"), dtype=bool)
        return dead
    for column, texts in form.dead.items():
        index = raw.find(column)
        for text in texts if index is not None else ():
            cells = raw.columns[index]  # type: ignore[index]
            found = pc.match_substring(cells, text) if len(text) > 1 else pc.equal(pc.utf8_upper(cells), text.upper())
            dead |= np.asarray(found, dtype=bool)
    return dead
