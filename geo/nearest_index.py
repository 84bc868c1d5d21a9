"""Points of several layers in buckets, to be asked many times: what is within so many metres, nearest first.

Built once a data version; asking allocates nothing but its answer and remembers nothing of it.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from geo.addresses import book_of, bytes_at, floats_at, ints32_at, ints_at
from geo.crs import Floats
from geo.kernels import Bytes, Ints, Ints32, brief_kernel
from geo.nearest_cells import Arrays, NearIndex

UNSETTLED = 3  # the state of a kind of point nobody has asked about
_FARTHER = 4  # times: how much farther to look where too little was found
_LINE = 64  # bytes of memory that come together


@dataclass(frozen=True)
class Texts:
    """What is to be written of each point of an index.

    Attributes
    ----------
    points, begins
        uint8 and int64 (n + 1,): the points' texts in the index's order, and where each begins.
    kind
        int64 (n,): which entry of ``states`` a point goes by.
    states
        uint8: 0, 1 or 2; :data:`UNSETTLED` where it is not known yet.
    ends, end_begins
        uint8 and int64: how a text ends in state 0 at 0 m, 1 m ..., then in state 1 ...; where each end begins.
    """

    points: Bytes
    begins: Ints
    kind: Ints
    states: Bytes
    ends: Bytes
    end_begins: Ints

    @cached_property
    def book(self) -> Ints:
        """Where its arrays lie and how long they are (:func:`geo.addresses.book_of`)."""
        return book_of((self.points, self.begins, self.kind, self.states, self.ends, self.end_begins))


_TextArrays = tuple[Bytes, Ints, Ints, Bytes, Bytes, Ints]


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


class Ask(NamedTuple):
    """What is asked of an index about any place.

    ``layers`` and ``limit``: points of each of these layers, within ``radius_m``; ``counted``: layers whose
    devices are added up within ``counted_m``.
    """

    layers: tuple[int, ...]
    radius_m: float
    limit: int
    counted: tuple[int, ...] = ()
    counted_m: float = 0.0


def near(index: NearIndex, x: float, y: float, ask: Ask, today: int) -> Near:
    """Return the nearest ``limit`` points of each layer asked for, in one list, and the devices counted.

    Sorted by distance in whole metres (rounded half up), ties by ``order``. Points past their last day on
    ``today`` (an ordinal) are left out and counted in ``hidden``; devices are counted whatever their age.
    """
    layers, counted = _numbers(ask.layers), _numbers(ask.counted)
    most, first = len(layers) * ask.limit, len(layers) + len(counted)
    out = np.empty(first + 2 * most, np.int64)
    place = (float(x), float(y), float(ask.radius_m), float(ask.counted_m))
    found = first + _near(index.arrays, place, layers, counted, ask.limit, today, out)
    return Near(out[first:found], out[first + most : found + most], out[: len(layers)], out[len(layers) : first])


def near_joined(
    index: NearIndex, texts: Texts, place: tuple[float, float], ask: Ask, today: int, longest: int
) -> tuple[bytes | None, Ints]:
    """Return the texts of what :func:`near` finds, one after the other with commas between, and its numbers.

    ``place`` is x, y; no text with its end is longer than ``longest`` bytes.

    Returns
    -------
    The texts, None where a point's state is unsettled; and int64: ``hidden``, then ``devices`` as :class:`Near` has
    them, then the rows found.
    """
    kept, first = len(ask.layers) * ask.limit, len(ask.layers) + len(ask.counted)
    numbers, out = np.empty(first + 2 * kept, np.int64), np.empty(kept * (longest + 1), np.uint8)
    found, length = (_near_joined.compiled or _near_joined)(
        index.book, texts.book, *place, ask.radius_m, ask.counted_m,
        _numbers(ask.layers), _numbers(ask.counted), ask.limit, today, numbers, out,
    )  # fmt: skip
    return None if length < 0 else out[:length].tobytes(), numbers[: first + found]


@lru_cache(maxsize=1_024)
def _numbers(layers: tuple[int, ...]) -> Ints:
    return np.array(layers, np.int64)


@brief_kernel
def _near(
    arrays: Arrays,
    place: tuple[float, float, float, float],
    layers: Ints,
    counted: Ints,
    limit: int,
    today: int,
    out: Ints,
) -> int:
    """Fill ``out``: hidden (layers), devices (counted), rows, distances (limit x layers each); return how many rows."""
    frame, start, oldest, points, order, last_day, devices = arrays
    x, y, radius, counted_m = place
    first, most = layers.size + counted.size, layers.size * limit
    hidden, count = out[: layers.size], out[layers.size : first]
    row, distance = out[first : first + most], out[first + most :]
    # A little way first: where things are dense, what is nearest is seldom far.
    little = min(2 * frame[2], radius)
    close, whole = _window(frame, start, x, y, little), _window(frame, start, x, y, radius)
    total = 0
    for k in range(layers.size):
        old, cells = oldest[layers[k]] < today, (start, layers[k])
        reach, window = little, close
        while True:
            end = _nearest(
                (points, order, last_day), cells, window, (x, y, reach), (limit, today, old), (row, distance), total
            )
            # What lies outside is farther than all that was kept, in whole metres too.
            if reach == radius or (end - total == limit and distance[end - 1] < np.floor(reach + 0.5)):
                break
            reach = min(_FARTHER * reach, radius)
            window = whole if reach == radius else _window(frame, start, x, y, reach)
        total = end
        hidden[k] = _hidden(points, last_day, cells, whole, (x, y, radius), today) if old else 0
    for k in range(1, total):  # the layers' lists into one; each is sorted, so little moves
        _insert((row, distance), order, 0, k, row[k], distance[k])
    window = _window(frame, start, x, y, counted_m)
    for k in range(counted.size):
        count[k] = _devices(points, devices, (start, counted[k]), window, (x, y, counted_m))
    return total


@brief_kernel
def _near_joined(  # noqa: PLR0913, PLR0917 - kernels take what they use as it is: a tuple costs more
    book: Ints,
    written: Ints,
    x: float,
    y: float,
    radius: float,
    counted_m: float,
    layers: Ints,
    counted: Ints,
    limit: int,
    today: int,
    numbers: Ints,
    out: Bytes,
) -> tuple[int, int]:
    """Fill ``numbers`` as :func:`_near` does, and ``out``; return how many rows, bytes (-1: a state is unsettled).

    ``book`` and ``written`` are of an index and of its texts.
    """
    n = book[3, 1]
    arrays = (
        floats_at(book[0, 0], book[0, 1]),
        ints32_at(book[1, 0], book[1, 1] * book[1, 2] * book[1, 3]).reshape(book[1, 1], book[1, 2], book[1, 3]),
        ints_at(book[2, 0], book[2, 1]),
        floats_at(book[3, 0], 2 * n).reshape(n, 2),
        ints32_at(book[4, 0], n),
        ints32_at(book[5, 0], n),
        ints_at(book[6, 0], n),
    )
    texts = (
        bytes_at(written[0, 0], written[0, 1]),
        ints_at(written[1, 0], written[1, 1]),
        ints_at(written[2, 0], written[2, 1]),
        bytes_at(written[3, 0], written[3, 1]),
        bytes_at(written[4, 0], written[4, 1]),
        ints_at(written[5, 0], written[5, 1]),
    )
    found = _near(arrays, (x, y, radius, counted_m), layers, counted, limit, today, numbers)
    row = numbers[layers.size + counted.size :]
    return found, _join(row, row[layers.size * limit :], found, texts, out)


@brief_kernel
def _join(row: Ints, distance: Ints, found: int, texts: _TextArrays, out: Bytes) -> int:
    """Fill ``out`` and return its length, -1 where a state is unsettled."""
    points, begins, kind, states, ends, end_begins = texts
    per_state = (end_begins.size - 1) // 3
    # A byte of every line of memory to be copied first: they are far apart, and so their ways are gone together.
    seen = 0
    for k in range(found):
        if states[kind[row[k]]] == UNSETTLED:
            return -1
        for i in range(begins[row[k]], begins[row[k] + 1], _LINE):
            seen ^= points[i]
    # Unsigned indices spare the test for negative ones, so that the loops copy many bytes at a time.
    at, one = np.uint64(0), np.uint64(1)
    for k in range(found):
        if k:
            out[at] = 44  # a comma
            at += one
        begin, end = np.uint64(begins[row[k]]), np.uint64(begins[row[k] + 1])
        for i in range(end - begin):
            out[at + i] = points[begin + i]
        at += end - begin
        text = states[kind[row[k]]] * per_state + distance[k]
        begin, end = np.uint64(end_begins[text]), np.uint64(end_begins[text + 1])
        for i in range(end - begin):
            out[at + i] = ends[begin + i]
        at += end - begin
    if found:
        out[at] = seen  # past the end, so that the compiler does not leave the reading out
    return np.int64(at)  # type: ignore[return-value]  # int() would make it unsigned, and -1 a float


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
    cells: tuple[Ints32, int],
    window: tuple[int, int, int, int],
    circle: tuple[float, float, float],
    few: tuple[int, int, bool],
    lists: tuple[Ints, Ints],
    first: int,
) -> int:
    """Put the nearest points of a layer into ``row`` and ``distance`` from ``first`` on; return where they end."""
    place, order, last_day = points
    start, layer = cells
    r0, r1, c0, c1 = window
    x, y, radius = circle
    limit, today, old = few
    row, distance = lists
    end = first
    for r in range(r0, r1):
        for i in range(start[layer, r, c0], start[layer, r, c1]):
            d2 = _squared(place, i, x, y)
            if d2 > radius * radius or (old and last_day[i] < today):
                continue
            d = int(np.floor(np.sqrt(d2) + 0.5))
            last = end - 1
            if end - first < limit:
                end += 1
            elif d > distance[last] or (d == distance[last] and order[i] > order[row[last]]):
                continue  # full: it must come before the farthest kept, which then goes
            _insert(lists, order, first, end - 1, i, d)
    return end


@brief_kernel
def _insert(lists: tuple[Ints, Ints], order: Ints32, first: int, last: int, i: int, d: int) -> None:
    """Put a point into lists that are sorted from ``first`` up to ``last``, which is overwritten."""
    row, distance = lists
    j = last - 1
    while j >= first and (distance[j] > d or (distance[j] == d and order[row[j]] > order[i])):
        distance[j + 1], row[j + 1] = distance[j], row[j]
        j -= 1
    distance[j + 1], row[j + 1] = d, i


@brief_kernel
def _squared(place: Floats, i: int, x: float, y: float) -> float:
    """Return the squared distance of point i from a place."""
    return (place[i, 0] - x) ** 2 + (place[i, 1] - y) ** 2  # type: ignore[no-any-return]


@brief_kernel
def _hidden(
    place: Floats,
    last_day: Ints32,
    cells: tuple[Ints32, int],
    window: tuple[int, int, int, int],
    circle: tuple[float, float, float],
    today: int,
) -> int:
    """Return how many points of a layer within the radius are too old."""
    start, layer = cells
    r0, r1, c0, c1 = window
    x, y, radius = circle
    count = 0
    for r in range(r0, r1):
        for i in range(start[layer, r, c0], start[layer, r, c1]):
            if last_day[i] < today and _squared(place, i, x, y) <= radius * radius:
                count += 1
    return count


@brief_kernel
def _devices(
    place: Floats,
    devices: Ints,
    cells: tuple[Ints32, int],
    window: tuple[int, int, int, int],
    circle: tuple[float, float, float],
) -> int:
    """Return the devices of a layer within the radius."""
    start, layer = cells
    r0, r1, c0, c1 = window
    x, y, radius = circle
    count = 0
    for r in range(r0, r1):
        for i in range(start[layer, r, c0], start[layer, r, c1]):
            if _squared(place, i, x, y) <= radius * radius:
                count += devices[i]
    return count
