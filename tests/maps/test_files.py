"""Outputs by ending: what is in them, that they are marked, and that they are whole or not there."""

import csv
import json
import os
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyogrio.errors import DataSourceError

from geo.model import Settings
from layers.catalog import load_catalog
from maps.files import OutputError, check_target, write_cells, write_gaps
from maps.tables import cell_table, gap_table
from tests.maps.result_factory import EVIL, make_result

CATALOG = load_catalog()
GAPS = ("geojson", "gpkg", "csv", "xlsx")
CELLS = ("csv", "parquet", "gpkg")


@pytest.fixture(scope="module")
def result():
    return make_result()


def write(result, path):
    if path.stem == "cells":
        write_cells(result, path)
    else:
        write_gaps(result, CATALOG, path)
    return path


# ---------------------------------------------------------------- GeoJSON
def test_geojson_is_rfc_7946(result, tmp_path):
    read = json.loads(write(result, tmp_path / "gaps.geojson").read_text(encoding="utf-8"))
    assert read["type"] == "FeatureCollection"
    assert "crs" not in read
    for feature, gap in zip(read["features"], result.gaps, strict=True):
        assert feature["id"] == feature["properties"]["rank"] == gap.rank
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.exterior.is_ccw
        west, south, east, north = shape.bounds
        assert 126.9 < west < east < 127.1
        assert 37.5 < south < north < 37.6
        back = gpd.GeoSeries([shape], crs=4326).to_crs(5179)[0]
        assert back.symmetric_difference(gap.geometry).area < 1  # m², of 10,000
    properties = read["features"][0]["properties"]
    assert properties["unmet_needs"] == ["watched"]
    assert properties["unmet_need_names"] == ["CCTV"]
    assert properties["cover_parcel"] is None
    assert properties["uncovered_households"] == 80
    assert properties["nearest"] == [
        {
            "layer": "streetlight",
            "layer_name": "가로등",
            "id": "streetlight:a1",
            "name": "가로등 1호",
            "distance_m": 37.4,
        },
        {"layer": "cctv", "layer_name": "CCTV", "id": "cctv:b2", "name": EVIL, "distance_m": 86.0},
        {"layer": "locker", "layer_name": "안심택배함", "id": None, "name": None, "distance_m": None},
    ]


def test_geojson_says_what_it_rests_on(result, tmp_path):
    frozen = replace(result, settings=Settings(weights=MappingProxyType({"lit": 0.4})))
    about = json.loads(write(frozen, tmp_path / "gaps.geojson").read_text(encoding="utf-8"))["ansim"]
    assert about["edition"] == "내부용"
    assert about["made_up"] is False
    assert about["headings"] == list(result.headings)
    assert about["district"] == {"code": "99998", "name": "시험구", "area_km2": 0.08}
    assert (about["at"], about["demand_source"]) == ("2025-12-24T23:00", "grid")
    assert about["data_dates"]["cctv"] == ["2024-05-01", "2025-12-23"]
    assert about["settings"]["gap_threshold"] == 0.5
    assert about["settings"]["weights"] == {"lit": 0.4}
    assert about["columns"]["area_ha"] == "면적(ha)"
    assert "범죄 감소 효과가 아님" in about["score"]
    parcel = next(need for need in about["needs"] if need["need"] == "parcel")
    assert (parcel["state"], parcel["share_covered"], parcel["uncovered_households"]) == ("none", None, None)


def test_a_gap_cut_to_more_than_a_polygon_keeps_its_polygons(result, tmp_path):
    square = result.gaps[0].geometry
    stray = shapely.LineString([(954_000, 1_952_000), (954_100, 1_952_000)])
    two = shapely.union(square, shapely.affinity.translate(square, 200))
    odd = replace(result.gaps[0], geometry=shapely.GeometryCollection([two, stray, shapely.Point(953_900, 1_952_000)]))
    changed = replace(result, gaps=(odd, result.gaps[1]))
    shape = json.loads(write(changed, tmp_path / "gaps.geojson").read_text(encoding="utf-8"))["features"][0]["geometry"]
    assert shape["type"] == "MultiPolygon"
    assert len(shape["coordinates"]) == 2
    assert pyogrio.read_dataframe(write(changed, tmp_path / "gaps.gpkg"), layer="gap_area").area[0] == 20_000


