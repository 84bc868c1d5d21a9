"""The phone page in a real Chromium: the code, what is near, every state without a position."""

import json
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from geo.crs import to_metres
from geo.grid import cell_names
from tests.pages.conftest import HOSTILE, PHONE
from tests.pages.near_phone import BORDER, INSIDE, at, code_at, listed, ready
from tests.pages.near_store import lonlat

pytestmark = pytest.mark.browser
TARGET_PX = 44


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


def test_first_how_to_call_then_what_is_near(phone, near_served):
    hour = at(23)
    seen = phone(clock=hour)
    page = ready(seen)
    lon, lat = lonlat(*INSIDE)
    assert page.inner_text("#code") == code_at(lon, lat)
    assert "±12 m" in page.inner_text("#accuracy")
    assert page.get_attribute(".act.call", "href") == "tel:112"
    order = page.evaluate(
        "['call-card', 'nearest', 'map'].map(id => document.getElementById(id).getBoundingClientRect().top)"
    )
    assert order == sorted(order)
    # Distances, order and minutes as the service itself gives them.
    asked = {
        "lat": lat,
        "lon": lon,
        "radius_m": 1000,
        "limit": 3,
        "layers": ["safe_house"],
        "open_at": hour.isoformat(),
    }
    answer = seen.context.request.post(
        f"{near_served.url}/v1/nearby", data=json.dumps(asked), headers={"content-type": "application/json"}
    )
    points = answer.json()["points"]
    shown = listed(page)
    assert [one["id"] for one in shown] == [point["id"] for point in points]
    for one, point in zip(shown, points, strict=True):
        metres_shown = int(one["text"].split(" m")[0].split()[-1].replace(",", ""))
        assert abs(metres_shown - point["distance_m"]) <= 1
        assert "직선거리 기준" in one["text"]
        word = {"open": "열림", "closed": "닫힘", "unknown": "모름"}[point["open"]]
        assert word in one["state"]
    assert "별빛24 낮점" in shown[1]["text"]
    assert shown[1]["state"] == "지금 닫힘 · 06:00에 엶"
    assert "북쪽" in page.inner_text("#nearest") or "동쪽" in page.inner_text("#nearest")
    assert "안전" not in page.inner_text("#nearest")
    bell = page.inner_text(".layer[data-layer=emergency_bell]")
    assert "여는 시간 모름" in bell
    assert "자료 없음" in page.inner_text("#rest [data-layer=police_box]")
    assert "보안등" in page.inner_text("#counts")
    assert "스마트보안등 자료 없음" in page.inner_text("#counts")
    seen.quiet()


@pytest.mark.parametrize(
    ("hour", "minute", "state"),
    [(23, 0, "지금 열림 · 02:30까지"), (2, 29, "지금 열림 · 02:30까지"), (2, 30, "지금 닫힘 · 22:00에 엶")],
)
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul"])
def test_hours_are_seouls_whatever_the_phones_clock_zone(phone, hour, minute, state, zone):
    seen = phone((1_500, 1_310), clock=at(hour, minute, days=1), timezone_id=zone)
    ready(seen)
    night = next(one for one in listed(seen.page) if "밤점" in one["text"])
    assert night["state"] == state
    seen.quiet()


def test_old_places_are_hidden_and_that_is_said(phone):
    seen = phone()
    ready(seen)
    names = seen.page.locator(".layer[data-layer=safe_house] .name").all_inner_texts()
    assert "달빛24 서쪽점" in names
    assert "옛점" not in names
    assert "숨긴 곳 1곳 (서쪽구 전체)" in seen.page.inner_text(".layer[data-layer=safe_house]")
    seen.quiet()


def test_both_districts_at_a_border(phone):
    seen = phone(BORDER)
    page = ready(seen)
    page.wait_for_selector("#near-title:has-text('동쪽구')")
    assert "동쪽점" in page.inner_text(".layer[data-layer=safe_house]")
    assert seen.shifted() == 0  # whichever of the two came first
    assert {urlsplit(url).path for url in seen.requests if "/v1/bundles" in url} == {
        "/v1/bundles/98001",
        "/v1/bundles/98002",
    }
    seen.quiet()


