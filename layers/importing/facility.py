"""Rows of a facility layer: points, and zones known by polygon or by dong text."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.model import Bools, Geometries
from layers.catalog import LayerSpec
from layers.hours import hours_from_columns, to_opening_hours
from layers.importing.attributes import attributes
from layers.importing.errors import ColumnNeededError
from layers.importing.evidence import Evidence
from layers.importing.identity import centres, coordinate_text, row_keys
from layers.importing.job import (
    Job,
    Located,
    Product,
    data_dates,
    declared_districts,
    districts_of,
    join_flags,
    locate,
    newest,
    scope_of,
    settle_district,
)
from layers.importing.place import Places, place
from layers.importing.shapes import missing, polygons_only, to_points
from layers.importing.shown import shown_rows, unlocated_rows
from layers.importing.sieve import sift
from layers.importing.synonyms import Columns, looks_placed
from layers.importing.text import SEPARATOR, collapse, each, each_text, empty_text, filled, join, to_series
from layers.importing.values import KNOWN_PURPOSES, counts, dates, purpose
from layers.importing.zones import zones_of_text
from layers.tables import FACILITY, Batch

# What the table's own columns keep; every other column goes to the attributes.
_KEPT_ELSEWHERE = (
    "name", "source_id", "road_address", "lot_address", "lat", "lon", "x", "y", "wkt", "province", "district",
    "district_code", "count", "installed", "data_date", "data_year", "data_month", "hours", "hours_from",
    "hours_to", "weekday_from", "weekday_to", "saturday_from", "saturday_to", "holiday_from", "holiday_to",
)  # fmt: skip


def facilities(job: Job) -> Product:
    """Make the rows of a facility layer.

    Raises
    ------
    ColumnNeededError
        The file has neither coordinates nor an address.
    CrsNeededError
        See :func:`layers.importing.place.place`.
    """
    spec = job.catalog.layers[job.target]
    columns = job.columns
    if not looks_placed(columns) and not columns.has("district"):
        raise ColumnNeededError(
            f"{job.raw.file}: 좌표나 주소 열을 찾을 수 없습니다 (열: {', '.join(job.raw.header[:12])})",
            '--column lat="열 이름" --column lon="열 이름"을 주십시오',
        )
    sieve = sift(job.raw, columns, job.form)
    places = place(columns, job.options.crs, job.form.crs if job.form else "", Evidence.of(job))
    sieve.reject(places.impossible, "impossible_coordinates")
    declared = declared_districts(columns, job.boundaries)
    geometry, approximate, misfit = _shapes(spec, columns, places, declared, job)
    located = locate(geometry, sieve, job.boundaries, job.catalog.method.near_m)
    rows, scope, flagged = _rows(job, spec, sieve.kept, declared, geometry, located, approximate, misfit)
    districts = districts_of(pa.array(rows["district"], pa.string()), job)
    return Product(
        Batch(spec.id, job.dataset, districts, rows, job.options.mode, scope),
        sieve,
        spec.id,
        crs=places.crs,
        crs_score=places.crs_score,
        unlocated=int(rows["geometry"].isna().sum()),
        devices=int(rows["devices"].sum()),
        data_date=newest(pa.array(rows["data_date"], pa.string())),
        repaired=places.repaired,
        flagged=flagged,
        shown=pd.concat(
            [
                shown_rows(sieve, places.geometry, rows["flags"], rows["near"].to_numpy(bool)),
                unlocated_rows(sieve, rows),
            ],
            ignore_index=True,
        ),
    )


def _shapes(
    spec: LayerSpec, columns: Columns, places: Places, declared: pa.Array, job: Job
) -> tuple[Geometries, Bools, Bools]:
    """Return the geometry the layer takes, where it is approximate, and where the file's did not fit the layer."""
    geometry = places.geometry.copy()
    n = len(geometry)
    approximate, misfit = np.zeros(n, bool), np.zeros(n, bool)
    dimension = shapely.get_dimensions(geometry)
    if spec.geometry == "point":
        points = to_points(geometry)
        misfit = (dimension > 0) | (missing(points) & ~missing(geometry))
        return points, approximate, misfit
    area = dimension == 2
    misfit = ~area & (dimension >= 0)
    geometry[misfit] = None
    geometry[area] = polygons_only(geometry[area])
    if columns.has("dong_name"):
        by_text = zones_of_text(declared, columns.get("dong_name"), job.boundaries)
        approximate = missing(geometry) & ~missing(by_text)
        geometry[approximate] = by_text[approximate]
    return geometry, approximate, misfit


def _rows(
    job: Job,
    spec: LayerSpec,
    kept: Bools,
    declared: pa.Array,
    geometry: Geometries,
    located: Located,
    approximate: Bools,
    misfit: Bools,
) -> tuple[pd.DataFrame, str, dict[str, int]]:
    """Return the table's rows, the scope of those of no district, and how often each flag is set."""
    mask = pa.array(kept)
    dongs, lies_in = job.boundaries.codes_at(located.dong[kept])
    district, other = settle_district(declared.filter(mask), lies_in)
    devices, bad_count = counts(job.columns.get("count").filter(mask))
    date, ahead = (part.filter(mask) for part in map(pa.array, data_dates(job)))
    purposes, counting, unknown = _purposes(spec, job.columns.get("purpose").filter(mask))
    opening, unread = _hours(job.columns, mask)
    flags = {
        "other_district": other,
        "unknown_purpose": unknown,
        "bad_count": bad_count,
        "no_devices": devices == 0,
        "odd_date": np.asarray(ahead, dtype=bool),
        "unread_hours": unread,
        "wrong_geometry": misfit[kept],
    }
    flag_text, flagged = join_flags(flags, len(devices))
    if located.near.any():
        flagged["outside_near"] = int(located.near.sum())
    scope = scope_of(district, job.raw.file)
    names = _named(job, mask, district, scope, geometry[kept])
    frame = pd.DataFrame({
        **names,
        "district": to_series(district),
        "dong": dongs,
        "devices": devices,
        "status": "installed",
        "installed": to_series(dates(job.columns.get("installed").filter(mask))),
        "data_date": to_series(date),
        "hours": to_series(opening),
        "purpose": to_series(purposes),
        "counts": counting & (devices > 0),
        "near": located.near[kept],
        "approximate": approximate[kept],
        "flags": to_series(flag_text),
        "attributes": to_series(_attributes(job, mask, unread, date)),
    })[list(FACILITY)].astype(FACILITY)  # fmt: skip
    frame["geometry"] = geometry[kept]
    return frame, scope, flagged


