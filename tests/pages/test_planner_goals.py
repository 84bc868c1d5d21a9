"""The planner's page: what a plan can be asked for, the report to print, and what was typed wrongly."""

import pytest

from tests.pages.planner_page import MONEY, SLOW_MS, address, opened, plan_worst_gap

pytestmark = pytest.mark.browser


def asked(page, goal):
    page.click("#tab-plan")
    page.select_option("#goal", goal)


def planned(page):
    page.click("#run")
    page.wait_for_selector("#plan-summary, #plan-progress .problem", timeout=SLOW_MS)
    assert page.locator("#plan-progress .problem").all_inner_texts() == []


def test_one_budget_is_shared_by_several_layers(visit, own):
    window, page = opened(visit, own)
    asked(page, "one")
    page.fill("#money-all", "1억")
    assert page.locator("[data-among=smart_light]").count() == 0  # weighs nothing beside the others
    page.check("[data-among=security_light]")
    page.select_option("#within", "district")
    planned(page)
    layers = page.locator(".layer").evaluate_all("all => all.map(one => one.dataset.layer)")
    assert layers == ["cctv", "security_light"]
    assert "total=100000000" in address(page)
    assert "goal=one" in address(page)
    window.quiet()


def test_a_share_is_reached_at_least_cost(visit, own):
    window, page = opened(visit, own)
    asked(page, "target")
    page.fill("#aim", "40")
    page.select_option("#within", "district")
    with page.expect_request("**/plans") as sent:
        page.click("#run")
    assert sent.value.post_data_json["layers"][0]["target"] == 0.4
    page.wait_for_selector("#plan-summary", timeout=SLOW_MS)
    assert "40" in page.inner_text(".layer .fine >> nth=0")
    window.quiet()


def test_the_cost_range_is_shown_beside_the_plan(visit, own):
    window, page = opened(visit, own)
    page.click("#tab-plan")
    page.fill(MONEY, "1억")
    page.click("#plan-more summary")
    page.check("#range")
    planned(page)
    rows = page.locator("#cost-range tbody th").all_inner_texts()
    assert rows == ["낮음", "보통", "높음"]
    window.quiet()


def test_the_report_and_its_sheets_are_taken_away(visit, own, tmp_path):
    window, page = opened(visit, own)
    plan_worst_gap(page)
    page.click("#downloads summary")
    with page.expect_download(timeout=SLOW_MS) as got:
        page.click("[data-download=sheets]")
    file = tmp_path / "report.html"
    got.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert got.value.suggested_filename == "안심구-보고서-현장조사표.html"
    assert text.count("현장조사표") >= 4  # a sheet a site
    window.quiet()


def test_an_amount_that_cannot_be_read_is_said_by_its_field(visit, own):
    window, page = opened(visit, own)
    page.click("#tab-plan")
    page.fill(MONEY, "많이")
    assert page.get_attribute(MONEY, "aria-invalid") == "true"
    assert "처럼 적으십시오" in page.inner_text("#cost-cctv")
    page.fill(MONEY, "1억")
    assert page.get_attribute(MONEY, "aria-invalid") == "false"
    page.click("#plan-more summary")
    page.fill("#cost-of-cctv", "비쌈")
    page.keyboard.press("Tab")
    assert "처럼 적으십시오" in page.inner_text("#cost-said-cctv")
    assert page.input_value("#cost-of-cctv") == "비쌈"
    window.quiet()


def test_a_link_to_an_unknown_district_says_so(visit, own):
    window, page = opened(visit, own, "/#d=00000")
    assert "00000" in page.inner_text("#unknown-district")
    assert "안심구" in page.inner_text("#unknown-district")
    window.quiet()


def test_names_of_the_catalog_are_english_on_the_english_page(visit, own):
    window, page = opened(visit, own, "/?lang=en")
    legend = page.inner_text("#legend")
    assert "Security lights" in legend
    assert "보안등" not in legend
    page.click("#tab-cover")
    assert "Lit streets" in page.inner_text("#panel-cover")
    window.quiet()
