"""What is stored, located anew when the boundaries change: no row keeps a dong that is gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.model import Bools, Geometries
from layers.importing.boundaries import Boundaries
from layers.importing.errors import OrphanedRowsError
from layers.importing.identity import centres, coordinate_text, row_keys
from layers.importing.locating import LOCATED_BY, has_flag
from layers.importing.shapes import missing, multi_polygon, only, to_points
from layers.importing.succession import Succession
from layers.importing.text import SEPARATOR, as_text, each_text, join, matches, to_series
from layers.store import Writer
from layers.tables import ImportRecord, recode_scope

_PLACED = ("building", "address_point", "area")
_OTHER = "other_district"


@dataclass
class Followed:
    """How many stored rows were located anew, and how many now lie outside all boundaries."""

    moved: int = 0
    outside: int = 0
    tables: list[str] = field(default_factory=list)


def follow(writer: Writer, old: Boundaries, new: Boundaries, layers: Iterable[str], near_m: float) -> Followed:
    """Locate everything that is stored by new boundaries: facilities by their place, households by their unit.

    A district that a row has declared stays its own as long as there is one of that code; rows of one that has
    ended follow its ground. Facilities farther than ``near_m`` outside are kept: they count for nothing there.
    """
    succession = Succession.of(old, new)
    done = Followed()
    households = writer.read("household")
    if len(households):
        moved = _households(households, new, succession)
        _write(writer, "household", households, moved, done)
    for table in (*_PLACED, *layers):
        stored = writer.read(table)
        if len(stored):
            moved, outside = _placed(stored, old, new, succession, near_m)
            done.outside += outside
            _write(writer, table, stored, moved, done)
    if succession.district:
        writer.recode(succession.district)
    return done


def check_households(writer: Writer, new: Boundaries, file: str, imports: Sequence[ImportRecord]) -> None:
    """Raise :class:`OrphanedRowsError` where stored households are of dong that the boundaries do not have."""
    dongs = writer.read("household", columns=["dongs"])["dongs"].value_counts()
    known = set(new.codes)
    orphans = {str(text): int(n) for text, n in dongs.items() if not known.issuperset(str(text).split(";"))}
    if orphans:
        files = ", ".join(sorted({record.file for record in imports if record.layer == "household"}))
        raise OrphanedRowsError(
            f"{file}: 저장된 1인가구 {sum(orphans.values()):,}행의 행정동({min(orphans)} 등)이 새 경계에 없습니다",
            f"경계가 잘리지 않았는지 보고, 맞으면 {files}도 함께 가져오십시오",
        )


def _write(writer: Writer, table: str, stored: pd.DataFrame, moved: pd.DataFrame, done: Followed) -> None:
    names = [name for name in stored.columns if name != "geometry"]
    changed = (stored[names] != moved[names]).any(axis=1).to_numpy()
    if "geometry" in stored.columns:
        changed = changed | _redrawn(stored, moved)
    if changed.any():
        writer.rewrite(table, moved)
        done.moved += int(changed.sum())
        done.tables.append(table)


def _households(stored: pd.DataFrame, new: Boundaries, succession: Succession) -> pd.DataFrame:
    """Resolve each unit's own code again, else follow the ground of the dong it was; else leave it as it is."""

    def settle(joined: str) -> str:
        unit, dongs = joined.split(SEPARATOR)
        own = new.dongs.code(unit)
        after = [own or succession.dong.get(code, (code,)) for code in dongs.split(";")]
        return ";".join(dict.fromkeys(code for codes in after for code in codes)) if all(after) else dongs

    dongs = to_series(each_text(join([_text(stored["unit"]), _text(stored["dongs"])]), settle))
    first = to_series(each_text(_text(dongs), lambda text: new.dongs.district.get(text.split(";")[0], "")))
    return stored.assign(dongs=dongs, district=first.where(first != "", stored["district"]))


def _placed(
    stored: pd.DataFrame, old: Boundaries, new: Boundaries, succession: Succession, near_m: float
) -> tuple[pd.DataFrame, int]:
    """Return rows with geometry located anew, and how many of them lie farther than ``near_m`` outside."""
    moved = stored.copy()
    geometry = stored["geometry"].to_numpy(dtype=object, copy=True)
    if "approximate" in stored.columns:
        _redraw(geometry, stored["approximate"].to_numpy(dtype=bool), old, new, succession)
        moved["geometry"] = geometry
    points = to_points(geometry)
    index = new.locate(points)
    dongs, lies = new.codes_at(index)
    astray = ~missing(points) & (index < 0)
    near = new.within(only(astray, geometry), near_m)
    moved["district"] = _districts(stored["district"], pd.Series(lies, dtype="str"), new, succession)
    moved["scope"] = _scopes(stored, moved["district"], succession)
    if "near" in stored.columns:
        moved["dong"], moved["near"] = pd.Series(dongs, dtype="str"), near
        moved["flags"] = _flags(stored, moved["district"], pd.Series(lies, dtype="str"), old)
        moved["key"] = _keys(stored, moved)
    return moved, int((astray & ~near).sum())


