"""The files in a real Chromium, in both languages: nothing serious for axe-core, English popups, numbers apart."""

import re
from dataclasses import replace

import pytest

from geo.district import analyse
from geo.model import Settings
from geo.siting.model import Effort
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from layers.catalog import load_catalog
from maps.city.page import city_page
from maps.district import district_map
from maps.report.document import report
from tests.geo.siting.test_planning import places, some
from tests.layers.test_district_input import GWANAK, of, world
from tests.maps.city_factory import NAMES, city
from tests.maps.factory import district_result
from tests.maps.test_report import DAY, plan_of

pytestmark = pytest.mark.browser
CATALOG = load_catalog()
HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def show(chromium, tmp_path_factory):
    """show(html) -> the page of the file, offline; what it says in the console fails the module."""
    folder, said = tmp_path_factory.mktemp("files"), []
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, offline=True)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    def open_(html):
        file = folder / "file.html"
        file.write_text(html, encoding="utf-8")
        page.goto(file.as_uri())
        if "<script" in html:
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_
    page.close()
    assert said == []


@pytest.fixture(scope="module")
def result():
    return district_result(facilities=600)


@pytest.fixture(scope="module")
def planned():
    """Return a district with twelve sites close together, and their plan."""
    district = analyse(of(world(cctv=[(GWANAK, 100, 100, {"name": "가게"})])))
    order = Order(places(some(12)), count=12)
    return district, make_plan(district.source, Settings(), [order], effort=Effort(seconds=20, threads=1))


def serious(page):
    """Return what axe-core holds for serious or worse. The files forbid other scripts: it comes in by the debugger."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_axe_finds_nothing_serious_in_any_file(show, result, planned, lang):
    plan = plan_of(result, 3)
    files = {
        "map": district_map(planned[0], CATALOG, plan=planned[1], lang=lang),
        "public": district_map(result, CATALOG, edition="public", lang=lang),
        "city": city_page(city(), CATALOG, lang=lang),
        "report": report(result, CATALOG, printed=DAY, plan=plan, sheets=True, lang=lang),
    }
    for name, html in files.items():
        page = show(html)
        assert (name, serious(page)) == (name, [])
        assert page.get_attribute("html", "lang") == lang


def test_popups_and_the_overview_are_english_too(show, result):
    page = show(district_map(result, CATALOG, lang="en"))
    page.click("#tab-gaps")
    page.click("#gaps tr[data-gap='0'] button")
    popup = page.locator(".leaflet-popup-content").inner_text()
    assert "Gap area no. 1" in popup
    assert "Nearest facilities (straight line)" in popup
    assert "not covered" in popup
    assert page.locator(".leaflet-popup-close-button").get_attribute("aria-label") == "Close"
    said = page.locator(".popup th, .popup dt, .popup caption").all_inner_texts()
    assert [one for one in said if HANGUL.search(one)] == ["1인가구지원센터"]
    page = show(city_page(city(), CATALOG, lang="en"))
    text = page.inner_text("main")
    for name in (*NAMES, "가상시", "한국어", "동 단위 추정: 설명"):
        text = text.replace(name, "")
    assert "(Wed)" in text
    assert HANGUL.findall(text.replace("보고서", "")) == []


def test_numbers_of_sites_lie_on_nothing_and_lead_to_their_places(show, planned):
    district, plan = planned
    page = show(district_map(district, CATALOG, plan=plan))
    boxes = page.eval_on_selector_all(
        ".site-number:not(.dot) span",
        "all => all.map(one => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })",
    )
    assert len(boxes) == 12
    apart(boxes)


def apart(boxes):
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert min(a[2], b[2]) - max(a[0], b[0]) < 1 or min(a[3], b[3]) - max(a[1], b[1]) < 1


@pytest.mark.parametrize("count", [40, 70])
def test_a_crowd_of_sites_is_readable_on_paper(show, result, count):
    plan = plan_of(result, count)
    near = tuple(replace(one, x=result.gaps[0].x + 11 * i) for i, one in enumerate(plan.sites))
    plan = replace(plan, layers=(replace(plan.layers[0], sites=near),))
    page = show(report(result, CATALOG, printed=DAY, plan=plan))
    numbers = page.locator(".badge.site text").all_text_contents()
    assert numbers == [str(i) for i in range(1, min(count, 60) + 1)]
    boxes = page.eval_on_selector_all(
        ".badge rect, .badge circle",
        "all => all.map(one => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })",
    )
    inside = page.locator(".district svg.picture").bounding_box()
    apart(boxes)
    assert all(inside["x"] <= a[0] and a[2] <= inside["x"] + inside["width"] for a in boxes)
    assert ("앞의 60곳" in page.inner_text(".legend")) == (count > 60)
