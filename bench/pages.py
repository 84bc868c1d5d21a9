"""A slider of the planner's page moved in a real browser, until map and figures are drawn anew, of real 관악구.

``python -m bench.pages [--store FILE] [--json OUT]``. Needs the real files beside the project. Milliseconds from the
input event to the end of the frame that shows the answer; every move goes to a value not asked before.
"""

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from bench.api import served
from bench.real import planner_key, real_store

PORT = 8_495
MOVES = 20
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_MOVED = """([id, value]) => new Promise(done => {
    const page = document.documentElement, control = document.getElementById(id), before = page.dataset.view;
    const start = performance.now();
    const seen = new MutationObserver(() => {
        if (page.dataset.view === before || page.dataset.busy) return;
        seen.disconnect();
        requestAnimationFrame(() => {
            const after = new MessageChannel();
            after.port1.onmessage = () => done(performance.now() - start);
            after.port2.postMessage(0);
        });
    });
    seen.observe(page, { attributes: true });
    control.value = value;
    control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
})"""
_SLIDERS = """() => [...document.querySelectorAll('#settings input[type=range]:not(:disabled)')].map(
    one => [one.id, Number(one.min), Number(one.max), Number(one.step), Number(one.value)])"""
_CHOICES = """() => [...document.querySelectorAll('#settings select')].map(
    one => [one.id, [...one.options].map(option => option.value), one.value])"""


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a store that holds the real files already")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = page_figures(Path(name), options.store)
    for what, times in figures.items():
        print(f"{what:14} p50 {times['p50']:6.0f} ms   p95 {times['p95']:6.0f} ms   of {times['moves']}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def page_figures(folder: Path, store: Path | None) -> dict[str, dict[str, float]]:
    """Return p50 and p95 in ms of each control."""
    store, keys = store or real_store(folder), folder / "keys.json"
    key = planner_key(store, keys)
    path = os.environ.get("ANSIM_CHROMIUM") or shutil.which("chromium")
    with served(store, folder, keys=keys, port=PORT), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ko-KR")
        page.goto(f"http://127.0.0.1:{PORT}/?d=11620#key={key}")
        page.wait_for_selector("html[data-view]:not([data-busy])", timeout=120_000)
        figures = _of_controls(page)
        browser.close()
    return figures


def _of_controls(page: Page) -> dict[str, dict[str, float]]:
    figures = {}
    for control, low, high, step, begun in page.evaluate(_SLIDERS):
        steps = round((high - low) / step)
        values = low + step * np.unique(np.linspace(0, steps, min(MOVES, steps + 1)).round())
        figures[control] = _times(page, control, [f"{v:.4f}" for v in values if abs(v - begun) > step / 2], str(begun))
    for control, choices, begun in page.evaluate(_CHOICES):
        figures[control] = _times(page, control, [c for c in choices if c != begun][:8], begun)
    return figures


def _times(page: Page, control: str, values: list[str], begun: str) -> dict[str, float]:
    times: list[float] = [page.evaluate(_MOVED, [control, value]) for value in values]
    page.evaluate(_MOVED, [control, begun])
    at: dict[str, Any] = dict(zip(("p50", "p95"), np.percentile(times, (50, 95)).tolist(), strict=True))
    return {**at, "moves": len(times)}


if __name__ == "__main__":
    main()
