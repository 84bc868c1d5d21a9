"""The overview of a city: what is ranked and what is not, what an edition withholds, units that never meet."""

import json
import re
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.combine import combine
from geo.model import DataState
from layers.catalog import load_catalog
from layers.programmes import InstalledYears, programmes
from maps.city.measures import english_name, measures
from maps.city.page import city_page
from maps.city.payload import City, city_payload
from maps.city.rows import city_row
from maps.city.shapes import outlines
from maps.city.table import city_columns, city_table, write_city_tables
from maps.columns import every_column
from tests.maps.city_factory import NAMES, city, city_with_one_unknown, row, square
from tests.maps.factory import district_result

CATALOG = load_catalog()
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>${alert(3)}`\\1\u2028'\""


def by_id(found):
    return {one.said.id: one for one in found}


def compared(one, edition="internal"):
    return by_id(measures(one.rows, one.common, CATALOG, edition))


# ---------------------------------------------------------------- ranks
def test_districts_are_ranked_on_the_needs_all_have_worst_first_ties_sharing():
    common = compared(city())["common"]
    assert common.unranked == ""
    # 0.2, 0.5, 0.1, 0.2, 0.9, 0.0
    assert common.ranks == (3, 5, 2, 3, 6, 1)
    assert common.said.basis == "안심택배"


def test_most_households_first_where_more_is_worse():
    uncovered = compared(city())["common_uncovered"]
    # 800, 1000, 3600, 400, 80, 50
    assert uncovered.ranks == (3, 2, 1, 4, 5, 6)


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        ("combined", "needs"),
        ("uncovered", "needs"),
        ("gaps", "needs"),
        ("states", "neutral"),
    ],
)
def test_what_cannot_be_set_side_by_side_has_no_ranks(measure, why):
    found = compared(city())[measure]
    assert found.unranked == why
    assert set(found.ranks) == {None}


def test_partial_data_are_shown_and_not_ranked():
    rows = tuple(
        replace(one, needs=(replace(one.needs[0], state=DataState.PARTIAL, share=0.4), one.needs[1]))
        for one in city().rows
    )
    found = by_id(measures(rows, ("parcel",), CATALOG, "internal"))["need:watched"]
    assert found.unranked == "few"
    assert all(found.partial)
    assert found.figures == (0.4,) * 6


def test_no_data_is_never_zero():
    found = compared(city())
    assert np.isnan(found["need:watched"].figures[1])
    assert np.isnan(found["layer:cctv"].figures[1])
    assert found["layer:cctv"].figures[2] == 0  # loaded, and none there: a true zero
    assert found["layer:locker"].figures[5] == 0


def test_where_data_are_missing_the_districts_with_whole_data_are_ranked_and_the_others_are_not():
    found = compared(city())["need:watched"]
    assert found.unranked == ""
    assert found.whole == (True, False, True, False, False, False)
    assert found.ranks == (2, None, 1, None, None, None)  # the one with part of its data has a figure and no rank
    assert found.figures[4] == 0.3


def test_a_combination_of_one_need_is_called_by_that_need():
    found = compared(city())
    assert found["common"].said.name == "안심택배 도달률"
    assert found["common_uncovered"].said.name_en == "Parcel lockers: households not covered"
    assert "need:parcel" not in found  # the same figures a second time
    several = by_id(measures(city().rows, ("watched", "parcel"), CATALOG, "internal"))
    assert several["common"].said.name == "공통 항목 도달률"
    assert several["common"].said.basis == "CCTV, 안심택배"
    assert "need:parcel" in several


def test_every_measure_stands_in_one_table_under_a_short_name():
    data = city_payload(city(), CATALOG, "internal")
    assert {one["group"] for one in data["measures"]} == {"cover", "households", "rate"}
    heads = {one["id"]: one["head"] for one in data["measures"]}
    assert (heads["common"], heads["need:watched"], heads["layer:locker"]) == ("안심택배", "CCTV", "안심택배함")
    assert all(len(head) <= 14 for head in heads.values())


def test_a_district_that_could_not_be_analysed_has_no_figure_and_no_rank():
    found = compared(city_with_one_unknown())
    assert all(np.isnan(one.figures[5]) for one in found.values())
    assert found["common"].ranks == (2, 4, 1, 2, 5, None)
    data = city_payload(city_with_one_unknown(), CATALOG, "internal")
    assert data["districts"][5]["reason"] == "1인가구 자료가 없습니다"


def test_without_a_common_need_nothing_is_ranked_on_cover():
    one = city(common=())
    assert "common" not in compared(one)
    assert city_payload(one, CATALOG, "internal")["common"] == []


def test_alike_districts_need_no_second_measure():
    rows = tuple(replace(one, judged=("parcel",)) for one in city().rows)
    found = by_id(measures(rows, ("parcel",), CATALOG, "internal"))
    assert "combined" not in found
    assert found["gaps"].unranked == ""


def test_one_district_is_first_of_nothing():
    alone = by_id(measures(city().rows[:1], ("watched", "parcel"), CATALOG, "internal"))
    assert {one.unranked for one in alone.values()} == {"alone"}
    assert all(set(one.ranks) == {None} for one in alone.values())
    assert alone["common"].said.name == "종합 도달률"
    assert city_table(city(rows=city().rows[:1]), CATALOG, "internal")["rank_common"].isna().all()


def test_an_english_name_is_the_catalogs_else_the_id_in_words():
    camera = CATALOG.layers["cctv"]
    assert english_name(camera) == "CCTV"
    assert english_name(replace(camera, id="dark_alley", name_en="")) == "Dark alley"


def test_devices_are_given_a_thousand_households():
    assert compared(city())["layer:locker"].figures[:2] == (10.0, 5.0)
    # The public's households leave out what is withheld.
    assert compared(city(), "public")["layer:locker"].figures[0] == pytest.approx(1000 * 10 / 997)


# ---------------------------------------------------------------- a row of a result
def test_the_common_share_of_one_need_is_that_needs_share():
    result = district_result(facilities=600)
    found = city_row(result, CATALOG, ("parcel",), {})
    assert found.common_share == pytest.approx(next(n for n in result.needs if n.id == "parcel").share_covered)
    assert found.households == result.households
    assert found.gap_areas == len(result.gaps)
    assert found.judged == ("lit", "watched", "parcel", "patrolled")


def test_the_common_share_of_several_combines_them_cell_by_cell():
    result = district_result(facilities=600)
    found = city_row(result, CATALOG, ("lit", "parcel"), {})
    cells = result.cells
    slow = 0.0
    for i, households in enumerate(cells.households):
        pair = np.array([[cells.cover_by_need["lit"][i]], [cells.cover_by_need["parcel"][i]]])
        slow += households * combine(pair, [0.3, 0.1])[0]
    assert found.common_share == pytest.approx(slow / cells.households.sum())


def test_no_common_need_no_common_share():
    assert np.isnan(city_row(district_result(facilities=100), CATALOG, (), {}).common_share)


# ---------------------------------------------------------------- outlines
def test_outlines_keep_their_places_and_neighbours_still_meet():
    drawn = outlines([square(i) for i in range(6)])
    assert drawn.height == pytest.approx(800 * 2 / 2, rel=0.2)
    corners = [set(re.findall(r"[\d.]+ [\d.]+", path)) for path in drawn.paths]
    assert len(corners[0] & corners[1]) == 2
    for (x, y), path in zip(drawn.labels, drawn.paths, strict=True):
        ring = shapely.Polygon([tuple(map(float, pair.split())) for pair in re.findall(r"[\d.]+ [\d.]+", path)])
        assert ring.contains(shapely.Point(x, y))


def test_a_lone_island_is_drawn_and_specks_beside_a_mainland_are_not():
    speck = shapely.box(940_000, 1_950_000, 940_000.5, 1_950_000.5)
    drawn = outlines([shapely.MultiPolygon([square(0), speck]), square(1)])
    assert drawn.paths[0].count("M") == 1
    assert outlines([speck]).paths[0].count("M") == 1


# ---------------------------------------------------------------- editions
def test_the_public_edition_holds_nothing_it_withholds():
    rows = tuple(replace(one, headings=("비밀표제",), at="2025-07-02 23:45") for one in city().rows)
    one = replace(city(), rows=rows)
    internal, public = (city_page(one, CATALOG, edition) for edition in ("internal", "public"))
    data = city_payload(one, CATALOG, "public")
    secrets = (
        "비밀표제",
        "23:45",
        '"judged"',
        '"states":',
        '"common_uncovered"',
        '"need:watched"',
        '"id":"gaps"',
        "안심마을보안관",
    )
    for secret in secrets:
        assert secret in internal, secret
        assert secret not in public, secret
    assert {one["id"] for one in data["measures"]} == {"households", "density", "layer:cctv", "layer:locker"}
    assert data["needs"] == {}
    assert data["districts"][0]["households"] == 997.0
    assert data["withheld"] == 6
    assert {one["id"] for one in data["programmes"]} == {"cctv"}


def test_texts_are_escaped_wherever_they_stand():
    rows = tuple(replace(one, name=HOSTILE, headings=(HOSTILE,), reason=HOSTILE) for one in city().rows)
    one = replace(city(), name=HOSTILE, rows=rows)
    html = city_page(one, CATALOG, maps={"99100": f"{HOSTILE}.html"})
    assert "<script>alert" not in html
    assert "<img" not in html
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html)[1])
    assert data["name"] == HOSTILE
    assert "<" not in data["maps"]["99100"]


def test_nothing_in_it_points_elsewhere():
    html = city_page(city(), CATALOG)
    assert not re.search(r"(src|href)=[\"']?https?:", html)
    assert "@import" not in html
    assert "connect-src" not in html
    assert "default-src &#39;none&#39;" in html
    assert city_page(city(), CATALOG) == html


# ---------------------------------------------------------------- programmes
def test_a_series_has_one_unit():
    data = city_payload(city(), CATALOG, "internal")
    cctv = next(one for one in data["programmes"] if one["id"] == "cctv")
    assert [(one["unit"], [row[0] for row in one["rows"]]) for one in cctv["series"]] == [
        ("대", [2023, 2024]),
        ("곳", [2022]),
    ]
    assert cctv["money"] == [[2023, 9593.0, 9570.0], [2024, 16062.0, None]]
    assert cctv["held"] == {"unit": "대", "years": [[2020, 3], [2023, 40]], "unknown": 15, "total": 58}


def test_the_public_sees_counts_of_public_facilities_and_none_of_staffs_layers():
    told = [*city().installed, InstalledYears("patrol_zone", {2024: 7}, 0), InstalledYears("locker", {2021: 1}, 0)]
    entries = {
        edition: {one["id"]: one["held"] for one in city_payload(made, CATALOG, edition)["programmes"]}
        for made in [replace(city(), installed=tuple(told))]
        for edition in ("internal", "public")
    }
    assert entries["public"]["locker"]["years"] == [[2021, 1]]
    assert entries["public"]["cctv"] == entries["internal"]["cctv"]
    assert set(entries["internal"]) - set(entries["public"]) == {"patrol_zone"}


def test_the_published_programmes_keep_every_figure_and_no_chart_crosses_a_unit():
    rows = programmes("서울특별시")
    assert len(rows) == 29
    data = city_payload(replace(city(), programmes=rows), CATALOG, "internal")
    drawn = [
        (p["id"], s["unit"], row[0], row[1], row[2])
        for p in data["programmes"]
        for s in p["series"]
        for row in s["rows"]
    ]
    assert len(drawn) == len(rows)
    assert {(name, year, target, result) for name, _, year, target, result in drawn} == {
        (row.programme, row.year, row.target, row.result) for row in rows
    }
    units = {(row.programme, row.unit) for row in rows}
    assert sum(len(p["series"]) for p in data["programmes"]) == len(units) + 1
    kits = next(one for one in data["programmes"] if one["id"] == "safety_kit")
    assert kits["apart"]  # 2,000 people, then 112,724: another way of counting may be behind it
    assert [[row[0] for row in one["rows"]] for one in kits["series"]] == [[2023, 2024], [2025]]
    assert not any(one["apart"] for one in data["programmes"] if one["id"] != "safety_kit")
    assert programmes("부산광역시") == ()


def test_every_programme_says_which_source_gives_which_years():
    data = city_payload(replace(city(), programmes=programmes("서울특별시")), CATALOG, "internal")
    for programme in data["programmes"]:
        years = [year for _, own in programme["sources"] for year in own]
        assert sorted(years) == sorted({row[0] for one in programme["series"] for row in one["rows"]})


def test_what_stands_is_shown_without_programmes_and_the_samples_are_made_up():
    without = city_payload(replace(city(), programmes=()), CATALOG, "internal")
    assert not without["published"]
    assert [(one["id"], one["series"], one["held"]["total"]) for one in without["programmes"]] == [("cctv", [], 58)]
    assert {row.source for row in programmes("가상시")} == {"가상 자료: 지어낸 값"}


# ---------------------------------------------------------------- the table
def test_the_table_says_what_is_unknown():
    table = city_table(city(), CATALOG, "internal")
    assert table["rank_common"].tolist() == [3, 5, 2, 3, 6, 1]
    assert table["devices_cctv"].isna().tolist() == [False, True, False, True, False, True]
    assert table["uncovered_common"][0] == 800  # known by dong only: to tens
    assert table["state_watched"].tolist() == ["loaded", "none", "loaded", "none", "partial", "none"]
    public = city_table(city(), CATALOG, "public")
    assert not [name for name in public if name.startswith(("share", "state", "rank", "gap", "uncovered", "judged"))]
    assert "devices_patrol_zone" not in public
    assert public["edition"].eq("공개용").all()


def test_every_column_of_the_table_is_described():
    known = {column.name for column in every_column()}
    frame = city_table(city(), CATALOG, "internal")
    for name, column in city_columns(frame, CATALOG).items():
        assert column.alias, name
    assert {"rank_common", "per_1000_<layer>", "state_<need>"} <= known


def test_tables_are_written_as_offices_open_them(tmp_path):
    formula = replace(
        city(), rows=(row(0, households=10.0, parcel=0.1, name="=HYPERLINK(1)"), *city_with_one_unknown().rows[1:])
    )
    names = write_city_tables(formula, CATALOG, "internal", tmp_path)
    text = (tmp_path / names["csv"]).read_bytes().decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert pd.read_csv(tmp_path / names["csv"])["devices_cctv"].isna().sum() == 4
    sheet = openpyxl.load_workbook(tmp_path / names["xlsx"]).active
    assert sheet.cell(1, 1).value.startswith("가상시 안심지도 구별 | 내부용")
    assert "자료 없음" in [cell.value for cell in sheet[8]]
    assert sheet.cell(3, 2).value == "=HYPERLINK(1)"
    assert sheet.cell(3, 2).data_type == "s"


def test_an_empty_city_is_a_page_all_the_same():
    assert "[]" in city_page(City("빈 곳", (), ()), CATALOG)


def test_names_are_those_of_the_rows():
    assert [one["name"] for one in city_payload(city(), CATALOG, "public")["districts"]] == list(NAMES)


def test_english_names_of_needs_stand_beside():
    data = city_payload(city(), load_catalog(), "internal")
    assert data["needs"]["watched"] == "CCTV"
    assert data["needs_en"]["parcel"] == CATALOG.needs["parcel"].name_en == "Parcel lockers"
    assert set(data["needs_en"]) == set(data["needs"])
    assert next(one for one in data["measures"] if one["id"] == "common")["basis_en"] == "Parcel lockers"
    assert city_payload(city(), load_catalog(), "public")["needs_en"] == {}


def test_only_what_a_district_is_judged_by_dates_it():
    result = district_result()
    judged = {need.id for need in result.needs if need.takes_part}
    catalog = load_catalog()
    idle = next(layer.id for layer in catalog.layers.values() if not set(layer.supplies) & judged)
    dates = {**result.source.data_dates, idle: ("1999-01-01", "1999-01-02")}
    dated = replace(result, source=replace(result.source, data_dates=dates))
    assert city_row(dated, catalog, (), {}).dates[0] > "1999-12-31"
    households = replace(result, source=replace(result.source, data_dates={**dates, "household": ("1998-01-01",) * 2}))
    assert city_row(households, catalog, (), {}).dates[0] == "1998-01-01"
