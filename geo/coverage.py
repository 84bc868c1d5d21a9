"""Cover: how well facilities reach each place, as a raster (domain.md 1 and 4).

Facilities stamp precomputed discs (graded ones by maximum, hard ones by OR of samples) tile by tile, so that
memory beyond the points and the result does not grow with the area. Measured errors and times are in
docs/performance.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import Floats, require_metres
from geo.discs import DiscTable, Reach, disc_table
from geo.errors import BadSettingError
from geo.grid import Grid
from geo.kernels import FULL, Bytes, Ints, Ints32, add_to_cells, bits_to_cover, bucket_points, stamp_discs, sum_window
from geo.raster import Polygons, Rings, as_geometries, as_mask, label_raster, pixels_per_cell_count, rasterise, rings_of

__all__ = ["FULL", "Reach", "cover_of_cells", "cover_raster", "covered_area_m2", "warm"]

_TILE_SHIFT = 9  # tiles of 512 x 512 pixels: with their padding they stay in the processor's cache
_ZONE_STEP_M = 1.0  # spacing of the points that stand for a zone's edge: at most 0.5 m too far


def cover_raster(
    grid: Grid,
    reach: Reach,
    x: Floats,
    y: Floats,
    zones: Polygons = (),
    zone_cap: Sequence[float] | Floats = (),
) -> Bytes:
    """Return the cover of every pixel: the best over all facilities.

    Parameters
    ----------
    grid
        Gives the raster. Facilities and zones outside it still reach in.
    reach
        How far a facility reaches, straight-line metres.
    x, y
        float64 (n,), EPSG:5179 metres, x east, y north; any order, stacked points allowed, may be empty.
    zones
        Geometries (m,), EPSG:5179: cover is ``zone_cap`` inside and falls outside as the distance to the edge
        demands (1 up to ``full_m``, linear to 0 at ``none_m``), times the cap. None and empty ones are skipped.
    zone_cap
        (m,), 0..1; empty: 1 for all.

    Returns
    -------
    uint8 of ``grid.raster_shape``, row 0 in the south; 0..``FULL`` is cover 0..1, mean over the pixel.

    Raises
    ------
    NotMetresError
        Coordinates are degrees or not finite.
    BadSettingError
        A cap is outside 0..1, or caps and zones differ in number.
    """
    out = np.empty(grid.raster_shape, np.uint8)
    for tile in _tiles(grid.raster_shape, _stamps(grid, reach, x, y, zones, zone_cap), _TILE_SHIFT):
        rows = slice(tile.row, tile.row + tile.rows)
        columns = slice(tile.column, tile.column + tile.columns)
        if tile.buffer is None:
            out[rows, columns] = 0
        else:
            out[rows, columns] = tile.buffer[: tile.rows, tile.padding : tile.padding + tile.columns]
    return out


def cover_of_cells(
    grid: Grid,
    reach: Reach,
    x: Floats,
    y: Floats,
    mask: NDArray[Any] | None = None,
    zones: Polygons = (),
    zone_cap: Sequence[float] | Floats = (),
) -> Floats:
    """Return each cell's cover: the mean of :func:`cover_raster` over the cell's pixels in ``mask``.

    ``mask`` is uint8 or bool of ``grid.raster_shape`` (walkable or lived-in pixels, or those inside the
    district); None counts every pixel. Other parameters and errors as :func:`cover_raster`; ValueError for a
    mask of another shape. The raster itself is never held whole.

    Returns float64 (grid.rows * grid.columns,), 0..1, row by row from the south-west as ``Grid.cell_centres``;
    NaN where a cell has no pixel in ``mask``.
    """
    counting = np.empty((1, 1), np.uint8) if mask is None else as_mask(mask, grid)
    if mask is None:
        pixels = np.full(grid.rows * grid.columns, grid.pixels_per_cell**2, np.int64)
    else:
        pixels = pixels_per_cell_count(counting, grid)
    sums = np.zeros((grid.rows, grid.columns), np.int64)
    for tile in _tiles(grid.raster_shape, _stamps(grid, reach, x, y, zones, zone_cap), _TILE_SHIFT):
        if tile.buffer is not None:
            window = (tile.row, tile.column, tile.rows, tile.columns)
            add_to_cells(sums, tile.buffer, tile.padding, window, counting, mask is not None, grid.pixels_per_cell)
    cover = np.full(pixels.size, np.nan)
    np.divide(sums.ravel(), float(FULL) * pixels, out=cover, where=pixels > 0)
    return cover


def covered_area_m2(
    x: Floats, y: Floats, reach: Reach, *, pixel_m: int = 5, tile_pixels: int = 1 << _TILE_SHIFT
) -> float:
    """Return the area covered, m²: the integral of cover over the plane, wherever the points are.

    For a hard disc that is the area of the union. Tiles without points cost nothing, so the points may be
    scattered over the country. ``tile_pixels`` (a power of two) bounds the memory and changes no result.
    Points and errors as :func:`cover_raster`; no points give 0.
    """
    if tile_pixels < 1 or tile_pixels & (tile_pixels - 1):
        raise BadSettingError(f"타일 크기가 2의 거듭제곱이 아닙니다: {tile_pixels}", "예: 512")
    if pixel_m <= 0:
        raise BadSettingError(f"화소 크기가 잘못되었습니다: {pixel_m} m", "예: 5")
    shift = tile_pixels.bit_length() - 1
    x, y = _points(x, y)
    if x.size == 0:
        return 0.0
    table = disc_table(reach, pixel_m)
    margin = reach.none_m + 2 * pixel_m
    x0, y0 = (np.floor((v.min() - margin) / pixel_m) * pixel_m for v in (x, y))
    rows, columns = (int((v.max() + margin - v0) // pixel_m) + 1 for v, v0 in ((y, y0), (x, x0)))
    stamps = _Stamps([_Discs(table, x, y)], (float(x0), float(y0)), pixel_m)
    total = 0
    for tile in _tiles((rows, columns), stamps, shift):
        if tile.buffer is not None:
            total += sum_window(tile.buffer, tile.padding, tile.rows, tile.columns)
    return total * pixel_m**2 / FULL


def warm() -> None:
    """Compile every kernel, or load it from the cache (for images and services; any call does so lazily)."""
    grid = Grid(950_000.0, 1_950_000.0, 1, 1)
    x, y = np.array([950_050.0]), np.array([1_950_050.0])
    zone = shapely.box(950_010, 1_950_010, 950_060, 1_950_060)
    mask = rasterise([zone], grid)
    label_raster([zone], grid)
    cover_of_cells(grid, Reach(15, 30), x, y, mask, [zone], [0.5])
    covered_area_m2(x, y, Reach(30, 30))


@dataclass(frozen=True)
class _Discs:
    """Points and the disc they stamp."""

    table: DiscTable
    x: Floats
    y: Floats


@dataclass(frozen=True)
class _Stamps:
    """All that raises a raster whose south-west corner is ``origin``."""

    discs: list[_Discs]
    origin: tuple[float, float]
    pixel_m: float
    rings: Rings | None = None
    ring_value: Bytes | None = None


@dataclass(frozen=True)
class _Tile:
    """A window of the raster; ``buffer`` (None: all zero) is reused by the next tile."""

    row: int
    column: int
    rows: int
    columns: int
    padding: int
    buffer: Bytes | None


def _points(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    # Writable: numba would compile once more for read-only arrays, such as a snapshot's.
    x, y = (np.require(v, np.float64, ["C", "W"]).ravel() for v in (x, y))
    if x.size != y.size:
        raise ValueError(f"{x.size} x but {y.size} y")
    require_metres(x, y)
    return x, y


def _stamps(
    grid: Grid, reach: Reach, x: Floats, y: Floats, zones: Polygons, zone_cap: Sequence[float] | Floats
) -> _Stamps:
    discs = [_Discs(disc_table(reach, grid.pixel_m), *_points(x, y))]
    origin = (float(grid.x0), float(grid.y0))  # numba would compile once more for whole numbers
    shapes = as_geometries(zones)
    if shapes.size == 0:
        return _Stamps(discs, origin, grid.pixel_m)
    caps = np.asarray(zone_cap, float).ravel() if len(zone_cap) else np.ones(shapes.size)
    if caps.size != shapes.size or not ((caps >= 0) & (caps <= 1)).all():
        raise BadSettingError(
            f"구역 {shapes.size}곳에 상한 {caps.size}개, 상한은 0..1이어야 합니다", "구역마다 상한을 하나씩 주십시오"
        )
    rings = rings_of(shapes, grid)
    if reach.none_m > 0:
        edge, zone_of = _edge_points(shapes, origin)
        for cap in np.unique(caps):
            table = disc_table(reach, grid.pixel_m, float(cap), bits=False)
            discs.append(_Discs(table, *_points(*edge[caps[zone_of] == cap].T)))
    value = np.floor(FULL * caps + 1e-9).astype(np.uint8)  # as the discs: never above the cap
    return _Stamps(discs, origin, grid.pixel_m, rings, value)


def _edge_points(zones: NDArray[Any], origin: tuple[float, float]) -> tuple[Floats, Ints]:
    """Return points (n, 2) along the edges of zones, close together, and the zone of each."""
    corners = shapely.get_coordinates(zones)
    require_metres(corners[:, 0], corners[:, 1])
    # From the origin, so that zones moved together with the grid round alike.
    local = shapely.transform(zones, lambda corner: corner - origin)
    points, zone_of = shapely.get_coordinates(shapely.segmentize(local, _ZONE_STEP_M), return_index=True)
    return points + origin, zone_of


def _tiles(shape: tuple[int, int], stamps: _Stamps, shift: int) -> Iterator[_Tile]:
    """Yield the raster tile by tile, stamped."""
    edge = 1 << shift
    tile_rows, tile_columns = (-(-n // edge) for n in shape)
    sorted_points: list[tuple[DiscTable, Ints, Ints32, Ints32]] = [
        (
            d.table,
            *bucket_points(
                d.x,
                d.y,
                stamps.origin,
                d.table.phases,
                float(stamps.pixel_m),
                d.table.reach_pixels << d.table.shift,
                shift + d.table.shift,
                (shape[0] << d.table.shift, shape[1] << d.table.shift),
            ),
        )
        for d in stamps.discs
    ]
    padding = max(d.table.padding for d in stamps.discs)
    stride = -(-(min(edge, shape[1]) + 2 * padding) // 8) * 8
    buffer = np.zeros((min(edge, shape[0]), stride), np.uint8)
    words = buffer.view(np.uint64).ravel()
    occupied = np.zeros(tile_rows * tile_columns, bool)
    for _, start, _, _ in sorted_points:
        occupied |= np.diff(start) > 0
    for t in range(tile_rows * tile_columns):
        row, column = t // tile_columns * edge, t % tile_columns * edge
        rows, columns = min(edge, shape[0] - row), min(edge, shape[1] - column)
        if not occupied[t] and stamps.rings is None:
            yield _Tile(row, column, rows, columns, padding, None)
            continue
        buffer.fill(0)
        for table, start, u, v in sorted_points:
            here = slice(start[t], start[t + 1])
            stamp_discs(buffer, (row, column - padding), u[here], v[here], table.disc)
            if table.bits:  # only the facilities' discs, which come first
                bits_to_cover(words)
        if stamps.rings is not None and stamps.ring_value is not None:
            stamps.rings.fill(buffer, stamps.ring_value, (row, column, rows, columns), padding)
        yield _Tile(row, column, rows, columns, padding, buffer)
