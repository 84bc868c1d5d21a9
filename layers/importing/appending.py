"""Which rows of an appended file the store does not hold yet, and the keys they get beside those it holds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from layers.importing.identity import centres, coordinate_text, hashed_again, row_keys
from layers.importing.locating import LOCATED_BY, has_flag
from layers.importing.shapes import only
from layers.importing.text import as_text, join
from layers.store import Writer
from layers.tables import TABLES, Batch

_OTHER_TABLES = {"household": ["unit", "sex", "age_from", "age_to"], "dong": ["dong"]}
_SAID = ["source_id", "name", "road_address", "lot_address", "district", "devices", "installed", "hours", "purpose"]
_READ = ["key", "dataset", "scope", "flags", "geometry", *_SAID, "attributes"]


def only_new(writer: Writer, batch: Batch) -> Batch:
    """Return the batch with those of its rows that the store does not hold yet, for ``--mode append``.

    A facility is stored already where a row of its dataset says the same in every column (its date aside: a later
    edition repeats it). A row that only shares its key, such as one more camera on a pole, is another one and is
    numbered on from the stored ones. Rows of the other tables are known by their identity.
    """
    if batch.table in TABLES:
        identity = _OTHER_TABLES.get(batch.table, ["key"])
        stored = _of_dataset(writer, batch, ["dataset", *identity])
        held = pd.MultiIndex.from_frame(stored[identity])
        known = pd.MultiIndex.from_frame(batch.rows[identity]).isin(held)
        return replace(batch, rows=batch.rows[~known].reset_index(drop=True))
    stored = _of_dataset(writer, batch, _READ)
    if stored.empty or batch.rows.empty:
        return batch
    known = pd.MultiIndex.from_frame(_said(batch.rows)).isin(pd.MultiIndex.from_frame(_said(stored)))
    fresh = batch.rows[~known].reset_index(drop=True)
    return replace(batch, rows=fresh.assign(key=pd.Series(_keys(stored, fresh), dtype="str")))


def _of_dataset(writer: Writer, batch: Batch, columns: list[str]) -> pd.DataFrame:
    stored = writer.read(batch.table, columns=columns)
    return stored[stored["dataset"] == batch.dataset].reset_index(drop=True)


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what the file says of each row, comparable."""
    return rows[[*_SAID, "attributes"]].assign(place=join(_place(rows)).to_pylist())


def _place(rows: pd.DataFrame) -> list[pa.Array]:
    """Return x and y as text, '' for a place found by an address: it is no part of a row."""
    own = ~has_flag(rows["flags"], LOCATED_BY)
    x, y = centres(only(own, rows["geometry"].to_numpy(dtype=object)))
    return [coordinate_text(x), coordinate_text(y)]


def _keys(stored: pd.DataFrame, fresh: pd.DataFrame) -> list[str]:
    """Return the keys of the new rows as an import of all rows together would give them, those stored first."""
    if fresh.empty:
        return []
    rows = pd.concat([stored[_READ], fresh[_READ]], ignore_index=True)
    is_new = np.arange(len(rows)) >= len(stored)

    def in_order() -> pa.Array:
        return join([as_text(np.where(is_new, "1", "0").tolist()), _text(rows["key"])])

    place = rows["district"].where(rows["district"] != "", rows["scope"])
    content = [*(_text(rows[name]) for name in ("name", "road_address", "lot_address")), *_place(rows)]
    keys = row_keys(str(fresh["dataset"].iloc[0]), _text(place), _text(rows["source_id"]), content, in_order)
    return hashed_again(keys[len(stored) :], set(stored["key"]))


def _text(values: "pd.Series[str]") -> pa.Array:
    return as_text(values.to_numpy(dtype=object))
