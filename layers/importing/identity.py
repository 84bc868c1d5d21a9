"""Keys of rows: the same row of the same dataset has the same key in every store (design decision 6)."""

import binascii
import re
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo.model import Floats, Geometries
from layers.importing.text import as_text, collapse, hashes, join

_Hashes = NDArray[np.uint64]

_DATES = re.compile(
    r"(?:19|20)\d{2}\s*년(?:\s*\d{1,2}\s*월)?(?:\s*\d{1,2}\s*일)?(?:\s*기준)?"
    r"|(?<!\d)(?:19|20)\d{2}(?:[-_. ]?(?:0[1-9]|1[0-2])(?:[-_. ]?(?:0[1-9]|[12]\d|3[01]))?)?(?!\d)"
    r"|(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
)
_COPY = re.compile(r"\s*\(\d+\)\s*$|[-_ ]*(?:의\s*)?(?:복사본|사본)(?:\s*\(\d+\))?\s*$|^copy of ")


def edition_name(file: str) -> str:
    """Return what names a file through its editions: its stem without dates and marks of a copy.

    ``cctv_20251223.csv``, ``CCTV (1).csv`` and ``2024년 cctv.xlsx`` are all ``cctv``.
    """
    stem = unicodedata.normalize("NFC", Path(file).stem).lower()
    stem = _DATES.sub(" ", _COPY.sub("", stem))
    return "_".join(part for part in re.split(r"[-_.,()\[\]\s]+", stem) if part)


def centres(geometry: Geometries) -> tuple[Floats, Floats]:
    """Return x, y of points, of centroids for polygons, NaN where there is none."""
    if (shapely.get_dimensions(geometry) > 0).any():
        geometry = shapely.centroid(geometry)
    return shapely.get_x(geometry), shapely.get_y(geometry)


def coordinate_text(values: Floats) -> pa.Array:
    """Return coordinates in whole decimetres as text, '' for NaN."""
    known = np.isfinite(values)
    whole = np.where(known, np.round(np.where(known, values, 0) * 10), 0).astype(np.int64)
    return pc.if_else(pa.array(known), pa.array(whole).cast(pa.string()), "")


def row_keys(
    dataset: str, district: pa.Array, source_id: pa.Array, content: list[pa.Array], whole_rows: Callable[[], pa.Array]
) -> list[str]:
    """Return one key a row, unique among them.

    Parameters
    ----------
    dataset
        Id of the dataset.
    district
        District code of each row, or the scope of a row of none: files of two districts may use the same ids.
    source_id
        The dataset's own id; used where it is not empty and stands once in the file.
    content
        What identifies the other rows: name, addresses, coordinates to 0.1 m.
    whole_rows
        The rows as text, asked for only to settle the order among rows of the same content, so that the file's
        row order does not matter.

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
    found = hashes(text)
    repeated = pd.Series(found).duplicated(keep=False).to_numpy()
    if repeated.any():
        where = np.flatnonzero(repeated)
        ties = pd.DataFrame({
            "hash": found[where], "row": whole_rows().take(pa.array(where)).to_pandas(), "at": where
        }).sort_values(["hash", "row", "at"])  # fmt: skip
        occurrence = ties.groupby("hash").cumcount().to_numpy()
        at = ties["at"].to_numpy()[occurrence > 0]
        numbered = join([text.take(pa.array(at)), pa.array(occurrence[occurrence > 0]).cast(pa.string())])
        found[at] = hashes(numbered)
    return _hex(_distinct(found))


def hashed_again(keys: list[str], taken: Collection[str]) -> list[str]:
    """Return keys none of which is taken: others for those that an earlier edition or other boundaries left behind."""
    found, used = list(keys), {*taken, *keys}
    for i, key in enumerate(keys):
        number = 0
        while found[i] in taken:
            number += 1
            other = _hex(hashes(join([as_text([key]), as_text([str(number)])])))[0]
            if other not in used:
                found[i] = other
                used.add(other)
    return found


def _distinct(found: _Hashes) -> _Hashes:
    """Move the (practically impossible) equal hashes of different rows apart."""
    while (again := pd.Series(found).duplicated().to_numpy()).any():
        found[again] += np.uint64(1)
    return found


def _hex(found: _Hashes) -> list[str]:
    digits = binascii.hexlify(found.astype(">u8").tobytes()).decode("ascii")
    return [digits[start : start + 16] for start in range(0, len(digits), 16)]
