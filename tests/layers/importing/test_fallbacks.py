"""Columns that are known by how their names end, and the standard datasets' English tags."""

import json

import pytest


@pytest.mark.parametrize(
    "title",
    [
        "CCTV대수", "CCTV 대수", "CCTV설치대수", "CCTV수", "카메라 수량", "설치등수", "설치등수(등)", "운영대수",
        "개소", "계", "cctvNumber", "CCTV_설치_대수 [대]",
    ],
)  # fmt: skip
def test_counts_by_any_name(town, helpers, title):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv("우리.csv", ["설치 장소", "위도", "경도", title], [["가", lat, lon, 3], ["나", lat, lon, 4]])
    assert town.one(path, layer="cctv").devices == 7


def test_a_better_count_comes_before_a_sum(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv("우리.csv", ["이름", "위도", "경도", "계", "주차대수", "설치대수"], [["가", lat, lon, 9, 8, 3]])
    assert town.one(path, layer="cctv").devices == 3


def test_numbers_left_unused_are_noted(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    rows = [["가", lat, lon, 1, "02", 3], ["나", lat, lon, 2, "03", 1], ["다", lat, lon, 3, "04", 2]]
    path = town.csv("우리.csv", ["이름", "위도", "경도", "연번", "구분번호", "물량"], rows)
    report = town.one(path, layer="cctv")
    assert report.devices == 3
    assert report.note.count("숫자 열") == 1
    assert '--column count="물량"' in report.note
    report = town.one(path, layer="cctv", columns={"count": "물량"})
    assert report.devices == 6
    assert "숫자 열" not in report.note


@pytest.mark.parametrize("title", ["비상벨명", "택배함명", "CCTV명"])
def test_names_by_the_layers_own_word(town, helpers, title):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv("우리.csv", ["도로명", title, "위도", "경도"], [["가길", "하나", lat, lon]])
    town.one(path, layer="locker")
    assert town.store.read("locker")["name"].tolist() == ["하나"]


def test_a_page_of_the_camera_standard(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    item = {
        "institutionNm": "서울특별시 관악구청", "rdnmadr": "", "lnmadr": "서울특별시 관악구 가람동 1",
        "installationPurpsType": "생활방범", "cctvNumber": "3", "cctvPixel": "200", "potogrfInfo": "사방",
        "cstdyDay": "30", "installationYymm": "2019-11", "phoneNumber": "02-1", "latitude": str(lat),
        "longitude": str(lon), "referenceDate": "2024-06-26", "insttCode": "3200000",
    }  # fmt: skip
    page = {"response": {"header": {"resultCode": "00"}, "body": {"items": [item], "totalCount": "1"}}}
    assert town.one(town.file("page.json", json.dumps(page)), layer="cctv").devices == 3
    row = town.store.read("cctv").iloc[0]
    assert (row["purpose"], row["installed"], row["data_date"]) == ("생활방범", "2019-11", "2024-06-26")
    assert row["lot_address"] == "서울특별시 관악구 가람동 1"


def test_a_page_of_the_lamp_standard(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    item = {
        "lmpLcNm": "01-가람길", "installationCo": "2", "rdnmadr": "", "lnmadr": "서울특별시 관악구 가람동 1",
        "latitude": str(lat), "longitude": str(lon), "installationYear": "2020", "installationType": "한전주",
        "phoneNumber": "02-1", "institutionNm": "서울특별시 관악구청", "referenceDate": "2023-08-23",
    }  # fmt: skip
    page = {"response": {"header": {"resultCode": "00"}, "body": {"items": [item], "totalCount": "1"}}}
    assert town.one(town.file("page.json", json.dumps(page)), layer="security_light").devices == 2
    row = town.store.read("security_light").iloc[0]
    assert (row["name"], row["installed"], row["data_date"]) == ("01-가람길", "2020", "2023-08-23")
