import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.district import analyse
from geo.errors import BadSettingError, NoDataError
from geo.model import DataState, DemandKind, Settings, Weights
from tests.geo.cases import LIT, REFUGE, WATCHED, X0, Y0, box, district, layer, supply
from tests.oracles import district as oracle

point = st.tuples(st.floats(-40, 340), st.floats(-40, 240))
points = st.lists(point, max_size=5)


def test_a_district_worked_out_on_paper():
    """Three cells of 100, 60 and 40 households; one camera covers the first cell wholly, nothing the others."""
    camera = replace(WATCHED, full_m=80.0, none_m=80.0)
    people = Weights(
        DemandKind.GRID,
        X0 + np.array([50.0, 150.0, 250.0]),
        np.full(3, Y0 + 50.0),
        np.array([100.0, 60.0, 40.0]),
        np.array([True, True]),
    )
    source = district(
        [box(0, 0, 200, 100), box(200, 0, 300, 100)],
        [160.0, 40.0],
        [supply(camera, [(50, 50)]), supply(LIT, state=DataState.NONE)],
        weights=(people,),
        layers=(layer([(50, 50)]), layer([], "locker", "안심택배함")),
    )
    result = analyse(source, Settings(dense_share=0.75))
    # Dense: 100 + 60 of 200 is 80 %, the first sum to reach 75 %.
    assert result.cells.dense.tolist() == [True, True, False]
    assert result.dense_share_reached == 0.8
    # Combined cover is the camera's alone: lamps have no data. The second cell is reached up to 80 m from (50, 50).
    reached = result.cells.cover[1]
    assert result.cells.cover[0] == pytest.approx(1.0)
    assert reached == pytest.approx(_reached_in_second_cell(), abs=0.003)
    assert result.cells.cover[2] == 0.0
    # One gap: the second cell.
    (gap,) = result.gaps
    assert gap.cells.tolist() == [1]
    assert (gap.dong, gap.grid_id, gap.area_ha) == (0, "다사 501 500", 1.0)
    assert gap.uncovered_households == pytest.approx(60 * (1 - reached))
    assert gap.households_per_ha == 60.0
    assert gap.unmet_needs == ("watched",)
    assert gap.nearest[0].id == "cctv:a"
    assert gap.nearest[0].distance_m == pytest.approx(100.0)
    assert gap.nearest[1].id is None
    # The district: (100 + 60 c) / 200; worst dong is the one of 40 households with nothing.
    watched, lit, combined = result.needs
    assert combined.share_covered == pytest.approx((100 + 60 * reached) / 200)
    assert watched.worst_dong == 1
    assert (watched.worst_share, watched.bottom_quarter_share) == (0.0, 0.0)
    assert lit.state is DataState.NONE
    assert math.isnan(lit.share_covered)
    assert lit.worst_dong is None
    assert [t.gap_cells for t in result.thresholds] == [1, 1, 1]
    assert result.dongs[1].uncovered_households == 40.0


def _reached_in_second_cell() -> float:
    """Share of the square 100..200 x 0..100 within 80 m of (50, 50): integrate the circle beyond x = 100."""
    xs = np.arange(100, 130, 0.001) + 0.0005
    height = 2 * np.minimum(50, np.sqrt(80.0**2 - (xs - 50) ** 2))
    return float((height * 0.001).sum() / 10_000)


@settings(max_examples=25, deadline=None)
@given(points, points, points)
def test_cover_agrees_with_brute_force(lamps, cameras, stores):
    source = district(
        [box(0, 0, 170, 200), box(170, 0, 300, 130)],
        [100.0, 50.0],
        [supply(LIT, lamps), supply(WATCHED, cameras), supply(REFUGE, stores)],
    )
    result = analyse(source)
    expected = oracle.cells(source)
    assert len(result.cells.x) == len(expected)
    for i, (x, y) in enumerate(zip(result.cells.x, result.cells.y, strict=True)):
        corner = (round(x - 50), round(y - 50))
        assert result.cells.dong[i] == expected[corner]
        by_need = {s.need.id: oracle.cover(source, corner, s.need.id) for s in source.supplies}
        for need, cover in by_need.items():
            assert result.cells.cover_by_need[need][i] == pytest.approx(cover, abs=0.012)
        assert result.cells.cover[i] == pytest.approx(oracle.combined(source, by_need, Settings()), abs=0.02)


@settings(max_examples=25, deadline=None)
@given(points, point)
def test_a_facility_more_never_lowers_cover(cameras, extra):
    dongs = [box(0, 0, 300, 200)]
    before = analyse(district(dongs, [100.0], [supply(WATCHED, cameras)]))
    after = analyse(district(dongs, [100.0], [supply(WATCHED, [*cameras, extra])]))
    assert (after.cells.cover >= before.cells.cover).all()


@settings(max_examples=15, deadline=None)
@given(points)
def test_order_does_not_matter(cameras):
    dongs = [box(0, 0, 300, 200)]
    one = analyse(district(dongs, [100.0], [supply(WATCHED, cameras)]))
    other = analyse(district(dongs, [100.0], [supply(WATCHED, cameras[::-1])]))
    assert (one.cells.cover == other.cells.cover).all()


