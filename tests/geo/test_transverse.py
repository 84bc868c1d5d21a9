"""The fast projection beside pyproj's, to a millimetre."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import to_metres
from geo.transverse import place_in_metres


def both(lon, lat):
    (x,), (y,) = to_metres(np.array([lon]), np.array([lat]))
    return (x, y), place_in_metres(lon, lat)


def test_the_origin():
    assert np.allclose(place_in_metres(127.5, 38.0), (1_000_000, 2_000_000), rtol=0, atol=1e-6)


@given(st.floats(123.5, 132.5), st.floats(32.5, 39.5))
def test_a_millimetre_from_pyproj_everywhere(lon, lat):
    theirs, ours = both(lon, lat)
    assert np.allclose(theirs, ours, rtol=0, atol=1e-3)


def test_corners_are_far_closer():
    for lon in (123.5, 127.0, 132.5):
        for lat in (32.5, 37.5, 39.5):
            theirs, ours = both(lon, lat)
            assert np.allclose(theirs, ours, rtol=0, atol=2e-4)
