"""What a city said it would do and did, by year (``data/programmes.csv``), and what stands by year of installation."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd

from layers.store import Store

_FILES = {"서울특별시": "programmes.csv", "가상시": "programmes_sample.csv"}


@dataclass(frozen=True)
class ProgrammeYear:
    """A programme in a year. ``unit`` differs between years; None where not published; money in million KRW."""

    year: int
    programme: str
    measure: str
    unit: str
    target: float | None
    result: float | None
    budget_mkrw: float | None
    spent_mkrw: float | None
    source: str


@dataclass(frozen=True)
class InstalledYears:
    """Devices of a layer that stand now, by the year they were installed; ``unknown`` those of unknown year."""

    layer: str
    by_year: dict[int, int]
    unknown: int

    @property
    def total(self) -> int:
        """All devices, of whatever year."""
        return sum(self.by_year.values()) + self.unknown


def programmes(province: str) -> tuple[ProgrammeYear, ...]:
    """Return what is published of a province's programmes, as in the file; nothing of any but Seoul's is known.

    The made-up city of the sample has made-up ones, and their source says so.
    """
    if province not in _FILES:
        return ()
    text = files("data").joinpath(_FILES[province]).read_text(encoding="utf-8")
    return tuple(
        ProgrammeYear(
            int(row["year"]), row["programme"], row["measure"], row["unit"], _number(row["target"]),
            _number(row["result"]), _number(row["budget_mkrw"]), _number(row["spent_mkrw"]), row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


def installed_years(store: Store, layers: Iterable[str], districts: Iterable[str]) -> tuple[InstalledYears, ...]:
    """Count the installed devices of layers in districts by year of installation, layers in the order given.

    A year is the first four letters of the date; what begins otherwise is unknown. Layers without rows are left out.
    """
    held = set(store.layer_ids())
    inside = set(districts)
    counted = []
    for layer in layers:
        if layer not in held:
            continue
        rows = store.read(layer, columns=["district", "status", "installed", "devices"])
        rows = rows[rows["district"].isin(inside) & (rows["status"] == "installed")]
        if len(rows):
            counted.append(_by_year(layer, rows))
    return tuple(counted)


def _by_year(layer: str, rows: pd.DataFrame) -> InstalledYears:
    year = pd.to_numeric(rows["installed"].str[:4], errors="coerce")
    devices = rows["devices"].astype("int64")
    known = devices[year.notna()].groupby(year[year.notna()].astype("int64")).sum()
    by_year = {int(one): int(count) for one, count in known.items()}  # type: ignore[call-overload]
    return InstalledYears(layer, dict(sorted(by_year.items())), int(devices[year.isna()].sum()))
