"""From a snapshot to what the analysis of one district reads: who counts, at what hour, with what known."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.errors import NoDataError
from geo.grid import CELL_M
from geo.model import DataState, DemandKind, DistrictInput, Geometries, LayerPoints, Need, Supply, Units, Weights
from layers.catalog import Catalog, LayerSpec, NeedSpec
from layers.duplicates import doubles_in, in_words, without
from layers.hours import default_at, is_open
from layers.provenance import data_dates, grid_m, grid_notes, newest_date, source_files, source_notes
from layers.snapshot import District, Snapshot, find_district
from layers.spreading import counted_places, one_dataset, units_of, weights_of
from layers.states import data_state, unknown_layers, unknown_words
from layers.tables import FACILITY, empty
from layers.who import Who

_MINUTE = "%Y-%m-%d %H:%M"
_MADE_UP = "99999"  # the sample district's code, which no real one has: marked however it was imported
_SLIVER_M = 1.0  # gaps between neighbouring boundaries narrower than twice this are drawing errors


@dataclass(frozen=True)
class _Region:
    """The district among its neighbours. Geometry in EPSG:5179."""

    district: District
    boundary: Any
    dong: pd.DataFrame
    neighbours: Mapping[str, Any]  # code: geometry
    reach_m: float  # how far outside the boundary a facility may stand and still reach in


@dataclass(frozen=True)
class _People:
    """Who counts in the district and where they may live. ``others``: datasets of the same people, not read."""

    households: pd.DataFrame
    source: str
    others: tuple[str, ...]
    units: Units
    weights: tuple[Weights, ...]
    counted: Weights | None
    kinds: AbstractSet[DemandKind]


def margin_m(catalog: Catalog, reach_factor: float = 1.0) -> float:
    """Return how far outside a district facilities are read: as far as any reaches in, and the catalog's near_m."""
    longest = max((need.none_m / _detour(catalog, need) for need in catalog.needs.values()), default=0.0)
    return max(catalog.method.near_m, longest * reach_factor + CELL_M)


def district_input(
    snapshot: Snapshot,
    catalog: Catalog,
    name: str,
    *,
    at: datetime | None = None,
    who: Who | None = None,
    reach_factor: float = 1.0,
    found: DistrictInput | None = None,
) -> DistrictInput:
    """Collect everything the analysis of one district reads.

    Parameters
    ----------
    name
        District name or code.
    at
        Asia/Seoul time the analysis is for; without it Wednesday 23:00 in the week of the store's newest
        data date.
    who
        Whose households; everybody without it.
    reach_factor
        The largest by which the analysis will multiply reaches: facilities that far outside are collected, so
        the snapshot must have been taken with :func:`margin_m` of it.
    found
        That of the same snapshot, catalog, district and reach at another hour or of other people: what neither
        changes is taken over, and stays the same objects.

    Raises
    ------
    UnknownDistrictError, NoDataError, BadWhoError
    """
    who = who or Who()
    district = find_district(name, snapshot.districts, snapshot.dong)
    doubles = doubles_in(snapshot, catalog)
    moment = at or default_at(newest_date(snapshot))
    snapshot = without(snapshot, doubles)
    if found is not None:
        kept = _Region(district, found.boundary, _dong_of(snapshot, district), {}, margin_m(catalog, reach_factor))
        found = _of_people(found, snapshot, kept, who)
        return replace(_at_hour(found, snapshot, catalog, kept, moment), at_default=at is None)
    region = _region(snapshot, district, margin_m(catalog, reach_factor))
    people = _people(snapshot, region, who)
    not_lived_in = _areas(snapshot, catalog, "not_lived_in")
    return DistrictInput(
        code=district.code,
        name=district.name,
        boundary=region.boundary,
        dong_codes=tuple(region.dong["dong"]),
        dong_names=tuple(region.dong["name"]),
        dong_geometry=region.dong["geometry"].to_numpy(),
        units=people.units,
        weights=people.weights,
        counted=people.counted,
        not_lived_in=not_lived_in,
        lived_in=_lived_in(snapshot, catalog),
        supplies=tuple(_supply(snapshot, catalog, region, need, moment) for need in catalog.needs.values()),
        layers=_layer_points(snapshot, catalog, region),
        at=moment.strftime(_MINUTE),
        who=str(who),
        data_dates=data_dates(snapshot, catalog, district.code, region.boundary, people.households, people.kinds),
        near_m=catalog.method.near_m,
        stale_months=catalog.method.stale_months,
        made_up=district.code == _MADE_UP,
        notes=_notes(
            snapshot, region, people, [in_words(d) for d in doubles if d.district == district.code], not_lived_in
        ),
        warnings=unknown_words(unknown_layers(snapshot.summary, catalog)),
        files=tuple(source_files(snapshot, district.code, people.source, people.kinds)),
        at_default=at is None,
        grid_m=grid_m(snapshot) if DemandKind.GRID in people.kinds else 0,
    )


