"""The planner's page: from the worst gap to a plan, by hand and back, and what is taken away from it."""

import io
import re
import sqlite3
import urllib.parse

import pytest
from openpyxl import load_workbook
from PIL import Image

from tests.pages.planner_page import (
    MONEY,
    SLOW_MS,
    address,
    api,
    drawing,
    numbers,
    opened,
    plan_worst_gap,
    settled,
    uncovered,
    until,
)

pytestmark = pytest.mark.browser


# ---------------------------------------------------------------- the way of a newcomer
def test_a_newcomer_plans_against_the_worst_gap_and_takes_the_map_away(visit, own, tmp_path, browser):
    window, page = opened(visit, own)
    worst = api(own, "/v1/districts/99999/gaps")["features"][0]["properties"]
    row = page.locator("tr[data-gap='0']")
    assert worst["dong_name"] in row.inner_text()
    assert f"{worst['uncovered_households']:,.0f}" in row.inner_text()
    plan_worst_gap(page)
    assert numbers(page) == ["1", "2", "3", "4"]  # 22 million each, of 100
    said = page.inner_text("#plan-summary")
    assert "8,800만 원" in said
    assert "예산 1억 원, 남은 돈 1,200만 원" in page.inner_text(".layer")
    assert "최적, 증명됨" in page.inner_text(".layer .proof")
    assert page.locator(".sites tbody tr").count() == 4
    assert all(worst["dong_name"] in text for text in page.locator(".sites tbody tr").all_inner_texts())
    assert page.locator(".curve circle").count() == 4
    before, after = (float(page.locator(f"#before-after tbody td >> nth={i}").inner_text()[:-2]) for i in (0, 1))
    assert after > before
    gap = [row.all_inner_texts() for row in (page.locator(f"#gap-after tr:nth-child({i}) td") for i in (1, 2, 4))]
    assert gap[0][0] == f"{worst['uncovered_households']:,.0f}"
    assert int(gap[0][1].replace(",", "")) < int(gap[0][0].replace(",", ""))
    assert gap[1][2].startswith("+")
    assert gap[2][0] == "1위"
    # List and map still match, and the legend lies over nothing.
    assert "1" in page.locator(".planned .gap-number span:visible").all_inner_texts()
    map_, legend = (page.locator(one).bounding_box() for one in ("#map", "#legend"))
    assert legend["y"] >= map_["y"] + map_["height"]
    with page.expect_download(timeout=SLOW_MS) as got:
        page.click("#downloads summary")
        page.click("[data-download=html]")
    file = tmp_path / "map.html"
    got.value.save_as(file)
    alone = browser.new_context(offline=True)
    kept = alone.new_page()
    faults = []
    kept.on("pageerror", lambda error: faults.append(str(error)))
    kept.goto(file.as_uri())
    kept.wait_for_selector("html[data-ready=true]")
    assert kept.locator(".site-number").count() == 4
    assert kept.locator("#gaps-after td:nth-child(2)").first.text_content() == gap[0][0]
    assert "1" in kept.locator(".planned .gap-number span:visible").all_inner_texts()
    assert faults == []
    alone.close()
    assert window.shifted() < 0.02
    window.quiet()


