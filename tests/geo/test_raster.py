import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import NotMetresError
from geo.grid import Grid
from geo.raster import label_raster, pixels_per_cell_count, rasterise, sum_per_cell

GRID = Grid(950_000.0, 1_950_000.0, 4, 3)
X0, Y0 = GRID.x0, GRID.y0


def centres(grid):
    rows, columns = grid.raster_shape
    x = grid.x0 + (np.arange(columns) + 0.5) * grid.pixel_m
    y = grid.y0 + (np.arange(rows) + 0.5) * grid.pixel_m
    return np.meshgrid(x, y)


def star(rng, corners, grid=GRID):
    """A random star-shaped polygon, partly outside the grid now and then."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(5, 250, corners)
    x, y = grid.x0 + rng.uniform(-50, 450), grid.y0 + rng.uniform(-50, 350)
    return shapely.Polygon(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)]))


def test_hand_worked_triangle():
    # Corners (0, 0), (20, 0), (0, 20) from the grid's: centres (2.5 + 5c, 2.5 + 5r) with c + r < 3 are inside,
    # those with c + r = 3 lie on the long side, which they are not east or north of.
    got = rasterise(shapely.Polygon([(X0, Y0), (X0 + 20, Y0), (X0, Y0 + 20)]), GRID)
    assert got.dtype == np.uint8
    assert got.shape == GRID.raster_shape
    expected = np.zeros_like(got)
    for r, c in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)):
        expected[r, c] = 1
    assert (got == expected).all()


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_point_in_polygon(seed):
    rng = np.random.default_rng(seed)
    polygons = [star(rng, n) for n in (3, 7, 30)]
    polygons[2] = polygons[2].difference(polygons[0]) if polygons[0].is_valid and polygons[2].is_valid else polygons[2]
    x, y = centres(GRID)
    inside = np.array([shapely.contains_xy(p, x, y) for p in polygons if p.is_valid])
    got = rasterise([p for p in polygons if p.is_valid], GRID)
    assert (got.astype(bool) == inside.any(axis=0)).all()
    labels = label_raster([p for p in polygons if p.is_valid], GRID)
    highest = np.where(inside.any(axis=0), len(inside) - 1 - inside[::-1].argmax(axis=0), -1)
    assert (labels == highest).all()


def test_holes_and_parts():
    ring = shapely.box(X0, Y0, X0 + 100, Y0 + 100).difference(shapely.box(X0 + 20, Y0 + 20, X0 + 80, Y0 + 80))
    island = shapely.box(X0 + 40, Y0 + 40, X0 + 60, Y0 + 60)
    got = rasterise([shapely.MultiPolygon([ring, island])], GRID)
    assert got.sum() == 20 * 20 - 12 * 12 + 4 * 4
    assert got[5, 5] == 0
    assert got[10, 10] == 1


def test_a_district_larger_than_the_scratch_and_the_grid():
    grid = Grid(X0, Y0, 60, 40)
    disc = shapely.Point(X0 + 3000, Y0 + 2000).buffer(2500, quad_segs=64)
    x, y = centres(grid)
    assert (rasterise(disc, grid).astype(bool) == shapely.contains_xy(disc, x, y)).all()
    assert rasterise(shapely.box(X0 - 1e4, Y0 - 1e4, X0 + 2e4, Y0 + 2e4), grid).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_neighbours_share_out_the_pixels(seed, snap):
    """A Voronoi partition, its corners free or snapped onto pixel centres and edges: no pixel twice, none lost."""
    rng = np.random.default_rng(seed)
    seeds = shapely.MultiPoint(np.column_stack([X0 + rng.uniform(0, 400, 12), Y0 + rng.uniform(0, 300, 12)]))
    frame = shapely.box(X0 - 50, Y0 - 50, X0 + 450, Y0 + 350)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame))
    if snap:
        cells = shapely.transform(cells, lambda p: np.round(p / 2.5) * 2.5)
    times = np.zeros(GRID.raster_shape, int)
    for cell in cells:
        times += rasterise(cell, GRID)
    if snap:  # snapping may tear corners that lie on the edge of a neighbour, but not where they meet
        rows, columns = np.nonzero(times != 1)
        x, y = X0 + (columns + 0.5) * 5, Y0 + (rows + 0.5) * 5
        torn = shapely.distance(shapely.union_all(shapely.boundary(cells)), shapely.points(x, y))
        assert (torn < 5).all()
    else:
        assert (times == 1).all()
        assert (label_raster(cells, GRID) >= 0).all()


def test_squares_meeting_on_pixel_centres_share_out_the_pixels():
    corners = [(X0 + 2.5 + 50 * i, Y0 + 2.5 + 50 * j) for i in range(-1, 8) for j in range(-1, 6)]
    squares = [shapely.box(x, y, x + 50, y + 50) for x, y in corners]
    times = sum(rasterise(s, GRID).astype(int) for s in squares)
    assert (times == 1).all()
    # A centre on an edge belongs to the square east and north of it.
    assert label_raster(squares, GRID)[10, 10] == corners.index((X0 + 52.5, Y0 + 52.5))


def test_small_buildings_are_kept_when_asked():
    sliver = shapely.box(X0 + 11, Y0 + 11, X0 + 12, Y0 + 12)  # between the centres of pixel (2, 2)'s neighbours
    outside = shapely.box(X0 - 40, Y0 - 40, X0 - 39, Y0 - 39)
    large = shapely.box(X0 + 100, Y0, X0 + 120, Y0 + 10)
    shapes = [sliver, outside, None, large, shapely.Polygon()]
    assert rasterise(shapes, GRID).sum() == 8
    kept = rasterise(shapes, GRID, keep_small=True)
    assert kept.sum() == 9
    assert kept[2, 2] == 1


def test_many_small_buildings_agree_with_point_in_polygon():
    rng = np.random.default_rng(3)
    x, y = X0 + rng.uniform(-10, 410, 400), Y0 + rng.uniform(-10, 310, 400)
    w, h = rng.uniform(2, 25, (2, 400))
    buildings = shapely.box(x, y, x + w, y + h)
    px, py = centres(GRID)
    inside = shapely.contains_xy(shapely.union_all(buildings), px, py)
    assert (rasterise(buildings, GRID).astype(bool) == inside).all()


def test_what_is_no_polygon_marks_nothing():
    line = shapely.LineString([(X0, Y0), (X0 + 100, Y0 + 100)])
    mixed = shapely.GeometryCollection([line, shapely.MultiPolygon([shapely.box(X0, Y0, X0 + 10, Y0 + 10)])])
    assert rasterise([], GRID).sum() == 0
    assert rasterise([None, shapely.Polygon(), line], GRID, keep_small=True).sum() == 0
    assert rasterise([mixed], GRID).sum() == 4
    assert (label_raster([], GRID) == -1).all()


def test_degrees_and_infinities_are_refused():
    with pytest.raises(NotMetresError):
        rasterise(shapely.box(126.9, 37.4, 127.0, 37.5), GRID)
    with pytest.raises(NotMetresError):
        label_raster([shapely.Polygon([(X0, Y0), (np.inf, Y0), (X0, Y0 + 5)])], GRID)


def test_moving_everything_by_whole_cells_changes_nothing():
    rng = np.random.default_rng(5)
    polygons = [star(rng, 9) for _ in range(20)]
    moved_grid = Grid(X0 + 700, Y0 - 1300, GRID.columns, GRID.rows)
    moved = shapely.transform(np.array(polygons), lambda p: np.add(p, (700, -1300)))
    assert (label_raster(polygons, GRID) == label_raster(moved, moved_grid)).all()


def test_sums_and_counts_per_cell():
    rng = np.random.default_rng(0)
    raster = rng.integers(0, 256, GRID.raster_shape).astype(np.uint8)
    mask = rng.random(GRID.raster_shape) < 0.3
    edge = GRID.pixels_per_cell

    def blocks(values):
        return values.reshape(GRID.rows, edge, GRID.columns, edge).sum(axis=(1, 3)).ravel()

    assert (sum_per_cell(raster, None, GRID) == blocks(raster.astype(int))).all()
    assert (sum_per_cell(raster, mask, GRID) == blocks(raster * mask.astype(int))).all()
    assert (pixels_per_cell_count(mask, GRID) == blocks(mask.astype(int))).all()
    assert (pixels_per_cell_count(mask * 7.5, GRID) == blocks(mask.astype(int))).all()
    assert (pixels_per_cell_count(mask.astype(np.uint8) * 255, GRID) == blocks(mask.astype(int))).all()


def test_a_raster_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape"):
        pixels_per_cell_count(np.ones((3, 3), bool), GRID)
    with pytest.raises(ValueError, match="shape"):
        sum_per_cell(np.ones((3, 3), np.uint8), None, GRID)