def _notes(
    snapshot: Snapshot, region: _Region, people: _People, doubles: Sequence[str], not_lived_in: Geometries
) -> tuple[str, ...]:
    marked = len(not_lived_in) > 0
    of_grid = grid_notes(snapshot, region.boundary, people.kinds, marked=marked)
    return (*of_grid, *source_notes(people.source, people.others), *doubles)


def _of_people(found: DistrictInput, snapshot: Snapshot, region: _Region, who: Who) -> DistrictInput:
    """Return the same district with other people: where they may live does not depend on who they are."""
    if str(who) == found.who:
        return found
    households, _, _ = one_dataset(snapshot.tables["household"], region.dong, snapshot.imports)
    everybody = units_of(households, region.dong, Who())
    units = everybody if who.everybody else units_of(households, region.dong, who)
    counted = found.counted and counted_places(snapshot, region.dong, everybody, units)
    return replace(found, units=units, counted=counted, who=str(who))


def _at_hour(
    found: DistrictInput, snapshot: Snapshot, catalog: Catalog, region: _Region, moment: datetime
) -> DistrictInput:
    """Return the same district at another hour: only what has hours is looked at again."""
    at = moment.strftime(_MINUTE)
    if at == found.at:
        return found
    timed = {need for need in catalog.needs if any(layer.counts_when != "always" for layer in catalog.layers_of(need))}
    supplies = (
        _supplied(snapshot, catalog, region, s, moment) if s.need.id in timed and s.state is not DataState.NONE else s
        for s in found.supplies
    )
    return replace(found, at=at, supplies=tuple(supplies))


def _people(snapshot: Snapshot, region: _Region, who: Who) -> _People:
    """Say who counts in the district, and where they may live."""
    households = snapshot.tables["household"]
    if len(households) == 0:
        raise NoDataError(
            "1인가구 자료가 아직 없습니다", "행정동별 1인가구 파일을 먼저 가져오십시오: ansim import 1인가구.csv"
        )
    households, source, others = one_dataset(households, region.dong, snapshot.imports)
    everybody = units_of(households, region.dong, Who())
    units = everybody if who.everybody else units_of(households, region.dong, who)
    weights = weights_of(snapshot, region.dong)
    counted = counted_places(snapshot, region.dong, everybody, units)
    kinds = {place.kind for place in (*weights, counted) if place is not None}
    return _People(households, source, others, units, weights, counted, kinds)


def _region(snapshot: Snapshot, district: District, reach_m: float) -> _Region:
    dong = snapshot.dong
    own = _dong_of(snapshot, district)
    boundary = shapely.union_all(own["geometry"].to_numpy())
    shapely.prepare(boundary)
    others = dong[dong["district"] != district.code]
    shapes = others["geometry"].to_numpy()
    close = others[shapely.dwithin(shapes, boundary, reach_m)] if len(others) else others
    neighbours = {str(code): shapely.union_all(rows.to_numpy()) for code, rows in close.groupby("district")["geometry"]}
    return _Region(district, boundary, own, neighbours, reach_m)


def _dong_of(snapshot: Snapshot, district: District) -> pd.DataFrame:
    own = snapshot.dong[snapshot.dong["district"] == district.code]
    return own.sort_values("dong").reset_index(drop=True)


def _detour(catalog: Catalog, need: NeedSpec) -> float:
    return catalog.method.detour if need.walked else 1.0


def _supply(snapshot: Snapshot, catalog: Catalog, region: _Region, spec: NeedSpec, at: datetime) -> Supply:
    detour = _detour(catalog, spec)
    need = Need(spec.id, spec.name, spec.full_m / detour, spec.none_m / detour, spec.weight)
    own = region.district
    state = data_state(spec, own.code, own.province, snapshot.holdings, catalog)
    nothing = Supply(
        need=need, state=state, on_duty=True, x=np.empty(0), y=np.empty(0), zones=np.empty(0, dtype=object),
        zone_cap=np.empty(0), unknown_beyond=_unknown_beyond(snapshot, catalog, region, spec, state),
    )  # fmt: skip
    return nothing if state is DataState.NONE else _supplied(snapshot, catalog, region, nothing, at)


def _supplied(snapshot: Snapshot, catalog: Catalog, region: _Region, supply: Supply, at: datetime) -> Supply:
    """Return a supply with what stands and is on duty at this hour."""
    x, y, zones, caps = [], [], [], []
    listed = counted = 0
    for layer in catalog.layers_of(supply.need.id):
        rows = _standing(snapshot, layer, region, region.reach_m)
        open_now = _on_duty(rows, layer, at)
        listed += len(rows)
        counted += int(open_now.sum())
        rows = rows[open_now]
        geometry = rows["geometry"].to_numpy()
        point = shapely.get_type_id(geometry) == 0
        x.append(shapely.get_x(geometry[point]))
        y.append(shapely.get_y(geometry[point]))
        zones.append(geometry[~point])
        caps.append(np.where(rows["approximate"].to_numpy()[~point], catalog.method.approximate_cap, 1.0))
    return replace(
        supply,
        on_duty=not (listed and not counted),
        x=np.concatenate([*x, np.empty(0)]),
        y=np.concatenate([*y, np.empty(0)]),
        zones=np.concatenate([*zones, np.empty(0, dtype=object)]),
        zone_cap=np.concatenate([*caps, np.empty(0)]),
    )


