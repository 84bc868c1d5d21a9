"""The workbook as Excel would read it (openpyxl): sheets, headers, formats, no data in words, no formulas."""

import re
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from layers.catalog import load_catalog
from maps.files import write_gaps
from tests.maps.result_factory import EVIL, NAN, make_result

CATALOG = load_catalog()
SHEETS = ["요약", "틈새구역", "동별", "임계값", "가정과 출처"]


def opened(result, folder):
    write_gaps(result, CATALOG, folder / "gaps.xlsx")
    return openpyxl.load_workbook(folder / "gaps.xlsx")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return opened(make_result(source={"made_up": True}), tmp_path_factory.mktemp("book"))


def rows(sheet, header):
    """Return header row to values by header, from the row that starts with ``header``."""
    start = next(row for row in sheet.iter_rows() if row[0].value == header)
    names = [cell.value for cell in start if cell.value is not None]
    for row in sheet.iter_rows(min_row=start[0].row + 1):
        if row[0].value is None:
            return
        yield dict(zip(names, row, strict=False))


def test_the_sheets_are_there_marked_and_ready_to_print(book):
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.page_setup.fitToWidth in {1, None}  # 1 is the default
        assert int(sheet.page_setup.fitToHeight) == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "내부용" in sheet.oddHeader.right.text
        assert "가상 자료" in sheet.oddHeader.right.text
        shown = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row)
        assert "내부용" in shown
        assert "가상 자료" in shown
        assert "기준일 상이" in shown


def test_tables_are_frozen_and_filtered(book):
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes in {"B3", "D3"}
        assert sheet.auto_filter.ref.startswith("A2:")
        assert sheet.print_title_rows == "$2:$2"


def test_the_five_figures(book):
    values = [cell.value for row in book["요약"].iter_rows() for cell in row]
    start = values.index("1인가구(가구)")
    width = book["요약"].max_column
    assert values[start : start + 5] == [
        "1인가구(가구)", "종합 도달률(%)", "미도달 1인가구(가구)", "틈새구역(곳)", "틈새구역 면적(ha)",
    ]  # fmt: skip
    assert values[start + width : start + width + 5] == [250, 0.255, 186.25, 2, 2]


def test_no_data_is_said_in_words(book):
    needs = {row["항목"].value: row for row in rows(book["요약"], "항목")}
    assert list(needs) == ["밝은 길", "CCTV", "안심택배", "종합"]
    parcel = needs["안심택배"]
    assert {name: cell.value for name, cell in parcel.items() if name != "항목"} == {
        "자료 상태": "자료 없음",
        "판단 포함": "아니요",
        "운영 중": "-",
        "가중치(0~1)": 0.1,
        "도달률(%)": "자료 없음",
        "미도달 1인가구(가구)": "자료 없음",
        "도달률 최저 동": "자료 없음",
        "최저 동 도달률(%)": "자료 없음",
        "하위 25 % 동 도달률(%)": "자료 없음",
    }
    assert needs["밝은 길"]["자료 상태"].value == "일부 자료·판단 제외"
    for sheet, column in (("틈새구역", "안심택배 도달도(%)"), ("동별", "안심택배 도달률(%)")):
        found = [row[column].value for row in rows(book[sheet], {"틈새구역": "순위", "동별": "행정동코드"}[sheet])]
        assert found == ["자료 없음", "자료 없음"]


def test_gap_areas_are_ranked_numbers_formatted(book):
    first, second = rows(book["틈새구역"], "순위")
    assert (first["순위"].value, first["행정동"].value, first["국가지점번호"].value) == (1, "가온동", "다사 539 521")
    assert (first["미도달 1인가구(가구)"].value, second["미도달 1인가구(가구)"].value) == (80, 45)
    assert first["미도달 1인가구(가구)"].number_format == "#,##0"
    assert second["종합 도달도(%)"].value == 0.25
    assert second["종합 도달도(%)"].number_format == "0.0%"
    assert first["가까운 안심택배함 거리(m)"].value == "자료 없음"
    assert first["면적(ha)"].number_format == "#,##0.00"
    assert first["경도(도)"].value == pytest.approx(126.9785455)


