import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import require_metres, to_lonlat, to_metres
from geo.errors import BadSettingError, NotMetresError
from geo.grid import BadGridNameError, Grid, cell_names, parse_cell_name


def test_city_hall():
    x, y = to_metres(np.array([126.9780]), np.array([37.5665]))
    assert (x[0], y[0]) == (pytest.approx(953901.2, abs=0.1), pytest.approx(1952032.1, abs=0.1))
    assert cell_names(x, y) == ["다사 539 520"]
    assert cell_names(x, y, 10) == ["다사 5390 5203"]
    assert cell_names(x, y, 1000) == ["다사 53 52"]
    lon, lat = to_lonlat(x, y)
    assert (lon[0], lat[0]) == (pytest.approx(126.9780), pytest.approx(37.5665))


def test_the_statistics_grid_writes_it_without_blanks():
    assert parse_cell_name("다사468423") == (946800.0, 1942300.0, 100)
    assert parse_cell_name("다사 468 423") == (946800.0, 1942300.0, 100)


@given(st.integers(7000, 13999), st.integers(13000, 20999))
def test_names_and_corners_agree(column, row):
    name = cell_names(np.array([column * 100 + 0.0]), np.array([row * 100 + 99.9]))[0]
    assert parse_cell_name(name) == (column * 100.0, row * 100.0, 100)


@pytest.mark.parametrize(
    "bad", ["", "다사", "다사 53 520", "다사12345", "하하 539 520", "다사 53900 52000", "DS539520"]
)
def test_bad_names(bad):
    with pytest.raises(BadGridNameError):
        parse_cell_name(bad)


def test_250_m_has_no_name():
    with pytest.raises(BadSettingError, match="250"):
        cell_names(np.array([950000.0]), np.array([1950000.0]), 250)


@pytest.mark.parametrize("bad", [(126.9, 37.5), (np.nan, 1950000.0), (950000.0, np.inf), (1950000.0, 950000.0)])
def test_degrees_raise(bad):
    with pytest.raises(NotMetresError, match="EPSG:5179"):
        require_metres(np.array([950000.0, bad[0]]), np.array([1950000.0, bad[1]]))


def test_grid_around_is_the_smallest_aligned_block():
    grid = Grid.around((950_010.0, 1_950_000.0, 950_190.0, 1_950_099.0))
    assert (grid.x0, grid.y0, grid.columns, grid.rows) == (950_000.0, 1_950_000.0, 2, 1)
    assert grid.raster_shape == (20, 40)


def test_a_point_on_an_edge_belongs_to_the_cell_north_and_east_of_it():
    grid = Grid.around((950_000.0, 1_950_000.0, 950_200.0, 1_950_100.0))
    index = grid.cell_index(np.array([950_100.0, 949_999.9]), np.array([1_950_000.0, 1_950_000.0]))
    assert index.tolist() == [1, -1]
    assert cell_names(np.array([950_100.0]), np.array([1_950_000.0])) == ["다사 501 500"]


def test_shifted_grid_keeps_its_size():
    grid = Grid.around((950_010.0, 1_950_000.0, 950_190.0, 1_950_099.0), shift_m=50)
    assert grid.x0 % 100 == 50
    assert grid.bounds[0] <= 950_010
    assert grid.bounds[2] >= 950_190
