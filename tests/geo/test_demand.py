import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm
from sklearn.cluster import DBSCAN

from geo.demand import cells_of_dong, spread
from geo.dense import BAND_M, DBSCAN_EPS_M, clusters, densest, densest_dong, hot_spots
from geo.grid import Grid
from geo.model import DemandKind, Units, Weights
from tests.geo.cases import X0, Y0, box
from tests.oracles import district as oracle


def lay(*dongs):
    shapes = np.array(dongs, dtype=object)
    grid = Grid.around(tuple(shapely.total_bounds(shapes)))
    return grid, cells_of_dong(grid, shapes)


def places(kind, points, weight, speaks):
    x, y = np.array(points, dtype=float).T
    return Weights(kind, x + X0, y + Y0, np.array(weight, dtype=float), np.array(speaks))


def test_a_cell_belongs_to_the_dong_at_its_centre():
    _, cells = lay(box(0, 0, 140, 100), box(140, 0, 200, 100))
    assert cells.dong.tolist() == [0, 1]


def test_a_centre_on_a_shared_border_belongs_to_one_dong():
    _, cells = lay(box(0, 0, 150, 100), box(150, 0, 300, 100))
    assert len(cells.cell) == len(set(cells.cell.tolist())) == 3


def test_a_dong_smaller_than_a_cell_takes_its_largest_overlap():
    grid, cells = lay(box(0, 0, 300, 100), box(0, 100, 40, 130))
    assert sorted(cells.dong.tolist()) == [0, 0, 0, 1]
    small = cells.cell[cells.dong == 1][0]
    assert divmod(int(small), grid.columns) == (1, 0)


def test_two_small_dong_do_not_take_the_same_cell():
    _, cells = lay(box(0, 0, 300, 100), box(60, 100, 90, 130), box(90, 100, 120, 130))
    assert sorted(cells.dong.tolist()) == [0, 0, 0, 1, 2]


def test_dong_totals_go_by_land():
    grid, cells = lay(box(0, 0, 200, 100))
    got, source = spread(grid, cells, Units(np.array([30.0]), ((0,),)), (), np.array([10_000.0, 5_000.0]))
    assert got.tolist() == [20.0, 10.0]
    assert set(source) == {"dong"}


def test_the_finest_source_that_speaks_wins():
    grid, cells = lay(box(0, 0, 200, 100))
    people = places(DemandKind.GRID, [(50, 50), (150, 50)], [1, 3], [True])
    shops = places(DemandKind.ADDRESS, [(50, 50)], [1], [True])
    got, source = spread(grid, cells, Units(np.array([8.0]), ((0,),)), (shops, people), np.full(2, 1e4))
    assert got.tolist() == [2.0, 6.0]
    assert set(source) == {"grid"}


def test_a_source_that_does_not_speak_for_a_dong_is_not_used_there():
    grid, cells = lay(box(0, 0, 100, 100), box(100, 0, 200, 100))
    people = places(DemandKind.GRID, [(50, 50), (150, 50)], [1, 3], [True, False])
    got, source = spread(grid, cells, Units(np.array([8.0, 4.0]), ((0,), (1,))), (people,), np.full(2, 1e4))
    assert got.tolist() == [8.0, 4.0]
    assert source.tolist() == ["grid", "dong"]


def test_a_split_code_is_spread_over_all_its_successors():
    grid, cells = lay(box(0, 0, 100, 100), box(100, 0, 400, 100))
    got, _ = spread(grid, cells, Units(np.array([40.0]), ((0, 1),)), (), np.full(4, 1e4))
    assert got.tolist() == [10.0] * 4


def test_household_counts_are_taken_as_they_are():
    grid, cells = lay(box(0, 0, 200, 100))
    counted = places(DemandKind.GRID, [(50, 50), (150, 50)], [7, 5], [True])
    got, source = spread(grid, cells, Units(np.array([99.0]), ((0,),)), (), np.full(2, 1e4), counted)
    assert got.tolist() == [7.0, 5.0]
    assert set(source) == {"grid"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 1e5), min_size=3, max_size=3),
    st.lists(st.tuples(st.floats(1, 599), st.floats(1, 199), st.floats(0, 100)), max_size=20),
)
def test_the_sum_over_a_unit_is_kept(totals, weighted):
    grid, cells = lay(box(0, 0, 230, 200), box(230, 0, 410, 200), box(410, 0, 600, 200))
    sources = ()
    if weighted:
        points = [p[:2] for p in weighted]
        sources = (places(DemandKind.BUILDING, points, [p[2] for p in weighted], [True, True, False]),)
    units = Units(np.array(totals), ((0,), (1,), (2,)))
    got, _ = spread(grid, cells, units, sources, np.full(len(cells.cell), 1e4))
    assert np.bincount(cells.dong, got, 3) == pytest.approx(totals, abs=1e-6)


