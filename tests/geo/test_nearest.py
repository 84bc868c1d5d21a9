import numpy as np
import pytest
import shapely

from geo.nearest import nearest_of_layers
from tests.geo.cases import X0, Y0, box, layer

FAR = 1e9


def one(layers, within=FAR, at=(0.0, 0.0)):
    return nearest_of_layers(np.array([X0 + at[0]]), np.array([Y0 + at[1]]), layers, within)[0]


def test_by_hand():
    (found,) = one((layer([(300, 400), (30, 40), (0, 100)]),))
    assert (found.id, found.name, found.distance_m) == ("cctv:b", "b", pytest.approx(50.0))


def test_ties_go_to_the_lowest_index_also_when_stacked():
    assert one((layer([(50, 0), (30, 0), (30, 0), (30, 0)]),))[0].name == "b"


def test_a_zone_is_as_near_as_its_edge():
    zones = layer([(0, 0), (0, 0)], "patrol_zone", "순찰")
    shapes = np.array([box(500, 0, 600, 10), box(100, -10, 200, 10)], dtype=object)
    zones = type(zones)(**{**zones.__dict__, "geometry": shapes})
    assert one((zones,))[0].distance_m == pytest.approx(100.0)
    assert one((zones,), at=(150, 0))[0].distance_m == 0.0
    assert shapely.get_dimensions(shapes).max() == 2


def test_what_may_not_be_the_nearest_is_not_named():
    layers = (layer([(900, 0)]), layer([], "locker"))
    assert [n.distance_m for n in one(layers, 899.0)] == [None, None]
    assert one(layers, 900.0)[0].distance_m == 900.0
