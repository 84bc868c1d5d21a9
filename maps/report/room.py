"""How much goes on the page: the map gives way to words; what still finds no room is counted, never cut unsaid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from maps.report.drawing import letters_mm

PAGE_MM = 276.8  # of an A4 page between its margins
WIDTH_MM = 186.0
MAP_LEAST_MM = 78.0
MAP_MOST_MM = 138.0
FEW_HEADINGS, FEW_LAYERS, FEW_SOURCE_LINES = 3, 4, 4  # what is kept of each where the page is too small for all
_SPARE_MM = 4.0  # letters are measured by their kind only
_APART_MM = 2.4
_PT = 25.4 / 72
_FULL = 0.93  # of a line: words are not broken
_NARROW = 0.3  # a space is so much of its size narrower than a letter


@dataclass(frozen=True)
class Words:
    """What a page has to say beside its figures.

    ``gaps``, ``needs``: rows of those tables. ``natural_mm``: height of the map at which the district fills it.
    """

    headings: Sequence[str]
    layers: Sequence[str] | None  # a line a layer of the plan, None without a plan
    sources: Sequence[str]
    assumptions: str
    gaps: int
    needs: int
    natural_mm: float


@dataclass(frozen=True)
class Room:
    """How high the map is, how many of each are said, and whether the lowest dong fit beside the map."""

    map_mm: float
    headings: int
    layers: int
    sources: int
    lowest: bool


def room_for(words: Words) -> Room:
    """Return what fits on one page: all of it where the map keeps :data:`MAP_LEAST_MM`, else less, sources first."""
    fewer = replace(words, sources=words.sources[: _within(words.sources, FEW_SOURCE_LINES)])
    fewer_layers = replace(fewer, layers=words.layers and words.layers[:FEW_LAYERS])
    least = replace(fewer_layers, headings=words.headings[:FEW_HEADINGS])
    kept = next((one for one in (words, fewer, fewer_layers) if _left(one) >= MAP_LEAST_MM), least)
    # A district wider than high gains nothing by a higher map, except where the tables beside it are higher.
    high = min(_left(kept), MAP_MOST_MM, max(words.natural_mm, 128.0))
    beside = _beside(kept.needs)
    return Room(
        max(high, MAP_LEAST_MM),
        len(kept.headings),
        len(kept.layers or ()),
        len(kept.sources),
        lowest=high + _LEGEND_MM >= beside + _LOWEST_MM,
    )


def lines(text: str, size_pt: float, width_mm: float) -> int:
    """Return about how many lines a text takes, at least one."""
    size = size_pt * _PT
    return max(1, math.ceil((letters_mm(text, size) - _NARROW * size * text.count(" ")) / (width_mm * _FULL)))


_LEGEND_MM = 8.2
_LOWEST_MM = 42.0  # six dong, their heading, and the space before


def _beside(needs: int) -> float:
    """Return how high the tables of needs and of thresholds are, one below the other."""
    return 4.3 + 7.4 * (needs + 1) + 3.0 + 24.0


def _left(words: Words) -> float:
    """Return the height that is left for the map."""
    header, figures, foot, count = 14.6, 13.1, 4.6, 5
    rest = header + figures + foot + _SPARE_MM + _LEGEND_MM
    if words.headings:
        rest += 2.4 + 7.6 * 1.35 * _PT * lines("　".join(words.headings), 7.6, WIDTH_MM - 5.0)
        count += 1
    rest += 9.5 + 5.1 * words.gaps
    if words.layers is not None:
        rest += 11.0 + 8.0 * 1.35 * _PT * sum(lines(one, 8.0, WIDTH_MM - 10.0) for one in words.layers)
        count += 1
    said = lines(words.assumptions, 6.9, WIDTH_MM) + lines(" · ".join(words.sources), 6.9, WIDTH_MM)
    rest += 1.2 + 6.9 * 1.35 * _PT * (said + 0.5)
    return PAGE_MM - rest - _APART_MM * count


def _within(sources: Sequence[str], most: int) -> int:
    """Return how many sources, from the first on, fit into so many lines with the words of how many are left out."""
    count = len(sources)
    while count > 1 and lines(" · ".join([*sources[:count], "그 밖 00건은 지도의 자료 상태에"]), 6.9, WIDTH_MM) > most:
        count -= 1
    return count
