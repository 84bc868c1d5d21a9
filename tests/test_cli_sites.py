"""Choosing sites from the command line: what is printed, written, kept and refused."""

import json

import openpyxl
import pandas as pd
import pyogrio
import pytest

from tests.test_cli import ansim


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("자리")
    ansim("demo", cwd=folder)
    return folder


STORE = ("--store", "ansim-demo/demo.gpkg")
QUICK = ("--seconds", "3", "--within", "district", "--candidates", "cctv=grid:200")


def sites(folder, *words, ok=True):
    return ansim("sites", "안심구", *words, *STORE, cwd=folder, ok=ok)


@pytest.fixture(scope="module")
def planned(folder):
    said = sites(folder, "--budget", "cctv=1억", *QUICK, "--name", "첫 계획", "--out", "계획.xlsx")
    sites(folder, "--count", "CCTV=2", *QUICK, "--name", "둘째")
    return said


def test_a_plan_is_printed_with_its_proof(planned):
    assert "[내부용] 안심구" in planned
    assert "가상 자료" in planned
    assert "CCTV: 4곳 (예산 1억원" in planned
    assert "모형" in planned
    assert "따로 다시 세어 같음" in planned
    assert "서로 더하지 않습니다" in planned


def test_plans_are_listed_shown_compared_and_deleted(folder, planned):
    assert planned
    listed = ansim("plans", "list", *STORE, cwd=folder)
    assert "첫 계획" in listed
    shown = ansim("plans", "show", "첫 계획", *STORE, cwd=folder)
    assert shown.splitlines()[2:8] == planned.splitlines()[2:8]
    compared = ansim("plans", "compare", "첫 계획", "둘째", *STORE, cwd=folder)
    assert "8,800만원" in compared
    assert "4,400만원" in compared
    sites(folder, "--count", "cctv=1", *QUICK, "--name", "버릴 것")
    ansim("plans", "delete", "버릴 것", *STORE, cwd=folder)
    assert "버릴 것" not in ansim("plans", "list", *STORE, cwd=folder)
    assert "있는 계획: 첫 계획, 둘째" in ansim("plans", "show", "버릴 것", *STORE, cwd=folder, ok=False)


def test_every_file_says_the_same(folder, planned):
    assert planned
    for ending in ("csv", "geojson", "gpkg"):
        ansim("plans", "show", "첫 계획", *STORE, "--out", f"계획.{ending}", cwd=folder)
    rows = pd.read_csv(folder / "계획.csv")
    assert rows["rank"].tolist() == [1, 2, 3, 4]
    assert rows["spent_krw"].tolist() == [22e6, 44e6, 66e6, 88e6]
    assert rows["gained_watched"].sum() > 0
    assert rows["per_million_watched"].to_numpy() == pytest.approx(rows["gained_watched"] / 22, abs=1e-5)
    features = json.loads((folder / "계획.geojson").read_text(encoding="utf-8"))["features"]
    assert [f["properties"]["grid_id"] for f in features] == rows["grid_id"].tolist()
    frame = pyogrio.read_dataframe(folder / "계획.gpkg", layer="plan_site")
    assert frame.geometry.x.to_numpy() == pytest.approx(rows["x"].to_numpy())
    book = openpyxl.load_workbook(folder / "계획.xlsx")
    assert book.sheetnames == ["자리", "CCTV 비용과 효과", "동별 전과 후", "가정과 출처"]
    words = {cell.value for row in book["가정과 출처"].iter_rows() for cell in row}
    assert any("모형" in str(word) for word in words)
    book.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "예산이나 개소 수가 없습니다"),
        (("--budget", "cctv=많이"), "금액이 아닙니다"),
        (("--budget", "cctv=-1"), "0원 이상"),
        (("--budget", "없는층=1억"), "모르는 층"),
        (("--count", "cctv=1.5"), "개소 수가 아닙니다"),
        (("--budget", "cctv=100만", *QUICK), "가장 싼 후보"),
        (("--budget", "locker=1억"), "후보지를 정해야"),
        (("--count", "safe_house=3"), "--cost safe_house="),
        (("--count", "cctv=3", "--cost", "cctv=-3", *QUICK), "0원 이상"),
        (("--budget", "cctv=1억", "--cost", "cctv=0", *QUICK), "--count cctv="),
        (("--count", "cctv=3", "--within", "모르는동"), "모르는 지역"),
        (("--count", "cctv=3", "--out", "계획.hwp"), ".xlsx"),
        (("--count", "cctv=3", "--candidates", "cctv=grid:1"), "격자 간격"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_line(folder, words, said):
    assert said in sites(folder, *words, ok=False)


def test_a_dong_is_explained(folder, planned):
    assert planned
    dong = pyogrio.read_dataframe(folder / "ansim-demo" / "demo.gpkg", layer="dong")["name"].tolist()
    chosen = pyogrio.read_dataframe(folder / "계획.gpkg", layer="plan_site")["dong_name"].tolist()
    empty = next(name for name in dong if name not in chosen)
    said = ansim("explain", f"안심구 {empty}", "--plan", "첫 계획", *STORE, cwd=folder)
    assert f"안심구 {empty}" in said
    assert "이 동에 둔 자리 없음" in said
    assert "까닭:" in said
    assert "모르는 행정동" in ansim("explain", "없는동", *STORE, cwd=folder, ok=False)
