"""Which district a place is in, at a look: a grid of cells, most of them wholly within one."""

from collections import defaultdict
from typing import Any

import numpy as np
import shapely

from geo.kernels import Ints32

_CELL_M = 100.0  # few of them are on a border
_MOST_CELLS = 4_000_000


def district_grid(areas: list[Any]) -> tuple[Ints32, dict[str, Any]]:
    """Return which district each cell of a grid is in, int32 (rows, columns) from the south-west, and what it says.

    0: none; n: wholly in district n - 1; -n: in some of the districts (numbers) ``shared[n - 1]``. ``frame``: west and
    south edge and cell in metres.
    """
    edges = np.array([area.bounds for area in areas]).reshape(-1, 4)
    west, south, east, north = (*edges[:, :2].min(0), *edges[:, 2:].max(0)) if len(areas) else (0.0,) * 4
    cell_m = _CELL_M
    while (east - west) * (north - south) / cell_m**2 > _MOST_CELLS:
        cell_m *= 2
    shape = (int((north - south) // cell_m) + 1, int((east - west) // cell_m) + 1)
    grid, meets = np.zeros(shape, np.int32), defaultdict[tuple[int, int], list[int]](list)
    for number, area in enumerate(areas):
        c0, r0, c1, r1 = (int(edge // cell_m) for edge in area.bounds - np.array([west, south, west, south]))
        column, row = (a.ravel() for a in np.meshgrid(np.arange(c0, c1 + 1), np.arange(r0, r1 + 1)))
        x, y = west + column * cell_m, south + row * cell_m
        cells = shapely.box(x, y, x + cell_m, y + cell_m)
        shapely.prepare(area)
        touched, whole = shapely.intersects(area, cells), shapely.contains_properly(area, cells)
        grid[row[whole], column[whole]] = number + 1
        for cell in zip(row[touched & ~whole].tolist(), column[touched & ~whole].tolist(), strict=True):
            meets[cell].append(number)
    shared = {numbers: i for i, numbers in enumerate(dict.fromkeys(tuple(n) for n in meets.values()))}
    for (r, c), numbers in meets.items():
        grid[r, c] = -shared[tuple(numbers)] - 1
    return grid, {"frame": [float(west), float(south), cell_m], "shared": [list(numbers) for numbers in shared]}
