"""Whole commands: what each file is for, one transaction, guards, reports."""

import csv
import itertools
import json
import os
from datetime import timedelta

import openpyxl
import pandas as pd
import pytest

from geo.errors import AnsimError
from layers.catalog import load_catalog
from layers.importing import ImportOptions, import_files, write_all_rejected, write_rejected
from layers.importing.errors import (
    BadOptionError,
    BoundariesNeededError,
    ColumnNeededError,
    LayerContradictedError,
    LayerNeededError,
    OlderDataError,
    RowsVanishError,
    SameDataTwiceError,
    SecretAddressError,
    UnknownFormError,
    UnreadableFileError,
)
from layers.importing.forms import load_forms
from layers.importing.report import FileReport
from layers.store import StoreError
from tests.layers.memory_store import MemoryWriter


def many(helpers, n, **other):
    return [helpers.lamp(f"등{i}", 10 + i, 10, **other) for i in range(n)]


# ---------------------------------------------------------------- forms


def test_every_form_is_recognised_by_its_own_header(town, helpers):
    """And is taken for no other form of the catalog."""
    forms = load_forms(town.catalog)
    tables = town.catalog.forms
    for table, form in zip(tables, forms, strict=True):
        names = frozenset("".join(h.split("|")[0].split()).lower() for h in table.header)
        fitting = sorted((f for f in forms if f.fits(names)), key=lambda f: (f.any_more, -len(f.header)))
        assert fitting[0] is form, table.title


def test_optional_columns_and_order_and_blanks_do_not_matter(town, helpers):
    row = dict(zip(helpers.LAMPS, helpers.lamp(), strict=True)) | {"제공기관코드": "1", "제공기관명": "가"}
    header = [f" {name} " for name in reversed(row)]
    r = town.one(town.csv("보안등.csv", header, [list(reversed(row.values()))]))
    assert (r.dataset, r.accepted) == ("security_light_standard", 1)


def test_a_header_that_lacks_a_column_is_not_guessed_but_likened(town, helpers):
    header = [name for name in helpers.LAMPS if name != "설치형태"]
    with pytest.raises(
        UnknownFormError, match=r"보안등\.csv.*전국보안등정보표준데이터과 비슷하나 설치형태 열이 없습니다.*--layer"
    ):
        town.one(town.csv("보안등.csv", header, [helpers.lamp()[:-1]]))