def test_none_near_is_not_the_same_as_no_data(tmp_path):
    result = make_result()
    nearest = tuple(replace(near, id=None, name=None, distance_m=None) for near in result.gaps[0].nearest)
    row = next(
        rows(opened(replace(result, gaps=(replace(result.gaps[0], nearest=nearest),)), tmp_path)["틈새구역"], "순위")
    )
    assert row["가까운 CCTV 거리(m)"].value == "1 km 안 없음"
    assert row["가까운 안심택배함 거리(m)"].value == "자료 없음"


def test_what_prints_is_what_a_planner_reads_first(book):
    sheet = book["틈새구역"]
    header = [cell.value for cell in sheet[2]]
    printed = header[
        : openpyxl.utils.column_index_from_string(re.search(r"\$([A-Z]+)\$\d+$", sheet.print_area).group(1))
    ]
    assert printed[:4] == ["순위", "행정동", "국가지점번호", "미도달 1인가구(가구)"]
    assert printed[-1] == "가까운 CCTV 거리(m)"
    assert "가까운 안심택배함 거리(m)" in header[len(printed) :]


def test_nothing_from_data_becomes_a_formula_or_a_link(book):
    first = next(rows(book["틈새구역"], "순위"))
    assert first["가까운 CCTV 이름"].value == EVIL
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                assert cell.value != ""


def test_assumptions_and_sources_are_one_list(book):
    found = list(rows(book["가정과 출처"], "구분"))
    topics = {row["구분"].value for row in found}
    assert {"분석", "항목", "방법", "뜻", "자료", "도달거리", "비용", "사업 규모"} <= topics
    assert any("범죄 감소 효과가 아님" in str(row["값"].value) for row in found)


@pytest.mark.parametrize(
    "name", ["=1+1", "@SUM(A1)", "http://x.kr", "mailto:a@b", "internal:요약!A1", "\t=2", "{=1}", "&[x]"]
)
def test_any_name_is_written_as_it_is(tmp_path, name):
    result = make_result()
    near = replace(result.gaps[0].nearest[1], name=name)
    changed = replace(
        result, gaps=(replace(result.gaps[0], nearest=(near,)),), source=replace(result.source, name=name)
    )
    sheet = opened(changed, tmp_path)["틈새구역"]
    cell = next(rows(sheet, "순위"))["가까운 CCTV 이름"]
    assert (cell.value, cell.data_type) == (name, "s")


def test_a_district_that_could_not_be_judged(tmp_path):
    result = make_result()
    needs = tuple(
        replace(row, takes_part=False, share_covered=NAN, uncovered_households=NAN, worst_dong=None)
        for row in result.needs
    )
    sheet = opened(replace(result, gaps=(), needs=needs), tmp_path)["요약"]
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    start = values.index("1인가구(가구)") + sheet.max_column
    assert values[start : start + 5] == [250, "자료 없음", "자료 없음", 0, 0]


def test_stability_is_shown_only_when_asked(tmp_path):
    result = make_result()
    assert not any(cell.value == "안정성(%)" for cell in opened(result, tmp_path)["틈새구역"][2])
    stable = replace(result, gaps=tuple(replace(gap, stability=0.9) for gap in result.gaps))
    assert next(rows(opened(stable, tmp_path)["틈새구역"], "순위"))["안정성(%)"].value == 0.9


def test_estimates_read_as_such(tmp_path):
    result = make_result()
    cells = replace(result.cells, demand_source=np.where(result.cells.dong == 0, "dong", "grid"))
    first, second = rows(opened(replace(result, cells=cells), tmp_path)["틈새구역"], "순위")
    assert (first["1인가구(가구)"].value, first["1인가구(가구)"].number_format) == (80, '"약 "#,##0')
    assert second["1인가구(가구)"].number_format == "#,##0"
    assert [row["동 단위 추정"].value for row in (first, second)] == ["예", "아니요"]


def test_what_stands_as_source_is_korean():
    """Standards and names of files apart, a planner reads no English in the workbook's sources."""
    sources = [need.source for need in CATALOG.needs.values()] + [area.source for area in CATALOG.areas.values()]
    for layer in CATALOG.layers.values():
        sources += [layer.cost_source, layer.programme.source if layer.programme else ""]
    for source in filter(None, sources):
        assert not re.search(r"[a-z]{3,} [a-z]{2,}", source), source
        assert re.search(r"[가-힣]", source), source