def _standing(snapshot: Snapshot, layer: LayerSpec, region: _Region, within_m: float) -> pd.DataFrame:
    """Return the rows of a layer that supply: installed, of a purpose that counts, in or so near the district."""
    rows = snapshot.tables.get(layer.id)
    if rows is None:
        return empty(FACILITY, geometry=True)
    geometry = rows["geometry"].to_numpy()
    stands = (rows["status"] == "installed").to_numpy() & rows["counts"].to_numpy()
    # No place is within no distance: the unlocated fall out here.
    here: pd.DataFrame = rows[stands & shapely.dwithin(region.boundary, geometry, within_m)]
    return here


def _on_duty(rows: pd.DataFrame, layer: LayerSpec, at: datetime) -> Any:  # noqa: ANN401 - bool (n,)
    if layer.counts_when == "always" or len(rows) == 0:
        return np.ones(len(rows), dtype=bool)
    hours = rows["hours"].where(rows["hours"] != "", layer.hours)
    counts = {
        text: is_open(text, at) is True if layer.counts_when == "open" else is_open(text, at) is not False
        for text in hours.unique()
    }
    return hours.map(counts).to_numpy(dtype=bool)


def _unknown_beyond(
    snapshot: Snapshot, catalog: Catalog, region: _Region, spec: NeedSpec, state: DataState
) -> Any | None:  # noqa: ANN401
    """Return the land round the district on which less is known of the need than inside, or None."""
    if state is DataState.NONE:
        return None
    order = (DataState.LOADED, DataState.PARTIAL, DataState.NONE)
    known = [region.boundary]
    for code, geometry in region.neighbours.items():
        other = snapshot.districts[code]
        there = data_state(spec, code, other.province, snapshot.holdings, catalog)
        if order.index(there) <= order.index(state):
            known.append(geometry)
    round_it = shapely.buffer(region.boundary, region.reach_m, quad_segs=2)
    beyond = shapely.difference(round_it, shapely.union_all(known))
    beyond = shapely.buffer(beyond, -_SLIVER_M, quad_segs=1)
    return None if beyond.is_empty else beyond


def _layer_points(snapshot: Snapshot, catalog: Catalog, region: _Region) -> tuple[LayerPoints, ...]:
    near_m = catalog.method.near_m
    return tuple(_points(snapshot, layer, region, near_m) for layer in catalog.layers.values())


def _points(snapshot: Snapshot, layer: LayerSpec, region: _Region, near_m: float) -> LayerPoints:
    rows = _standing(snapshot, layer, region, near_m)
    geometry = rows["geometry"].to_numpy()
    centre = shapely.point_on_surface(geometry)
    inside = np.zeros(len(rows), dtype=bool)
    if len(rows):
        shapely.prepare(region.boundary)
        inside = shapely.intersects(region.boundary, geometry)
    address = rows["road_address"].where(rows["road_address"] != "", rows["lot_address"])
    hours = rows["hours"].where(rows["hours"] != "", layer.hours)
    return LayerPoints(
        layer=layer.id,
        name=layer.name,
        ids=tuple(f"{layer.id}:{key}" for key in _texts(rows["key"])),
        names=_texts(rows["name"]),
        geometry=geometry,
        x=shapely.get_x(centre),
        y=shapely.get_y(centre),
        devices=rows["devices"].to_numpy(dtype=np.int64),
        addresses=_texts(address),
        hours=_texts(hours),
        data_dates=_texts(rows["data_date"]),
        flags=_texts(rows["flags"]),
        near=~inside,
        known=snapshot.holdings.has(layer.id, region.district.code),
        supplies=tuple(layer.supplies),
    )


def _texts(column: "pd.Series[str]") -> tuple[str, ...]:
    return tuple(column.to_numpy(dtype=object).tolist())


def _areas(snapshot: Snapshot, catalog: Catalog, role: str) -> Geometries:
    kinds = [area.id for area in catalog.areas.values() if getattr(area, role)]
    areas = snapshot.tables["area"]
    return areas.loc[areas["kind"].isin(kinds), "geometry"].to_numpy()


def _lived_in(snapshot: Snapshot, catalog: Catalog) -> Geometries:
    buildings = snapshot.tables["building"]
    lived = buildings.loc[buildings["lived_in"].to_numpy(dtype=bool), "geometry"].to_numpy()
    return np.concatenate([lived, _areas(snapshot, catalog, "walkable")])
