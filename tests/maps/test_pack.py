"""What is packed comes out again: by a slow reader written from the format, and by the map's own."""

import base64
import json
import zlib

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import to_lonlat
from maps.offline import asset, leaflet
from maps.pack import near_order, pack_integers, pack_places, pack_polygons, pack_texts, steps

INT64 = st.integers(-(2**63), 2**63 - 1)
SAFE = st.integers(-(2**51), 2**51)  # what a double of the browser holds after zigzag
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=40)
HARD = ["", "가", "가나", "가나다", "가나\0", "🚨긴급", "🚨긴급벨", "</script>", "\u2028", "`${x}`\\1", "", "가"]


def read_integers(packed):
    values, value, shift = [], 0, 0
    for byte in base64.b64decode(packed):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            values.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    assert shift == 0
    return values


def read_texts(packed, count):
    if "deflated" in packed:
        packed = json.loads(zlib.decompress(base64.b64decode(packed["deflated"]), -15))
    if "all" in packed:
        return [packed["all"]] * count
    if "list" in packed:
        return [packed["list"][i] for i in read_integers(packed["pick"])]
    texts, before = [], ""
    for shared, rest in zip(read_integers(packed["shared"]), packed["rest"], strict=True):
        before = before[:shared] + rest
        texts.append(before)
    return texts


def read_places(packed):
    return np.cumsum(np.array(read_integers(packed), np.int64).reshape(-1, 2), axis=0)


def geometries(*shapes):
    array = np.empty(len(shapes), object)
    array[:] = shapes
    return array


def test_integers_by_hand():
    assert base64.b64decode(pack_integers(np.array([0, -1, 1, 63, -64, 64, 300]))) == bytes(
        [0, 1, 2, 126, 127, 0x80, 1, 0xD8, 4]
    )
    assert pack_integers(np.zeros(0, np.int64)) == ""


@given(st.lists(INT64, max_size=60))
def test_integers_come_back(values):
    assert read_integers(pack_integers(np.array(values, np.int64))) == values


@given(TEXTS)
def test_texts_come_back(texts):
    assert read_texts(pack_texts(texts), len(texts)) == texts


@given(st.lists(st.sampled_from(HARD), max_size=60))
def test_texts_that_repeat_come_back(texts):
    assert read_texts(pack_texts(texts), len(texts)) == texts


def test_forms_of_texts():
    assert pack_texts(["같음"] * 9) == {"all": "같음"}
    assert pack_texts([]) == {"all": ""}
    assert pack_texts(["가", "나"] * 5)["list"] == ["가", "나"]
    assert pack_texts(["신림로 1", "신림로 2", "신림동"])["rest"] == ["신림로 1", "2", "동"]


def test_a_long_column_is_deflated_and_smaller():
    texts = [f"서울특별시 가상구 가람로 {i * 7919 % 900}" for i in range(2000)]
    packed = pack_texts(texts)
    assert list(packed) == ["deflated"]
    assert read_texts(packed, len(texts)) == texts
    assert len(packed["deflated"]) < 0.25 * sum(len(text.encode()) for text in texts)


def test_half_a_pair_of_surrogates_does_not_stop_a_map():
    texts = [f"{i}호 \ud83d" for i in range(500)]
    assert read_texts(pack_texts(texts), 500) == [f"{i}호 ?" for i in range(500)]


def test_places_come_back_within_a_tenth_of_a_metre():
    random = np.random.default_rng(3)
    x, y = random.uniform(930_000, 980_000, 500), random.uniform(1_930_000, 1_970_000, 500)
    lon, lat = to_lonlat(x, y)
    back = read_places(pack_places(steps(x, y))) / 1e6
    assert np.abs(back - np.column_stack([lon, lat])).max() <= 0.5e-6 + 1e-12


@given(st.lists(st.tuples(st.integers(126_000_000, 128_000_000), st.integers(37_000_000, 38_000_000)), max_size=50))
@settings(max_examples=50)
def test_the_curve_is_an_order(places):
    order = near_order(np.array(places, np.int64).reshape(-1, 2))
    assert sorted(order.tolist()) == list(range(len(places)))


def test_the_curve_keeps_neighbours_together():
    here, there = [127_000_000, 37_500_000], [127_100_000, 37_600_000]
    order = near_order(np.array([here, there, [here[0] + 40, here[1]], [there[0] + 40, there[1]]]))
    assert order.tolist() == [0, 2, 1, 3]


