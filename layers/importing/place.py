"""Coordinates, of whatever naming, to EPSG:5179 points; what cannot be one is told apart from what is missing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.crs import LONLAT, METRES, in_korea, transformer
from geo.model import Bools, Floats, Geometries
from layers.importing.axes import LAT, LON, are_metres, between, coordinates, is_nothing, put_right
from layers.importing.errors import CrsNeededError
from layers.importing.evidence import Evidence
from layers.importing.korean_crs import is_crs, is_geographic, settled_crs, short_name
from layers.importing.shapes import missing, only
from layers.importing.synonyms import Columns
from layers.importing.systems import System, system_of


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
    crs_score
        Share of the rows tried that it puts into the district they name; None where it was not in question.
    repaired
        What was mended, and how often.
    """

    geometry: Geometries
    missing: Bools
    impossible: Bools
    crs: str
    crs_score: float | None = None
    repaired: Mapping[str, int] = field(default_factory=dict)


def place(columns: Columns, asked_crs: str | None, form_crs: str = "", evidence: Evidence | None = None) -> Places:
    """Return where each row is, by its geometry, else latitude and longitude, else x and y, else WKT.

    Each row by the first of them that gives it a place: empty columns of degrees do not hide filled ones of metres.

    Parameters
    ----------
    asked_crs, form_crs
        System of projected coordinates: as the user says, which is never doubted; as the form says.
    evidence
        What the rows say of where they are, by which a system that nobody names is found, and swapped axes.

    Raises
    ------
    CrsNeededError
        Coordinates are metres of a system that neither the file, its form, its rows nor the user tell.
    """
    raw = columns.raw
    whole = Places(np.full(len(raw), None, object), np.ones(len(raw), bool), np.zeros(len(raw), bool), "")
    for source in _sources(columns, asked_crs, form_crs, evidence):
        rest = missing(whole.geometry)
        try:
            found = source(rest)
        except CrsNeededError:
            if not rest.all():
                continue  # the rows that have a place keep it
            raise
        whole = _filled_up(whole, found)
        if not missing(whole.geometry).any():
            break
    return whole


def _sources(
    columns: Columns, asked: str | None, own: str, evidence: Evidence | None
) -> Iterator[Callable[[Bools], Places]]:
    """Give what can place rows, the surest first; each is told which rows (bool (n,)) still need a place."""
    raw = columns.raw
    file = raw.file
    if raw.geometry is not None:
        geometry = raw.geometry
        yield lambda rest: _from_geometry(only(rest, geometry), raw.crs, asked, own, evidence, file)

    def by_numbers(x: pa.Array, y: pa.Array) -> Callable[[Bools], Places]:
        return lambda rest: _from_numbers(_rest(x, rest), _rest(y, rest), asked, own, evidence, file)

    for east, north in (("lon", "lat"), ("x", "y")):
        if columns.has(east) and columns.has(north):
            yield by_numbers(columns.get(east), columns.get(north))
    if columns.has("wkt"):
        texts = columns.get("wkt")
        yield lambda rest: _from_wkt(_rest(texts, rest), asked, own, evidence, file)


def _rest(cells: pa.Array, rest: Bools) -> pa.Array:
    return cells if rest.all() else pc.if_else(pa.array(rest), cells, "")


def _filled_up(places: Places, other: Places) -> Places:
    """Return the places with those of other columns where a row has none; such rows are ``other_columns``.

    A file's system is the one that most of its rows are placed by.
    """
    placed, gained = ~missing(places.geometry), ~missing(other.geometry)
    if not placed.any() and not places.impossible.any():
        return other
    geometry = places.geometry.copy()
    geometry[gained] = other.geometry[gained]
    absent = places.missing & other.missing
    repaired = Counter(places.repaired) + Counter(other.repaired)
    repaired["other_columns"] += int(gained.sum())
    main = places if placed.sum() >= gained.sum() else other
    return Places(
        geometry, absent, ~absent & missing(geometry), main.crs, main.crs_score,
        {kind: n for kind, n in repaired.items() if n},
    )  # fmt: skip


