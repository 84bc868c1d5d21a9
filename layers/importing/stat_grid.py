"""The national statistics grid (국토통계지도): counts by square, its name the 국가지점번호 of the corner."""

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geo.grid import BadGridNameError, parse_cell_name
from geo.model import Bools, Floats, Geometries, Ints
from layers.importing.errors import MeasureNeededError
from layers.importing.job import Job, Product, data_dates, newest
from layers.importing.place import place
from layers.importing.shapes import missing
from layers.importing.sieve import sift
from layers.importing.text import collapse, each, filled, numbers, to_series
from layers.tables import STAT_GRID, Batch

_SIZES = (100, 250, 500, 1_000)


def stat_grid(job: Job) -> Product:
    """Make the rows of the ``stat_grid`` table.

    The corner and size come from the geometry (squares of 250 and 500 m have no 국가지점번호 of their own), else
    from the name. An empty value is 0: nobody, or suppressed. A cell stands once.

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
    bad = (written & ~(value >= 0)) | (size == 0) | (~named & missing(places.geometry))
    sieve.reject(bad, "unreadable")
    gid = to_series(job.columns.get("gid")).map(_tight)
    value = np.where(written, value, 0.0)
    repeated, torn = _repeated(gid, size, value, sieve.kept)
    sieve.reject(repeated, "duplicate")
    kept = sieve.kept
    dates = data_dates(job)[0].filter(pa.array(kept))
    rows = pd.DataFrame(
        {
            "gid": gid[kept].reset_index(drop=True),
            "x": x[kept],
            "y": y[kept],
            "size_m": size[kept],
            "measure": job.options.measure,
            "value": value[kept],
            "data_date": to_series(dates),
            "dataset": f"{job.dataset}_{job.options.measure}",
        }
    ).astype(STAT_GRID)
    batch = Batch("stat_grid", f"{job.dataset}_{job.options.measure}", None, rows, job.options.mode)
    flagged = {"repeated_cell": torn} if torn else {}
    return Product(batch, sieve, "stat_grid", crs=places.crs, data_date=newest(dates), flagged=flagged)


def _repeated(gid: "pd.Series[str]", size: Ints, value: Floats, kept: Bools) -> tuple[Bools, int]:
    """Return the rows of cells that stand in the file again, and how many cells are counted differently.

    The largest count stays, whatever the order: in sheets that were joined a cell is empty in its neighbour's margin.
    """
    cells = pd.DataFrame({"gid": gid, "size": size, "value": value})[kept]
    cells = cells.sort_values("value", ascending=False, kind="stable")
    again = cells.index[cells.duplicated(["gid", "size"])]
    found = np.zeros(len(kept), bool)
    found[again] = True
    counts = cells[cells["value"] > 0].groupby(["gid", "size"])["value"].nunique()
    return found, int((counts > 1).sum())


def kept_over_empty(stored: pd.DataFrame, rows: pd.DataFrame) -> int:
    """Return how many cells that are empty in a file keep the count that is stored (:func:`merge_cells`)."""
    identity = ["gid", "size_m"]
    counted = pd.MultiIndex.from_frame(stored.loc[stored["value"] > 0, identity])
    empty_cells = pd.MultiIndex.from_frame(rows.loc[rows["value"] == 0, identity].drop_duplicates())
    return int(empty_cells.isin(counted).sum())


def merge_cells(stored: pd.DataFrame, rows: pd.DataFrame, *, force: bool) -> tuple[pd.DataFrame, bool]:
    """Put a file's cells beside those of the neighbouring files of the same grid.

    Each district's file also holds its margin, empty there; so an empty cell takes nothing away that another file
    counted, unless forced.

    Parameters
    ----------
    stored, rows
        ``stat_grid`` tables of one dataset; the stored cells and the file's.

    Returns
    -------
    The rows to write, and whether they replace all of the dataset (else they are added to it).
    """
    identity = ["gid", "size_m"]
    fresh = rows.drop_duplicates(identity)
    old = stored.set_index(identity)["value"]
    before = old.reindex(pd.MultiIndex.from_frame(fresh[identity])).to_numpy()
    new = np.isnan(before)
    changed = ~new & (before != fresh["value"].to_numpy()) & ((fresh["value"].to_numpy() > 0) | force)
    if not changed.any():
        return fresh[new], False
    replaced = pd.MultiIndex.from_frame(stored[identity]).isin(pd.MultiIndex.from_frame(fresh[changed][identity]))
    return pd.concat([stored[~replaced], fresh[new | changed]], ignore_index=True), True


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
