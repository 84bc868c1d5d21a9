"""A file whose rows are of several layers: divided after it is recognised, and reported as one file again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from layers.importing.forms import Form
from layers.importing.raw import Raw
from layers.importing.report import FileReport
from layers.importing.text import each, plain

_SUMS = ("read", "accepted", "unlocated", "devices", "rejected")
_TALLIES = ("reasons", "repaired", "flagged")


def by_layer(raw: Raw, form: Form) -> dict[str, Raw]:
    """Divide the rows of a file by the column that says their layer.

    Parameters
    ----------
    raw, form
        A file and its form, which has a ``layer_column``.

    Returns
    -------
    Layer id to its rows, in file order, only layers that have any. Rows whose cell names no layer are of the form's
    own layer; so are the rows that could not be cut into cells. What was mended or noted of the whole file stands with
    the first.
    """
    at = raw.find(form.layer_column)
    if at is None:
        return {form.layer: raw}
    layers = [form.layer, *sorted({*form.layer_of.values()} - {form.layer})]
    found, index = each(raw.columns[at], lambda cell: layers.index(form.layer_of.get(_code(cell), form.layer)))
    each_row = np.asarray(found, dtype=np.int64)[index] if found else index
    parts: dict[str, Raw] = {}
    for i, layer in enumerate(layers):
        if (each_row == i).any() or (i == 0 and len(raw.broken)):
            parts[layer] = raw.only(each_row == i, with_broken=not parts)
    return parts or {form.layer: raw}


def joined(parts: Sequence[FileReport]) -> FileReport:
    """Return the report of a file from those of its layers: the sums, and each layer's own figures beside them."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    figures: dict[str, Any] = {name: sum(getattr(part, name) for part in parts) for name in _SUMS}
    figures |= {name: dict(sum((Counter(getattr(part, name)) for part in parts), Counter())) for name in _TALLIES}
    shown = [part.shown for part in parts if len(part.shown)]
    rejected = [part.rejected_rows for part in parts if len(part.rejected_rows)]
    return replace(
        first,
        layer=",".join(part.layer for part in parts),
        **figures,
        data_date=max(part.data_date for part in parts),
        unchanged=all(part.unchanged for part in parts),
        note="; ".join(dict.fromkeys(part.note for part in parts if part.note)),
        rejected_rows=(
            pd.concat(rejected).sort_values("line", kind="stable").reset_index(drop=True)
            if rejected
            else first.rejected_rows
        ),
        shown=pd.concat(shown, ignore_index=True) if shown else first.shown,
        layers={
            part.layer: {name: getattr(part, name) for name in (*_SUMS, *_TALLIES)} | {"dataset": part.dataset}
            for part in parts
        },
    )


def _code(cell: str) -> str:
    """Return a code as the catalog writes it, without the '.0' of a number that went through Excel."""
    return plain(cell).removesuffix(".0")
