"""The phone page without a position of its own: the code of a place, a code typed, a district chosen by name."""

import numpy as np
import pytest

from geo.crs import to_metres
from geo.grid import cell_names
from tests.pages.conftest import PHONE
from tests.pages.near_phone import INSIDE, code_at, listed, ready
from tests.pages.near_store import lonlat

pytestmark = pytest.mark.browser


def test_the_code_of_a_place_is_the_grids(phone):
    seen = phone(None)
    rng = np.random.default_rng(5179)
    lon, lat = rng.uniform(124.6, 131.9, 4_000), rng.uniform(33.1, 38.6, 4_000)
    x, y = to_metres(lon, lat)
    named = (x < 1_400_000) & (x > 700_000)
    lon, lat, x, y = lon[named], lat[named], x[named], y[named]
    base = seen.page.evaluate("document.querySelector('script[type=module]').src.replace('main.js', 'grid.js')")
    found = seen.page.evaluate(
        """async ([base, lon, lat]) => { const grid = await import(base); return lon.map((east, i) => {
        const at = grid.toMetres(east, lat[i]), code = grid.gridCode(at);
        return [at.x, at.y, `${code.letters} ${code.east} ${code.north}`]; }); }""",
        [base, lon.tolist(), lat.tolist()],
    )
    assert [code for _, _, code in found] == cell_names(x, y, 10)
    assert np.abs(np.array([row[:2] for row in found]) - np.column_stack([x, y])).max() < 1e-6
    # City Hall, worked out elsewhere: 다사 539 520 on the 100 m grid.
    assert seen.page.evaluate(
        """async base => { const g = await import(base);
        const c = g.gridCode(g.toMetres(126.9780, 37.5665)); return [c, g.spoken(c)]; }""",
        base,
    ) == [{"letters": "다사", "east": "5390", "north": "5203"}, "다사, 오삼구공, 오이공삼"]
    seen.quiet()


def test_refused_then_chosen_by_name(phone):
    seen = phone(None)
    page = seen.page
    page.click("[data-key=locate]")
    page.wait_for_selector("#problem[data-problem=denied]")
    assert page.locator(".act.call").is_visible()
    page.click("#choose")
    page.fill("#choose-field", "동쪽")
    page.keyboard.press("Enter")
    ready(seen)
    assert "동쪽점" in page.inner_text(".layer[data-layer=safe_house]")
    page.click("[data-key^='at-safe_house']")
    page.wait_for_selector("#code")
    assert page.inner_text("#code") == code_at(*lonlat(3_155, 1_505))
    assert "동쪽점" in page.inner_text("#accuracy")
    seen.quiet()


def test_a_code_off_a_plate_is_a_place_and_stays_on_the_phone(phone):
    seen = phone(None)
    page, asked = seen.page, []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    lon, lat = lonlat(*INSIDE)
    code = code_at(lon, lat)
    letters, east, north = code.split()
    page.click("#choose")
    wrong = {
        f"가하 {east} {north}": "국가지점번호가 아닙니다",
        f"{letters} {east}": "여덟 자리", f"{letters}{east}": "여덟 자리",
        f"{letters} {east} {north[:2]}": "여덟 자리", f"{letters}{east}{north[:2]}": "여덟 자리",
        f"{letters} {east} {north}0": "여덟 자리",
        f"{letters} {east}0 {north}00": "너무 많습니다", "가가 0000 0000": "밖의 번호", "마가 0000 0000": "밖의 번호",
    }  # fmt: skip
    for typed, said in wrong.items():
        page.fill("#choose-field", typed)
        assert said in page.inner_text("#choose-list"), typed
        page.press("#choose-field", "Enter")
        assert page.locator("dialog").count() == 1
    page.fill("#choose-field", "가산1")  # a name that begins like one
    assert "그런 이름의 구가 없습니다" in page.inner_text("#choose-list")
    page.fill("#choose-field", f" {letters}{east}{north}")
    assert page.inner_text("#choose-list button") == f"{code} 이 자리에서 보기"
    page.press("#choose-field", "Enter")
    ready(seen)
    assert page.inner_text("#code") == code
    assert "10 m 칸의 가운데" in page.inner_text("#accuracy")
    assert listed(page)
    # Over the list, in a district chosen by name, the same field finds names and codes.
    page.click("#choose")
    page.fill("#choose-field", "서쪽")
    page.press("#choose-field", "Enter")
    page.fill("#find", f"{letters} {east}1 {north}1")
    assert listed(page)
    page.press("#find", "Enter")
    assert page.inner_text("#code") == code
    for url in asked:
        assert east not in url, url
        assert north not in url, url
    seen.quiet()


def test_a_code_typed_is_the_middle_of_its_square(phone):
    """On the metre grid of the code; and back, from degrees worked out anew."""
    seen = phone(None)
    base = seen.page.evaluate("document.querySelector('script[type=module]').src.replace('main.js', '')")
    at_code = seen.page.evaluate(
        """async ([base, codes]) => {
        const [g, read] = await Promise.all([import(base + 'grid.js'), import(base + 'typed.js')]);
        return codes.map(text => { const c = read.readCode(text), d = g.toDegrees(c), m = g.toMetres(d.lon, d.lat);
        return [c.x, c.y, c.size_m, Math.hypot(m.x - c.x, m.y - c.y)]; }); }""",
        [base, ["다사 5390 5203", "다사53905203", "국가지점번호 다사 53901−52037", "다사 539 520"]],
    )
    assert [row[:3] for row in at_code] == [
        [953905, 1952035, 10], [953905, 1952035, 10], [953901.5, 1952037.5, 1], [953950, 1952050, 100],
    ]  # fmt: skip
    assert max(row[3] for row in at_code) < 1e-3
    seen.quiet()


def test_choosing_before_the_outlines_came_waits_for_them(visit, near_served):
    seen = visit(PHONE, at=near_served, staff=False, service_workers="block")  # what it asks for cannot be held
    page, held = seen.page, []
    page.route("**/v1/districts/outlines", lambda route: held.append(route))  # noqa: PLW0108 - it is marked by who drives
    seen.go("/near")
    page.click("#choose")
    page.wait_for_selector("#loading")
    for _ in range(6_000):
        if held:
            break
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_selector("#choose-list button")
    assert page.locator("dialog").count() == 1
    assert page.locator("#loading").count() == 0
    assert [text for text in seen.said if "blocked by Playwright" not in text] == []


def test_choosing_after_the_outlines_failed_asks_for_them_again(visit, near_served):
    seen = visit(PHONE, at=near_served, staff=False, service_workers="block")
    page, broken = seen.page, [True]
    page.route("**/v1/districts/outlines", lambda route: route.abort() if broken else route.continue_())
    seen.go("/near")
    page.wait_for_selector("#nothing-kept")
    assert "서비스에 연결하지 못했고" in page.inner_text("#nothing-kept")  # the network is there
    page.click("#choose")
    page.wait_for_selector("#nothing-kept")
    broken.clear()
    page.click("#choose")
    page.wait_for_selector("#choose-list button")
    assert page.locator("#nothing-kept").count() == 0