def test_files_are_what_they_say(visit, own, tmp_path):
    window, page = opened(visit, own)
    plan_worst_gap(page)

    def got(click):
        with page.expect_download(timeout=SLOW_MS) as download:
            click()
        to = tmp_path / download.value.suggested_filename
        download.value.save_as(to)
        return to

    def from_menu(kind):
        page.click("#downloads summary")
        page.click(f"[data-download={kind}]")

    picture = got(lambda: from_menu("png"))
    assert picture.name == "안심구-지도.png"
    with Image.open(io.BytesIO(picture.read_bytes())) as image:
        assert image.width > 1200
        colours = {colour for _, colour in image.convert("RGB").getcolors(2**24)}
    assert (178, 24, 43) in colours  # sites
    assert len(colours) > 200
    assert load_workbook(got(lambda: from_menu("xlsx"))).sheetnames
    for kind, name in (("gpkg", "안심구-틈새.gpkg"), ("public", "안심구-공개용.html")):
        assert got(lambda kind=kind: from_menu(kind)).name == name
    sheet = load_workbook(got(lambda: page.click("[data-file=xlsx]")))
    assert any("CCTV" in str(cell.value) for rows in sheet for cells in rows.iter_rows() for cell in cells)
    package = got(lambda: page.click("[data-file=gpkg]"))
    with sqlite3.connect(package) as db:
        assert db.execute("SELECT count(*) FROM gpkg_contents").fetchone()[0] >= 1
    db.close()
    # Under other conditions the marks are of the old ones: said on the map, and nothing is shaded as if they were new.
    page.locator("#reach").fill("1.5")
    page.wait_for_selector("#stale:has-text('도달거리 × 1.00')")
    settled(page)
    page.click("#tab-cover")
    assert set(page.locator("#panel-cover > table:first-child td:nth-child(4)").all_inner_texts()) == {"—"}
    page.click("#make-anew")
    page.wait_for_selector("#stale", state="hidden", timeout=SLOW_MS)
    page.click("#tab-cover")
    assert set(page.locator("#panel-cover > table:first-child td:nth-child(4)").all_inner_texts()) != {"—"}
    window.quiet()


# ---------------------------------------------------------------- conditions
def test_a_slider_changes_map_and_figures_to_what_the_analysis_says(visit, own):
    window, page = opened(visit, own)
    first, figures = drawing(page), uncovered(page)
    page.focus("#reach")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    settled(page)
    wanted = api(own, "/v1/districts/99999/gaps", reach=1.3)["features"]
    assert uncovered(page) == [f"{one['properties']['uncovered_households']:,.0f}" for one in wanted]
    assert uncovered(page) != figures
    page.select_option("#shade", "cover:combined")
    assert drawing(page) != first
    assert "reach=1.3" in address(page)
    page.click("#reset")
    settled(page)
    assert uncovered(page) == figures
    assert "reach" not in address(page)
    window.quiet()


def test_people_hour_and_weights_are_asked_for(visit, own):
    window, page = opened(visit, own)
    page.select_option("#sex", "여성")
    until(page, "document.querySelector('#facts').textContent.includes('여성')")
    page.fill("#night", "2025-12-25")
    page.locator("#hour").fill("17")  # 18:00 and 17 half hours: 02:30 of the next day
    until(page, "document.querySelector('#facts').textContent.includes('02:30')")
    assert "2025. 12. 26." in page.inner_text("#facts")
    page.locator("#w-watched").fill("0.6")
    settled(page)
    wanted = api(own, "/v1/districts/99999/gaps", who="여성", at="2025-12-26T02:30", weight="watched=0.6")["features"]
    assert uncovered(page) == [f"{one['properties']['uncovered_households']:,.0f}" for one in wanted]
    window.quiet()


def test_what_has_no_data_is_said_and_is_no_zero(visit, own):
    window, page = opened(visit, own)
    page.click("#tab-data")
    row = page.locator("#panel-data tr", has_text="지구대·파출소")
    assert "자료 없음" in row.inner_text()
    assert "0건" not in row.inner_text()
    undated = page.locator("#panel-data .chip.warn", has_text="기준일 모름").count()
    assert f"(기준일 모름 {undated}개 포함)" in page.inner_text("#facts")
    assert page.locator("#panel-data tr", has_text="행정동 경계").locator(".chip.warn").count() == 1
    window.quiet()


def test_stability_is_measured_where_asked(visit, own):
    window, page = opened(visit, own)
    page.click("#stability")
    page.wait_for_selector("#gap-table small:has-text('순위 유지')", timeout=SLOW_MS)
    assert page.locator("#gap-table small", has_text="순위 유지").count() == page.locator("#gap-table tbody tr").count()
    window.quiet()


