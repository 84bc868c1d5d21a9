"""The city's page: it waits, draws, compares, leads on; the public sees the public edition."""

import re

import numpy as np
import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe

from layers.catalog import load_catalog
from layers.store import open_store
from tests.pages.conftest import DESK, HOSTILE, PHONE, import_sample, served_from

pytestmark = pytest.mark.browser


def drawn(window, path="/city"):
    page = window.go(path)
    page.wait_for_selector(".city-facts", state="attached", timeout=240_000)
    return page


def test_staff_see_the_figures_of_the_only_district_and_its_programmes(visit):
    window = visit()
    page = drawn(window)
    assert "내부용" in page.inner_text(".city-head")
    assert "가상 자료" in page.inner_text(".city-said")
    assert page.locator(".city-list, .rank").count() == 0  # one district is first of nothing
    assert "구가 하나뿐이어서 순위가 없습니다" in page.inner_text(".city-said")
    assert page.inner_text(".city-facts h3").startswith("안심구")
    assert page.locator("svg.bars").first.bounding_box()["y"] < DESK[1]
    assert page.locator("main h1").count() == 1
    window.quiet()


def test_the_public_sees_the_public_edition(visit):
    window = visit(staff=False)
    page = drawn(window)
    assert "공개용" in page.inner_text(".city-head")
    assert page.locator(".one-needs").count() == 1  # facilities; needs are withheld
    link = page.locator(".city-facts a", has_text="구 지도 열기")
    assert link.get_attribute("href") == "/v1/districts/99999/map?lang=ko"
    window.quiet()


def test_files_come_with_the_key_that_no_link_carries(visit, tmp_path):
    window = visit()
    page = drawn(window)
    with page.expect_download() as download:
        page.click(".city-tools button:has-text('엑셀')")
    download.value.save_as(tmp_path / "t.xlsx")
    assert "내부용" in openpyxl.load_workbook(tmp_path / "t.xlsx").active.cell(1, 1).value
    with page.expect_download() as download:
        page.click(".city-facts button:has-text('구 지도 열기')")
    assert download.value.suggested_filename == "안심구-99999.html"
    assert page.locator(".city-facts a", has_text="계획 쪽 열기").get_attribute("href") == "/?d=99999"
    window.quiet()


def test_both_languages_and_a_phone(visit):
    window = visit(size=PHONE)
    page = drawn(window, "/city?lang=en")
    words = page.inner_text("main")
    assert "Figures of the district" in words
    assert "1 district" in page.inner_text(".city-head")
    assert "1 districts" not in words
    assert not re.search(r"\{\w+\}", words)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    window.quiet()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_for_who_cannot_see_or_point(visit, dark):
    window = visit(dark=dark)
    page = drawn(window)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert window.shifted() < 0.1
    window.quiet()


def test_an_empty_store_says_what_to_import(visit, tmp_path):
    with served_from(tmp_path / "empty.gpkg", tmp_path) as running:
        window = visit(at=running)
        page = window.go("/city")
        page.wait_for_selector(".problem")
        assert "경계" in page.inner_text(".problem")
        assert page.locator(".problem .button").count() == 1
    assert not [word for word in window.said if "Failed to load" not in word]


def test_two_districts_one_named_with_markup_are_compared_by_keyboard_and_the_link_keeps_it(visit, tmp_path):
    """The made-up district's dong shared out between two, of which one has a hostile name."""
    store = import_sample(tmp_path / "h.gpkg")
    catalog = load_catalog()
    opened = open_store(str(store), catalog)
    rows = opened.read("dong")
    with opened.write() as writer:
        half = np.arange(len(rows)) < len(rows) // 2
        writer.rewrite(
            "dong",
            rows.assign(district=np.where(half, "99998", "99997"), district_name=np.where(half, HOSTILE, "두 번째 구")),
        )
    with served_from(store, tmp_path) as running:
        window = visit(at=running)
        page = drawn(window)
        assert HOSTILE in page.inner_text("main")
        assert page.locator("main img, main script").count() == 0
        page.focus("#city-measure")
        before = page.input_value("#city-measure")
        page.keyboard.press("ArrowDown")
        chosen = page.input_value("#city-measure")
        assert chosen != before
        assert f"measure={chosen.replace(':', '%3A')}" in page.evaluate("location.href")
        page.reload()
        page.wait_for_selector(".city-grid")
        assert page.input_value("#city-measure") == chosen
        page.locator(".segments input").first.focus()
        page.keyboard.press("ArrowRight")
        head = page.locator(".group:not(.off) thead button").nth(1)
        head.focus()
        page.keyboard.press("Enter")
        assert page.locator("table.all th[aria-sort]").count() == 1
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
        window.quiet()
