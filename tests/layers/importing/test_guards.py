"""What is refused, or asked to be confirmed, before it replaces what is stored."""

from datetime import timedelta

import openpyxl
import pytest

from layers.catalog import load_catalog
from layers.importing.errors import (
    BadOptionError,
    OlderDataError,
    RowsVanishError,
    SameDataTwiceError,
    SecretAddressError,
)


def many(helpers, n, **other):
    return [helpers.lamp(f"등{i}", 10 + i, 10, **other) for i in range(n)]


def test_older_data_is_refused(town, helpers):
    town.one(town.lamps(many(helpers, 5, 데이터기준일자="2025-06-30"), name="새.csv"))
    older = town.lamps(many(helpers, 6, 데이터기준일자="2025-05"), name="옛.csv")
    with pytest.raises(OlderDataError, match=r"옛\.csv.*2025-05.*2025-06-30.*--force"):
        town.one(older)
    assert len(town.store.read("security_light")) == 5
    assert town.one(older, force=True).accepted == 6
    assert len(town.store.read("security_light")) == 6


def test_the_age_is_compared_by_district(town, helpers):
    guro = "서울특별시 구로구 항동 1"
    town.one(town.lamps([helpers.lamp("관악", 데이터기준일자="2025-01-01")], name="가.csv"))
    town.one(town.lamps([helpers.lamp("구로", 500, 1500, address=guro, 데이터기준일자="2024-01-01")], name="나.csv"))
    mixed = [
        helpers.lamp("관악", 데이터기준일자="2025-02-01"),
        helpers.lamp("구로", 500, 1500, address=guro, 데이터기준일자="2023-01-01"),
    ]
    r = town.one(town.lamps(mixed, name="다.csv"))
    assert r.note == "superseded: 11530 저장된 자료를 그대로 둡니다"
    dates = town.store.read("security_light").set_index("district")["data_date"].to_dict()
    assert dates == {"11530": "2024-01-01", "11620": "2025-02-01"}
    with pytest.raises(OlderDataError, match="11530"):
        town.one(town.lamps(mixed[1:], name="라.csv"))


def test_data_without_dates_goes_by_the_time_of_import(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["자치구", "안심 명", "안심 주소", "WGS Y 좌표", "WGS X 좌표"]
    town.one(town.csv("가.csv", header, [["관악구", "가", "", lat, lon]]))
    later = town.csv("나.csv", header, [["관악구", "나", "", lat, lon]])
    with pytest.raises(OlderDataError):
        town.one(later, now=helpers.NOW - timedelta(days=40))
    assert town.one(later).accepted == 1


def test_vanishing_rows_need_confirming(town, helpers):
    town.one(town.lamps(many(helpers, 20), name="가.csv"))
    assert town.one(town.lamps(many(helpers, 18), name="나.csv")).accepted == 18  # a tenth may go
    with pytest.raises(RowsVanishError, match=r"다\.csv: 저장된 18행이 16행으로.*--confirm"):
        town.one(town.lamps(many(helpers, 16), name="다.csv"))
    assert len(town.store.read("security_light")) == 18
    assert town.one(town.lamps(many(helpers, 16), name="다.csv"), confirm=True).accepted == 16


def test_complete_for_makes_a_true_zero(town, helpers):
    guro = "서울특별시 구로구 항동 1"
    town.one(town.lamps([helpers.lamp("구로", 500, 1500, address=guro)], name="구로.csv"))
    path = town.lamps(many(helpers, 5), name="관악.csv")
    with pytest.raises(BadOptionError, match="11999"):
        town.one(path, complete_for=("11999",))
    r = town.one(path, complete_for=("11530", "11620"))
    assert r.accepted == 5
    assert set(town.store.read("security_light")["district"]) == {"11620"}
    assert town.store.imports()[-1].complete_for == ("11530", "11620")
    assert town.store.imports()[-1].districts == ("11530", "11620")


def test_append(town, helpers):
    town.one(town.lamps(many(helpers, 5), name="가.csv"))
    r = town.one(town.lamps(many(helpers, 7), name="나.csv"), mode="append")
    assert (r.accepted, r.flagged["already_stored"]) == (7, 5)
    assert sorted(town.store.read("security_light")["name"]) == [f"등{i}" for i in range(7)]  # each once
    version = town.store.version()
    assert town.one(town.lamps(many(helpers, 6), name="다.csv"), mode="append").unchanged
    assert town.store.version() == version


def test_the_same_district_twice_in_one_command(town, helpers):
    a, b = town.lamps(many(helpers, 5), name="가.csv"), town.lamps(many(helpers, 6), name="나.csv")
    with pytest.raises(SameDataTwiceError, match=r"가\.csv, 나\.csv.*11620"):
        town.load(a, b)
    copy = town.lamps(many(helpers, 5), name="복사.csv")
    assert [r.unchanged for r in town.load(a, copy)] == [False, True]
    newer = town.lamps(many(helpers, 7, 데이터기준일자="2025-07-01"), name="앞.csv")
    assert [r.accepted for r in town.load(newer, b)] == [7, 6]  # the newest stays, whatever the order
    assert len(town.store.read("security_light")) == 7


@pytest.mark.parametrize("name", ["여성 쉼터.csv", "보호시설 현황.csv"])
def test_shelters_are_secret(town, helpers, name):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv(name, ["시설명", "위도", "경도"], [["가", lat, lon]])
    with pytest.raises(SecretAddressError, match="--visibility staff"):
        town.one(path, layer="police_box")
    with pytest.raises(SecretAddressError, match="공개 층"):
        town.one(path, layer="police_box", visibility="staff")
    town.catalog = load_catalog([town.file("내.toml", '[layer.shelter]\nname = "쉼터"\nvisibility = "staff"\n')])
    assert town.one(path, layer="shelter", visibility="staff").accepted == 1


def test_cooling_shelters_are_not(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv("무더위쉼터.csv", ["시설명", "위도", "경도"], [["가", lat, lon]])
    assert town.one(path, layer="police_box").accepted == 1


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("시설명", "관악 여성쉼터"), ("시설명", "가정폭력피해자 보호시설"), ("비고", "긴급피난처"),
        ("비고", "해바라기센터 (비공개)"),
        ("시설명", "성폭력 피해자 지원"), ("시설명", "단기 청소년 쉼터"), ("시설명", "학대피해노인 전용쉼터"),
        ("비고", "쉼터(비공개)"),
    ],
)  # fmt: skip
def test_shelters_that_only_a_row_names_are_secret(town, helpers, column, text):
    lon, lat = helpers.lonlat(100, 100)
    rows = [{"시설명": "가"}, {"시설명": "나"} | {column: text}]
    cells = [[row["시설명"], lat, lon, row.get("비고", "")] for row in rows]
    path = town.csv("시설.csv", ["시설명", "위도", "경도", "비고"], cells)
    with pytest.raises(SecretAddressError, match="3행") as error:
        town.one(path, layer="safe_house")
    assert text in error.value.message
    assert "safe_house" not in town.store.layer_ids() or town.store.read("safe_house").empty


