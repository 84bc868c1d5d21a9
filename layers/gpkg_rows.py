"""Rows of a GeoPackage table, in and out, through Arrow."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from layers.gpkg_meta import feature_tables, not_ours
from layers.store import Bounds
from layers.tables import FACILITY, TABLES, empty

_ARROW = {"str": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}


def to_arrow(rows: pd.DataFrame, columns: Mapping[str, str], *, has_geometry: bool) -> tuple[pa.Table, str | None]:
    """Return the rows as Arrow with WKB geometry, and the geometry type for the table."""
    arrays = {
        name: pa.array(rows[name].to_numpy(), _ARROW[kind], from_pandas=kind != "str") for name, kind in columns.items()
    }
    if not has_geometry:
        return pa.table(arrays), None
    geometry = np.asarray(rows["geometry"], dtype=object)
    present = ~pd.isna(geometry)
    polygonal = bool(present.any()) and int(shapely.get_dimensions(geometry[present]).max()) == 2
    if polygonal:
        geometry = geometry.copy()
        geometry[present] = [
            g if g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in geometry[present]
        ]
    wkb = shapely.to_wkb(geometry)
    field = pa.field("geometry", pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
    table = pa.table(arrays).append_column(field, pa.array(wkb, pa.binary()))
    return table, "MultiPolygon" if polygonal else "Point"


def read_rows(
    path: Path, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return a table in the shape of ``layers.tables``; see :meth:`layers.store.Store.read`."""
    known, has_geometry = TABLES.get(table, (FACILITY, True))
    wanted = list(known) if columns is None else [c for c in columns if c != "geometry"]
    with_geometry = has_geometry and (columns is None or "geometry" in columns)
    if not _table_exists(path, table):
        return empty({name: known[name] for name in wanted}, geometry=with_geometry)
    meta, found = pyogrio.read_arrow(
        path, layer=table, columns=wanted, read_geometry=with_geometry, bbox=bounds if has_geometry else None
    )
    frame = pd.DataFrame({name: _column(found[name], known[name]) for name in wanted})
    if with_geometry:
        name = meta["geometry_name"] or "wkb_geometry"
        frame["geometry"] = shapely.from_wkb(found[name].to_numpy(zero_copy_only=False))
    return frame


def _column(values: pa.ChunkedArray, kind: str) -> Any:  # noqa: ANN401 - an array of any kind
    if kind == "str":
        return values.to_pandas()
    return values.to_numpy(zero_copy_only=False).astype(kind)


def _table_exists(path: Path, table: str) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return table in feature_tables(connection)
        except sqlite3.Error as error:
            raise not_ours(path) from error