def _named(job: Job, mask: pa.Array, district: pa.Array, scope: str, geometry: Geometries) -> dict[str, Any]:
    """Return the columns that say which facility a row is: its key, dataset, id, name, addresses and scope."""

    def cells(role: str) -> pa.Array:
        return job.columns.get(role).filter(mask)

    name, road, lot = (collapse(cells(role)) for role in ("name", "road_address", "lot_address"))
    if not job.columns.has("name"):
        name = collapse(cells("dong_name"))
    x, y = centres(geometry)
    nowhere = pc.equal(district, "")
    scopes = pc.if_else(nowhere, scope, "")
    return {
        "key": row_keys(
            job.dataset, pc.if_else(nowhere, scopes, district), cells("source_id"),
            [name, road, lot, coordinate_text(x), coordinate_text(y)], lambda: job.raw.whole_rows().filter(mask),
        ),
        "dataset": job.dataset,
        "source_id": to_series(cells("source_id")),
        "name": to_series(name),
        "road_address": to_series(road),
        "lot_address": to_series(lot),
        "scope": to_series(scopes),
    }  # fmt: skip


def _purposes(spec: LayerSpec, cells: pa.Array) -> tuple[pa.Array, Bools, Bools]:
    """Return the normalised purpose, whether the row counts, and whether its purpose is not known.

    A file without a column of purposes says of none what it is for.
    """
    n = len(cells)
    if not spec.counting_purposes:
        return empty_text(n), np.ones(n, bool), np.zeros(n, bool)
    found = each_text(cells, purpose)
    known = pa.array(sorted(KNOWN_PURPOSES.union(spec.counting_purposes)))
    unknown = ~np.asarray(pc.is_in(found, known), dtype=bool)
    counting = np.asarray(pc.is_in(found, pa.array(spec.counting_purposes)), dtype=bool)
    return found, counting | unknown, unknown


def _hours(columns: Columns, mask: pa.Array) -> tuple[pa.Array, Bools]:
    """Return the hours in opening_hours syntax, '' unknown, and where a cell has hours that could not be read."""

    def cells(role: str) -> pa.Array:
        return columns.get(role).filter(mask)

    n = len(cells("hours"))
    said = np.zeros(n, bool)
    found = empty_text(n)
    if columns.has("hours"):
        said = filled(cells("hours"))
        found = each_text(cells("hours"), to_opening_hours)
    elif columns.has("hours_from") and columns.has("hours_to"):
        both = pc.and_(pc.not_equal(cells("hours_from"), ""), pc.not_equal(cells("hours_to"), ""))
        spans = pc.if_else(both, join([cells("hours_from"), cells("hours_to")], "~"), "")
        said, found = filled(spans), each_text(spans, to_opening_hours)
    elif columns.has("weekday_from"):
        parts = join([cells(f"{day}_{end}") for day in ("weekday", "saturday", "holiday") for end in ("from", "to")])
        texts, index = each(parts, _hours_of_days)
        found = pa.array(texts, pa.string()).take(pa.array(index))
        said = np.asarray(pc.match_substring_regex(parts, r"\d"), dtype=bool)
    return found, said & ~filled(found)


def _hours_of_days(joined: str) -> str:
    a, b, c, d, e, f = joined.split(SEPARATOR)
    return hours_from_columns(weekday=(a, b), saturday=(c, d), holiday=(e, f))


def _attributes(job: Job, mask: pa.Array, unread_hours: Bools, data_date: pa.Array) -> pa.Array:
    """Return the columns kept nowhere else, and the cells of hours and dates that could not be read."""
    columns = job.columns
    taken = {columns.index[role] for role in _KEPT_ELSEWHERE if columns.has(role)}
    labels = [name for i, name in enumerate(job.raw.header) if i not in taken]
    cells = [column.filter(mask) for i, column in enumerate(job.raw.columns) if i not in taken]
    hour_roles = [r for r in _KEPT_ELSEWHERE if columns.has(r) and ("hours" in r or r.endswith(("_from", "_to")))]
    for role in hour_roles if unread_hours.any() else ():
        labels.append(columns.title(role))
        cells.append(pc.if_else(pa.array(unread_hours), columns.get(role).filter(mask), ""))
    for role, read in (("installed", dates(columns.get("installed").filter(mask))), ("data_date", data_date)):
        if columns.has(role):
            labels.append(columns.title(role))
            cells.append(pc.if_else(pc.equal(read, ""), columns.get(role).filter(mask), ""))
    return attributes(labels, cells, int(pc.sum(mask).as_py() or 0))
