"""Tables, their columns and JSON values in the language of a file (``maps.english``).

Machine names of columns and ids stay. A column of names is never said: a dong, a facility or a file that is called as a
word of the book keeps its name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from maps.columns import Column
from maps.english import Say, unmarked
from maps.text import NO_DATA

# Columns, and keys of JSON, whose values are names or ids.
_NAMES = frozenset({
    "dong", "dong_name", "worst_dong", "worst_dong_name", "district", "district_name", "grid_id", "file", "site_id",
    "site_name", "nearest_address", "id", "need", "layer", "demand_source", "unmet_needs", "code", "plan", "province",
})  # fmt: skip
_NEAREST = re.compile(r"nearest_(?:.+_)?(?:name|id)")
_PLAIN_KEYS = frozenset(
    {"name", "geometry", "data_dates", "data_range", "settings", "reach_m", "curve", "oldest", "newest"}
)


def is_name(column: str) -> bool:
    """Return whether a column holds names or ids, which no language changes."""
    return column in _NAMES or bool(_NEAREST.fullmatch(column))


def frame_in(say: Say, frame: pd.DataFrame, names: Iterable[str] = ()) -> pd.DataFrame:
    """Return a table with the words of its text columns said; ``names``: columns of names beside the known ones."""
    if say is str:
        return frame
    kept = set(names)
    texts = [name for name in frame.columns if name != "geometry" and pd.api.types.is_string_dtype(frame[name])]
    missing = {NO_DATA: say(NO_DATA)}
    said = {
        name: frame[name].replace(missing)
        if is_name(name) or name in kept
        else frame[name].map(lambda value: unmarked(say(value)) if isinstance(value, str) else value)
        for name in texts
    }
    return frame.assign(**said)


def columns_in(say: Say, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return columns with their names and units said."""
    if say is str:
        return dict(columns)
    return {name: replace(one, alias=say(one.alias), unit=say(one.unit)) for name, one in columns.items()}


def header_in(say: Say, column: Column) -> str:
    """Return a column's name and unit: ``Area (ha)``, in Korean ``면적(ha)``."""
    if say is str:
        return column.header
    return f"{say(column.alias)} ({say(column.unit)})" if column.unit else say(column.alias)


def json_in(say: Say, value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON values
    """Return JSON values of an output with their words said: keys, names, ids, dates and settings as they are."""
    if say is str or key in _PLAIN_KEYS or is_name(key):
        return value
    if isinstance(value, str):
        return unmarked(say(value))
    if isinstance(value, list):
        return [json_in(say, one, key) for one in value]
    if isinstance(value, dict):
        return {name: json_in(say, one, "" if key in {"layers", "columns"} else name) for name, one in value.items()}
    return value
