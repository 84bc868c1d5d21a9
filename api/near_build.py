"""From the store to what phones read: made in a process of its own, as files that every worker maps.

Only what the public may see goes in: layers of visibility ``public``, what is installed and counts.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import orjson
import pandas as pd
import shapely

from api.near_grid import district_grid
from api.opened import opened
from api.outlines import outlines
from geo.crs import to_lonlat
from geo.model import DataState, Ints
from geo.nearest_cells import build_near_index
from layers.catalog import Catalog, load_catalog
from layers.frozen import FrozenStore, freeze
from layers.holdings import layer_holdings
from layers.hours import SEOUL
from layers.snapshot import Snapshot, take_overview
from layers.states import data_state
from layers.store import Store
from layers.tables import FACILITY, ImportRecord, empty

FEATURES = "features.bin"
STORE = "store"  # the whole version frozen (layers.frozen): analyses, bundles and maps read it, never the database
META = "meta.json"
GRID = "grid.npy"
_FORMAT = 4  # of the files: a folder that outlives the program's version is not read by the next
ARRAYS = ("frame", "start", "oldest", "place", "order", "last_day", "devices")
_COLUMNS = (
    "key", "dataset", "name", "road_address", "lot_address", "devices", "status", "data_date", "hours",
    "counts", "geometry",
)  # fmt: skip


def told_of(catalog: Catalog, stale_months: int) -> str:
    """Return a text that is another where other layers are public, or anything else is told otherwise."""
    return hashlib.sha256(f"{catalog!r}{stale_months}".encode()).hexdigest()


def stamp_of(store: Store, told: str) -> str:
    """Return a text that is another after every change of the store, also when it was made anew, and of what is told.

    A folder may outlive the service: what was built with another catalog is not taken up again.
    """
    imports = store.imports()
    last = hashlib.sha256(orjson.dumps([told, *(asdict(record) for record in imports)])).hexdigest()[:12]
    return f"{_FORMAT}.{store.version()}-{last}"


def build(
    location: str,
    catalogs: tuple[Path, ...],
    stale_months: int,
    folder: Path,
    told: str,
    *,
    tell: Callable[[int, int], None],
) -> str:
    """Build the near data of the store's present version under ``folder``; return its folder's name.

    ``told`` is the service's (:func:`told_of`), the same until it is started anew. What another worker has built
    already is taken as it is. Raises AnsimError as the store does.
    """
    catalog = load_catalog(catalogs)
    with opened(location, catalog) as store, filelock.FileLock(folder / "near.lock"):
        while True:
            work = folder / f".near-{os.getpid()}"
            shutil.rmtree(work, ignore_errors=True)
            with _at_one_moment(store) as still:
                stamp = stamp_of(still, told)
                target = folder / f"near-{stamp}"
                if target.exists():
                    return target.name
                freeze(still, work / STORE)
                whole = stamp_of(still, told) == stamp
            if whole:
                _write(FrozenStore(work / STORE), catalog, stale_months, work, tell)
                work.replace(target)
                return target.name


def _at_one_moment(store: Store) -> AbstractContextManager[Store]:
    """Lend the store as it stands at one moment where it can be (a database), else as it is."""
    one_version = getattr(store, "one_version", None)
    return nullcontext(store) if one_version is None else one_version()


def _write(store: Store, catalog: Catalog, stale_months: int, folder: Path, tell: Callable[[int, int], None]) -> None:
    overview = take_overview(store)
    layers = [spec.id for spec in catalog.layers.values() if spec.visibility == "public" and spec.geometry == "point"]
    points = _public_points(store, layers, tell)
    hours = _hours(points, layers, catalog)
    order = np.empty(len(points), np.int64)
    order[points["id"].argsort(kind="stable")] = np.arange(len(points))
    index, rows = build_near_index(
        points["layer"].to_numpy(np.int64), points["x"].to_numpy(np.float64), points["y"].to_numpy(np.float64),
        order, _last_days(points, overview.imports, stale_months), points["devices"].to_numpy(np.int64),
        layers=len(layers),
    )  # fmt: skip
    # In the index's order, so that what is near in the city is near in memory.
    points, hours = points.iloc[rows].reset_index(drop=True), hours.iloc[rows]
    for name in ARRAYS:
        np.save(folder / f"{name}.npy", getattr(index, name))
    np.save(folder / "hour_of.npy", hours.cat.codes.to_numpy(np.int64))
    np.save(folder / "offsets.npy", _write_features(folder / FEATURES, points, layers))
    meta = _meta(overview, catalog, layers, hours.cat.categories.to_list(), folder)
    meta["first"] = _first(meta["districts"], catalog, store)
    (folder / META).write_bytes(orjson.dumps(meta))


def _first(districts: list[dict[str, Any]], catalog: Catalog, store: Store) -> str:
    """Return the code of the district to open with: most needs loaded, then most households; '' where there is none."""
    weighed = [need.id for need in catalog.needs.values() if need.weight > 0]
    people = store.read("household", columns=["district", "dataset", "households"])
    lives = people.groupby(["district", "dataset"])["households"].sum().groupby("district").max().to_dict()

    def known(one: dict[str, Any]) -> tuple[int, float]:
        loaded = sum(one["needs"][need] == DataState.LOADED for need in weighed)
        return loaded, float(lives.get(one["code"], 0.0))

    return str(max(districts, key=known, default={"code": ""})["code"])


def _public_points(store: Store, layers: list[str], tell: Callable[[int, int], None]) -> pd.DataFrame:
    """Return the points of the layers that stand and count, with ``layer`` (number), ``id``, ``x`` and ``y``."""
    stored = set(store.layer_ids())
    frames = []
    for number, layer in enumerate(layers):
        tell(number, len(layers))
        frame = store.read(layer, columns=list(_COLUMNS)) if layer in stored else empty(FACILITY, geometry=True)
        geometry = frame["geometry"].to_numpy()
        stands = (frame["status"] == "installed").to_numpy(bool) & frame["counts"].to_numpy(bool)
        frame = frame[stands & (shapely.get_type_id(geometry) == 0)].drop(columns=["status", "counts"])
        geometry = frame.pop("geometry").to_numpy()
        place = {"x": shapely.get_x(geometry), "y": shapely.get_y(geometry)}
        frames.append(frame.assign(layer=number, id=f"{layer}:" + frame["key"], **place))
    points: pd.DataFrame = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return points


def _hours(points: pd.DataFrame, layers: list[str], catalog: Catalog) -> "pd.Series[Any]":
    """Return each point's hours, its layer's where it has none: a categorical."""
    of_layer = dict(enumerate(catalog.layers[layer].hours for layer in layers))
    return points["hours"].where(points["hours"] != "", points["layer"].map(of_layer)).astype("category")


def _last_days(points: pd.DataFrame, imports: tuple[ImportRecord, ...], months: int) -> Any:  # noqa: ANN401
    """Return the ordinal of the last day each point may be shown; the day of the import where its date is unknown."""
    imported = {record.dataset: record.imported_at for record in imports}  # the newest of a dataset comes last
    dates = points["data_date"].to_numpy(object)
    known = np.where(dates != "", dates, points["dataset"].map(imported).fillna("").to_numpy(object))
    unique, back = np.unique(known.astype(str), return_inverse=True) if len(known) else (np.array([]), np.array([]))
    days = np.array([_months_later(str(text), months) for text in unique], np.int64)
    return days[back.astype(np.int64)]


def _months_later(text: str, months: int) -> int:
    """Return the ordinal of the day so many months after a date known to the day, the month or the year."""
    known = text[:10] or "1900"
    year, month, day = (int(part) for part in (known + "-12-28"[len(known) - 4 :]).split("-"))
    month0 = year * 12 + month - 1 + months
    first = date(month0 // 12, month0 % 12 + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first.toordinal() + day - 1, after.toordinal() - 1)


def _write_features(path: Path, points: pd.DataFrame, layers: list[str]) -> Ints:
    """Write each point's object without its end, one after the other; return where each begins, int64 (n + 1,)."""
    lon, lat = to_lonlat(points["x"].to_numpy(), points["y"].to_numpy())
    address = points["road_address"].where(points["road_address"] != "", points["lot_address"])
    columns = (points["id"], points["layer"], points["name"], address, points["data_date"])
    offsets = np.ones(len(points) + 1, np.int64)
    with path.open("wb") as stream:
        at = stream.write(b" ")  # an empty file cannot be mapped
        rows = zip(*columns, lon.round(6).tolist(), lat.round(6).tolist(), strict=True)
        for i, (key, layer, name, where, day, east, north) in enumerate(rows, start=1):
            text = orjson.dumps({
                "id": key, "layer": layers[layer], "name": name or None, "address": where or None,
                "lat": north, "lon": east, "data_date": day or None,
            })[:-1]  # fmt: skip
            at += stream.write(text)
            offsets[i] = at
    return offsets