def test_three_columns_are_a_guess_by_the_ids(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["관리번호", "위도", "경도"]
    good = [[f"강_47_2-{i:03d}", lat, lon] for i in range(19)]
    r = town.one(town.csv("가로등.csv", header, [*good, ["12345", lat, lon]]))  # 95 %
    assert (r.layer, r.accepted) == ("streetlight", 20)
    assert r.as_dict()["note"].startswith("guessed_layer")
    with pytest.raises(UnknownFormError):
        town.one(town.csv("다른.csv", header, [*good[:18], ["1", lat, lon], ["2", lat, lon]]))
    r = town.one(town.csv("또.csv", header, good), layer="police_box")  # the user's word over a guess
    assert (r.layer, r.note) == ("police_box", "")


def test_the_english_camera_file_needs_its_layer(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["district", "info", "latitude", "longitude", "count", "update_date", "update_year", "update_month"]
    path = town.csv("안심이.csv", header, [["관악구", "가", lat, lon, "2", "1", "2022.0", "12.0"]])
    with pytest.raises(LayerNeededError, match=r"안심이\.csv.*--layer"):
        town.one(path)
    r = town.one(path, layer="cctv")
    assert (r.layer, r.devices) == ("cctv", 2)
    assert town.store.read("cctv")["data_date"].tolist() == ["2022-12"]


def test_layer_is_for_the_files_that_do_not_settle_it(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    own = town.csv("내것.csv", ["이름", "위도", "경도"], [["가", lat, lon]])
    lamps = town.lamps([helpers.lamp()])
    guessed = town.csv("가로등.csv", ["관리번호", "위도", "경도"], [["강-001", lat, lon]])
    found = town.load(own, lamps, guessed, layer="police_box")
    assert [r.layer for r in found] == ["police_box", "security_light", "streetlight"]
    with pytest.raises(LayerContradictedError, match=r"--layer cctv: 보안등\.csv"):
        town.one(lamps, layer="cctv")
    assert town.one(lamps, layer="security_light").unchanged


def test_a_planners_own_file_with_synonyms_and_named_columns(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv(
        "내것.csv",
        ["시설명", "주소", "Latitude", "lng", "수량", "비고", "북"],
        [["가", "관악구 1", lat, lon, "3", "메모", lat]],
    )
    r = town.one(path, layer="police_box")
    assert (r.dataset, r.accepted, r.devices) == ("own_police_box/내것", 1, 3)
    row = town.store.read("police_box").iloc[0]
    assert (row["name"], row["road_address"], row["district"]) == ("가", "관악구 1", "11620")
    assert json.loads(row["attributes"]) == {"비고": "메모", "북": str(lat)}
    town.one(path, layer="police_box", columns={"lat": "북", "name": "비고"})
    assert town.store.read("police_box")["name"].tolist() == ["메모"]
    with pytest.raises(ColumnNeededError, match="남: 그런 열이 없습니다"):
        town.one(path, layer="police_box", columns={"lat": "남"})


OWN = """
[layer.support_center]
name = "1인가구지원센터"

[[form]]
id = "my_centers"
title = "우리 구 센터"
layer = "support_center"
columns = { name = "센터", lat = "북위", lon = "동경", hours = "여는 시간" }
dead = { "여는 시간" = ["폐관"] }
"""


def test_a_layer_and_a_form_of_the_users_own_need_no_code(town, helpers):
    own = town.file("내 층.toml", OWN)
    town.catalog = load_catalog([own])
    lon, lat = helpers.lonlat(100, 100)
    rows = [["관악센터", lat, lon, "월-금 09:00~18:00", "둘"], ["옛 센터", lat, lon, "폐관", ""]]
    r = town.one(town.csv("센터.csv", ["센터", "북위", "동경", "여는 시간", "층수"], rows))
    assert (r.layer, r.dataset, r.accepted, dict(r.reasons)) == ("support_center", "my_centers", 1, {"dead": 1})
    row = town.store.read("support_center").iloc[0]
    assert (row["name"], row["hours"], row["district"]) == ("관악센터", "Mo-Fr 09:00-18:00", "11620")
    assert (
        town.one(town.csv("또.csv", ["이름", "위도", "경도"], [["나", lat, lon]]), layer="support_center").accepted == 1
    )


# ---------------------------------------------------------------- files and folders


def test_boundaries_first_whatever_the_order(bare, helpers):
    lamps = bare.lamps([helpers.lamp()])
    with pytest.raises(BoundariesNeededError, match=r"보안등\.csv.*경계"):
        bare.one(lamps)
    found = bare.load(lamps, bare.boundaries)
    assert [r.file for r in found] == ["보안등.csv", "경계.geojson"]
    assert bare.store.version() == 1


def test_a_folder(town, helpers):
    town.lamps([helpers.lamp()])
    for name in ("읽어주세요.txt", "사진.png", ".숨은.csv", "~$표.csv"):
        town.file(name, "x")
    town.file("표.hwp", "x")
    town.file("혼자.dbf", "x")
    (town.folder / "안").mkdir()
    (town.folder / "안" / "경계.geojson").write_bytes(town.boundaries.read_bytes())
    found = {r.file: r for r in town.load(town.folder)}
    assert set(found) == {"경계.geojson", "보안등.csv", "읽어주세요.txt", "사진.png", "표.hwp", "혼자.dbf"}
    assert {n for n, r in found.items() if r.skipped} == {"읽어주세요.txt", "사진.png", "표.hwp", "혼자.dbf"}
    assert all(found[n].note.startswith("skipped") and found[n].read == 0 for n in ("표.hwp", "사진.png"))


def test_a_file_given_twice_is_one(town, helpers):
    path = town.lamps([helpers.lamp()])
    assert len(town.load(path, path, town.folder)) == 2  # and the boundaries


@pytest.mark.parametrize("name", ["없음.csv", "표.xlsx", "혼자.dbf", "빈.csv", "제목만.csv", "그림.png", "빈 폴더"])
def test_files_that_cannot_be_read(town, helpers, name):
    town.file("표.xlsx", "x")
    town.file("혼자.dbf", "x")
    town.file("빈.csv", "")
    town.lamps([], name="제목만.csv")
    town.file("그림.png", "\x89PNG")
    (town.folder / "빈 폴더").mkdir()
    with pytest.raises(UnreadableFileError) as error:
        town.one(town.folder / name)
    assert "\n" not in str(error.value)
    assert error.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(town, helpers):
    path = town.lamps([helpers.lamp()])
    path.chmod(0)
    with pytest.raises(UnreadableFileError):
        town.one(path)


def test_walk_networks_are_known_and_not_used(town):
    form = next(f for f in town.catalog.forms if f.id == "seoul_walk_network")
    r = town.one(town.csv("보행.csv", [*form.header, "교량"], [["NODE"] * 11]))
    assert r.skipped
    assert "도보 네트워크" in r.note
    assert town.store.version() == 1


# ---------------------------------------------------------------- one transaction


def test_all_or_nothing(town, helpers):
    good = town.lamps([helpers.lamp()])
    bad = town.csv("모름.csv", ["가", "나"], [["1", "2"]])
    before = town.content()
    with pytest.raises(UnknownFormError):
        town.load(good, bad)
    assert town.content() == before
    assert town.store.version() == 1


def test_a_failure_while_storing_leaves_nothing(town, helpers, monkeypatch):
    lon, lat = helpers.lonlat(1, 1)
    first, second = town.lamps([helpers.lamp()]), town.csv("가.csv", ["이름", "위도", "경도"], [["가", lat, lon]])
    put = MemoryWriter.put

    def failing(writer, batch, record):
        if batch.table == "police_box":
            raise StoreError("디스크가 가득 찼습니다")
        put(writer, batch, record)

    monkeypatch.setattr(MemoryWriter, "put", failing)
    with pytest.raises(StoreError):
        town.load(first, second, layer="police_box")
    assert town.store.layer_ids() == []
    assert town.store.version() == 1


def test_an_import_is_made_again_after_another_in_between(town, helpers, monkeypatch):
    path = town.lamps([helpers.lamp()])
    versions = itertools.chain([1, 2], itertools.repeat(3))  # moved once, then still
    monkeypatch.setattr(type(town.store), "version", lambda _self: next(versions))
    assert town.one(path).accepted == 1


def test_an_import_that_others_always_precede_gives_up(town, helpers, monkeypatch):
    path = town.lamps([helpers.lamp()])
    versions = itertools.count()
    monkeypatch.setattr(type(town.store), "version", lambda _self: next(versions))
    with pytest.raises(StoreError, match="다른 가져오기"):
        town.one(path)


def test_the_same_again_changes_nothing(town, helpers):
    path = town.lamps(many(helpers, 5))
    first = town.one(path)
    again = town.one(path, now=helpers.NOW + timedelta(days=3))
    assert town.store.version() == 2
    assert not first.unchanged
    assert again.as_dict() == first.as_dict() | {"unchanged": True}
    renamed = town.lamps(many(helpers, 5), name="다른 이름.csv")
    assert town.one(renamed).unchanged  # the bytes count, not the name


@pytest.mark.parametrize("change", [{"columns": {"name": "설치형태"}}, {"made_up": True}, {"complete_for": ("11620",)}])
def test_other_options_are_another_import(town, helpers, change):
    path = town.lamps(many(helpers, 5))
    town.one(path)
    assert not town.one(path, **change, confirm=True).unchanged  # other names are other rows
    assert town.one(path, **change).unchanged


def test_new_boundaries_make_it_another_import(town, helpers):
    path = town.lamps([*many(helpers, 5), helpers.lamp("밖", 2900, 500)])
    assert town.one(path).flagged == {"outside_near": 1}
    features = helpers.boundary_features()
    features.append(
        helpers.feature(
            features[0]["properties"]
            | {"adm_cd2": "1162060900", "adm_cd": "1121069", "adm_nm": "서울특별시 관악구 새동"},
            helpers.square(2, 0),
        )
    )
    wider = town.geojson("새 경계.geojson", features)
    found = town.load(path, wider)
    assert not found[0].unchanged
    assert found[0].flagged == {}


def test_a_superseded_file_is_news_again(town, helpers):
    old, new = town.lamps(many(helpers, 5), name="가.csv"), town.lamps(many(helpers, 6), name="나.csv")
    town.one(old)
    town.one(new)
    assert not town.one(old, confirm=True).unchanged
    assert len(town.store.read("security_light")) == 5


def test_a_file_replaces_only_its_districts(town, helpers):
    guro = "서울특별시 구로구 항동 1"
    town.one(town.lamps([*many(helpers, 5), helpers.lamp("구로", 500, 1500, address=guro)], name="둘.csv"))
    town.one(town.lamps([helpers.lamp("새 구로", 600, 1500, address=guro)], name="구로.csv"))
    names = sorted(town.store.read("security_light")["name"])
    assert names == ["등0", "등1", "등2", "등3", "등4", "새 구로"]


def test_importing_in_any_order_gives_the_same_store(bare, helpers, tmp_path):
    lon, lat = helpers.lonlat(100, 100)
    paths = [
        bare.boundaries,
        bare.lamps(many(helpers, 5)),
        bare.csv(
            "1인가구.csv",
            ["행정동코드", "자치구", "행정동명", "성별", "연령대", "1인가구수"],
            [["1121060", "", "", "1", "20", "5"]],
        ),
        bare.csv(
            "택배.csv",
            ["자치구", "안심 명", "안심 주소", "WGS Y 좌표", "WGS X 좌표"],
            [["관악구", "가", "나", lat, lon]],
        ),
    ]
    bare.load(*paths)
    (tmp_path / "b").mkdir()
    other = helpers.Town(tmp_path / "b")
    other.load(*reversed(paths))
    assert bare.content() == other.content()


# ---------------------------------------------------------------- guards


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


# ---------------------------------------------------------------- reports and records


def test_the_record(town, helpers):
    path = town.lamps([*many(helpers, 3), helpers.lamp("등", lat="", lon=""), helpers.lamp("삭제")], encoding="cp949")
    town.one(path, made_up=True)
    record = town.store.imports()[-1]
    assert (record.file, record.dataset, record.layer) == ("보안등.csv", "security_light_standard", "security_light")
    assert (record.encoding, record.crs, record.data_date) == ("cp949", "EPSG:4326", "2025-06-30")
    assert (record.read, record.accepted, record.unlocated, record.rejected) == (5, 4, 1, 1)
    assert (record.imported_at, record.made_up) == ("2025-11-21T10:00:00+09:00", True)
    assert len(record.digest) == 64


def test_progress(town, helpers):
    seen = []
    import_files(
        [town.lamps([helpers.lamp()]), town.boundaries], town.store, town.catalog, ImportOptions(), now=helpers.NOW,
        progress=lambda *step: seen.append(step),
    )  # fmt: skip
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert {total for *_, total in seen} == {6}
    assert seen[-1] == ("", 6, 6)
    assert {name for name, *_ in seen} == {"보안등.csv", "경계.geojson", ""}


def test_a_report_that_does_not_add_up_cannot_be_made():
    with pytest.raises(AssertionError, match=r"가\.csv"):
        FileReport("가.csv", read=3, accepted=1, rejected=1, reasons={"dead": 1})


def test_rejected_rows_of_equal_names_stand_side_by_side(tmp_path):
    def report(file, *rows):
        rejected = pd.DataFrame({"line": range(2, 2 + len(rows)), "reason": "dead", "row": list(rows)})
        n = len(rows)
        return FileReport(file, read=n, rejected=n, reasons={"dead": n} if n else {}, rejected_rows=rejected)

    reports = [report("가.csv", "1"), report("다.csv"), report("가.geojson", "2"), report("가-2.csv", "3")]
    written = write_all_rejected(reports, tmp_path)
    assert [p.name for p in written] == ["가-rejected.csv", "가-2-rejected.csv", "가-2-2-rejected.csv"]
    assert [pd.read_csv(p)["row"].tolist() for p in written] == [[1], [2], [3]]


def test_a_rejected_row_is_no_formula(tmp_path):
    cells = ["=cmd|'/c calc'!A1,x", "+1,2", "-1", "@SUM(A1)", "\t=1", " =1", '"=1",2', "가,=1", "12"]
    n = len(cells)
    rejected = pd.DataFrame({"line": range(n), "reason": "dead", "row": cells})
    path = write_rejected(
        FileReport("가.csv", read=n, rejected=n, reasons={"dead": n}, rejected_rows=rejected), tmp_path
    )
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row["row"] for row in csv.DictReader(stream)]
    assert rows == [*(f"'{cell}" for cell in cells[:6]), *cells[6:]]


def test_errors_are_one_line_of_korean(town):
    for content in ("a,b\n1,2\n", '{"type": 1}', "\xff\xfe"):
        with pytest.raises(AnsimError) as error:
            town.one(town.file("시험.csv", content))
        assert "\n" not in str(error.value)
        assert any("가" <= c <= "힣" for c in str(error.value))
