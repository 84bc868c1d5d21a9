"""The pages as people use them: `ansim serve` in a process of its own, a real Chromium, no way out but loopback."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from layers.catalog import load_catalog
from layers.importing import ImportOptions, import_files
from layers.store import open_store
from tests import mother
from tests.api.conftest import NOW, SAMPLE
from tests.maps.conftest import FLAGS
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
DESK, PHONE = (1440, 900), (360, 780)
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}</script><b>"


class Served:
    """A service that runs: ``url`` (http://127.0.0.1:N), ``key`` of this run, ``link`` to open as staff."""

    def __init__(self, link):
        self.link = link
        self.url, _, self.key = link.partition("/#key=")


@contextmanager
def served_from(store, folder, *options):
    """Serve a store with ``ansim serve`` until the block ends. A test that changes the store takes a copy of it."""
    port = free_port()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    env = {name: value for name, value in env.items() if not name.startswith("ANSIM_")}
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [mother.python(), "-c", "from cli import main; main()", "serve", "--port", str(port), "--store", str(store),
             *options],
            cwd=folder, stdout=subprocess.PIPE, stderr=log, env=env, text=True,
        )  # fmt: skip
        try:
            line = process.stdout.readline().split()
            assert line, (folder / "serve.log").read_text()[-2000:]
            # No terminal: the key is in a file.
            kept = "--no-session-key" not in options and Path(process.stdout.readline().split(": ")[-1].strip())
            served = Served(kept.read_text(encoding="utf-8").strip() if kept else line[0])
            _wait_ready(served.url, folder)
            yield served
        finally:
            process.terminate()
            process.wait(timeout=120)
            process.stdout.close()


def _wait_ready(url, folder):
    until = time.monotonic() + 300  # a busy machine is no fault
    while True:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=60) as answer:  # noqa: S310 - loopback
                answer.read()
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        assert time.monotonic() < until, (folder / "serve.log").read_text()[-2000:]
        time.sleep(0.1)


def import_sample(path, files=SAMPLE):
    """Import the sample district (or a changed copy of its files) into a new store."""
    catalog = load_catalog()
    import_files([files], open_store(str(path), catalog), catalog, ImportOptions(made_up=True), now=NOW)
    return path


@pytest.fixture(scope="session")
def page_store(tmp_path_factory):
    return import_sample(tmp_path_factory.mktemp("page-store") / "s.gpkg")


@pytest.fixture(scope="session")
def served(page_store, tmp_path_factory):
    """The sample district, served; for tests that change no data."""
    with served_from(page_store, tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="session")
def office(page_store, tmp_path_factory):
    """A service over a store of its own, that tests of the import page change: they count from what it holds."""
    from tests.pages.import_page import Office  # noqa: PLC0415 - which imports from here

    folder = tmp_path_factory.mktemp("office")
    path = folder / "own.gpkg"
    shutil.copyfile(page_store, path)
    with served_from(path, folder) as running:
        yield Office(running, path)


@pytest.fixture(scope="module")
def own(page_store, tmp_path_factory):
    """A service over a copy of the sample: plans are kept in it."""
    folder = tmp_path_factory.mktemp("planner")
    shutil.copy(page_store, folder / "s.gpkg")
    with served_from(folder / "s.gpkg", folder) as running:
        yield running


@contextmanager
def browsing():
    """A Chromium whose only host is loopback."""
    path = os.environ.get("ANSIM_CHROMIUM") or shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is needed: apt-get install chromium")
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is driven

    closed = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, *closed])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser():
    """One browser a module: Playwright allows no two at once."""
    with browsing() as chromium:
        yield chromium


class Visit:
    """A window on the service. ``page`` is Playwright's; whatever it asks for, says or shifts is kept."""

    def __init__(self, browser, served, size=DESK, *, staff=True, dark=False, **more):
        width, height = size
        self.served = served
        usual = {"locale": "ko-KR", "timezone_id": "Asia/Seoul", "accept_downloads": True}
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **{**usual, **more}
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(240_000)  # a busy machine is no fault
        self.requests, self.said, self._staff = [], [], staff
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda m: self.said.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.add_init_script(_COUNT_SHIFTS)

    def go(self, path="/"):
        """Open a page; a member of staff comes by the link that `ansim serve` printed."""
        if self._staff:
            path += ("&" if "#" in path else "#") + f"key={self.served.key}"
        self.page.goto(self.served.url + path)
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def quiet(self, *statuses):
        """Nothing was said in the console but answers of these statuses, nothing left the computer, no key stood in an
        address.
        """
        assert [text for text in self.said if not any(f"status of {status} " in text for status in statuses)] == []
        hosts = {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}
        assert hosts <= {urlsplit(self.served.url).netloc}
        assert not any(self.served.key in url.partition("#")[0] for url in self.requests if self.served.key)

    def shifted(self):
        """Return the cumulative layout shift so far."""
        return self.page.evaluate("window.__shifted")


_COUNT_SHIFTS = """
window.__shifted = 0;
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) window.__shifted += e.value;
}).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.fixture
def visit(browser, request):
    """visit(size=…, staff=…) -> :class:`Visit`, closed after the test."""
    made = []

    def open_(size=DESK, *, at=None, **more):
        made.append(Visit(browser, at or request.getfixturevalue("served"), size, **more))
        return made[-1]

    yield open_
    for one in made:
        one.context.close()


@pytest.fixture
def opened(visit, office):
    """opened(size, path=…) -> a Visit on the import page of the office."""

    def open_(size=DESK, path="/import", **more):
        seen = visit(size, at=office.served, **more)
        seen.go(path)
        seen.page.wait_for_selector("#drop")
        return seen

    return open_


@pytest.fixture(scope="session")
def near_served(tmp_path_factory):
    """Two districts side by side, served to phones."""
    from tests.pages.near_store import make_near_store  # noqa: PLC0415 - which imports from here

    folder = tmp_path_factory.mktemp("near")
    with served_from(make_near_store(folder), folder) as running:
        yield running


@pytest.fixture
def phone(visit, near_served):
    """phone(place in metres or degrees, …) -> a Visit on /near, the position given and allowed."""

    from tests.pages.near_phone import INSIDE  # noqa: PLC0415
    from tests.pages.near_store import lonlat  # noqa: PLC0415

    def open_(place=INSIDE, *, degrees=None, accuracy=12, clock=None, path="/near", **more):
        lon, lat = degrees or (lonlat(*place) if place else (None, None))
        if lon is not None:
            more.setdefault("permissions", ["geolocation"])
            more["geolocation"] = {"longitude": lon, "latitude": lat, "accuracy": accuracy}
        seen = visit(PHONE, at=near_served, staff=False, has_touch=True, is_mobile=True, **more)
        seen.context.on("request", lambda request: seen.requests.append(request.url))
        if clock:
            seen.page.clock.set_fixed_time(clock)
        seen.go(path)
        return seen

    return open_
