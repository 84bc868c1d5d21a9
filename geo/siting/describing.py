"""Chosen places as the sites of a plan: where they are, what they cost, and by what they are found."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from scipy.spatial import KDTree

from geo.grid import cell_names
from geo.model import DistrictInput, Floats, Ints, LayerPoints, Places
from geo.plans import Closed, DongChange, Known, Site
from geo.siting.plan import Step
from geo.siting.recount import Recount


def total_krw(places: Places, years: int) -> Floats:
    """Return what each place costs once and over the years, NaN where neither is known."""
    known = np.isfinite(places.once_krw) | np.isfinite(places.year_krw)
    total: Floats = np.nan_to_num(places.once_krw) + years * np.nan_to_num(places.year_krw)
    return np.where(known, total, np.nan)


def dong_of(source: DistrictInput, x: Floats, y: Floats) -> Ints:
    """Return the dong index of each point, int64 (n,), -1 outside; on a shared border the lowest."""
    tree = shapely.STRtree(source.dong_geometry)
    point, dong = tree.query(shapely.points(x, y), predicate="intersects")
    found = np.full(np.asarray(x).size, len(source.dong_names), np.int64)
    np.minimum.at(found, point, dong)
    return np.where(found == len(source.dong_names), -1, found)


def describe(
    source: DistrictInput, places: Places, steps: Sequence[Step], need: str, years: int, forced: Sequence[int] = ()
) -> tuple[Site, ...]:
    """Return the steps as sites, with the nearest facility that has an address."""
    at = np.array([step.site for step in steps], np.int64)
    x, y = places.x[at], places.y[at]
    names, dong, near = cell_names(x, y, 10), dong_of(source, x, y), nearest_known(source.layers, x, y)
    total = total_krw(places, years)
    return tuple(
        Site(
            rank, places.layer, places.ids[j], places.kinds[j], places.names[j], places.flags[j],
            float(places.x[j]), float(places.y[j]), names[i], *_dong(source, int(dong[i])),
            float(np.nan_to_num(places.once_krw[j])), float(np.nan_to_num(places.year_krw[j])), float(total[j]),
            {need: step.gained}, step.score, near[i], None, *_zone(places, j), forced=j in forced,
        )
        for i, (rank, j, step) in enumerate(zip(range(1, len(steps) + 1), at.tolist(), steps, strict=True))
    )  # fmt: skip


def _zone(places: Places, place: int) -> tuple[str, float]:
    if not places.zones.size:
        return "", 1.0
    return shapely.to_wkt(places.zones[place], rounding_precision=2), float(places.zone_cap[place])


def closed_of(
    source: DistrictInput, points: LayerPoints, closed: Ints, lost: Sequence[Mapping[str, float]],
    occupancy: Mapping[str, float],
) -> tuple[Closed, ...]:  # fmt: skip
    """Return facilities of a layer that a plan takes away; ``lost`` by need, one a facility."""
    x, y = points.x[closed], points.y[closed]
    names, dong = cell_names(x, y, 10), dong_of(source, x, y)
    return tuple(
        Closed(
            points.layer, points.ids[i], points.names[i], points.addresses[i], float(points.x[i]), float(points.y[i]),
            names[k], *_dong(source, int(dong[k])), occupancy.get(points.ids[i]), lost[k],
        )
        for k, i in enumerate(closed.tolist())
    )  # fmt: skip


def changes_of_dong(source: DistrictInput, counted: Recount, need: str) -> tuple[DongChange, ...]:
    """Return every dong with households before and after, by a need."""
    rows = []
    for dong, (code, name) in enumerate(zip(source.dong_codes, source.dong_names, strict=True)):
        households, before, after, lost = counted.by_dong(need, dong)
        if households > 0:
            rows.append(DongChange(code, name, households, before, after, lost))
    return tuple(rows)


def nearest_known(layers: Sequence[LayerPoints], x: Floats, y: Floats) -> list[Known | None]:
    """Return the nearest point facility of any layer for each place, one with an address where any has one."""
    rows = [
        (px, py, layer.ids[i], layer.names[i], layer.addresses[i])
        for layer in layers
        for i, (px, py) in enumerate(zip(layer.x.tolist(), layer.y.tolist(), strict=True))
        if shapely.get_dimensions(layer.geometry[i]) == 0
    ]
    rows = [row for row in rows if row[4]] or rows
    if not rows or not len(x):
        return [None] * len(x)
    distance, which = KDTree(np.array([row[:2] for row in rows])).query(np.column_stack([x, y]))
    return [
        Known(rows[w][2], rows[w][3], rows[w][4], float(d))
        for d, w in zip(distance.tolist(), which.tolist(), strict=True)
    ]


def _dong(source: DistrictInput, dong: int) -> tuple[str, str]:
    return (source.dong_codes[dong], source.dong_names[dong]) if dong >= 0 else ("", "")
