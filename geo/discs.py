"""Cover discs: the cover of one facility on the pixels round it, ready to be stamped."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from geo.errors import BadSettingError
from geo.kernels import Bytes, Disc, Ints32, mean_disc_values

_LANE = 16  # bytes a row of a disc is padded to: one SIMD register
_TABLE_BYTES = 256 * 1024  # larger tables push the raster out of the processor's cache
_SAMPLES = 16  # along each axis of a pixel that holds a kink of the cover
# Where in a pixel (sixteenths from its centre; x, y) the eight bits of a hard disc are sampled. No two share a
# row or a column: the standard 8x multisample pattern of Direct3D (D3D11_STANDARD_MULTISAMPLE_PATTERN).
_BITS = np.array([(1, -3), (-1, 3), (5, 1), (-3, -5), (-5, 5), (-7, -1), (3, 7), (7, -7)]) / 16


@dataclass(frozen=True)
class Reach:
    """How far a facility reaches in a straight line, metres (domain.md 1).

    Cover is 1 up to ``full_m`` and falls linearly to 0 at ``none_m``; where both are equal it is a hard disc.
    Raises :class:`BadSettingError` unless 0 <= full_m <= none_m, both finite.
    """

    full_m: float
    none_m: float

    def __post_init__(self) -> None:
        if not 0 <= self.full_m <= self.none_m < np.inf:
            raise BadSettingError(
                f"도달 거리가 잘못되었습니다: full_m={self.full_m:g}, none_m={self.none_m:g}",
                "0 ≤ full_m ≤ none_m인 미터로 주십시오",
            )


@dataclass(frozen=True)
class DiscTable:
    """Rows of cover discs for every position of a facility inside its pixel.

    A position is rounded to the nearest of ``phases`` x ``phases`` in a pixel. A row of a disc depends on the
    position's x phase and on the offset of the row's centre from the facility, counted in sub-pixels
    (1 / ``phases`` of a pixel), so that is how rows are stored.

    Attributes
    ----------
    rows
        uint8 (phases, offsets, width). Graded: the cover, 0..``FULL``, by absolute offset; combined by maximum.
        Hard (``bits``): eight samples of each pixel, by offset from lowest to highest; combined by OR.
        Width is a multiple of 16.
    bits
        True for a hard disc.
    first_column
        int32 (phases,): column of a row's first byte, from the pixel that holds the facility, by x phase.
    first_row, last_row
        int32 (phases,): rows the disc spans, from the row that holds the facility, by y phase.
    shift
        log2 of ``phases``.
    reach_pixels
        A raster farther than this from the facility is not touched.
    """

    rows: Bytes
    bits: bool
    first_column: Ints32
    first_row: Ints32
    last_row: Ints32
    shift: int
    reach_pixels: int

    @property
    def phases(self) -> int:
        """Positions along one edge of a pixel."""
        return 1 << self.shift

    @property
    def disc(self) -> Disc:
        """The table as :func:`geo.kernels.stamp_discs` takes it."""
        return self.rows, self.bits, self.shift, self.first_column, self.first_row, self.last_row

    @property
    def padding(self) -> int:
        """Columns of padding a buffer needs on either side, for facilities within ``reach_pixels`` of it."""
        return int(self.rows.shape[2]) + self.reach_pixels + 1


@lru_cache(maxsize=128)  # 13 reaches of a stability run x the needs; at most 32 MB
def disc_table(reach: Reach, pixel_m: float, scale: float = 1.0, *, bits: bool | None = None) -> DiscTable:
    """Return the discs of a reach on pixels of ``pixel_m`` metres.

    Graded cover is the mean of the exact function over each pixel, times ``scale`` (0..1), in steps of
    1 / ``FULL`` and nowhere above ``scale``.
    A hard disc is eight bits a pixel instead, and not scaled: the maximum of partly covered pixels falls short
    where the edges of two discs cross in a pixel (0.2 % of the union's area among clustered lamps), the OR of
    samples does not, and costs the same. ``bits`` False asks for a hard disc as graded cover all the same.

    There are 8 x 8 positions in a pixel, fewer (4 x 4, 2 x 2) where the table would exceed 256 KB: a wide disc
    is smooth, or its edge is short beside its area.
    """
    full, none = reach.full_m / pixel_m, reach.none_m / pixel_m
    if bits is None:
        bits = full == none
    shift = 3
    width = (int(np.ceil(2 * none)) + _LANE) // _LANE * _LANE
    while shift > 1 and width * _offsets(none, shift, bits) << shift > _TABLE_BYTES:
        shift -= 1
    phases, half = 1 << shift, 1 << shift >> 1
    phase = np.arange(phases)
    # A pixel has cover where its centre is less than `none` + 1/2 from the facility along each axis, so an
    # offset is at most `farthest`; in the r-th row from the facility's it is r * phases + half - phase.
    farthest = _offsets(none, shift, bits=False) - 1
    first_column = np.floor(phase / phases - none).astype(np.int32)
    first_row = -((farthest + half - phase) // phases)
    last_row = (farthest - half + phase) // phases
    rows = np.zeros((phases, _offsets(none, shift, bits), width), np.uint8)
    if bits:
        _fill_bits(rows, first_column, farthest, none)
    else:
        mean_disc_values(rows, first_column, phases, full, none, scale, _SAMPLES)
    return DiscTable(
        rows,
        bits,
        first_column,
        first_row.astype(np.int32),
        last_row.astype(np.int32),
        shift,
        int(np.ceil(none)) + 1,
    )


def _offsets(none: float, shift: int, bits: bool) -> int:  # noqa: FBT001
    one_sided = int(np.ceil((none + 0.5) * (1 << shift)))
    return 2 * one_sided - 1 if bits else one_sided


def _fill_bits(rows: Bytes, first_column: Ints32, farthest: int, radius: float) -> None:
    """Set, for each position in a pixel, the samples nearest to it: as many as the disc's area asks for.

    Taking the nearest rather than those within the radius moves the edge by centimetres and makes the area of
    every single disc right to half a sample.
    """
    phases, _, width = rows.shape
    wanted = round(_BITS.shape[0] * np.pi * radius**2)
    weights = (1 << np.arange(_BITS.shape[0])).astype(np.uint8)
    offset = np.arange(-farthest, farthest + 1) / phases
    for y_phase in range(phases):
        mine = slice(y_phase, None, phases)  # the rows that one y phase uses
        dy = offset[mine, None, None] + _BITS[:, 1]
        for x_phase in range(phases):
            centre = np.arange(width) + first_column[x_phase] + 0.5 - x_phase / phases
            square = (centre[:, None] + _BITS[:, 0]) ** 2 + dy**2
            near = np.zeros(square.size, bool)
            near[np.argsort(square, axis=None, kind="stable")[:wanted]] = True
            rows[x_phase, mine] = (near.reshape(square.shape) * weights).sum(axis=2, dtype=np.uint8)