@settings(max_examples=15, deadline=None)
@given(points, st.integers(-30, 30), st.integers(-30, 30))
def test_moving_everything_by_whole_cells_changes_nothing(cameras, columns, rows):
    dx, dy = columns * 100.0, rows * 100.0
    rounded = [(round(a * 8) / 8, round(b * 8) / 8) for a, b in cameras]  # exact under the move
    here = analyse(district([box(0, 0, 170, 200), box(170, 0, 300, 200)], [100.0, 20.0], [supply(WATCHED, rounded)]))
    there = analyse(
        district(
            [box(dx, dy, dx + 170, dy + 200), box(dx + 170, dy, dx + 300, dy + 200)],
            [100.0, 20.0],
            [supply(WATCHED, [(a + dx, b + dy) for a, b in rounded])],
        )
    )
    assert (here.cells.cover == there.cells.cover).all()
    assert (here.cells.households == there.cells.households).all()
    assert [g.cells.tolist() for g in here.gaps] == [g.cells.tolist() for g in there.gaps]


@settings(max_examples=15, deadline=None)
@given(points)
def test_a_need_without_data_changes_no_score(cameras):
    dongs = [box(0, 0, 300, 200)]
    without = analyse(district(dongs, [100.0], [supply(WATCHED, cameras)]))
    beside = analyse(district(dongs, [100.0], [supply(WATCHED, cameras), supply(LIT, state=DataState.NONE)]))
    assert (without.cells.cover == beside.cells.cover).all()
    assert np.isnan(beside.cells.cover_by_need["lit"]).all()


def test_partial_is_shown_and_takes_part_only_when_asked():
    source = district(
        [box(0, 0, 100, 100)], [10.0], [supply(WATCHED), supply(LIT, [(50, 50)], state=DataState.PARTIAL)]
    )
    shown = analyse(source)
    assert shown.cells.cover_by_need["lit"][0] > 0
    assert shown.cells.cover[0] == 0.0
    assert not next(n for n in shown.needs if n.id == "lit").takes_part
    assert analyse(source, Settings(include_partial=True)).cells.cover[0] > 0


def test_off_duty_patrol_stays_in_the_divisor():
    patrolled = replace(LIT, id="patrolled", weight=0.1)
    source = district(
        [box(0, 0, 100, 100)],
        [10.0],
        [supply(replace(WATCHED, none_m=99, full_m=99), [(50, 50)]), supply(patrolled, on_duty=False)],
    )
    assert analyse(source).cells.cover[0] == pytest.approx(0.3 / (1 - 0.7 * 0.9))


def test_nothing_known_is_no_gap():
    result = analyse(district([box(0, 0, 200, 100)], [10.0], [supply(LIT, state=DataState.NONE)]))
    assert result.gaps == ()
    assert np.isnan(result.cells.cover).all()
    assert any("판단하지 않았습니다" in h for h in result.headings)


def test_zone_covers_inside_and_falls_to_nothing_100_m_outside():
    patrolled = replace(LIT, id="patrolled", full_m=0.0, none_m=100.0)
    source = district([box(0, 0, 400, 100)], [10.0], [supply(patrolled, zones=[box(0, 0, 100, 100)], caps=[1.0])])
    cover = analyse(source).cells.cover
    assert cover == pytest.approx([1.0, 0.5, 0.0, 0.0], abs=0.01)
    half = district([box(0, 0, 400, 100)], [10.0], [supply(patrolled, zones=[box(0, 0, 100, 100)], caps=[0.5])])
    result = analyse(half, Settings(dense_share=1))
    assert result.cells.cover == pytest.approx([0.5, 0.25, 0.0, 0.0], abs=0.01)
    # Exactly half inside: no gap at 0.5, and no rounding that decides it.
    assert result.cells.cover_by_need["patrolled"][0] == 0.5
    assert result.cells.gap.tolist() == [False, True, True, True]


def test_a_hole_is_not_the_district():
    ring = shapely.difference(box(0, 0, 300, 300), box(100, 100, 200, 200))
    result = analyse(district([ring], [80.0], [supply(WATCHED)]))
    assert len(result.cells.x) == 8
    assert result.area_km2 == pytest.approx(0.08)
    assert result.cells.households.sum() == pytest.approx(80)


def test_cover_is_judged_where_people_live_or_walk():
    house = np.array([box(0, 0, 20, 20)], dtype=object)
    lamp = supply(LIT, [(10, 10)])
    everywhere = analyse(district([box(0, 0, 100, 100)], [10.0], [lamp]))
    at_home = analyse(district([box(0, 0, 100, 100)], [10.0], [lamp], lived_in=house))
    assert everywhere.cells.cover[0] < 0.2
    assert at_home.cells.cover[0] == pytest.approx(1.0)


