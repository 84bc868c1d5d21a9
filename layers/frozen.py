"""One version of a store as files in a folder: what processes of a service read, whatever becomes of the store.

One Arrow file a table, with WKB and the bounding box of each geometry; mapped when read.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import shapely
from pyarrow import feather

from layers.gpkg_rows import to_arrow
from layers.store import Bounds, Store, StoreError, Writer
from layers.tables import FACILITY, SUMMARY, TABLES, ImportRecord, empty

_META = "store.json"
_BOX = ("box_west", "box_south", "box_east", "box_north")
# Its attributes too, long as they are: plans read how full a locker is and what a lamp stands on.
_LAYER = FACILITY


def freeze(store: Store, folder: Path) -> None:
    """Write what a store holds now into a folder; the caller sees to it that it was one version.

    Kept plans are left out. Raises :class:`StoreError` as the store does.
    """
    folder.mkdir(parents=True)
    layers = store.layer_ids()
    for table in (*TABLES, *layers):
        shape, has_geometry = TABLES.get(table, (_LAYER, True))
        wanted = [*shape, "geometry"] if has_geometry else list(shape)
        _write(store.read(table, columns=wanted), folder / f"{table}.arrow", shape, has_geometry=has_geometry)
    meta = {
        "version": store.version(),
        "name": store.name,
        "layers": layers,
        "imports": [asdict(record) for record in store.imports()],
        "summary": store.summary().to_dict("records"),
    }
    (folder / _META).write_bytes(orjson.dumps(meta, option=orjson.OPT_SERIALIZE_NUMPY))


def is_frozen(location: str) -> bool:
    """Return whether a location is a folder that :func:`freeze` wrote."""
    return "://" not in location and (Path(location) / _META).is_file()


class FrozenStore:
    """A folder that :func:`freeze` wrote, as a :class:`layers.store.Store` that cannot be written to.

    Raises :class:`StoreError` where the folder is gone, as it is some time after a newer version is served.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._meta: dict[str, Any] = orjson.loads((folder / _META).read_bytes())
        except OSError:
            raise _gone(folder) from None
        self.name = str(self._meta["name"])

    def version(self) -> int:
        """Return the data version."""
        return int(self._meta["version"])

    def imports(self) -> list[ImportRecord]:
        """Return the imports, oldest first."""
        return [
            ImportRecord(**{
                **entry,
                "complete_for": tuple(entry["complete_for"]),
                "districts": None if entry["districts"] is None else tuple(entry["districts"]),
            })
            for entry in self._meta["imports"]
        ]  # fmt: skip

    def layer_ids(self) -> list[str]:
        """Return the layers that hold rows."""
        return list(self._meta["layers"])

    def summary(self) -> pd.DataFrame:
        """Return what each layer holds a district."""
        return pd.DataFrame(self._meta["summary"], columns=list(SUMMARY)).astype(SUMMARY)

    def read(self, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table; see :meth:`layers.store.Store.read`."""
        shape, has_geometry = TABLES.get(table, (_LAYER, True))
        wanted = list(shape) if columns is None else [name for name in columns if name != "geometry"]
        with_geometry = has_geometry and (columns is None or "geometry" in columns)
        path = self._folder / f"{table}.arrow"
        if table not in TABLES and table not in self._meta["layers"]:
            return empty({name: shape[name] for name in wanted}, geometry=with_geometry)
        if not path.is_file():
            raise _gone(self._folder)
        rows = None if bounds is None or not has_geometry else _rows_within(path, bounds)
        found = _read(path, [*wanted, "geometry"] if with_geometry else wanted, rows)
        frame = pd.DataFrame({name: _column(found[name], shape[name]) for name in wanted})
        if with_geometry:
            frame["geometry"] = shapely.from_wkb(found["geometry"].to_numpy(zero_copy_only=False))
        return frame

    def write(self) -> AbstractContextManager[Writer]:
        """Refuse."""
        raise StoreError(f"{self.name}: 읽기만 하는 사본입니다", "저장소에 쓰십시오")


def _gone(folder: Path) -> StoreError:
    return StoreError(f"{folder}: 지난 판의 자료가 지워졌습니다", "다시 하십시오")


def _write(rows: pd.DataFrame, path: Path, shape: dict[str, str], *, has_geometry: bool) -> None:
    table, _ = to_arrow(rows, shape, has_geometry=has_geometry)
    if has_geometry:
        box = shapely.bounds(np.asarray(rows["geometry"], dtype=object)).reshape(-1, 4)
        for name, edge in zip(_BOX, box.T, strict=True):
            table = table.append_column(name, pa.array(edge, pa.float64()))
    feather.write_feather(table, path, compression="uncompressed")


def _read(path: Path, columns: list[str], rows: Any) -> pa.Table:  # noqa: ANN401 - row numbers or None
    table = feather.read_table(path, columns=columns, memory_map=True)
    return table if rows is None else table.take(pa.array(rows))


def _rows_within(path: Path, bounds: Bounds) -> Any:  # noqa: ANN401 - int64 (k,)
    """Return the rows whose geometry meets the box."""
    box = feather.read_table(path, columns=list(_BOX), memory_map=True)
    west, south, east, north = (box[name].to_numpy() for name in _BOX)
    rows = np.flatnonzero((west <= bounds[2]) & (east >= bounds[0]) & (south <= bounds[3]) & (north >= bounds[1]))
    if len(rows) and (west[rows] < east[rows]).any():  # no points: their boxes say more than they cover
        geometry = shapely.from_wkb(_read(path, ["geometry"], rows)["geometry"].to_numpy(zero_copy_only=False))
        rows = rows[shapely.intersects(geometry, shapely.box(*bounds))]
    return rows


def _column(values: pa.ChunkedArray, kind: str) -> Any:  # noqa: ANN401 - an array of any kind
    if kind == "str":
        return values.to_pandas()
    return values.to_numpy(zero_copy_only=False).astype(kind)
