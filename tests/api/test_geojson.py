"""GeoJSON of a planner's body: what is taken, and what is refused with which words, never quoting a coordinate."""

from contextlib import suppress

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import BadParameterError, BadPositionError, PlanLimitsError
from api.geojson import read_land, read_places
from api.settings import Limits
from geo.crs import to_lonlat, to_metres
from layers.given import given_land, given_rows

LIMITS = Limits(plan_given=3, plan_corners=12)
SQUARE = [[126.95, 37.48], [126.96, 37.48], [126.96, 37.49], [126.95, 37.49], [126.95, 37.48]]
AREA = {"type": "Polygon", "coordinates": [SQUARE]}


def feature(shape, **more):
    return {"type": "Feature", "geometry": shape, "properties": None} | more


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def point(*position):
    return {"type": "Point", "coordinates": list(position)}


def land(*objects):
    return given_land(read_land(objects, "exclude", LIMITS))


def places(*features, zones=False):
    return given_rows(read_places([collection(*features)], "candidates", LIMITS, zones=zones))


def test_every_way_to_write_land_is_the_same_land():
    corners = np.array(SQUARE)
    by_hand = shapely.Polygon(np.column_stack(to_metres(corners[:, 0], corners[:, 1])))
    for way in (AREA, feature(AREA), collection(feature(AREA)), {"type": "MultiPolygon", "coordinates": [[SQUARE]]}):
        assert land(way).equals(by_hand)
    high = [[*corner, 30.5] for corner in SQUARE]
    assert land({"type": "Polygon", "coordinates": [high]}).equals(by_hand)
    assert land(AREA, AREA).equals(by_hand)
    assert read_land([], "exclude", LIMITS) == ""


def test_holes_stay_and_crossing_rings_are_mended():
    hole = [[126.953, 37.483], [126.957, 37.483], [126.957, 37.487], [126.953, 37.483]]
    whole, holed = land(AREA), land({"type": "Polygon", "coordinates": [SQUARE, hole]})
    assert holed.area < whole.area
    a, b, c, d, _ = SQUARE
    crossed = land({"type": "Polygon", "coordinates": [[a, c, b, d, a]]})
    assert crossed.is_valid
    assert 0 < crossed.area < whole.area


def test_places_keep_their_order_ids_and_names():
    rows = places(
        feature(point(126.95, 37.48), id="가-1", properties={"이름": "도서관 앞"}),
        feature(point(126.96, 37.49, 12), properties={"site_id": 7, "name": "\x00"}),
        feature(point(126.94, 37.47)),
    )
    assert (rows["key"].tolist(), rows["name"].tolist()) == (["가-1", "7", "3"], ["도서관 앞", "", ""])
    x, y = shapely.get_x(rows["geometry"].to_numpy()), shapely.get_y(rows["geometry"].to_numpy())
    lon, lat = to_lonlat(x, y)
    assert lon == pytest.approx([126.95, 126.96, 126.94], abs=1e-8)
    assert lat == pytest.approx([37.48, 37.49, 37.47], abs=1e-8)
    assert places(feature(AREA), zones=True)["geometry"][0].equals(land(AREA))


def ring(*corners):
    return {"type": "Polygon", "coordinates": [list(corners)]}


