"""Buildings, address points and areas: where people may live, and what filters."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.model import Bools, Geometries
from layers.importing.errors import BadOptionError, ColumnNeededError
from layers.importing.evidence import Evidence
from layers.importing.identity import coordinate_text, row_keys
from layers.importing.job import (
    Job,
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
from layers.importing.shown import shown_rows
from layers.importing.sieve import Sieve, sift
from layers.importing.synonyms import looks_placed, plain_areas
from layers.importing.text import collapse, each_text, filled, matches, numbers, plain, to_series
from layers.tables import ADDRESS_POINT, AREA, BUILDING, Batch

# 건축법 시행령 별표 1 (용도별 건축물의 종류): uses in which people live, whatever else stands in the name, and
# uses in which nobody does. 근린생활시설 is lived in where the register counts households in it.
_LIVED_IN = re.compile("주택|아파트|빌라|오피스텔|기숙사|고시원|다가구|다세대|연립|주거|하숙")
_NOT_LIVED_IN = re.compile(
    "근린생활|업무|사무|공장|창고|판매|상가|점포|교육|학교|연구|종교|교회|사찰|문화|집회|운동|체육|의료|병원|숙박|위락|"
    "운수|자동차|주차|위험물|주유|동물|식물|축사|분뇨|쓰레기|자원순환|교정|군사|국방|방송|통신|발전|묘지|장례|관광|휴게|"
    "공공|관공서|수련|노유자|가설|화장실|변전"
)


def buildings(job: Job) -> Product:
    """Make the rows of the ``building`` table, from polygons."""
    sieve, places, geometry = _polygons(job)
    rows, flagged, dates = _common(job, sieve, geometry, BUILDING)
    mask = pa.array(sieve.kept)
    count = numbers(job.columns.get("households")).astype(float)[sieve.kept]
    rows["households"] = np.where(count >= 0, count, np.nan)
    rows["floors"] = numbers(job.columns.get("floors"))[sieve.kept]
    rows["lived_in"] = matches(job.columns.get("use").filter(mask), lived_in) | (count > 0)
    return _product(job, "building", rows[[*BUILDING, "geometry"]].astype(BUILDING), sieve, places, flagged, dates)


def address_points(job: Job) -> Product:
    """Make the rows of the ``address_point`` table: shops, entrances; points only."""
    if not looks_placed(job.columns):
        raise ColumnNeededError(f"{job.raw.file}: 좌표나 주소 열을 찾을 수 없습니다", "--column lat=… lon=…을 주십시오")
    sieve = sift(job.raw, job.columns, job.form)
    places = place(job.columns, job.options.crs, job.form.crs if job.form else "", Evidence.of(job))
    sieve.reject(places.impossible, "impossible_coordinates")
    geometry = to_points(places.geometry)
    rows, flagged, dates = _common(job, sieve, geometry, ADDRESS_POINT)
    rows["kind"] = job.form.kind if job.form and job.form.kind else "entrance"
    rows["open_24h"] = bool(job.form and job.form.open_24h)
    return _product(
        job, "address_point", rows[[*ADDRESS_POINT, "geometry"]].astype(ADDRESS_POINT), sieve, places, flagged, dates
    )


def areas(job: Job) -> Product:
    """Make the rows of the ``area`` table: each row's kind by its own column, else by ``--layer``."""
    known = plain_areas({area.id: area.name for area in job.catalog.areas.values()})
    asked = (job.form.kind if job.form else "") or (job.target if job.target in job.catalog.areas else "")
    if job.columns.has("kind"):
        kinds = each_text(job.columns.get("kind"), lambda text: known.get(plain(text), asked))
    elif not asked:
        raise BadOptionError(f"{job.raw.file}: 어떤 구역인지 알 수 없습니다", "--layer safe_zone 처럼 구역을 주십시오")
    else:
        kinds = pa.repeat(pa.scalar(asked, pa.string()), len(job.raw))
    sieve, places, geometry = _polygons(job, filled(kinds))
    rows, flagged, dates = _common(job, sieve, geometry, AREA)
    rows["kind"] = to_series(kinds.filter(pa.array(sieve.kept)))
    product = _product(job, "area", rows[[*AREA, "geometry"]].astype(AREA), sieve, places, flagged, dates)
    single = set(rows["kind"])
    product.layer = single.pop() if len(single) == 1 else "area"
    return product


