"""Choosing sites from the command line: what is printed, written, kept and refused."""

import json

import openpyxl
import pandas as pd
import pyogrio
import pytest

from tests.command import ansim


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
    said = ansim("plans", "show", "버릴 것", *STORE, cwd=folder, ok=False)
    # By the second in which they were made, then by name: two made within one second stand either way.
    assert set(said.strip().rpartition("있는 계획: ")[2].split(", ")) == {"첫 계획", "둘째"}


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
    assert book.sheetnames == ["자리", "CCTV 비용과 효과", "틈새 전과 후", "동별 전과 후", "가정과 출처"]
    words = {cell.value for row in book["가정과 출처"].iter_rows() for cell in row}
    assert any("모형" in str(word) for word in words)
    book.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "예산이나 개소 수가 없습니다"),
        (("--budget", "5억"), "한 예산으로 고를 층이 없습니다"),
        (("--budget", "5억,cctv=1억", "--layers", "cctv,security_light"), "함께 줄 수 없습니다"),
        (("--budget", "cctv=1억", "--layers", "cctv,security_light"), "한 예산과 함께"),
        (("--budget", "1억", "--layers", "cctv,smart_light", *QUICK), "종합에 들지 않아"),
        (("--target", "cctv=120%"), "0보다 크고 1 이하"),
        (("--target", "cctv=조금"), "비율이 아닙니다"),
        (("--target", "cctv=0.999", *QUICK), "후보를 모두 써도"),
        (("--target", "cctv=0.5", "--twice", "cctv", *QUICK), "함께 쓸 수 없습니다"),
        (("--count", "cctv=2", "--twice", "locker=0.5"), "--twice locker"),
        (("--count", "cctv=2", "--spacing", "cctv=0"), "0보다 커야"),
        (("--count", "cctv=2", "--at-most", "없는동=1", *QUICK), "없는 행정동"),
        (("--count", "cctv=2", "--at-least", "나래동=3", *QUICK), "최소 개소의 합 3곳이 개소 수 2"),
        (("--count", "cctv=2", "--force", "없는곳", *QUICK), "꼭 넣을 곳이 후보에 없습니다"),
        (("--count", "cctv=2", "--at-cost", "싸게", *QUICK), "--at-cost"),
        (("--move", "locker=99", "--candidates", "locker=grid:300", "--within", "district"), "벗어납니다"),
        (("--budget", "cctv=1억", "--floor", "0.99", *QUICK), "하한"),
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
        (("--count", "cctv=3", "--fewest"), "--target cctv=0.8 --fewest"),
        (("--count", "cctv=3", "--occupancy", "이용률.csv"), "--move locker=5"),
        (("--count", "cctv=3", "--exclude", "없는파일.geojson"), "그런 파일이 없습니다"),
        (("--count", "cctv=3", "--exclude", "없는번호", *QUICK), "아무것도 빼지 못했습니다"),
        (("--move", "locker=1", "--count", "locker=1", "--candidates", "locker=grid:300"), "함께 쓸 수 없습니다"),
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


def test_other_models_say_what_they_are_judged_by(folder, planned):
    assert planned
    assert "이미 목표에 닿아 있어" in sites(folder, "--target", "cctv=0.3", *QUICK)
    target = sites(folder, "--target", "cctv=0.5", *QUICK)
    assert "목표에 닿는 가장 적은 비용입니다" in target or "목표에 닿으려면 적어도" in target
    twice = sites(folder, "--count", "cctv=3", "--twice", "cctv=0.4", *QUICK)
    assert "한 번 닿는 가구 x 0.6 + 두 번 닿는 가구 x 0.4" in twice
    moved = sites(
        folder, "--move", "locker=1", "--candidates", "locker=grid:200", "--within", "district", "--seconds", "5",
        "--name", "옮김", "--out", "옮김.geojson",
    )  # fmt: skip
    assert "기존 1곳까지 옮김" in moved
    assert "이용률을 아는 곳이 0곳뿐" in moved
    told = json.loads((folder / "옮김.geojson").read_text(encoding="utf-8"))["ansim"]
    assert len(told["closed"]) == len(told["curve"]["locker"]) - 1
    together = sites(folder, "--budget", "1억", "--layers", "cctv,security_light", *QUICK)
    assert "가중치에 따른 것" in together
    assert "모든 층을 합해 예산" in together


def test_sites_are_forced_kept_from_a_plan_and_limited_by_dong(folder, planned):
    assert planned
    ansim("plans", "show", "첫 계획", *STORE, "--out", "앞.csv", cwd=folder)
    kept = pd.read_csv(folder / "앞.csv")["site_id"].tolist()
    sites(folder, "--count", "cctv=5", "--force", "앞.csv", *QUICK, "--out", "뒤.csv")
    later = pd.read_csv(folder / "뒤.csv")
    assert set(kept) <= set(later["site_id"])
    sites(folder, "--count", "cctv=5", "--most-each", "1", *QUICK, "--out", "동.csv")
    assert pd.read_csv(folder / "동.csv")["dong"].value_counts().max() == 1


def test_stability_and_other_costs_stand_in_the_plan(folder, planned):
    assert planned
    said = sites(folder, "--budget", "cctv=1억", *QUICK, "--stability", "5", "--cost-range", "--name", "셋째")
    assert "안정성: 5번 바꾸어 다시 골라" in said
    assert "낮은 단가" in said
    shown = ansim("plans", "show", "셋째", *STORE, cwd=folder)
    assert "높은 단가" in shown


def test_a_map_draws_a_plan_with_the_settings_it_was_made_with(folder, planned):
    assert planned
    sites(folder, "--count", "cctv=2", *QUICK, "--reach", "1.4", "--name", "넓게")
    ansim("map", "안심구", "--plan", "넓게", *STORE, "--out", "넓게.html", cwd=folder)
    page = (folder / "넓게.html").read_text(encoding="utf-8")
    assert "30.8" in page  # 22 m x 1.4
    said = ansim("map", "안심구", "--plan", "넓게", "--who", "여성", *STORE, "--out", "x.html", cwd=folder, ok=False)
    assert "만들 때의 설정으로" in said


def test_zones_are_planned_and_drawn(folder, planned):
    assert planned
    said = sites(folder, "--count", "patrol_zone=1", "--seconds", "3", "--name", "순찰", "--out", "순찰.geojson")
    assert "행정동 전체" in said
    (feature,) = json.loads((folder / "순찰.geojson").read_text(encoding="utf-8"))["features"]
    assert feature["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    ansim("map", "안심구", "--plan", "순찰", *STORE, "--out", "순찰.html", cwd=folder)
    ansim("plans", "show", "순찰", *STORE, "--out", "순찰.gpkg", cwd=folder)
    assert len(pyogrio.read_dataframe(folder / "순찰.gpkg", layer="plan_zone")) == 1
