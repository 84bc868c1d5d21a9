"""Coordinates, of whatever naming, to EPSG:5179 points; what cannot be one is told apart from what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.crs import LONLAT, METRES, transformer
from geo.model import Bools, Floats, Geometries
from layers.importing.errors import CrsNeededError
from layers.importing.shapes import missing
from layers.importing.synonyms import Columns
from layers.importing.text import numbers

_LON = (124.0, 132.0)  # 대한민국, a little generous
_LAT = (33.0, 39.0)
_X = (500_000.0, 1_600_000.0)  # the same in EPSG:5179, as geo.crs has it
_Y = (1_100_000.0, 2_400_000.0)
_DEGREES_END = 360.0


@dataclass(frozen=True)
class Places:
    """Where the rows are.

    Attributes
    ----------
    geometry
        Object array (n,), EPSG:5179; None where missing or impossible.
    missing, impossible
        bool (n,): no coordinates at all; coordinates that are none (0, letters, another continent).
    crs
        System the coordinates were in, '' where there are none.
    repaired
        What was mended, and how often.
    """

    geometry: Geometries
    missing: Bools
    impossible: Bools
    crs: str
    repaired: Mapping[str, int] = field(default_factory=dict)


def place(columns: Columns, asked_crs: str | None, form_crs: str = "") -> Places:
    """Return where each row is, by its geometry, else latitude and longitude, else x and y, else WKT.

    Raises
    ------
    CrsNeededError
        Coordinates are metres of a system that neither the file, nor its form, nor the user names.
    """
    file = columns.raw.file
    if columns.raw.geometry is not None:
        return _from_geometry(columns.raw.geometry, columns.raw.crs, asked_crs or form_crs, file)
    if columns.has("lat") and columns.has("lon"):
        return _from_numbers(columns.get("lon"), columns.get("lat"), asked_crs or form_crs, file)
    if columns.has("x") and columns.has("y"):
        return _from_numbers(columns.get("x"), columns.get("y"), asked_crs or form_crs, file)
    if columns.has("wkt"):
        return _from_wkt(columns.get("wkt"), asked_crs or form_crs, file)
    n = len(columns.raw)
    return Places(np.full(n, None, object), np.ones(n, bool), np.zeros(n, bool), "")


def _from_numbers(first: pa.Array, second: pa.Array, crs: str, file: str) -> Places:
    """Place rows by two columns, east (or longitude) first."""
    x, y = numbers(first), numbers(second)
    nothing = pa.array(["", "-"])
    absent = np.asarray(pc.and_(pc.is_in(first, nothing), pc.is_in(second, nothing)), dtype=bool)
    if _are_metres(x, y):
        crs = _need_crs(crs, file)
        geometry = _points(x, y, np.isfinite(x) & np.isfinite(y), crs)
        return Places(geometry, absent, ~absent & missing(geometry), _short(crs))
    swapped = _between(x, _LAT) & _between(y, _LON)
    x, y = np.where(swapped, y, x), np.where(swapped, x, y)
    good = _between(x, _LON) & _between(y, _LAT)
    blanks = np.asarray(pc.or_(pc.match_substring(first, " "), pc.match_substring(second, " ")), dtype=bool)
    mended = {"swapped_axes": int((swapped & good).sum()), "blanks_in_number": int((blanks & good).sum())}
    repaired = {name: count for name, count in mended.items() if count}
    return Places(_points(x, y, good, LONLAT), absent, ~absent & ~good, LONLAT, repaired)


def _from_wkt(texts: pa.Array, crs: str, file: str) -> Places:
    cells = texts.to_pandas().to_numpy(dtype=object, copy=True)
    cells[cells == ""] = None
    geometry = np.asarray(shapely.from_wkt(cells, on_invalid="ignore"), dtype=object)
    places = _from_geometry(geometry, LONLAT, crs, file)
    absent = np.asarray(pc.equal(texts, ""), dtype=bool)
    return Places(places.geometry, absent, ~absent & missing(places.geometry), places.crs)


def _from_geometry(geometry: Geometries, own: str, asked: str, file: str) -> Places:
    absent = missing(geometry) | np.asarray(shapely.is_empty(geometry), dtype=bool)
    present = geometry[~absent]
    bounds = shapely.bounds(present)
    metres = bool(bounds.size) and _are_metres(bounds[:, 0], bounds[:, 1])
    try:
        geographic = CRS.from_user_input(own).is_geographic if own else not metres
    except CRSError:
        geographic, own = not metres, ""
    crs = own or LONLAT
    if metres and (geographic or not own):  # GeoJSON says lon, lat whatever is in it
        crs = _need_crs(asked, file)
    moved = shapely.transform(present, transformer(crs, METRES).transform, interleaved=False)  # type: ignore[arg-type]
    moved[~_in_korea(moved)] = None
    found = np.full(len(geometry), None, object)
    found[~absent] = moved
    return Places(found, absent, ~absent & missing(found), _short(crs))


def _points(x: Floats, y: Floats, good: Bools, crs: str) -> Geometries:
    """Return EPSG:5179 points of the good rows; None elsewhere, and where the result is not in Korea."""
    found = np.full(len(x), None, object)
    moved_x, moved_y = transformer(crs, METRES).transform(x[good], y[good])
    inside = _between(np.asarray(moved_x), _X) & _between(np.asarray(moved_y), _Y)
    found[np.flatnonzero(good)[inside]] = shapely.points(moved_x[inside], moved_y[inside])
    return found


def _are_metres(x: Floats, y: Floats) -> bool:
    """Say whether the coordinates, as a whole, are metres: one stray number does not make them so."""
    known = np.isfinite(x) & np.isfinite(y)
    return bool(known.any()) and bool(np.median(np.minimum(np.abs(x[known]), np.abs(y[known]))) > _DEGREES_END)


def _in_korea(geometry: Geometries) -> Bools:
    west, south, east, north = shapely.bounds(geometry).T if len(geometry) else np.empty((4, 0))
    return np.asarray((west >= _X[0]) & (east <= _X[1]) & (south >= _Y[0]) & (north <= _Y[1]))


def _between(values: Floats, limits: tuple[float, float]) -> Bools:
    return np.asarray((values >= limits[0]) & (values <= limits[1]))


def _need_crs(crs: str, file: str) -> str:
    if not crs:
        raise CrsNeededError(
            f"{file}: 좌표가 미터인데 좌표계를 알 수 없습니다",
            "--crs EPSG:5186 처럼 좌표계를 주십시오 (5179, 5186, 5181, 5174, 2097, 5187)",
        )
    return crs


def _short(crs: str) -> str:
    code = CRS.from_user_input(crs).to_epsg() if not crs.upper().startswith("EPSG:") else None
    return f"EPSG:{code}" if code else (crs if len(crs) < 40 else "사용자 정의")
