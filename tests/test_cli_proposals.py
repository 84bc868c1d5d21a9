"""Proposals from the command line: 247 sent, 44 shortlisted, 25 chosen, and every one accounted for."""

import contextlib
import csv
import io
import json
from collections import Counter

import openpyxl
import pyogrio
import pytest

import cli
import cli_proposals
from geo.errors import AnsimError
from tests import proposal_round as city
from tests.command import ansim


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("공모")
    city.make(folder)
    ansim("import", "경계.geojson", cwd=folder)
    return folder


def proposals(folder, *words, ok=True):
    """Run the command in this process: what it prints, or the one line of its refusal."""
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        if ok:
            cli.app(["proposals", *words], standalone_mode=False)
            return said.getvalue()
        with pytest.raises(AnsimError) as refused:
            cli.app(["proposals", *words], standalone_mode=False)
    return str(refused.value)


def commanded(folder, *words, group=()):
    """The one line with which a command refuses."""
    with contextlib.chdir(folder), pytest.raises(AnsimError) as refused:
        cli.app([*group, *words], standalone_mode=False)
    return str(refused.value)


@pytest.fixture(scope="module")
def scored(folder):
    words = ("score", "제안.csv", "--rules", "규칙.toml", "--name", "보안관", "--out", "심의.xlsx")
    return ansim("proposals", *words, cwd=folder)  # the rest runs in this process: a start takes seconds


@pytest.fixture(scope="module")
def decided(folder, scored):
    """The committee fills in the sheet it was sent: of the 32 of districts 23, of the 12 of the public 2."""
    assert scored
    book = openpyxl.load_workbook(folder / "심의.xlsx")
    sheet = book["심의표"]
    header = {cell.value: cell.column for cell in sheet[2]}
    left = {"자치구": 23, "시민": 2}
    for row in range(3, sheet.max_row + 1):
        side = sheet.cell(row, header["제안 구분"]).value
        chosen = left[side] > 0
        left[side] -= chosen
        sheet.cell(row, header["결정"]).value = "선정" if chosen else "미선정"
        sheet.cell(row, header["사유"]).value = "위원 과반 찬성" if chosen else None
    book.save(folder / "심의-결과.xlsx")
    without = proposals(folder, "decide", "보안관", "--file", "심의-결과.xlsx", ok=False)
    assert "사유가 없습니다" in without
    return proposals(folder, "decide", "보안관", "--file", "심의-결과.xlsx", "--reason", "순위가 뒤짐")


def table(folder, name="모두.csv"):
    proposals(folder, "table", "보안관", "--out", name)
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_247_are_struck_out_scored_and_shortlisted(scored):
    assert "접수 247건 (자치구 41, 시민 206) | 자치구 25곳" in scored
    assert "심의 전 제외 164건: 중복 150, 위치를 알 수 없음 14" in scored
    assert "채점 83건" in scored
    assert "추천 44건 (자치구 32, 시민 12)" in scored
    assert f"자치구가 내지 않은 곳: {city.SILENT}" in scored
    assert "아무 제안도 없는 곳" not in scored
    assert "5대 범죄: 가중치 90" in scored
    assert "담당자의 규칙 파일에 있는 것뿐" in scored


def test_25_are_chosen_and_every_proposal_is_accounted_for(folder, decided):
    assert "선정 25건 (자치구 23, 시민 2)" in decided
    assert "미선정 19건 (자치구 9, 시민 10)" in decided
    rows = table(folder)
    assert len(rows) == 247
    assert Counter(row["처리"] for row in rows) == {"심의 전 제외": 164, "추천 밖": 39, "선정": 25, "미선정": 19}
    assert {row["접수번호"] for row in rows} == {f"2024-{i:03d}" for i in range(1, 248)}
    assert all(row["까닭"] for row in rows)
    chosen = [row for row in rows if row["처리"] == "선정"]
    assert {row["까닭"] for row in chosen} == {"위원 과반 찬성"}
    assert max(Counter(row["자치구"] for row in rows if row["추천"]).values()) <= 3
    for row in rows:
        if row["점수(0~100)"]:
            parts = float(row["5대 범죄 점(가중치 90)"]) + float(row["범죄예방강화구역 점(가중치 10)"])
            assert parts == pytest.approx(float(row["점수(0~100)"]), abs=1e-5)


def test_a_dong_lies_in_the_zone_with_its_share(folder, decided):
    assert decided
    (first,) = [
        r for r in table(folder) if (r["자치구"], r["행정동"], r["점수(0~100)"] != "") == ("가람구", "하늘동", True)
    ]
    assert float(first["범죄예방강화구역(구역 안 비율(0~1))"]) == pytest.approx(0.25, abs=1e-4)
    assert float(first["범죄예방강화구역 점(가중치 10)"]) == pytest.approx(2.5, abs=1e-3)


def test_duplicates_name_the_one_that_stays_and_the_districts_own_stays(folder, decided):
    assert decided
    rows = {row["번호"]: row for row in table(folder)}
    doubles = [row for row in rows.values() if row["까닭"].startswith("중복")]
    assert len(doubles) == 150
    for row in doubles:
        stays = rows[row["까닭"].split("(")[1].split("번")[0]]
        assert (stays["자치구"], stays["행정동"]) == (row["자치구"], row["행정동"])
        assert not stays["까닭"].startswith("중복")
    assert all(row["제안 구분"] == "시민" for row in doubles)
    assert sum(int(row["같은 제안(건)"]) for row in rows.values()) == 150


