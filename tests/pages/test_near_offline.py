"""The phone page without a network: what is kept, how old it may be, that no position is, how little is loaded."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.pages.near_phone import INSIDE, at, code_at, listed, ready, wait_kept
from tests.pages.near_store import lonlat, metres
from tests.pages.planner_page import until

pytestmark = pytest.mark.browser


def test_it_opens_without_a_network_after_the_first_visit(phone):
    seen = phone(clock=at(23))
    page = ready(seen)
    wait_kept(page)
    before = listed(page)
    seen.context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page = ready(seen)
    assert page.inner_text("#code") == code_at(*lonlat(*INSIDE))
    assert listed(page) == before
    assert "받아 둔 자료" in page.inner_text("#offline")
    seen.quiet()


def test_an_old_bundle_says_so_and_knows_no_hours(phone):
    seen = phone(clock=at(12))
    page = ready(seen)
    wait_kept(page)
    seen.context.set_offline(True)
    kept = page.evaluate("caches.match('/v1/bundles/98001').then(r => r.json()).then(bundle => bundle.valid_until)")
    page.clock.set_fixed_time(datetime.fromisoformat(f"{kept}T12:00:00+09:00") + timedelta(days=23))
    page.reload()
    page = ready(seen)
    assert "기한이 23일 지났습니다" in page.inner_text("#old")
    assert {one["state"] for one in listed(page)} == {"여는 시간 모름"}
    assert "열린 것으로 알려진" in page.inner_text("#nearest")
    assert "여는 시간 모름" in page.inner_text("#nearest .state")  # the nearest is named, and not called open
    assert "숨긴 곳 2곳" in page.inner_text(".layer[data-layer=safe_house]")  # one became too old meanwhile
    seen.quiet()


def test_offline_where_nothing_was_kept(phone):
    seen = phone(None)
    until(seen.page, "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
    seen.page.evaluate("caches.delete('ansim-near-data-1')")
    seen.context.set_offline(True)
    seen.page.reload()
    seen.page.wait_for_selector("#nothing-kept")
    assert seen.page.locator(".act.call").is_visible()
    seen.quiet()


def test_the_position_leaves_no_trace(phone):
    seen = phone(accuracy=17)
    sent = []
    for request in ("request",):
        seen.context.on(request, lambda r: sent.append((r.url, r.post_data, r.headers)))
    page = ready(seen)
    wait_kept(page)
    page.click("[data-key=copy]")
    page.reload()
    ready(seen)
    lon, lat = lonlat(*INSIDE)
    x, y = metres(lon, lat)
    _, east, north = page.inner_text("#code").split()
    marks = [
        f"{lon:.4f}",
        f"{lat:.4f}",
        f"{x:.0f}",
        f"{y:.0f}",
        f"{east} {north}",
        f"{east}+{north}",
        f"{east}{north}",
        f"{east}%20{north}",
    ]
    kept = page.evaluate(
        """async () => JSON.stringify([
        { ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state,
        await indexedDB.databases(), await caches.keys(),
        [...document.querySelectorAll('[href], [src]')].map(e => e.href || e.src),
        await Promise.all((await caches.keys()).map(
            async name => (await (await caches.open(name)).keys()).map(r => r.url))),
        ])"""
    )
    everything = kept + json.dumps([*seen.requests, *sent], default=str)
    assert [mark for mark in marks if mark in everything] == []
    assert urlsplit(page.url).query == ""
    assert {urlsplit(url).path.split("/")[1] for url in seen.requests} <= {"near", "static", "v1", "near-worker.js"}
    assert {urlsplit(url).path for url in seen.requests if "/v1/" in url} == {
        "/v1/districts/outlines",
        "/v1/bundles/98001",
    }
    # What is kept of the data is the same for everybody in the district.
    kept_bundle = page.evaluate("caches.match('/v1/bundles/98001').then(r => r.text())")
    plain = seen.context.request.get(f"{seen.served.url}/v1/bundles/98001").text()
    assert json.loads(kept_bundle) == json.loads(plain)
    seen.quiet()


def test_the_first_load_is_small(phone):
    seen = phone()
    assert first_load(seen) < 300_000


def first_load(seen):
    """Bytes of a first visit as they came over the wire, headers too, the service worker's own requests among them."""
    fresh = seen.context.browser.new_context(
        viewport={"width": 360, "height": 780}, permissions=["geolocation"],
        geolocation={"longitude": lonlat(*INSIDE)[0], "latitude": lonlat(*INSIDE)[1], "accuracy": 12},
    )  # fmt: skip
    asked = []
    fresh.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks what it is given
    page = fresh.new_page()
    page.goto(f"{seen.served.url}/near")
    page.wait_for_selector("#near:not([hidden]) .layer")
    wait_kept(page)
    sizes = [request.sizes() for request in asked]
    total = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    assert any("/v1/bundles/" in request.url for request in asked)
    assert total > 10_000
    fresh.close()
    return total