# ---------------------------------------------------------------- GeoPackage
def test_the_geopackage_has_its_layers_in_metres(result, tmp_path):
    path = write(result, tmp_path / "gaps.gpkg")
    layers = dict(pyogrio.list_layers(path))
    spatial = {"gap_area", "gap_cell", "cells", "dong", "edge_unknown"}
    assert set(layers) == spatial | {"about", "layer_styles"}
    frames = {name: pyogrio.read_dataframe(path, layer=name) for name in spatial}
    assert {frame.crs.to_epsg() for frame in frames.values()} == {5179}
    assert {name: len(frame) for name, frame in frames.items()} == {
        "gap_area": 2, "gap_cell": 3, "cells": 8, "dong": 2, "edge_unknown": 1,
    }  # fmt: skip
    area = frames["gap_area"]
    pd.testing.assert_series_equal(area["uncovered_households"], gap_table(result)["uncovered_households"])
    assert list(area.area) == [10_000, 10_000]
    assert area["cover_parcel"].isna().all()
    cell = frames["gap_cell"].set_index("grid_id")
    assert cell.loc["다사 539 521", "rank"] == 1
    assert pd.isna(cell.loc["다사 540 521", "rank"])
    assert bool(cell.loc["다사 540 521", "edge_unknown"])
    assert list(frames["edge_unknown"]["grid_id"]) == ["다사 540 521"]
    assert frames["cells"]["households"].sum() == 250
    np.testing.assert_array_equal(frames["cells"].centroid.x, result.cells.x)


