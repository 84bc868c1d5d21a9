"""The plane systems Korean files are in, and recognising one that a .prj describes without naming it."""

from functools import cache

from pyproj import CRS
from pyproj.exceptions import CRSError

# Tried where nothing says which (the likeliest first), and asked for where the rows do not tell either.
CANDIDATES = ("EPSG:5179", "EPSG:5186", "EPSG:5181", "EPSG:5174", "EPSG:2097", "EPSG:5187", "EPSG:3857")

# Transverse Mercator systems of the Bessel ellipsoid (Korean 1985) and of GRS80 (KGD2002).
_TM = (5174, 5173, 5175, 5176, 5177, 5178, 2097, 2096, 2098, *range(5179, 5189))
_PARAMETERS = (
    "Latitude of natural origin",
    "Longitude of natural origin",
    "Scale factor at natural origin",
    "False easting",
    "False northing",
)
_DIGITS = 4  # of a degree or metre: 127.0029 and 127 are two systems, 127.00289 and 127.002890277778 one


def settled_crs(crs: str) -> str:
    """Return ``EPSG:…`` for a system that is one of the Korean ones under another or no name; else it as it is.

    A Bessel TM without an authority has lost its datum shift: taken as it is written, it would put every row some
    300 m off. With the EPSG code comes the published shift (Korean 1985 to KGD2002, accuracy 1 m). The central
    meridian tells EPSG:5174 (127°00'10.405") from EPSG:2097 (127°), which lie 255 m apart. A system that brings a
    shift of its own keeps it.

    Raises
    ------
    CRSError
        It is no system at all.
    """
    found = CRS.from_user_input(crs)
    code = found.to_epsg()
    if code:
        return f"EPSG:{code}"
    if found.is_bound or not found.is_projected:
        return crs
    code = _known().get(_signature(found))
    return f"EPSG:{code}" if code else crs


def is_geographic(crs: str) -> bool:
    """Say whether a system is of degrees. Raises CRSError where it is none."""
    return CRS.from_user_input(crs).is_geographic


def is_crs(crs: str) -> bool:
    """Say whether a text names a system at all."""
    try:
        CRS.from_user_input(crs)
    except CRSError:
        return False
    return True


def short_name(crs: str) -> str:
    """Return the system for a report: its code, or what it is called."""
    return crs if len(crs) < 40 else f"사용자 정의 ({CRS.from_user_input(crs).name})"


@cache
def _known() -> dict[tuple[object, ...], int]:
    # The first of equal ones stays.
    return {_signature(CRS.from_epsg(code)): code for code in reversed(_TM)}


def _signature(crs: CRS) -> tuple[object, ...]:
    """Return what makes a TM system: the family of its ellipsoid (WGS84 is GRS80 to 0.1 mm) and its parameters."""
    ellipsoid, projection = crs.ellipsoid, crs.coordinate_operation
    if ellipsoid is None or projection is None or projection.method_name != "Transverse Mercator":
        return ("other", crs.name)
    values = {p.name: round(float(p.value), _DIGITS) for p in projection.params}
    return (round(ellipsoid.semi_major_metre), *(values.get(name) for name in _PARAMETERS))
