"""What the tests of the phone page ask of it."""

import time
from datetime import datetime, timedelta

import numpy as np

from geo.crs import to_metres
from geo.grid import cell_names
from layers.hours import SEOUL

INSIDE = (1_503, 1_507)  # metres from the corner of 서쪽구
BORDER = (2_700, 1_500)


def at(hour, minute=0, days=0):
    """An hour of today (the day the service made its bundles), Seoul's clock."""
    now = datetime.now(SEOUL)
    return now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)


def code_at(lon, lat):
    x, y = to_metres(np.array([lon]), np.array([lat]))
    return cell_names(x, y, 10)[0]


def ready(seen):
    seen.page.wait_for_selector("#near:not([hidden]) .layer")
    return seen.page


def listed(page):
    return page.eval_on_selector_all(
        ".layer[data-layer=safe_house] li",
        """all => all.map(li => (
        { id: li.dataset.id, text: li.innerText, state: li.querySelector('.state').innerText }))""",
    )


def wait_kept(page):
    """Wait until page and data are kept. (Playwright's own waiting would evaluate a text, which the policy forbids.)"""
    asked = """Promise.all([navigator.serviceWorker.ready.then(r => r.active.state), caches.keys(),
        caches.open('ansim-near-data-1').then(c => c.keys()).then(all => all.map(r => r.url))])"""
    until = time.monotonic() + 240
    while True:
        state, names, kept = page.evaluate(asked)
        if state == "activated" and len(names) > 1 and any("/v1/bundles/" in url for url in kept):
            return
        assert time.monotonic() < until, (state, names, kept)
        time.sleep(0.1)
