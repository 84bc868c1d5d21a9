"""Points of several layers in buckets, to be asked many times: what is within so many metres, nearest first.

Built once a data version; asking allocates nothing but its answer and remembers nothing of it.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from geo.crs import Floats, require_metres
from geo.kernels import Ints, Ints32, brief_kernel

_CELL_M = 100.0
_FARTHER = 4  # times: how much farther to look where too little was found
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
    oldest
        int64 (layers,): the earliest ``last_day`` of a layer; of one without points, none comes after it.
    place
        float64 (n, 2): x, y.
    order
        int32 (n,): which of two points at one distance comes first (the lower).
    last_day
        int32 (n,): ordinal of the last day the point may be shown.
    devices
        int64 (n,): devices the point stands for.
    """

    frame: Floats
    start: Ints32
    oldest: Ints
    place: Floats
    order: Ints32
    last_day: Ints32
    devices: Ints

    @cached_property
    def arrays(self) -> "_Arrays":
        """Its arrays as the kernels take them."""
        return (self.frame, self.start, self.oldest, self.place, self.order, self.last_day, self.devices)


_Arrays = tuple[Floats, Ints32, Ints, Floats, Ints32, Ints32, Ints]


class Near(NamedTuple):
    """What is near a place.

    Attributes
    ----------
    row, distance_m
        int64 (k,): points by their place in the index, nearest first, and whole metres.
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
) -> tuple[NearIndex, Ints]:
    """Build the index of n points, each array (n,) in one order; ``layer`` is 0 .. ``layers`` - 1.

    Returns the index, and which of the given points stands at each place in it, int64 (n,).
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
    by_bucket = np.lexsort((order, bucket)).astype(np.int64)
    ends = np.searchsorted(bucket[by_bucket], np.arange(layers * rows * columns + 1))
    begin = ends[:-1].reshape(layers, rows, columns)
    end = ends[columns::columns].reshape(layers, rows, 1)
    oldest = np.full(layers, np.iinfo(np.int64).max)
    np.minimum.at(oldest, layer, last_day)
    index = NearIndex(
        frame=np.array([x0, y0, cell_m]),
        start=np.concatenate([begin, end], axis=2).astype(np.int32),
        oldest=oldest,
        place=np.column_stack([x[by_bucket], y[by_bucket]]).astype(np.float64),
        order=order[by_bucket].astype(np.int32),
        last_day=last_day[by_bucket].astype(np.int32),
        devices=devices[by_bucket].astype(np.int64),
    )
    return index, by_bucket


def near(index: NearIndex, x: float, y: float, ask: Ask, today: int) -> Near:
    """Return the nearest ``limit`` points of each layer asked for, in one list, and the devices counted.

    Sorted by distance in whole metres (rounded half up), ties by ``order``. Points past their last day on
    ``today`` (an ordinal) are left out and counted in ``hidden``; devices are counted whatever their age.
    """
    most, layers, counted = len(ask.layers) * ask.limit, _numbers(ask.layers), _numbers(ask.counted)
    out = np.empty(2 * most + len(layers) + len(counted), np.int64)
    place = (float(x), float(y), float(ask.radius_m), float(ask.counted_m))
    found = _near(index.arrays, place, layers, counted, ask.limit, today, out)
    more = 2 * most + len(layers)
    return Near(out[:found], out[most : most + found], out[2 * most : more], out[more:])


@lru_cache(maxsize=1_024)
def _numbers(layers: tuple[int, ...]) -> Ints:
    return np.array(layers, np.int64)


