import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import coverage
from geo.coverage import FULL, Reach, cover_of_cells, cover_raster, covered_area_m2, warm
from geo.errors import BadSettingError, NotMetresError
from geo.grid import Grid
from geo.raster import rasterise, sum_per_cell
from tests.oracles import coverage as oracle

GRID = Grid(950_000.0, 1_950_000.0, 4, 3)
X0, Y0 = GRID.x0, GRID.y0
NONE = np.empty(0)
LAMP, CAMERA, REFUGE, PATROL = Reach(15, 30), Reach(22, 57), Reach(150 / 1.3, 400 / 1.3), Reach(0, 100)
HARD = Reach(30, 30)
REACHES = [LAMP, CAMERA, REFUGE, PATROL, HARD, Reach(200, 200), Reach(4, 4), Reach(28, 30)]


def points(seed, n, margin=100):
    rng = np.random.default_rng(seed)
    west, south, east, north = GRID.bounds
    return rng.uniform(west - margin, east + margin, n), rng.uniform(south - margin, north + margin, n)


# ------------------------------------------------------------------ by hand


def test_one_lamp_in_the_middle_of_a_cell():
    # A cone cut at 1: its volume over the plane is a third of pi (R^2 + R r + r^2), R = 30 and r = 15 here, all
    # of it inside the 100 m cell: 1649.3 of 10,000 m2.
    cover = cover_of_cells(GRID, LAMP, np.array([X0 + 150.0]), np.array([Y0 + 150.0]))
    assert cover[GRID.columns + 1] == pytest.approx(np.pi / 3 * (900 + 450 + 225) / 1e4, abs=2e-4)
    assert np.delete(cover, GRID.columns + 1).sum() == 0


def test_one_hard_disc_on_the_corner_of_four_cells():
    # A quarter of a 40 m circle in each: 1256.6 of 10,000 m2.
    cover = cover_of_cells(GRID, Reach(40, 40), np.array([X0 + 100.0]), np.array([Y0 + 100.0]))
    assert cover[[0, 1, 4, 5]] == pytest.approx(np.pi * 400 / 1e4, abs=1e-3)
    assert np.delete(cover, [0, 1, 4, 5]).sum() == 0


def test_three_lamps_on_a_line_of_pixel_centres():
    # At (100 + 2.5, 100 + 2.5), 20 m and 200 m further east: values at pixel centres can be told by hand.
    x = X0 + np.array([102.5, 122.5, 302.5])
    got = cover_raster(GRID, LAMP, x, np.full(3, Y0 + 102.5))[20] / FULL
    hand = {20: 1, 22: 1, 24: 1, 17: 1, 16: 10 / 15, 15: 5 / 15, 13: 0, 27: 1, 28: 10 / 15, 29: 5 / 15, 40: 0, 60: 1}
    for column, value in hand.items():
        assert got[column] == pytest.approx(value, abs=0.06), column  # a mean over the pixel, not its centre


def test_zone_ramp_is_half_at_half_way():
    zone = shapely.box(X0 + 100, Y0 - 500, X0 + 200, Y0 + 800)
    line = cover_raster(GRID, PATROL, NONE, NONE, [zone])[30] / FULL
    assert line[20:40] == pytest.approx(1.0)
    for column in range(40, 60):
        outside_m = (column + 0.5) * 5 - 200
        assert line[column] == pytest.approx(1 - outside_m / 100, abs=0.01)
    assert line[62:].sum() == 0
    assert (line[49] + line[50]) / 2 == pytest.approx(0.5, abs=0.01)
    half = cover_raster(GRID, PATROL, NONE, NONE, [zone], [0.5])[30] / FULL
    assert half == pytest.approx(line / 2, abs=0.006)
    assert (half[20:40] == 0.5).all()


@pytest.mark.parametrize("cap", [0.5, 0.3, 1.0, 0.336])
def test_a_capped_zone_never_covers_more_than_its_cap(cap):
    # 0.336 is no whole number of steps: the step below it. At 128 / 255 half cover would be 0.502.
    zone = shapely.box(X0 + 50, Y0 - 500, X0 + 250, Y0 + 800)
    cells = cover_of_cells(GRID, PATROL, NONE, NONE, None, [zone], [cap])
    assert cells.max() <= cap
    assert cells[1] == cells.max() == pytest.approx(cap, abs=1 / FULL)
    if cap != 0.336:
        assert cells[1] == cap


# ------------------------------------------------------------------ against brute force


