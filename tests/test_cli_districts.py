"""Several districts at once from the command line: planned, limited, kept, written, drawn and refused."""

import json

import openpyxl
import pandas as pd
import pyogrio
import pytest

from layers.catalog import load_catalog
from layers.geopackage import GeoPackageStore
from tests.command import ansim
from tests.layers.test_district_input import GWANAK, NEXT, world

STORE = ("--store", "두 구.gpkg")
QUICK = ("--seconds", "3", "--within", "district", "--candidates", "cctv=grid:200")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("여러 구")
    store = GeoPackageStore(folder / "두 구.gpkg", load_catalog())
    world(into=store, cctv=[(GWANAK, 900, 500), (NEXT, 1100, 500)], security_light=[(GWANAK, 300, 300)])
    return folder


def sites(folder, *words, ok=True):
    return ansim("sites", *words, *STORE, cwd=folder, ok=ok)


@pytest.fixture(scope="module")
def planned(folder):
    limits = ("--at-least", "동작구=1", "--at-most", "관악구=2", "--most-each", "2")
    return sites(
        folder, "관악구", "동작구", "--count", "cctv=4", *limits, *QUICK, "--name", "함께", "--out", "함께.xlsx"
    )


def test_it_says_what_is_judged_and_what_each_district_gets(planned):
    assert "[내부용] 동작구·관악구 새 자리 계획" in planned
    assert "밝은 길: 동작구에 자료가 없어 함께 보지 않았습니다" in planned
    assert "관악구 2곳까지" in planned
    assert "따로 다시 세어 같음" in planned
    (mine,) = (line for line in planned.splitlines() if line.startswith("관악구: "))
    assert "2곳" in mine


def test_every_file_has_the_district(folder, planned):
    assert planned
    for ending in ("csv", "geojson", "gpkg"):
        ansim("plans", "show", "함께", *STORE, "--out", f"함께.{ending}", cwd=folder)
    rows = pd.read_csv(folder / "함께.csv")
    assert rows["district_name"].value_counts().to_dict() == {"관악구": 2, "동작구": 2}
    assert (rows["district_name"] == "관악구").tolist() == rows["dong_name"].isin(["가동", "나동"]).tolist()
    told = json.loads((folder / "함께.geojson").read_text(encoding="utf-8"))
    assert [f["properties"]["district_name"] for f in told["features"]] == rows["district_name"].tolist()
    assert {row["district_name"] for row in told["ansim"]["dongs"]} == {"관악구", "동작구"}
    frame = pyogrio.read_dataframe(folder / "함께.gpkg", layer="plan_site")
    assert frame["district_name"].tolist() == rows["district_name"].tolist()
    book = openpyxl.load_workbook(folder / "함께.xlsx")
    heads = [cell.value for row in book["자리"].iter_rows(max_row=4) for cell in row]
    assert any("자치구" in str(head) for head in heads)
    words = {str(cell.value) for row in book["가정과 출처"].iter_rows() for cell in row}
    assert "밝은 길: 동작구에 자료가 없어 함께 보지 않았습니다" in words
    book.close()


def test_either_district_is_drawn_with_the_numbers_of_the_plan(folder, planned):
    assert planned
    for district in ("관악구", "동작구"):
        ansim("map", district, "--plan", "함께", *STORE, "--out", f"{district}.html", cwd=folder)
        page = (folder / f"{district}.html").read_text(encoding="utf-8")
        assert "2개 구를 함께 본 계획" in page
        assert "4번 CCTV" in page
    said = ansim("report", "관악구", "--plan", "함께", *STORE, "--out", "보고서.html", cwd=folder, ok=False)
    assert "한 구의 보고서에 넣지 않습니다" in said
    assert "함께 본" not in ansim("explain", "관악구 가동", "--plan", "함께", *STORE, cwd=folder)


def test_land_is_named_by_district(folder):
    sites(folder, "관악구", "동작구", "--count", "cctv=2", *QUICK, "--within", "동작구", "--out", "동작.csv")
    assert set(pd.read_csv(folder / "동작.csv")["district_name"]) == {"동작구"}
    sites(folder, "관악구", "동작구", "--count", "cctv=2", "--seconds", "3", "--candidates", "cctv=grid:50")


def test_one_district_named_twice_is_one(folder):
    said = sites(folder, "관악구", GWANAK, "--count", "cctv=1", *QUICK, "--at-most", "관악구=1", "--out", "하나.csv")
    assert "[내부용] 관악구 새 자리 계획" in said
    assert "district_name" not in pd.read_csv(folder / "하나.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--count", "cctv=2", "--at-least", "동작구=3", *QUICK), "최소 개소의 합 3곳이 개소 수 2"),
        (("--count", "cctv=2", "--at-least", "강남구=1", *QUICK), "없는 행정동"),
        (("--count", "security_light=2", "--seconds", "3"), "밝은 길: 동작구"),
        (("--count", "cctv=2", "--within", "강남구", "--seconds", "3"), "모르는 지역"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_line(folder, words, said):
    assert said in sites(folder, "관악구", "동작구", *words, ok=False)
    assert "모르는 자치구" in sites(folder, "관악구", "없는구", *words, ok=False)
