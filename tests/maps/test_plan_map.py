"""A plan on the map: numbered sites in a real Chromium, before and after; and what may not be drawn."""

import shutil
from dataclasses import replace

import pytest

from geo.district import analyse
from geo.errors import BadSettingError
from geo.model import Settings
from geo.siting.model import Effort
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from maps.district import district_map, write_district_map
from maps.pack import pack_integers
from maps.payload import permille
from maps.plan_layer import plan_payload
from tests.geo.siting.test_planning import places, some
from tests.layers.test_district_input import CATALOG, GWANAK, of, world

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def result():
    return analyse(of(world(cctv=[(GWANAK, 100, 100, {"name": HOSTILE, "road_address": HOSTILE})])))


@pytest.fixture(scope="module")
def plan(result):
    order = Order(places(some(12)), count=12)
    made = make_plan(result.source, Settings(), [order], effort=Effort(seconds=20, threads=1))
    return replace(made, name=HOSTILE)


def test_the_cover_after_is_that_of_the_recount(result, plan):
    data = plan_payload(plan, result, CATALOG)
    assert len(data["sites"]) == 12
    assert data["sites"][0]["reach"] == [22, 57]
    assert set(data["cover"]) == {"combined", "watched"}
    before = pack_integers(permille(result.cells.cover, result.settings.gap_threshold))
    assert data["cover"]["combined"] != before
    nothing = replace(plan, layers=(replace(plan.layers[0], sites=()),))
    assert plan_payload(nothing, result, CATALOG)["cover"]["combined"] == before


def test_the_public_edition_has_no_plan_and_a_plan_only_its_district(result, plan):
    with pytest.raises(BadSettingError, match="공개용"):
        district_map(result, CATALOG, edition="public", plan=plan)
    with pytest.raises(BadSettingError, match="의 것입니다"):
        district_map(result, CATALOG, plan=replace(plan, district="11215"))


@pytest.mark.browser
def test_sites_are_numbered_and_the_switch_takes_them_away(result, plan, chromium, tmp_path):
    from tests.maps.test_map_browser import Page  # noqa: PLC0415

    write_district_map(result, CATALOG, tmp_path / "계획.html", plan=plan)
    opened = Page(chromium, tmp_path / "계획.html", 1280, 800)
    page = opened.page
    assert sorted(map(int, page.locator(".site-number").all_text_contents())) == list(range(1, 13))
    widest = page.evaluate("Math.max(...[...document.querySelectorAll('.site-number span')].map(s => s.offsetHeight))")
    assert widest <= 22  # a number of two digits stays on one line
    canvases = "[...document.querySelectorAll('canvas')].map(c => c.toDataURL()).join()"
    page.wait_for_selector("html[data-ready]")
    opened.drawn()
    after = page.evaluate(canvases)
    page.click('#plan-switch button[data-after="0"]')
    assert page.locator(".site-number").count() == 0
    for _ in range(50):  # the cells lose their new cover at a next frame
        page.wait_for_timeout(100)
        if page.evaluate(canvases) != after:
            break
    assert page.evaluate(canvases) != after
    page.click('tr[data-site="3"] button')
    assert page.locator(".popup h3").text_content().startswith("4번 cctv")
    assert page.locator('#plan-switch button[data-after="1"]').get_attribute("aria-pressed") == "true"
    opened.quiet()
    opened.context.close()
    shutil.rmtree(tmp_path)