@pytest.mark.parametrize("reach", REACHES, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_cells_agree_with_the_exact_cover(reach, seed):
    x, y = points(seed, 1 + 17 * seed)
    exact = oracle.raster(GRID, reach, x, y, per_pixel=8)
    got = cover_of_cells(GRID, reach, x, y)
    assert np.abs(got - oracle.of_cells(GRID, exact)).max() < 0.006
    assert got.mean() == pytest.approx(exact.mean(), abs=0.002)


@pytest.mark.parametrize("reach", [LAMP, CAMERA, REFUGE, PATROL], ids=str)
def test_graded_pixels_agree_with_the_cover_at_their_centres(reach):
    x, y = points(7, 25)
    got = cover_raster(GRID, reach, x, y) / FULL
    centre = oracle.raster(GRID, reach, x, y)
    slope = 1 / (reach.none_m - reach.full_m)
    assert np.abs(got - centre).max() < 2.5 * slope + 0.01  # where two ramps meet in one pixel
    assert np.abs(got - centre).mean() < 0.15 * slope + 0.004


def test_masked_cells_agree_and_cells_without_pixels_are_nan():
    x, y = points(1, 30)
    district = shapely.Point(X0 + 180, Y0 + 120).buffer(110)
    mask = rasterise(district, GRID)
    got = cover_of_cells(GRID, LAMP, x, y, mask)
    exact = oracle.of_cells(GRID, oracle.raster(GRID, LAMP, x, y, per_pixel=4), mask)
    assert (np.isnan(got) == np.isnan(exact)).all()
    assert np.isnan(got).any()
    assert np.nanmax(np.abs(got - exact)) < 0.02  # a cell may have few pixels
    assert np.allclose(got, cover_of_cells(GRID, LAMP, x, y, mask.astype(bool)), equal_nan=True, rtol=0)


@pytest.mark.parametrize("cap", [1.0, 0.5])
@pytest.mark.parametrize("reach", [PATROL, Reach(20, 60), Reach(40, 40), Reach(0, 0)], ids=str)
def test_zones_agree_with_the_distance_to_them(reach, cap):
    ring = shapely.Point(X0 + 150, Y0 + 150).buffer(100).difference(shapely.Point(X0 + 150, Y0 + 150).buffer(70))
    lone = shapely.MultiPolygon(
        [shapely.box(X0 + 330, Y0 + 10, X0 + 350, Y0 + 30), shapely.box(X0 - 90, Y0, X0 - 20, Y0 + 9)]
    )
    x, y = points(4, 3)
    exact = oracle.raster(GRID, reach, x, y, [ring, lone], [cap, 1.0], per_pixel=4)
    got = cover_of_cells(GRID, reach, x, y, None, [ring, lone], [cap, 1.0])
    assert np.abs(got - oracle.of_cells(GRID, exact)).max() < 0.012


def test_area_of_hard_discs_is_the_area_of_the_union():
    rng = np.random.default_rng(2)
    x = X0 + np.concatenate([rng.normal(500, 80, 300), rng.uniform(0, 2000, 700)])
    y = Y0 + np.concatenate([rng.normal(500, 80, 300), rng.uniform(0, 2000, 700)])
    # A polygon of 128 corners has the circle's area if its corners lie a little outside.
    radius = 30 * np.sqrt(np.pi / (64 * np.sin(np.pi / 64)))
    union = shapely.union_all(shapely.buffer(shapely.points(x, y), radius, quad_segs=32)).area
    assert covered_area_m2(x, y, HARD) == pytest.approx(union, rel=1e-3)


def test_area_of_one_facility():
    at = np.array([951_234.56]), np.array([1_951_234.56])
    assert covered_area_m2(*at, HARD) == pytest.approx(np.pi * 900, rel=1e-3)
    assert covered_area_m2(*at, LAMP) == pytest.approx(np.pi / 3 * (900 + 450 + 225), rel=2e-3)
    assert covered_area_m2(*at, HARD, pixel_m=10) == pytest.approx(np.pi * 900, rel=5e-3)


# ------------------------------------------------------------------ properties

seeds = st.integers(0, 2**32 - 1)
reaches = st.sampled_from(REACHES)


@settings(deadline=None, max_examples=30)
@given(seeds, reaches)
def test_a_facility_more_never_lowers_cover(seed, reach):
    x, y = points(seed, 15)
    fewer = cover_raster(GRID, reach, x[:-1], y[:-1])
    assert (cover_raster(GRID, reach, x, y) >= fewer).all()


@settings(deadline=None, max_examples=30)
@given(seeds, reaches)
def test_order_and_repetition_do_not_matter(seed, reach):
    x, y = points(seed, 15)
    order = np.random.default_rng(seed).integers(0, 15, 40)
    order = np.concatenate([order, np.arange(15)[::-1]])
    assert (cover_raster(GRID, reach, x, y) == cover_raster(GRID, reach, x[order], y[order])).all()


@settings(deadline=None, max_examples=30)
@given(seeds, reaches, st.integers(-50, 50), st.integers(-50, 50))
def test_moving_everything_by_whole_cells_changes_nothing(seed, reach, columns, rows):
    x, y = points(seed, 10)
    dx, dy = 100.0 * columns, 100.0 * rows
    zone = shapely.Point(x[0], y[0]).buffer(50)
    here = cover_raster(GRID, reach, x, y, [zone], [0.5])
    grid = Grid(X0 + dx, Y0 + dy, GRID.columns, GRID.rows)
    # Moves the zone's corners exactly: shapely's own buffer at the new place would round otherwise.
    zone = shapely.transform(zone, lambda p: np.add(p, (dx, dy)))
    assert (here == cover_raster(grid, reach, x + dx, y + dy, [zone], [0.5])).all()


@settings(deadline=None, max_examples=20)
@given(seeds, reaches)
def test_a_larger_grid_shows_the_same(seed, reach):
    # Points far outside too: a narrow grid must not write beside its buffer.
    x, y = (np.concatenate(v) for v in zip(points(seed, 10), points(seed, 200, margin=2600), strict=True))
    larger = Grid(X0 - 300, Y0 - 200, 9, 8)
    inner = cover_raster(larger, reach, x, y)[40:100, 60:140]
    assert (cover_raster(GRID, reach, x, y) == inner).all()


@settings(deadline=None, max_examples=20)
@given(seeds, reaches, st.sampled_from([16, 64, 128]))
def test_tiles_change_nothing(seed, reach, tile_pixels):
    x, y = points(seed, 10, margin=600)
    assert covered_area_m2(x, y, reach, tile_pixels=tile_pixels) == covered_area_m2(x, y, reach)


@pytest.mark.parametrize("reach", REACHES, ids=str)
def test_raster_and_cells_do_not_depend_on_the_tile(monkeypatch, reach):
    x, y = points(5, 30)
    zones = [shapely.Point(X0 + 90, Y0 + 210).buffer(80), shapely.box(X0 + 300, Y0 - 50, X0 + 320, Y0 + 400)]
    whole = cover_raster(GRID, reach, x, y, zones, [0.5, 1.0])
    cells = cover_of_cells(GRID, reach, x, y, None, zones, [0.5, 1.0])
    monkeypatch.setattr(coverage, "_TILE_SHIFT", 4)
    assert (cover_raster(GRID, reach, x, y, zones, [0.5, 1.0]) == whole).all()
    assert (cover_of_cells(GRID, reach, x, y, None, zones, [0.5, 1.0]) == cells).all()
    assert (sum_per_cell(whole, None, GRID) / (FULL * 400) == cells).all()


# ------------------------------------------------------------------ edges


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (100, 0), (0, 100), (400, 300), (200, 100)])
def test_points_on_borders_of_cells_spread_evenly(dx, dy):
    """All of a disc on a border is there, half (or a quarter) of it in each cell."""
    big = Grid(X0 - 200, Y0 - 200, 8, 7)
    for reach, area in ((HARD, np.pi * 900), (LAMP, np.pi / 3 * 1575)):
        cover = cover_of_cells(big, reach, np.array([X0 + dx]), np.array([Y0 + dy]))
        touched = cover[cover > 0]
        assert touched.size == 4
        assert touched == pytest.approx(area / 4 / 1e4, abs=6e-4)