def test_every_file_says_the_same(folder, decided):
    assert decided
    rows = table(folder)
    proposals(folder, "table", "보안관", "--out", "모두.geojson")
    page = json.loads((folder / "모두.geojson").read_text(encoding="utf-8"))
    assert page["ansim"]["edition"] == "내부용"
    assert [f["properties"]["stage"] for f in page["features"]] == [row["처리"] for row in rows]
    assert sum(f["geometry"] is None for f in page["features"]) == 14
    proposals(folder, "table", "보안관", "--out", "모두.gpkg")
    frame = pyogrio.read_dataframe(folder / "모두.gpkg", layer="proposal")
    assert (frame.crs.to_epsg(), len(frame), frame.geometry.isna().sum()) == (5179, 247, 14)
    assert (frame["stage"] == "선정").sum() == 25
    proposals(folder, "table", "보안관", "--out", "모두.xlsx")
    book = openpyxl.load_workbook(folder / "모두.xlsx")
    assert book.sheetnames == ["심의표", "전체 제안", "자치구별", "기준"]
    assert book["전체 제안"].max_row == 2 + 247
    districts = [[cell.value for cell in row] for row in book["자치구별"].iter_rows(min_row=3)]
    assert len(districts) == 25
    assert [row[1] for row in districts if "자치구가 내지 않음" in (row[-1] or "")] == [city.SILENT]
    assert sum(row[2] for row in districts) == 247
    assert sum(row[-2] for row in districts) == 25


def test_decisions_outlive_what_comes_after_and_are_changed_one_by_one(folder, decided):
    assert decided
    ansim("import", "경계.geojson", "--force", cwd=folder)
    rows = table(folder)
    number = next(row["번호"] for row in rows if row["처리"] == "미선정")
    said = proposals(folder, "decide", "보안관", number, "--result", "보류", "--reason", "현장 확인 뒤 재심의")
    assert "보류 1건" in said
    assert next(row for row in table(folder) if row["번호"] == number)["까닭"] == "현장 확인 뒤 재심의"
    proposals(folder, "decide", "보안관", number, "--result", "미선정", "--reason", "순위가 뒤짐")
    refused = proposals(folder, "score", "제안.csv", "--rules", "규칙.toml", "--name", "보안관", ok=False)
    assert "심의 결정이 들어 있습니다" in refused
    struck = next(row["번호"] for row in rows if row["처리"] == "심의 전 제외")
    refused = proposals(folder, "decide", "보안관", struck, "--result", "선정", "--reason", "그래도", ok=False)
    assert "심의 전에 빠진 제안" in refused


def test_a_decision_says_by_whom_and_is_taken_back(folder, decided):
    assert decided
    number = next(row["번호"] for row in table(folder) if row["처리"] == "미선정")
    proposals(folder, "decide", "보안관", number, "--result", "보류", "--reason", "현장 확인", "--by", "2차 심의위원회")
    held = next(row for row in table(folder) if row["번호"] == number)
    assert (held["처리"], held["결정한 이"]) == ("보류", "2차 심의위원회")
    proposals(folder, "decide", "보안관", number, "--undo")
    back = next(row for row in table(folder) if row["번호"] == number)
    assert (back["처리"], back["결정한 이"]) == ("미선정", "")
    refused = proposals(folder, "decide", "보안관", number, "--undo", "--result", "선정", ok=False)
    assert "--undo" in refused
    undecided = next(row["번호"] for row in table(folder) if row["처리"] == "추천 밖")
    assert "되돌릴 결정이 없습니다" in proposals(folder, "decide", "보안관", undecided, "--undo", ok=False)


def test_what_is_decided_while_a_call_is_scored_is_not_lost(folder, decided, monkeypatch):
    assert decided
    again = ("score", "제안.csv", "--rules", "규칙.toml", "--name", "사이")
    proposals(folder, *again)
    number = next(row["번호"] for row in table(folder) if row["처리"] == "추천 밖")

    def meanwhile(*given, scoring=cli_proposals._scored):
        proposals(folder, "decide", "사이", number, "--result", "선정", "--reason", "급함")
        return scoring(*given)

    monkeypatch.setattr(cli_proposals, "_scored", meanwhile)
    assert "심의 결정이 들어 있습니다" in proposals(folder, *again, ok=False)
    assert "선정 1건" in proposals(folder, "table", "사이")
    assert "선정" not in proposals(folder, *again, "--force").partition("저장한")[0].partition("추천 44건")[2][:40]
    proposals(folder, "delete", "사이")


def test_a_call_is_drawn_for_the_office_alone(folder, decided):
    assert decided
    refused = commanded(folder, "map", city.GU[0], "--proposals", "보안관", "--edition", "public", "--out", "공개.html")
    assert "내부용 지도에만" in refused
    assert "있는 공모: 보안관" in commanded(folder, "map", city.GU[0], "--proposals", "없음", "--out", "지도.html")
    name = commanded(folder, "score", "제안.csv", "--rules", "규칙.toml", "--name", "가/나", group=("proposals",))
    assert "이름으로 쓸 수 없습니다" in name


def test_rounds_are_listed_shortlisted_anew_and_deleted(folder, decided):
    assert decided
    proposals(folder, "score", "제안.csv", "--rules", "규칙.toml", "--name", "버릴 것")
    said = proposals(folder, "shortlist", "버릴 것", "--size", "30", "--most-per-district", "1")
    assert "한도로는 30건을 채우지 못해 25건입니다" in said
    listed = proposals(folder, "list")
    assert "버릴 것" in listed
    assert "보안관" in listed
    proposals(folder, "delete", "버릴 것")
    assert "버릴 것" not in proposals(folder, "list")
    assert "있는 공모: 보안관" in proposals(folder, "table", "버릴 것", ok=False)
