"""The loaded address points, by address: where the building of an address stands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from geo.model import Bools, Floats, Geometries, Ints
from layers.importing.addresses import parse_lot, parse_road, plain_name
from layers.importing.boundaries import Boundaries
from layers.importing.names import FOREIGN
from layers.importing.shapes import missing
from layers.importing.text import SEPARATOR, each, empty_text, join
from layers.tables import ADDRESS_POINT, empty

ONE_PLACE_M = 100.0  # points of one address lie so close; farther apart, the place is doubtful
_TOO_WIDE_M = 500.0  # and past this no place at all

# How an address may be found, surest first.
METHODS = ("road_exact", "lot_exact", "building", "main_number", "name")
_SURE = frozenset(METHODS[:3])

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Found:
    """Where rows were found.

    Attributes
    ----------
    x, y
        float64 (n,), EPSG:5179; NaN where the address is not found.
    method
        Object array (n,) of :data:`METHODS`, '' where not found.
    doubtful
        bool (n,): found by the main number or the name alone, or the points of the address lie over 100 m apart.
    """

    x: Floats
    y: Floats
    method: Texts
    doubtful: Bools

    @property
    def sure(self) -> Bools:
        """Bool (n,): found, and not doubtful."""
        return np.asarray((self.method != "") & ~self.doubtful)


def _nothing() -> pd.DataFrame:
    return empty(ADDRESS_POINT, geometry=True)


@dataclass(frozen=True, eq=False)
class AddressBook:
    """Address points by district and address.

    Attributes
    ----------
    load
        Returns the ``address_point`` table with ``geometry``; called once, when the first row is looked for. Points
        without a place, and those that lie in another district than they name, are not used.
    """

    load: Callable[[], pd.DataFrame] = _nothing
    boundaries: Boundaries | None = None

    @cached_property
    def points(self) -> pd.DataFrame:
        """The points that can be found."""
        points = self.load()
        geometry: Geometries = np.asarray(points["geometry"], dtype=object)
        usable = ~missing(geometry)
        if self.boundaries is not None and len(self.boundaries):
            _, lies_in = self.boundaries.codes_at(self.boundaries.locate(geometry))
            own = np.asarray(lies_in, dtype=object)
            usable &= (own == points["district"].to_numpy(dtype=object)) | (own == "")
        return points[usable]

    def find(self, district: pa.Array, road: pa.Array, lot: pa.Array, name: pa.Array | None = None) -> Found:
        """Find rows by their addresses, the surest way first.

        Parameters
        ----------
        district
            5-digit code each row names; a row without one is found nowhere: 봉천로 2 may be in any town.
        road, lot
            Addresses as written; either column may hold either kind.
        name
            Names, by which rows are found that no address finds, where one point of the road or dong (of the
            district, for rows without an address) bears it.
        """
        n = len(road)
        x, y, method = np.full(n, np.nan), np.full(n, np.nan), np.full(n, "", object)
        doubtful = np.zeros(n, bool)
        if not n or not len(self.points):
            return Found(x, y, method, doubtful)
        asked = _keys(district, road, lot, empty_text(n) if name is None else name)
        for way, (kind, held) in _WAYS.items():
            left = np.flatnonzero((method == "") & (asked[way] != ""))
            at, index = self._index[held].at(asked[way][left]), self._index[held]
            usable = at >= 0
            usable[usable] = index.width_m[at[usable]] <= (_TOO_WIDE_M if kind in _SURE else ONE_PLACE_M)
            left, at = left[usable], at[usable]
            x[left], y[left], method[left] = index.x[at], index.y[at], kind
            doubtful[left] = (index.width_m[at] > ONE_PLACE_M) | (kind not in _SURE)
        return Found(x, y, method, doubtful)

    @cached_property
    def _index(self) -> dict[str, "_Index"]:
        points = self.points.sort_values(["kind", "key"], kind="stable")  # entrances before shops
        text = {c: pa.array(points[c].to_numpy(dtype=object), pa.string()) for c in _TEXTS}
        held = _keys(text["district"], text["road_address"], text["lot_address"], text["name"])
        geometry = np.asarray(points["geometry"], dtype=object)
        x, y = shapely.get_x(geometry), shapely.get_y(geometry)
        # A shop may be asked for by its road, by its dong, or by its name alone.
        names = ("name_road", "name_lot", "name_alone")
        held["name"] = np.concatenate([held[way] for way in names])
        wide = {"name": (np.tile(x, len(names)), np.tile(y, len(names)))}
        return {way: _Index.of(held[way], *wide.get(way, (x, y))) for way in {own for _, own in _WAYS.values()}}


_TEXTS = ("district", "road_address", "lot_address", "name")

# What a row is asked for by: the method it is then found by, and what the points are held by. A row without a sub
# number may stand for any point that has one, and the other way round.
_WAYS = {
    "road_exact": ("road_exact", "road_exact"),
    "lot_exact": ("lot_exact", "lot_exact"),
    "road_building": ("building", "road_building"),
    "lot_building": ("building", "lot_building"),
    "road_lacks": ("main_number", "road_has"),
    "road_has": ("main_number", "road_lacks"),
    "lot_lacks": ("main_number", "lot_has"),
    "lot_has": ("main_number", "lot_lacks"),
    "name_asked": ("name", "name"),
}


@dataclass(frozen=True)
class _Index:
    keys: "pd.Index[str]"
    x: Floats
    y: Floats
    width_m: Floats

    @classmethod
    def of(cls, keys: Texts, x: Floats, y: Floats) -> "_Index":
        """Take the first point of each key, and how far its points lie apart."""
        frame = pd.DataFrame({"key": keys, "x": x, "y": y})[keys != ""]
        groups = frame.groupby("key", sort=False)
        box = groups.agg(["min", "max"])
        width = np.hypot(box["x", "max"] - box["x", "min"], box["y", "max"] - box["y", "min"])
        first = groups.first()
        return cls(first.index, first["x"].to_numpy(), first["y"].to_numpy(), width.to_numpy())

    def at(self, keys: Texts) -> Ints:
        """Return int64 (n,): the place of each key, -1 where there is none."""
        return np.asarray(self.keys.get_indexer(pd.Index(keys, dtype=object)), dtype=np.int64)


def _keys(district: pa.Array, road: pa.Array, lot: pa.Array, name: pa.Array) -> dict[str, Texts]:
    """Return what rows and points are known by, for each way; '' where they are not known that way."""
    found, at = each(join([road, lot]), _parts)
    names, named_at = each(name, plain_name)
    code = np.asarray(district.to_pandas(), dtype=object)
    known = (code != "") & (code != FOREIGN)
    parts = {way: np.array([*(one[way] for one in found), ""], dtype=object)[at] for way in _PARTS}
    keys = {way: np.where(known & (part != ""), code + "|" + part, "") for way, part in parts.items()}
    named = np.array([*names, ""], dtype=object)[named_at]
    known &= named != ""
    keys["name_alone"] = np.where(known, code + "||" + named, "")
    for kind in ("road", "lot"):
        place = parts[f"{kind}_place"]
        keys[f"name_{kind}"] = np.where(known & (place != ""), code + "|" + place + "|" + named, "")
    # A row with an address is asked for there only: a shop of the name in another street is another shop.
    keys["name_asked"] = np.where(keys["name_road"] != "", keys["name_road"], keys["name_lot"])
    nowhere = (parts["road_place"] == "") & (parts["lot_place"] == "")
    keys["name_asked"] = np.where(nowhere, keys["name_alone"], keys["name_asked"])
    return keys


def _parts(joined: str) -> dict[str, str]:
    """Return what one pair of addresses (either may hold either kind) is known by, without its district."""
    road_text, lot_text = joined.split(SEPARATOR)
    road, lot = parse_road(road_text), parse_lot(lot_text)
    road = road if road.place else parse_road(lot_text)
    lot = lot if lot.place else parse_lot(road_text)
    found = {}
    for kind, address in (("road", road), ("lot", lot)):
        found[f"{kind}_place"] = address.place
        found[f"{kind}_exact"] = address.exact
        found[f"{kind}_building"] = address.building
        found[f"{kind}_lacks"] = "" if address.sub else address.lacking_sub
        found[f"{kind}_has"] = address.lacking_sub if address.sub else ""
    return found


_PARTS = tuple(_parts(SEPARATOR))
