"""Columns of text as Arrow string arrays: the vectorised operations every stage uses. '' is unknown, never null."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.model import Bools, Floats, Ints

T = TypeVar("T")

SEPARATOR = "\x1f"  # between the parts of a hashed or joined row; stripped from cells when read


def plain(text: str) -> str:
    """Return a header or name for comparison: composed, no blanks at all, lower case."""
    return "".join(unicodedata.normalize("NFC", text).replace("\ufeff", "").split()).lower()


def empty_text(n: int) -> pa.Array:
    """Return n empty strings."""
    return pa.repeat(pa.scalar("", pa.string()), n)


def filled(values: pa.Array) -> Bools:
    """Return bool (n,): the cell is not empty."""
    return np.asarray(pc.not_equal(values, ""), dtype=bool)


def collapse(values: pa.Array) -> pa.Array:
    """Return the texts with runs of blanks made one (double blanks in addresses)."""
    if pc.any(pc.match_substring(values, "  ")).as_py():
        return pc.replace_substring_regex(values, r"\s{2,}", " ")
    return values


def each(values: pa.Array, function: Callable[[str], T]) -> tuple[list[T], Ints]:
    """Apply a function to every distinct text: results, and int64 (n,) index of each row's result."""
    encoded = pc.dictionary_encode(values)
    return [function(v) for v in encoded.dictionary.to_pylist()], np.asarray(encoded.indices, dtype=np.int64)


def each_text(values: pa.Array, function: Callable[[str], str]) -> pa.Array:
    """Return a string array of the function's results, calling it once for each distinct text."""
    results, index = each(values, function)
    return pa.array(results, pa.string()).take(pa.array(index))


def matches(values: pa.Array, function: Callable[[str], bool]) -> Bools:
    """Return bool (n,) of the function's results, calling it once for each distinct text."""
    results, index = each(values, function)
    return np.asarray(results, dtype=bool)[index] if results else np.zeros(len(values), bool)


def numbers(values: pa.Array) -> Floats:
    """Parse numbers as Korean files write them: "1,234", "935 ", " 127.082000", full-width "１２".

    Returns
    -------
    float64 (n,), same order; NaN where the cell is empty or no finite number. Percentages are no numbers here.
    """
    try:
        found = np.asarray(pc.cast(pc.if_else(pc.equal(values, ""), None, values), pa.float64()), dtype=np.float64)
    except pa.ArrowInvalid:
        # An apostrophe before a number is Excel's mark of a text.
        bare = pc.replace_substring_regex(pc.utf8_normalize(values, "NFKC"), r"^\s*'|[\s,]", "")
        good = pc.match_substring_regex(bare, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")
        found = np.asarray(pc.cast(pc.if_else(good, bare, None), pa.float64()), dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def join(columns: Sequence[pa.Array], separator: str = SEPARATOR) -> pa.Array:
    """Join columns row by row into one string array."""
    return pc.binary_join_element_wise(*columns, separator)


def to_series(values: pa.Array) -> pd.Series:
    """Return the column as pandas text."""
    return pd.Series(values.to_pandas(), dtype="str")


def as_text(values: Sequence[str] | NDArray[Any]) -> pa.Array:
    """Return any sequence of strings as a string array."""
    return pa.array(values, pa.string())


def hashes(values: pa.Array) -> NDArray[np.uint64]:
    """Return the 64-bit SipHash (pandas' fixed key) of each text, the same on every machine."""
    if not len(values):
        return np.empty(0, np.uint64)
    return np.asarray(pd.util.hash_array(values.to_numpy(zero_copy_only=False), categorize=False), dtype=np.uint64)


def repeated(values: pa.Array) -> Bools:
    """Return bool (n,): an equal text stands earlier in the column."""
    found = pd.Series(hashes(values)).duplicated(keep=False).to_numpy(copy=True)
    where = np.flatnonzero(found)  # hashes only narrow it down: the texts decide
    found[where] = values.take(pa.array(where)).to_pandas().duplicated().to_numpy(dtype=bool)
    return found
