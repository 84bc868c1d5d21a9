"""The planner's page: who sees what, in which language and how; what goes wrong and how it is said."""

import shutil
import urllib.parse

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.conftest import DESK, HOSTILE, PHONE, SAMPLE, import_sample, served_from
from tests.pages.planner_page import MONEY, SLOW_MS, opened, plan_worst_gap, uncovered

pytestmark = pytest.mark.browser
# The tabs, and what stands above the map, that are cut, beyond the window's edge or (of tabs) on more than a line.
CUT = """[...document.querySelectorAll('#tabs [role=tab], header *, #bar *')].filter(one => {
    const box = one.getBoundingClientRect(), words = document.createRange();
    words.selectNodeContents(one);
    const lines = new Set([...words.getClientRects()].map(line => Math.round(line.top))).size;
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1 || one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== 'inline' || one.role === 'tab' && lines > 1);
}).map(one => `${one.tagName} ${one.id} ${one.textContent.trim().slice(0, 40)}`)"""


def test_the_public_sees_the_public_edition_only(visit, own):
    window, page = opened(visit, own, staff=False)
    assert "공개용" in page.inner_text("#actions")
    assert page.locator("#tabs [role=tab]").all_inner_texts() == ["도달률", "자료"]
    assert page.locator("#gap-table, #plan-form, .gap-number").count() == 0
    assert "틈새구역" not in page.inner_text("#work")
    assert not any("edition=internal" in url or "/v1/plans" in url or "/v1/proposals" in url for url in window.requests)
    with page.expect_download(timeout=SLOW_MS) as got:
        page.click("#downloads summary")
        page.click("[data-download=html]")
    assert got.value.suggested_filename == "안심구-공개용.html"
    window.quiet()


def test_english_on_a_phone(visit, own):
    window, page = opened(visit, own, "/?lang=en", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.evaluate(CUT) == []
    assert "gap areas hold" in page.inner_text("#panel-gaps")
    plan_worst_gap(page, "100 M")
    assert "₩88 M" in page.inner_text("#plan-summary")
    assert "optimal" in page.inner_text(".layer .proof").lower() or "best" in page.inner_text(".layer .proof").lower()
    for tab in ("gaps", "cover", "plan", "proposals", "kept", "data"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], tab
    assert not any("p." in text for text in page.locator("button, label, th, caption").all_inner_texts())
    window.quiet()


def test_what_goes_wrong_is_said_and_what_was_shown_stays(visit, own):
    window, page = opened(visit, own)
    figures = uncovered(page)
    page.route("**/view?*", lambda route: route.abort())
    page.locator("#reach").fill("1.5")
    page.wait_for_selector("#banner [role=alert]")
    assert "서비스에 닿지 않습니다" in page.inner_text("#banner")
    assert uncovered(page) == figures
    page.unroute("**/view?*")
    page.locator("#reach").fill("1.0")
    page.wait_for_selector("#banner [role=alert]", state="detached")
    page.click("#tab-plan")
    page.fill(MONEY, "많이")
    page.click("#run")
    page.wait_for_selector("#plan-progress .problem")
    assert page.get_attribute(MONEY, "aria-invalid") == "true"
    window.said = [said for said in window.said if "ERR_FAILED" not in said]
    window.quiet()


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (DESK, True), (PHONE, False)])
def test_nothing_serious_for_who_cannot_see_or_point(visit, own, size, dark):
    window, page = opened(visit, own, size=size, dark=dark)
    assert page.evaluate(CUT) == []
    found = {"gaps": Axe().run(page)}
    plan_worst_gap(page)
    for tab in ("plan", "cover", "data", "kept", "proposals"):
        page.click(f"#tab-{tab}")
        found[tab] = Axe().run(page)
    page.wait_for_selector("#panel-proposals .command", timeout=SLOW_MS)  # no call: the way to one is said
    assert "ansim proposals score" in page.inner_text("#panel-proposals")
    page.click("#tab-gaps")
    page.click("tr[data-gap='0'] .plain")
    found["popup"] = Axe().run(page)
    grave = {
        f"{where}: {one['id']} {[node['target'] for node in one['nodes']][:4]}"
        for where, result in found.items()
        for one in result.response["violations"]
        if one["impact"] in {"serious", "critical"}
    }
    assert grave == set()
    window.quiet()


def test_hostile_names_are_text_everywhere(visit, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(SAMPLE, folder / "files")
    hostile = HOSTILE.replace(" ", "/")  # of a dong's full name the last word is taken
    for file in (folder / "files").iterdir():
        content = file.read_bytes()
        for encoding in ("utf-8", "cp949"):
            content = content.replace("나래동".encode(encoding), hostile.encode(encoding))
        file.write_bytes(content)
    store = import_sample(folder / "s.gpkg", folder / "files")
    with served_from(store, folder) as running:
        window, page = opened(visit, running)
        assert hostile in page.inner_text("#gap-table")
        page.click("tr[data-gap='0'] .plain")
        assert hostile in page.inner_text(".popup")
        plan_worst_gap(page)
        page.click(".sites .plain >> nth=0")
        name = HOSTILE.replace("/", "")
        page.fill("#plan-name", name)
        page.click(".keep [type=submit]")
        page.wait_for_selector("#keep-said:has-text('저장했습니다')")
        page.click("#tab-kept")
        assert name in page.inner_text("#kept .plain")
        for tab in ("cover", "data"):
            page.click(f"#tab-{tab}")
        map_ = page.locator("#map").bounding_box()
        for x in (0.35, 0.5, 0.65):
            page.mouse.click(map_["x"] + map_["width"] * x, map_["y"] + map_["height"] * 0.55)
        page.fill("#district", HOSTILE)
        page.keyboard.press("Escape")
        reopened, other = opened(
            visit,
            running,
            "/#" + urllib.parse.urlencode({"d": HOSTILE, "tab": HOSTILE, "shade": HOSTILE, "within": HOSTILE}),
        )
        assert page.locator("img").count() == other.locator("img").count() == 0
        for one in (window, reopened):
            one.quiet()
