"""How firmly a gap holds its rank when what is not known exactly is drawn at random (domain.md 4, stability)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.combine import combine
from geo.coverage import cover_of_cells
from geo.demand import DongCells
from geo.discs import Reach
from geo.district import cell_squares, dense_cells, main_source, takes_part
from geo.errors import BadSettingError
from geo.frame import Frame, make_frame
from geo.gap_areas import below
from geo.model import Bools, DemandKind, DistrictResult, Floats, GapArea, Ints, Settings, Supply

REACH = 0.3
# In steps of 5 %: the discs of a reach are drawn once and kept, which is most of a draw's time.
REACHES = np.linspace(1 - REACH, 1 + REACH, 13)
WEIGHT = 0.5
THRESHOLD = (0.3, 0.7)
ROUNDING_M = 5.0  # four decimals of a degree, as cameras are published
HOLDS = 0.6  # under this share of draws a rank is unstable (불안정)
MOST_DRAWS = 10_000
# Dirichlet: mean 1 a cell where only totals are known, 40 where a finer source places people.
_KNOWN = {DemandKind.DONG.value: 1.0, DemandKind.ADDRESS.value: 1.0}
_KNOWN_FINE = 40.0


@dataclass(frozen=True)
class _Ground:
    """A frame made once for all draws: quarters of the gap areas' cells, distances to unknown land."""

    frame: Frame
    quarters: Ints  # cell of each quarter, int64 (4 q,); -1 outside the district
    area: Ints  # gap area of each quarter
    unknown_m: Mapping[str, Floats]