def test_densest_by_hand_ties_whole():
    dense, reached = densest(np.array([10.0, 5, 5, 5, 10, 5]), 0.25)  # 25 % of 40 is one cell of 10; its tie comes too
    assert dense.tolist() == [True, False, False, False, True, False]
    assert reached == 0.5


def test_densest_of_exactly_the_share():
    dense, reached = densest(np.array([1.0] * 3 + [0.0] * 5), 1.0)
    assert dense.tolist() == [True] * 3 + [False] * 5
    assert reached == 1.0


def test_nobody_is_nowhere_dense():
    dense, reached = densest(np.zeros(4))
    assert not dense.any()
    assert reached == 0.0


@given(st.lists(st.integers(0, 20).map(float), min_size=1, max_size=30), st.floats(0.01, 1))
def test_densest_agrees_with_the_oracle(households, share):
    assert densest(np.array(households), share)[0].tolist() == oracle.dense(households, share)


def test_dense_dong_by_households_a_hectare_of_land():
    households = np.array([30.0, 30, 50, 10])  # dong 0: 60 on 1 ha of land; dong 1: 60 on 2 ha
    dense, reached = densest_dong(households, np.array([0, 0, 1, 1]), np.array([5e3, 5e3, 1e4, 1e4]), 0.25)
    assert dense.tolist() == [True, True, False, False]
    assert reached == 0.5


def test_hot_spots_find_the_one_cluster():
    gx, gy = np.meshgrid(np.arange(20) * 100 + X0, np.arange(20) * 100 + Y0)
    x, y = gx.ravel(), gy.ravel()
    households = np.where(np.hypot(x - X0 - 500, y - Y0 - 500) < 200, 100.0, 1.0)
    hot, share = hot_spots(x, y, households)
    assert hot[(households == 100)].all()
    assert hot.sum() < 60
    assert share == pytest.approx(households[hot].sum() / households.sum())
    assert not hot_spots(x, y, np.ones(400))[0].any()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.filterwarnings("ignore")
def test_hot_spots_are_those_of_the_library_of_the_field(seed):
    from esda.getisord import G_Local  # noqa: PLC0415 - slow to import
    from libpysal.weights import DistanceBand  # noqa: PLC0415

    random = np.random.default_rng(seed)
    gx, gy = np.meshgrid(np.arange(40) * 100.0 + X0, np.arange(40) * 100.0 + Y0)
    lived = random.random(1600) < 0.7  # holes, a rim, and a lone cell far out
    x, y = np.append(gx.ravel()[lived], X0 + 9e4), np.append(gy.ravel()[lived], Y0)
    households = random.integers(0, 200, x.size) * random.choice([0.0, 1.0, 3.0], x.size)
    households[:300] *= 3
    band = DistanceBand(np.column_stack([x, y]), BAND_M, binary=True, silence_warnings=True)
    z = np.asarray(G_Local(households, band, transform="B", star=True, permutations=0).Zs)
    expected = (false_discovery_control(norm.sf(z)) <= 0.05) & (z > 0) & (households > 0)
    hot, share = hot_spots(x, y, households)
    assert 0 < hot.sum() < x.size
    assert hot.tolist() == expected.tolist()
    assert share == pytest.approx(households[hot].sum() / households.sum())


def test_clusters_find_the_one_cluster():
    gx, gy = np.meshgrid(np.arange(20) * 100 + X0, np.arange(20) * 100 + Y0)
    x, y = gx.ravel(), gy.ravel()
    households = np.where(np.hypot(x - X0 - 500, y - Y0 - 500) < 200, 100.0, 1.0)
    dense, _ = clusters(x, y, households)
    assert dense[households == 100].all()
    assert not dense[np.hypot(x - X0 - 500, y - Y0 - 500) > 550].any()
    assert not clusters(x, y, np.zeros(400))[0].any()


@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_those_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    x, y = (100.0 * random.integers(0, 30, 400) for _ in range(2))
    households = random.gamma(0.5, 20.0, 400) * (random.random(400) < 0.7)
    lived = np.flatnonzero(households > 0)
    enough = np.ceil(2.0 * 9.0 * households[lived].mean())
    scan = DBSCAN(eps=DBSCAN_EPS_M, min_samples=int(enough))
    labels = scan.fit(np.column_stack([x[lived], y[lived]]), sample_weight=households[lived]).labels_
    dense, _ = clusters(x, y, households)
    np.testing.assert_array_equal(np.flatnonzero(dense), lived[labels >= 0])
