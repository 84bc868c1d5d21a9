"""The national statistics grid (국토통계지도): counts by square, its name the 국가지점번호 of the corner."""

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geo.grid import BadGridNameError, parse_cell_name
from geo.model import Bools, Floats, Geometries, Ints
from layers.importing.boundaries import Boundaries
from layers.importing.errors import MeasureNeededError
from layers.importing.facility import data_dates
from layers.importing.job import Job, Product, newest
from layers.importing.place import place
from layers.importing.sieve import sift
from layers.importing.text import collapse, each, filled, numbers, to_series
from layers.tables import STAT_GRID, Batch

_COVERED_SHARE = 0.5  # of a district's area, from which a sheet speaks for it
_SIZES = (100, 250, 500, 1_000)


def stat_grid(job: Job) -> Product:
    """Make the rows of the ``stat_grid`` table.

    The corner and size come from the geometry (squares of 250 and 500 m have no 국가지점번호 of their own), else
    from the name. An empty value is 0: nobody, or suppressed.

    Raises
    ------
    MeasureNeededError
        Nothing says whether people or households are counted: it is not in the file.
    """
    if job.options.measure is None:
        raise MeasureNeededError(
            f"{job.raw.file}: 격자의 값(val)이 인구인지 가구인지 파일에 없습니다",
            "--measure population 또는 --measure households를 주십시오",
        )
    job.columns.need("gid", "value")
    sieve = sift(job.raw, job.columns, job.form)
    places = place(job.columns, job.options.crs)
    sieve.reject(places.impossible, "impossible_coordinates")
    names, named = _by_name(job.columns.get("gid"))
    x, y, size = _squares(places.geometry, names)
    value = numbers(job.columns.get("value"))
    written = filled(job.columns.get("value"))
    bad = (written & ~(value >= 0)) | (size == 0) | (~named & np.equal(places.geometry, None))
    sieve.reject(bad, "unreadable")
    centres = shapely.points(x + size / 2, y + size / 2)
    kept = sieve.kept
    dong = job.boundaries.locate(np.where(kept, centres, None))
    if kept.any() and (dong < 0).all():
        sieve.reject(kept, "outside")
        kept = sieve.kept
    districts = sheet_districts(dong[kept], size[kept], job.boundaries)
    dates = data_dates(job.columns).filter(pa.array(kept))
    rows = pd.DataFrame({
        "gid": to_series(job.columns.get("gid").filter(pa.array(kept))).map(_tight),
        "x": x[kept],
        "y": y[kept],
        "size_m": size[kept],
        "measure": job.options.measure,
        "value": np.where(written, value, 0.0)[kept],
        "district": districts,
        "data_date": to_series(dates),
        "dataset": f"{job.dataset}_{job.options.measure}",
    }).astype(STAT_GRID)
    spoken_for = tuple(sorted({*districts, *job.options.complete_for}))
    batch = Batch("stat_grid", f"{job.dataset}_{job.options.measure}", spoken_for, rows, job.options.mode)
    return Product(batch, sieve, "stat_grid", crs=places.crs, data_date=newest(dates))


def sheet_districts(dong: Ints, size_m: Ints, boundaries: Boundaries) -> list[str]:
    """Return the district each cell of a sheet is kept under.

    A sheet of one district also holds its margin; so a cell belongs to the district at its centre only where the
    sheet covers at least half of that district, and else to the one that holds most of the sheet's cells.

    Parameters
    ----------
    dong
        int64 (n,): index of the dong at each cell's centre, -1 outside.
    size_m
        int64 (n,): edge of each cell.

    Returns
    -------
    n district codes; '' for all where no cell lies in any dong.
    """
    at = np.array([*boundaries.district_of, ""], dtype=object)[dong]
    inside = at != ""
    if not inside.any():
        return [""] * len(at)
    covered = pd.Series(size_m[inside].astype(float) ** 2).groupby(at[inside]).sum()
    whole = pd.Series(shapely.area(boundaries.geometry)).groupby(np.array(boundaries.district_of, dtype=object)).sum()
    share = covered / whole.loc[covered.index]
    own = set(share.index[share >= _COVERED_SHARE])
    main = covered.idxmax()
    return [district if district in own else main for district in at]


def _tight(gid: str) -> str:
    return "".join(gid.split())


def _by_name(gids: pa.Array) -> tuple[Floats, Bools]:
    """Return corner x, y and size (n, 3) of named cells, and where a name is one."""

    def corner(gid: str) -> tuple[float, float, float]:
        try:
            x, y, size = parse_cell_name(gid)
        except BadGridNameError:
            return np.nan, np.nan, np.nan
        return x, y, float(size)

    found, index = each(collapse(gids), corner)
    corners = np.array(found, float).reshape(-1, 3)[index]
    return corners, np.isfinite(corners[:, 0])


def _squares(geometry: Geometries, names: Floats) -> tuple[Floats, Floats, Ints]:
    """Return south-west corners and size; size 0 where a shape is no square of a known size."""
    west, south, east, north = shapely.bounds(geometry).T
    drawn = np.isfinite(west) & (shapely.get_dimensions(geometry) == 2)
    edge = np.where(drawn, (east - west + north - south) / 2, names[:, 2])
    size = np.zeros(len(geometry), np.int64)
    for known in _SIZES:
        size[np.abs(np.where(np.isfinite(edge), edge, 0) - known) < 0.01 * known] = known
    x = np.where(drawn, np.round(west), names[:, 0])
    y = np.where(drawn, np.round(south), names[:, 1])
    return x, y, size