@brief_kernel
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
    frame, start, oldest, points, order, last_day, devices = arrays
    x, y, radius, counted_m = place
    most = layers.size * limit
    row, distance = out[:most], out[most : 2 * most]
    hidden, count = out[2 * most : 2 * most + layers.size], out[2 * most + layers.size :]
    total = 0
    for k in range(layers.size):
        # A little way first: where things are dense, what is nearest is seldom far.
        reach = min(2 * frame[2], radius)
        while True:
            window = _window(frame, start, x, y, reach)
            end = _nearest(
                (points, order, last_day), start[layers[k]], window, (x, y, reach), (limit, today), (row, distance), total
            )
            # What lies outside is farther than all that was kept, in whole metres too.
            if reach == radius or (end - total == limit and distance[end - 1] < np.floor(reach + 0.5)):
                break
            reach = min(_FARTHER * reach, radius)
        total = end
        hidden[k] = 0
        if oldest[layers[k]] < today:
            window = _window(frame, start, x, y, radius)
            hidden[k] = _hidden(points, last_day, start[layers[k]], window, (x, y, radius), today)
    for k in range(1, total):  # the layers' lists into one; each is sorted, so little moves
        d, i = distance[k], row[k]
        j = k - 1
        while j >= 0 and (distance[j] > d or (distance[j] == d and order[row[j]] > order[i])):
            distance[j + 1], row[j + 1] = distance[j], row[j]
            j -= 1
        distance[j + 1], row[j + 1] = d, i
    window = _window(frame, start, x, y, counted_m)
    for k in range(counted.size):
        count[k] = _devices(points, devices, start[counted[k]], window, (x, y, counted_m))
    return total


@brief_kernel
def _window(frame: Floats, start: Ints32, x: float, y: float, radius: float) -> tuple[int, int, int, int]:
    """Return the first row, the end of rows, the first column, the end of columns of the cells within a radius."""
    cell = frame[2]
    # Clipped as floats: a place far from every point must not overflow an integer.
    r0 = int(min(max((y - radius - frame[1]) // cell, 0.0), float(start.shape[1])))
    r1 = int(min(max((y + radius - frame[1]) // cell, -1.0), float(start.shape[1] - 1)))
    c0 = int(min(max((x - radius - frame[0]) // cell, 0.0), float(start.shape[2] - 1)))
    c1 = int(min(max((x + radius - frame[0]) // cell, -1.0), float(start.shape[2] - 2)))
    return (r0, r1 + 1, c0, c1 + 1) if c0 <= c1 else (0, 0, 0, 0)


@brief_kernel
def _nearest(
    points: tuple[Floats, Ints32, Ints32],
    start: Ints32,
    window: tuple[int, int, int, int],
    circle: tuple[float, float, float],
    few: tuple[int, int],
    lists: tuple[Ints, Ints],
    first: int,
) -> int:
    """Put the nearest points of a layer into ``row`` and ``distance`` from ``first`` on; return where they end."""
    place, order, last_day = points
    r0, r1, c0, c1 = window
    x, y, radius = circle
    limit, today = few
    row, distance = lists
    end = first
    for r in range(r0, r1):
        for i in range(start[r, c0], start[r, c1]):
            d2 = (place[i, 0] - x) ** 2 + (place[i, 1] - y) ** 2
            if d2 > radius * radius or last_day[i] < today:
                continue
            d = int(np.floor(np.sqrt(d2) + 0.5))
            last = end - 1
            if end - first == limit:
                # Full: it must come before the farthest kept, which then goes.
                if d > distance[last] or (d == distance[last] and order[i] > order[row[last]]):
                    continue
                last -= 1
            else:
                end += 1
            j = last
            while j >= first and (distance[j] > d or (distance[j] == d and order[row[j]] > order[i])):
                distance[j + 1], row[j + 1] = distance[j], row[j]
                j -= 1
            distance[j + 1], row[j + 1] = d, i
    return end


@brief_kernel
def _hidden(
    place: Floats,
    last_day: Ints32,
    start: Ints32,
    window: tuple[int, int, int, int],
    circle: tuple[float, float, float],
    today: int,
) -> int:
    """Return how many points of a layer within the radius are too old."""
    r0, r1, c0, c1 = window
    x, y, radius = circle
    count = 0
    for r in range(r0, r1):
        for i in range(start[r, c0], start[r, c1]):
            if last_day[i] < today and (place[i, 0] - x) ** 2 + (place[i, 1] - y) ** 2 <= radius * radius:
                count += 1
    return count


@brief_kernel
def _devices(
    place: Floats, devices: Ints, start: Ints32, window: tuple[int, int, int, int], circle: tuple[float, float, float]
) -> int:
    """Return the devices of a layer within the radius."""
    r0, r1, c0, c1 = window
    x, y, radius = circle
    count = 0
    for r in range(r0, r1):
        for i in range(start[r, c0], start[r, c1]):
            if (place[i, 0] - x) ** 2 + (place[i, 1] - y) ** 2 <= radius * radius:
                count += devices[i]
    return count
