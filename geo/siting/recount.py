"""A plan counted again, by code that shares nothing with the solver, before anything is published.

The chosen facilities are added to the district's own, and its covers are computed afresh as for the gap table: rasters,
means over cells, the combination. The solver's pairs, merging and sums play no part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from geo.district import cover_of_district
from geo.frame import make_frame
from geo.model import DistrictInput, Floats, Settings, Supply
from geo.siting.model import RecountError

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Recount:
    """Scores, sum(households x combined cover), and households gained by need, never added across needs."""

    before: float
    after: float
    gained: Mapping[str, float]


def recount(source: DistrictInput, settings: Settings, added: Mapping[str, tuple[Floats, Floats]]) -> Recount:
    """Return what the gap table finds with new facilities: x and y by need id."""
    frame = make_frame(source, settings)
    held = frame.households > 0
    households = frame.households[held]
    before = cover_of_district(source, frame, settings)
    supplies = tuple(_with(s, *added[s.need.id]) if s.need.id in added else s for s in source.supplies)
    after = cover_of_district(replace(source, supplies=supplies), frame, settings)
    gained = {need: float(households @ (after.by_need[need] - before.by_need[need])[held]) for need in before.by_need}
    return Recount(float(households @ before.combined[held]), float(households @ after.combined[held]), gained)


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


def _with(supply: Supply, x: Floats, y: Floats) -> Supply:
    return replace(supply, x=np.concatenate([supply.x, x]), y=np.concatenate([supply.y, y]))