def lived_in(use: str) -> bool:
    """Say whether people may live in a building of this use; True where the use is not known."""
    return bool(_LIVED_IN.search(use)) or not _NOT_LIVED_IN.search(use)


def _polygons(job: Job, readable: Bools | None = None) -> tuple[Sieve, Places, Geometries]:
    if job.raw.geometry is None and not job.columns.has("wkt"):
        raise ColumnNeededError(f"{job.raw.file}: 면(폴리곤)이 없는 파일입니다", "GeoJSON이나 Shapefile을 주십시오")
    sieve = sift(job.raw, job.columns, job.form)
    places = place(job.columns, job.options.crs, job.form.crs if job.form else "", Evidence.of(job))
    if readable is not None:
        sieve.reject(~readable, "unreadable")
    sieve.reject(places.impossible, "impossible_coordinates")
    flat = shapely.get_dimensions(places.geometry) == 2
    geometry = np.full(len(flat), None, object)
    geometry[flat] = polygons_only(places.geometry[flat])
    sieve.reject(missing(geometry), "unreadable")
    return sieve, places, geometry


def _common(
    job: Job, sieve: Sieve, geometry: Geometries, wanted: dict[str, str]
) -> tuple[pd.DataFrame, dict[str, int], pa.Array]:
    """Locate the rows and make the columns these tables share."""
    located = locate(geometry, sieve, job.boundaries, job.catalog.method.near_m)
    kept, mask = sieve.kept, pa.array(sieve.kept)
    declared = declared_districts(job.columns, job.boundaries).filter(mask)
    district, other = settle_district(declared, job.boundaries.codes_at(located.dong[kept])[1])
    centre = shapely.centroid(geometry[kept])
    texts = {role: collapse(job.columns.get(role).filter(mask)) for role in ("name", "road_address", "lot_address")}
    position = [coordinate_text(shapely.get_x(centre)), coordinate_text(shapely.get_y(centre))]
    date, ahead = data_dates(job)
    dates = date.filter(mask)
    source_id = job.columns.get("source_id").filter(mask)
    content = [*texts.values(), *position]
    scopes = pc.if_else(pc.equal(district, ""), scope_of(district, job.raw.file), "")
    place_of = pc.if_else(pc.equal(district, ""), scopes, district)
    frame = pd.DataFrame(
        {
            "key": row_keys(job.dataset, place_of, source_id, content, lambda: job.raw.whole_rows().filter(mask)),
            "dataset": job.dataset,
            "district": to_series(district),
            "data_date": to_series(dates),
            "scope": to_series(scopes),
        }
    )
    for role, text in texts.items():
        if role in wanted:
            frame[role] = to_series(text)
    frame["geometry"] = geometry[kept]
    _, flagged = join_flags({"other_district": other, "odd_date": ahead[kept]}, len(frame))
    if located.near.any():
        flagged["outside_near"] = int(located.near.sum())
    return frame, flagged, dates


def _product(
    job: Job, table: str, rows: pd.DataFrame, sieve: Sieve, places: Places, flagged: dict[str, int], dates: pa.Array
) -> Product:
    found = pa.array(rows["district"], pa.string())
    return Product(
        Batch(table, job.dataset, districts_of(found, job), rows, job.options.mode, scope_of(found, job.raw.file)),
        sieve,
        table,
        crs=places.crs,
        crs_score=places.crs_score,
        unlocated=int(rows["geometry"].isna().sum()),
        data_date=newest(dates),
        repaired=places.repaired,
        flagged=flagged,
        shown=shown_rows(
            sieve, places.geometry, pd.Series("", index=rows.index, dtype="str"), np.zeros(len(rows), bool)
        ),
    )