def test_the_geopackage_is_styled_named_and_marked(result, tmp_path):
    path = write(make_result(source={"made_up": True}), tmp_path / "gaps.gpkg")
    with closing(sqlite3.connect(path)) as db:
        styled = {name for (name,) in db.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault")}
        contents = db.execute("SELECT table_name, identifier, description FROM gpkg_contents").fetchall()
        aliases = {(t, c): n for t, c, n in db.execute("SELECT table_name, column_name, name FROM gpkg_data_columns")}
    assert styled == {"gap_area", "gap_cell", "cells", "dong", "edge_unknown"}
    named = {table: (identifier, words) for table, identifier, words in contents if table != "layer_styles"}
    assert named["gap_area"][0] == "틈새구역"
    for _, words in named.values():
        assert words.startswith("내부용 | 가상 자료 | 기준일 상이")
    for name in [*styled, "about"]:
        columns = set(pyogrio.read_info(path, layer=name)["fields"])
        assert columns == {column for table, column in aliases if table == name}
    assert aliases["gap_area", "area_ha"] == "면적(ha)"
    about = pyogrio.read_dataframe(path, layer="about")
    assert (about["item"] == "점수의 성격").any()


@pytest.mark.parametrize("households", [[0, 3, 3, 3, 3, 3, 3, 3], [0, 1e-7, 1 / 3, 2 / 3, 5, 7, 1e3 / 7, 1e5 / 3]])
def test_every_lived_in_cell_is_shaded_and_no_other(result, tmp_path, households):
    cells = replace(result.cells, households=np.array(households, dtype=float))
    path = write(replace(result, cells=cells), tmp_path / "cells.gpkg")
    with closing(sqlite3.connect(path)) as db:
        ((qml,),) = db.execute("SELECT styleQML FROM layer_styles")
    classes = [(float(low), float(high)) for low, high in re.findall(r'lower="(\S+)" upper="(\S+)"', qml)]
    shaded = [any(low <= value <= high for low, high in classes) for value in households]
    assert shaded == [False] + [True] * 7


def test_a_result_without_gaps_or_households_is_written(result, tmp_path):
    cells = replace(
        result.cells, households=np.zeros(8), edge_unknown=np.zeros(8, dtype=bool), gap=np.zeros(8, dtype=bool)
    )
    nothing = replace(result, gaps=(), edge_gap_cells=np.empty(0, np.int64), cells=cells)
    for ending in GAPS:
        write(nothing, tmp_path / f"gaps.{ending}")
    assert json.loads((tmp_path / "gaps.geojson").read_text(encoding="utf-8"))["features"] == []
    assert len(pyogrio.read_dataframe(tmp_path / "gaps.gpkg", layer="gap_area")) == 0
    assert len(pd.read_csv(tmp_path / "gaps.csv")) == 0


def test_an_orphan_log_never_joins_the_new_file(result, tmp_path):
    path = write(result, tmp_path / "cells.gpkg")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("DELETE FROM cells WHERE rowid = -1")
        assert (tmp_path / "cells.gpkg-wal").exists()
        with pytest.raises(OutputError, match="locked"):
            write(result, path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM cells").fetchone() == (8,)
    write(result, path)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["cells.gpkg"]


# ---------------------------------------------------------------- CSV and Parquet
def test_the_gap_csv_opens_in_excel_ranked_and_marked(result, tmp_path):
    path = write(make_result(source={"made_up": True}), tmp_path / "gaps.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(path, dtype={"dong": "str"})
    assert list(table["rank"]) == [1, 2]
    assert list(table["dong"]) == ["9999801000", "9999802000"]
    assert set(table["edition"]) == {"내부용"}
    assert table["headings"].str.contains("가상 자료").all()
    assert table["headings"].str.contains("기준일 상이").all()
    assert list(table.columns)[:-2] == list(gap_table(result).columns)


def test_a_formula_in_the_data_stays_text(result, tmp_path):
    with write(result, tmp_path / "gaps.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["nearest_cctv_name"] == "'" + EVIL


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12))
def test_no_text_cell_of_a_csv_ever_starts_a_formula(tmp_path, name):
    result = make_result()
    near = replace(result.gaps[0].nearest[1], name=name)
    gap = replace(result.gaps[0], nearest=(near,))
    with write(replace(result, gaps=(gap,)), tmp_path / "gaps.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    written = row["nearest_cctv_name"]
    assert written in {name, "'" + name}
    assert not re.match(r"[=+\-@\t\r\n]", written)


def test_cells_are_the_table_and_nothing_else(result, tmp_path):
    expected = cell_table(result)
    from_csv = pd.read_csv(write(result, tmp_path / "cells.csv"), dtype={"dong": "str"})
    from_parquet = pd.read_parquet(write(result, tmp_path / "cells.parquet"))
    for read in (from_csv, from_parquet):
        pd.testing.assert_frame_equal(read, expected, check_dtype=False)
    from_package = pyogrio.read_dataframe(write(result, tmp_path / "cells.gpkg"), layer="cells")
    pd.testing.assert_frame_equal(pd.DataFrame(from_package.drop(columns="geometry")), expected, check_dtype=False)
    assert list(from_package.area) == [10_000] * 8


def test_csv_keeps_every_digit_of_households(result, tmp_path):
    cells = replace(result.cells, households=np.array([1 / 3, 0.1, 2 / 7, 1e-9, 1e5 / 3, 0, 1, 2]))
    with write(replace(result, cells=cells), tmp_path / "cells.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [float(row["households"]) for row in csv.DictReader(file)] == list(cells.households)


def test_cells_carry_what_they_are_beside_or_inside(result, tmp_path):
    write(result, tmp_path / "cells.csv")
    beside = json.loads((tmp_path / "cells.csv-metadata.json").read_text(encoding="utf-8"))
    assert (beside["@context"], beside["url"]) == ("http://www.w3.org/ns/csvw", "cells.csv")
    inside = json.loads(pq.read_schema(write(result, tmp_path / "cells.parquet")).metadata[b"ansim"])
    for words in (beside, inside):
        assert words["dc:accessRights"] == "내부용"
        assert "기준일 상이" in words["dc:description"]
        columns = words["tableSchema"]["columns"]
        assert [column["name"] for column in columns] == list(cell_table(result).columns)
        assert columns[4]["dc:title"] == "1인가구(가구)"
    assert pyogrio.read_info(write(result, tmp_path / "cells.gpkg"), layer="cells")["features"] == 8


# ---------------------------------------------------------------- whole or not there
@pytest.mark.parametrize("name", ["gaps.shp", "gaps.GEOJSONL", "gaps", "cells.xlsx", "cells.geojson"])
def test_an_unknown_ending_names_the_endings(result, tmp_path, name):
    with pytest.raises(OutputError) as refused:
        write(result, tmp_path / name)
    expected = ".csv, .parquet, .gpkg" if name.startswith("cells") else ".geojson, .gpkg, .csv, .xlsx"
    assert expected in refused.value.hint
    assert name in refused.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [*(f"gaps.{e}" for e in GAPS), *(f"cells.{e}" for e in CELLS)])
def test_endings_are_read_in_any_case_and_files_replaced(result, tmp_path, name):
    path = tmp_path / name.upper().replace("GAPS", "gaps").replace("CELLS", "cells")
    path.write_text("old")
    write(result, path)
    assert path.read_bytes() != b"old"
    extra = {path.name + "-metadata.json"} if name == "cells.csv" else set()
    assert {item.name for item in tmp_path.iterdir()} == {path.name} | extra


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("gaps.geojson", "maps.files.geojson"),
        ("gaps.gpkg", "maps.geofiles.add_styles"),
        ("gaps.csv", "maps.files.rounded"),
        ("gaps.xlsx", "maps.workbook.assumption_table"),
        ("cells.csv", "maps.files._described"),
        ("cells.parquet", "maps.files._described"),
        ("cells.gpkg", "maps.geofiles.add_aliases"),
    ],
)
@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), DataSourceError("disk full")])
def test_a_failure_leaves_the_old_file_and_no_other(result, tmp_path, monkeypatch, name, broken, fault):
    path = tmp_path / name
    path.write_text("old")

    def fail(*args, **kwargs):
        raise fault

    monkeypatch.setattr(broken, fail)
    with pytest.raises(OutputError, match=re.escape(str(path))) as refused:
        write(result, path)
    assert "\n" not in str(refused.value)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_a_missing_folder_and_a_folder_in_the_files_place(result, tmp_path):
    with pytest.raises(OutputError, match="폴더가 없습니다"):
        write(result, tmp_path / "absent" / "gaps.csv")
    (tmp_path / "gaps.csv").mkdir()
    with pytest.raises(OutputError, match="폴더입니다"):
        write(result, tmp_path / "gaps.csv")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom folder rights bind")
def test_a_folder_without_the_right_to_write(result, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="쓸 수 없습니다"):
        write(result, tmp_path / "gaps.csv")


def test_a_place_where_nothing_can_be_made_is_one_clear_line(result, tmp_path, monkeypatch):
    def refuse(**kwargs):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("maps.files.tempfile.mkdtemp", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        write(result, tmp_path / "gaps.csv")


def test_targets_are_checked_before_the_work(tmp_path):
    check_target(tmp_path / "a.GeoJSON", "gaps")
    check_target(tmp_path / "a.parquet", "cells")
    with pytest.raises(OutputError):
        check_target(tmp_path / "a.parquet", "gaps")
    with pytest.raises(OutputError):
        check_target(tmp_path / "none" / "a.csv", "cells")
