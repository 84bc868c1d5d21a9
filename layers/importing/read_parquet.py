"""GeoParquet, and plain Parquet with columns of coordinates."""

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.model import Geometries
from layers.importing.errors import UnreadableFileError, UnsafeFileError
from layers.importing.raw import Raw
from layers.importing.read_vector import geometries_of, raw_of_table
from layers.importing.unpack import size_text

_LONLAT = "EPSG:4326"  # GeoParquet: no ``crs`` is OGC:CRS84, lon, lat


def read_parquet(path: Path, file: str, max_bytes: int) -> Raw:
    """Read a Parquet file; its geometry is the primary column of its ``geo`` metadata, where it has that.

    Raises
    ------
    UnreadableFileError
        The file is damaged or empty.
    UnsafeFileError
        It would take over ``max_bytes`` in memory.
    """
    try:
        opened = pq.ParquetFile(path)
        meta = opened.metadata
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if size > max_bytes:
            raise UnsafeFileError(
                f"{file}: 풀면 {size_text(size)}로, 한도 {size_text(max_bytes)}를 넘습니다", "--max-size를 늘리십시오"
            )
        table = opened.read()
        geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        name = str(geo.get("primary_column", "")) if isinstance(geo, dict) else ""
        column = geo.get("columns", {}).get(name, {}) if name in table.column_names else {}
        geometry = _geometry(path, table, name, column) if column else None
    except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError, shapely.GEOSException) as error:
        raise UnreadableFileError(f"{file}: 손상된 Parquet 파일입니다", "다시 내려받으십시오") from error
    if not table.num_rows:
        raise UnreadableFileError(f"{file}: 행이 없습니다", "잘리지 않았는지 다시 내려받으십시오")
    left_out = [f.name for f in table.schema if f.name == name or pa.types.is_nested(f.type) or _is_bytes(f.type)]
    return raw_of_table(table.drop_columns(left_out), geometry, _crs(column), file)


def _geometry(path: Path, table: pa.Table, name: str, column: dict[str, Any]) -> Geometries:
    if column.get("encoding") == "WKB":
        return geometries_of(table.column(name))
    native = geopandas.read_parquet(path, columns=[name]).geometry.to_numpy(dtype=object)
    return np.asarray(shapely.force_2d(native), dtype=object)


def _crs(column: dict[str, Any]) -> str:
    """Return the system of the geometry: an EPSG code where there is one, '' where the file says it is unknown."""
    if "crs" not in column:
        return _LONLAT
    if not column["crs"]:
        return ""
    try:
        crs = CRS.from_user_input(column["crs"])
    except CRSError:
        return ""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.to_wkt()


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
