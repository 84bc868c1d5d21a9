"""A district once facilities are built or taken away."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from geo.model import DistrictInput, Floats, Geometries, Ints, LayerPoints, Places, Supply
from geo.plans import Plan, Site


def _no_zones() -> Geometries:
    return np.empty(0, dtype=object)


@dataclass(frozen=True)
class Built:
    """New facilities: points (n,) or zones (m,) with their caps. EPSG:5179 metres."""

    x: Floats = field(default_factory=lambda: np.empty(0))
    y: Floats = field(default_factory=lambda: np.empty(0))
    zones: Geometries = field(default_factory=_no_zones)
    zone_cap: Floats = field(default_factory=lambda: np.empty(0))


def built_of(places: Places, chosen: Ints) -> Built:
    """Return chosen places as they stand once built."""
    if places.zones.size:
        return Built(zones=places.zones[chosen], zone_cap=places.zone_cap[chosen])
    return Built(places.x[chosen], places.y[chosen])


def built_of_sites(sites: Sequence[Site]) -> Built:
    """Return the sites of a plan as they stand once built."""
    points = [site for site in sites if not site.zone]
    zones = [site for site in sites if site.zone]
    return Built(
        np.array([s.x for s in points], float), np.array([s.y for s in points], float),
        np.array(shapely.from_wkt([s.zone for s in zones]), dtype=object) if zones else _no_zones(),
        np.array([s.zone_cap for s in zones], float),
    )  # fmt: skip


def with_built(source: DistrictInput, needs: Sequence[str], built: Built) -> DistrictInput:
    """Return the district with facilities that supply some needs."""
    return replace(source, supplies=tuple(_with(s, built) if s.need.id in needs else s for s in source.supplies))


def without_points(source: DistrictInput, needs: Sequence[str], x: Floats, y: Floats) -> DistrictInput:
    """Return the district without one facility at each of these places, for some needs."""
    return replace(source, supplies=tuple(_without(s, x, y) if s.need.id in needs else s for s in source.supplies))


def with_plan(source: DistrictInput, plan: Plan) -> DistrictInput:
    """Return the district with a plan carried out: what it takes away, and what it builds."""
    for layer in plan.layers:
        closed = (np.array([getattr(c, axis) for c in layer.closed], float) for axis in ("x", "y"))
        source = without_points(source, tuple(layer.gained), *closed)
        source = with_built(source, tuple(layer.gained), built_of_sites(layer.sites))
    return source


def standing(source: DistrictInput, layer: str, need: str) -> tuple[LayerPoints | None, Ints]:
    """Return a layer's facilities and the indices of those in the district that supply the need now, each once."""
    points = next((one for one in source.layers if one.layer == layer), None)
    supply = next((s for s in source.supplies if s.need.id == need), None)
    if points is None or supply is None or not points.x.size:
        return points, np.empty(0, np.int64)
    left: dict[tuple[float, float], int] = {}
    for at in zip(supply.x.tolist(), supply.y.tolist(), strict=True):
        left[at] = left.get(at, 0) + 1
    found = []
    for i, at in enumerate(zip(points.x.tolist(), points.y.tolist(), strict=True)):
        if not points.near[i] and left.get(at, 0) > 0:
            left[at] -= 1
            found.append(i)
    return points, np.array(found, np.int64)


def _with(supply: Supply, built: Built) -> Supply:
    return replace(
        supply, x=np.concatenate([supply.x, built.x]), y=np.concatenate([supply.y, built.y]),
        zones=np.concatenate([supply.zones, built.zones]), zone_cap=np.concatenate([supply.zone_cap, built.zone_cap]),
    )  # fmt: skip


def _without(supply: Supply, x: Floats, y: Floats) -> Supply:
    keep = np.ones(supply.x.size, bool)
    for px, py in zip(x, y, strict=True):
        same = np.flatnonzero(keep & (supply.x == px) & (supply.y == py))
        keep[same[:1]] = False
    return replace(supply, x=supply.x[keep], y=supply.y[keep])
