"""Defects of single cells, each through the whole import; those of whole files are in test_each_defect.py."""

import json
import re

import pytest

from tests.layers.importing.defective import LAYER, OWN, STORES, at, own, store_row, stored


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("202005", "2020-05"), ("2020-05", "2020-05"), ("20200501", "2020-05-01"), ("2021.0", "2021"), ("1900", ""),
        ("1905-07", ""), ("'22.03", "2022-03"), ("98-05-01", "1998-05-01"), ("22년 3월", "2022-03"),
    ],
)  # fmt: skip
def test_dates(town, helpers, cell, iso):
    assert town.one(town.lamps([helpers.lamp(설치연도=cell)])).accepted == 1
    row = stored(town, "security_light").iloc[0]
    assert row["installed"] == iso
    assert iso or json.loads(row["attributes"])["설치연도"] == cell  # what is no date is not lost


@pytest.mark.parametrize(
    ("cell", "devices", "flag"), [("1,234", 1234, 0), ("935 ", 935, 0), ("79%", 1, 1), ("-", 1, 0), ("", 1, 0)]
)
def test_numbers(town, helpers, cell, devices, flag):
    report = town.one(town.lamps([helpers.lamp(설치개수=cell)]))
    assert (report.devices, report.flagged.get("bad_count", 0)) == (devices, flag)


def test_double_blanks_in_addresses(town, helpers):
    assert town.one(town.lamps([helpers.lamp(address="서울특별시  관악구   가람동 1")])).accepted == 1
    row = stored(town, "security_light").iloc[0]
    assert (row["lot_address"], row["district"]) == ("서울특별시 관악구 가람동 1", "11620")


def jung_gu(town, helpers, province):
    """A 중구 of a province, its one dong named with dots for ·."""
    features = [
        helpers.feature(
            {"OBJECTID": 1, "adm_nm": f"{province} 중구 종로1·2·3·4가동", "adm_cd": "3501051", "adm_cd2": "5201051000",
             "sgg": "52010", "sido": "52", "sidonm": province, "sggnm": "중구"},
            helpers.square(0, 0),
        )
    ]  # fmt: skip
    town.load(town.geojson("중구.geojson", features))


@pytest.mark.parametrize("gu", ["중구", "중 구"])
@pytest.mark.parametrize("province", ["전라북도", "전북특별자치도", "전북"])
def test_a_blank_in_a_gu_and_two_names_of_a_province(bare, helpers, gu, province):
    jung_gu(bare, helpers, "전북특별자치도")
    lat, lon = at(helpers)
    report = bare.one(bare.csv("내.csv", ["이름", "시도명", *OWN[1:]], [["가", province, gu, lat, lon]]), **LAYER)
    assert (report.accepted, report.flagged.get("other_district", 0)) == (1, 0)
    assert stored(bare)["district"].tolist() == ["52010"]


@pytest.mark.parametrize("name", ["종로1.2.3.4가동", "종로1·2·3·4가동", "종로1ㆍ2ㆍ3ㆍ4가동"])
def test_a_dot_for_a_middle_dot_in_a_dong(bare, helpers, name):
    jung_gu(bare, helpers, "전북특별자치도")
    header = ["번호", "자치구", "동(원문)", "비고", "활동시간"]
    report = bare.one(bare.csv("순찰.csv", header, [["1", "중구", name, "", "21:00~익일 02:30"]]))
    assert (report.accepted, report.unlocated) == (1, 0)


# ---------------------------------------------------------------- codes

HOUSEHOLDS = ["행정동코드", "자치구", "행정동명", "성별", "연령대", "총인구", "1인가구수"]


@pytest.mark.parametrize(
    ("kind", "code", "gu", "name", "units"),
    [
        ("7_digits_of_the_statistical_office", "1121060", "관악구", "가람동", {"1162060100"}),
        ("10_digits_of_the_interior_ministry", "1162060100", "관악구", "가람동", {"1162060100"}),
        ("a_split_dong", "1117068", "구로구", "오류2동", {"1153060300", "1153060400"}),
        ("a_number_of_excel", "1121060.0", "관악구", "가람동", {"1162060100"}),
    ],
)
def test_codes_of_dong(town, kind, code, gu, name, units):
    report = town.one(town.csv(f"{kind}.csv", HOUSEHOLDS, [[code, gu, name, "1", "20", "1,000", "300"]]))
    assert report.accepted == 1
    row = town.store.read("household").iloc[0]
    assert row["households"] == 300
    assert set(re.findall(r"\d{10}", str(row["dongs"]))) == units