BAD_LAND = [
    ({"type": "Point", "coordinates": [126.95, 37.48]}, BadParameterError, "Polygon·MultiPolygon"),
    ({"type": "Polygon"}, BadParameterError, "Polygon·MultiPolygon"),
    ({"type": "Polygon", "coordinates": []}, BadParameterError, "고리가 없습니다"),
    ({"type": "Polygon", "coordinates": [5]}, BadPositionError, "두 숫자"),
    ({"type": "MultiPolygon", "coordinates": [[]]}, BadParameterError, "고리가 없습니다"),
    ({"type": "MultiPolygon", "coordinates": [5]}, BadParameterError, "고리가 없습니다"),
    ({}, BadParameterError, "GeoJSON이어야"),
    (collection(), BadParameterError, "Feature가 없습니다"),
    (collection(AREA), BadParameterError, "Feature가 없습니다"),
    (feature(None), BadParameterError, "GeoJSON이어야"),
    (ring(*SQUARE[:4]), BadParameterError, "처음과 끝이"),
    (ring(SQUARE[0], SQUARE[1], SQUARE[0]), BadParameterError, "점 4개 이상"),
    (ring(), BadPositionError, "두 숫자"),
    (ring(*([lat, lon] for lon, lat in SQUARE)), BadPositionError, "바뀌었습니다"),
    (ring(*([lon + 20, lat] for lon, lat in SQUARE)), BadPositionError, "대한민국 밖"),
    (ring(*([950_000, 1_950_000] for _ in SQUARE)), BadPositionError, "대한민국 밖"),
    (ring(*([lon, float("nan")] for lon, _ in SQUARE)), BadPositionError, "대한민국 밖"),
    (ring(*([lon, float("inf")] for lon, _ in SQUARE)), BadPositionError, "대한민국 밖"),
    (ring(*([str(lon), lat] for lon, lat in SQUARE)), BadPositionError, "두 숫자"),
    (ring(*([10**30, lat] for _, lat in SQUARE)), BadPositionError, "두 숫자"),
    (ring([126.95], *SQUARE), BadPositionError, "두 숫자"),
    ({"type": "MultiPolygon", "coordinates": [[SQUARE]] * 3}, PlanLimitsError, "꼭짓점이 15개로 12개를"),
    ({"type": "MultiPolygon", "coordinates": [[SQUARE]] * 1_001}, PlanLimitsError, "꼭짓점"),
]


@pytest.mark.parametrize(("value", "error", "words"), BAD_LAND, ids=[str(i) for i in range(len(BAD_LAND))])
def test_what_is_no_land(value, error, words):
    with pytest.raises(error, match=words) as raised:
        read_land([value], "layers[0].exclude", LIMITS)
    assert str(raised.value).startswith("layers[0].exclude")
    assert "126" not in str(raised.value)


HERE = point(126.95, 37.48)
BAD_PLACES = [
    ([HERE], BadParameterError, "FeatureCollection이어야"),
    ([feature(HERE)], BadParameterError, "FeatureCollection이어야"),
    ([collection()], BadParameterError, "Feature가 없습니다"),
    ([collection(feature(AREA))], BadParameterError, "Point으로"),
    ([collection(feature(None))], BadParameterError, "Point으로"),
    ([collection(*[feature(HERE)] * 4)], PlanLimitsError, "4곳으로 3곳을"),
    ([collection(feature(point(37.48, 126.95)))], BadPositionError, "바뀌었습니다"),
    ([collection(feature(point(126.95, "37")))], BadPositionError, "두 숫자"),
    ([collection(feature(point(126.95)))], BadPositionError, "두 숫자"),
    ([collection(feature(HERE, id="가"), feature(HERE, id="가"))], BadParameterError, "같은 id"),
    ([collection(feature(HERE, id="2"), feature(HERE))], BadParameterError, "같은 id"),
    ([collection(feature(HERE, id=True))], BadParameterError, "id는"),
    ([collection(feature(HERE, id="가" * 101))], BadParameterError, "id는"),
    ([collection(feature(HERE, id="가\n나"))], BadParameterError, "id는"),
]  # fmt: skip


@pytest.mark.parametrize(("objects", "error", "words"), BAD_PLACES, ids=[str(i) for i in range(len(BAD_PLACES))])
def test_what_are_no_places(objects, error, words):
    with pytest.raises(error, match=words) as raised:
        read_places(objects, "layers[0].candidates", LIMITS, zones=False)
    assert str(raised.value).startswith("layers[0].candidates")
    assert "126" not in str(raised.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["Feature", "Polygon", "Point"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features", "id", "properties"]), inner),
    max_leaves=12,
)  # fmt: skip


OBJECTS = st.lists(st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features"]), JSON), max_size=2)


@settings(max_examples=200)
@given(objects=OBJECTS)
def test_whatever_is_sent_is_read_or_refused(objects):
    with suppress(BadParameterError, BadPositionError, PlanLimitsError):
        text = read_land(objects, "a", LIMITS)
        assert not text or given_land(text).is_valid
    with suppress(BadParameterError, BadPositionError, PlanLimitsError):
        read_places(objects, "a", LIMITS, zones=True)
