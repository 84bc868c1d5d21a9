"""A district map of 100,000 points in a real browser, beside folium's own way of drawing as many.

``python -m bench.bigmaps [--points 100000] [--json OUT]``. In one run, in Chromium without a graphics card: seconds to
build, bytes of the file, milliseconds from navigation to drawn (with every layer switched on), and the time of a frame
while the map is dragged about, at the view of the whole district and near the ground. folium's peer is its
``CircleMarker`` on a canvas (``prefer_canvas``), without popups, which would need jQuery.
"""

import argparse
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import numpy as np
from playwright.sync_api import Browser, Route, sync_playwright

from geo.crs import to_lonlat
from geo.model import DistrictResult
from layers.catalog import load_catalog
from maps.district import district_map
from maps.offline import leaflet
from tests.maps.factory import district_result

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_FRAMES = """() => { window.frames_ms = []; let last = performance.now();
    const tick = now => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(now => { last = now; requestAnimationFrame(tick); }); }"""
_DRAWN = """() => new Promise(done => requestAnimationFrame(
    () => requestAnimationFrame(() => done(performance.now()))))"""
_ALL_ON = """() => new Promise(done => {
    const start = performance.now();
    for (const box of document.querySelectorAll('input[data-layer]')) if (!box.checked && !box.disabled) box.click();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start))); })"""


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result, catalog = district_result(facilities=options.points), load_catalog()
    district_map(district_result(facilities=100), catalog)  # folium is imported here, once
    figures = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = os.environ.get("ANSIM_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        builds: dict[str, Callable[[], str]] = {
            "district map": lambda: district_map(result, catalog),
            "folium CircleMarker, canvas": lambda: _folium(result),
        }
        for name, build in builds.items():
            before = time.perf_counter()
            html = build()
            seconds = time.perf_counter() - before
            file = Path(folder) / "map.html"
            file.write_text(html, encoding="utf-8")
            figures[name] = {"build_s": seconds, "mb": file.stat().st_size / 1e6} | _drive(browser, file)
        browser.close()
    points = sum(len(layer.ids) for layer in result.source.layers)
    print(f"{points:,} points, 1440 x 900, no graphics card")
    for name, one in figures.items():
        print(name)
        for what, value in one.items():
            print(f"  {what:24}{value:10.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _drive(browser: Browser, file: Path) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(300_000)
    page.route(re.compile("^http"), _library)
    page.goto(file.resolve().as_uri(), wait_until="load")
    page.wait_for_function("document.querySelector('canvas') !== null")
    drawn = page.evaluate(_DRAWN)
    ours = page.locator("input[data-layer]").count() > 0
    figures = {"drawn_ms": float(drawn)}
    if ours:
        figures["every layer on, ms"] = float(page.evaluate(_ALL_ON))
        figures["drawn with all, ms"] = figures["drawn_ms"] + figures["every layer on, ms"]
    for where in ("whole", "near"):
        if where == "near":
            page.mouse.move(700, 450)
            for _ in range(12):
                page.mouse.wheel(0, -240)
                page.wait_for_timeout(120)
            page.wait_for_timeout(600)
        frames = _pan(page)
        figures[f"pan {where}, p50 ms"] = float(np.percentile(frames, 50))
        figures[f"pan {where}, p95 ms"] = float(np.percentile(frames, 95))
        figures[f"pan {where}, worst ms"] = float(frames.max())
    page.close()
    return figures


def _pan(page: Any) -> np.ndarray:  # noqa: ANN401 - playwright's page
    """Drag the map about in eight strokes and return the time of every frame meanwhile, milliseconds."""
    page.evaluate(_FRAMES)
    for stroke in range(8):
        angle = stroke * np.pi / 4
        page.mouse.move(720, 450)
        page.mouse.down()
        for step in range(1, 31):
            page.mouse.move(720 + 8 * step * np.cos(angle), 450 + 5 * step * np.sin(angle))
            page.wait_for_timeout(8)
        page.mouse.up()
        page.wait_for_timeout(150)
    return np.array(page.evaluate("window.frames_ms.slice(1)"), float)


def _library(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[-1].split("?")[0]
    if name == "leaflet.js":
        route.fulfill(body=leaflet().script, content_type="text/javascript")
    elif name == "leaflet.css":
        route.fulfill(body=leaflet().style, content_type="text/css")
    else:
        route.abort()


def _folium(result: DistrictResult) -> str:
    drawn = folium.Map(tiles=None, prefer_canvas=True)
    south, north, west, east = 90.0, -90.0, 180.0, -180.0
    for layer in result.source.layers:
        lon, lat = to_lonlat(layer.x, layer.y)
        south, north = min(south, float(lat.min())), max(north, float(lat.max()))
        west, east = min(west, float(lon.min())), max(east, float(lon.max()))
        for one_lon, one_lat in zip(lon.tolist(), lat.tolist(), strict=True):
            folium.CircleMarker((one_lat, one_lon), radius=3).add_to(drawn)
    drawn.fit_bounds([[south, west], [north, east]])
    return str(drawn.get_root().render())


if __name__ == "__main__":
    main()
