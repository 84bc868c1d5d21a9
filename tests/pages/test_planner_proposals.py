"""Proposals on the planner's page: the list and its marks, decisions and the way back, into the plan, hostile names."""

import json
import shutil
import urllib.request
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import sample_proposals as sample
from tests.pages.conftest import PHONE, SAMPLE, import_sample, served_from
from tests.pages.planner_page import SLOW_MS, api, numbers, opened, until

pytestmark = pytest.mark.browser
TAB = "/#tab=proposals"
LIST = "#proposal-list"
HOSTILE = len(sample.ROWS) + 1


@pytest.fixture(scope="module")
def desk(page_store, tmp_path_factory):
    """A service over a copy of the sample with a call for proposals, one of them hostile in all its texts."""
    folder = tmp_path_factory.mktemp("proposals")
    shutil.copy(page_store, folder / "s.gpkg")
    add_neighbour(folder / "s.gpkg", folder)
    sample.score(folder / "s.gpkg", folder, more=[sample.hostile()])
    with served_from(folder / "s.gpkg", folder) as running:
        yield running


def add_neighbour(store, folder):
    """Add a district of three dong to the east of the sample, which proposed nothing."""
    made = json.loads(next(SAMPLE.glob("행정동_경계*.geojson")).read_text(encoding="utf-8"))
    made["features"] = made["features"][:3]
    for i, one in enumerate(made["features"], start=1):
        own = {"adm_cd": f"999805{i}", "adm_cd2": f"999985{i}000", "sgg": "99998", "sggnm": "이웃구"}
        one["properties"] |= {**own, "adm_nm": one["properties"]["adm_nm"].replace("안심구", "이웃구")}
        one["geometry"]["coordinates"] = [[[x + 0.05, y] for x, y in ring] for ring in one["geometry"]["coordinates"]]
    (folder / "이웃").mkdir()
    (folder / "이웃" / "경계.geojson").write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    header, *rows = next(SAMPLE.glob("1인가구*.csv")).read_text(encoding="cp949").splitlines()
    rows = [
        f"9998{one[4:]}".replace("안심구", "이웃구") for one in rows if one[:7] in {"9999051", "9999052", "9999053"}
    ]
    (folder / "이웃" / "1인가구_이웃구.csv").write_text("\n".join([header, *rows]), encoding="cp949")
    import_sample(store, folder / "이웃")


def row(page, number):
    return page.locator(f"li[data-proposal='{number}']")


def listed(page):
    return [int(one.get_attribute("data-proposal")) for one in page.locator(f"{LIST} > li").all()]


def marked(page):
    """The numbers on the map, a dong's label with its several."""
    return {
        int(n) for one in page.locator(".proposal-mark").all() for n in one.get_attribute("data-proposals").split(",")
    }


def decide(page, number, outcome, reason):
    if not row(page, number).locator(".detail").count():
        row(page, number).locator(".plain").click()
    row(page, number).locator(f"input[value={outcome}]").check()
    row(page, number).locator("[id^=reason-]").fill(reason)
    row(page, number).locator("[type=submit]").click()
    page.wait_for_selector(f"#proposal-said:has-text('{number}번')", timeout=SLOW_MS)


def call(served):
    return api(served, f"/v1/proposals/{quote(sample.NAME)}", district="99999")


