"""What is asked of a plan, and the order in which its sites are built. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.model import Places


@dataclass(frozen=True)
class Order:
    """What is to be bought of one layer. ``budget_krw`` and ``count`` None: no limit; one of them is needed.

    ``forced`` indexes the places. ``spacing_m`` keeps new sites apart. ``least`` and ``most``: so many a dong, by dong
    index; ``most_each`` holds for every dong. ``floor``: share covered that every dong must reach.
    """

    places: Places
    budget_krw: float | None = None
    count: int | None = None
    forced: tuple[int, ...] = ()
    spacing_m: float = 0.0
    least: Mapping[int, int] = field(default_factory=dict)
    most: Mapping[int, int] = field(default_factory=dict)
    most_each: int | None = None
    floor: float | None = None


@dataclass(frozen=True)
class Step:
    """One chosen site in order: index of the candidate, score and households gained after those before it."""

    site: int
    score: float
    gained: float
