"""Tables in English: headers, sheets, notes and states are said; machine names, ids and names of places stay."""

import csv
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import openpyxl
import pytest

from geo.model import DemandKind
from layers.catalog import load_catalog
from maps.city.table import write_city_tables
from maps.files import write_cells, write_gaps
from maps.plan_files import write_plan
from tests.maps.city_factory import NAMES, city
from tests.maps.factory import district_result
from tests.maps.test_english import GRID_ID, HANGUL, proper_names
from tests.maps.test_report import plan_of

CATALOG = load_catalog()


def texts_of(path):
    """Yield every text of a written file that a reader sees, with where it stands."""
    if path.suffix == ".xlsx":
        for sheet in openpyxl.load_workbook(path):
            yield "sheet", sheet.title
            for row in sheet.iter_rows():
                yield from ((f"{sheet.title}!{cell.coordinate}", cell.value) for cell in row if cell.value is not None)
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig") as opened:
            for row in csv.DictReader(opened):
                yield from row.items()
    elif path.suffix == ".gpkg":
        yield from texts_of_package(path)
    else:
        yield from strings_of(json.loads(path.read_text(encoding="utf-8")))


def texts_of_package(path):
    """Yield what a GeoPackage says of itself, and the texts of its tables."""
    with closing(sqlite3.connect(path)) as db:
        for query in ("SELECT identifier, description FROM gpkg_contents", "SELECT name, title FROM gpkg_data_columns"):
            yield from ((query, value) for row in db.execute(query) for value in row)
        for (layer,) in db.execute("SELECT table_name FROM gpkg_contents").fetchall():
            columns = [one[1] for one in db.execute(f'PRAGMA table_info("{layer}")') if one[2].startswith("TEXT")]
            for column in set(columns) - {"styleName", "description"}:  # by which this program knows its own style
                yield from ((f"{layer}.{column}", one) for (one,) in db.execute(f'SELECT "{column}" FROM "{layer}"'))


def strings_of(value, key=""):
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for one in value:
            yield from strings_of(one, key)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from strings_of(one, name)


def left_in(path, names):
    left = {}
    for where, text in texts_of(path):
        bare = GRID_ID.sub("", str(text))
        for name in names:
            bare = bare.replace(name, "")
        if HANGUL.search(bare):
            left[where] = text
    return left


@pytest.mark.parametrize("demand", [DemandKind.GRID, DemandKind.DONG])
def test_no_hangul_but_names_is_left_in_a_table(tmp_path, demand):
    result = district_result(facilities=400, demand=demand)
    names = ["가람로 3 앞", *proper_names(result)]
    plan = plan_of(result, 2, ("cctv", "locker"))
    for ending in ("xlsx", "csv", "geojson", "gpkg"):
        write_gaps(result, CATALOG, tmp_path / f"gaps.{ending}", "en")
        write_plan(plan, CATALOG, tmp_path / f"plan.{ending}", "en")
    write_cells(result, tmp_path / "cells.csv", CATALOG, "en")
    write_cells(result, tmp_path / "cells.gpkg", CATALOG, "en")
    for path in sorted(tmp_path.iterdir()):
        assert left_in(path, names) == {}, path.name


def test_machine_names_and_figures_are_the_same_in_both_languages(tmp_path):
    result = district_result(facilities=200)
    for lang in ("ko", "en"):
        write_gaps(result, CATALOG, tmp_path / f"{lang}.csv", lang)
        write_gaps(result, CATALOG, tmp_path / f"{lang}.geojson", lang)
    korean, english = (
        list(csv.DictReader((tmp_path / f"{one}.csv").read_text(encoding="utf-8-sig").splitlines()))
        for one in ("ko", "en")
    )
    assert list(korean[0]) == list(english[0])
    words = {"unmet_need_names", "edition", "headings"}
    assert [{k: v for k, v in row.items() if k not in words} for row in korean] == [
        {k: v for k, v in row.items() if k not in words} for row in english
    ]
    assert english[0]["edition"] == "Internal"
    told, said = (json.loads((tmp_path / f"{x}.geojson").read_text(encoding="utf-8")) for x in ("ko", "en"))
    assert [one["geometry"] for one in told["features"]] == [one["geometry"] for one in said["features"]]
    assert set(told["ansim"]) == set(said["ansim"])
    assert said["ansim"]["columns"]["area_ha"] == "Area (ha)"
    assert said["ansim"]["layers"]["locker"] == CATALOG.layers["locker"].name_en


def test_states_say_no_data_and_a_plan_called_as_a_phrase_keeps_its_name(tmp_path):
    result = district_result(facilities=100)
    write_gaps(result, CATALOG, tmp_path / "gaps.xlsx", "en")
    summary = openpyxl.load_workbook(tmp_path / "gaps.xlsx")["Summary"]
    said = {cell.value for row in summary.iter_rows() for cell in row}
    assert "no data" in said
    assert "자료 없음" not in said
    called = replace(plan_of(result), name="순찰")
    write_plan(called, CATALOG, tmp_path / "plan.xlsx", "en")
    basis = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Assumptions and sources"]
    rows = {row[1].value: row[2].value for row in basis.iter_rows(min_row=3)}
    assert rows["Name"] == "순찰"
    assert rows["Area"] == f"{result.source.name} ({result.source.code})"


@pytest.mark.parametrize("edition", ["internal", "public"])
def test_the_citys_table_in_english(tmp_path, edition):
    write_city_tables(city(), CATALOG, edition, tmp_path, "en")
    for name in ("districts.xlsx", "districts.csv"):
        assert left_in(tmp_path / name, [*NAMES, "가상시"]) == {}, name
    sheet = openpyxl.load_workbook(tmp_path / "districts.xlsx")["Districts"]
    heads = [cell.value for cell in sheet[2]]
    assert "CCTV per 1,000 households" in heads
    assert ("Combined, covered (%)" in heads) == (edition == "internal")
    assert "no data" in {cell.value for row in sheet.iter_rows(min_row=3) for cell in row}
    assert re.match("가상시 Ansim Map Districts \\| (Internal|Public)", sheet.cell(1, 1).value)
