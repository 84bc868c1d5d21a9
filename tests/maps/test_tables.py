"""The frames of the hand-worked district: every column, and what no data looks like."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from geo.model import DataState, Settings
from layers.catalog import load_catalog
from maps.assumptions import assumption_table, source_table
from maps.columns import columns_of, data_range, every_column, marks
from maps.estimates import households
from maps.tables import cell_table, dong_table, gap_table, need_table, threshold_table
from maps.text import need_state
from tests.maps.result_factory import EVIL, HOUSEHOLDS, WATCHED, make_result

TABLES = (gap_table, dong_table, need_table, threshold_table, cell_table)


@pytest.fixture(scope="module")
def result():
    return make_result()


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


def test_the_cell_table_has_exactly_its_columns_in_order(result):
    table = cell_table(result)
    assert list(table.columns) == [
        "grid_id", "x", "y", "dong", "households", "dense",
        "cover_lit", "cover_watched", "cover_parcel", "cover", "demand_source",
    ]  # fmt: skip
    assert table["grid_id"][4] == "다사 539 521"
    assert (table["x"][4], table["y"][4]) == (953_950.0, 1_952_150.0)
    assert list(table["dong"]) == ["9999801000", "9999801000", "9999802000", "9999802000"] * 2
    assert table["households"].sum() == HOUSEHOLDS.sum() == result.households
    np.testing.assert_array_equal(table["cover"], WATCHED)
    assert list(np.flatnonzero(table["dense"])) == [3, 4, 5]
    assert set(table["demand_source"]) == {"grid"}


def test_a_need_without_data_is_never_a_number(result):
    assert cell_table(result)["cover_parcel"].isna().all()
    assert gap_table(result)["cover_parcel"].isna().all()
    assert dong_table(result)["share_parcel"].isna().all()
    parcel = need_table(result).set_index("need").loc["parcel"]
    assert parcel["state"] == "none"
    assert np.isnan([parcel["share_covered"], parcel["uncovered_households"], parcel["worst_share"]]).all()
    assert parcel["worst_dong"] == parcel["worst_dong_name"] == ""


def test_a_need_the_cells_do_not_know_is_empty(result):
    cells = replace(result.cells, cover_by_need={"watched": WATCHED})
    assert cell_table(replace(result, cells=cells))["cover_lit"].isna().all()


def test_gap_areas_are_ranked_with_place_and_nearest(result):
    first, second = gap_table(result).to_dict("records")
    assert (first["rank"], first["dong_name"], first["grid_id"]) == (1, "가온동", "다사 539 521")
    assert first["uncovered_households"] == 80
    assert second["uncovered_households"] == 45
    assert (first["unmet_needs"], first["unmet_need_names"]) == ("watched", "CCTV")
    assert (first["nearest_cctv_m"], first["nearest_cctv_name"], first["nearest_cctv_id"]) == (86, EVIL, "cctv:b2")
    assert np.isnan(first["nearest_locker_m"])
    assert first["nearest_locker_name"] == first["nearest_locker_id"] == ""
    lon, lat = Transformer.from_crs(5179, 4326, always_xy=True).transform(first["x"], first["y"])
    assert (first["lon"], first["lat"]) == pytest.approx((lon, lat), abs=1e-9)


def test_several_unmet_needs_are_joined_and_named(result):
    gap = replace(result.gaps[0], unmet_needs=("lit", "watched"), stability=0.75)
    row = gap_table(replace(result, gaps=(gap,))).iloc[0]
    assert (row["unmet_needs"], row["unmet_need_names"]) == ("lit;watched", "밝은 길, CCTV")
    assert row["stability"] == 0.75


def test_dong_need_and_threshold_rows(result):
    dong = dong_table(result)
    assert dong["households"].sum() == 250
    assert list(dong["share_combined"]) == [0.1875, 0.375]
    assert list(dong["gap_areas"]) == [1, 1]
    needs = need_table(result)
    assert list(needs["need"]) == ["lit", "watched", "parcel", "combined"]
    assert list(needs["takes_part"]) == [False, True, False, True]
    watched = needs.iloc[1]
    assert watched["share_covered"] == pytest.approx((HOUSEHOLDS * WATCHED).sum() / HOUSEHOLDS.sum())
    assert watched["uncovered_households"] == pytest.approx((HOUSEHOLDS * (1 - WATCHED)).sum())
    assert watched["worst_dong_name"] == "가온동"
    thresholds = threshold_table(replace(result, thresholds=tuple(reversed(result.thresholds))))
    assert list(thresholds["threshold"]) == [0.3, 0.5, 0.7]
    assert list(thresholds["used"]) == [False, True, False]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_named_once_in_korean(result, table):
    names = table(result).columns
    headers = [column.header for column in columns_of(names, result).values()]
    assert list(columns_of(names, result)) == list(names)
    assert len(set(headers)) == len(headers)
    assert all(any("가" <= letter <= "힣" for letter in header) for header in headers)


@pytest.mark.parametrize("table", TABLES[:2])
def test_a_district_without_gaps_keeps_columns_and_types(result, table):
    empty = table(replace(result, gaps=(), dongs=()))
    full = table(replace(result, gaps=result.gaps))
    assert len(empty) == 0
    expected = [name for name in full.columns if "locker" not in name]  # named by the gaps alone
    assert list(empty.columns) == expected
    assert list(empty.dtypes) == list(full[expected].dtypes)


def test_units_stand_in_the_headers(result):
    headers = {name: column.header for name, column in columns_of(gap_table(result).columns, result).items()}
    assert headers["area_ha"] == "면적(ha)"
    assert headers["cover_watched"] == "CCTV 도달도(0~1)"
    assert headers["nearest_cctv_m"] == "가까운 CCTV 거리(m)"
    with pytest.raises(KeyError, match="nonsense"):
        columns_of(["nonsense"], result)


def test_every_column_is_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")
    rows = {line for line in text.splitlines() if line.startswith("| `")}
    for column in every_column():
        row = next((row for row in rows if row.startswith(f"| `{column.name}` |")), None)
        assert row is not None, column.name
        assert column.alias.replace("{}", "…") in row
        assert not column.unit or column.unit in row


def test_marks_name_the_edition_and_made_up_data_once(result):
    assert marks(result) == ("내부용", "기준일 상이: 자료 기준일이 2021-04-01부터 2025-12-23까지입니다")
    made_up = make_result(source={"made_up": True})
    assert marks(made_up)[:2] == ("내부용", "가상 자료")
    said = replace(made_up, headings=("가상 자료: 실제 지역이 아닙니다",))
    assert marks(said) == ("내부용", "가상 자료: 실제 지역이 아닙니다")


def test_the_range_of_dates_skips_unknown_ones(result):
    assert data_range(result) == ("2021-04-01", "2025-12-23")
    assert data_range(make_result(source={"data_dates": {"cctv": ("", "")}})) == ("", "")


@pytest.mark.parametrize(
    ("row", "chosen", "words"),
    [
        ({}, (), "있음"),
        ({"takes_part": False, "weight": 0.0}, (), "있음·따로 표시"),
        ({"takes_part": False}, ("lit",), "있음·고르지 않음"),
        ({"takes_part": False, "weight": 0.0}, ("lit",), "있음·고르지 않음"),
        ({"state": DataState.PARTIAL, "takes_part": False}, (), "일부 자료·판단 제외"),
        ({"state": DataState.PARTIAL, "takes_part": False}, ("watched",), "일부 자료·판단 제외"),
        ({"state": DataState.PARTIAL}, (), "일부 자료·판단 포함"),
        ({"on_duty": False}, (), "있음·운영 시간 아님"),
        ({"state": DataState.NONE, "takes_part": False}, ("lit",), "자료 없음"),
    ],
)
def test_states_in_words(result, row, chosen, words):
    watched = next(need for need in result.needs if need.id == "watched")
    assert need_state(replace(watched, **row), Settings(needs=chosen)) == words


def by_dong(result):
    source = np.where(result.cells.dong == 0, "dong", "grid")
    return replace(result, cells=replace(result.cells, demand_source=source))


def test_households_known_by_dong_only_are_said_to_tens_and_marked(result):
    """Gap 1 is of dong 0 (80 households, none reached), gap 2 of dong 1 (60, a quarter reached: 45)."""
    odd = tuple(replace(gap, households=83.4, uncovered_households=76.6, households_per_ha=4.2) for gap in result.gaps)
    table = gap_table(by_dong(replace(result, gaps=odd)))
    assert table["estimated"].tolist() == [True, False]
    assert table["households"].tolist() == [80.0, 83.4]
    assert table["uncovered_households"].tolist() == [80.0, 76.6]
    assert table["households_per_ha"].tolist() == [4.0, 4.2]
    assert table["cover"].tolist() == gap_table(result)["cover"].tolist()
    held = threshold_table(by_dong(result))
    assert held["estimated"].all()
    assert not threshold_table(result)["estimated"].any()
    cells = cell_table(by_dong(result))
    assert cells["households"].tolist() == HOUSEHOLDS.tolist()  # they add up to the dong's total


@pytest.mark.parametrize(
    ("value", "words"), [(1234.0, "약 1,230"), (8.4, "약 8"), (0.2, "약 1 미만"), (float("nan"), "자료 없음")]
)
def test_estimates_in_words(value, words):
    assert households(value, guessed=True) == words


def test_a_share_is_said_of_the_quantile_only(result, catalog):
    for method, share in (("quantile", True), ("gi", False), ("dbscan", False)):
        changed = replace(result, settings=Settings(dense_method=method))
        table = assumption_table(changed, catalog)
        assert ("25%" in table.set_index("item")["value"]["밀집격자"]) is share


def test_assumptions_hold_every_setting_with_its_source(result, catalog):
    changed = replace(
        result,
        settings=Settings(gap_threshold=0.4, reach_factor=2.0, max_gap_ha=7, weights={"watched": 0.7}),
        needs=tuple(replace(row, weight=0.7) if row.id == "watched" else row for row in result.needs),
    )
    table = assumption_table(changed, catalog)
    said = {(topic, item): value for topic, item, value, _ in table.itertuples(index=False)}
    assert said["분석", "분석 시각"] == "2025. 12. 24. (수) 23:00"
    assert said["분석", "틈새 임계값"] == "종합 도달도 0.4 미만"
    assert said["분석", "틈새구역 최대 면적"] == "7 ha"
    assert said["분석", "대상"] == "1인가구 전체"
    assert said["항목", "CCTV: 도달거리"] == "직선 44 m까지 1, 114 m에서 0 (배수 2 적용)"
    assert said["항목", "안심택배: 도달거리"].startswith("직선 308 m까지 1, 770 m에서 0 (걷는 거리 200~500 m ÷ 1.3)")
    assert said["항목", "CCTV: 가중치"] == "0.7"
    assert said["항목", "안심택배: 자료 상태"] == "자료 없음"
    assert said["항목", "밝은 길: 자료 상태"] == "일부 자료·판단 제외"
    assert "범죄 감소 효과가 아님" in said["뜻", "점수의 성격"]
    sources = {item: source for _, item, _, source in table.itertuples(index=False)}
    assert sources["CCTV: 도달거리"] == catalog.needs["watched"].source
    assert sources["CCTV: 가중치"] == "사용자 지정"
    assert "기준일 상이: 자료 기준일이 2021-04-01부터 2025-12-23까지입니다" in set(table["value"])
    assert "가로등: 보안등 자료가 없어 밝은 길은 판단하지 않음" in set(table["value"])


def test_sources_hold_the_data_and_every_figure_of_the_catalog(result, catalog):
    table = source_table(result, catalog)
    cctv = table[(table["topic"] == "자료") & (table["item"] == "CCTV")].iloc[0]
    assert (cctv["value"], cctv["oldest"], cctv["newest"]) == (
        "구 안 2곳(4대), 구 밖 1 km 0곳",
        "2024-05-01",
        "2025-12-23",
    )
    assert "행정동 경계" in set(table["item"])
    for need in catalog.needs.values():
        assert need.source in set(table["source"])
    for layer in catalog.layers.values():
        assert not layer.cost_source or layer.cost_source in set(table["source"])
        assert layer.programme is None or layer.programme.source in set(table["source"])
    smart = table[(table["topic"] == "비용") & (table["item"] == "스마트보안등")].iloc[0]
    assert smart["value"] == "설치 900,000원 (380,000~980,000)"