def test_cells_near_land_without_data_are_not_ranked():
    beyond = box(200, 0, 400, 100)
    source = district([box(0, 0, 200, 100)], [10.0], [supply(WATCHED, unknown_beyond=beyond)])
    result = analyse(source, Settings(dense_share=1.0))
    assert result.cells.edge_unknown.tolist() == [False, True]  # 57 m from x = 200 reaches the centre at 150
    assert [g.cells.tolist() for g in result.gaps] == [[0]]
    assert result.edge_gap_cells.tolist() == [1]


def test_dong_totals_say_so_and_refuse_hot_spots():
    source = district([box(0, 0, 200, 100)], [10.0], [supply(WATCHED)])
    assert any(h.startswith("동 단위 추정") for h in analyse(source).headings)
    with pytest.raises(BadSettingError, match="동 합계"):
        analyse(source, Settings(dense_method="gi"))


@pytest.mark.parametrize(
    ("first", "last", "headed"),
    [
        ("2022-12-01", "2025-01-02", True),
        ("2022-12-01", "2024-12-01", False),  # 24 months to the day
        ("2022-12-01", "2024-12-02", True),
        ("2020-11-30", "2022-12", True),  # the month's first day is a day over
        ("2022", "2024", False),
    ],
)
def test_dates_far_apart_are_headed(first, last, headed):
    source = district([box(0, 0, 200, 100)], [10.0], [supply(WATCHED)])
    dated = replace(source, data_dates={"cctv": (first, first), "locker": (last, "")})
    assert any(h.startswith("기준일 상이") for h in analyse(dated).headings) == headed


def test_no_households_is_an_error_that_names_the_file_to_import():
    with pytest.raises(NoDataError, match="1인가구"):
        analyse(district([box(0, 0, 200, 100)], [0.0], [supply(WATCHED)]))


def test_gaps_are_ranked_by_uncovered_households():
    people = Weights(
        DemandKind.GRID,
        X0 + np.array([50.0, 250.0, 450.0]),
        np.full(3, Y0 + 50.0),
        np.array([1.0, 3.0, 2.0]),
        np.array([True]),
    )
    source = district([box(0, 0, 500, 100)], [600.0], [supply(WATCHED)], weights=(people,))
    result = analyse(source, Settings(dense_share=1.0))
    assert [g.uncovered_households for g in result.gaps] == [300.0, 200.0, 100.0]
    assert [g.rank for g in result.gaps] == [1, 2, 3]


def test_asking_for_a_need_shown_on_its_own():
    smart = replace(LIT, id="smart_lit", weight=0.0)
    source = district([box(0, 0, 100, 100)], [10.0], [supply(smart, [(50, 50)]), supply(WATCHED)])
    own = analyse(source, Settings(needs=("smart_lit",)))
    assert own.cells.cover == pytest.approx(own.cells.cover_by_need["smart_lit"])
    assert not next(n for n in analyse(source).needs if n.id == "smart_lit").takes_part


def test_a_park_in_a_dense_dong_is_no_gap():
    park = np.array([box(100, 0, 200, 100)], dtype=object)
    source = district([box(0, 0, 200, 100)], [10.0], [supply(WATCHED)], not_lived_in=park)
    result = analyse(source)
    assert result.cells.households.tolist() == [10.0, 0.0]
    assert [g.cells.tolist() for g in result.gaps] == [[0]]


def test_needs_asked_for_and_left_out_are_headed():
    some, nothing = supply(LIT, [(50, 50)], state=DataState.PARTIAL), supply(REFUGE, state=DataState.NONE)
    source = district([box(0, 0, 100, 100)], [10.0], [supply(WATCHED, [(50, 50)]), some, nothing])
    said = analyse(source, Settings(needs=("watched", "lit", "refuge"))).headings
    assert "고른 항목 밝은 길: 일부 자료여서 판단에서 뺐습니다" in said
    assert "고른 항목 대피처: 자료가 없어 판단에서 뺐습니다" in said
    assert len([words for words in said if words.startswith("고른 항목")]) == 2
    assert not any(
        "밝은 길" in words for words in analyse(source, Settings(needs=("lit",), include_partial=True)).headings
    )


def test_a_score_on_few_needs_says_on_how_many():
    needs = [supply(WATCHED, [(50, 50)]), supply(LIT, state=DataState.NONE), supply(REFUGE, state=DataState.NONE)]
    said = analyse(district([box(0, 0, 100, 100)], [10.0], needs)).headings
    assert "3개 항목 가운데 1개만 자료가 있습니다: 종합은 CCTV만 본 것입니다" in said
    two = [needs[0], supply(LIT, [(50, 50)]), needs[2]]
    assert not any("항목 가운데" in words for words in analyse(district([box(0, 0, 100, 100)], [10.0], two)).headings)


def test_warnings_of_the_input_stand_over_the_result():
    source = district(
        [box(0, 0, 100, 100)], [10.0], [supply(WATCHED, [(50, 50)])], warnings=("층 x는 쓰지 않았습니다",)
    )
    assert analyse(source).headings == (
        "동 단위 추정: 1인가구가 동 합계뿐이라 동 안의 위치는 알 수 없습니다",
        "층 x는 쓰지 않았습니다",
    )
