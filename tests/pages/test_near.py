"""The phone page in a real Chromium: what is near, how to call, every state without a position."""

import json
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.conftest import HOSTILE, PHONE
from tests.pages.near_phone import BORDER, INSIDE, at, code_at, listed, ready
from tests.pages.near_store import lonlat

pytestmark = pytest.mark.browser
TARGET_PX = 44


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
