"""Stored rows without coordinates, placed by their addresses; and taken back."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geo.errors import NoDataError
from geo.model import Bools, Geometries
from layers.catalog import Catalog
from layers.importing.address_book import METHODS, AddressBook, Found
from layers.importing.boundaries import Boundaries
from layers.importing.errors import BadOptionError
from layers.importing.report import FileReport
from layers.importing.shapes import missing
from layers.importing.shown import placed_rows
from layers.store import Readable, Store, Writer

LOCATED_BY = "located_by="  # flag of a row that has its place from its address, followed by the method
DOUBTFUL = "doubtful_location"


@dataclass(frozen=True, eq=False)
class LocatedLayer:
    """What became of the rows of a layer that have no coordinates of their own.

    Attributes
    ----------
    layer
        Its id.
    rows
        These rows as they should be stored (``layers.tables.FACILITY``, ``geometry``).
    changed
        bool (n,): they are stored otherwise.
    """

    layer: str
    rows: pd.DataFrame
    changed: Bools
    methods: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        flags = self.rows["flags"]
        counted = {method: int(has_flag(flags, LOCATED_BY + method).sum()) for method in METHODS}
        object.__setattr__(self, "methods", {method: count for method, count in counted.items() if count})

    @property
    def located(self) -> int:
        """How many have a place now."""
        return sum(self.methods.values())

    @property
    def doubtful(self) -> pd.DataFrame:
        """The rows whose place should be looked at."""
        return self.rows[has_flag(self.rows["flags"], DOUBTFUL)]

    def as_dict(self) -> dict[str, Any]:
        """Return the layer's object of the JSON report."""
        columns = ["key", "name", "road_address", "lot_address", "flags"]
        return {
            "layer": self.layer,
            "without_coordinates": len(self.rows),
            "located": self.located,
            "share": self.located / len(self.rows) if len(self.rows) else None,
            "methods": self.methods,
            "doubtful": self.doubtful[columns].to_dict("records"),
            "not_located": len(self.rows) - self.located,
        }


def locate_stored(
    store: Store, catalog: Catalog, layer: str | None = None, *, dry_run: bool = False, undo: bool = False
) -> list[LocatedLayer]:
    """Place the stored rows without coordinates by their addresses, or take such places back, in one transaction.

    Parameters
    ----------
    layer
        Only this layer; else all of points.
    dry_run
        Say what would become of them, and store nothing.
    undo
        Take the places back that rows have from their addresses.

    Raises
    ------
    BadOptionError
        There is no such layer of points.
    NoDataError
        There are no address points.
    """
    if layer is not None and layer not in point_layers(catalog):
        raise BadOptionError(f"--layer {layer}: 점으로 된 층이 아닙니다", f"{', '.join(point_layers(catalog))} 중 하나")
    layers = [layer] if layer else point_layers(catalog)
    if not undo and not len(store.read("address_point", columns=["key"])):
        raise NoDataError(
            "주소점이 아직 없습니다", "가게 인허가나 도로명주소 출입구 파일을 먼저 가져오십시오 (--layer address_point)"
        )
    if dry_run:
        return relocated(store, layers, catalog.method.near_m, undo=undo)
    with store.write() as writer:
        return relocate(writer, layers, catalog.method.near_m, undo=undo)


def relocate(writer: Writer, layers: Sequence[str], near_m: float, *, undo: bool = False) -> list[LocatedLayer]:
    """Do and store what :func:`relocated` says."""
    found = relocated(writer, layers, near_m, undo=undo)
    for one in found:
        if one.changed.any():
            writer.amend(one.layer, one.rows[one.changed])
    return found


def with_located(report: FileReport, stored: pd.DataFrame, found: Sequence[LocatedLayer]) -> FileReport:
    """Return the report of a file of which some rows (``stored``) were placed by their addresses."""
    ours = [one.rows[one.rows["key"].isin(stored["key"])] for one in found if one.layer == report.layer]
    counted = Counter(flag for rows in ours for flags in rows["flags"] for flag in flags.split(";") if _is_ours(flag))
    located = sum(count for flag, count in counted.items() if flag != DOUBTFUL)
    shown = report.shown
    for rows in ours:
        shown = placed_rows(shown, rows)
    flagged = {**report.flagged, **counted}
    return replace(report, unlocated=report.unlocated - located, flagged=flagged, shown=shown)


