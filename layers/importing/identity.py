"""Keys of rows: the same row of the same dataset has the same key in every store (design decision 6)."""

import binascii

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.model import Floats
from layers.importing.text import as_text, collapse, empty_text, join

_Hashes = NDArray[np.uint64]


def coordinate_text(values: Floats) -> pa.Array:
    """Return coordinates in whole decimetres as text, '' for NaN."""
    known = np.isfinite(values)
    whole = np.where(known, np.round(np.where(known, values, 0) * 10), 0).astype(np.int64)
    return pc.if_else(pa.array(known), pa.array(whole).cast(pa.string()), "")


def row_keys(
    dataset: str, district: pa.Array, source_id: pa.Array, content: list[pa.Array], whole_rows: pa.Array
) -> list[str]:
    """Return one key a row, unique among them.

    Parameters
    ----------
    dataset
        Id of the dataset.
    district
        District code of each row: files of two districts may use the same ids or names.
    source_id
        The dataset's own id; used where it is not empty and stands once in the file.
    content
        What identifies the other rows: name, addresses, coordinates to 0.1 m.
    whole_rows
        Settles the order among rows of the same content, so that the file's row order does not matter.

    Returns
    -------
    16 hexadecimal digits each, same order as the input: a 64-bit SipHash (pandas' fixed key); rows of equal
    content are told apart by an occurrence number.
    """
    n = len(source_id)
    ids = pd.Series(np.asarray(pc.dictionary_encode(join([district, source_id])).indices))
    own = pc.and_(pc.not_equal(source_id, ""), pa.array(~ids.duplicated(keep=False).to_numpy()))
    by_content = join([collapse(part) for part in content])
    text = join(
        [as_text([dataset]).take(pa.array(np.zeros(n, np.int64))), district, pc.if_else(own, source_id, by_content)]
    )
    hashes = _hash(text)
    repeated = pd.Series(hashes).duplicated(keep=False).to_numpy()
    if repeated.any():
        where = np.flatnonzero(repeated)
        ties = pd.DataFrame({
            "hash": hashes[where], "row": whole_rows.take(pa.array(where)).to_pandas(), "at": where
        }).sort_values(["hash", "row", "at"])  # fmt: skip
        occurrence = ties.groupby("hash").cumcount().to_numpy()
        at = ties["at"].to_numpy()[occurrence > 0]
        numbered = join([text.take(pa.array(at)), pa.array(occurrence[occurrence > 0]).cast(pa.string())])
        hashes[at] = _hash(numbered)
    return _hex(_distinct(hashes))


def _hash(text: pa.Array) -> _Hashes:
    values = text.to_numpy(zero_copy_only=False)
    return (
        np.asarray(pd.util.hash_array(values, categorize=False), dtype=np.uint64)
        if len(values)
        else np.empty(0, np.uint64)
    )


def _distinct(hashes: _Hashes) -> _Hashes:
    """Move the (practically impossible) equal hashes of different rows apart."""
    while (again := pd.Series(hashes).duplicated().to_numpy()).any():
        hashes[again] += np.uint64(1)
    return hashes


def _hex(hashes: _Hashes) -> list[str]:
    digits = binascii.hexlify(hashes.astype(">u8").tobytes())
    return list(np.frombuffer(digits, "S16").astype("U16")) if len(hashes) else []


def no_source_id(n: int) -> pa.Array:
    """Return the source ids of a dataset that has none."""
    return empty_text(n)
