"""A district as siting problems: pixels are the demand, the discs of the gap table the cover (domain.md 1, 4, 5).

Nothing here has a formula of its own for cover or for combining needs: pixels take the values that
:func:`geo.coverage.cover_raster` would stamp, and what a pixel is worth comes from
:func:`geo.combine.combine`, which is affine in the cover of each single need.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.combine import combine
from geo.coverage import cover_raster
from geo.discs import Reach, disc_table
from geo.district import takes_part
from geo.errors import BadSettingError, NoDataError
from geo.frame import Frame, make_frame
from geo.kernels import FULL, Bytes, Ints32
from geo.model import DataState, DistrictInput, Floats, Geometries, Ints, Settings, Supply
from geo.siting import coarse_kernels, pair_kernels
from geo.siting.model import Limits, Pairs, Problem


@dataclass(frozen=True)
class Candidates:
    """Places where facilities of one layer could stand: m of them, EPSG:5179 metres, won for the whole period.

    ``needs``: ids of the needs the layer supplies there. ``zones`` and ``zone_cap`` as in :class:`geo.model.Places`.
    """

    layer: str
    needs: tuple[str, ...]
    ids: tuple[str, ...]
    x: Floats
    y: Floats
    cost_krw: Floats
    zones: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))
    zone_cap: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Ground:
    """The judged pixels of a district's populated cells: n of them.

    ``point_at`` int32, a raster laid flat: the point of each pixel or -1. ``cell`` int64 (n,) into the frame's cells;
    ``share`` float64 (n,): the pixel's part of its cell's mean. ``needs`` take part, in order, with ``weights``;
    ``base`` uint8 (needs, n), ``cover`` float64 (needs, cells): what exists.
    """

    source: DistrictInput
    settings: Settings
    frame: Frame
    point_at: Ints32
    cell: Ints
    share: Floats
    needs: tuple[str, ...]
    weights: tuple[float, ...]
    base: Bytes
    cover: Floats

    def reach(self, need: str) -> Reach:
        """Return how far a need's facilities reach, metres."""
        found, factor = _supply(self.source, need).need, self.settings.reach_factor
        return Reach(found.full_m * factor, found.none_m * factor)

    def score(self, cover: Floats) -> float:
        """Return sum(households x combined cover) for covers (needs, cells): the objective of every plan."""
        return float(self.frame.households @ self.combined(cover))

    def combined(self, cover: Floats) -> Floats:
        """Return the combined cover of the cells; 0 in cells without households, which no plan is judged on."""
        combined = combine(np.nan_to_num(cover), self.weights, self.settings.combine)
        return np.where(self.frame.households > 0, combined, 0.0)

    def slope(self, cover: Floats, need: int) -> Floats:
        """Return the combined cover that full cover of a need adds in each cell, the others being as given."""
        full, none = cover.copy(), cover.copy()
        full[need], none[need] = 1.0, 0.0
        return self.combined(full) - self.combined(none)

    def cover_of(self, points: Bytes) -> Floats:
        """Return the cells' cover from that of the points, uint8 (n,)."""
        return np.bincount(self.cell, self.share * points, self.frame.households.size) / FULL


