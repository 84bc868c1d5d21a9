"""What the planner's page waits for: a view with changed settings, and a plan changed by hand, of real 관악구.

``python -m bench.views [--store FILE] [--json OUT]``. Needs the real files beside the project. One worker, one asker;
each question differs from the one before. ``packed``: bytes of an answer with gzip.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.api import served
from bench.real import planner_key, real_store

ROUNDS = 12
PORT = 8_493
DISTRICT = "/v1/districts/11620"
HOURS = ("21", "22", "23", "00", "01", "02", "03", "04")


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a store that holds the real files already")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = view_figures(Path(name), options.store)
    for what, value in figures.items():
        print(f"{what}: {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def view_figures(folder: Path, store: Path | None) -> dict[str, Any]:
    """Return times in ms and sizes in bytes."""
    store, keys = store or real_store(folder), folder / "keys.json"
    key = planner_key(store, keys)
    ask = Asker(key)
    view = f"{DISTRICT}/view?edition=internal"
    figures: dict[str, Any] = {}
    with served(store, folder, keys=keys, port=PORT):
        figures["ground, first, ms"], _ = timed(lambda: ask.get(f"{DISTRICT}/ground?edition=internal"))
        figures["ground, bytes packed"] = len(ask.get(f"{DISTRICT}/ground?edition=internal", packed=True))
        figures["view, first, ms"], _ = timed(lambda: ask.get(view))
        figures["view, bytes packed"] = len(ask.get(view, packed=True))
        figures["view, changed reach, ms"] = p50(lambda i: ask.get(f"{view}&reach={1 + i / 100}"))
        figures["view, changed weight, ms"] = p50(lambda i: ask.get(f"{view}&weight=watched={0.3 + i / 100}"))
        figures["view, changed hour, ms"] = p50(lambda i: ask.get(f"{view}&at=2026-04-15T{HOURS[i % 8]}:{i // 8:02}"))
        layer = {"layer": "cctv", "budget_krw": 1e9, "candidates": ["grid:50"], "within": "district"}
        body = {"layers": [layer], "seconds": 10}
        figures["plan of 10억 of cameras, 10 s asked, ms"], plan = timed(lambda: ask.post(f"{DISTRICT}/plans", body))
        figures["plan, sites"] = len(plan["sites"])
        figures["evaluate, first, ms"], _ = timed(lambda: ask.edit(plan, 0))
        figures["evaluate, a site moved, ms"] = p50(lambda i: ask.edit(plan, i + 1))
    return figures


class Asker:
    """Asks the service with one key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def get(self, path: str, *, packed: bool = False) -> bytes:
        """Return the body of an answer, as it came over the wire."""
        return self._ask(path, None, {"Accept-Encoding": "gzip"} if packed else {})

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Return a JSON answer."""
        data = json.dumps(body).encode()
        answer: dict[str, Any] = json.loads(self._ask(path, data, {"Content-Type": "application/json"}))
        return answer

    def edit(self, plan: dict[str, Any], step: int) -> dict[str, Any]:
        """Return the plan with one site moved."""
        sites: list[dict[str, Any]] = [{"id": site["id"]} for site in plan["sites"]]
        moved = plan["sites"][step % len(sites)]
        sites[step % len(sites)] = {"x": moved["x"] + 7 + step, "y": moved["y"]}
        body = {"draft": plan["draft"], "layers": [{"layer": "cctv", "sites": sites}]}
        return self.post(f"{DISTRICT}/plans/evaluate", body)

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        where = f"http://127.0.0.1:{PORT}{path}"
        request = Request(where, body, {"Authorization": f"Bearer {self._key}", **headers})
        with urlopen(request, timeout=300) as answer:  # noqa: S310
            data: bytes = answer.read()
        return data


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return milliseconds and what the work returned."""
    before = time.perf_counter()
    value = work()
    return round((time.perf_counter() - before) * 1_000, 1), value


def p50(work: Callable[[int], Any]) -> float:
    """Return the median milliseconds of a round of questions."""
    return statistics.median(timed(lambda i=i: work(i))[0] for i in range(ROUNDS))  # type: ignore[misc]


if __name__ == "__main__":
    main()
