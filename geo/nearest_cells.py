"""Points of several layers in square cells, as arrays: what :mod:`geo.nearest_index` asks. Built once a version."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geo.addresses import book_of
from geo.crs import Floats, require_metres
from geo.kernels import Ints, Ints32

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
    def arrays(self) -> "Arrays":
        """Its arrays as the kernels take them."""
        return (self.frame, self.start, self.oldest, self.place, self.order, self.last_day, self.devices)

    @cached_property
    def book(self) -> Ints:
        """Where its arrays lie and how long they are (:func:`geo.addresses.book_of`)."""
        return book_of(self.arrays)


Arrays = tuple[Floats, Ints32, Ints, Floats, Ints32, Ints32, Ints]


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
