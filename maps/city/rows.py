"""One district's line of the overview: what is kept of its analysis, small enough to hold a city of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.combine import combine
from geo.dates import joined
from geo.model import DataState, DistrictResult
from geo.summary import share_covered
from layers.catalog import Catalog
from maps.columns import data_range
from maps.editions import shown
from maps.estimates import any_estimated
from maps.text import COMBINED, DEMAND_NAMES

_NAN = float("nan")


@dataclass(frozen=True)
class RowNeed:
    """A need in a district."""

    id: str
    name: str
    state: DataState
    takes_part: bool
    share: float
    uncovered: float


@dataclass(frozen=True)
class RowLayer:
    """A layer in a district: what stands inside it. ``state`` none: nothing is known, which is not zero."""

    id: str
    name: str
    state: DataState
    places: int
    devices: int


@dataclass(frozen=True)
class CityRow:
    """A district in the overview. Shares 0..1, NaN without data; geometry EPSG:5179.

    ``judged``: ids of the needs its combined cover and gaps rest on; ``common_share`` and ``common_uncovered`` rest on
    the needs every district has. ``dates``: of what it is judged by, other layers left out. ``public_households``: the
    sum of the dong that may be shown. ``reason``: why it could not be analysed, '' where it was.
    """

    code: str
    name: str
    boundary: Any
    area_km2: float
    reason: str = ""
    households: float = _NAN
    public_households: float = _NAN
    withheld_dongs: int = 0
    judged: tuple[str, ...] = ()
    share: float = _NAN
    uncovered: float = _NAN
    common_share: float = _NAN
    common_uncovered: float = _NAN
    gap_areas: int = 0
    gap_ha: float = 0.0
    estimated: bool = False
    demand: str = ""
    needs: tuple[RowNeed, ...] = ()
    layers: tuple[RowLayer, ...] = ()
    dates: tuple[str, str] = ("", "")
    public_dates: tuple[str, str] = ("", "")
    headings: tuple[str, ...] = ()
    public_headings: tuple[str, ...] = ()
    at: str = ""
    at_default: bool = False


def city_row(
    result: DistrictResult,
    catalog: Catalog,
    common: Sequence[str],
    layer_states: Mapping[tuple[str, str], DataState],
) -> CityRow:
    """Return what the overview keeps of a district's result.

    Parameters
    ----------
    common
        The needs that every district of the city can be judged on (``layers.city_states``).
    layer_states
        (district, layer) to data state; a layer it does not name is as known as the result says.
    """
    source = result.source
    combined = next(row for row in result.needs if row.id == COMBINED)
    common_share = _common_share(result, common)
    public = shown(result, catalog, "public")
    judged = tuple(row.id for row in result.needs if row.takes_part and row.id != COMBINED)
    return CityRow(
        code=source.code,
        name=source.name,
        boundary=source.boundary,
        area_km2=result.area_km2,
        households=result.households,
        public_households=public.households,
        withheld_dongs=public.dong_households.count(None),
        judged=judged,
        share=combined.share_covered,
        uncovered=combined.uncovered_households,
        common_share=common_share,
        common_uncovered=result.households * (1 - common_share),
        gap_areas=len(result.gaps),
        gap_ha=float(sum(gap.area_ha for gap in result.gaps)),
        estimated=any_estimated(result),
        demand=DEMAND_NAMES[result.demand_source],
        needs=_needs(result),
        layers=_layers(result, layer_states),
        dates=data_range(result),
        public_dates=joined(public.data_dates.values()),
        headings=result.headings,
        public_headings=public.headings,
        at=source.at,
        at_default=source.at_default,
    )


def _needs(result: DistrictResult) -> tuple[RowNeed, ...]:
    return tuple(
        RowNeed(row.id, row.name, row.state, row.takes_part, row.share_covered, row.uncovered_households)
        for row in result.needs
        if row.id != COMBINED
    )


def _layers(result: DistrictResult, states: Mapping[tuple[str, str], DataState]) -> tuple[RowLayer, ...]:
    code = result.source.code
    return tuple(
        RowLayer(
            layer.layer,
            layer.name,
            states.get((code, layer.layer), DataState.LOADED if layer.known else DataState.NONE),
            int(np.count_nonzero(~layer.near)),
            int(layer.devices[~layer.near].sum()),
        )
        for layer in result.source.layers
    )


def row_without(code: str, name: str, boundary: Any, reason: str) -> CityRow:  # noqa: ANN401 - a shapely geometry
    """Return the line of a district that could not be analysed: it is drawn, and says why it has no figures."""
    return CityRow(code, name, boundary, float(boundary.area / 1e6), reason)


def _common_share(result: DistrictResult, common: Sequence[str]) -> float:
    """Return the share covered by the combination of the common needs alone, with the result's own weights."""
    weight = {row.id: row.weight for row in result.needs}
    if not common or any(need not in result.cells.cover_by_need for need in common):
        return _NAN
    stacked = np.vstack([result.cells.cover_by_need[need] for need in common])
    cover = combine(stacked, [weight[need] for need in common], result.settings.combine)
    return share_covered(result.cells.households, cover)
