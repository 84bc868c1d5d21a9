"""A plan counted again, by code that shares nothing with the solver, before anything is published.

The chosen facilities are added to the district's own, and its covers are computed afresh as for the gap table: rasters,
means over cells, the combination. The solver's pairs, merging and sums play no part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from geo.coverage import cover_of_cells, cover_raster
from geo.discs import Reach
from geo.district import Cover, cover_of_district
from geo.frame import Frame, make_frame
from geo.kernels import FULL
from geo.model import DistrictInput, Floats, Ints, Settings, Supply
from geo.siting.model import RecountError

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Recount:
    """Scores, sum(households x combined cover), and households gained by need, never added across needs.

    ``frame``, ``covers`` before and after: what was counted, by cell.
    """

    before: float
    after: float
    gained: Mapping[str, float]
    frame: Frame
    covers: tuple[Cover, Cover]

    def by_dong(self, need: str, dong: int) -> tuple[float, float, float, float]:
        """Return households, share covered before and after, and households whose cover falls, of a dong."""
        here = (self.frame.cells.dong == dong) & (self.frame.households > 0)
        households = self.frame.households[here]
        total = float(households.sum())
        if total <= 0:
            return 0.0, float("nan"), float("nan"), 0.0
        before, after = (cover.by_need[need][here] for cover in self.covers)
        lost = float(households @ np.maximum(before - after, 0.0))
        return total, float(households @ before / total), float(households @ after / total), lost


def recount(source: DistrictInput, settings: Settings, added: Mapping[str, tuple[Floats, Floats]]) -> Recount:
    """Return what the gap table finds with new point facilities: x and y by need id."""
    supplies = tuple(_with(s, *added[s.need.id]) if s.need.id in added else s for s in source.supplies)
    return recount_change(source, replace(source, supplies=supplies), settings)


def recount_change(source: DistrictInput, later: DistrictInput, settings: Settings) -> Recount:
    """Return what the gap table finds for a district before and after its facilities change."""
    frame = make_frame(source, settings)
    held = frame.households > 0
    households = frame.households[held]
    before = cover_of_district(source, frame, settings)
    after = cover_of_district(later, frame, settings)
    gained = {need: float(households @ (after.by_need[need] - before.by_need[need])[held]) for need in before.by_need}
    first, last = (float(households @ cover.combined[held]) for cover in (before, after))
    return Recount(first, last, gained, frame, (before, after))


def times_reached(source: DistrictInput, settings: Settings, need: str, least_cover: float) -> tuple[Frame, Ints]:
    """Return how many places reach each pixel of the district with at least ``least_cover``, a raster.

    Facilities on one point are one place; a zone is one. Places so far apart that their discs cannot meet are stamped
    together, so that every raster shows single places.
    """
    frame = make_frame(source, settings)
    supply = next(s for s in source.supplies if s.need.id == need)
    reach, least = reach_of(supply, settings), np.ceil(least_cover * FULL)
    count = np.zeros(frame.grid.raster_shape, np.int64)
    xy = np.unique(np.column_stack([supply.x, supply.y]), axis=0)
    for part in _apart(xy, 2 * reach.none_m + 4 * frame.grid.pixel_m):
        count += cover_raster(frame.grid, reach, part[:, 0], part[:, 1]) >= least
    for zone, cap in zip(supply.zones, supply.zone_cap, strict=True):
        none = np.empty(0)
        count += cover_raster(frame.grid, reach, none, none, np.array([zone]), np.array([cap])) >= least
    return frame, count


def cell_covers(source: DistrictInput, settings: Settings, need: str, x: Floats, y: Floats) -> tuple[Frame, Floats]:
    """Return the cover of every cell by each of some point facilities alone, float64 (facilities, cells)."""
    frame = make_frame(source, settings)
    reach = reach_of(next(s for s in source.supplies if s.need.id == need), settings)
    rows = [
        cover_of_cells(frame.grid, reach, np.array([px]), np.array([py]), frame.mask)[frame.cells.cell]
        for px, py in zip(x, y, strict=True)
    ]
    return frame, np.array(rows).reshape(-1, frame.households.size)


def reach_of(supply: Supply, settings: Settings) -> Reach:
    """Return how far a need's facilities reach under the settings, metres."""
    return Reach(supply.need.full_m * settings.reach_factor, supply.need.none_m * settings.reach_factor)


def agree(claimed: float, recounted: float) -> None:
    """Refuse a plan whose score is not what the recount finds.

    Raises
    ------
    RecountError
        They differ by more than 1e-9 of the score.
    """
    if not abs(claimed - recounted) <= _TOLERANCE * max(abs(recounted), 1.0):
        raise RecountError(
            f"계획의 값 {claimed:.6f}이(가) 다시 센 값 {recounted:.6f}과 다릅니다",
            "계획을 내보내지 않았습니다. 알려 주십시오",
        )


def _apart(xy: Floats, distance_m: float) -> list[Floats]:
    """Return points in groups, in each of which all are farther apart than the distance."""
    near = cKDTree(xy).query_ball_point(xy, distance_m) if len(xy) else []
    group = np.full(len(xy), -1)
    for i, others in enumerate(near):
        taken = set(group[others].tolist())
        group[i] = next(g for g in range(len(xy) + 1) if g not in taken)
    return [xy[group == g] for g in range(int(group.max(initial=-1)) + 1)]


def _with(supply: Supply, x: Floats, y: Floats) -> Supply:
    return replace(supply, x=np.concatenate([supply.x, x]), y=np.concatenate([supply.y, y]))