def _from_numbers(
    first: pa.Array, second: pa.Array, asked: str | None, own: str, evidence: Evidence | None, file: str
) -> Places:
    """Place rows by two columns, east (or longitude) first."""
    (x, mended_x), (y, mended_y) = coordinates(first), coordinates(second)
    absent = is_nothing(first) & is_nothing(second)
    mended = {kind: mended_x[kind] | mended_y[kind] for kind in mended_x}
    if are_metres(x, y):
        system = system_of(x, y, asked, own, evidence, file)
        x, y, swapped = system.to_metres(x, y)
        good = in_korea(x, y)
    else:
        system = System(LONLAT)
        x, y, swapped = put_right(x, y)
        good = between(x, LON) & between(y, LAT)
        x, y, good = _to_metres(x, y, good)
    geometry = np.full(len(x), None, object)
    geometry[good] = shapely.points(x[good], y[good])
    repaired = system.repaired | _counted({"swapped_axes": swapped, **mended}, good)
    return Places(geometry, absent, ~absent & ~good, short_name(system.crs), system.score, repaired)


def _to_metres(lon: Floats, lat: Floats, good: Bools) -> tuple[Floats, Floats, Bools]:
    x, y = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
    x[good], y[good] = transformer(LONLAT, METRES).transform(lon[good], lat[good])
    return x, y, good & in_korea(x, y)


def _from_wkt(texts: pa.Array, asked: str | None, own: str, evidence: Evidence | None, file: str) -> Places:
    absent = is_nothing(texts)
    bare = pc.replace_substring_regex(texts, r"^\s*(?i:SRID)\s*=\s*\d+\s*;", "")
    cells = bare.to_pandas().to_numpy(dtype=object, copy=True)
    cells[absent] = None
    geometry = np.asarray(shapely.from_wkt(cells, on_invalid="ignore"), dtype=object)
    places = _from_geometry(shapely.force_2d(geometry), LONLAT, asked, own, evidence, file)
    return Places(
        places.geometry, absent, ~absent & missing(places.geometry), places.crs, places.crs_score, places.repaired
    )


def _from_geometry(
    geometry: Geometries, own: str, asked: str | None, form: str, evidence: Evidence | None, file: str
) -> Places:
    absent = missing(geometry) | np.asarray(shapely.is_empty(geometry), dtype=bool)
    bounds = shapely.bounds(geometry)  # NaN where there is none
    middle_x, middle_y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    metres = are_metres(middle_x, middle_y)
    # GeoJSON says lon, lat whatever is in it.
    named = own if own and is_crs(own) and is_geographic(own) != metres else ""
    if metres:
        system = system_of(middle_x, middle_y, asked, named or form, evidence, file)
        *_, swapped = system.to_metres(middle_x, middle_y)
    else:
        system = System(settled_crs(named) if named else LONLAT)
        *_, swapped = put_right(middle_x, middle_y)
    found = np.full(len(geometry), None, object)
    for rows, turned in ((~absent & ~swapped, False), (~absent & swapped, True)):
        mover = system.mover(turned=turned)
        found[rows] = shapely.transform(geometry[rows], mover, interleaved=False)  # type: ignore[arg-type]
    west, south, east, north = shapely.bounds(found).T
    found[~(in_korea(west, south) & in_korea(east, north))] = None
    repaired = system.repaired | _counted({"swapped_axes": swapped}, ~missing(found))
    return Places(found, absent, ~absent & missing(found), short_name(system.crs), system.score, repaired)


def _counted(mended: Mapping[str, Bools], good: Bools) -> dict[str, int]:
    counts = {kind: int((rows & good).sum()) for kind, rows in mended.items()}
    return {kind: count for kind, count in counts.items() if count}