def _redraw(geometry: Geometries, approximate: Bools, old: Boundaries, new: Boundaries, succession: Succession) -> None:
    """Draw the zones known only by the dong they name from those dong as they are now."""
    shape_of = dict(zip(new.codes, new.geometry, strict=True))
    inside = shapely.point_on_surface(old.geometry)
    for position in np.flatnonzero(approximate & ~missing(geometry)):
        named = [old.codes[i] for i in np.flatnonzero(shapely.intersects(geometry[position], inside))]
        after = sorted({code for was in named for code in succession.dong.get(was, (was,))})
        if after and all(code in shape_of for code in after):
            drawn = multi_polygon(shapely.union_all([shape_of[code] for code in after]))
            if not shapely.equals(drawn, geometry[position]):
                geometry[position] = drawn


def _districts(
    stored: "pd.Series[str]", lies: "pd.Series[str]", new: Boundaries, succession: Succession
) -> "pd.Series[str]":
    """Return each row's district where there still is one of its code, else its only successor, else where it lies."""
    only_one = {was: after[0] for was, after in succession.district.items() if len(after) == 1}
    followed = to_series(each_text(_text(stored), lambda was: only_one.get(was, "")))
    return stored.where(stored.isin(new.districts.codes), followed.where(followed != "", lies))


def _scopes(stored: pd.DataFrame, district: "pd.Series[str]", succession: Succession) -> "pd.Series[str]":
    """Return what replaces the rows of no district; those whose district ended in several go with all of these."""
    was = stored["scope"].where(stored["scope"] != "", stored["district"])
    after = to_series(each_text(_text(was), lambda scope: recode_scope(scope, succession.district)))
    return after.where(district == "", "")


def _flags(stored: pd.DataFrame, district: "pd.Series[str]", lies: "pd.Series[str]", old: Boundaries) -> pd.Series:
    """Set and take away ``other_district``; rows that named one that is not loaded keep it."""
    flags = _text(stored["flags"])
    had = matches(flags, lambda text: _OTHER in text.split(";"))
    lay_in = stored["dong"].map(dict(zip(old.codes, old.district_of, strict=True)))
    foreign = had & (lay_in == stored["district"]).to_numpy()
    other = foreign | ((lies != "") & (district != "") & (district != lies)).to_numpy()

    def written(joined: str) -> str:
        text, flag = joined.split(SEPARATOR)
        rest = [name for name in text.split(";") if name and name != _OTHER]
        return ";".join([_OTHER, *rest] if flag else rest)

    return to_series(each_text(join([flags, pc.if_else(pa.array(other), "1", "")]), written))


def _keys(stored: pd.DataFrame, moved: pd.DataFrame) -> "pd.Series[str]":
    """Give the rows whose district or shape is another the keys that an import would give them."""
    changed = (stored["district"] != moved["district"]) | (stored["scope"] != moved["scope"])
    changed |= _redrawn(stored, moved)
    keys = stored["key"].copy()
    for dataset, rows in moved[changed].groupby("dataset"):
        place = rows["district"].where(rows["district"] != "", rows["scope"])
        own_place = ~has_flag(rows["flags"], LOCATED_BY)  # one found by its address is no part of a key
        x, y = centres(only(own_place, rows["geometry"].to_numpy(dtype=object)))
        content = [_text(rows[name]) for name in ("name", "road_address", "lot_address")]
        content += [coordinate_text(x), coordinate_text(y)]
        whole_rows = partial(_text, rows["key"])
        keys.loc[rows.index] = row_keys(str(dataset), _text(place), _text(rows["source_id"]), content, whole_rows)
    clash = keys.duplicated(keep=False) & changed
    return keys.where(~clash, stored["key"])


def _redrawn(stored: pd.DataFrame, moved: pd.DataFrame) -> Bools:
    """Bool (n,): the shape is another object, as only :func:`_redraw` makes."""
    pairs = zip(stored["geometry"].to_numpy(), moved["geometry"].to_numpy(), strict=True)
    return np.fromiter((a is not b for a, b in pairs), dtype=bool, count=len(stored))


def _text(values: "pd.Series[str]") -> pa.Array:
    return as_text(values.to_numpy(dtype=object))
