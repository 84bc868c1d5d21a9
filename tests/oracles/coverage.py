"""Cover by brute force: every facility against every place. Slow and obvious."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.coverage import Reach
from geo.crs import Floats
from geo.grid import Grid


def ramp(distance: Floats, reach: Reach) -> Floats:
    """Cover at a distance: 1 up to full_m, linear to 0 at none_m."""
    if reach.full_m == reach.none_m:
        return (np.asarray(distance) <= reach.full_m).astype(float)
    return np.clip((reach.none_m - np.asarray(distance)) / (reach.none_m - reach.full_m), 0.0, 1.0)


def cover_at(
    px: Floats, py: Floats, x: Floats, y: Floats, reach: Reach, zones: Sequence[Any] = (), caps: Sequence[float] = ()
) -> Floats:
    """Best cover at each place (px, py), over points and zones."""
    best = np.zeros(np.shape(px))
    for fx, fy in zip(x, y, strict=True):
        best = np.maximum(best, ramp(np.hypot(px - fx, py - fy), reach))
    for zone, cap in zip(zones, caps, strict=True):
        distance = shapely.distance(zone, shapely.points(px, py))
        near = np.where(distance == 0, 1.0, ramp(distance, reach) if reach.none_m > 0 else 0.0)
        best = np.maximum(best, cap * near)
    return best


def sample_places(grid: Grid, per_pixel: int) -> tuple[Floats, Floats]:
    """x, y of per_pixel x per_pixel places in every pixel, as arrays (rows * per_pixel, columns * per_pixel)."""
    rows, columns = grid.raster_shape
    step = grid.pixel_m / per_pixel
    x = grid.x0 + (np.arange(columns * per_pixel) + 0.5) * step
    y = grid.y0 + (np.arange(rows * per_pixel) + 0.5) * step
    places_x, places_y = np.meshgrid(x, y)
    return places_x, places_y


def block_mean(values: Floats, edge: int) -> Floats:
    rows, columns = values.shape
    means: Floats = values.reshape(rows // edge, edge, columns // edge, edge).mean(axis=(1, 3))
    return means


def raster(
    grid: Grid,
    reach: Reach,
    x: Floats,
    y: Floats,
    zones: Sequence[Any] = (),
    caps: Sequence[float] = (),
    per_pixel: int = 1,
) -> Floats:
    """Cover of pixels, float 0..1: at their centres, or the mean over per_pixel x per_pixel places in each."""
    px, py = sample_places(grid, per_pixel)
    return block_mean(cover_at(px, py, x, y, reach, zones, caps), per_pixel)


def of_cells(grid: Grid, pixels: Floats, mask: Any = None) -> Floats:
    """Mean of a pixel raster over each cell's pixels in the mask, NaN where there are none."""
    edge = grid.pixels_per_cell
    out = []
    for row in range(grid.rows):
        for column in range(grid.columns):
            block = (slice(row * edge, (row + 1) * edge), slice(column * edge, (column + 1) * edge))
            inside = np.ones((edge, edge), bool) if mask is None else np.asarray(mask[block], bool)
            out.append(pixels[block][inside].mean() if inside.any() else np.nan)
    return np.array(out)
