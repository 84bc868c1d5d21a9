"""Cells of coordinates as numbers: decimal commas, degrees with minutes, axes the wrong way round."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo.model import Bools, Floats
from layers.importing.text import numbers

LON = (124.0, 132.0)  # 대한민국, a little generous
LAT = (33.0, 39.0)
DEGREES_END = 360.0

_NOTHING = pa.array(["", "-", "nan", "null", "none", "n/a", "#n/a", "na", "없음", "미상"])
_MINUTES = (
    r"^[NE북동]?\s*(?P<d>\d{1,3})\s*[°º˚도:]\s*(?P<m>\d{1,2}(?:\.\d+)?)\s*['′‘’`분:]?"
    r"\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[\"″“”초]|''|′′)?)?\s*[NE]?$"
)
# What stands round a number of degrees: N37.48, 북위 37.48, 126.91°, 126.91 E. Korea has no south and west: no number.
_ROUND_DEGREES = r"^(?:[NE]|북위|동경|위도|경도)\s*[:.]?\s*|\s*(?:[°º˚도]\s*)?[NE]?$"
_COMMA_OF_METRES = r"^\s*[+-]?\d{4,8},\d+\s*$"  # four digits before the first comma: it does not part thousands
_COMMA_OF_DEGREES = r"^\s*(3[2-9]|12[3-9]|13[0-2]),\d+\s*$"


def is_nothing(values: pa.Array) -> Bools:
    """Return bool (n,): the cell says that there is no coordinate (blank, '-', NaN, NULL …)."""
    return np.asarray(pc.is_in(pc.utf8_lower(values), _NOTHING), dtype=bool)


def coordinates(values: pa.Array) -> tuple[Floats, dict[str, Bools]]:
    """Parse a column of coordinates.

    Returns
    -------
    float64 (n,), NaN where a cell is none; and by kind of mending, bool (n,) where it was needed:
    ``degree_signs`` (N37.566512, 37.566512°), ``decimal_comma`` (37,566512), ``degrees_minutes``
    (37°33'59.4"), ``blanks_in_number``.
    """
    found = numbers(values)
    commas = _decimal_commas(values)
    if commas.any():
        pointed = pc.replace_substring(values.filter(pa.array(commas)), ",", ".")
        found[commas] = numbers(pointed)
    signs, minutes = np.zeros(len(values), bool), np.zeros(len(values), bool)
    # A time-like 37:33:59 is read too: nothing else stands in a column of coordinates.
    for mended, read in ((signs, _without_signs), (minutes, _degrees_minutes)):
        rest = np.flatnonzero(~np.isfinite(found))
        if len(rest):
            rest = rest[~is_nothing(values.take(pa.array(rest)))]
        if len(rest):
            found[rest] = read(values.take(pa.array(rest)))
            mended[rest] = np.isfinite(found[rest])
    blanks = np.asarray(pc.match_substring(values, " "), dtype=bool) & np.isfinite(found) & ~minutes & ~signs
    mends = {"degree_signs": signs, "decimal_comma": commas, "degrees_minutes": minutes, "blanks_in_number": blanks}
    return found, mends


def put_right(x: Floats, y: Floats) -> tuple[Floats, Floats, Bools]:
    """Return longitude, latitude and bool (n,) where they stood the wrong way round: in Korea no number is both."""
    swapped = between(x, LAT) & between(y, LON)
    return np.where(swapped, y, x), np.where(swapped, x, y), swapped


def are_metres(x: Floats, y: Floats) -> bool:
    """Say whether the coordinates, as a whole, are metres: one stray number does not make them so."""
    known = np.isfinite(x) & np.isfinite(y)
    return bool(known.any()) and bool(np.median(np.minimum(np.abs(x[known]), np.abs(y[known]))) > DEGREES_END)


def between(values: Floats, limits: tuple[float, float]) -> Bools:
    """Return bool (n,): the value lies within the limits; False for NaN."""
    return np.asarray((values >= limits[0]) & (values <= limits[1]))


def _decimal_commas(values: pa.Array) -> Bools:
    """Return where a comma stands for the decimal point, not between thousands."""
    if not pc.any(pc.match_substring(values, ",")).as_py():
        return np.zeros(len(values), bool)
    commas = pc.match_substring(values, ",")
    metres = pc.match_substring_regex(values, _COMMA_OF_METRES)
    degrees = pc.match_substring_regex(values, _COMMA_OF_DEGREES)
    # 127,082 alone may be 127,082 m; a whole column of such is degrees where one has not three digits behind.
    whole = pc.all(pc.if_else(commas, degrees, True)).as_py()
    sure = pc.any(pc.and_(degrees, pc.invert(pc.match_substring_regex(values, r",\d{3}\s*$")))).as_py()
    return np.asarray(pc.or_(metres, degrees) if whole and sure else metres, dtype=bool)


def _without_signs(values: pa.Array) -> Floats:
    return numbers(pc.replace_substring_regex(pc.utf8_trim_whitespace(values), _ROUND_DEGREES, ""))


def _degrees_minutes(values: pa.Array) -> Floats:
    parts = pc.extract_regex(values, _MINUTES)
    degrees, minutes, seconds = (numbers(pc.struct_field(parts, name).fill_null("")) for name in ("d", "m", "s"))
    seconds = np.where(np.isfinite(seconds), seconds, 0.0)
    good = (minutes < 60) & (seconds < 60)
    return np.where(good, degrees + minutes / 60 + seconds / 3600, np.nan)