def test_a_neighbour_that_cannot_be_had_is_named(phone, visit, near_served):
    lon, lat = lonlat(*BORDER)
    seen = visit(
        PHONE,
        at=near_served,
        staff=False,
        geolocation={"longitude": lon, "latitude": lat, "accuracy": 9},
        permissions=["geolocation"],
        service_workers="block",
    )
    seen.page.route("**/v1/bundles/98002", lambda route: route.fulfill(status=503, body="{}"))
    seen.go("/near")
    ready(seen)
    seen.page.wait_for_selector("#missing")
    assert "동쪽구" in seen.page.inner_text("#missing")
    assert [text for text in seen.said if "503" not in text and "blocked by Playwright" not in text] == []


def test_outside_every_district_the_code_stands(phone):
    seen = phone((-6_000, 1_500))
    seen.page.wait_for_selector("#outside")
    assert seen.page.inner_text("#code") == code_at(*lonlat(-6_000, 1_500))
    assert "서쪽구" in seen.page.inner_text("#outside")
    assert not any("/v1/bundles" in url for url in seen.requests)
    seen.quiet()


def test_just_outside_what_lies_beside_is_shown(phone):
    seen = phone((-200, 1_500))
    page = ready(seen)
    assert "서쪽구" in page.inner_text("#outside")
    seen.quiet()


def test_outside_korea(phone):
    seen = phone(degrees=(2.35, 48.85))
    seen.page.wait_for_selector("#problem[data-problem=abroad]")
    assert seen.page.locator("#code").count() == 0
    assert "건물번호판" in seen.page.inner_text("#problem")
    seen.quiet()


def test_a_rough_position_is_called_rough(phone):
    seen = phone(accuracy=350)
    ready(seen)
    assert "±350 m" in seen.page.inner_text("#accuracy")
    assert "부정확" in seen.page.inner_text("#call-card .note")
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


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "insecure"),
        ("Object.defineProperty(navigator, 'geolocation', { value: undefined })", "absent"),
        ("navigator.geolocation.watchPosition = (_, no) => { no({ code: 2 }); return 1; }", "unavailable"),
        ("navigator.geolocation.watchPosition = (_, no) => { no({ code: 3 }); return 1; }", "timeout"),
    ],
)
def test_a_plain_state_for_each_reason(visit, near_served, script, problem):
    seen = visit(PHONE, at=near_served, staff=False)
    seen.page.add_init_script(script)
    seen.go("/near")
    seen.page.click("[data-key=locate]")
    seen.page.wait_for_selector(f"#problem[data-problem={problem}]")
    assert len(seen.page.inner_text("#problem")) > 60  # what it is and what to do
    assert seen.page.locator(".act.call").is_visible()
    seen.quiet()


def test_copying_gives_the_sentence_for_112(phone):
    seen = phone(permissions=["geolocation", "clipboard-read", "clipboard-write"])
    page = ready(seen)
    page.click("[data-key=copy]")
    page.wait_for_selector("#toast:not([hidden])")
    text = page.evaluate("navigator.clipboard.readText()")
    assert code_at(*lonlat(*INSIDE)) in text
    assert "112" in text
    seen.quiet()


def test_a_message_to_112_has_the_code_in_it_and_no_address_of_the_page_does(phone):
    seen = phone()
    page, opened = ready(seen), []
    session = seen.context.new_cdp_session(page)
    session.on("Page.frameRequestedNavigation", lambda event: opened.append(event["url"]))
    session.send("Page.enable")
    assert page.get_attribute("[data-key=text]", "href") == "sms:112"
    page.click("[data-key=text]")
    page.wait_for_selector("#toast:not([hidden])")
    assert [unquote(url) for url in opened] == [
        f"sms:112?&body=국가지점번호 {code_at(*lonlat(*INSIDE))} (오차 ±12 m)에 있습니다."
    ]
    said = page.get_attribute(".act.call", "aria-describedby")
    assert page.inner_text(f"#{said}") == page.inner_text("#say").split("국가지점번호 ")[1].rstrip("”")


_FIXES = """
navigator.geolocation.watchPosition = yes => {
    window.fix = (longitude, latitude) => yes({ coords: { longitude, latitude, accuracy: 9 } });
    return 1;
};
navigator.geolocation.clearWatch = () => {};
window.look = away => { Object.defineProperty(document, 'hidden', { value: away, configurable: true });
    document.dispatchEvent(new Event('visibilitychange')); };
"""


