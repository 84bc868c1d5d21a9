"""Households of a place inside a dong known by its total only: estimates, never shown as if they were counted.

Where a gap lies is known to 100 m, for it is the cover that is low there. How many live on it is not: the
dong's total, spread by area. Such figures are rounded to tens and marked 약 in every output (domain.md 3).
"""

import numpy as np

from geo.model import DemandKind, DistrictResult, GapArea
from maps.text import number

ABOUT = "약 "


def estimated(result: DistrictResult, gap: GapArea) -> bool:
    """Return whether a gap area's households are but its part of a dong's total, by area."""
    return bool((result.cells.demand_source[gap.cells] == DemandKind.DONG.value).any())


def any_estimated(result: DistrictResult) -> bool:
    """Return whether any dense cell's households are: so are then sums over gap cells."""
    return bool((result.cells.demand_source[result.cells.dense] == DemandKind.DONG.value).any())


def tens(value: float, *, guessed: bool = True) -> float:
    """Return an estimate to tens, one under ten to ones; a figure that is no estimate, and NaN, as it is."""
    if not guessed or np.isnan(value):
        return value
    return round(value, -1) if value >= 10 else float(round(value))


def households(value: float, *, guessed: bool, digits: int = 0) -> str:
    """Return ``1,234``, or of an estimate ``약 1,230``."""
    if not guessed or np.isnan(value):
        return number(value, digits)
    return f"{ABOUT}{number(tens(value))}" if round(value) else f"{ABOUT}1 미만"
