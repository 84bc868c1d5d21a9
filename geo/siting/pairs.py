"""Sparse pairs of sites and the points they cover. No n x m array is ever made."""

import numpy as np

from geo.crs import require_metres
from geo.discs import Reach
from geo.errors import BadSettingError
from geo.kernels import FULL
from geo.model import Floats
from geo.siting import pair_kernels
from geo.siting.model import Pairs

_CHUNK = 4_000_000  # pairs whose distance is held at once


def pairs_within(points: tuple[Floats, Floats], sites: tuple[Floats, Floats], reach: Reach) -> Pairs:
    """Return the cover of every point by every site that reaches it.

    ``points`` and ``sites`` are x and y, float64, EPSG:5179. Cover is 1 up to ``reach.full_m`` (closed), falls
    linearly to 0 at ``none_m``, in steps of 1/``FULL``. Points are found in square bins of the reach's size, which
    for one radius is what a KD-tree finds, without a list of lists.
    """
    px, py, sx, sy = (np.require(v, np.float64, ["C", "W"]).ravel() for v in (*points, *sites))
    require_metres(px, py)
    require_metres(sx, sy)
    if reach.none_m <= 0:
        raise BadSettingError("도달거리가 0입니다", "0보다 큰 미터로 주십시오")
    if px.size == 0:
        return Pairs(np.zeros(sx.size + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8), 0)
    west, south, edge = float(px.min()), float(py.min()), float(reach.none_m)
    column, row = ((px - west) // edge).astype(np.int64), ((py - south) // edge).astype(np.int64)
    columns, rows = int(column.max()) + 1, int(row.max()) + 1
    at = row * columns + column
    order = np.argsort(at, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(at, minlength=rows * columns))))
    bins = (west, south, edge, columns, rows, start)
    first, found = pair_kernels.pairs_within((px, py), (sx, sy), edge, order, bins)
    if reach.full_m == reach.none_m:
        return Pairs(first, found, np.full(found.size, FULL, np.uint8), px.size)
    value = np.empty(found.size, np.uint8)
    site = np.repeat(np.arange(sx.size, dtype=np.int32), np.diff(first))
    for a in range(0, found.size, _CHUNK):
        i, j = found[a : a + _CHUNK], site[a : a + _CHUNK]
        cover = (reach.none_m - np.hypot(px[i] - sx[j], py[i] - sy[j])) / (reach.none_m - reach.full_m)
        value[a : a + _CHUNK] = np.floor(FULL * np.clip(cover, 0.0, 1.0) + 0.5)
    return keep_pairs(Pairs(first, found, value, px.size), value > 0)


def keep_pairs(pairs: Pairs, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Pairs:
    """Return the pairs marked, of the same sites and points."""
    if keep.all():
        return pairs
    before = np.concatenate(([0], np.cumsum(keep)))
    return Pairs(before[pairs.start], pairs.point[keep], pairs.value[keep], pairs.points)
