"""Points of several layers in buckets, to be asked many times: what is within so many metres, nearest first.

Built once a data version; asking allocates nothing but its answer and remembers nothing of it.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from geo.crs import Floats, require_metres
from geo.kernels import Ints, Ints32, kernel

_CELL_M = 100.0
_MOST_CELLS = 1_000_000  # of all layers; cells grow until the table of their starts is small


@dataclass(frozen=True)
class NearIndex:
    """Points sorted by layer and square cell. Metres, EPSG:5179, x east, y north.

    Attributes
    ----------
    frame
        float64 (3,): west and south edge, edge length of a cell.
    start
        int32 (layers, rows, columns + 1): where the points of a cell begin in the arrays below; those of
        neighbouring columns follow each other, so a row of cells is one range.
    x, y
        float64 (n,).
    row
        int32 (n,): the number of the point in the arrays the index was built from.
    order
        int32 (n,): which of two points at one distance comes first (the lower).
    last_day
        int32 (n,): ordinal of the last day the point may be shown.
    devices
        int64 (n,): devices the point stands for.
    """

    frame: Floats
    start: Ints32
    x: Floats
    y: Floats
    row: Ints32
    order: Ints32
    last_day: Ints32
    devices: Ints

    @cached_property
    def arrays(self) -> "_Arrays":
        """Its arrays as the kernels take them."""
        return (self.frame, self.start, self.x, self.y, self.row, self.order, self.last_day, self.devices)


_Arrays = tuple[Floats, Ints32, Floats, Floats, Ints32, Ints32, Ints32, Ints]


class Near(NamedTuple):
    """What is near a place.

    Attributes
    ----------
    row, distance_m
        int64 (k,): points, nearest first, and whole metres.
    hidden
        int64, one a layer asked for: points left out as too old.
    devices
        int64, one a layer to be counted: its devices.
    """

    row: Ints
    distance_m: Ints
    hidden: Ints
    devices: Ints


@dataclass(frozen=True)
class Ask:
    """What is asked of an index about any place.

    ``layers`` and ``limit``: points of each of these layers, within ``radius_m``; ``counted``: layers whose
    devices are added up within ``counted_m``.
    """

    layers: tuple[int, ...]
    radius_m: float
    limit: int
    counted: tuple[int, ...] = ()
    counted_m: float = 0.0


def build_near_index(
    layer: Ints, x: Floats, y: Floats, order: Ints, last_day: Ints, devices: Ints, *, layers: int
) -> NearIndex:
    """Build the index of n points, each array (n,) in one order; ``layer`` is 0 .. ``layers`` - 1.

    Raises :class:`geo.errors.NotMetresError` for coordinates that are no finite metres.
    """
    require_metres(x, y)
    x0, y0 = (float(x.min()), float(y.min())) if len(x) else (0.0, 0.0)
    width, height = (float(x.max()) - x0, float(y.max()) - y0) if len(x) else (0.0, 0.0)
    cell_m = _CELL_M
    while max(layers, 1) * (width // cell_m + 2) * (height // cell_m + 1) > _MOST_CELLS:
        cell_m *= 2
    columns, rows = int(width // cell_m) + 1, int(height // cell_m) + 1
    column = ((x - x0) // cell_m).astype(np.int64)
    bucket = (layer * rows + ((y - y0) // cell_m).astype(np.int64)) * columns + column
    by_bucket = np.lexsort((order, bucket))
    ends = np.searchsorted(bucket[by_bucket], np.arange(layers * rows * columns + 1))
    begin = ends[:-1].reshape(layers, rows, columns)
    end = ends[columns::columns].reshape(layers, rows, 1)
    return NearIndex(
        frame=np.array([x0, y0, cell_m]),
        start=np.concatenate([begin, end], axis=2).astype(np.int32),
        x=np.ascontiguousarray(x[by_bucket], np.float64),
        y=np.ascontiguousarray(y[by_bucket], np.float64),
        row=by_bucket.astype(np.int32),
        order=order[by_bucket].astype(np.int32),
        last_day=last_day[by_bucket].astype(np.int32),
        devices=devices[by_bucket].astype(np.int64),
    )


def near(index: NearIndex, x: float, y: float, ask: Ask, today: int) -> Near:
    """Return the nearest ``limit`` points of each layer asked for, in one list, and the devices counted.

    Sorted by distance in whole metres (rounded half up), ties by ``order``. Points past their last day on
    ``today`` (an ordinal) are left out and counted in ``hidden``; devices are counted whatever their age.
    """
    most, layers, counted = len(ask.layers) * ask.limit, _numbers(ask.layers), _numbers(ask.counted)
    out = np.zeros(2 * most + len(layers) + len(counted), np.int64)
    place = (float(x), float(y), float(ask.radius_m), float(ask.counted_m))
    found = _near(index.arrays, place, layers, counted, ask.limit, today, out)
    more = 2 * most + len(layers)
    return Near(out[:found], out[most : most + found], out[2 * most : more], out[more:])


@lru_cache(maxsize=1_024)
def _numbers(layers: tuple[int, ...]) -> Ints:
    return np.array(layers, np.int64)


@kernel
def _near(
    arrays: _Arrays,
    place: tuple[float, float, float, float],
    layers: Ints,
    counted: Ints,
    limit: int,
    today: int,
    out: Ints,
) -> int:
    """Fill ``out``: rows, distances (limit x layers each), hidden (layers), devices (counted); return how many rows."""
    frame, start, px, py, rows_of, order, last_day, devices = arrays
    x, y, radius, counted_m = place
    most = layers.size * limit
    lists = (out[:most], out[most : 2 * most], out[2 * most : 2 * most + layers.size])
    points = (frame, start, px, py, rows_of, order, last_day)
    total = _nearest(points, (x, y, radius), layers, limit, today, lists)
    _devices((frame, start, px, py, devices), (x, y, counted_m), counted, out[2 * most + layers.size :])
    return total


@kernel
def _nearest(  # noqa: C901, PLR0912 - one loop over the points; compiled code cannot call a kernel
    points: tuple[Floats, Ints32, Floats, Floats, Ints32, Ints32, Ints32],
    place: tuple[float, float, float],
    layers: Ints,
    limit: int,
    today: int,
    out: tuple[Ints, Ints, Ints],
) -> int:
    """Fill ``row`` and ``distance`` (places in the arrays first, rows of the input at the end); return how many."""
    frame, start, px, py, rows_of, order, last_day = points
    x, y, radius = place
    row, distance, hidden = out
    cell = frame[2]
    # Clipped as floats: a place far from every point must not overflow an integer.
    r0 = int(min(max((y - radius - frame[1]) // cell, 0.0), float(start.shape[1])))
    r1 = int(min(max((y + radius - frame[1]) // cell, -1.0), float(start.shape[1] - 1)))
    c0 = int(min(max((x - radius - frame[0]) // cell, 0.0), float(start.shape[2] - 1)))
    c1 = int(min(max((x + radius - frame[0]) // cell, -1.0), float(start.shape[2] - 2)))
    total = 0
    for k in range(layers.size):
        first = total
        for r in range(r0, r1 + 1):
            if c1 < c0:
                break
            for i in range(start[layers[k], r, c0], start[layers[k], r, c1 + 1]):
                d2 = (px[i] - x) ** 2 + (py[i] - y) ** 2
                if d2 > radius * radius:
                    continue
                if last_day[i] < today:
                    hidden[k] += 1
                    continue
                d = int(np.floor(np.sqrt(d2) + 0.5))
                last = total - 1
                if total - first == limit:
                    # Full: it must come before the farthest kept, which then goes.
                    if d > distance[last] or (d == distance[last] and order[i] > order[row[last]]):
                        continue
                    last -= 1
                else:
                    total += 1
                j = last
                while j >= first and (distance[j] > d or (distance[j] == d and order[row[j]] > order[i])):
                    distance[j + 1], row[j + 1] = distance[j], row[j]
                    j -= 1
                distance[j + 1], row[j + 1] = d, i
    for k in range(1, total):  # the layers' lists into one; each is sorted, so little moves
        d, i = distance[k], row[k]
        j = k - 1
        while j >= 0 and (distance[j] > d or (distance[j] == d and order[row[j]] > order[i])):
            distance[j + 1], row[j + 1] = distance[j], row[j]
            j -= 1
        distance[j + 1], row[j + 1] = d, i
    for k in range(total):
        row[k] = rows_of[row[k]]
    return total


@kernel
def _devices(
    points: tuple[Floats, Ints32, Floats, Floats, Ints], place: tuple[float, float, float], layers: Ints, count: Ints
) -> None:
    """Add up the devices of each layer within the radius."""
    frame, start, px, py, devices = points
    x, y, radius = place
    cell = frame[2]
    r0 = int(min(max((y - radius - frame[1]) // cell, 0.0), float(start.shape[1])))
    r1 = int(min(max((y + radius - frame[1]) // cell, -1.0), float(start.shape[1] - 1)))
    c0 = int(min(max((x - radius - frame[0]) // cell, 0.0), float(start.shape[2] - 1)))
    c1 = int(min(max((x + radius - frame[0]) // cell, -1.0), float(start.shape[2] - 2)))
    for k in range(layers.size):
        for r in range(r0, r1 + 1):
            if c1 < c0:
                break
            for i in range(start[layers[k], r, c0], start[layers[k], r, c1 + 1]):
                if (px[i] - x) ** 2 + (py[i] - y) ** 2 <= radius * radius:
                    count[k] += devices[i]
