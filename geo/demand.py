"""Demand: households on the national grid, spread by the finest source loaded (domain.md 3).

Dasymetric spreading: a source unit's households go to the cells of its dong in proportion to a weight
there (floor area of buildings, population of the statistics grid, address-like points, else land), so
that the sum over the unit is kept. Layers being judged are never used.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.grid import Grid
from geo.model import Bools, DemandKind, Floats, Geometries, Ints, Units, Weights
from geo.raster import label_raster


@dataclass(frozen=True)
class DongCells:
    """Which cells make a district. ``cell`` int64 (n,): flat grid index, ascending; ``dong`` int64 (n,)."""

    cell: Ints
    dong: Ints


def cells_of_dong(grid: Grid, dong_geometry: Geometries) -> DongCells:
    """Give every cell to the dong at its centre; a dong with no centre takes its largest-overlap cell.

    ``dong_geometry`` object (d,), polygons in EPSG:5179. A centre on a shared border belongs to one dong
    only. A cell taken by a small dong is no longer its neighbour's.
    """
    whole_cells = Grid(grid.x0, grid.y0, grid.columns, grid.rows, grid.cell_m, grid.cell_m)
    dong = label_raster(dong_geometry, whole_cells).ravel().astype(np.int64)
    taken: set[int] = set()
    # A cell taken from a dong may have been its only one: look again until every dong has a cell.
    while missing := sorted(set(range(len(dong_geometry))) - set(np.unique(dong).tolist())):
        own = _largest_overlap(grid, dong_geometry[missing[0]], taken)
        dong[own] = missing[0]
        taken.add(own)
    cell = np.flatnonzero(dong >= 0)
    return DongCells(cell, dong[cell])


def _largest_overlap(grid: Grid, geometry: Any, taken: set[int]) -> int:  # noqa: ANN401 - a polygon
    x, y = grid.cell_centres()
    west, south, east, north = geometry.bounds
    half = grid.cell_m / 2
    near = np.flatnonzero((x > west - half) & (x < east + half) & (y > south - half) & (y < north + half))
    near = near[~np.isin(near, list(taken))]
    boxes = shapely.box(x[near] - half, y[near] - half, x[near] + half, y[near] + half)
    overlap = shapely.area(shapely.intersection(boxes, geometry))
    return int(near[np.argmax(overlap)])


def spread(
    grid: Grid,
    cells: DongCells,
    units: Units,
    weights: tuple[Weights, ...],
    land_m2: Floats,
    counted: Weights | None = None,
) -> tuple[Floats, NDArray[np.str_]]:
    """Spread each unit's households over the cells of its dong.

    Parameters
    ----------
    land_m2
        float64 (n,): land of each cell inside the district that is not marked as not lived in.
    counted
        Household counts by place, taken as they are in the dong they speak for.

    Returns
    -------
    households float64 (n,), and the :class:`DemandKind` value each cell rests on, str (n,). The sum over
    a unit's cells is the unit's households. Each unit uses the finest of ``weights`` that speaks for all
    its dong and is not zero there, else land, else all its cells alike.
    """
    households = np.zeros(len(cells.cell))
    source = np.full(len(cells.cell), DemandKind.DONG.value, dtype="U8")
    by_kind = [(w.kind, w.dongs, _per_cell(grid, cells, w)) for w in sorted(weights, key=lambda w: _FINENESS[w.kind])]
    done: Bools = np.zeros(len(cells.cell), dtype=bool)
    if counted is not None:
        done = counted.dongs[cells.dong]
        households[done] = _per_cell(grid, cells, counted)[done]
        source[done] = counted.kind.value
    order = np.argsort(cells.dong, kind="stable")
    starts = np.searchsorted(cells.dong[order], np.arange(cells.dong.max(initial=-1) + 2))
    for total, dong_of in zip(units.households.tolist(), units.dong_of, strict=True):
        here = np.concatenate([order[starts[d] : starts[d + 1]] for d in dong_of])
        left = ~done[here]
        if not left.any():
            continue
        # Of a split code, only the dong that are not counted already take their part.
        total = total * len({d for d in dong_of if not done[order[starts[d]]]}) / len(dong_of)  # noqa: PLW2901
        here = here[left]
        kind, weight = _weight_of(by_kind, list(dong_of), here, land_m2)
        households[here] += total * (weight / weight.sum())
        source[here] = kind.value
    return households, source


_FINENESS = {kind: order for order, kind in enumerate(DemandKind)}


def _per_cell(grid: Grid, cells: DongCells, weights: Weights) -> Floats:
    index = grid.cell_index(weights.x, weights.y)
    inside = index >= 0
    total = np.bincount(index[inside], weights.weight[inside], minlength=grid.rows * grid.columns)
    return np.asarray(total[cells.cell])


def _weight_of(
    by_kind: list[tuple[DemandKind, Bools, Floats]], dong_of: list[int], here: Ints, land_m2: Floats
) -> tuple[DemandKind, Floats]:
    for kind, speaks, weight in by_kind:
        if speaks[dong_of].all() and weight[here].sum() > 0:
            return kind, weight[here]
    land = land_m2[here]
    return DemandKind.DONG, land if land.sum() > 0 else np.ones(len(here))
