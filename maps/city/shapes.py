"""Districts as outlines of a picture 1,000 wide: simplified together, so that neighbours still meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

WIDTH = 1_000.0
_STEP = 0.6  # of the picture: half of what a line is wide
_LEAST_RING = 1.5  # smaller rocks are not drawn, unless a district would vanish


@dataclass(frozen=True)
class Outlines:
    """``paths``: SVG path data a district, even-odd; ``labels``: x, y of its widest part's middle. Picture units."""

    height: float
    paths: tuple[str, ...]
    labels: tuple[tuple[float, float], ...]
    scale_m: float  # metres a unit


def outlines(boundaries: Sequence[Any]) -> Outlines:
    """Return the outlines of polygons in EPSG:5179 metres, same order; y goes down in the picture."""
    if not boundaries:
        return Outlines(0.0, (), (), 1.0)
    west, south, east, north = shapely.total_bounds(np.array(boundaries, object))
    metres = max(float(east - west), float(north - south) * 1.25, 1.0) / WIDTH
    thinner = shapely.coverage_simplify(np.array(boundaries, object), _STEP * metres)
    simple = [shape if not shape.is_empty else whole for shape, whole in zip(thinner, boundaries, strict=True)]

    def places(ring: Any) -> np.ndarray:  # noqa: ANN401 - a shapely ring
        xy = shapely.get_coordinates(ring)[:-1]
        return np.round(np.column_stack([(xy[:, 0] - west) / metres, (north - xy[:, 1]) / metres]), 1)

    paths, labels = [], []
    for shape in simple:
        largest = max(shapely.get_parts(shape), key=shapely.area)
        rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
        kept = [ring for ring in rings if ring.length > 4 * _LEAST_RING * metres] or [largest.exterior]
        paths.append("".join(_path(places(ring)) for ring in kept))
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, 20 * metres))[0]
        labels.append((round(float(middle[0] - west) / metres, 1), round(float(north - middle[1]) / metres, 1)))
    return Outlines(round(float(north - south) / metres, 1), tuple(paths), tuple(labels), metres)


def _path(xy: np.ndarray) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in xy.tolist()) + "Z"
