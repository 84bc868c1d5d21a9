"""Frames as columns of text for COPY: out of pandas without a Python step a row, and back.

COPY speaks CSV, which Arrow reads and writes in compiled code; a geometry is EWKB in hexadecimal, which is
PostGIS's own text form. An unquoted empty cell is null, a quoted one is the empty text.
"""

import binascii
import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import shapely
from numpy.typing import NDArray

from geo.model import Floats, Geometries
from layers.importing.text import hashes, join
from layers.postgis.models import SRID

_ARROW = {"str": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}
_OPTIONS = pa_csv.WriteOptions(include_header=False)
_BLOCK_BYTES = 4 << 20
_POINT = np.dtype([("order", "<u1"), ("kind", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
_POINT_WITH_SRID = 0x20000001
GEOMETRY = "geom"
# What is asked for a geometry: points, which are nearly all, travel as numbers.
PLACE = {
    "x": "CASE WHEN GeometryType(geom) = 'POINT' THEN ST_X(geom) END",
    "y": "CASE WHEN GeometryType(geom) = 'POINT' THEN ST_Y(geom) END",
    "other": "CASE WHEN GeometryType(geom) <> 'POINT' THEN geom END",
}
PLACE_SHAPE = {"x": "float64", "y": "float64", "other": "str"}


def to_columns(rows: pd.DataFrame, shape: Mapping[str, str], *, has_geometry: bool) -> pa.Table:
    """Return rows as Arrow, geometry (EPSG:5179) as hexadecimal EWKB in ``geom``, null where there is none."""
    arrays = {name: pa.array(rows[name], _ARROW[kind], from_pandas=kind == "float64") for name, kind in shape.items()}
    if has_geometry:
        arrays[GEOMETRY] = _ewkb(np.asarray(rows["geometry"], dtype=object))
    return pa.table(arrays)


def _ewkb(placed: Geometries) -> pa.Array:
    """Return hexadecimal EWKB, null where there is no geometry. Points, which are nearly all, in one stroke."""
    if len(placed) and bool((shapely.get_type_id(placed) == 0).all()) and not shapely.has_z(placed).any():
        made = np.empty(len(placed), _POINT)
        made["order"], made["kind"], made["srid"] = 1, _POINT_WITH_SRID, SRID
        made["x"], made["y"] = shapely.get_x(placed), shapely.get_y(placed)
        each = 2 * _POINT.itemsize
        starts = np.arange(0, (len(placed) + 1) * each, each, dtype=np.int32)
        text = binascii.hexlify(made.tobytes()).upper()
        return pa.StringArray.from_buffers(len(placed), pa.py_buffer(starts), pa.py_buffer(text))
    whole = shapely.to_wkb(shapely.set_srid(placed, SRID), hex=True, include_srid=True)
    return pa.array(whole, pa.string(), from_pandas=True)


def digests(table: pa.Table) -> NDArray[np.int64]:
    """Return a 64-bit hash of each whole row, int64 (n,), the same on every machine."""
    texts = [pc.fill_null(column.cast(pa.string()), "") for column in table.itercolumns()]
    joined = join([text.combine_chunks() for text in texts])
    return hashes(joined).view(np.int64)


def number_repeats(found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the digests with those of equal rows told apart by their number: a set of rows may hold one twice."""
    again = pd.Series(found).groupby(found).cumcount().to_numpy()
    mixed = found.view(np.uint64) + again.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return mixed.view(np.int64)


def to_csv(table: pa.Table) -> memoryview:
    """Return the rows as CSV for COPY."""
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(table, sink, _OPTIONS)
    return memoryview(sink.getvalue())


def from_csv(blocks: Iterable[Any], shape: Mapping[str, str]) -> pa.Table:
    """Return what COPY sends as Arrow; ``shape`` gives the columns in order, geometry among them as text."""
    names = list(shape)
    try:
        return pa_csv.read_csv(
            _Stream(blocks),
            pa_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            pa_csv.ParseOptions(newlines_in_values=True),
            pa_csv.ConvertOptions(
                column_types={name: _ARROW[kind] for name, kind in shape.items()},
                strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise
        return pa.table({name: pa.array([], _ARROW[kind]) for name, kind in shape.items()})


def to_frame(table: pa.Table, shape: Mapping[str, str], *, with_geometry: bool) -> pd.DataFrame:
    """Return the columns as a frame in the shape of ``layers.tables``; geometry as :data:`PLACE` gives it."""
    frame = pd.DataFrame({name: _column(table[name], kind) for name, kind in shape.items()})
    if with_geometry:
        placed = _geometry(*(table[name].to_numpy() for name in PLACE))
        frame["geometry"] = pd.Series(placed, dtype=object, index=frame.index)
    return frame


def _geometry(x: Floats, y: Floats, other: NDArray[np.object_]) -> Geometries:
    """Return geometry from coordinates of points (NaN elsewhere) and EWKB of all other kinds ('' elsewhere)."""
    placed = np.full(len(x), None, dtype=object)
    point = ~np.isnan(x)
    placed[point] = shapely.points(x[point], y[point])
    rest = other != ""
    placed[rest] = shapely.set_srid(shapely.from_wkb(other[rest]), 0)
    return placed


def _column(values: pa.ChunkedArray, kind: str) -> Any:  # noqa: ANN401 - an array of any kind
    if kind == "str":
        return values.to_pandas(types_mapper={pa.string(): pd.StringDtype(na_value=np.nan)}.get)
    return values.to_numpy(zero_copy_only=False).astype(kind, copy=False)


class _Stream(io.RawIOBase):
    """The blocks of a COPY as a file to read."""

    def __init__(self, blocks: Iterable[Any]) -> None:
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:  # noqa: ANN401 - a writable buffer
        """Fill the target with as much as there is; 0 at the end."""
        done, size = 0, len(target)
        while done < size:
            if not self._rest:
                self._rest = memoryview(next(self._blocks, b""))
                if not self._rest:
                    break
            part = self._rest[: size - done]
            target[done : done + len(part)] = part
            self._rest = self._rest[len(part) :]
            done += len(part)
        return done
