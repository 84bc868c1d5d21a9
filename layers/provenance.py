"""Where a district's numbers come from: dates, files, and what must be said of them."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import pandas as pd
import shapely

from geo.dates import date_range
from geo.model import DemandKind, SourceFile
from layers.catalog import Catalog
from layers.snapshot import Snapshot
from layers.tables import TABLES

_TABLE_OF = {
    DemandKind.BUILDING: "building",
    DemandKind.GRID: "stat_grid",
    DemandKind.ADDRESS: "address_point",
}


def newest_date(snapshot: Snapshot) -> date:
    """Return the newest data date in the store; where no row has one, the day of the newest import."""
    dates = [d for d in snapshot.summary["newest"] if d]
    # Of layers the summary knows better: a file's newest date may be of rows that were rejected.
    dates += [record.data_date for record in snapshot.imports if record.layer in TABLES and record.data_date]
    dates = dates or [record.imported_at for record in snapshot.imports]
    return max(date.fromisoformat(_first_day(d)) for d in dates)


def _first_day(text: str) -> str:
    """Return the ISO date of a date known to the day, the month or only the year."""
    return (text[:10] + "-01-01")[:10] if len(text) < 10 else text[:10]


def data_dates(
    snapshot: Snapshot,
    catalog: Catalog,
    code: str,
    boundary: Any,  # noqa: ANN401 - a geometry
    households: pd.DataFrame,
    kinds: Collection[DemandKind],
) -> dict[str, tuple[str, str]]:
    """Return oldest and newest data date (:mod:`geo.dates`) by layer and table; '' where undated.

    Of a layer: of its rows in the district that supply (installed, with a place, of a purpose that counts). Buildings,
    addresses and areas are those of the district. What is not used here is left out: a neighbour's grid that reaches
    over the border, address points that no household is spread over, areas that only filter, a layer the catalog does
    not know.
    """
    here = snapshot.summary[snapshot.summary["district"] == code]
    found = {
        layer: (oldest, newest)
        for layer, oldest, newest in zip(here["layer"], here["oldest"], here["newest"], strict=True)
        if layer in catalog.layers
    }
    tables = {"household": households, "building": _of(snapshot.tables["building"], code)}
    areas = _of(snapshot.tables["area"], code)
    tables["area"] = areas[areas["kind"].isin([a.id for a in catalog.areas.values() if a.not_lived_in or a.walkable])]
    if DemandKind.ADDRESS in kinds:
        tables["address_point"] = _of(snapshot.tables["address_point"], code)
    if DemandKind.GRID in kinds:
        grid = snapshot.tables["stat_grid"]
        tables["stat_grid"] = grid[_centred(grid, boundary)]
    found |= {name: date_range(rows["data_date"]) for name, rows in tables.items() if len(rows)}
    boundaries = [record.data_date for record in snapshot.imports if record.layer == "dong"]
    return found | {"dong": date_range(boundaries)}


def source_files(
    snapshot: Snapshot, district: str, households: str, kinds: Collection[DemandKind]
) -> Iterator[SourceFile]:
    """Yield the files behind the boundaries, the households and what they are spread over, in the order of import."""
    used = {"dong", "household", *(_TABLE_OF[kind] for kind in kinds)}
    for record in snapshot.imports:
        here = record.districts is None or district in record.districts
        if record.layer in used and here and (record.layer != "household" or record.dataset == households):
            yield SourceFile(record.layer, record.file, record.data_date, record.imported_at[:10])


def grid_m(snapshot: Snapshot) -> int:
    """Return the cell size of the statistics grid that is used, metres: the smallest."""
    grid = snapshot.tables["stat_grid"]
    return int(grid.loc[grid["value"] > 0, "size_m"].min())


def _of(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    here: pd.DataFrame = rows[rows["district"] == code]
    return here


def _centred(grid: pd.DataFrame, boundary: Any) -> Any:  # noqa: ANN401 - a geometry; bool (n,)
    half = grid["size_m"] / 2
    return shapely.intersects_xy(boundary, grid["x"] + half, grid["y"] + half)


def source_notes(source: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """Return what to say where several household datasets hold the district."""
    if not others:
        return ()
    return (f"1인가구 자료가 여럿입니다: {source}을(를) 쓰고 {', '.join(others)}은(는) 쓰지 않았습니다",)


def grid_notes(
    snapshot: Snapshot,
    boundary: Any,  # noqa: ANN401 - a geometry
    kinds: Collection[DemandKind],
    *,
    marked: bool,
) -> tuple[str, ...]:
    """Return what to say of the ground households are spread over. ``marked``: land not lived in is known."""
    if not kinds and marked:
        return ()
    if not kinds:
        return ("대학·공원·하천처럼 살지 않는 곳은 ‘비거주 지역’으로 가져오면 추정에서 빠집니다",)
    if DemandKind.GRID not in kinds:
        return ()
    grid = snapshot.tables["stat_grid"]
    populated = (grid["value"] > 0).to_numpy()
    cells = shapely.box(grid["x"], grid["y"], grid["x"] + grid["size_m"], grid["y"] + grid["size_m"])
    touching = shapely.intersects(boundary, cells) & populated
    across = int((touching & ~_centred(grid, boundary)).sum())
    if not across:
        return ()
    note = (
        f"인구 격자 {int(touching.sum()):,}칸 가운데 {across}칸은 중심이 이웃 자치구에 있어 그쪽 동에 속합니다"
        " (격자는 중심이 있는 동에 속함)"
    )
    return (note,)
