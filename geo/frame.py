"""The cells and pixels of one district: what does not change when reaches and weights do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.demand import DongCells, cells_of_dong, spread
from geo.grid import Grid, cell_names
from geo.model import DistrictInput, Floats, Settings
from geo.raster import pixels_per_cell_count, rasterise


@dataclass(frozen=True)
class Frame:
    """A district on the national grid.

    Attributes
    ----------
    grid
        Block of cells that holds the district.
    cells
        Its n cells, south to north, west to east, and their dong.
    mask
        uint8, ``grid.raster_shape``: pixels whose cover is judged (walkable or lived-in where roads or
        buildings are loaded, else all inside the district).
    area_m2, land_m2
        float64 (n,): area of each cell inside the district, and of that the land not marked as not lived in.
    households, demand_source
        float64 (n,) and the demand kind's value, str (n,).
    """

    grid: Grid
    cells: DongCells
    mask: NDArray[np.uint8]
    x: Floats
    y: Floats
    grid_id: tuple[str, ...]
    area_m2: Floats
    land_m2: Floats
    households: Floats
    demand_source: NDArray[np.str_]


def make_frame(source: DistrictInput, settings: Settings) -> Frame:
    """Lay a district on the grid and spread its households (domain.md 3)."""
    grid = Grid.around(source.boundary.bounds, pixel_m=settings.pixel_m, shift_m=settings.grid_shift_m)
    cells = cells_of_dong(grid, source.dong_geometry)
    x, y = grid.cell_centres()
    x, y = x[cells.cell], y[cells.cell]
    inside = rasterise(np.array([source.boundary], dtype=object), grid)
    pixel_m2 = float(settings.pixel_m**2)
    area_m2: Floats = np.asarray(pixels_per_cell_count(inside, grid)[cells.cell] * pixel_m2, float)
    land_m2 = area_m2
    if len(source.not_lived_in):
        land = inside & (1 - rasterise(source.not_lived_in, grid))
        land_m2 = np.asarray(pixels_per_cell_count(land, grid)[cells.cell] * pixel_m2, float)
    households, demand_source = spread(grid, cells, source.units, source.weights, land_m2, source.counted)
    return Frame(
        grid=grid,
        cells=cells,
        mask=_judged(grid, cells, inside, source),
        x=x,
        y=y,
        grid_id=tuple(cell_names(x, y)),
        area_m2=area_m2,
        land_m2=land_m2,
        households=households,
        demand_source=demand_source,
    )


def _judged(grid: Grid, cells: DongCells, inside: NDArray[np.uint8], source: DistrictInput) -> NDArray[np.uint8]:
    """Return the pixels that are judged; every cell of the district has at least one."""
    mask = inside
    if len(source.lived_in):
        mask = inside & rasterise(source.lived_in, grid, keep_small=True)
        mask = _fill_cells(grid, mask, inside, pixels_per_cell_count(mask, grid) == 0)
    # A dong without a cell centre may hold a cell of which no pixel is inside: judge all of it.
    bare = np.zeros(grid.rows * grid.columns, dtype=bool)
    bare[cells.cell] = pixels_per_cell_count(mask, grid)[cells.cell] == 0
    return _fill_cells(grid, mask, np.ones_like(mask), bare) if bare.any() else mask


def _fill_cells(
    grid: Grid, mask: NDArray[np.uint8], fill: NDArray[np.uint8], which: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    k = grid.pixels_per_cell
    blocks = mask.reshape(grid.rows, k, grid.columns, k)
    chosen = which.reshape(grid.rows, 1, grid.columns, 1)
    return np.where(chosen, fill.reshape(blocks.shape), blocks).reshape(mask.shape)
