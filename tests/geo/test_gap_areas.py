import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.gap_areas import below, gap_areas
from tests.oracles import district as oracle

places_of = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40)


def areas(places, dong=None, max_ha=9.0, area=10_000.0):
    column, row = (np.array([p[k] for p in places], dtype=np.int64) for k in (0, 1))
    dong = np.zeros(len(places), dtype=np.int64) if dong is None else np.array(dong)
    return [a.tolist() for a in gap_areas(column, row, dong, np.full(len(places), area), max_ha)]


def test_the_threshold_itself_is_not_below_it():
    weights = np.array([0.1, 0.2, 0.3])
    mean = (weights * 0.5).sum() / weights.sum()  # a hair off one half, either way
    values = np.array([0.5, mean, 0.5 - 1e-12, 0.4999, 0.496, 0.6, np.nan])
    assert below(values, 0.5).tolist() == [False, False, False, True, True, False, False]


def test_corners_join():
    assert areas([(0, 0), (1, 1), (3, 3)]) == [[0, 1], [2]]


def test_dong_do_not_join():
    assert areas([(0, 0), (1, 0), (2, 0)], [0, 0, 1]) == [[0, 1], [2]]


def test_the_ends_of_rows_do_not_join():
    assert areas([(3, 0), (0, 1)]) == [[0], [1]]


def test_ten_in_a_row_are_cut_in_the_middle():
    assert areas([(i, 0) for i in range(10)]) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_nine_hectares_stay_whole():
    assert areas([(i % 3, i // 3) for i in range(9)]) == [list(range(9))]


def test_a_small_part_of_a_cell_counts_by_its_area():
    assert len(areas([(i, 0) for i in range(18)], area=5_000.0)) == 1


def test_nothing():
    assert areas([]) == []


@given(places_of, st.data())
def test_agrees_with_the_exhaustive_search(places, data):
    places = sorted(places, key=lambda p: (p[1], p[0]))
    dong = [data.draw(st.integers(0, 1)) for _ in places]
    parts = [piece for part in oracle.flood(places, dong) for piece in oracle.split(part, places, dong, 9)]
    assert areas(places, dong) == sorted(sorted(p) for p in parts)


@given(places_of, st.integers(-5, 5), st.integers(-5, 5))
def test_every_cell_once_and_moving_changes_nothing(places, dx, dy):
    places = sorted(places, key=lambda p: (p[1], p[0]))
    found = areas(places)
    assert sorted(i for a in found for i in a) == list(range(len(places)))
    assert all(len(a) <= 9 for a in found)
    assert areas([(c + dx, r + dy) for c, r in places]) == found
