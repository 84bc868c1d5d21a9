"""The tables a store keeps: their columns, in one place. Pandas frames pass between the rooms in these shapes.

Geometry is EPSG:5179, x east, y north, shapely objects in a ``geometry`` column (None = unlocated).
Text is '' where unknown, dates are ISO text ('' unknown), never NaN in a text column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

FACILITY = {
    "key": "str",  # identity within the store: hash of dataset and source id or content (design decision 6)
    "dataset": "str",  # id of the form the file had
    "source_id": "str",
    "name": "str",
    "road_address": "str",
    "lot_address": "str",
    "district": "str",  # 5-digit code the row itself declares, else the one it lies in, else ''
    "dong": "str",  # 10-digit code of the dong it lies in, '' outside
    "devices": "int64",  # lamps, cameras, compartments' sites … this row stands for
    "status": "str",  # planned | approved | installed | removed
    "installed": "str",  # ISO date, 'YYYY-MM' or 'YYYY'
    "data_date": "str",
    "hours": "str",  # opening_hours syntax; '' = the layer's
    "purpose": "str",  # normalised camera purpose
    "counts": "bool",  # False: stored, but no supply (a camera for parking)
    "near": "bool",  # outside_near: within 1 km outside the loaded boundaries
    "approximate": "bool",  # a zone known only as dong text
    "flags": "str",  # ';'-joined: other_district, unknown_purpose …
    "attributes": "str",  # JSON object of the other columns, Korean labels as in the file
    "scope": "str",  # of a row of no district: what replaces it (Batch.scope); '' of all others
}
DONG = {
    "dong": "str",  # 10-digit code
    "stat_dong": "str",  # 7-digit code of the statistics office, '' unknown
    "name": "str",
    "district": "str",
    "district_name": "str",
    "province": "str",
    "dataset": "str",
}
HOUSEHOLD = {
    "unit": "str",  # code in the file, digits only
    "unit_kind": "str",  # dong | oa
    "dongs": "str",  # ';'-joined 10-digit codes the unit is spread over
    "district": "str",
    "sex": "str",  # male | female | ''
    "age_from": "int64",  # -1 where unknown
    "age_to": "int64",  # inclusive; 200 for open-ended; -1 unknown
    "households": "float64",
    "data_date": "str",
    "dataset": "str",
}
STAT_GRID = {
    "gid": "str",  # 국가지점번호 without blanks
    "x": "float64",  # south-west corner
    "y": "float64",
    "size_m": "int64",
    "measure": "str",  # population | households
    "value": "float64",  # 0 where empty or suppressed
    "data_date": "str",
    "dataset": "str",
}
BUILDING = {
    "key": "str",
    "dataset": "str",
    "district": "str",
    "households": "float64",  # 세대수 in the register; NaN unknown
    "floors": "float64",  # NaN unknown
    "lived_in": "bool",  # False: a use nobody lives in
    "data_date": "str",
    "scope": "str",
}
ADDRESS_POINT = {
    "key": "str",
    "dataset": "str",
    "district": "str",
    "kind": "str",  # shop | entrance
    "name": "str",
    "road_address": "str",
    "lot_address": "str",
    "open_24h": "bool",
    "data_date": "str",
    "scope": "str",
}
AREA = {
    "key": "str",
    "dataset": "str",
    "kind": "str",  # id of an area in the catalog: safe_zone, crime_zone, safe_route, not_lived_in …
    "name": "str",
    "district": "str",
    "data_date": "str",
    "scope": "str",
}
SUMMARY = {
    "layer": "str",
    "district": "str",  # '' for rows of no district
    "rows": "int64",
    "devices": "int64",
    "located": "int64",
    "near": "int64",
    "counting": "int64",  # devices that supply: installed, located, of a counting purpose
    "oldest": "str",  # data dates of the rows that supply (geo.dates), '' where none has one
    "newest": "str",
}
# Table name -> (columns, has geometry)
TABLES: dict[str, tuple[dict[str, str], bool]] = {
    "dong": (DONG, True),
    "household": (HOUSEHOLD, False),
    "stat_grid": (STAT_GRID, False),
    "building": (BUILDING, True),
    "address_point": (ADDRESS_POINT, True),
    "area": (AREA, True),
}
TABLE_TITLES = {
    "dong": "행정동 경계",
    "household": "1인가구",
    "stat_grid": "통계 격자",
    "building": "건물",
    "address_point": "주소점",
    "area": "구역",
}


def empty(columns: dict[str, str], *, geometry: bool) -> pd.DataFrame:
    """Return a frame with no rows and exactly these columns (and ``geometry`` where asked)."""
    frame = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    if geometry:
        frame["geometry"] = pd.Series(dtype=object)
    return frame


@dataclass(frozen=True)
class ImportRecord:
    """What is remembered of one imported file: enough to know it again, and to defend its numbers."""

    file: str
    digest: str  # sha256 of bytes and options
    dataset: str
    layer: str  # layer id, or table name for boundaries, households, grids …
    encoding: str
    crs: str
    data_date: str  # newest 데이터기준일자 in the file, '' if it has none
    imported_at: str  # ISO, Asia/Seoul
    read: int
    accepted: int
    unlocated: int
    rejected: int
    complete_for: tuple[str, ...] = ()  # district codes for which the planner states the file is complete
    made_up: bool = False
    mode: str = "replace"  # append: what it repeats of another dataset is used beside it
    districts: tuple[str, ...] | None = None  # what of it still stands; the store fills it from the batch
    scope: str = ""  # of its rows of no district; filled from the batch


@dataclass(frozen=True)
class Batch:
    """Rows of one file for one table, ready to store.

    ``table`` is a key of :data:`TABLES`, or a layer id for facilities (columns of :data:`FACILITY` and
    ``geometry``). The rows replace what the store holds of ``dataset`` in ``districts``; ``districts`` None
    replaces the whole dataset.

    Rows of no district ('' among ``districts``) belong to no pair of their own: they go with their file.
    ``scope`` is the ';'-joined districts that the file is about, or '*' and what names the file where it is about
    none.
    """

    table: str
    dataset: str
    districts: tuple[str, ...] | None
    rows: pd.DataFrame
    mode: str = "replace"  # replace | append
    scope: str = ""
    rejected: pd.DataFrame | None = None  # line, reason, row of what the file held besides; not every store keeps it
    before: pd.DataFrame | None = None  # of rows changed by a rewrite just before, the whole dataset as it was

    def takes(self, district: str, scope: str = "") -> bool:
        """Say whether it replaces the stored rows of its dataset in a district, or of none but this scope.

        Rows of no district go when the file they came with does: all its districts are replaced, or it is a later
        edition of the same file.
        """
        if self.districts is None:
            return True
        if district:
            return district in self.districts
        if scope == self.scope and "" in self.districts:
            return True
        return bool(scope) and not scope.startswith("*") and set(scope.split(";")) <= set(self.districts)


def taken_rows(stored: pd.DataFrame, batch: Batch) -> "pd.Series[bool]":
    """Return which stored rows of a table a batch replaces, with the frame's index.

    ``stored`` needs ``dataset``, and ``district`` and ``scope`` where the table has them.
    """
    taken = stored["dataset"] == batch.dataset
    if batch.districts is None or not taken.any():
        return taken
    names = [name for name in ("district", "scope") if name in stored.columns]
    pairs = pd.MultiIndex.from_frame(stored[names])
    going = [pair for pair in pairs.unique() if batch.takes(*pair)]
    return taken & pairs.isin(going)


def recode_record(record: ImportRecord, moved: Mapping[str, tuple[str, ...]]) -> ImportRecord:
    """Return a record whose districts follow a change of their codes: each one gone, to those that came of it."""

    def after(codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({new for code in codes for new in moved.get(code, (code,))}))

    districts = None if record.districts is None else after(record.districts)
    return replace(
        record,
        districts=districts,
        complete_for=after(record.complete_for),
        scope=recode_scope(record.scope, moved),
    )


def recode_scope(scope: str, moved: Mapping[str, tuple[str, ...]]) -> str:
    """Return a scope (:class:`Batch`) in the codes that came of its districts."""
    if not scope or scope.startswith("*"):
        return scope
    return ";".join(sorted({new for code in scope.split(";") for new in moved.get(code, (code,))}))