# ---------------------------------------------------------------- by hand
def test_a_site_is_moved_removed_and_brought_back(visit, own):
    window, page = opened(visit, own)
    plan_worst_gap(page)
    box = page.locator(".site-number span").first.bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 70, box["y"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_selector(".cost")
    assert "1번 자리를 옮김" in page.inner_text(".cost")
    assert "−" in page.inner_text(".cost p >> nth=0")  # the best plan was moved away from
    moved = page.inner_text("#before-after")
    page.click("[aria-label='2번 자리 빼기']")
    until(page, "document.querySelectorAll('.sites tbody tr').length === 3")
    assert "비용 차이 −2,200만 원" in page.inner_text(".cost")
    page.keyboard.press("Control+z")
    until(page, "document.querySelectorAll('.sites tbody tr').length === 4")
    assert page.inner_text("#before-after") == moved
    page.keyboard.press("Control+z")
    assert page.locator(".cost").count() == 0
    assert page.locator("#undo").is_disabled()
    page.keyboard.press("Control+y")
    assert page.inner_text("#before-after") == moved
    page.click("#redo")
    until(page, "document.querySelectorAll('.sites tbody tr').length === 3")
    window.quiet()


def test_a_site_is_added_by_hand_without_money(visit, own):
    window, page = opened(visit, own)
    page.click("#tab-plan")
    page.select_option("#add-layer", "safe_house")
    page.click("#add")
    map_ = page.locator("#map").bounding_box()
    page.mouse.click(map_["x"] + map_["width"] * 0.6, map_["y"] + map_["height"] * 0.5)
    page.wait_for_selector("#plan-summary")
    assert numbers(page) == ["1"]
    assert "안심지킴이집" in page.inner_text(".layer")
    window.quiet()


def test_all_of_it_by_keyboard(visit, own):
    window, page = opened(visit, own)

    def tab_to(selector, most=80):
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"Tab does not reach {selector}")

    tab_to("tr[data-gap='0'] .plain")
    page.keyboard.press("Enter")
    page.wait_for_selector(".popup:focus")
    tab_to(".popup .button.primary", 6)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{MONEY}:focus")
    page.keyboard.type("1억")
    page.keyboard.press("Enter")
    page.wait_for_selector("#plan-summary", timeout=SLOW_MS)
    page.locator(".site-number").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".cost:has-text('옮김')")
    page.locator(".site-number").first.focus()
    page.keyboard.press("Delete")
    page.wait_for_selector(".cost:has-text('뺌')")
    page.focus("#add")
    page.keyboard.press("Enter")
    page.wait_for_selector("#map:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cost:has-text('더함')")
    page.focus("#tab-plan")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == "tab-cover"
    page.focus("#district")
    page.keyboard.type("ㅇㅅㄱ")
    assert page.locator("#district-list [role=option]").all_inner_texts()[0].startswith("안심구")
    page.keyboard.press("Escape")
    assert page.input_value("#district") == "안심구"
    window.quiet()


# ---------------------------------------------------------------- kept and sent
def with_setting(route, **settings):
    """Let a kept plan have been made under another setting."""
    answer = route.fetch()
    plan = answer.json()
    plan["settings"] |= settings
    route.fulfill(response=answer, json=plan)


def made_under_other_conditions(page, own, alone):
    """Compare and open a plan judged on one need, and the other as if made with smaller gap areas."""
    # Under other conditions the first gap is another place: both are named, and nothing is subtracted.
    first = api(own, f"/v1/plans/{urllib.parse.quote('카메라 넷')}")
    gaps = [next(gap for gap in one["gaps"] if gap["rank"] == 1) for one in (first, alone)]
    places = [f"{gap['dong_name']} {gap['grid_id']}" for gap in gaps]
    assert places[0] != places[1]
    page.uncheck("[aria-label='견줄 계획: 카메라 셋']")
    page.check("[aria-label='견줄 계획: CCTV만']")
    page.click("#compare")
    left = page.locator("#compared tr", has_text="1위 틈새에 남는").inner_text(timeout=SLOW_MS)
    assert all(place in left for place in places)
    differences = page.locator("#compared tbody tr:nth-child(n+3) td:nth-child(4)").all_inner_texts()
    assert set(differences) <= {"—", ""}
    assert page.locator(".compare-body .notice").count() == 1
    page.keyboard.press("Escape")
    # What it was judged by is not what is shown, and a setting that no phrase is for is not passed over.
    page.click("#kept .plain:has-text('CCTV만')")
    page.wait_for_selector("#stale:has-text('CCTV만 판단')")
    assert "그 밖의 설정" not in page.inner_text("#stale")
    page.route("**/v1/plans/*cover=true", lambda route: with_setting(route, max_gap_ha=4.0))
    page.click("#tab-kept")
    page.click("#kept .plain:has-text('카메라 넷')")
    page.wait_for_selector("#stale:has-text('그 밖의 설정')")
    page.unroute("**/v1/plans/*cover=true")
    page.click("#tab-kept")
    page.click("#kept .plain:has-text('카메라 넷')")


