"""What goes into an analysis of a district and what comes out. Plain data, no behaviour.

All geometry is EPSG:5179 metres, x east, y north. Households are floats. Shares and covers are 0..1,
NaN where there is no data: no data is never zero (domain.md 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Geometries = NDArray[Any]  # object array of shapely geometries


class DataState(StrEnum):
    """What is known of a need in a district (domain.md 2)."""

    LOADED = "loaded"
    PARTIAL = "partial"
    NONE = "none"


class DemandKind(StrEnum):
    """The finest source the households rest on (domain.md 3), finest first."""

    BUILDING = "building"
    GRID = "grid"
    OA = "oa"
    ADDRESS = "address"
    DONG = "dong"


@dataclass(frozen=True)
class Need:
    """What a person needs, and how far what supplies it reaches.

    ``full_m`` and ``none_m`` are straight-line metres (a walked reach is already divided by its detour
    factor): cover is 1 up to ``full_m`` and falls linearly to 0 at ``none_m``.
    """

    id: str
    name: str
    full_m: float
    none_m: float
    weight: float


@dataclass(frozen=True)
class Supply:
    """The facilities that supply one need in and round a district.

    ``x``, ``y`` float64 (n,): point facilities that count at the time of the analysis. ``zones`` object
    array (m,): polygons, inside which cover is ``zone_cap`` (m,), falling to 0 at ``none_m`` outside.
    ``unknown_beyond``: land next to the district on which the need has no data, or None where there is
    data all round.
    """

    need: Need
    state: DataState
    on_duty: bool
    x: Floats
    y: Floats
    zones: Geometries
    zone_cap: Floats
    unknown_beyond: Any | None = None


@dataclass(frozen=True)
class Weights:
    """Places households are spread over below their source unit: float64 (n,) each, any order."""

    kind: DemandKind
    x: Floats
    y: Floats
    weight: Floats
    dongs: Bools  # (number of dong,): for which dong these places speak


@dataclass(frozen=True)
class Units:
    """Source units of household counts: each is spread over all its dong (a split code has several).

    ``households`` float64 (n,); ``dong_of`` n tuples of dong indices.
    """

    households: Floats
    dong_of: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class LayerPoints:
    """Facilities of one layer in and round a district, for distances and for the map.

    Arrays of one length n, in store order. ``geometry`` is an object array: points, or polygons of zones.
    ``attributes`` is one mapping a facility: label to text, as read, escaped by whoever draws it.
    """

    layer: str
    name: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    geometry: Geometries
    x: Floats
    y: Floats
    devices: Ints
    addresses: tuple[str, ...]
    hours: tuple[str, ...]
    data_dates: tuple[str, ...]
    flags: tuple[str, ...]
    near: Bools  # outside the district, kept because it may reach in
    known: bool = True  # False: nothing is known of the layer in the district, which is not zero
    supplies: tuple[str, ...] = ()  # ids of the needs it supplies; () for a context layer


@dataclass(frozen=True)
class SourceFile:
    """A file that the boundaries, the households or what they are spread over came from."""

    table: str  # dong, household, stat_grid, building, address_point
    file: str
    newest: str  # ISO data date, '' where the file states none
    imported: str  # ISO day


@dataclass(frozen=True)
class Part:
    """One of the districts that a ground is joined of: ``dongs`` are indices into the dong of the whole."""

    code: str
    name: str
    dongs: tuple[int, ...]


@dataclass(frozen=True)
class DistrictInput:
    """Everything an analysis of one district reads; made by ``layers.district_input``.

    ``parts``: the districts it is joined of (:mod:`geo.joining`); () for one district.
    """

    code: str
    name: str
    boundary: Any
    dong_codes: tuple[str, ...]
    dong_names: tuple[str, ...]
    dong_geometry: Geometries
    units: Units
    weights: tuple[Weights, ...]
    counted: Weights | None  # household counts already by place (a household grid): taken as they are
    not_lived_in: Geometries
    lived_in: Geometries  # buildings and road corridors; empty: every pixel of the district counts
    supplies: tuple[Supply, ...]
    layers: tuple[LayerPoints, ...]
    at: str  # ISO local time the analysis is for, Asia/Seoul
    who: str  # '' for everybody
    data_dates: Mapping[str, tuple[str, str]]  # layer or table: (oldest, newest) of what takes part (geo.dates)
    near_m: float = 1000.0  # facilities this far outside the boundary are in ``layers`` and supplies
    stale_months: int = 24  # data dates further apart than this are headed 기준일 상이
    made_up: bool = False
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # must stand over every output
    files: tuple[SourceFile, ...] = ()
    at_default: bool = False  # ``at`` was not asked for
    grid_m: int = 0  # cell size of the statistics grid the households rest on; 0: none
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Places:
    """Where facilities of one layer could stand; made by ``layers.candidates``.

    Arrays of one length m. ``needs``: ids of what they would supply there. ``once_krw`` and ``year_krw`` are NaN where
    no cost is known. ``kinds`` say in Korean what stands there now (새 자리, 기존 지주, 교체 …), ``flags`` what to
    settle before building. ``left_out``: why others are no candidates, and how many. ``zones`` (m,): the land of each
    where it is no point, of which cover is at most ``zone_cap`` (m,); x and y are then a point of it. Empty: points.
    """

    layer: str
    name: str
    needs: tuple[str, ...]
    ids: tuple[str, ...]
    x: Floats
    y: Floats
    once_krw: Floats
    year_krw: Floats
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    flags: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    zones: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    zone_cap: Floats = field(default_factory=lambda: np.empty(0))

    def some(self, which: Ints) -> "Places":
        """Return some of the places, int64 (k,), in that order."""
        take = which.tolist()
        ids, kinds, names, flags = (tuple(v[j] for j in take) for v in (self.ids, self.kinds, self.names, self.flags))
        return replace(
            self, ids=ids, x=self.x[which], y=self.y[which], once_krw=self.once_krw[which],
            year_krw=self.year_krw[which], kinds=kinds, names=names, flags=flags,
            zones=self.zones[which] if self.zones.size else self.zones,
            zone_cap=self.zone_cap[which] if self.zone_cap.size else self.zone_cap,
        )  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The numbers of domain.md 3 and 4, each printed with every result."""

    dense_method: str = "quantile"  # quantile | gi | dbscan
    dense_share: float = 0.25
    gap_threshold: float = 0.5
    other_thresholds: tuple[float, ...] = (0.3, 0.7)
    max_gap_ha: float = 9.0
    combine: str = "product"  # product | sum
    needs: tuple[str, ...] = ()  # empty: all
    include_partial: bool = False
    reach_factor: float = 1.0
    pixel_m: int = 5
    grid_shift_m: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)  # need: weight, over the catalog's


