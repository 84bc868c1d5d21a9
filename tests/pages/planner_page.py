"""What tests of the planner's page have in common: opened, waited for, planned."""

import json
import time
import urllib.parse
import urllib.request

MONEY = "#money-cctv"
SLOW_MS = 240_000  # a machine may be busy: what is awaited is only whether it comes


def api(served, path, json_body=None, **parameters):
    """Ask the service as a planner does, past the page; ``json_body`` is posted."""
    address = f"{served.url}{path}?{urllib.parse.urlencode(parameters)}"
    headers = {"Authorization": f"Bearer {served.key}", "Content-Type": "application/json"}
    body = json.dumps(json_body).encode() if json_body else None
    request = urllib.request.Request(address, body, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=240) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def opened(visit, own, path="/", **more):
    """Open the page and wait for its figures."""
    window = visit(at=own, **more)
    page = window.go(path)
    shown(page)
    return window, page


def shown(page):
    page.wait_for_selector("html[data-view]", timeout=SLOW_MS)


def settled(page):
    """Wait until the figures are those of the conditions."""
    page.wait_for_selector("html:not([data-busy])", timeout=SLOW_MS)


def address(page):
    """Return the address as the page has it: what Playwright knows of it comes a little later."""
    return page.evaluate("location.href")


def until(page, script, seconds=SLOW_MS / 1_000):
    """Wait until something is so. Playwright's own way evaluates text in the page, which the policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < end, script
        page.wait_for_timeout(50)


def uncovered(page):
    return [cell.inner_text() for cell in page.locator("#gap-table tbody tr td:nth-child(3)").all()]


def plan_worst_gap(page, money="1억"):
    page.click("tr[data-gap='0'] .button")
    page.fill(MONEY, money)
    page.click("#run")
    page.wait_for_selector("#plan-summary", timeout=SLOW_MS)


def numbers(page):
    return page.locator(".site-number span").all_inner_texts()


def drawing(page):
    """Return what is drawn, as one text: drawn is at the next frame, so two frames are let go by."""
    return page.evaluate(
        """() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() =>
        drawn([...document.querySelectorAll('#map canvas')].map(c => c.toDataURL()).join()))))"""
    )
