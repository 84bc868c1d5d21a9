"""The words every output shares: worked out by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest

from geo.district import analyse
from geo.model import DemandKind, Settings, SourceFile, Weights
from layers.catalog import load_catalog
from maps.assumptions import assumption_table
from maps.basis import (
    BOTTOM_QUARTER,
    BOTTOM_QUARTER_MEANING,
    STABILITY_UNKNOWN,
    basis_files,
    changed_settings,
    demand_basis,
    stability_words,
)
from maps.district import district_map
from maps.text import below
from tests.geo.cases import WATCHED, box, district, supply
from tests.maps.result_factory import make_result

CATALOG = load_catalog()
GRID = Weights(DemandKind.GRID, np.zeros(1), np.zeros(1), np.ones(1), np.ones(2, bool))


def test_the_bottom_quarter_is_of_the_dong_and_the_map_says_so():
    # Five dong of one cell; a disc of 99 m at the middle of the last three covers each whole. The quarter of
    # five is two (rounded up): dong 0 and 1, with 0 of 30 households reached. The quarter of the *households*
    # (25 of 100) would be 0 too, so dong 1 is half covered by a zone: (10 x 0 + 40 x 0.5) / 50 = 40 %, while the
    # lowest quarter of the households, 10 at 0 and 15 at 0.5, would be 30 %.
    dongs = [box(400 * i, 0, 400 * i + 100, 100) for i in range(5)]
    whole = replace(WATCHED, full_m=0, none_m=0)
    zones = [box(400 * i, 0, 400 * i + 100, 100) for i in range(1, 5)]
    source = district(dongs, [10, 40, 20, 20, 10], [supply(whole, zones=zones, caps=[0.5, 1, 1, 1])])
    result = analyse(source)
    row = next(need for need in result.needs if need.id == "watched")
    assert row.bottom_quarter_share == pytest.approx(0.4)
    html = district_map(result, CATALOG)
    assert f"{BOTTOM_QUARTER}: {BOTTOM_QUARTER_MEANING}" in html
    assert "1인가구 4분의 1의" not in html
    cells = re.search(r'<table id="needs".*?</table>', html, re.DOTALL)[0]
    assert re.search(r"CCTV.*?40 %</td></tr>", cells)
    assert (BOTTOM_QUARTER, BOTTOM_QUARTER_MEANING) in set(
        assumption_table(result, CATALOG)[["item", "value"]].itertuples(index=False, name=None)
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.496, "49.6 %"),
        (0.494, "49 %"),
        (0.49996, "49.996 %"),
        (0.5, "50 %"),
        (0.504, "50 %"),
        (0, "0 %"),
        (0.001, "<1 %"),
    ],
)
def test_what_is_below_the_threshold_never_reads_as_the_threshold(share, words):
    assert below(share, 0.5) == words


def test_a_population_grid_is_an_estimate_and_a_household_grid_a_count():
    base = make_result(source={"grid_m": 100})
    assert demand_basis(base) == "동별 1인가구를 100 m 인구격자 비율로 나눈 추정"
    women = replace(base, source=replace(base.source, who="여성"))
    assert demand_basis(women) == "동별 대상 1인가구를 100 m 인구격자 비율로 나눈 추정 (격자는 성별·나이를 모름)"
    counted = replace(base, source=replace(base.source, counted=GRID))
    assert demand_basis(counted) == "국토통계 100 m 가구격자의 1인가구 수"
    asked = replace(counted, source=replace(counted.source, who="여성"))
    assert "추정 (격자는 성별·나이를 모름)" in demand_basis(asked)


def test_only_the_files_that_the_households_rest_on_are_named():
    files = tuple(
        SourceFile(t, f"{t}.csv", "", "2026-11-21") for t in ("dong", "household", "stat_grid", "address_point")
    )
    assert [file.table for file in basis_files(make_result(source={"files": files}))] == [
        "dong",
        "household",
        "stat_grid",
    ]


def test_settings_that_are_not_the_defaults_stand_over_the_map():
    plain = replace(make_result(), settings=Settings())
    assert changed_settings(plain) == ""
    assert "기본값과 다른 설정" not in district_map(plain, CATALOG)
    settings = Settings(gap_threshold=0.4, reach_factor=1.2, needs=("watched",), combine="sum", weights={"lit": 0.4})
    changed = replace(plain, settings=settings)
    words = "기본값과 다른 설정: 항목 CCTV만, 틈새 임계값 0.4, 도달거리 1.2배, 가중치 밝은 길 0.4, 종합은 가중합"
    assert changed_settings(changed) == words
    assert words in district_map(changed, CATALOG).split('<main id="main">')[0]
    assert words not in district_map(changed, CATALOG, edition="public")


def test_ranks_say_what_is_known_of_them():
    result = make_result()
    assert stability_words(result) == STABILITY_UNKNOWN
    assert district_map(result, CATALOG).count(STABILITY_UNKNOWN) == 2  # the list's caption and the method
    assert STABILITY_UNKNOWN not in district_map(result, CATALOG, edition="public")
    assert stability_words(replace(result, gaps=())) == ""