def test_a_place_that_may_no_longer_hold_is_called_so(visit, near_served):
    seen = visit(PHONE, at=near_served, staff=False)
    page = seen.page
    page.add_init_script(_FIXES)
    page.clock.install(time=at(1, 2))
    seen.go("/near")
    page.click("[data-key=locate]")
    assert page.is_disabled("[data-key=locate]")
    page.clock.fast_forward(9_000)
    page.wait_for_selector("#call-card:has-text('아직 찾고 있습니다')")
    assert page.is_enabled("[data-key=locate]")
    there = lonlat(*INSIDE)
    page.evaluate("at => window.fix(...at)", there)
    ready(seen)
    assert page.locator("#doubt").count() == 0
    page.evaluate("window.look(true)")
    page.clock.fast_forward(600_000)
    page.evaluate("window.look(false)")
    assert "01:02의 위치" in page.inner_text("#doubt")
    page.evaluate("at => window.fix(...at)", there)
    page.wait_for_selector("#doubt", state="detached")
    seen.quiet()


def test_what_is_shown_already_stays_where_the_reader_is(phone):
    seen = phone()
    page = ready(seen)
    page.evaluate("for (const e of document.querySelectorAll('#layers li, #bar > *, #code')) e.seen = true")
    page.evaluate("dispatchEvent(new Event('resize'))")  # all is worked out anew, as every 20 s and with every step
    assert page.evaluate("[...document.querySelectorAll('#layers li, #bar > *, #code')].every(e => e.seen)")
    # Pressed on the map, a place is found in the list.
    name = page.evaluate(
        """() => { const map = document.getElementById('map'), box = map.getBoundingClientRect();
        for (let y = 4; y < box.height; y += 8) for (let x = 4; x < box.width; x += 8) {
            map.dispatchEvent(new MouseEvent('click', { clientX: box.x + x, clientY: box.y + y, bubbles: true }));
            const focused = document.activeElement;
            if (focused.matches('li')) return focused.querySelector('.name').textContent; } }"""
    )
    assert name in page.locator("#layers li .name").all_inner_texts()
    seen.quiet()


def test_names_cannot_become_markup(phone):
    seen = phone((1_700, 1_505))
    page = ready(seen)
    assert f"이름{HOSTILE}" in page.inner_text(".layer[data-layer=safe_house]")
    assert page.locator("main img").count() == 0
    seen.quiet()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_looks_and_access(phone, lang, dark):
    seen = phone(path="/near?lang=en" if lang == "en" else "/near", dark=dark)
    page = ready(seen)
    assert page.get_attribute("html", "lang") == lang
    assert ("Call 112" if lang == "en" else "112 전화") in page.inner_text("#bar")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in background[4:-1].split(",")) < 150) == dark
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    small = page.eval_on_selector_all(
        "a, button, input, summary",
        """(all, least) => all.filter(e => e.checkVisibility() && !e.matches('.skip'))
        .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
        .filter(([, box]) => box.width < least || box.height < least)
        .map(([html, box]) => [html, box.width, box.height])""",
        TARGET_PX,
    )
    assert small == []
    bottom = page.eval_on_selector_all(".act", "all => all.map(e => e.getBoundingClientRect().bottom)")
    assert min(bottom) > PHONE[1] * 0.8  # under the thumb
    grave = [one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in grave] == []
    assert seen.shifted() == 0
    assert ("Safe houses" if lang == "en" else "안심지킴이집") in page.inner_text("#layers")
    under = page.evaluate(
        """['map', 'closer', 'wider'].map(id => document.getElementById(id).getBoundingClientRect())
        .map(box => [box.top, box.bottom])"""
    )
    assert min(top for top, _ in under[1:]) >= under[0][1]  # the buttons cover no place
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.evaluate("document.getElementById('bar').offsetHeight") < PHONE[1] / 3
    seen.quiet()


def test_by_keyboard_alone(phone):
    seen = phone(None)
    page = seen.page
    page.locator("#choose").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#choose-list button")
    field = page.locator("#choose-field").bounding_box()
    assert field["y"] + field["height"] <= page.locator("#choose-list button").first.bounding_box()["y"]
    assert page.evaluate("document.activeElement.id") == "choose-title"  # no keyboard over the list of a phone
    page.locator("#choose-list button").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    ready(seen)
    assert page.evaluate("document.activeElement.id") == "near-title"
    seen.quiet()