def decided_elsewhere(served, number, outcome, reason):
    """Decide as another planner does, past this page."""
    asked = urllib.request.Request(  # noqa: S310 - loopback
        f"{served.url}/v1/proposals/{quote(sample.NAME)}/{number}/decision",
        json.dumps({"outcome": outcome, "reason": reason}).encode(), method="PUT",
        headers={"Authorization": f"Bearer {served.key}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=240) as answer:  # noqa: S310
        assert answer.status == 200


def test_list_and_map_find_each_other(visit, desk):
    window, page = opened(visit, desk, TAB)
    page.wait_for_selector(LIST, timeout=SLOW_MS)
    told = call(desk)["proposals"]
    assert listed(page) == [p["number"] for p in told]
    assert marked(page) == {p["number"] for p in told if not p["struck"]}
    assert page.locator(".proposal-mark.of-dong").count() == 2  # no point is pretended
    overlapping = page.evaluate(
        """() => { const written = '.proposal-mark:not(.small, .out) span, .gap-number span';
          const boxes = [...document.querySelectorAll(written)]
          .filter(s => getComputedStyle(s).visibility === 'visible').map(s => s.getBoundingClientRect());
          return boxes.filter((a, i) => boxes.some((b, k) => k > i && a.left < b.right - 1 && a.right > b.left + 1
            && a.top < b.bottom - 1 && a.bottom > b.top + 1)).length; }"""
    )
    assert overlapping == 0
    page.locator("[data-proposals='4'] span").click()
    assert "놀이터 담장" in page.inner_text(".leaflet-popup")
    assert row(page, 4).locator(".detail").is_visible()
    assert "chosen" in row(page, 4).get_attribute("class")
    for number in (13, 5):  # a point, a dong
        row(page, number).locator(".find").click()
        page.wait_for_selector(f".proposal-mark.picked[data-proposals='{number}']", state="attached")
        frame, mark = (page.locator(one).bounding_box() for one in ("#map", f"[data-proposals='{number}'] span"))
        assert frame["x"] < mark["x"] < frame["x"] + frame["width"]
        assert frame["y"] < mark["y"] < frame["y"] + frame["height"]
    assert row(page, 10).locator(".find").is_disabled()
    page.click("[data-filter=struck]")
    assert set(listed(page)) == {p["number"] for p in told if p["struck"]} >= {7, 10, 11}
    assert "1번과 같은 제안" in row(page, 11).inner_text()
    page.click("[data-filter=unlisted]")
    assert not {7, 10, 11} & set(listed(page))
    assert "추천에서 빠짐" in row(page, 8).inner_text()
    page.click("[data-filter=listed]")
    assert marked(page) == {p["number"] for p in told if p["shortlisted"]}
    page.uncheck("#show-proposals")
    assert marked(page) == set()
    assert "pf=listed" in page.evaluate("location.hash")
    page.check("#show-proposals")
    page.click("[data-filter=all]")
    page.fill("#district", "이웃구")  # with fewer dong: the marks are of none of them
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel-proposals .empty:has-text('이웃구')", timeout=SLOW_MS)
    assert marked(page) == set()
    assert window.shifted() < 0.02
    window.quiet()


def test_decisions_are_made_undone_and_kept(visit, desk, tmp_path):
    window, page = opened(visit, desk, TAB)
    page.wait_for_selector(LIST, timeout=SLOW_MS)
    row(page, 4).locator(".plain").focus()
    page.keyboard.press("Enter")
    row(page, 4).locator("[type=submit]").click()
    assert "하나를 고르십시오" in row(page, 4).inner_text()
    row(page, 4).locator("input[value=chosen]").check()
    row(page, 4).locator("[type=submit]").click()
    assert "사유를 적어야" in row(page, 4).inner_text()
    decide(page, 4, "chosen", "골목이 길고 외짐")
    assert "선정" in row(page, 4).inner_text()
    assert page.locator(".proposal-mark.chosen[data-proposals='4'] span").inner_text() == "✓4"
    decide(page, 13, "not_chosen", "예산 밖")
    page.click("#undo-decision")
    page.wait_for_selector("#proposal-said:has-text('되돌렸습니다')", timeout=SLOW_MS)
    kept = {p["number"]: p["decision"] and p["decision"]["reason"] for p in call(desk)["proposals"]}
    assert (kept[4], kept[13]) == ("골목이 길고 외짐", None)
    decide(page, 4, "chosen", "골목이 길고 외짐")  # the same again is no entry: nothing to take back
    assert page.locator("#undo-decision").count() == 0
    # Another decides on what was just decided: the way back is not one from theirs, not even once it is read.
    decide(page, 12, "chosen", "장날에 붐빔")
    decided_elsewhere(desk, 12, "held", "상인회에 물음")
    page.click("#undo-decision")
    page.click("#proposal-said .problem button", timeout=SLOW_MS)
    page.wait_for_selector("#proposal-said", state="detached", timeout=SLOW_MS)
    until(page, "document.querySelector('li[data-proposal=\"12\"]').innerText.includes('상인회에 물음')")
    page.click("[data-filter=chosen]")
    assert listed(page) == [4]
    # Another decides meanwhile: this page does not overwrite it, and reads anew.
    _, other = opened(visit, desk, TAB)
    other.wait_for_selector(LIST, timeout=SLOW_MS)
    decide(other, 4, "held", "현장 확인")
    row(page, 4).locator("[id^=reason-]").fill("그래도")
    row(page, 4).locator("[type=submit]").click()
    page.wait_for_selector("li[data-proposal='4'] .problem", timeout=SLOW_MS)
    row(page, 4).locator(".problem button").click()
    page.wait_for_selector(f"{LIST}, #panel-proposals .empty")
    page.click("[data-filter=other]")
    assert "현장 확인" in row(page, 4).inner_text()
    with page.expect_download(timeout=SLOW_MS) as got:
        page.click("#proposal-files summary")
        page.click("[data-table=geojson] >> nth=0")
    got.value.save_as(tmp_path / "제안.geojson")
    saved = json.loads((tmp_path / "제안.geojson").read_text(encoding="utf-8"))
    assert {f["properties"]["decision_reason"] for f in saved["features"]} == {"", "현장 확인", "상인회에 물음"}
    window.said = [said for said in window.said if "409" not in said]  # the browser notes the refusal
    window.quiet()


def test_a_proposal_becomes_a_site_and_the_shortlist_is_made_anew(visit, desk):
    window, page = opened(visit, desk, TAB)
    page.wait_for_selector(LIST, timeout=SLOW_MS)
    row(page, 1).locator(".plain").click()
    row(page, 1).locator("[data-add]").click()
    page.wait_for_selector("#plan-summary", timeout=SLOW_MS)
    assert numbers(page) == ["1"]
    assert "제안 1번 자리에 CCTV 넣음" in page.inner_text("#plan-result")
    place = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('s.cctv')")
    assert place == "@125.595200,36.896600"
    page.click("#tab-proposals")
    until(page, "document.querySelector('[data-add=\"1\"]').disabled")
    page.click("#shortlist summary")
    page.fill("[data-limit=size]", "2")
    page.click("#shortlist [type=submit]")
    page.wait_for_selector("#proposal-said:has-text('다시 만들었습니다')", timeout=SLOW_MS)
    page.click("[data-filter=listed]")
    assert len(listed(page)) == 2
    page.click("[data-filter=all]")
    decide(page, 9, "held", "막차 시각을 봄")
    assert "추천 밖에서" in row(page, 9).inner_text()
    page.click("#shortlist summary")
    page.click("#shortlist button:not([type=submit])")
    page.wait_for_selector("#proposal-said:has-text('없앴습니다')", timeout=SLOW_MS)
    assert "추천 밖" not in page.inner_text(LIST)
    window.quiet()


def test_hostile_texts_english_phone_and_care(visit, desk):
    window, page = opened(visit, desk, "/?lang=en#tab=proposals", size=PHONE)
    page.wait_for_selector(LIST, timeout=SLOW_MS)
    row(page, HOSTILE).locator(".plain").click()
    said = row(page, HOSTILE).inner_text()
    assert sample.HOSTILE in said
    assert f"시민 {sample.HOSTILE}" in said
    row(page, HOSTILE).locator("input[value=held]").check()
    row(page, HOSTILE).locator("[id^=reason-]").fill(sample.HOSTILE)
    row(page, HOSTILE).locator("[type=submit]").click()
    page.wait_for_selector("#proposal-said", timeout=SLOW_MS)
    assert sample.HOSTILE in row(page, HOSTILE).locator(".why").inner_text()
    row(page, HOSTILE).locator(".find").click()
    page.locator(f"[data-proposals='{HOSTILE}'] span").click()
    assert sample.HOSTILE in page.inner_text(".leaflet-popup")
    assert page.locator("#panel-proposals img, #map img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    words = page.locator(
        "#panel-proposals button, #panel-proposals label, #panel-proposals th, #legend"
    ).all_inner_texts()
    assert not any("p.pr" in text for text in words)
    grave = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
    assert grave == []
    window.quiet()