def test_two_plans_are_kept_and_laid_side_by_side(visit, own):
    window, page = opened(visit, own)
    plan_worst_gap(page)
    page.fill("#plan-name", "카메라 넷")
    page.click(".keep [type=submit]")
    page.wait_for_selector("#keep-said:has-text('저장했습니다')")
    cameras = {"layer": "cctv", "budget_krw": 1e8, "within": "gap:1"}
    asked = {"layers": [cameras], "settings": {"need": ["watched"], "threshold": 0.3}, "name": "CCTV만"}
    alone = api(own, "/v1/districts/99999/plans", json_body=asked)
    page.click("[aria-label='1번 자리 빼기']")
    page.wait_for_selector(".cost")
    page.fill("#plan-name", "카메라 셋")
    page.click(".keep [type=submit]")
    page.wait_for_selector("#keep-said:has-text('저장했습니다')")
    page.click("#tab-kept")
    page.check("[aria-label='견줄 계획: 카메라 넷']")
    page.check("[aria-label='견줄 계획: 카메라 셋']")
    page.click("#compare")
    page.wait_for_selector("#compared")
    sites = page.locator("#compared tr", has_text="자리 수").inner_text().split("\t")
    assert [part.strip() for part in sites] == ["자리 수", "4", "3", "−1"]
    assert page.locator(".small-map canvas").count() >= 4
    left = page.locator("#compared tr", has_text="1위 틈새에 남는").inner_text().split("\t")
    assert re.fullmatch(r"[−+][\d,]+", left[3].strip())
    assert page.locator(".compare-body .notice").count() == 0
    page.keyboard.press("Escape")
    made_under_other_conditions(page, own, alone)
    page.wait_for_selector("#stale", state="hidden")
    page.wait_for_selector("#plan-summary h3:has-text('카메라 넷')")
    assert "plan=" in address(page)
    page.click("#tab-kept")
    for name in ("카메라 넷", "카메라 셋", "CCTV만"):
        page.click(f"[aria-label='계획 {name} 지우기']")
        page.click(".dialog .primary")
        page.wait_for_selector(f"#kept :text-is('{name}')", state="detached")
    assert api(own, "/v1/plans", district="99999")["plans"] == []
    window.quiet()


def test_the_link_opens_the_same_view(visit, own):
    window, page = opened(visit, own)
    page.locator("#reach").fill("1.2")
    settled(page)
    plan_worst_gap(page)
    page.click("[aria-label='1번 자리 빼기']")
    page.wait_for_selector(".cost")
    page.locator("#legend [data-layer=cctv]").check()
    link = address(page).removeprefix(own.url)
    assert "key=" not in link
    sites = [row.inner_text() for row in page.locator(".sites tbody tr").all()]
    summary = page.inner_text("#before-after")
    again, other = opened(visit, own, link)
    other.wait_for_selector(".cost", timeout=SLOW_MS)
    assert other.input_value("#reach") == "1.2"
    assert [row.inner_text() for row in other.locator(".sites tbody tr").all()] == sites
    assert other.inner_text("#before-after") == summary
    assert other.locator("#legend [data-layer=cctv]").is_checked()
    assert other.input_value("#shade") == page.input_value("#shade")
    assert other.get_attribute("#tab-plan", "aria-selected") == "true"
    assert address(other) == address(page)
    window.quiet()
    again.quiet()
