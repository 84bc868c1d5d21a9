"""The district map in a real Chromium with the network closed."""

import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from geo.district import analyse
from layers.catalog import load_catalog
from layers.district_input import district_input
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.snapshot import take_snapshot
from layers.store import open_store
from maps.district import write_district_map
from maps.facilities import on_at_first
from maps.ramps import DENSITY_COLOURS
from tests.maps.factory import Words, district_result
from tests.maps.factory_changes import with_unknown

pytestmark = pytest.mark.browser
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
CATALOG = load_catalog()
HOSTILE = "<script>alert(1)</script></script><img src=x onerror=alert(2)><!--${alert(3)}`\\1\u2028'\" "


class Page:
    """A map opened from its file; whatever it asks for or says is kept."""

    def __init__(self, chromium, file, width, height):
        self.context = chromium.new_context(viewport={"width": width, "height": height}, offline=True)
        self.page = self.context.new_page()
        self.requests, self.said = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.set_default_timeout(120_000)  # a busy machine is no fault
        self.page.goto(file.resolve().as_uri())
        self.page.wait_for_selector("#map_district canvas, .leaflet-container canvas", state="attached")

    def quiet(self):
        assert self.said == []
        assert [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert len([url for url in self.requests if url.startswith("file:")]) == 1

    def drawn(self):
        """Return a checksum of all canvases."""
        self.page.wait_for_timeout(150)
        shots = self.page.evaluate("[...document.querySelectorAll('canvas')].map(c => c.toDataURL())")
        return zlib.crc32("".join(shots).encode())


@pytest.fixture
def opened(chromium):
    pages = []

    def open_(file, width=1440, height=900):
        pages.append(Page(chromium, file, width, height))
        return pages[-1]

    yield open_
    for page in pages:
        page.context.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample district through the whole line: its result, and its maps of both editions."""
    folder = tmp_path_factory.mktemp("map")
    store = open_store(str(folder / "s.gpkg"), CATALOG)
    now = datetime(2025, 12, 26, tzinfo=SEOUL)
    import_files([SAMPLE], store, CATALOG, ImportOptions(made_up=True), now=now)
    result = analyse(district_input(take_snapshot(store, district="99999"), CATALOG, "99999"))
    write_district_map(result, CATALOG, folder / "안심구.html")
    write_district_map(result, CATALOG, folder / "public.html", edition="public")
    return result, folder


def test_it_opens_quietly_and_says_what_it_is(opened, sample):
    result, folder = sample
    map_ = opened(folder / "안심구.html")
    body = map_.page.inner_text("body")
    for words in ("안심구", "내부용", "가상 자료", "틈새구역", "CCTV", "자료 없음"):
        assert words in body
    assert map_.page.locator("#gaps tbody tr").count() == len(result.gaps) > 0
    map_.quiet()


def test_a_click_in_the_list_opens_the_gap(opened, sample):
    result, folder = sample
    map_ = opened(folder / "안심구.html")
    before = map_.drawn()
    map_.page.locator("#gaps tbody button").first.click()
    popup = map_.page.locator(".leaflet-popup").inner_text()
    gap = result.gaps[0]
    assert gap.grid_id in popup
    assert result.source.dong_names[gap.dong] in popup
    assert f"{gap.uncovered_households:,.0f}" in popup
    assert map_.drawn() != before
    map_.quiet()


def test_the_list_works_by_keyboard(opened, sample):
    result, folder = sample
    map_ = opened(folder / "안심구.html")
    map_.page.locator("#gaps tbody button").nth(1).focus()
    map_.page.keyboard.press("Enter")
    assert result.gaps[1].grid_id in map_.page.locator(".leaflet-popup").inner_text()
    map_.page.keyboard.press("Escape")
    map_.page.wait_for_selector(".leaflet-popup", state="detached")
    map_.quiet()


def test_a_layer_is_switched_on_and_off(opened, sample):
    _, folder = sample
    map_ = opened(folder / "안심구.html")
    before = map_.drawn()
    map_.page.locator('input[data-layer="cctv"]').click()
    switched = map_.drawn()
    assert switched != before
    map_.page.locator('input[data-layer="cctv"]').click()
    assert map_.drawn() == before
    map_.quiet()


def test_every_box_switches_its_own_layer(opened, sample):
    result, folder = sample
    map_ = opened(folder / "안심구.html")
    shown = {layer.layer: on_at_first(layer, CATALOG) for layer in result.source.layers if layer.known}
    boxes = {box.get_attribute("data-layer"): box for box in map_.page.locator("input[data-layer]").all()}
    assert {name: box.is_checked() for name, box in boxes.items()} == shown
    green = """() => [...document.querySelectorAll('canvas')].some(canvas => { const d = canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height || 1).data; for (let i = 0; i < d.length; i += 4)
        if (d[i] === 0 && d[i + 1] === 158 && d[i + 2] === 115 && d[i + 3] === 255) return true; return false; })"""
    map_.drawn()
    map_.quiet()  # before the canvases are read back, which Chromium remarks on
    assert map_.page.evaluate(green)
    boxes["safe_house"].click()
    map_.drawn()
    assert not map_.page.evaluate(green)


def test_a_click_on_a_facility_names_it(opened, sample):
    result, folder = sample
    stores = next(layer for layer in result.source.layers if layer.layer == "safe_house")
    map_ = opened(folder / "안심구.html")
    for box in map_.page.locator("input[data-layer]").all():
        if box.is_checked() and box.get_attribute("data-layer") != "safe_house":
            box.click()
    map_.drawn()
    # A pixel of the stores' own colour (#009E73) is inside a marker.
    place = map_.page.evaluate(
        """() => { for (const canvas of document.querySelectorAll('canvas')) {
            const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const r = canvas.getBoundingClientRect();
            for (let i = 0; i < data.length; i += 4) {
                if (data[i] !== 0 || data[i + 1] !== 158 || data[i + 2] !== 115 || data[i + 3] !== 255) continue;
                const x = r.left + (i / 4) % width * r.width / width;
                const y = r.top + Math.floor(i / 4 / width) * r.height / height;
                if (document.elementFromPoint(x, y)?.closest('.leaflet-container, canvas')
                    && !document.elementFromPoint(x, y).closest('#legend')) return [x, y]; } } return null; }"""
    )
    map_.page.mouse.click(place[0] + 1, place[1] + 2)
    popup = map_.page.locator(".leaflet-popup").inner_text()
    assert any(name in popup for name in stores.names)
    map_.quiet()


@pytest.mark.parametrize("edition", ["internal", "public"])
def test_hostile_text_is_shown_and_never_run(opened, tmp_path, edition):
    words = Words(district=f"구{HOSTILE}", who=HOSTILE, headings=(HOSTILE,), notes=(HOSTILE,), spoil=HOSTILE)
    file = tmp_path / "hostile.html"
    write_district_map(district_result(words=words, facilities=400), CATALOG, file, edition=edition)
    map_ = opened(file)
    assert "<script>alert(1)</script>" in map_.page.inner_text("body")
    if edition == "internal":
        map_.page.locator("#gaps tbody button").first.click()
        assert "<img src=x onerror=alert(2)>" in map_.page.locator(".leaflet-popup").inner_text()
    assert map_.page.locator("img[src='x']").count() == 0
    map_.quiet()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (360, 740)])
def test_a_name_of_hundreds_of_letters_leaves_room_for_the_rest(opened, tmp_path, width, height):
    endless = "가" * 250 + "W" * 250
    result = district_result(facilities=400)
    source = replace(result.source, name=endless, who=endless, dong_names=(endless,) * len(result.source.dong_names))
    file = tmp_path / "long.html"
    write_district_map(replace(result, source=source), CATALOG, file)
    map_ = opened(file, width, height)
    assert map_.page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = {name: map_.page.locator(name).bounding_box() for name in ("#top", "#map_district")}
    assert boxes["#top"]["height"] < 120
    assert boxes["#map_district"]["height"] > height / 2
    map_.quiet()


def test_the_public_edition_opens_without_gaps(opened, sample):
    _, folder = sample
    map_ = opened(folder / "public.html")
    body = map_.page.inner_text("body")
    assert "공개용" in body
    assert "틈새구역" not in body
    assert map_.page.locator("#gaps").count() == 0
    map_.quiet()


def test_it_is_usable_on_a_phone(opened, sample):
    result, folder = sample
    map_ = opened(folder / "안심구.html", 390, 844)
    assert map_.page.evaluate("document.documentElement.scrollWidth") <= 390
    map_.page.locator("#panel-toggle").click()
    map_.page.locator("#gaps tbody button").first.click()
    assert result.gaps[0].grid_id in map_.page.locator(".leaflet-popup").inner_text()
    map_.quiet()


def test_numbers_stand_in_their_own_dong_on_a_phone(opened, tmp_path):
    result = district_result()
    file = tmp_path / "m.html"
    write_district_map(result, CATALOG, file)
    map_ = opened(file, 360, 740)
    shown = map_.page.evaluate(
        """[...document.querySelectorAll('.gap-number span')].filter(s => s.style.visibility === 'visible').map(s => {
            const box = s.getBoundingClientRect();
            return [Number(s.textContent), box.x + box.width / 2, box.y + box.height / 2]; })"""
    )
    assert 1 <= len(shown) <= 10
    assert max(rank for rank, _, _ in shown) <= 10  # the others are dots until the map is nearer
    scale = map_.page.evaluate("document.querySelector('.leaflet-control-scale-line').textContent")
    assert "km" in scale
    map_.quiet()


def test_it_prints_on_a4(opened, sample, tmp_path):
    _, folder = sample
    map_ = opened(folder / "안심구.html")
    # Chromium replays what was drawn: a rectangle cleared on one canvas prints white over the canvases below it.
    map_.page.evaluate(
        """() => { window.cleared = 0; const canvas = CanvasRenderingContext2D.prototype, clear = canvas.clearRect;
        canvas.clearRect = function (...box) { window.cleared++; clear.apply(this, box); } }"""
    )
    file = tmp_path / "m.pdf"
    pdf = map_.page.pdf(path=file, print_background=True, prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 8
    for box in re.findall(rb"/MediaBox\s*\[([^]]*)\]", pdf):
        assert [float(edge) for edge in box.split()] == pytest.approx([0, 0, 595, 842], abs=1.5)
    assert map_.page.evaluate("window.cleared") == 0
    if shutil.which("pdftoppm"):
        drawn = subprocess.run(
            ["pdftoppm", "-r", "50", "-f", "1", "-l", "1", file], check=True, capture_output=True
        ).stdout
        dark = tuple(int(DENSITY_COLOURS[-1][i : i + 2], 16) for i in (1, 3, 5))
        assert bytes(dark) in drawn  # the densest cells are on the paper
    map_.quiet()


def test_a_layer_nothing_is_known_of_cannot_be_switched_on(opened, tmp_path):
    file = tmp_path / "m.html"
    write_district_map(with_unknown(district_result(facilities=400), "cctv", "locker"), CATALOG, file)
    map_ = opened(file)
    near = map_.page.locator('input[data-layer="cctv"]')  # it has facilities outside the district
    assert near.is_disabled()
    assert not near.is_checked()
    assert "자료 없음" in near.locator("xpath=..").inner_text()
    assert map_.page.locator('input[data-layer="locker"]').count() == 0
    assert "안심택배함" in map_.page.locator("#legend details.none").inner_text()
    map_.page.locator("#gaps tbody button").first.click()
    assert "자료 없음: 안심택배함" in map_.page.locator(".leaflet-popup .absent").inner_text()
    map_.quiet()
