"""What is printed, at the widths people have, and into a pipe."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from geo.model import DataState, SourceFile
from layers.catalog import load_catalog
from layers.holdings import LayerHolding, TableHolding
from maps.terminal import print_gaps, print_layers, print_reports
from tests.maps.result_factory import make_result

CATALOG = load_catalog()
REPORT = {
    "file": "서울특별시_광진구_보안등정보_20251223.csv", "layer": "security_light",
    "dataset": "전국보안등정보표준데이터",
    "encoding": "utf-8-sig", "crs": "EPSG:4326", "read": 9253, "accepted": 9229, "unlocated": 0, "devices": 9990,
    "rejected": 24, "reasons": {"duplicate": 24}, "repaired": {"nul": 3}, "flagged": {"other_district": 9},
}  # fmt: skip


def printed(write, *arguments, width=None, encoding="utf-8"):
    """Return what is printed: to a terminal of ``width`` columns, or into a pipe (None)."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    if width:
        console = Console(file=out, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    else:
        console = Console(file=out, force_terminal=False)
    write(*arguments, console)
    out.flush()
    return out.buffer.getvalue().decode(encoding)


@pytest.fixture(scope="module")
def result():
    return make_result()


@pytest.mark.parametrize("width", [100, 140, None])
def test_the_gaps_of_a_district(result, width):
    text = printed(print_gaps, result, CATALOG, width=width)
    lines = text.splitlines()
    assert lines[0].startswith("[내부용] 시험구")
    assert "※ 기준일 상이: 자료 기준일이 2021-04-01부터 2025-12-23까지입니다" in text
    for said in (
        "시험구(99998) 0.08 km²",
        "1인가구 250가구",
        "2025. 12. 24. (수) 23:00",
        "2021. 4. 1. ~ 2025. 12. 23.",
    ):
        assert said in " ".join(text.split())  # a line may be broken anywhere
    parcel = next(line for line in lines if line.strip().startswith("안심택배 "))
    assert parcel.count("자료 없음") == 3
    assert not any(digit in parcel.replace("0.10", "") for digit in "0123456789")
    assert "일부 자료·판단 제외" in next(line for line in lines if "밝은 길" in line)
    first = next(line for line in lines if "다사 539 521" in line).split()
    assert first[:7] == ["1", "가온동", "다사", "539", "521", "80", "1.0"]
    assert "CCTV 86 m" in text
    assert "경계 미확인: 틈새격자 1개" in text
    assert "범죄 감소 효과가 아님" in text
    assert "…" not in text


@pytest.mark.parametrize("width", [80, 100, 140])
def test_nothing_is_wider_than_the_terminal_and_columns_line_up(result, width):
    many = tuple(replace(result.gaps[i % 2], rank=i + 1, unmet_needs=("lit", "watched", "parcel")) for i in range(40))
    text = printed(print_gaps, replace(result, gaps=many), CATALOG, width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "틈새구역 40곳 가운데 미도달 가구가 많은 15곳" in text
    assert "\n   16 " not in text
    starts = {cell_len(line[: line.index("다사")]) for line in text.splitlines() if "다사 5" in line}
    assert len(starts) == 1


def test_a_pipe_gets_whole_lines_and_no_colour(result):
    long = "아주긴이름의행정동" * 12
    named = replace(result, source=replace(result.source, dong_names=(long, "나래1동")))
    text = printed(print_gaps, named, CATALOG)
    assert "\x1b" not in text
    row = next(line for line in text.splitlines() if "다사 539 521" in line)
    assert long in row
    assert "CCTV 86 m" in row


def test_the_terminal_gets_colour_where_there_is_one(result):
    out = io.StringIO()
    print_gaps(result, CATALOG, Console(file=out, width=100, force_terminal=True, color_system="standard"))
    assert "\x1b[1;31m※ 기준일 상이" in out.getvalue()


@pytest.mark.parametrize("name", ["[red]가[/red]", "[/]", "가\x1b[31m나", "가\u202e나\x07", "𠮷동"])
def test_names_are_neither_markup_nor_control(result, name):
    named = replace(result, source=replace(result.source, dong_names=(name, "나래1동")))
    text = printed(print_gaps, named, CATALOG)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    if name.startswith("[red]"):
        assert name in text


def test_a_korean_windows_pipe_can_be_written_to(result):
    named = replace(result, source=replace(result.source, name="시험구 𠮷"))
    text = printed(print_gaps, named, CATALOG, encoding="cp949")
    assert "시험구 ?" in text
    assert "km²" in text
    assert text.count("?") == 2  # the name, in the title and in the district's line: our own words all fit


def test_the_nearest_facility_is_the_one_of_the_unmet_needs_layers(result):
    gap = replace(result.gaps[0], unmet_needs=("lit", "watched", "parcel"))
    text = printed(print_gaps, replace(result, gaps=(gap,)), CATALOG)
    assert "밝은 길 37 m, CCTV 86 m, 안심택배 자료 없음" in text
    none = tuple(replace(near, distance_m=None) for near in gap.nearest)
    text = printed(print_gaps, replace(result, gaps=(replace(gap, nearest=none),)), CATALOG)
    assert "밝은 길 1 km 안 없음, CCTV 1 km 안 없음, 안심택배 자료 없음" in text


def test_an_unstable_rank_and_an_off_duty_need_are_said(result):
    gaps = (replace(result.gaps[0], stability=0.59), replace(result.gaps[1], stability=0.6))
    needs = (replace(result.needs[0], on_duty=False), *result.needs[1:])
    text = printed(print_gaps, replace(result, gaps=gaps, needs=needs), CATALOG)
    assert text.count("불안정") == 2  # the row, and the count below the table
    assert "2곳 가운데 1곳 불안정" in text
    assert "운영 시간 아님" in text


def test_ranks_without_stability_say_so(result):
    assert "순위 안정성 미확인 (조건을 조금씩 바꾸어 재 보지 않음)" in printed(print_gaps, result, CATALOG)
    none = replace(result, gaps=(), edge_gap_cells=np.empty(0, np.int64))
    assert "안정성" not in printed(print_gaps, none, CATALOG)


def test_a_cover_under_the_threshold_is_not_printed_as_the_threshold(result):
    gaps = (replace(result.gaps[0], cover=0.49996), replace(result.gaps[1], cover=0.496))
    text = printed(print_gaps, replace(result, gaps=gaps), CATALOG)
    assert "49.996%" in text
    assert "49.6%" in text
    assert "50.0%" not in text


def test_the_files_and_their_dates_are_told(result):
    files = (
        SourceFile("dong", "경계.geojson", "", "2026-11-21"),
        SourceFile("household", "가구.csv", "2025-11", "2026-11-20"),
    )
    source = replace(result.source, files=files, at_default=True)
    text = printed(print_gaps, replace(result, source=source), CATALOG)
    assert "행정동 경계: 경계.geojson (기준일 모름, 2026. 11. 21. 가져옴)" in text
    assert "1인가구: 가구.csv (기준일 2025. 11., 2026. 11. 20. 가져옴)" in text
    assert "23:00 (수요일 23시 기본값)" in text


def test_no_gaps_and_no_judgement_are_not_the_same(result):
    none = replace(result, gaps=(), edge_gap_cells=np.empty(0, np.int64))
    text = printed(print_gaps, none, CATALOG)
    assert "틈새구역이 없습니다." in text
    assert "경계 미확인" not in text
    unjudged = replace(none, needs=tuple(replace(need, takes_part=False) for need in result.needs))
    assert "틈새를 판단하지 않았습니다" in printed(print_gaps, unjudged, CATALOG)


def test_thresholds_side_by_side(result):
    lines = printed(print_gaps, result, CATALOG).splitlines()
    used = [line.split() for line in lines if line.split()[:1] in (["0.3"], ["0.5"], ["0.7"])]
    assert [row[0] for row in used] == ["0.3", "0.5", "0.7"]
    assert [row[-1] == "적용" for row in used] == [False, True, False]


def test_layers_with_the_state_of_their_data():
    many = {f"{i}구": DataState.NONE for i in range(23)} | {"관악구": DataState.LOADED, "광진구": DataState.PARTIAL}
    layers = [
        LayerHolding("cctv", "CCTV", 9457, 20_000, 0.998, 2, "2024-05-01", "2025-12-23", many),
        LayerHolding("locker", "안심택배함", 0, 0, float("nan"), 0, "", "", {}),
    ]
    tables = [TableHolding("행정동 경계", 425, "", ""), TableHolding("1인가구", 10_176, "2022-07-01", "2022-07-01")]
    text = printed(print_layers, layers, tables)
    assert "9,457" in text
    assert "99.8%" in text
    assert "2024. 5. 1. ~ 2025. 12. 23." in text
    assert "있음: 관악구 / 일부: 광진구 / 자료 없음: 23곳" in text
    assert "nan" not in text
    assert "10,176" in text
    for width in (100, 140):
        assert max(map(cell_len, printed(print_layers, layers, tables, width=width).splitlines())) <= width


def test_an_empty_store_says_what_to_import_first():
    assert "행정동 경계 파일부터" in printed(print_layers, [], [])
    assert "시설 층이 없습니다" in printed(print_layers, [], [TableHolding("행정동 경계", 425, "", "")])


@pytest.mark.parametrize("width", [100, 140, None])
def test_import_reports(width):
    text = printed(print_reports, [REPORT, {"file": "b.csv", "read": 5, "accepted": 5}], width=width)
    squeezed = "".join(text.split())
    for said in ("9,253", "9,229", "9,990", "security_light", "버림중복24", "고침NUL문자3", "표시자료에적힌"):
        assert said in squeezed
    assert "b.csv" in text
    assert "b.csv (" not in text  # nothing to say of it
    if width:
        assert max(map(cell_len, text.splitlines())) <= width
    else:
        assert any(
            "서울특별시_광진구_보안등정보_20251223.csv" in line and "9,229" in line for line in text.splitlines()
        )


def test_a_file_of_several_layers_and_unknown_words():
    several = {**REPORT, "layers": {"cctv": {"read": 60, "accepted": 59}}, "flagged": {"[red]new": 1, "none": 0}}
    text = printed(print_reports, [several])
    assert next(line for line in text.splitlines() if "cctv" in line).split()[:2] == ["└", "cctv"]
    assert "[red]new 1" in text
    assert "none" not in text


def test_what_a_report_notes_is_printed_without_its_tag():
    note = "own_dataset: '가' 자료로 저장합니다; superseded: 모두 더 새로운 나.csv의 자료를 씁니다"
    reports = [
        {"file": "가.csv", "layer": "cctv", "dataset": "own_cctv/가", "note": note, "unchanged": True},
        {"file": "사진.png", "note": "skipped: 자료 파일이 아닙니다"},
    ]
    text = printed(print_reports, reports, width=300)
    assert "'가' 자료로 저장합니다; 모두 더 새로운 나.csv의 자료를 씁니다" in text
    assert "그대로" in text
    assert "own_dataset:" not in text
    assert "사진.png (-): 건너뜀: 자료 파일이 아닙니다" in text
    assert "skipped:" not in text


@pytest.mark.parametrize(
    "name",
    [
        "bad_count", "unread_hours", "suppressed", "broken_text", "merged", "shx_restored", "excel_serial", "nul",
        "other_district", "outside_near", "unknown_purpose", "no_devices", "odd_date", "repeated_cell",
        "wrong_geometry", "wrong_crs_label", "swapped_axes", "decimal_comma", "blanks_in_number", "degrees_minutes",
        "same_devices",
    ],
)  # fmt: skip
def test_what_the_import_counts_has_words(name):
    text = printed(print_reports, [REPORT | {"repaired": {name: 3}, "flagged": {}}])
    assert name not in text
