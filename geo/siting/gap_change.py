"""What a plan does for the gap areas: counted on the cells each had, and ranked as the gap table would find them."""

import numpy as np

from geo.district import Cover, areas_of, dense_cells, main_source
from geo.errors import BadSettingError
from geo.frame import Frame
from geo.grid import cell_names
from geo.model import Bools, DistrictInput, Ints, Settings
from geo.plans import GapChange
from geo.summary import share_covered

_LEAST = 0.05  # households: less is not shown by any output


def dense_of(frame: Frame, settings: Settings) -> Bools:
    """Return the dense cells, none where the settings cannot be used on these households."""
    try:
        return dense_cells(frame, main_source(frame), settings)[0]
    except BadSettingError:
        return np.zeros(frame.households.size, bool)


def gap_changes(
    source: DistrictInput, frame: Frame, dense: Bools, covers: tuple[Cover, Cover], settings: Settings
) -> tuple[GapChange, ...]:
    """Return the gap areas whose uncovered households a plan changes, by rank.

    ``covers``: of the n cells before and after, under the settings of the gap table. () for several districts together:
    ranks are of one.
    """
    if source.parts:
        return ()
    before, after = covers
    areas = areas_of(frame, dense, before, settings)
    later = np.zeros(frame.households.size, np.int64)  # the rank of the area that a cell is in, 0 for none
    for rank, area in enumerate(areas_of(frame, dense, after, settings), 1):
        later[area] = rank
    found = (_changed(source, frame, area, (before, after), later, rank) for rank, area in enumerate(areas, 1))
    return tuple(one for one in found if abs(one.uncovered_before - one.uncovered_after) >= _LEAST)


def _changed(
    source: DistrictInput, frame: Frame, area: Ints, covers: tuple[Cover, Cover], later: Ints, rank: int
) -> GapChange:
    h = frame.households[area]
    uncovered = [float(h @ (1 - cover.combined[area])) for cover in covers]
    shares = {
        need: (share_covered(h, covers[0].by_need[need][area]), share_covered(h, covers[1].by_need[need][area]))
        for need in covers[0].by_need
    }
    left = later[area][later[area] > 0]
    x, y = (np.array([np.average(axis[area], weights=h)]) for axis in (frame.x, frame.y))
    dong = int(frame.cells.dong[area[0]])
    return GapChange(
        rank=rank, rank_after=int(left.min()) if left.size else None,
        dong=source.dong_codes[dong], dong_name=source.dong_names[dong], grid_id=cell_names(x, y)[0],
        households=float(h.sum()), uncovered_before=uncovered[0], uncovered_after=uncovered[1],
        cover_before=share_covered(h, covers[0].combined[area]), cover_after=share_covered(h, covers[1].combined[area]),
        cells=int(area.size), cells_left=int(left.size),
        needs={need: (old, new) for need, (old, new) in shares.items() if abs(new - old) > 1e-9},
    )  # fmt: skip
