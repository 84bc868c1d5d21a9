"""Polygons on the pixels of a grid, and pixels gathered into its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Floats, require_metres
from geo.grid import Grid
from geo.kernels import Bytes, Ints, Ints32, Window, add_to_cells, fill_polygons

Polygons = Sequence[Any] | NDArray[Any]
_SCRATCH_BYTES = 1 << 17
_POLYGON, _MULTIPOLYGON = 3, 6


@dataclass(frozen=True)
class Rings:
    """Polygons as flat arrays, on the raster of a grid.

    Attributes
    ----------
    points
        float64 (points, 2): x, y in pixels from the raster's south-west corner.
    ring_start
        int64 (rings + 1,): the points of ring k are ``ring_start[k]:ring_start[k + 1]``, closed.
    polygon_start
        int64 (polygons + 1,): the rings of polygon p are ``polygon_start[p]:polygon_start[p + 1]``.
    box
        int64 (polygons, 4): first row, first column, end row, end column of the pixels it may hold.
    """

    points: Floats
    ring_start: Ints
    polygon_start: Ints
    box: Ints

    def fill(self, out: NDArray[Any], value: NDArray[Any], window: Window, first: int = 0) -> NDArray[np.bool_]:
        """Raise to ``value[p]`` the pixels of a window (row, column, rows, columns) that are in polygon p.

        ``out`` is C-contiguous; ``out[0, first]`` is the window's first pixel. Returns bool (polygons,): True
        where the polygon held the centre of a pixel of the window.
        """
        hit = np.zeros(self.polygon_start.size - 1, np.uint8)
        scratch = np.empty(max(_SCRATCH_BYTES, window[3] + 1), np.uint8)
        rings = (self.points, self.ring_start, self.polygon_start, self.box)
        fill_polygons(out, first, window, rings, value.astype(out.dtype), hit, scratch)
        return hit.astype(bool)


def rings_of(polygons: Polygons, grid: Grid) -> Rings:
    """Return polygons and multipolygons (EPSG:5179) as :class:`Rings` on the raster of ``grid``.

    None, empty geometries, and parts that are no polygons (points, lines) have no rings. Raises
    :class:`geo.errors.NotMetresError` for degrees or coordinates that are not finite.
    """
    shapes = as_geometries(polygons)
    parts, polygon_of = shapely.get_parts(shapes, return_index=True)
    # A collection may hold multipolygons: take it apart once more.
    parts, outer = shapely.get_parts(parts, return_index=True)
    areal = shapely.get_type_id(parts) == _POLYGON
    rings, part_of = shapely.get_rings(parts[areal], return_index=True)
    polygon_of = polygon_of[outer][areal][part_of]
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    require_metres(points[:, 0], points[:, 1])
    west, south, east, north = ((shapely.bounds(shapes) - (grid.x0, grid.y0, grid.x0, grid.y0)) / grid.pixel_m).T
    box = np.stack([np.floor(south), np.floor(west), np.ceil(north) + 1, np.ceil(east) + 1], axis=1)
    box[np.isnan(box).any(axis=1)] = 0
    return Rings(
        np.ascontiguousarray((points - (grid.x0, grid.y0)) / grid.pixel_m),
        np.searchsorted(ring_of, np.arange(rings.size + 1)).astype(np.int64),
        np.searchsorted(polygon_of, np.arange(shapes.size + 1)).astype(np.int64),
        box.astype(np.int64),
    )


def as_geometries(polygons: Polygons) -> NDArray[np.object_]:
    """Return one geometry, a sequence or an array of them as an object array (n,)."""
    return np.atleast_1d(np.asarray(polygons, dtype=object)).ravel()


def rasterise(polygons: Polygons, grid: Grid, *, keep_small: bool = False) -> Bytes:
    """Mark the pixels whose centre lies in any of the polygons.

    Parameters
    ----------
    polygons
        Polygons and multipolygons (n,), EPSG:5179 metres; holes and parts by the even-odd rule. None and
        empty ones mark nothing.
    grid
        Gives the raster; what lies outside it is cut off.
    keep_small
        Let a polygon too small or thin to hold a pixel's centre mark the pixel that holds its centroid
        (small buildings must not vanish).

    Returns
    -------
    uint8 of ``grid.raster_shape``, row 0 in the south: 1 inside, 0 outside. A centre exactly on an edge belongs
    to the polygon east or north of it, so polygons with common edges share out the pixels: none twice, none lost.

    Raises
    ------
    NotMetresError
        Coordinates are degrees or not finite.
    """
    shapes = as_geometries(polygons)
    out = np.zeros(grid.raster_shape, np.uint8)
    hit = rings_of(shapes, grid).fill(out, np.ones(shapes.size), (0, 0, *grid.raster_shape))
    if keep_small:
        missed = shapes[~hit]
        missed = missed[np.isin(shapely.get_type_id(missed), (_POLYGON, _MULTIPOLYGON))]
        centroids = shapely.get_coordinates(shapely.centroid(missed))
        column, row = np.floor((centroids - (grid.x0, grid.y0)) / grid.pixel_m).astype(np.int64).T
        within = (row >= 0) & (row < out.shape[0]) & (column >= 0) & (column < out.shape[1])
        out[row[within], column[within]] = 1
    return out


def label_raster(polygons: Polygons, grid: Grid) -> Ints32:
    """Return int32 of ``grid.raster_shape``: the index of the polygon that holds each pixel's centre, else -1.

    Rules as :func:`rasterise`; where polygons overlap the highest index wins, as if painted in order.
    """
    shapes = as_geometries(polygons)
    out = np.full(grid.raster_shape, -1, np.int32)
    rings_of(shapes, grid).fill(out, np.arange(shapes.size), (0, 0, *grid.raster_shape))
    return out


def as_mask(mask: NDArray[Any], grid: Grid) -> Bytes:
    """Return a mask (bool or number, of ``grid.raster_shape``) as uint8 that kernels take, not 0 where it counts.

    ValueError for another shape.
    """
    if mask.dtype == np.bool_:
        mask = mask.view(np.uint8)
    elif mask.dtype != np.uint8:
        mask = (mask != 0).view(np.uint8)
    return _raster(mask, grid)


def _raster(values: Bytes, grid: Grid) -> Bytes:
    if values.shape != grid.raster_shape:
        raise ValueError(f"the array has shape {values.shape}, the grid's raster {grid.raster_shape}")
    return np.require(values, np.uint8, ["C", "W"])


def sum_per_cell(raster: Bytes, mask: NDArray[Any] | None, grid: Grid) -> Ints:
    """Return the sum of a uint8 raster over each cell's pixels: those where ``mask`` is not 0; None: all.

    ``raster`` and ``mask`` are of ``grid.raster_shape`` (else ValueError).
    Returns int64 (grid.rows * grid.columns,), row by row from the south-west, as ``Grid.cell_centres``.
    """
    values = _raster(raster, grid)
    counting = values if mask is None else as_mask(mask, grid)
    sums = np.zeros((grid.rows, grid.columns), np.int64)
    add_to_cells(sums, values, 0, (0, 0, *grid.raster_shape), counting, mask is not None, grid.pixels_per_cell)
    return sums.ravel()


def pixels_per_cell_count(mask: NDArray[Any], grid: Grid) -> Ints:
    """Return how many pixels of each cell are not 0 in ``mask``: int64 (cells,), order as :func:`sum_per_cell`."""
    return sum_per_cell((as_mask(mask, grid) != 0).view(np.uint8), None, grid)
