"""GeoJSON and Shapefiles into columns of text and geometry."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geo.model import Geometries
from layers.importing.encoding import REPLACEMENT, check_broken, check_header, decode
from layers.importing.errors import UnreadableFileError
from layers.importing.geojson_faults import mark_unreadable
from layers.importing.raw import Raw, tidy
from layers.importing.text import SEPARATOR


def read_geojson(data: bytes, file: str, encoding: str | None = None) -> Raw:
    """Read GeoJSON, whatever the file is called. Positions without a ``crs`` member are lon, lat (RFC 7946)."""
    text, found = decode(data, file, encoding)
    return mark_unreadable(_read(text.encode("utf-8", errors="replace"), file, found, None), text)


def read_shapefile(path: Path, encoding: str | None = None) -> Raw:
    """Read a Shapefile with its sidecars. The dbf is what its .cpg says, else utf-8 or cp949, whichever fits."""
    table = next((p for p in _beside(path) if p.suffix.lower() == ".dbf"), None)
    declared = next((p for p in _beside(path) if p.suffix.lower() == ".cpg"), None)
    found = encoding or (_cpg(declared) if declared else "") or (_dbf_encoding(table) if table else "utf-8")
    return _read(path, path.name, found, found)


def _beside(path: Path) -> list[Path]:
    return [p for p in path.parent.iterdir() if p.stem == path.stem]


def _cpg(path: Path) -> str:
    name = path.read_text(encoding="ascii", errors="ignore").strip().lower()
    return {"949": "cp949", "ms949": "cp949", "cp949": "cp949", "euc-kr": "cp949", "utf8": "utf-8"}.get(name, name)


def _dbf_encoding(path: Path) -> str:
    data = path.read_bytes()
    start = int.from_bytes(data[8:10], "little") if len(data) > 10 else 0
    broken = {name: data[start:].decode(name, errors="replace").count(REPLACEMENT) for name in ("utf-8", "cp949")}
    return min(broken, key=lambda name: broken[name])


def _read(source: bytes | Path, file: str, encoding: str, declared: str | None) -> Raw:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks; what matters is checked below
            meta, table = pyogrio.read_arrow(source, encoding=declared)
    except (DataSourceError, DataLayerError, LookupError, UnicodeDecodeError, ValueError, pa.ArrowException) as error:
        raise UnreadableFileError(
            f"{file}: 공간 자료로 읽을 수 없습니다 ({_first_line(error)})",
            "GeoJSON이나 Shapefile(.shp .shx .dbf .prj를 한 폴더에)인지 확인하십시오",
        ) from error
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    names = [name for name in table.column_names if name not in {geometry_name, meta["fid_column"]}]
    if geometry_name not in table.column_names or table.num_rows == 0:
        raise UnreadableFileError(f"{file}: 도형이 하나도 없습니다", "점이나 면이 있는 파일인지 확인하십시오")
    check_header(tuple(names), file)
    columns = [_as_text(table.column(name).combine_chunks()) for name in names]
    broken = sum(REPLACEMENT in cell for column in columns for cell in column.unique().to_pylist())
    check_broken(broken, table.num_rows, file)
    header, kept = tidy(names, columns)
    return Raw(
        file,
        header,
        kept,
        np.arange(1, table.num_rows + 1, dtype=np.int64),
        encoding,
        pd.DataFrame({"line": np.array([], np.int64), "row": pd.Series([], dtype="str")}),
        geometry=_geometries(table.column(geometry_name)),
        crs=meta["crs"] or "",
    )


def _geometries(column: pa.ChunkedArray) -> Geometries:
    found = shapely.from_wkb(column.to_numpy(), on_invalid="ignore")
    found[shapely.is_empty(found)] = None
    return np.asarray(shapely.force_2d(found), dtype=object)


def _as_text(column: pa.Array) -> pa.Array:
    """Return any property as text: whole floats without '.0', nested values as their JSON."""
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        finite = values[np.isfinite(values)]
        if finite.size and (finite == np.floor(finite)).all() and (np.abs(finite) < 1e15).all():
            whole = np.where(np.isfinite(values), values, 0).astype(np.int64)
            column = pa.array(whole, mask=~np.isfinite(values))
    try:
        text = column.cast(pa.string()).fill_null("")
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        text = pa.array(["" if v is None else str(v) for v in column.to_pylist()], pa.string())
    if pa.compute.any(pa.compute.match_substring(text, SEPARATOR)).as_py():
        text = pa.compute.replace_substring(text, SEPARATOR, "")
    return text


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
