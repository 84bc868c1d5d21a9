"""What households are spread over, from the tables of a snapshot (domain.md 3)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from geo.grid import CELL_M
from geo.model import DemandKind, Floats, Ints, Units, Weights
from layers.snapshot import Snapshot
from layers.tables import ImportRecord
from layers.who import Who, of_who

# A sheet of the statistics grid reaches a little over its district's border. It speaks for a district
# only where nearly every dong has a populated cell.
_COVERED_SHARE = 0.9
_PIECE_M = 50  # divides 100, 250 and 500 m cells
_FEWEST_PLACES = 10  # below this a dong's few shops or buildings say nothing about where people live


def units_of(households: pd.DataFrame, dong: pd.DataFrame, who: Who) -> Units:
    """Return the source units that touch the district's dong, with the households of ``who``.

    ``dong`` is the district's part of the dong table, index 0..d-1. A unit with dong in another district
    too keeps only the part that falls here, by the number of its dong.
    """
    index = {code: i for i, code in enumerate(dong["dong"])}
    touching = [text for text in households["dongs"].unique() if any(code in index for code in text.split(";"))]
    rows = households[households["dongs"].isin(touching)]
    rows = rows[of_who(rows, who)] if not who.everybody and len(rows) else rows
    grouped = rows.groupby(["unit", "dongs"], sort=True)["households"].sum()
    totals, dong_of = [], []
    for (_, text), total in zip(grouped.index.tolist(), grouped.tolist(), strict=True):
        codes = str(text).split(";")
        here = tuple(index[code] for code in codes if code in index)
        totals.append(total * len(here) / len(codes))
        dong_of.append(here)
    return Units(np.array(totals, dtype=float), tuple(dong_of))


def weights_of(snapshot: Snapshot, dong: pd.DataFrame) -> tuple[Weights, ...]:
    """Return the places households may be spread over, those that hold anything here."""
    found = (_buildings(snapshot, dong), _population(snapshot, dong), _addresses(snapshot, dong))
    return tuple(weights for weights in found if weights is not None)


def one_dataset(
    households: pd.DataFrame, dong: pd.DataFrame, imports: Sequence[ImportRecord]
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Return the household rows of one dataset: two count the same people twice.

    The one that holds most of the district's dong; of several the one of the newest data, then the last imported.

    Returns
    -------
    Its rows, its id, and the ids of the others that hold some of the district.
    """
    codes = set(dong["dong"])
    held: dict[str, set[str]] = {}
    for dataset, text in households[["dataset", "dongs"]].drop_duplicates().itertuples(index=False):
        held.setdefault(dataset, set()).update(codes.intersection(text.split(";")))
    here = {dataset: len(found) for dataset, found in held.items() if found}
    if len(here) < 2:
        return households, next(iter(here), ""), ()
    newest = households.groupby("dataset")["data_date"].max()
    order = {record.dataset: position for position, record in enumerate(imports)}
    best = max(here, key=lambda dataset: (here[dataset], newest[dataset], order.get(dataset, -1)))
    return households[households["dataset"] == best], best, tuple(sorted(here.keys() - {best}))


def counted_places(snapshot: Snapshot, dong: pd.DataFrame, everybody: Units, chosen: Units) -> Weights | None:
    """Return a household grid's counts; None where none is loaded.

    A grid knows neither sex nor age. Where only some people are asked for, each dong's cells count the share of them
    among ``everybody`` of the household table there, the district's where the table has nobody in the dong.
    """
    grid = _grid(snapshot, dong, "households")
    if grid is None or chosen is everybody:
        return grid
    asked, of_all = _by_dong(chosen, len(dong)), _by_dong(everybody, len(dong))
    overall = asked.sum() / of_all.sum() if of_all.sum() else 0.0
    share = np.divide(asked, of_all, out=np.full(len(dong), overall), where=of_all > 0)
    where = _dong_of_cell(grid.x, grid.y, dong)
    return replace(grid, weight=grid.weight * np.where(where >= 0, share[where], overall))


def _by_dong(units: Units, n: int) -> Floats:
    """Return the households of each dong, float64 (n,); a unit of several dong is shared evenly."""
    found = np.zeros(n)
    for total, dong_of in zip(units.households.tolist(), units.dong_of, strict=True):
        found[list(dong_of)] += total / len(dong_of)
    return found


