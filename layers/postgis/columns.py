"""Frames as columns of text for COPY: out of pandas without a Python step a row, and back.

COPY speaks CSV, which Arrow reads and writes in compiled code; a geometry is EWKB in hexadecimal, which is
PostGIS's own text form. An unquoted empty cell is null, a quoted one is the empty text.
"""

import binascii
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import shapely
from numpy.typing import NDArray

from geo.model import Geometries
from layers.importing.text import hashes, join
from layers.postgis.models import SRID

_ARROW = {"str": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}
_READ = {**_ARROW, "str": pa.large_string()}  # what pandas holds text in: not converted again
_OPTIONS = pa_csv.WriteOptions(include_header=False)
_BLOCK_BYTES = 1 << 20
_ROWS_AT_ONCE = 128  # the driver gives a row a block: few steps of Python, and no more than the processor's cache holds
_POINT = np.dtype([("order", "<u1"), ("kind", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
_POINT_WITH_SRID = 0x20000001
GEOMETRY, ORDER = "geom", "id"
_POINT_HEX = 2 * _POINT.itemsize


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
        starts = np.arange(0, (len(placed) + 1) * _POINT_HEX, _POINT_HEX, dtype=np.int32)
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


def from_csv(blocks: Iterable[Any], shape: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Yield what COPY sends as Arrow, part by part; ``shape`` gives the columns in order, geometry among them as text.

    What is made of a part meanwhile costs no time of its own: the server goes on sending.
    """
    names = list(shape)
    try:
        yield from pa_csv.open_csv(
            _Stream(blocks),
            pa_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES, use_threads=False),
            pa_csv.ParseOptions(newlines_in_values=True),
            pa_csv.ConvertOptions(
                column_types={name: _READ[kind] for name, kind in shape.items()},
                strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise


def to_frame(parts: Iterable[pa.RecordBatch], shape: Mapping[str, str], *, with_geometry: bool) -> pd.DataFrame:
    """Return the columns as a frame in the shape of ``layers.tables``, rows by :data:`ORDER`, which is in the parts.

    Geometry as :data:`GEOMETRY` holds it. Nearly always the rows came in order, and the server would sort them on disk.
    """
    kept, placed = [], [np.empty(0, dtype=object)]
    for part in parts:
        if with_geometry:
            placed.append(_geometry(part.column(GEOMETRY)))
        kept.append(part.select([ORDER, *shape]))
    schema = pa.schema({ORDER: pa.int64()} | {name: _READ[kind] for name, kind in shape.items()})
    table, geometry = pa.Table.from_batches(kept, schema), np.concatenate(placed)
    order = table[ORDER].to_numpy()
    if not bool((np.diff(order) > 0).all()):
        sorted_by = np.argsort(order)
        table = table.take(pa.array(sorted_by))
        geometry = geometry[sorted_by] if with_geometry else geometry
    columns = {name: _column(table[name], kind) for name, kind in shape.items()}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(table)))
    if with_geometry:
        frame["geometry"] = pd.Series(geometry, dtype=object, index=frame.index)
    return frame


def _geometry(texts: pa.LargeStringArray) -> Geometries:
    """Return geometry from hexadecimal EWKB, None where it is ''. Points, which are nearly all, in one stroke."""
    placed = np.full(len(texts), None, dtype=object)
    lengths = pc.binary_length(texts).to_numpy()
    point = lengths == _POINT_HEX
    found = np.frombuffer(
        binascii.unhexlify(_bytes_of(texts if point.all() else texts.filter(pa.array(point)))), _POINT
    )
    if bool(((found["order"] == 1) & (found["kind"] == _POINT_WITH_SRID)).all()):
        placed[point] = shapely.points(found["x"], found["y"])
    else:  # a server of the other byte order, or a shape that happens to be as long
        point[:] = False
    rest = ~point & (lengths > 0)
    if rest.any():
        others = texts.filter(pa.array(rest)).to_numpy(zero_copy_only=False)
        placed[rest] = shapely.set_srid(shapely.from_wkb(others), 0)
    return placed


def _bytes_of(texts: pa.LargeStringArray) -> memoryview:
    """Return the texts one after another, as they lie in memory."""
    if not len(texts):
        return memoryview(b"")
    _, starts, values = texts.buffers()
    bounds = np.frombuffer(starts, np.int64, len(texts) + 1, texts.offset * 8)
    return memoryview(values)[bounds[0] : bounds[-1]]


def _column(values: pa.ChunkedArray, kind: str) -> Any:  # noqa: ANN401 - an array of any kind
    if kind == "str":
        return values.to_pandas(types_mapper={pa.large_string(): pd.StringDtype(na_value=np.nan)}.get)
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
                self._rest = memoryview(b"".join(islice(self._blocks, _ROWS_AT_ONCE)))
                if not self._rest:
                    break
            part = self._rest[: size - done]
            target[done : done + len(part)] = part
            self._rest = self._rest[len(part) :]
            done += len(part)
        return done
