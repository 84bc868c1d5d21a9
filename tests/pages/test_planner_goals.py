"""The planner's page: what a plan can be asked for, the report to print, and what was typed wrongly."""

import pytest

from tests.pages.planner_page import MONEY, SLOW_MS, address, drawing, opened, plan_worst_gap

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


def test_what_is_moved_is_listed_and_drawn_and_the_fewest_sites_are_asked_for(visit, own):
    window, page = opened(visit, own)
    asked(page, "moves")
    page.select_option("#aimed", "locker")
    page.fill("#moving", "2")
    page.select_option("#within", "district")
    before = drawing(page)
    planned(page)
    rows = page.locator(".moved tbody tr").all_inner_texts()
    assert 1 <= len(rows) <= 2
    assert all(" m" in row or " km" in row for row in rows)  # each goes somewhere
    assert f"옮겨 가는 시설\n{len(rows)}" in page.inner_text("#legend")
    assert drawing(page) != before
    page.click("#plan-question > summary")
    page.select_option("#goal", "target")
    page.select_option("#aimed", "cctv")
    page.fill("#aim", "40")
    page.check("#fewest")
    with page.expect_request("**/plans") as sent:
        page.click("#run")
    assert sent.value.post_data_json["layers"][0]["fewest"] is True
    window.quiet()


def test_a_kept_plan_opens_in_sight_with_its_own_headline_and_an_overrun_is_said(visit, own):
    window, page = opened(visit, own)
    plan_worst_gap(page, "5000만")
    page.fill("#plan-name", "두 대")
    page.click(".keep button[type=submit]")
    page.wait_for_selector("#keep-said:not(:empty)", timeout=SLOW_MS)
    page.click("#add")
    page.press("#map", "Enter")
    page.wait_for_selector(".over-budget", timeout=SLOW_MS)
    assert "5,000만 원" in page.inner_text(".over-budget")
    page.click("#plan-question > summary")
    page.select_option("#goal", "one")
    page.fill("#money-all", "9억")
    page.click("#whole")
    page.click("#tab-kept")
    page.click("#kept tbody th button")
    page.wait_for_selector("#panel-plan:not([hidden]) #plan-summary h3:has-text('두 대')", timeout=SLOW_MS)
    headline = page.inner_text("#plan-question > summary")
    assert "5,000만 원" in headline
    assert "9억" not in headline
    box = page.locator("#map").bounding_box()
    for mark in page.locator(".site-number").all():
        at = mark.bounding_box()
        assert box["x"] <= at["x"] <= box["x"] + box["width"]
        assert box["y"] <= at["y"] <= box["y"] + box["height"]
    window.quiet()


def test_zones_are_drawn_dotted_and_one_layer_alone_cannot_share_a_budget(visit, own):
    window, page = opened(visit, own)
    zone = page.locator("#legend [data-layer=patrol_zone]")
    assert page.locator("#legend label:has([data-layer=patrol_zone]) .swatch circle").count() == 4
    zone.set_checked(True)
    shown = drawing(page)
    zone.set_checked(False)
    assert drawing(page) != shown
    asked(page, "one")
    page.fill("#money-all", "1억")
    page.click("#run")
    said = page.inner_text("#plan-progress .problem")
    assert "층이 하나뿐" in said
    assert "_" not in said
    window.quiet()