def test_facilities_outside_reach_in_and_those_beyond_do_not():
    y = np.array([Y0 + 150.0])
    assert cover_of_cells(GRID, HARD, np.array([X0 - 20.0]), y)[4] > 0.02
    assert cover_of_cells(GRID, HARD, np.array([X0 - 31.0]), y).sum() == 0
    assert cover_of_cells(GRID, HARD, np.array([X0 + 420.0]), y)[7] > 0.02
    assert cover_raster(GRID, LAMP, np.array([X0 + 300_000.0]), y).sum() == 0


def test_no_points_and_one_point():
    for reach in REACHES:
        assert cover_raster(GRID, reach, NONE, NONE).sum() == 0
        assert (cover_of_cells(GRID, reach, NONE, NONE) == 0).all()
        assert covered_area_m2(NONE, NONE, reach) == 0.0
    one = cover_raster(GRID, LAMP, np.array([X0 + 50.0]), np.array([Y0 + 50.0]))
    assert one.max() == FULL
    assert one.dtype == np.uint8
    assert one.shape == GRID.raster_shape


def test_stacked_points_count_once():
    x, y = np.full(122, X0 + 33.3), np.full(122, Y0 + 44.4)
    assert (cover_raster(GRID, HARD, x, y) == cover_raster(GRID, HARD, x[:1], y[:1])).all()


