"""The date of data: oldest ~ newest of what takes part, known to the day, the month or only the year.

The one rule behind every output (``docs/outputs.md``, The date of data). A date is ISO text: ``2022-12-05``,
``2022-12``, ``2022``. It may be any day that it can mean: of 2022-12 and 2022-12-05 the oldest and the newest are
2022-12, so that the two are one month and no range.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from geo.model import DistrictInput

Dates = tuple[str, str]  # oldest and newest, ISO text; '' where none is known
_AFTER = "~"  # sorts behind '-' and digits: what is known to the month may be the month's last day


def date_range(days: Iterable[str]) -> Dates:
    """Return the oldest and the newest of dates; '' among them are none. ('', '') where there is none."""
    known = {day for day in days if day}
    return (min(known), max(known, key=_latest)) if known else ("", "")


def joined(ranges: Iterable[Dates]) -> Dates:
    """Return the range of ranges, each (oldest, newest); a '' says nothing."""
    return date_range(day for pair in ranges for day in pair)


def undated(ranges: Mapping[str, Dates]) -> tuple[str, ...]:
    """Return the names of what has no known date, in the order of the alphabet."""
    return tuple(sorted(name for name, pair in ranges.items() if not any(pair)))


def spoken(day: str) -> str:
    """Return a date as Korean readers write it: ``2025. 6. 30.``, ``2022. 12.``, ``2022년``; other text as it is."""
    parts = day.split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() for part in parts) or len(parts[0]) != 4:
        return day
    return " ".join(f"{int(part)}." for part in parts) if len(parts) > 1 else f"{day}년"


def _latest(day: str) -> str:
    return day + _AFTER


def judged_dates(source: DistrictInput, needs: Collection[str]) -> Mapping[str, Dates]:
    """Return what of ``source.data_dates`` the judgement of needs rests on.

    That is the boundaries, the households, what they are spread over, and the layers that supply one of the needs:
    a layer of no need, or of needs that take no part, has a date of its own and none in the district's.
    """
    idle = {layer.layer for layer in source.layers if not set(layer.supplies) & set(needs)}
    return {name: pair for name, pair in source.data_dates.items() if name not in idle}


def apart(dates: Dates, months: int) -> bool:
    """Say whether oldest and newest are over so many months apart, each by its first day; of no date, False."""
    try:
        a, b = (date.fromisoformat(f"{text}-01-01"[:10]) for text in dates)
    except ValueError:  # '', or a text put into a store by hand
        return False
    return ((b.year - a.year) * 12 + b.month - a.month, b.day) > (months, a.day)
