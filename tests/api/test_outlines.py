"""The outlines that phones hold: small, within what they say of themselves, and without a word that is not public."""

import numpy as np
import pytest
import shapely

from api.outlines import DEGREES, outlines
from geo.crs import to_metres


def polygons(rings, degrees=DEGREES):
    """The ground an outline means: even-odd over its rings, in EPSG:5179."""
    found = shapely.Polygon()
    for steps in rings:
        lon, lat = np.cumsum(np.array(steps).reshape(-1, 2), axis=0).T / degrees
        found = found.symmetric_difference(shapely.Polygon(np.column_stack(to_metres(lon, lat))))
    return found


def ragged(west, south, east, north, rng):
    """A square whose sides go in and out by up to 20 m, every 15 m."""
    corners = []
    for (ax, ay), (bx, by) in zip(
        [(west, south), (east, south), (east, north), (west, north)],
        [(east, south), (east, north), (west, north), (west, south)],
        strict=True,
    ):
        t = np.arange(0, 1, 15 / max(abs(bx - ax), abs(by - ay)))
        corners += [(ax + (bx - ax) * u, ay + (by - ay) * u) for u in t]
    points = np.array(corners) + rng.uniform(-20, 20, (len(corners), 2))
    return shapely.Polygon(points).buffer(0)


def test_the_true_border_lies_as_near_as_is_said():
    rng = np.random.default_rng(3)
    area = ragged(950_000, 1_950_000, 958_000, 1_956_000, rng)
    area = area.difference(shapely.box(953_000, 1_952_000, 955_000, 1_954_000))  # a district within a district
    (rings,), within_m = outlines(np.array([area], dtype=object))
    assert len(rings) == 2
    drawn = polygons(rings)
    assert within_m <= 40
    assert drawn.boundary.hausdorff_distance(area.boundary) <= within_m
    assert sum(len(ring) // 2 for ring in rings) < shapely.get_num_coordinates(area) / 3
    assert not drawn.contains(shapely.Point(954_000, 1_953_000))


def test_neighbours_leave_no_gap():
    rng = np.random.default_rng(4)
    whole = ragged(950_000, 1_950_000, 958_000, 1_956_000, rng)
    line = shapely.LineString([(954_000 + rng.uniform(-20, 20), y) for y in range(1_949_000, 1_957_100, 20)])
    halves = np.array(shapely.ops.split(whole, line).geoms, dtype=object)
    drawn, _ = outlines(halves)
    a, b = (polygons(rings) for rings in drawn)
    assert a.intersection(b).area < 1_000  # the rounding of corners, square metres
    assert a.union(b).area == pytest.approx(whole.area, rel=0.01)


def test_nothing_is_outlined_where_there_is_nothing():
    assert outlines(np.array([], dtype=object)) == ([], 40)


def test_served_to_everybody(service):
    answer = service.get("/v1/districts/outlines")
    assert answer.status_code == 200
    sent = answer.json()
    (district,) = sent["districts"]
    assert (district["code"], district["name"], sent["degrees"]) == ("99999", "안심구", DEGREES)
    area = service.services.live.near.places[0].area
    assert polygons(district["rings"]).boundary.hausdorff_distance(area.boundary) <= sent["within_m"]
    assert len(answer.content) < 5_000
    again = service.get("/v1/districts/outlines", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
