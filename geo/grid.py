"""The national grid (국가지점번호): 100 m cells aligned to EPSG:5179 hundreds, and rasters on it.

Source of the naming: 국가지점번호 (도로명주소법 시행령; 행정안전부 고시 국가지점번호 표기ㆍ설치의 방법 및
절차): squares of 100 km named by two Hangul letters, east from 700,000 m and north from 1,300,000 m,
then easting and northing digits inside the square.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import Floats, require_metres
from geo.errors import AnsimError, BadSettingError

CELL_M = 100
_EAST = "가나다라마바사"
_NORTH = "가나다라마바사아"
_X0 = 700_000
_Y0 = 1_300_000
_SQUARE_M = 100_000
_DIGITS_OF_SIZE = {10: 4, 100: 3, 1_000: 2, 10_000: 1}
_NAME = re.compile(rf"([{_EAST}])([{_NORTH}])\s*(\d+)(?:\s+(\d+))?\s*")


class BadGridNameError(AnsimError):
    """A text is no 국가지점번호, or a point lies outside the squares that have one."""

    code = "bad_grid_name"


def cell_names(x: Floats, y: Floats, size_m: int = CELL_M) -> list[str]:
    """Name the grid cells that hold the points.

    Parameters
    ----------
    x, y
        float64 (n,), EPSG:5179 metres, x east, y north. A point on a cell's south or west edge is in it.
    size_m
        10, 100, 1000 or 10000.

    Returns
    -------
    n names such as ``다사 539 520``, same order as the input.

    Raises
    ------
    BadGridNameError
        A point lies outside the named squares (x 700-1400 km, y 1300-2100 km).
    """
    digits = _digits(size_m)
    require_metres(x, y)
    east = np.floor_divide(np.asarray(x, float) - _X0, size_m).astype(np.int64)
    north = np.floor_divide(np.asarray(y, float) - _Y0, size_m).astype(np.int64)
    per_square = _SQUARE_M // size_m
    column, row = east // per_square, north // per_square
    if ((column < 0) | (column >= len(_EAST)) | (row < 0) | (row >= len(_NORTH))).any():
        raise BadGridNameError("국가지점번호가 없는 곳의 좌표입니다", "EPSG:5179 x, y 순서인지 확인하십시오")
    return [
        f"{_EAST[c]}{_NORTH[r]} {e:0{digits}d} {n:0{digits}d}"
        for c, r, e, n in zip(
            column.tolist(), row.tolist(), (east % per_square).tolist(), (north % per_square).tolist(), strict=True
        )
    ]


def parse_cell_name(name: str) -> tuple[float, float, int]:
    """Return the south-west corner (x, y; EPSG:5179 metres) and the size (m) of a named cell.

    Takes ``다사 539 520`` and ``다사539520`` alike. Raises :class:`BadGridNameError`.
    """
    match = _NAME.fullmatch(name.strip())
    if match is None:
        raise BadGridNameError(f"국가지점번호가 아닙니다: {name!r}", "예: 다사 539 520")
    letter_east, letter_north, first, second = match.groups()
    if second is None:
        half, odd = divmod(len(first), 2)
        if odd:
            raise BadGridNameError(f"국가지점번호의 숫자가 짝이 맞지 않습니다: {name!r}", "예: 다사 539 520")
        first, second = first[:half], first[half:]
    if len(first) != len(second) or not 1 <= len(first) <= 4:
        raise BadGridNameError(f"국가지점번호의 숫자가 짝이 맞지 않습니다: {name!r}", "예: 다사 539 520")
    size_m = _SQUARE_M // 10 ** len(first)
    x = _X0 + _EAST.index(letter_east) * _SQUARE_M + int(first) * size_m
    y = _Y0 + _NORTH.index(letter_north) * _SQUARE_M + int(second) * size_m
    return float(x), float(y), size_m


def lattice(bounds: tuple[float, float, float, float], spacing_m: float) -> tuple[Floats, Floats]:
    """Return x, y of the centres of the squares of ``spacing_m`` that meet ``bounds``, row by row from the south-west.

    Squares are laid from the origin of EPSG:5179, so 50 m squares quarter the cells of the national grid.
    """
    west, south, east, north = bounds
    x, y = (
        (np.arange(np.floor(low / spacing_m), np.floor(high / spacing_m) + 1) + 0.5) * spacing_m
        for low, high in ((west, east), (south, north))
    )
    grid_x, grid_y = np.meshgrid(x, y)
    return grid_x.ravel(), grid_y.ravel()


def _digits(size_m: int) -> int:
    try:
        return _DIGITS_OF_SIZE[size_m]
    except KeyError:
        raise BadSettingError(
            f"국가지점번호에 없는 격자 크기입니다: {size_m} m", "10, 100, 1000, 10000 중 하나"
        ) from None


@dataclass(frozen=True)
class Grid:
    """A block of cells and the finer raster of pixels that subdivides it. Row 0 is the south.

    Attributes
    ----------
    x0, y0
        South-west corner, EPSG:5179 metres, whole multiples of ``cell_m`` (plus the origin shift, if any).
    columns, rows
        Size in cells.
    cell_m, pixel_m
        Edge of a cell and of a pixel; ``cell_m`` is a whole multiple of ``pixel_m``.
    """

    x0: float
    y0: float
    columns: int
    rows: int
    cell_m: int = CELL_M
    pixel_m: int = 5

    @classmethod
    def around(
        cls, bounds: tuple[float, float, float, float], *, cell_m: int = CELL_M, pixel_m: int = 5, shift_m: float = 0.0
    ) -> "Grid":
        """Return the smallest block of cells that holds ``bounds`` (min x, min y, max x, max y; metres).

        ``shift_m`` moves the grid's origin in both axes (0 is the national grid; domain.md 4, stability).
        """
        if cell_m % pixel_m:
            raise BadSettingError(f"격자 {cell_m} m가 화소 {pixel_m} m로 나누어지지 않습니다", "예: 격자 100, 화소 5")
        require_metres(np.array(bounds[::2]), np.array(bounds[1::2]))
        west, south, east, north = (b - shift_m for b in bounds)
        column0, row0 = int(np.floor(west / cell_m)), int(np.floor(south / cell_m))
        # A bound exactly on an edge still needs the cell beyond it: points there belong to that cell.
        column1, row1 = int(np.floor(east / cell_m)) + 1, int(np.floor(north / cell_m)) + 1
        return cls(column0 * cell_m + shift_m, row0 * cell_m + shift_m, column1 - column0, row1 - row0, cell_m, pixel_m)

    @property
    def pixels_per_cell(self) -> int:
        """Pixels along one edge of a cell."""
        return self.cell_m // self.pixel_m

    @property
    def raster_shape(self) -> tuple[int, int]:
        """(rows, columns) of the pixel raster."""
        return self.rows * self.pixels_per_cell, self.columns * self.pixels_per_cell

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(min x, min y, max x, max y), metres."""
        return (
            self.x0,
            self.y0,
            self.x0 + self.columns * self.cell_m,
            self.y0 + self.rows * self.cell_m,
        )

    def cell_centres(self) -> tuple[Floats, Floats]:
        """Return x, y of every cell's centre: float64 (rows * columns,), row by row from the south-west."""
        x = self.x0 + (np.arange(self.columns) + 0.5) * self.cell_m
        y = self.y0 + (np.arange(self.rows) + 0.5) * self.cell_m
        grid_x, grid_y = np.meshgrid(x, y)
        return grid_x.ravel(), grid_y.ravel()

    def cell_index(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return the flat cell index of each point, int64 (n,); -1 outside the block."""
        column = np.floor((np.asarray(x, float) - self.x0) / self.cell_m).astype(np.int64)
        row = np.floor((np.asarray(y, float) - self.y0) / self.cell_m).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1)