def write_located(layers: Sequence[LocatedLayer], path: Path) -> None:
    """Write the JSON report: a list, one object a layer, utf-8."""
    text = json.dumps([one.as_dict() for one in layers], ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def point_layers(catalog: Catalog) -> list[str]:
    """Return the layers whose rows an address can place."""
    return [layer.id for layer in catalog.layers.values() if layer.geometry == "point"]


def relocated(tables: Readable, layers: Sequence[str], near_m: float, *, undo: bool = False) -> list[LocatedLayer]:
    """Return, a layer, its rows without coordinates of their own, placed by the address points there are now.

    A place from an earlier run is forgotten first, so that the outcome hangs on what is stored alone. Rows with
    coordinates are never touched. A row keeps its district; a place outside the boundaries by over ``near_m``
    is none.
    """
    boundaries = Boundaries.of(tables.read("dong"))
    book = AddressBook(lambda: tables.read("address_point"), boundaries)
    found = []
    for layer in layers:
        known = tables.read(layer, columns=["flags", "geometry"])
        open_rows = missing(np.asarray(known["geometry"], dtype=object)) | has_flag(known["flags"], LOCATED_BY)
        if not open_rows.any():
            continue
        before = tables.read(layer)[open_rows].reset_index(drop=True)
        after = _forgotten(before)
        if not undo:
            after = _placed(after, book, boundaries, near_m)
        found.append(LocatedLayer(layer, after, _differs(before, after)))
    return found


def _forgotten(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without the places they have from their addresses."""
    flags = rows["flags"].str.split(";").map(lambda names: [n for n in names if not _is_ours(n)]).str.join(";")
    bare = rows.assign(flags=flags.astype(rows["flags"].dtype), dong="", near=False)
    bare["dong"] = bare["dong"].astype(rows["dong"].dtype)
    bare["geometry"] = np.full(len(rows), None, object)
    return bare


def _placed(rows: pd.DataFrame, book: AddressBook, boundaries: Boundaries, near_m: float) -> pd.DataFrame:
    texts = {c: pa.array(rows[c].to_numpy(object), pa.string()) for c in _ASKED}
    found = book.find(texts["district"], texts["road_address"], texts["lot_address"], texts["name"])
    geometry: Geometries = np.full(len(rows), None, object)
    hit = found.method != ""
    geometry[hit] = shapely.points(found.x[hit], found.y[hit])
    dong = boundaries.locate(geometry)
    near = (dong < 0) & boundaries.within(geometry, near_m)
    geometry[(dong < 0) & ~near] = None
    placed = rows.assign(near=near, flags=_flags(rows["flags"], found, ~missing(geometry)))
    placed["dong"] = pd.Series(boundaries.codes_at(dong)[0], dtype=rows["dong"].dtype)
    placed["geometry"] = geometry
    return placed


_ASKED = ("district", "road_address", "lot_address", "name")


def _flags(flags: "pd.Series[str]", found: Found, placed: Bools) -> "pd.Series[str]":
    own = np.where(placed, LOCATED_BY + found.method, "")
    own = np.where(placed & found.doubtful, own + ";" + DOUBTFUL, own)
    own_flags = pd.Series(own, index=flags.index, dtype="str")
    return (flags + ";" + own_flags).str.strip(";")


def _differs(before: pd.DataFrame, after: pd.DataFrame) -> Bools:
    shapes = [np.asarray(frame["geometry"], dtype=object) for frame in (before, after)]
    same = np.asarray(shapely.equals(*shapes)) | (missing(shapes[0]) & missing(shapes[1]))
    same &= (before[["flags", "dong", "near"]] == after[["flags", "dong", "near"]]).all(axis=1).to_numpy()
    return np.asarray(~same)


def has_flag(flags: "pd.Series[str]", name: str) -> Bools:
    """Return bool (n,): the row has a flag that holds this."""
    return np.asarray(flags.str.contains(name, regex=False).to_numpy(dtype=bool))


def _is_ours(flag: str) -> bool:
    return flag.startswith(LOCATED_BY) or flag == DOUBTFUL
