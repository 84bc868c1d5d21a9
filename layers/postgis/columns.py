"""Frames as columns of text for COPY: out of pandas without a Python step a row, and back.

COPY speaks CSV, which Arrow reads and writes in compiled code; a geometry is EWKB in hexadecimal, which is
PostGIS's own text form. An unquoted empty cell is null, a quoted one is the empty text.
"""

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

from layers.importing.text import hashes, join
from layers.postgis.models import SRID

_ARROW = {"str": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}
_OPTIONS = pa_csv.WriteOptions(include_header=False)
_BLOCK_BYTES = 4 << 20
GEOMETRY = "geom"


def to_columns(rows: pd.DataFrame, shape: Mapping[str, str], *, has_geometry: bool) -> pa.Table:
    """Return rows as Arrow, geometry (EPSG:5179) as hexadecimal EWKB in ``geom``, null where there is none."""
    arrays = {
        name: pa.array(rows[name].to_numpy(), _ARROW[kind], from_pandas=kind == "float64")
        for name, kind in shape.items()
    }
    if has_geometry:
        placed = shapely.set_srid(np.asarray(rows["geometry"], dtype=object), SRID)
        arrays[GEOMETRY] = pa.array(shapely.to_wkb(placed, hex=True, include_srid=True), pa.string(), from_pandas=True)
    return pa.table(arrays)


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
    """Return the columns as a frame in the shape of ``layers.tables``."""
    frame = pd.DataFrame({name: _column(table[name], kind) for name, kind in shape.items()})
    if with_geometry:
        text = table[GEOMETRY].to_numpy()
        placed = shapely.from_wkb(np.where(text == "", None, text))
        frame["geometry"] = pd.Series(shapely.set_srid(placed, 0), dtype=object, index=frame.index)
    return frame


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
