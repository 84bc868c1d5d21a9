"""What the analysis says of the ground round a proposal: households, and what reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.errors import BadSettingError
from geo.model import DistrictResult, Floats, Ints
from geo.proposals import Part, Proposal

COMBINED = "combined"
OF_CELLS = ("households", "uncovered", "cover")


@dataclass(frozen=True)
class Ground:
    """The cells of all districts looked at, m of them: centre (EPSG:5179), dong code, households.

    ``cover``: need id, and ``combined``, to float64 (m,), NaN without data.
    """

    x: Floats
    y: Floats
    dong: NDArray[np.object_]
    households: Floats
    cover: dict[str, Floats]

    @classmethod
    def of(cls, results: Sequence[DistrictResult]) -> "Ground":
        """Put the cells of several districts together; a need that one of them lacks is NaN there."""
        if not results:
            nothing = np.empty(0)
            return cls(nothing, nothing, np.empty(0, object), nothing, {})
        needs = dict.fromkeys(need for r in results for need in r.cells.cover_by_need)

        def joined(name: str) -> Floats:
            return np.concatenate([
                r.cells.cover if name == COMBINED else r.cells.cover_by_need.get(name, np.full(len(r.cells.x), np.nan))
                for r in results
            ])  # fmt: skip

        return cls(
            np.concatenate([r.cells.x for r in results]),
            np.concatenate([r.cells.y for r in results]),
            np.concatenate([np.array(r.source.dong_codes, object)[r.cells.dong] for r in results]),
            np.concatenate([r.cells.households for r in results]),
            {name: joined(name) for name in (*needs, COMBINED)},
        )

    def value(self, part: Part, proposals: Sequence[Proposal]) -> Floats:
        """Return what a part of :data:`OF_CELLS` comes to for each proposal.

        The cells of a proposal are those whose centre lies within ``part.within_m`` of its point, or all of its dong.
        ``households`` is their sum; ``cover`` their mean weighted by households (by cells where nobody lives);
        ``uncovered`` the sum of households x (1 - cover).

        Returns
        -------
        float64 (n,); NaN where it has no place, no cell, or a cell with households has no data for the need.

        Raises
        ------
        BadSettingError
            The need is not one of the analysis.
        """
        need = part.source or COMBINED
        if part.what != "households" and self.cover and need not in self.cover:
            raise BadSettingError(f"{part.name}: 모르는 필요입니다 ({need})", f"{', '.join(self.cover)} 중 하나")
        cover = self.cover.get(need, np.full(len(self.x), np.nan))
        found = np.full(len(proposals), np.nan)
        for i, cells in enumerate(self._cells(part.within_m, proposals)):
            if len(cells):
                found[i] = _value(part.what, self.households[cells], cover[cells])
        return found

    def _cells(self, within_m: float, proposals: Sequence[Proposal]) -> list[Ints]:
        tree = cKDTree(np.column_stack([self.x, self.y])) if len(self.x) else None
        of_dong = {code: np.flatnonzero(self.dong == code) for p in proposals for code in p.dongs}
        nothing = np.empty(0, np.int64)

        def cells(p: Proposal) -> Ints:
            if p.struck or p.x is None or p.y is None or tree is None:
                return nothing
            if p.of_dong:
                return np.concatenate([of_dong[code] for code in p.dongs])
            return np.array(sorted(tree.query_ball_point([p.x, p.y], within_m)), np.int64)

        return [cells(p) for p in proposals]


def _value(what: str, households: Floats, cover: Floats) -> float:
    lived = households > 0
    if what == "households":
        return float(households.sum())
    if np.isnan(cover[lived] if lived.any() else cover).any():
        return float("nan")
    if what == "uncovered":
        return float((households[lived] * (1.0 - cover[lived])).sum())
    return float(np.average(cover[lived], weights=households[lived]) if lived.any() else cover.mean())