def _meta(overview: Snapshot, catalog: Catalog, layers: list[str], hours: list[str], folder: Path) -> dict[str, Any]:
    held = overview.holdings
    shapes = overview.dong.groupby("district")["geometry"]
    area = {str(code): shapely.union_all(rows.to_numpy()) for code, rows in shapes}
    order = [area[code] for code in overview.districts]
    grid, said = district_grid(order)
    np.save(folder / GRID, grid)
    shapes_held, within_m = outlines(np.array(order, dtype=object))
    return {
        "version": overview.version,
        "grid": said,
        "outlines": shapes_held,
        "outlines_within_m": within_m,
        "made_at": datetime.now(SEOUL).isoformat(timespec="seconds"),
        "layers": layers,
        "hours": hours,
        "districts": [
            {
                "code": d.code,
                "name": d.name,
                "province": d.province,
                "area": shapely.to_wkb(area[d.code], hex=True),
                "no_data": [layer for layer in layers if not held.has(layer, d.code)],
                "needs": {
                    need.id: data_state(need, d.code, d.province, held, catalog).value
                    for need in catalog.needs.values()
                },
            }
            for d in overview.districts.values()
        ],
        "holdings": [
            asdict(holding) | {"visibility": catalog.layers[holding.layer].visibility}
            for holding in layer_holdings(overview, catalog)
        ],
    }