def make_ground(source: DistrictInput, settings: Settings, frame: Frame | None = None) -> Ground:
    """Lay the district's pixels out, with the cover that exists; on a frame made before where one is given.

    Raises
    ------
    NoDataError
        The district has no households, or no need takes part.
    """
    frame = make_frame(source, settings) if frame is None else frame
    if frame.households.sum() <= 0:
        raise NoDataError(f"{source.name}: 1인가구 자료가 없습니다", "행정동별 1인가구 파일을 먼저 가져오십시오")
    part = [s for s in source.supplies if takes_part(s, settings)]
    if not part:
        raise NoDataError(
            f"{source.name}: 자료가 있는 필요가 없습니다", "시설 파일을 가져오거나 --include-partial을 쓰십시오"
        )
    grid = frame.grid
    number = np.full(grid.rows * grid.columns, -1, np.int64)
    lived = np.flatnonzero(frame.households > 0)
    number[frame.cells.cell[lived]] = lived
    row, column = np.nonzero(frame.mask)
    k = grid.pixels_per_cell
    cell = number[row // k * grid.columns + column // k]
    row, column, cell = row[cell >= 0], column[cell >= 0], cell[cell >= 0]
    point_at = np.full(frame.mask.size, -1, np.int32)
    point_at[row * frame.mask.shape[1] + column] = np.arange(cell.size)
    share = 1.0 / np.bincount(cell, minlength=frame.households.size)[cell]
    weights = tuple(settings.weights.get(s.need.id, s.need.weight) for s in part)
    ground = Ground(
        source, settings, frame, point_at, cell, share, tuple(s.need.id for s in part), weights,
        np.zeros((len(part), cell.size), np.uint8), np.zeros((len(part), frame.households.size)),
    )  # fmt: skip
    for k, s in enumerate(part):
        raster = cover_raster(grid, ground.reach(s.need.id), s.x, s.y, s.zones, s.zone_cap)
        ground.base[k] = raster[row, column]
        ground.cover[k] = ground.cover_of(ground.base[k])
    return ground


def need_index(ground: Ground, need: str) -> int:
    """Return a need's place among those taking part.

    Raises
    ------
    NoDataError
        The need has no data here, or only partial data that was not asked for.
    BadSettingError
        The need has no weight: it is judged on its own.
    """
    if need in ground.needs:
        return ground.needs.index(need)
    supply = _supply(ground.source, need)
    if supply.state is DataState.NONE:
        raise NoDataError(
            f"{ground.source.name}: {supply.need.name} 자료가 없습니다", "그 층의 파일을 먼저 가져오십시오"
        )
    if supply.state is DataState.PARTIAL and not ground.settings.include_partial:
        raise NoDataError(
            f"{ground.source.name}: {supply.need.name} 자료가 일부뿐입니다", "--include-partial을 쓰십시오"
        )
    raise BadSettingError(f"{supply.need.name}은(는) 종합에 들지 않습니다", f"--need {need}로 따로 보십시오")


def pairs_of(ground: Ground, need: str, candidates: Candidates) -> Pairs:
    """Return the pixels that candidates would cover for a need: the values the gap table would stamp."""
    if candidates.zones.size:
        return _zone_pairs(ground, need, candidates)
    table = disc_table(ground.reach(need), ground.frame.grid.pixel_m, bits=False)
    grid = ground.frame.grid
    u, v = (
        np.floor((np.asarray(p, float) - p0) * table.phases / grid.pixel_m + 0.5).astype(np.int64)
        for p, p0 in ((candidates.x, grid.x0), (candidates.y, grid.y0))
    )
    start, point, value = pair_kernels.disc_pairs(ground.point_at, grid.raster_shape, u, v, table.disc)
    return Pairs(start, point, value, ground.cell.size)


def _zone_pairs(ground: Ground, need: str, candidates: Candidates) -> Pairs:
    """Return the pixels that zones cover; one raster a zone, for there are tens of them."""
    at, none = np.flatnonzero(ground.point_at >= 0), np.empty(0)
    sizes, points, values = [0], [], []
    for zone, cap in zip(candidates.zones, candidates.zone_cap, strict=True):
        raster = cover_raster(ground.frame.grid, ground.reach(need), none, none, np.array([zone]), np.array([cap]))
        cover = raster.ravel()[at]
        here = np.flatnonzero(cover)
        sizes.append(here.size)
        points.append(here.astype(np.int32))
        values.append(cover[here])
    return Pairs(np.cumsum(sizes), np.concatenate(points), np.concatenate(values), ground.cell.size)


def supplied(ground: Ground, candidates: Candidates) -> int:
    """Return the index of the one need taking part that candidates supply. Raises as :func:`layer_problem`."""
    parts = [need for need in candidates.needs if need in ground.needs]
    if len(parts) != 1:
        for need in candidates.needs:
            need_index(ground, need)
        raise BadSettingError(
            f"{candidates.layer}: 필요 {len(parts)}개를 함께 채웁니다", "여러 필요를 함께 최적화하십시오"
        )
    return need_index(ground, parts[0])


def layer_problem(ground: Ground, candidates: Candidates, limits: Limits) -> Problem:
    """Return the problem of one layer that supplies one need taking part, all else staying as it is.

    Its value plus ``ground.score(cover with that need 0)`` is the score, so the plan with the larger value has
    the larger score.
    """
    k = supplied(ground, candidates)
    worth = ground.frame.households * ground.slope(ground.cover, k)
    weight = worth[ground.cell] * ground.share
    pairs = pairs_of(ground, ground.needs[k], candidates)
    return Problem(
        weight, ground.base[k].copy(), pairs, candidates.cost_krw, limits, candidates.ids, blocks_of(ground)
    )  # fmt: skip


def blocks_of(ground: Ground) -> Ints:
    """Return which points lie in one square of ten pixels a side, int64 (n,)."""
    row, column = np.divmod(np.flatnonzero(ground.point_at >= 0), ground.frame.grid.raster_shape[1])
    return np.asarray(row // 10 * ground.frame.grid.raster_shape[1] + column // 10, np.int64)


def households_of(ground: Ground) -> Floats:
    """Return the households of each point, float64 (n,): full cover of it counts so many."""
    return np.asarray(ground.frame.households[ground.cell] * ground.share, float)


def covers_with(ground: Ground, pairs: Sequence[Pairs], chosen: Ints) -> Floats:
    """Return the covers (needs, cells) with the chosen sites; ``pairs`` one a need, the same sites in each."""
    out = np.empty_like(ground.cover)
    for k, of_need in enumerate(pairs):
        points = ground.base[k].copy()
        coarse_kernels.covered((of_need.start, of_need.point, of_need.value), np.asarray(chosen, np.int64), points)
        out[k] = ground.cover_of(points)
    return out


def _supply(source: DistrictInput, need: str) -> Supply:
    for supply in source.supplies:
        if supply.need.id == need:
            return supply
    raise BadSettingError(f"모르는 필요: {need}", f"{', '.join(s.need.id for s in source.supplies)} 중 하나")