def test_nothing_reaches_nowhere():
    x, y = points(0, 20)
    assert cover_raster(GRID, Reach(0, 0), x, y).sum() == 0
    zone = shapely.box(X0, Y0, X0 + 100, Y0 + 100)
    assert cover_of_cells(GRID, Reach(0, 0), x, y, None, [zone]).tolist() == [1.0] + 11 * [0.0]


def test_points_far_apart_cost_no_more_than_their_tiles():
    # 백령도 and 독도: 4 Gpx between them.
    x, y = np.array([600_000.0, 1_380_000.0]), np.array([2_000_000.0, 1_950_000.0])
    assert covered_area_m2(x, y, HARD) == pytest.approx(2 * np.pi * 900, rel=1e-3)


def test_zones_without_shape_and_none_are_skipped():
    assert cover_raster(GRID, PATROL, NONE, NONE, [None, shapely.Polygon()], [1.0, 0.5]).sum() == 0


def test_read_only_and_strided_arrays_are_taken_as_they_are():
    x, y = points(0, 20)
    expected = cover_raster(GRID, LAMP, x[::2], y[::2])
    both = np.column_stack([x, y])
    both.flags.writeable = False
    assert (cover_raster(GRID, LAMP, both[::2, 0], both[::2, 1]) == expected).all()


def test_other_pixel_and_cell_sizes():
    grid = Grid(X0 + 50, Y0 + 50, 3, 2, cell_m=60, pixel_m=3)
    x, y = points(8, 20)
    exact = oracle.of_cells(grid, oracle.raster(grid, CAMERA, x, y, per_pixel=3))
    assert cover_of_cells(grid, CAMERA, x, y) == pytest.approx(exact, abs=0.006)


# ------------------------------------------------------------------ bad input


def test_degrees_and_nan_are_refused():
    lon, lat = np.array([126.978]), np.array([37.5665])
    for function in (cover_raster, cover_of_cells):
        with pytest.raises(NotMetresError):
            function(GRID, LAMP, lon, lat)
        with pytest.raises(NotMetresError):
            function(GRID, LAMP, np.array([X0, np.nan]), np.array([Y0, Y0]))
        with pytest.raises(NotMetresError):
            function(GRID, PATROL, NONE, NONE, zones=[shapely.box(126.9, 37.4, 127, 37.5)])
    with pytest.raises(NotMetresError):
        covered_area_m2(lon, lat, LAMP)
    with pytest.raises(NotMetresError):
        covered_area_m2(np.array([np.inf]), np.array([Y0]), LAMP)


def test_caps_that_make_no_sense_are_refused():
    zone = shapely.box(X0, Y0, X0 + 100, Y0 + 100)
    for caps in ([1.5], [-0.1], [np.nan], [0.5, 0.5]):
        with pytest.raises(BadSettingError, match="상한"):
            cover_raster(GRID, PATROL, NONE, NONE, [zone], caps)


def test_lengths_shapes_and_tiles_are_checked():
    with pytest.raises(ValueError, match="1 x but 2 y"):
        cover_raster(GRID, LAMP, np.array([X0]), np.array([Y0, Y0]))
    with pytest.raises(ValueError, match="shape"):
        cover_of_cells(GRID, LAMP, NONE, NONE, np.ones((2, 2), bool))
    with pytest.raises(BadSettingError, match="2의 거듭제곱"):
        covered_area_m2(np.array([X0]), np.array([Y0]), LAMP, tile_pixels=500)
    with pytest.raises(BadSettingError, match="2의 거듭제곱"):
        covered_area_m2(np.array([X0]), np.array([Y0]), LAMP, tile_pixels=0)
    with pytest.raises(BadSettingError, match="화소"):
        covered_area_m2(np.array([X0]), np.array([Y0]), LAMP, pixel_m=0)


def test_warm_runs():
    warm()
