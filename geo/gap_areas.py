"""Gap areas: gap cells joined into places one can visit (domain.md 4)."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.model import Bools, Floats, Ints

_SAME = 1e-9  # a cover this little under the threshold differs from it by rounding only
_HALF_NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (-1, 1))  # the other four are these seen from the other side


def below(cover: Floats | float, threshold: float) -> Bools:
    """Return where cover is below a threshold, as bool of the same shape; NaN (no data) is not below anything.

    A cover of exactly the threshold is not below it, also where sums and products of floats leave it a hair under.
    """
    return np.asarray(np.asarray(cover) < threshold - _SAME)


def gap_areas(column: Ints, row: Ints, dong: Ints, area_m2: Floats, max_ha: float) -> list[Ints]:
    """Join gap cells by their 8 neighbours within one dong and split what is over ``max_ha``.

    Parameters
    ----------
    column, row
        int64 (n,): place of each gap cell in the grid.
    dong
        int64 (n,): its dong. Cells of two dong are never joined.
    area_m2
        float64 (n,): its area inside the district.
    max_ha
        An area over this is cut across its longer extent, between the two rows or columns of cells that
        leave the halves most equal in area, and each half is joined anew; again until all fit. One cell
        is never cut.

    Returns
    -------
    Areas as ascending int64 arrays of positions in the input, in order of their first cell. Every cell is
    in exactly one area. Moving all cells by whole columns or rows changes nothing.
    """
    whole = _components(column, row, dong, np.arange(len(column)))
    areas: list[Ints] = []
    while whole:
        area = whole.pop()
        if len(area) == 1 or area_m2[area].sum() <= max_ha * 10_000 * (1 + 1e-9):
            areas.append(area)
            continue
        for half in _halves(column[area], row[area], area_m2[area]):
            whole.extend(_components(column, row, dong, area[half]))
    return sorted(areas, key=lambda area: int(area[0]))


def _components(column: Ints, row: Ints, dong: Ints, members: Ints) -> list[Ints]:
    if len(members) == 0:
        return []
    c, r, d = column[members], row[members], dong[members]
    width = int(c.max() - c.min()) + 3  # one spare column each side, so that rows do not touch
    place = (r - r.min()) * width + (c - c.min()) + 1
    order = np.argsort(place)
    pairs_from, pairs_to = [], []
    for dc, dr in _HALF_NEIGHBOURS:
        wanted = place + dr * width + dc
        slot = np.minimum(np.searchsorted(place, wanted, sorter=order), len(place) - 1)
        other = order[slot]
        joined = np.flatnonzero((place[other] == wanted) & (d[other] == d))
        pairs_from.append(joined)
        pairs_to.append(other[joined])
    i, j = np.concatenate(pairs_from), np.concatenate(pairs_to)
    _, label = connected_components(coo_array((np.ones(len(i)), (i, j)), shape=(len(place),) * 2), directed=False)
    by_label = np.argsort(label, kind="stable")
    parts = np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1)
    return [np.sort(members[part]) for part in parts]


def _halves(column: Ints, row: Ints, area_m2: Floats) -> tuple[Ints, Ints]:
    along = column if np.ptp(column) >= np.ptp(row) else row
    lines, back = np.unique(along, return_inverse=True)
    before = np.cumsum(np.bincount(back, area_m2))[:-1]
    cut = lines[int(np.argmin(np.abs(2 * before - area_m2.sum())))]
    return np.flatnonzero(along <= cut), np.flatnonzero(along > cut)
