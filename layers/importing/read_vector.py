"""GeoJSON, Shapefiles and GeoPackages into columns of text and geometry. What GDAL says in English stays here."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geo.model import Geometries
from layers.importing.encoding import REPLACEMENT, check_broken, check_header, check_text, decode
from layers.importing.errors import UnreadableFileError, UnsafeFileError
from layers.importing.gdal_limits import limit_gdal, links_outside
from layers.importing.geojson_faults import mark_unreadable
from layers.importing.raw import Raw, tidy
from layers.importing.text import SEPARATOR

_FAULTS = (DataSourceError, DataLayerError, LookupError, UnicodeDecodeError, ValueError, pa.ArrowException)
_NO_DATA = frozenset({"layer_styles", "qgis_projects"})  # tables that QGIS adds to a GeoPackage
_CPG = {"949": "cp949", "ms949": "cp949", "cp949": "cp949", "euc-kr": "cp949", "euckr": "cp949", "utf8": "utf-8"}
_TABLE_HEADER_BYTES = 32  # of a dbf, before its fields


def read_geojson(data: bytes, file: str, encoding: str | None = None) -> Raw:
    """Read GeoJSON, whatever the file is called. Positions without a ``crs`` member are lon, lat (RFC 7946).

    Raises
    ------
    UnreadableFileError
        It is no GeoJSON.
    UnsafeFileError
        Its system of coordinates is to be fetched from elsewhere.
    """
    text, found = decode(data, file, encoding)
    if links_outside(text):
        raise UnsafeFileError(
            f"{file}: 좌표계를 다른 곳에서 읽어 오게 하는 파일입니다", "좌표계를 EPSG 이름으로 적어 다시 저장하십시오"
        )
    return mark_unreadable(_read(text.encode("utf-8", errors="replace"), file, found, None), text)


def read_shapefile(path: Path, file: str, encoding: str | None = None) -> Raw:
    """Read a Shapefile with its sidecars, also without its .shx, which is made anew beside a copy.

    The dbf is what its .cpg says, unless the other of utf-8 and cp949 breaks fewer characters.
    """
    beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem.casefold() == path.stem.casefold()}
    found = encoding or _dbf_encoding(beside.get(".dbf"), beside.get(".cpg"))
    if ".shx" in beside:
        return _read(path, file, found, found)
    with tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as folder, _restoring_shx():
        for ending in beside.keys() & {".shp", ".dbf", ".prj"}:
            shutil.copyfile(beside[ending], Path(folder) / f"data{ending}")
        return _read(Path(folder) / "data.shp", file, found, found, repaired={"shx_restored": 1})


def layer_names(path: Path, file: str) -> dict[str, str]:
    """Return the layers of a GeoPackage, with why each is not read, '' for those that are."""
    limit_gdal()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(name) for name, _ in pyogrio.list_layers(path)]
            empty = {
                name for name in names if not pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
            }
    except _FAULTS as error:
        raise _unreadable(file) from error
    return {name: "QGIS의 설정입니다" if name in _NO_DATA else "빈 층입니다" if name in empty else "" for name in names}


def read_layer(path: Path, layer: str, file: str) -> Raw:
    """Read one layer of a GeoPackage, which may be a table without geometry."""
    return _read(path, file, "utf-8", None, layer=layer)


@contextmanager
def _restoring_shx() -> Iterator[None]:
    name = "SHAPE_RESTORE_SHX"
    before = pyogrio.get_gdal_config_option(name)
    pyogrio.set_gdal_config_options({name: "YES"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({name: before})


def _dbf_encoding(table: Path | None, declared: Path | None) -> str:
    """Return the encoding of a dbf, by what breaks fewest characters of its records; what it declares, in a tie."""
    name = declared.read_text(encoding="ascii", errors="ignore").strip().lower() if declared else ""
    said = _CPG.get(name, name)
    if table is None:
        return said or "utf-8"
    data = table.read_bytes()[_TABLE_HEADER_BYTES:]
    candidates = dict.fromkeys([said, "utf-8", "cp949"] if _is_known(said) else ["utf-8", "cp949"])
    broken = {each: data.decode(each, errors="replace").count(REPLACEMENT) for each in candidates}
    return min(broken, key=lambda each: broken[each])


def _is_known(encoding: str) -> bool:
    try:
        return bool(encoding) and "가".encode(encoding) != b""
    except (LookupError, UnicodeError):  # a Western one: no Korean file is in it, whatever its .cpg says
        return False


def _read(
    source: bytes | Path,
    file: str,
    encoding: str,
    declared: str | None,
    layer: str | None = None,
    repaired: dict[str, int] | None = None,
) -> Raw:
    limit_gdal()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks; what matters is checked below
            meta, table = pyogrio.read_arrow(source, encoding=declared, layer=layer)
    except _FAULTS as error:
        raise _unreadable(file) from error
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    placed = geometry_name in table.column_names
    if table.num_rows == 0 or (not placed and layer is None):
        raise UnreadableFileError(f"{file}: 도형이 하나도 없습니다", "점이나 면이 있는 파일인지 확인하십시오")
    table = table.drop_columns([name for name in (meta["fid_column"],) if name in table.column_names])
    geometry = geometries_of(table.column(geometry_name)) if placed else None
    attributes = table.drop_columns([geometry_name]) if placed else table
    return raw_of_table(attributes, geometry, meta["crs"] or "", file, encoding, repaired)


def raw_of_table(
    table: pa.Table,
    geometry: Geometries | None,
    crs: str,
    file: str,
    encoding: str = "utf-8",
    repaired: dict[str, int] | None = None,
) -> Raw:
    """Return an Arrow table of any types, and geometry beside it, as a file as read.

    Raises
    ------
    BadEncodingError
        Its text is mojibake.
    """
    try:
        names = table.column_names
    except UnicodeDecodeError as error:
        raise _unreadable(file) from error
    check_header(tuple(names), file)
    columns = [as_cells(table.column(name).combine_chunks()) for name in names]
    distinct = [column.unique().to_pylist() for column in columns]
    broken = sum(REPLACEMENT in cell for cells in distinct for cell in cells)
    check_broken(broken, table.num_rows, file)
    check_text("\n".join([*names, *(cell for cells in distinct for cell in cells[:200])]), file)
    header, kept = tidy(names, columns)
    return Raw(
        file,
        header,
        kept,
        np.arange(1, table.num_rows + 1, dtype=np.int64),
        encoding,
        pd.DataFrame({"line": np.array([], np.int64), "row": pd.Series([], dtype="str")}),
        geometry=geometry,
        crs=crs,
        repaired=repaired or {},
    )


def geometries_of(column: pa.ChunkedArray) -> Geometries:
    """Return the flat geometries of a column of WKB, None where there is none."""
    found = shapely.from_wkb(column.to_numpy(), on_invalid="ignore")
    found[shapely.is_empty(found)] = None
    return np.asarray(shapely.force_2d(found), dtype=object)


def as_cells(column: pa.Array) -> pa.Array:
    """Return any property as text: whole floats without '.0', nested values as their JSON, null as ''."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
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
    text = _valid(text)
    if pa.compute.any(pa.compute.match_substring(text, SEPARATOR)).as_py():
        text = pa.compute.replace_substring(text, SEPARATOR, "")
    return text


def _valid(text: pa.Array) -> pa.Array:
    """Return text whose bytes are utf-8 (a damaged file's need not be): others become U+FFFD."""
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        cells = text.cast(pa.binary()).to_pylist()
        return pa.array([cell.decode("utf-8", errors="replace") for cell in cells], pa.string())
    return text


def _unreadable(file: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{file}: 공간 자료로 읽을 수 없습니다 (잘렸거나 손상되었거나 다른 꼴입니다)",
        "다시 내려받으십시오. Shapefile이면 .shp .shx .dbf .prj를 한 폴더에 두십시오",
    )
