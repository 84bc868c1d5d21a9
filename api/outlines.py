"""District outlines that a phone holds, so that it knows by itself which bundles to fetch and sends no position."""

from typing import Any

import numpy as np
import shapely

from geo.crs import to_lonlat
from geo.model import Geometries

DEGREES = 10_000  # corners are whole 1/10,000 degrees: some 10 m
_TOLERANCES_M = (30.0, 60.0, 120.0, 240.0)
_MOST_CORNERS = 15_000  # some 60 KB packed, whatever the country


def outlines(areas: Geometries) -> tuple[list[list[list[int]]], int]:
    """Return simplified outlines and how far they may be off.

    Parameters
    ----------
    areas
        Object array (n,) of polygons, EPSG:5179; neighbours share their borders.

    Returns
    -------
    Of each area its rings, holes among them (a point is inside where a ray crosses an odd number of edges): whole
    numbers lon, lat, lon, lat … in 1/:data:`DEGREES` of a degree (WGS84), each pair but the first as the step from the
    one before; not closed. Then the metres within which the true border lies.
    """
    for tolerance in _TOLERANCES_M:
        simple = shapely.coverage_simplify(areas, tolerance) if len(areas) else areas
        if shapely.get_num_coordinates(simple).sum() <= _MOST_CORNERS:
            break
    return [_rings(area, tolerance) for area in simple], int(tolerance) + 10


def _rings(area: Any, tolerance: float) -> list[list[int]]:  # noqa: ANN401 - a polygon or several
    rings = shapely.get_rings(area)
    sizes = shapely.area(shapely.polygons(rings))
    # Rocks off the coast are many and small; a place on one is found by its district's name.
    large = (sizes > (4 * tolerance) ** 2) | (sizes == sizes.max())
    return [_steps(ring) for ring in rings[large]]


def _steps(ring: Any) -> list[int]:  # noqa: ANN401
    x, y = shapely.get_coordinates(ring)[:-1].T
    corners = np.rint(np.column_stack(to_lonlat(x, y)) * DEGREES).astype(np.int64)
    steps = np.diff(corners, axis=0, prepend=np.zeros((1, 2), np.int64))
    return [int(step) for step in steps.ravel()]