@pytest.mark.parametrize("code", ["11740", "11250", "1174010100", "11740101"])
def test_gangdong_gu_has_two_codes_and_8_digit_codes_name_it_too(bare, helpers, code):
    features = [
        helpers.feature(
            {"OBJECTID": 1, "adm_nm": "서울특별시 강동구 강일동", "adm_cd": "1125051", "adm_cd2": "1174051500",
             "sgg": "11740", "sido": "11", "sidonm": "서울특별시", "sggnm": "강동구"},
            helpers.square(0, 0),
        )
    ]  # fmt: skip
    bare.load(bare.geojson("강동.geojson", features))
    report = bare.one(bare.csv("내.csv", ["이름", "시군구코드", "위도", "경도"], [["가", code, *at(helpers)]]), **LAYER)
    assert (report.accepted, report.flagged.get("other_district", 0)) == (1, 0)
    assert stored(bare)["district"].tolist() == ["11740"]


def test_sinsa_dong_is_in_two_gu(bare, helpers):
    features = [
        helpers.feature(
            {"OBJECTID": i, "adm_nm": f"서울특별시 {gu} 신사동", "adm_cd": f"{stat}51", "adm_cd2": f"{code}00100",
             "sgg": code, "sido": "11", "sidonm": "서울특별시", "sggnm": gu},
            helpers.square(i, 0),
        )
        for i, (gu, code, stat) in enumerate((("강남구", "11680", "11230"), ("관악구", "11620", "11210")))
    ]  # fmt: skip
    bare.load(bare.geojson("신사.geojson", features))
    header = ["번호", "자치구", "동(원문)", "비고", "활동시간"]
    rows = [["1", "강남구", "신사동", "", "22:00~02:00"], ["2", "관악구", "신사동", "", "22:00~02:00"]]
    assert bare.one(bare.csv("순찰.csv", header, rows)).unlocated == 0
    zones = stored(bare, "patrol_zone").sort_values("district")
    assert zones["district"].tolist() == ["11620", "11680"]
    assert zones["geometry"].iloc[0].centroid.x > zones["geometry"].iloc[1].centroid.x + 900


def test_leading_zeros_that_excel_ate(town, helpers):
    """A telephone number or id that lost its zero is kept as it stands; codes of districts have none to lose."""
    rows = [["가", "11620.0", *at(helpers)]]
    assert town.one(town.csv("내.csv", ["이름", "시군구코드", "위도", "경도"], rows), **LAYER).accepted == 1
    assert stored(town)["district"].tolist() == ["11620"]


# ---------------------------------------------------------------- counts


@pytest.mark.parametrize("column", ["설치개수", "카메라대수", "설치대수", "CCTV 수량", "수량(대)"])
def test_one_row_is_several_devices(town, helpers, column):
    rows = [[*own(helpers, "가")[0], "7"], [*own(helpers, "가", "나")[1], "1"]]
    assert town.one(town.csv("수.csv", [*OWN, column], rows), **LAYER).devices == 8


def test_address_only(town):
    report = town.one(town.csv("지킴이.csv", STORES, [store_row("가"), store_row("나")]))
    assert (report.accepted, report.unlocated, report.rejected) == (2, 2, 0)
    assert stored(town, "safe_house")["geometry"].isna().all()


def test_small_counts_stay_as_disclosed(town):
    rows = [
        ["1121060", "관악구", "가람동", "1", "20", "10", "3"],
        ["1121060", "관악구", "가람동", "2", "20", "10", "0"],
    ]
    assert town.one(town.csv("1인가구.csv", HOUSEHOLDS, rows)).accepted == 2
    assert sorted(town.store.read("household")["households"]) == [0, 3]
