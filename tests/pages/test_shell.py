"""What all pages share: the header, the language, the key."""

import pytest

from tests.pages.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
PATHS = ("/", "/import", "/near", "/city")


@pytest.mark.parametrize("path", PATHS)
def test_it_opens_without_a_word_in_the_console(visit, path):
    for size in (DESK, PHONE):
        window = visit(size=size)
        page = window.go(path)
        assert page.locator("#top nav a[aria-current=page]").count() == 1
        assert "key" not in page.evaluate("location.href")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        window.quiet()


def test_the_language_is_in_the_link(visit):
    window = visit()
    page = window.go("/import?lang=en")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("#top nav").inner_text().split() == ["Plan", "Import", "Near", "me", "City"]
    page.click("#top nav a:has-text('City')")
    page.wait_for_url("**/city?lang=en")
    page.wait_for_selector("html[data-ready]")
    page.click("#top .language")
    page.wait_for_url("**/city")
    assert page.evaluate("document.documentElement.lang") == "ko"
    window.quiet()


def test_a_key_is_entered_once_and_kept_for_the_tab(visit, served):
    window = visit(staff=False)
    page = window.go("/import")
    page.click("#key-button")
    page.fill("#key-field", "ansim_00000000_none")
    page.keyboard.press("Enter")
    page.wait_for_selector(".dialog .problem:visible")
    assert "열쇠" in page.inner_text(".dialog .problem")
    assert [word for word in window.said if "401" not in word] == []  # the browser notes the refusal
    window.said.clear()
    page.fill("#key-field", served.key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#key-button:has-text('관리자')")
    page.goto(served.url + "/city")
    page.wait_for_selector("#key-button:has-text('관리자')")
    page.click("#key-button")
    page.click(".dialog .primary")
    page.wait_for_selector("#key-button:has-text('직원 열쇠')")
    assert page.evaluate("sessionStorage.length") == 0
    window.quiet()


def test_a_served_map_runs_under_its_policy(visit, served):
    window = visit(staff=False)
    window.page.goto(served.url + "/v1/districts/99999/map")
    window.page.wait_for_selector("html[data-ready=true]")
    window.quiet()


def test_a_page_waits_by_itself_while_the_service_reads_its_data(visit):
    window, asked = visit(), []

    def not_ready_twice(route):
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
            return
        body = {"code": "not_ready", "title": "자료를 읽고 있습니다", "hint": "잠시 뒤 다시 하십시오"}
        route.fulfill(status=503, content_type="application/problem+json", json=body)

    window.page.route("**/v1/districts", not_ready_twice)
    page = window.go("/")
    page.wait_for_selector("#waiting")
    assert page.locator(".problem").count() == 0
    page.wait_for_selector("html[data-view]")
    assert page.locator("#waiting").count() == 0
    assert len(asked) == 3
