"""What each edition of a map may show (domain: law and practice).

The public edition is built from what this module lets through and from nothing else, so that what is
withheld is not in the file. What it lets through is listed; what is new is withheld until it is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from geo.dates import Dates, apart, joined, undated
from geo.model import DistrictResult, LayerPoints
from layers.catalog import Catalog
from maps.columns import data_range, undated_data

Edition = Literal["internal", "public"]
EDITION_NAMES: Mapping[str, str] = MappingProxyType({"internal": "내부용", "public": "공개용"})
SMALLEST_COUNT = 5
_DIFFER = "기준일 상이"
_PUBLIC_HEADINGS = ("가상 자료", "동 단위 추정", _DIFFER)
_PUBLIC_TABLES = frozenset({"dong", "household"})


@dataclass(frozen=True)
class Shown:
    """What an edition shows of a district beside its boundaries.

    ``dong_households`` has one entry a dong, in the district's order; None where withheld. ``households``
    is the district's, or in the public edition the sum of the dong shown: a total would give a single
    withheld dong away. ``dates``: of what the district is judged by; in the public edition, of all that is shown.
    ``undated``: what of it has no known date.
    """

    edition: Edition
    layers: tuple[LayerPoints, ...]
    headings: tuple[str, ...]
    data_dates: Mapping[str, Dates]
    dates: Dates
    undated: tuple[str, ...]
    dong_households: tuple[float | None, ...]
    households: float

    @property
    def internal(self) -> bool:
        """Whether analysis may be shown: gaps, cells, cover, hours of patrols."""
        return self.edition == "internal"


def shown(result: DistrictResult, catalog: Catalog, edition: Edition) -> Shown:
    """Return what the edition shows of the result."""
    households: list[float | None] = [None] * len(result.source.dong_names)
    for row in result.dongs:
        if edition == "internal" or row.households >= SMALLEST_COUNT:
            households[row.dong] = row.households
    if edition == "internal":
        return Shown(
            edition,
            result.source.layers,
            result.headings,
            result.source.data_dates,
            data_range(result),
            undated_data(result),
            tuple(households),
            result.households,
        )
    layers = tuple(layer for layer in result.source.layers if _is_public(layer.layer, catalog))
    # A public reader sees no judgement: the date is of all that is shown, and so is what is said of it.
    allowed = _PUBLIC_TABLES | {layer.layer for layer in layers}
    dated = {name: dates for name, dates in result.source.data_dates.items() if name in allowed}
    dates = joined(dated.values())
    said = {name for name in _PUBLIC_HEADINGS if any(heading.startswith(name) for heading in result.headings)}
    said = said - {_DIFFER} | ({_DIFFER} if apart(dates, result.source.stale_months) else set())
    return Shown(
        edition,
        layers,
        tuple(name for name in _PUBLIC_HEADINGS if name in said),
        dated,
        dates,
        undated(dated),
        tuple(households),
        float(sum(count for count in households if count is not None)),
    )


def _is_public(layer: str, catalog: Catalog) -> bool:
    spec = catalog.layers.get(layer)
    return spec is not None and spec.visibility == "public"