def test_shelters_that_only_a_title_names_are_secret(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    rows = [["가정폭력 피해자 쉼터 현황", "", ""], ["시설명", "위도", "경도"], ["가", lat, lon]]
    text = town.file("현황.csv", "\n".join(",".join(map(str, row)) for row in rows))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(town.folder / "현황.xlsx")
    for path in (text, town.folder / "현황.xlsx"):
        with pytest.raises(SecretAddressError, match="--visibility staff"):
            town.one(path, layer="safe_house")


@pytest.mark.parametrize(
    "name",
    [
        "이동노동자 쉼터", "무더위쉼터 경로당", "한파 쉼터", "그늘막쉼터", "버스쉼터", "휴게쉼터", "숲속쉼터",
        "신림근린공원 쉼터지역", "스마트쉼터", "유기동물 보호소", "청소년수련관 쉼터",
    ],
)  # fmt: skip
def test_places_to_rest_in_are_no_secret(town, helpers, name):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv("시설.csv", ["시설명", "위도", "경도"], [[name, lat, lon]])
    assert town.one(path, layer="safe_house").accepted == 1


@pytest.mark.parametrize("name", ["이동노동자 쉼터.csv", "버스쉼터.csv", "무더위·한파쉼터 현황.csv"])
def test_files_of_places_to_rest_in_are_no_secret(town, helpers, name):
    lon, lat = helpers.lonlat(100, 100)
    assert town.one(town.csv(name, ["시설명", "위도", "경도"], [["가", lat, lon]]), layer="safe_house").accepted == 1


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"layer": "nothing"}, "--layer nothing"), ({"crs": "EPSG:0"}, "--crs"),
        ({"encoding": "klingon"}, "--encoding"),
        ({"columns": {"latt": "a"}}, "latt"), ({"mode": "merge"}, "--mode"), ({"measure": "cars"}, "--measure"),
        ({"complete_for": ("관악구",)}, "--complete-for"), ({"visibility": "me"}, "--visibility"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense(town, options, match):
    with pytest.raises(BadOptionError, match=match):
        town.one(town.boundaries, **options)