@dataclass(frozen=True)
class Cells:
    """The cells of a district, n of them, south to north, west to east.

    ``cover`` is the combined cover, ``cover_by_need`` each need's (NaN where the need has no data).
    ``demand_source`` holds a :class:`DemandKind` value a cell.
    """

    grid_id: tuple[str, ...]
    x: Floats
    y: Floats
    area_m2: Floats  # inside the district
    dong: Ints  # index into the district's dong
    households: Floats
    demand_source: NDArray[np.str_]
    dense: Bools
    cover_by_need: Mapping[str, Floats]
    cover: Floats
    gap: Bools
    edge_unknown: Bools


@dataclass(frozen=True)
class Nearest:
    """The facility of a layer nearest to a gap area: metres in a straight line.

    None where there is none so near that none outside the land looked at can be nearer.
    """

    layer: str
    layer_name: str
    id: str | None
    name: str | None
    distance_m: float | None


@dataclass(frozen=True)
class GapArea:
    """Neighbouring gap cells of one dong that one can visit as a place (at most 9 ha)."""

    rank: int
    cells: Ints  # indices into Cells
    dong: int
    grid_id: str  # 국가지점번호 (100 m) of the household-weighted centre
    x: float
    y: float
    area_ha: float
    households: float
    uncovered_households: float
    households_per_ha: float
    cover: float
    cover_by_need: Mapping[str, float]
    unmet_needs: tuple[str, ...]
    nearest: tuple[Nearest, ...]
    geometry: Any  # union of its cells inside the district
    stability: float | None = None  # share of draws in which it stays; None: not asked


@dataclass(frozen=True)
class DongRow:
    """One dong of the district table. Shares by need id, and ``combined``."""

    dong: int
    households: float
    share_covered: Mapping[str, float]
    uncovered_households: float
    gap_areas: int
    dense_households: float


@dataclass(frozen=True)
class NeedRow:
    """A need over the whole district. ``id`` is a need's, or ``combined``."""

    id: str
    name: str
    state: DataState
    takes_part: bool
    on_duty: bool
    weight: float
    share_covered: float
    uncovered_households: float
    worst_dong: int | None
    worst_share: float
    bottom_quarter_share: float


@dataclass(frozen=True)
class ThresholdRow:
    """What the gaps come to at one threshold."""

    threshold: float
    gap_cells: int
    gap_areas: int
    area_ha: float
    households: float
    uncovered_households: float


@dataclass(frozen=True)
class DistrictResult:
    """What the analysis of one district found."""

    source: DistrictInput
    settings: Settings
    demand_source: DemandKind
    households: float
    area_km2: float
    dense_share_reached: float
    cells: Cells
    gaps: tuple[GapArea, ...]
    edge_gap_cells: Ints  # gap cells that are edge_unknown: shown, not ranked
    dongs: tuple[DongRow, ...]
    needs: tuple[NeedRow, ...]
    thresholds: tuple[ThresholdRow, ...]
    headings: tuple[str, ...]  # 동 단위 추정, 기준일 상이, 가상 자료 …
