"""The columns no role took, as one JSON object a row, built column by column."""

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from layers.importing.text import empty_text, filled

_SPECIAL = r'["\\\x00-\x1f]'
_FEW = 4  # a column with under a quarter distinct cells is built on these


def attributes(labels: Sequence[str], columns: Sequence[pa.Array], n: int) -> pa.Array:
    """Return JSON objects ``{"label":"cell", …}``, empty cells left out.

    Parameters
    ----------
    labels
        The columns' headers, as in the file.
    columns
        String arrays (n,).
    n
        Number of rows, for a file with no column left.
    """
    members = [
        _member(json.dumps(label, ensure_ascii=False), column)
        for label, column in zip(labels, columns, strict=True)
        if filled(column).any()
    ]
    # Arrow's null_handling="skip" loses the rows in which all are null (pyarrow 26), so empty members are ''.
    inside = pc.binary_join_element_wise(*members, "") if members else empty_text(n)
    return pc.binary_join_element_wise("{", pc.ascii_rtrim(inside, ","), "}", "")


def _member(label: str, column: pa.Array) -> pa.Array:
    encoded = pc.dictionary_encode(column)
    if len(encoded.dictionary) * _FEW < len(column):
        return _written(label, encoded.dictionary).take(encoded.indices)
    return _written(label, column)


def _written(label: str, cells: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(cells, _SPECIAL)
    if pc.any(special).as_py():
        awkward = cells.filter(special)
        mended = pa.array([json.dumps(cell, ensure_ascii=False)[1:-1] for cell in awkward.to_pylist()], pa.string())
        cells = pc.replace_with_mask(cells, special, mended)
    member = pc.binary_join_element_wise(f'{label}:"', cells, '",', "")
    return pc.if_else(pc.equal(cells, ""), "", member)
