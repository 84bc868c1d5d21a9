"""The data inside a district map: what ``assets/*.js`` draws and puts into popups."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo.crs import Floats, to_lonlat
from geo.grid import CELL_M
from geo.model import Bools, DemandKind, DistrictResult, GapArea, Geometries, Ints, Nearest
from geo.stability import HOLDS
from layers.catalog import Catalog
from maps import text
from maps.editions import Shown
from maps.estimates import estimated, households
from maps.facilities import pack_layer
from maps.pack import pack_integers, pack_places, pack_polygons, pack_texts, steps
from maps.ramps import COVER_RAMP, Ramp, quantile_ramp

_M2_PER_HA = 10_000.0


def payload(result: DistrictResult, catalog: Catalog, shown: Shown) -> dict[str, Any]:
    """Return the map's data as JSON values. What the edition withholds is not in it."""
    return merged(ground(result, catalog, shown), view(result, shown))


def merged(ground: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    """Return what stays and what changes as one: fields that are objects in both are joined."""
    common = ground.keys() & view.keys()
    both = {name: ground[name] | view[name] for name in common if isinstance(view[name], dict)}
    return ground | view | both


def ground(result: DistrictResult, catalog: Catalog, shown: Shown) -> dict[str, Any]:
    """Return the part of the map's data that no setting of the analysis changes."""
    source = result.source
    west, south, east, north = lonlat_bounds(result)
    places = shapely.point_on_surface(source.dong_geometry)
    data: dict[str, Any] = {
        "name": source.name,
        "edition": shown.edition,
        "bounds": [[south, west], [north, east]],
        "boundary": pack_polygons(_objects([source.boundary])),
        "dongs": {
            "names": list(source.dong_names),
            "polygons": pack_polygons(source.dong_geometry),
            "labels": pack_places(steps(shapely.get_x(places), shapely.get_y(places))),
        },
        "layers": [pack_layer(layer, catalog, shown) for layer in shown.layers],
    }
    if shown.internal:
        data["cells"] = _lattice(result)
    return data


def view(result: DistrictResult, shown: Shown) -> dict[str, Any]:
    """Return the part of the map's data that the settings of the analysis change."""
    data: dict[str, Any] = {"dongs": _dongs(result, shown), "density": _ramp(density_ramp(result, shown))}
    if shown.internal:
        data["cells"] = _cells(result, shown)
        data["cover"] = _ramp(COVER_RAMP)
        data["gaps"] = [_gap(gap, result) for gap in result.gaps]
        data["gap_polygons"] = pack_polygons(_objects([gap.geometry for gap in result.gaps]))
    return data


def lonlat_bounds(result: DistrictResult) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of the district, WGS84 degrees."""
    min_x, min_y, max_x, max_y = result.source.boundary.bounds
    lon, lat = to_lonlat(np.array([min_x, max_x, min_x, max_x]), np.array([min_y, min_y, max_y, max_y]))
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def dong_area_ha(result: DistrictResult) -> Floats:
    """Return the area of each dong in hectares, float64 (number of dong,)."""
    return np.asarray(shapely.area(result.source.dong_geometry) / _M2_PER_HA, np.float64)


def by_dong(result: DistrictResult, shown: Shown) -> Bools:
    """Return for each dong whether it is shaded whole: its households are known no finer, or withheld."""
    whole = np.full(len(result.source.dong_names), not shown.internal)
    cells = result.cells
    whole[cells.dong[cells.demand_source == DemandKind.DONG.value]] = True
    return whole


def unstable(gap: GapArea) -> bool:
    """Return whether a gap area's rank holds in so few draws that it is marked 불안정."""
    return gap.stability is not None and gap.stability < HOLDS


def density_ramp(result: DistrictResult, shown: Shown) -> Ramp:
    """Return classes of households per hectare over what is shaded: cells, or whole dong."""
    whole = by_dong(result, shown)
    if not shown.internal:
        return quantile_ramp(_dong_density(result, shown))
    cell = _cell_density(result)
    return quantile_ramp(np.concatenate([cell[~whole[result.cells.dong]], _dong_density(result, shown)[whole]]))


def _dong_density(result: DistrictResult, shown: Shown) -> Floats:
    households = np.array([np.nan if count is None else count for count in shown.dong_households], np.float64)
    return households / np.maximum(dong_area_ha(result), 1e-9)


def _cell_density(result: DistrictResult) -> Floats:
    return result.cells.households / np.maximum(result.cells.area_m2 / _M2_PER_HA, 1e-9)


def _dongs(result: DistrictResult, shown: Shown) -> dict[str, Any]:
    density = _dong_density(result, shown)
    classes = density_ramp(result, shown).classes_of(density)
    area = dong_area_ha(result)
    facts = []
    for i, count in enumerate(shown.dong_households):
        households = text.WITHHELD if count is None else f"{text.number(count)}가구"
        rows = [["1인가구", households], ["면적", f"{text.number(area[i])} ha"]]
        if count is not None:
            rows.append(["가구 밀도", f"{text.number(density[i], 1)} 가구/ha"])
        facts.append(rows)
    return {"class": pack_integers(np.where(by_dong(result, shown), classes, -2)), "facts": facts}


def _lattice(result: DistrictResult) -> dict[str, Any]:
    """Pack where the cells are: their corners once as a lattice."""
    cells = result.cells
    if not len(cells.x):
        return {"count": 0}
    half = CELL_M / 2
    x0, y0 = float(cells.x.min()) - half, float(cells.y.min()) - half
    column = np.rint((cells.x - half - x0) / CELL_M).astype(np.int64)
    row = np.rint((cells.y - half - y0) / CELL_M).astype(np.int64)
    columns, rows = int(column.max()) + 2, int(row.max()) + 2
    x, y = np.meshgrid(x0 + CELL_M * np.arange(columns), y0 + CELL_M * np.arange(rows))
    return {
        "count": len(cells.x),
        "columns": columns,
        "corners": pack_places(steps(x.ravel(), y.ravel())),
        "corner": _pack_rising(row * columns + column),
        "dong": pack_integers(cells.dong),
        "grid_id": pack_texts(cells.grid_id),
    }


def _cells(result: DistrictResult, shown: Shown) -> dict[str, Any]:
    """Pack what was found of the cells, a column a figure."""
    cells = result.cells
    if not len(cells.x):
        return {}
    whole = by_dong(result, shown)[cells.dong]
    density = _cell_density(result)
    classes = density_ramp(result, shown).classes_of(np.where(cells.households > 0, density, np.nan))
    covers: dict[str, Floats] = {text.COMBINED: cells.cover, **cells.cover_by_need}
    edge = np.zeros(len(cells.x), bool)
    edge[result.edge_gap_cells] = True
    return {
        "class": pack_integers(np.where(whole, -1, classes)),
        "households": pack_integers(np.where(whole, -1, np.rint(cells.households * 10)).astype(np.int64)),
        "dense": pack_integers(cells.dense.astype(np.int64)),
        "edge": pack_integers(np.flatnonzero(edge)),
        "cover": packed_covers(covers, result.settings.gap_threshold),
        "threshold": result.settings.gap_threshold * 100,
        "cover_names": {row.id: row.name for row in result.needs} | {text.COMBINED: "종합"},
    }


def packed_covers(covers: Mapping[str, Floats], threshold: float) -> dict[str, str]:
    """Return the covers of the cells packed (:func:`permille`); one that nothing is known of is left out."""
    return {
        need: pack_integers(permille(cover, threshold)) for need, cover in covers.items() if not np.isnan(cover).all()
    }


def permille(cover: Floats, threshold: float) -> Ints:
    """Return cover in tenths of a per cent, -1 without data; what is below the threshold is not rounded up to it."""
    value = np.rint(np.nan_to_num(cover) * 1000)
    limit = np.ceil(threshold * 1000)
    value = np.where((cover < threshold) & (value >= limit), limit - 1, value)
    return np.where(np.isnan(cover), -1, value).astype(np.int64)


def _nearest(near: Nearest, near_m: float) -> list[str]:
    """Return a row of a gap's popup: layer, name (else its number) and distance."""
    if near.distance_m is None:
        return [near.layer_name, "", f"{near_m / 1000:g} km 안 없음"]
    name = near.name or (near.id or "").removeprefix(f"{near.layer}:")
    return [near.layer_name, name, text.metres(near.distance_m)]


def _ramp(ramp: Ramp) -> dict[str, Any]:
    return {"breaks": list(ramp.breaks), "colours": list(ramp.colours)}


def _objects(geometries: Sequence[Any]) -> Geometries:
    array = np.empty(len(geometries), object)  # np.array() would take a geometry of several parts apart
    array[:] = geometries
    return array


def _pack_rising(values: Ints) -> str:
    return pack_integers(np.diff(values, prepend=0))


def _gap(gap: GapArea, result: DistrictResult) -> dict[str, Any]:
    lon, lat = to_lonlat(np.array([gap.x]), np.array([gap.y]))
    needs = {row.id: row for row in result.needs}
    covers, limit = [], result.settings.gap_threshold
    for need, cover in gap.cover_by_need.items():
        row = needs.get(need)
        state = text.need_state(row, result.settings) if row else text.LOADED
        note = "미도달" if need in gap.unmet_needs else "" if state in {text.LOADED, text.NO_DATA} else state
        covers.append([row.name if row else need, text.below(cover, limit), note])
    unknown = {layer.layer for layer in result.source.layers if not layer.known}
    absent = [near for near in gap.nearest if near.distance_m is None and near.layer in unknown]
    guessed = estimated(result, gap)
    basis = " (동 단위 추정)" if guessed else ""
    firm = [] if gap.stability is None else [["순위 안정성", text.percent(gap.stability)]]
    return {
        "rank": gap.rank,
        "dong": gap.dong,
        "place": [round(float(lon[0]), 6), round(float(lat[0]), 6)],
        "title": f"{gap.rank}위 틈새구역" + (" (불안정)" if unstable(gap) else ""),
        "where": f"{result.source.dong_names[gap.dong]} · 국가지점번호 {gap.grid_id}",
        "facts": [
            ["1인가구", f"{households(gap.households, guessed=guessed)}가구{basis}"],
            ["미도달 가구", f"{households(gap.uncovered_households, guessed=guessed)}가구{basis}"],
            ["면적", f"{text.number(gap.area_ha, 1)} ha"],
            ["가구 밀도", f"{households(gap.households_per_ha, guessed=guessed, digits=1)} 가구/ha"],
            ["종합 도달도", text.below(gap.cover, limit)],
            *firm,
        ],
        "covers": covers,
        "nearest": [_nearest(near, result.source.near_m) for near in gap.nearest if near not in absent],
        "absent": ", ".join(near.layer_name for near in absent),
    }
