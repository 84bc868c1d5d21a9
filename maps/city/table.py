"""The overview as a table: one row a district, for Excel and for other programs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from geo.model import DataState
from layers.catalog import Catalog
from maps.city.measures import Measure, measures
from maps.city.payload import City
from maps.city.rows import CityRow
from maps.columns import Column, columns_named
from maps.editions import EDITION_NAMES, Edition
from maps.english import Lang, speaker
from maps.estimates import tens
from maps.files import replacing, write_csv
from maps.said_tables import frame_in
from maps.text import COMBINED, NO_DATA
from maps.workbook import Book

_NAN = float("nan")


def city_table(city: City, catalog: Catalog, edition: Edition) -> pd.DataFrame:
    """Return one row a district, in the city's order; columns as ``docs/outputs.md`` lists them.

    NaN where there is no data. In the public edition neither cover, gaps nor needs, and no layer of staff.
    """
    rows, inside = city.rows, edition == "internal"
    held = [row.households if inside else row.public_households for row in rows]
    columns: dict[str, Any] = {
        "district": [row.code for row in rows],
        "district_name": [row.name for row in rows],
        "households": held,
        "area_km2": [row.area_km2 for row in rows],
        "households_per_km2": [count / row.area_km2 for count, row in zip(held, rows, strict=True)],
    }
    if inside:
        columns |= _judged(city, catalog)
    columns |= _layers(rows, held, catalog, inside=inside)
    dates = [row.dates if inside else row.public_dates for row in rows]
    columns |= {"oldest": [day for day, _ in dates], "newest": [day for _, day in dates]}
    columns["headings"] = [
        " | ".join([row.reason] * bool(row.reason) + list(row.headings if inside else row.public_headings))
        for row in rows
    ]
    columns["edition"] = [EDITION_NAMES[edition]] * len(rows)
    frame = pd.DataFrame(columns)
    texts = [name for name in frame.columns if frame[name].dtype == object]
    return frame.astype(dict.fromkeys(texts, "str"))


def _judged(city: City, catalog: Catalog) -> dict[str, Any]:
    rows = city.rows
    common = next((one for one in measures(rows, city.common, catalog, "internal") if one.said.id == "common"), None)
    names = {need.id: need.name for need in catalog.needs.values()}
    columns: dict[str, Any] = {
        "rank_common": pd.array(_ranks(common, rows), dtype="Int64"),
        "common_needs": ["; ".join(names[need] for need in city.common)] * len(rows),
        "share_common": [row.common_share for row in rows],
        "uncovered_common": [tens(row.common_uncovered, guessed=row.estimated) for row in rows],
        "judged_needs": ["; ".join(names.get(need, need) for need in row.judged) for row in rows],
        "share_combined": [row.share for row in rows],
        "uncovered_households": [tens(row.uncovered, guessed=row.estimated) for row in rows],
        "gap_areas": pd.array([row.gap_areas if row.judged else None for row in rows], dtype="Int64"),
        "gap_area_ha": [row.gap_ha if row.judged else _NAN for row in rows],
        "uncovered_estimated": [row.estimated for row in rows],
    }
    for need in catalog.needs.values():
        found = [next((one for one in row.needs if one.id == need.id), None) for row in rows]
        columns[f"share_{need.id}"] = [_NAN if one is None else one.share for one in found]
        columns[f"state_{need.id}"] = [(DataState.NONE if one is None else one.state).value for one in found]
    return columns


def _ranks(measure: Measure | None, rows: Sequence[CityRow]) -> list[int | None]:
    return [None] * len(rows) if measure is None else list(measure.ranks)


def _layers(rows: Sequence[CityRow], held: Sequence[float], catalog: Catalog, *, inside: bool) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for layer in catalog.layers.values():
        if not layer.supplies or not (inside or layer.visibility == "public"):
            continue
        found = [next((one for one in row.layers if one.id == layer.id), None) for row in rows]
        known = [one if one is not None and one.state is not DataState.NONE else None for one in found]
        columns[f"devices_{layer.id}"] = pd.array(
            [None if one is None else one.devices for one in known], dtype="Int64"
        )
        columns[f"per_1000_{layer.id}"] = [
            _NAN if one is None or not count > 0 else 1000 * one.devices / count
            for one, count in zip(known, held, strict=True)
        ]
    return columns


def write_city_tables(
    city: City, catalog: Catalog, edition: Edition, folder: Path, lang: Lang = "ko"
) -> Mapping[str, str]:
    """Write the table as ``districts.xlsx`` and ``districts.csv`` into a folder; return kind to name.

    Raises
    ------
    OutputError
        A file cannot be written; one that was there stays as it was.
    """
    frame, say = city_table(city, catalog, edition), speaker(catalog, lang)
    columns = city_columns(frame, catalog)
    with replacing(folder / "districts.csv") as beside:
        write_csv(beside, frame_in(say, _rounded(frame, columns)))
    with replacing(folder / "districts.xlsx") as beside, xlsxwriter.Workbook(str(beside)) as workbook:
        name, marked = f"{city.name} {say('안심지도')}", say(EDITION_NAMES[edition])
        workbook.set_properties({"title": name, "comments": marked})
        made_up = any("가상 자료" in heading for row in city.rows for heading in row.public_headings)
        marks = (marked, *((say("가상 자료"),) if made_up else ()))
        book = Book(workbook, name, marks, 0.0, say)
        book.sheet("구별", _words(frame), columns, missing=dict.fromkeys(frame.columns, NO_DATA))
    return {"xlsx": "districts.xlsx", "csv": "districts.csv"}


def city_columns(frame: pd.DataFrame, catalog: Catalog) -> dict[str, Column]:
    """Return the :class:`Column` of each of the table's columns, needs and layers by their names."""
    names = {need.id: need.name for need in catalog.needs.values()} | {
        layer.id: layer.name for layer in catalog.layers.values()
    }
    names[COMBINED] = "종합"
    return columns_named(frame.columns, names)


def _words(frame: pd.DataFrame) -> pd.DataFrame:
    states = {"loaded": "있음", "partial": "일부 자료", "none": NO_DATA}
    words = {name: frame[name].map(states) for name in frame.columns if name.startswith("state_")}
    if "uncovered_estimated" in frame:
        words["uncovered_estimated"] = frame["uncovered_estimated"].map({True: "예", False: "아니요"})
    whole = {name: frame[name].astype("float64") for name in frame.columns if str(frame[name].dtype) == "Int64"}
    return frame.assign(**words, **whole)


def _rounded(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    rounded = {
        name: frame[name].astype("float64").round(column.decimals)
        for name, column in columns.items()
        if column.decimals is not None and str(frame[name].dtype) != "Int64"
    }
    return frame.assign(**{name: np.round(values, 6) for name, values in rounded.items()})
