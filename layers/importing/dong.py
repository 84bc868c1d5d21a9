"""Boundaries of the 행정동: the file everything else is located by."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.model import Geometries
from layers.importing.errors import UnreadableFileError
from layers.importing.job import Job, Product
from layers.importing.place import place
from layers.importing.shapes import missing, polygons_only
from layers.importing.sieve import sift
from layers.importing.succession import ended_districts
from layers.importing.text import each_text, to_series
from layers.tables import DONG, Batch

DATASET = "dong_boundary"  # of whatever form: boundaries of one district may be there but once


def dong_boundaries(job: Job) -> Product:
    """Make the rows of the ``dong`` table; the parts of a dong that came as several rows are joined.

    They also replace stored districts that they cover under other codes.

    Raises
    ------
    UnreadableFileError
        No row has a polygon and its codes.
    BoundariesOverlapError
        See :func:`layers.importing.succession.ended_districts`.
    """
    job.columns.need("dong_code", "district_code", "district")
    sieve = sift(job.raw, job.columns, job.form)
    places = place(job.columns, job.options.crs)
    geometry = polygons_only(places.geometry)
    sieve.reject(places.impossible, "impossible_coordinates")
    code, district = job.columns.get("dong_code"), job.columns.get("district_code")
    named = pc.and_(pc.match_substring_regex(code, r"^\d{10}$"), pc.match_substring_regex(district, r"^\d{5}$"))
    sieve.reject(~np.asarray(named, dtype=bool) | missing(geometry), "unreadable")
    if not sieve.kept.any():
        raise UnreadableFileError(
            f"{job.raw.file}: 행정동 경계를 하나도 읽지 못했습니다",
            "adm_cd2(10자리)와 sgg(5자리)가 있는 면 파일인지 보십시오",
        )
    rows = _rows(job, pa.array(sieve.kept), geometry[sieve.kept])
    districts = tuple(sorted({*rows["district"], *ended_districts(job.boundaries, rows, job.raw.file)}))
    return Product(Batch("dong", DATASET, districts, rows, "replace"), sieve, "dong", crs=places.crs)


def _rows(job: Job, mask: pa.Array, geometry: Geometries) -> pd.DataFrame:
    def cells(role: str) -> pd.Series:
        return to_series(job.columns.get(role).filter(mask))

    frame = pd.DataFrame(
        {
            "dong": cells("dong_code"),
            "stat_dong": cells("stat_code"),
            "name": to_series(each_text(job.columns.get("name").filter(mask), _last_word)),
            "district": cells("district_code"),
            "district_name": cells("district"),
            "province": cells("province"),
            "dataset": DATASET,
        }
    )[[*DONG]].astype(DONG)
    frame["geometry"] = geometry
    return _joined(frame) if frame["dong"].duplicated().any() else frame


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Join the rows of one dong into one."""
    shapes = np.asarray(frame["geometry"], dtype=object)
    codes = frame["dong"].to_numpy()
    frame = frame.drop_duplicates("dong").reset_index(drop=True)
    unions = [shapely.union_all(shapes[codes == code]) for code in frame["dong"]]
    frame["geometry"] = polygons_only(np.array(unions, dtype=object))
    return frame


def _last_word(name: str) -> str:
    """Return 사직동 of 서울특별시 종로구 사직동."""
    return (name.split() or [""])[-1]
