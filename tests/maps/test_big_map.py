"""A map of 100,000 points in a real Chromium: it stays small, and a click finds what stands there."""

import numpy as np
import pytest
from scipy.spatial import KDTree

from geo.crs import to_lonlat
from layers.catalog import load_catalog
from maps.district import write_district_map
from tests.maps.factory import district_result

pytestmark = pytest.mark.browser
CATALOG = load_catalog()
POINTS = 100_000
MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def big(tmp_path_factory, chromium):
    result = district_result(facilities=POINTS)
    file = tmp_path_factory.mktemp("big") / "큰 지도.html"
    write_district_map(result, CATALOG, file)
    page = chromium.new_page(viewport={"width": 1200, "height": 800}, offline=True)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.resolve().as_uri())
    page.wait_for_selector("html[data-ready=true]")
    for box in page.locator("input[data-layer]:enabled").all():
        box.set_checked(True)
    yield result, file, page
    page.close()
    assert said == []


def test_a_hundred_thousand_points_are_under_four_megabytes(big):
    result, file, _ = big
    assert sum(len(layer.ids) for layer in result.source.layers) >= POINTS - 10
    assert file.stat().st_size < MOST_BYTES


def _click_on(page, lon, lat):
    page.evaluate(
        "([a, b]) => { map_district.closePopup(); map_district.setView([b, a], 20, {animate: false}) }", [lon, lat]
    )
    page.wait_for_selector(".leaflet-popup", state="detached")
    box = page.locator("#map_district").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return page.locator(".leaflet-popup").inner_text()


@pytest.mark.parametrize("layer_id", ["security_light", "cctv", "emergency_bell"])
def test_a_click_finds_the_point_that_stands_there(big, layer_id):
    """The oracle is a KD-tree over all points of all layers."""
    result, _, page = big
    layers = [layer for layer in result.source.layers if layer.layer != "patrol_zone"]
    every = np.concatenate([np.column_stack([layer.x, layer.y]) for layer in layers])
    ids = [one.split(":", 1)[1] for layer in layers for one in layer.ids]
    tree = KDTree(every)
    first = sum(len(layer.ids) for layer in layers[: [layer.layer for layer in layers].index(layer_id)])
    layer = layers[[layer.layer for layer in layers].index(layer_id)]
    clear = tree.query(every[first : first + len(layer.ids)], k=2)[0][:, 1] > 2.0  # nothing else so near
    chosen = np.flatnonzero(clear & ~layer.near)[:: max(int(clear.sum()) // 4, 1)][:4]
    assert len(chosen) >= 3
    for i in chosen.tolist():
        lon, lat = to_lonlat(layer.x[[i]], layer.y[[i]])
        said = _click_on(page, float(lon[0]), float(lat[0]))
        assert ids[first + i] in said
        assert layer.addresses[i] in said


def test_points_on_one_place_are_listed_together(big):
    result, _, page = big
    cameras = next(layer for layer in result.source.layers if layer.layer == "cctv")
    stacked = np.flatnonzero((cameras.x == cameras.x[4]) & (cameras.y == cameras.y[4]))
    assert 5 <= len(stacked) <= 20
    lon, lat = to_lonlat(cameras.x[[4]], cameras.y[[4]])
    others = page.locator("input[data-layer]:enabled:not([data-layer=cctv])").all()
    for box in others:
        box.uncheck()
    said = _click_on(page, float(lon[0]), float(lat[0]))
    for box in others:
        box.check()
    assert f"한 자리에 {len(stacked)}건" in said
    assert all(cameras.names[i] in said for i in stacked)


def test_a_click_beside_every_point_is_the_grounds(big):
    result, _, page = big
    layers = [layer for layer in result.source.layers if layer.layer != "patrol_zone"]
    tree = KDTree(np.concatenate([np.column_stack([layer.x, layer.y]) for layer in layers]))
    cells = result.cells
    far = tree.query(np.column_stack([cells.x, cells.y]))[0]
    inside = np.flatnonzero(
        (far > 12) & (cells.area_m2 == cells.area_m2.max()) & (cells.cover_by_need["patrolled"] == 0)
    )
    i = int(inside[np.argmax(far[inside])])
    lon, lat = to_lonlat(cells.x[[i]], cells.y[[i]])
    said = _click_on(page, float(lon[0]), float(lat[0]))
    assert cells.grid_id[i] in said or "틈새구역" in said


def test_the_map_is_drawn_where_the_points_are(big):
    """Every lamp's pixel is painted: the view of the whole, all layers on."""
    result, _, page = big
    lamps = next(layer for layer in result.source.layers if layer.layer == "security_light")
    page.locator("button.home").click()
    page.wait_for_timeout(400)
    lon, lat = to_lonlat(lamps.x[::997], lamps.y[::997])
    painted = page.evaluate(
        """places => { const canvas = document.querySelector('.leaflet-points-pane canvas');
        const c = document.createElement('canvas'); c.width = canvas.width; c.height = canvas.height;
        const ctx = c.getContext('2d', {willReadFrequently: true}); ctx.drawImage(canvas, 0, 0);
        const r = canvas.getBoundingClientRect(), m = map_district.getContainer().getBoundingClientRect();
        return places.map(([a, b]) => { const p = map_district.latLngToContainerPoint([b, a]);
            const x = Math.round(p.x + m.left - r.left), y = Math.round(p.y + m.top - r.top);
            const d = ctx.getImageData(x - 1, y - 1, 3, 3).data;
            let most = 0; for (let k = 3; k < d.length; k += 4) most = Math.max(most, d[k]); return most; }); }""",
        np.column_stack([lon, lat]).tolist(),
    )
    assert len(painted) > 50
    assert min(painted) > 100