def _population(snapshot: Snapshot, dong: pd.DataFrame) -> Weights | None:
    return _grid(snapshot, dong, "population") or _grid(snapshot, dong, "households")


def _grid(snapshot: Snapshot, dong: pd.DataFrame, measure: str) -> Weights | None:
    cells = snapshot.tables["stat_grid"]
    cells = cells[(cells["measure"] == measure) & (cells["value"] > 0)]
    if len(cells) == 0:
        return None
    cells = cells[cells["size_m"] == cells["size_m"].min()]  # two sizes count the same people twice
    x, y, value = _pieces(cells)
    per_dong = _count_of_cells(x, y, dong)
    if (per_dong > 0).mean() < _COVERED_SHARE:
        return None
    return Weights(DemandKind.GRID, x, y, value, per_dong > 0)


def _pieces(cells: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Cut cells into pieces of 50 m, each with its share, so that a shifted grid shares them rightly."""
    size = cells["size_m"].to_numpy()
    n = np.maximum(size // _PIECE_M, 1)
    per_cell = n * n
    which = np.repeat(np.arange(len(cells)), per_cell)
    within = np.arange(per_cell.sum()) - np.repeat(np.cumsum(per_cell) - per_cell, per_cell)
    step = (size / n)[which]
    x = cells["x"].to_numpy()[which] + (within % n[which] + 0.5) * step
    y = cells["y"].to_numpy()[which] + (within // n[which] + 0.5) * step
    return x, y, (cells["value"].to_numpy() / per_cell)[which]


def _buildings(snapshot: Snapshot, dong: pd.DataFrame) -> Weights | None:
    rows = snapshot.tables["building"]
    rows = rows[rows["lived_in"].to_numpy(dtype=bool)]
    if len(rows) == 0:
        return None
    geometry = rows["geometry"].to_numpy()
    centre = shapely.point_on_surface(geometry)
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    floor_area = shapely.area(geometry) * rows["floors"].fillna(1.0).clip(lower=1.0).to_numpy()
    known = rows["households"].to_numpy()
    # Households of the register where it has them for every dwelling, else floor area: never a mixture.
    weight = known if not np.isnan(known).any() and known.sum() > 0 else floor_area
    speaks = _count_in(x, y, dong) >= _FEWEST_PLACES
    return Weights(DemandKind.BUILDING, x, y, weight, speaks) if speaks.any() else None


def _addresses(snapshot: Snapshot, dong: pd.DataFrame) -> Weights | None:
    rows = snapshot.tables["address_point"]
    geometry = rows["geometry"].to_numpy()
    geometry = geometry[~pd.isna(geometry)]
    if len(geometry) == 0:
        return None
    x, y = shapely.get_x(geometry), shapely.get_y(geometry)
    speaks = _count_in(x, y, dong) >= _FEWEST_PLACES
    return Weights(DemandKind.ADDRESS, x, y, np.ones(len(x)), speaks) if speaks.any() else None


def _dong_of_cell(x: Floats, y: Floats, dong: pd.DataFrame) -> Ints:
    """Return the dong that the cell of each place belongs to, by the cell's centre; int64 (n,), -1 for none here."""
    centre = [np.floor(values / CELL_M) * CELL_M + CELL_M / 2 for values in (x, y)]
    points, index = np.unique(np.column_stack(centre), axis=0, return_inverse=True)
    found = np.full(len(points), -1, np.int64)
    tree = shapely.STRtree(dong["geometry"].to_numpy())
    point, which = tree.query(shapely.points(points), predicate="intersects")
    found[point[::-1]] = which[::-1]
    return found[index.reshape(-1)]


def _count_of_cells(x: Floats, y: Floats, dong: pd.DataFrame) -> Floats:
    """Return how many places lie in cells of each dong; of a dong too small for a cell's centre, in itself."""
    where = _dong_of_cell(x, y, dong)
    count = np.bincount(where[where >= 0], minlength=len(dong)).astype(float)
    small = shapely.area(dong["geometry"].to_numpy()) < CELL_M**2
    return np.where((count == 0) & small, _count_in(x, y, dong), count)


def _count_in(x: Floats, y: Floats, dong: pd.DataFrame) -> Floats:
    tree = shapely.STRtree(dong["geometry"].to_numpy())
    _, which = tree.query(shapely.points(x, y), predicate="intersects")
    return np.bincount(which, minlength=len(dong)).astype(float)
