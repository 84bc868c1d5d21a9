"""The account of one file: what was read, accepted, rejected and why. It always adds up."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from layers.importing.shown import nothing_shown

REASON_TEXTS = {
    "unreadable": "읽을 수 없는 행",
    "total_row": "합계 행",
    "dead": "삭제·폐업·미운영",
    "duplicate": "똑같은 행이 앞에 있음",
    "older_edition": "더 새로운 기준일의 행이 있음",
    "impossible_coordinates": "있을 수 없는 좌표",
    "outside": "경계에서 1 km 넘게 벗어남",
}


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {"line": pd.Series(dtype="int64"), "reason": pd.Series(dtype="str"), "row": pd.Series(dtype="str")}
    )


@dataclass(frozen=True)
class FileReport:
    """What became of one file.

    Attributes
    ----------
    file
        Its name.
    layer, dataset
        Layer id (or table) and the dataset its rows are stored under; '' for a skipped file.
    crs_score
        Share of rows that the chosen system puts into the district their own address names; None where the
        system was not in question.
    read, accepted, rejected
        Rows; ``read = accepted + rejected`` always.
    unlocated, devices
        Accepted rows without a place, and devices the accepted rows stand for.
    reasons, repaired, flagged
        How often, by kind.
    unchanged
        The same bytes, options and versions are stored already: nothing was written for this file.
    layers
        The figures of each layer, of a file that holds several; ``layer`` is then their ids, joined by commas.
    data_date
        The newest date of its rows, '' where none has one.
    header
        The names of its columns; none of a skipped file.
    note
        What else the planner must know: a guess, or why the file was skipped. Korean.
    rejected_rows
        ``line`` (of a text file; record of a vector file), ``reason``, ``row``.
    shown
        Some of the rows as places (:func:`layers.importing.shown.shown_rows`).
    """

    file: str
    layer: str = ""
    dataset: str = ""
    encoding: str = ""
    crs: str = ""
    crs_score: float | None = None
    read: int = 0
    accepted: int = 0
    unlocated: int = 0
    devices: int = 0
    rejected: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    unchanged: bool = False
    layers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    note: str = ""
    data_date: str = ""
    header: tuple[str, ...] = ()
    rejected_rows: pd.DataFrame = field(default_factory=_no_rows)
    shown: pd.DataFrame = field(default_factory=nothing_shown)

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.rejected or self.rejected != sum(self.reasons.values()):
            raise AssertionError(
                f"{self.file}: read {self.read} != accepted {self.accepted} + rejected {self.rejected} {self.reasons}"
            )

    @property
    def skipped(self) -> bool:
        """Nothing of the file was read."""
        return not self.layer

    def as_dict(self) -> dict[str, Any]:
        """Return the file's object of the JSON report."""
        found: dict[str, Any] = {
            "file": self.file,
            "layer": self.layer,
            "dataset": self.dataset,
            "encoding": self.encoding,
            "crs": self.crs,
            "crs_score": self.crs_score,
            "read": self.read,
            "accepted": self.accepted,
            "unlocated": self.unlocated,
            "devices": self.devices,
            "rejected": self.rejected,
            "reasons": dict(self.reasons),
            "repaired": dict(self.repaired),
            "flagged": dict(self.flagged),
            "data_date": self.data_date,
        }
        if self.layers:
            found["layers"] = {layer: dict(figures) for layer, figures in self.layers.items()}
        if self.unchanged:
            found["unchanged"] = True
        if self.note:
            found["note"] = self.note
        return found


def write_report(reports: Iterable[FileReport], path: Path) -> None:
    """Write the JSON report: a list, one object a file, utf-8."""
    text = json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def write_all_rejected(reports: Iterable[FileReport], folder: Path) -> list[Path]:
    """Write the rejected rows of a command's files, each to a file of its own name; return their paths.

    Of files with the same stem the second is ``<stem>-2-rejected.csv``, and so on, in the order given.
    """
    taken: set[str] = set()
    written = []
    for report in reports:
        stem = Path(report.file).stem
        names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        name = next(name for name in names if name.casefold() not in taken)  # Windows knows no case
        path = write_rejected(report, folder, name)
        if path is not None:
            taken.add(name.casefold())
            written.append(path)
    return written


def write_rejected(report: FileReport, folder: Path, name: str = "") -> Path | None:
    """Write the rejected rows beside the report, as ``<name, else the file's stem>-rejected.csv`` in utf-8-sig.

    Columns: ``line``, ``reason``, ``설명`` (the reason in words), ``row`` (the row's cells as CSV text; with an
    apostrophe before it where a spreadsheet would take it for a formula).

    Returns
    -------
    The path, None where no row was rejected (nothing is written then).
    """
    if report.rejected_rows.empty:
        return None
    rows = report.rejected_rows
    formula = rows["row"].str.match(r"[\s\x00]*[=+\-@＝＋－＠]|[\t\r\n]")
    rows = pd.DataFrame(
        {
            "line": rows["line"],
            "reason": rows["reason"],
            "설명": rows["reason"].map(REASON_TEXTS),
            "row": rows["row"].where(~formula, "'" + rows["row"]),
        }
    )
    path = folder / f"{name or Path(report.file).stem}-rejected.csv"
    rows.to_csv(path, index=False, encoding="utf-8-sig")
    return path