def with_stability(
    result: DistrictResult, *, draws: int = 200, seed: int = 0, progress: Callable[[int], None] | None = None
) -> DistrictResult:
    """Return the result with each gap area's ``stability``: the share of draws in which its rank holds.

    A draw varies reach (+-30 %, in steps of 5 %), weights (+-50 %, renormalised), households inside their dong
    (Dirichlet), the threshold (0.3 to 0.7), the grid's origin (0 or 50 m) and the last digit of coordinates
    (+-5 m). The areas are ranked anew by the uncovered households that gap cells of the draw hold on their
    ground. Rank r holds where at least half of the ground is still gap and the new rank is at most
    r + max(2, r / 2).

    Parameters
    ----------
    draws
        1 to 10,000.
    seed
        Same seed, same result.
    progress
        Called with the number of draws done.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise BadSettingError(f"추출 횟수는 1에서 {MOST_DRAWS:,} 사이여야 합니다: {draws}", "예: --stability 200")
    if not result.gaps:
        return result
    rng = np.random.default_rng(seed)
    grounds = [_ground(result, shift) for shift in (0.0, 50.0)]
    holds = np.zeros(len(result.gaps))
    for done in range(1, draws + 1):
        holds += _draw(result, grounds[int(rng.integers(2))], rng)
        if progress is not None:
            progress(done)
    gaps = tuple(replace(gap, stability=float(h / draws)) for gap, h in zip(result.gaps, holds, strict=True))
    return replace(result, gaps=gaps)


def _ground(result: DistrictResult, shift_m: float) -> _Ground:
    frame = make_frame(result.source, replace(result.settings, grid_shift_m=result.settings.grid_shift_m + shift_m))
    base = result.cells
    cells = np.concatenate([gap.cells for gap in result.gaps])
    area = np.repeat(np.arange(len(result.gaps)), [len(gap.cells) for gap in result.gaps])
    quarter = frame.grid.cell_m / 4
    x = (base.x[cells][:, None] + np.array([-quarter, quarter, -quarter, quarter])).ravel()
    y = (base.y[cells][:, None] + np.array([-quarter, -quarter, quarter, quarter])).ravel()
    squares = cell_squares(frame)
    unknown = {
        s.need.id: shapely.distance(s.unknown_beyond, squares)
        for s in result.source.supplies
        if s.unknown_beyond is not None and takes_part(s, result.settings)
    }
    return _Ground(frame, _position(frame.cells, frame.grid.cell_index(x, y)), np.repeat(area, 4), unknown)


def _position(cells: DongCells, flat: Ints) -> Ints:
    slot = np.minimum(np.searchsorted(cells.cell, flat), len(cells.cell) - 1)
    return np.where(cells.cell[slot] == flat, slot, -1)


def _draw(result: DistrictResult, ground: _Ground, rng: np.random.Generator) -> Bools:
    """Return which gap areas hold their rank in one draw, bool (gaps,)."""
    factor = result.settings.reach_factor * float(rng.choice(REACHES))
    part = [s for s in result.source.supplies if takes_part(s, result.settings)]
    households = drawn_households(ground.frame, rng)
    dense, _ = dense_cells(replace(ground.frame, households=households), main_source(ground.frame), result.settings)
    cover = combine(
        np.vstack([_cover(s, ground.frame, factor, rng) for s in part]),
        drawn_weights(part, result.settings, rng),
        result.settings.combine,
    )
    known = np.ones(len(cover), dtype=bool)
    for supply in part:
        if supply.need.id in ground.unknown_m:
            known &= ground.unknown_m[supply.need.id] > supply.need.none_m * factor
    gap = dense & known & below(cover, rng.uniform(*THRESHOLD))
    inside = ground.quarters >= 0
    at, area, n = ground.quarters[inside], ground.area[inside], len(result.gaps)
    still = np.bincount(area, gap[at], n) / np.maximum(np.bincount(area, minlength=n), 1)
    score: Floats = np.asarray(np.bincount(area, (gap * households * (1 - cover))[at], n), float)
    return (still >= 0.5) & (_ranks(score) <= _worst_allowed(result.gaps))


def _ranks(score: Floats) -> Ints:
    return np.asarray(1 + (score[None, :] > score[:, None]).sum(axis=1))


def _worst_allowed(gaps: Sequence[GapArea]) -> Floats:
    rank = np.array([gap.rank for gap in gaps], dtype=float)
    return rank + np.maximum(2.0, rank / 2)


def drawn_households(frame: Frame, rng: np.random.Generator) -> Floats:
    """Draw the households inside each dong, its total kept (a Dirichlet draw is gammas over their sum)."""
    dong, n = frame.cells.dong, int(frame.cells.dong.max()) + 1
    held, count = np.bincount(dong, frame.households, n), np.bincount(dong, frame.households > 0, n)
    known = np.vectorize(lambda source: _KNOWN.get(source, _KNOWN_FINE), otypes=[float])(frame.demand_source)
    share = np.divide(frame.households, held[dong], out=np.zeros(len(dong)), where=held[dong] > 0)
    drawn = rng.gamma(share * count[dong] * known)
    total = np.bincount(dong, drawn, n)[dong]
    return np.asarray(np.divide(drawn * held[dong], total, out=np.zeros(len(dong)), where=total > 0))


def drawn_weights(part: Sequence[Supply], settings: Settings, rng: np.random.Generator) -> list[float]:
    """Draw the weights of needs, +-50 %, their sum kept."""
    weights = np.array([settings.weights.get(s.need.id, s.need.weight) for s in part])
    drawn = weights * rng.uniform(1 - WEIGHT, 1 + WEIGHT, len(part))
    if drawn.sum() > 0:
        drawn *= weights.sum() / drawn.sum()
    return [min(float(w), 1.0) for w in drawn]


def _cover(supply: Supply, frame: Frame, factor: float, rng: np.random.Generator) -> Floats:
    reach = Reach(supply.need.full_m * factor, supply.need.none_m * factor)
    x = supply.x + rng.uniform(-ROUNDING_M, ROUNDING_M, len(supply.x))
    y = supply.y + rng.uniform(-ROUNDING_M, ROUNDING_M, len(supply.y))
    covered = cover_of_cells(frame.grid, reach, x, y, mask=frame.mask, zones=supply.zones, zone_cap=supply.zone_cap)
    return np.asarray(covered[frame.cells.cell])