def test_polygons_keep_holes_parts_and_places():
    square = shapely.box(950_000, 1_940_000, 950_100, 1_940_100)
    holed = square.difference(shapely.box(950_020, 1_940_020, 950_040, 1_940_040))
    two = shapely.MultiPolygon([square, shapely.box(950_200, 1_940_000, 950_300, 1_940_100)])
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), two])
    packed = pack_polygons(geometries(holed, None, two, mixed, shapely.Point(950_000, 1_940_000)))
    assert read_integers(packed["rings"]) == [2, 0, 2, 2, 0]
    assert read_integers(packed["sizes"]) == [4] * 6
    assert len(read_places(packed["places"])) == 24
    corners = np.array(square.exterior.coords[:-1])
    ring = read_places(packed["places"])[8:12]
    assert {tuple(place) for place in ring} == {tuple(place) for place in steps(corners[:, 0], corners[:, 1])}


@pytest.fixture(scope="module")
def page(chromium):
    page = chromium.new_page()
    page.evaluate(f"{leaflet().script}; 0")
    page.add_script_tag(content=asset("inflate.js") + asset("unpack.js"))
    yield page
    page.close()


@pytest.mark.browser
class TestInTheBrowser:
    """``assets/unpack.js`` reads what ``maps/pack.py`` writes."""

    def test_integers(self, page):
        edges = [0, -1, 1, 2**31, -(2**31), 2**32 + 1, -(2**51), 2**51, 127, 128, -128]
        random = np.random.default_rng(5).integers(-(2**40), 2**40, 500).tolist()
        assert page.evaluate("t => unpackIntegers(t)", pack_integers(np.array(edges + random))) == edges + random

    @pytest.mark.parametrize(
        "texts",
        [
            HARD, HARD * 9, ["같음"] * 4, [f"신림로 {i}길 {i % 7}" for i in range(300)],
            [f"🚨긴급벨 {i % 40} 신림로 {i * 7919 % 500}" for i in range(3000)],
        ],
    )  # fmt: skip
    def test_texts(self, page, texts):
        packed = json.loads(json.dumps(pack_texts(texts)))
        assert page.evaluate("([t, n]) => unpackTexts(t, n)", [packed, len(texts)]) == texts

    @pytest.mark.parametrize("level", [0, 1, 6, 9])
    @pytest.mark.parametrize("strategy", [zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY])
    def test_inflating_is_zlibs(self, page, level, strategy):
        random = np.random.default_rng(level)
        for size in (0, 1, 70_000):
            data = bytes(random.integers(0, 256, size // 2, np.uint8)) + b"abcab" * (size // 10) + bytes(size // 4)
            maker = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
            packed = base64.b64encode(maker.compress(data) + maker.flush()).decode()
            back = page.evaluate(
                """t => { const b = inflate(bytesOf(t)); let s = '';
                for (const v of b) s += String.fromCharCode(v); return btoa(s) }""",
                packed,
            )
            assert base64.b64decode(back) == data

    def test_data_cut_short_is_an_error(self, page):
        maker = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = maker.compress(bytes(range(256)) * 40) + maker.flush()
        cut = base64.b64encode(packed[:20]).decode()
        assert page.evaluate("t => { try { inflate(bytesOf(t)); return '' } catch (e) { return e.message } }", cut)

    def test_places_are_where_leaflet_would_put_them(self, page):
        places = np.array([[126_734_000, 37_413_300], [127_269_311, 37_715_133], [127_000_001, 37_500_000]])
        ours = page.evaluate(
            "t => { const p = unpackPlaces(t); return Array.from(p.x, (x, i) => [x, p.y[i]]) }", pack_places(places)
        )
        theirs = page.evaluate(
            "p => p.map(([a, b]) => { const q = L.CRS.EPSG3857.latLngToPoint(L.latLng(b, a), 0); return [q.x, q.y] })",
            (places / 1e6).tolist(),
        )
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)

    def test_a_hole_holds_nothing(self, page):
        holed = shapely.box(950_000, 1_940_000, 950_100, 1_940_100).difference(
            shapely.box(950_020, 1_940_020, 950_040, 1_940_040)
        )
        asked = np.array([[950_010.0, 1_940_010.0], [950_030.0, 1_940_030.0], [950_120.0, 1_940_010.0]])
        lon, lat = to_lonlat(asked[:, 0], asked[:, 1])
        inside = page.evaluate(
            "([t, p]) => { const g = unpackPolygons(t)[0]; return p.map(([a, b]) => holds(g, worldX(a), worldY(b))) }",
            [pack_polygons(geometries(holed)), np.column_stack([lon, lat]).tolist()],
        )
        assert inside == [True, False, False]
