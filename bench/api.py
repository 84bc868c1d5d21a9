"""Near: questions a second beside a bare ASGI app, tipg and pygeoapi, and while new data swap in; gaps.

``python -m bench.api [--seconds N] [--json OUT]``. Needs wrk and a PostGIS (the tests' own); gaps need the real files
beside the project. One worker each, 16 connections, 400,000 facilities in four layers, five of each within 500 m: 20
points an answer. The bare app answers the same requests with a constant of the same size on the same server, and reads
nothing. All four take turns; ratios are medians of the rounds.
"""

import argparse
import contextlib
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pandas as pd
import shapely

from api import commands
from bench import api_peers
from bench.real import COMMAND, REAL, ROOT, planner_key, real_store
from geo.crs import to_lonlat
from layers.geopackage import GeoPackageStore
from layers.tables import DONG, FACILITY, Batch, ImportRecord
from tests.layers.postgis.cluster import cluster

LAYERS = ("safe_house", "police_box", "emergency_bell", "locker")
EACH = 100_000
CAMERAS = 300_000  # the import that commits meanwhile
ORIGIN = (940_000.0, 1_935_000.0)
SIZE = (35_000.0, 20_000.0)
CONNECTIONS = 16
PORTS = {"near": 8_471, "bare": 8_472}
SEED = 20_260_301
ROUNDS = 5
GAPS = 20
TARGETS = {"bare": 0.25, "tipg": 20.0, "pygeoapi": 70.0}
SWAP_S = 60  # writing 300,000 rows and reading them anew, beside a server that is asked all it can answer
_CORES: dict[str, list[str]] = {"server": [], "wrk": []}  # what goes before their commands

_BARE = """
class App:
    def __init__(self, size):
        self.body = b"x" * size
        self.headers = [(b"content-type", b"application/json"), (b"content-length", str(size).encode())]
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await receive(); await send({"type": "lifespan.startup.complete"}); await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})
def make():
    return App(SIZE)
"""
_SERVE_BARE = """
import sys
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
# As ``ansim serve`` has it.
Granian("bare:make", port=int(sys.argv[1]), interface=Interfaces.ASGI, factory=True, websockets=False,
    log_access=False, http1_settings=HTTP1Settings(header_read_timeout=HEADERS_S, max_buffer_size=BUFFER_BYTES),
    http2_settings=HTTP2Settings(max_headers_size=BUFFER_BYTES)).serve()
"""


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--near", action="store_true", help="near and the bare app alone")
    parser.add_argument("--pin", action="store_true", help="each server on the first core, wrk on the second")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed")
    if options.pin:
        _CORES.update(server=["taskset", "-c", "0"], wrk=["taskset", "-c", "1"])
    for ports in (PORTS, api_peers.PORTS):  # others may use those named
        ports.update({name: _free_port() for name in ports})
    with tempfile.TemporaryDirectory() as name:
        measure = bare_figures if options.near else near_figures
        figures = measure(Path(name), options.seconds)
        if REAL.is_dir() and not options.near:
            figures |= gap_figures(Path(name))
    for what, value in figures.items():
        print(f"{what}: {value:.3f}" if isinstance(value, float) else f"{what}: {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def bare_figures(folder: Path, seconds: int) -> dict[str, Any]:
    """Return near and the bare app, in turn."""
    layers = {layer: facilities(layer, EACH, number) for number, layer in enumerate(LAYERS)}
    store = make_store(folder / "s.gpkg", layers)
    questions, _ = write_questions(folder / "ask.lua")
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in PORTS}
    with served(store, folder), served_bare(folder, one_answer(questions[0])):
        for _ in range(ROUNDS):
            for name, port in PORTS.items():
                runs[name].append(wrk(port, folder / "ask.lua", max(seconds // ROUNDS // 2, 1)))
    ratios = [n["a second"] / max(b["a second"], 1e-9) for n, b in zip(runs["near"], runs["bare"], strict=True)]
    return {
        **{name: _median(of) for name, of in runs.items()},
        "near, failed in all": sum(run["failed"] for run in runs["near"]),
        "near / bare, by round": [round(ratio, 3) for ratio in ratios],
        f"near / bare (target {TARGETS['bare']:g})": statistics.median(ratios),
    }


def near_figures(folder: Path, seconds: int) -> dict[str, Any]:
    """Return near, the bare app and the peers, in turn, and near while a new version swaps in."""
    layers = {layer: facilities(layer, EACH, number) for number, layer in enumerate(LAYERS)}
    store, binaries = make_store(folder / "s.gpkg", layers), api_peers.environment()
    questions, places = write_questions(folder / "ask.lua")
    figures: dict[str, Any] = {}
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ("near", "bare", *api_peers.PORTS)}
    with cluster() as server, contextlib.ExitStack() as running:
        api_peers.fill(server, layers)
        running.enter_context(served(store, folder))
        figures["bytes an answer"] = size = one_answer(questions[0])
        running.enter_context(served_bare(folder, size))
        running.enter_context(api_peers.serving(binaries, server, folder))
        for name in api_peers.PORTS:
            api_peers.write_boxes(folder / f"{name}.lua", name, places)
        for _ in range(ROUNDS):  # in turn: all meet the same neighbours on a shared machine
            for name, port in (PORTS | api_peers.PORTS).items():
                long = seconds // ROUNDS if name == "near" else seconds // ROUNDS // 2
                script = folder / (f"{name}.lua" if name in api_peers.PORTS else "ask.lua")
                runs[name].append(wrk(port, script, max(long, 2)))
        running.close()
    with served(store, folder):
        wrk(PORTS["near"], folder / "ask.lua", 2)
        figures["near while swapping"] = while_swapping(store, folder, max(seconds, SWAP_S))
    figures |= {name: _median(of) for name, of in runs.items()}
    figures["near, failed in all"] = sum(run["failed"] for run in runs["near"])
    for name in ("bare", *api_peers.PORTS):
        ratios = [n["a second"] / max(p["a second"], 1e-9) for n, p in zip(runs["near"], runs[name], strict=True)]
        figures[f"near / {name}, by round"] = [round(ratio, 3) for ratio in ratios]
        figures[f"near / {name} (target {TARGETS[name]:g})"] = statistics.median(ratios)
    figures["p99 while swapping / quiet"] = figures["near while swapping"]["p99 ms"] / figures["near"]["p99 ms"]
    return figures


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def gap_figures(folder: Path) -> dict[str, Any]:
    """Return the time of 관악구's gaps with a reach that changes each time, and the size of its bundle, packed."""
    store = real_store(folder)
    key = planner_key(store)
    times = []
    with served(store, folder):
        for i in range(GAPS + 1):
            before = time.perf_counter()
            _get(f"/v1/districts/11620/gaps?reach={1 + i / 100}", {"Authorization": f"Bearer {key}"})
            times.append((time.perf_counter() - before) * 1_000)
        bundle = len(_get("/v1/bundles/11620", {"Accept-Encoding": "gzip"}))
    return {
        "gaps of 관악구, first, ms": times[0],
        "gaps of 관악구, changed reach, p50 ms": statistics.median(times[1:]),
        "bundle of 관악구, packed, bytes": bundle,
    }


def _get(path: str, headers: dict[str, str]) -> bytes:
    request = Request(f"http://127.0.0.1:{PORTS['near']}{path}", headers=headers)
    with urlopen(request, timeout=120) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body


def facilities(layer: str, n: int, seed: int) -> pd.DataFrame:
    """Return made-up rows of a layer anywhere in the city."""
    rng = np.random.default_rng(seed)
    blank = {"str": "", "int64": 1, "float64": 1.0, "bool": True}
    frame = pd.DataFrame({name: [blank[kind]] * n for name, kind in FACILITY.items()})
    frame["key"] = [f"{seed:04x}{i:012x}" for i in range(n)]
    frame["dataset"], frame["status"], frame["near"], frame["data_date"] = layer, "installed", False, "2026-09-01"
    frame["name"] = [f"안심 지점 {i}호" for i in range(n)]
    frame["road_address"] = [f"가상시 안심구 안심로 {i % 900 + 1}길 {i % 97 + 1}" for i in range(n)]
    x, y = (o + rng.uniform(0, s, n) for o, s in zip(ORIGIN, SIZE, strict=True))
    frame["geometry"] = np.asarray(shapely.points(x, y))
    return frame.astype(FACILITY)


def boundaries() -> pd.DataFrame:
    """Return 28 square districts that tile the city."""
    rows = []
    for i in range(28):
        west, south = ORIGIN[0] + i % 7 * 5_000, ORIGIN[1] + i // 7 * 5_000
        code = f"{99_000 + i}"
        shape = shapely.segmentize(shapely.box(west, south, west + 5_000, south + 5_000), 20)  # as many corners as real
        rows.append((f"{code}00000", "", f"{i}동", code, f"{i}구", "가상시", "dong", shapely.MultiPolygon([shape])))
    return pd.DataFrame(rows, columns=[*DONG, "geometry"]).astype(DONG)


def make_store(path: Path, layers: dict[str, pd.DataFrame]) -> Path:
    """Write the store."""
    store = GeoPackageStore(path)
    with store.write() as writer:
        writer.put(Batch("dong", "dong", None, boundaries()), _record("dong"))
        for layer, rows in layers.items():
            writer.put(Batch(layer, layer, None, rows), _record(layer))
    return path


def _record(layer: str) -> ImportRecord:
    return ImportRecord(
        "made.csv", layer, layer, layer, "utf-8", "EPSG:5179", "2026-09-01", "2026-09-01T09:00:00+09:00", 1, 1, 0, 0
    )


def write_questions(path: Path) -> tuple[list[str], list[tuple[float, float]]]:
    """Write wrk's script: a thousand questions in turn; return them, and their places (lon, lat)."""
    rng = np.random.default_rng(SEED)
    x, y = (o + 600 + rng.uniform(0, s - 1_200, 1_000) for o, s in zip(ORIGIN, SIZE, strict=True))
    lon, lat = to_lonlat(x, y)
    bodies = [json.dumps({"lat": round(b, 6), "lon": round(a, 6)}) for a, b in zip(lon, lat, strict=True)]
    lines = "\n".join(f"  '{body}'," for body in bodies)
    path.write_text(
        f"local bodies = {{\n{lines}\n}}\nlocal i = 0\nlocal h = {{['Content-Type'] = 'application/json'}}\n"
        "request = function()\n i = i % #bodies + 1\n"
        " return wrk.format('POST', '/v1/nearby', h, bodies[i])\nend\n",
        encoding="utf-8",
    )
    return bodies, list(zip(lon.tolist(), lat.tolist(), strict=True))


@contextmanager
def served(store: Path, folder: Path, *, keys: Path | None = None, port: int | None = None) -> Iterator[None]:
    """Serve the store with ``ansim serve``; its log goes to a file."""
    port = port or PORTS["near"]
    command = [*_CORES["server"], *COMMAND, "serve"]
    command += ["--port", str(port), "--store", str(store)]
    command += ["--keys", str(keys)] if keys else []
    with (folder / "log").open("wb") as log, _process(command, folder, log):
        _until_ready(port, "/ready", 200)
        yield


@contextmanager
def served_bare(folder: Path, size: int) -> Iterator[None]:
    """Serve the bare app."""
    (folder / "bare.py").write_text(_BARE.replace("SIZE", str(size)), encoding="utf-8")
    options = {"HEADERS_S": commands._HEADERS_S, "BUFFER_BYTES": commands._BUFFER_BYTES}  # noqa: SLF001
    text = re.sub("HEADERS_S|BUFFER_BYTES", lambda name: str(options[name[0]]), _SERVE_BARE)
    (folder / "serve_bare.py").write_text(text, encoding="utf-8")
    with _process([*_CORES["server"], sys.executable, "serve_bare.py", str(PORTS["bare"])], folder, subprocess.DEVNULL):
        _until_ready(PORTS["bare"], "/", 200)
        yield


@contextmanager
def _process(command: list[str], folder: Path, log: Any) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ANN401 - a file or a number
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _until_ready(port: int, path: str, status: int) -> None:
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                if answer.status == status:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"nothing answers on {port}")


def one_answer(question: str) -> int:
    """Return the bytes of one answer, having seen that it holds 20 points."""
    request = Request(
        f"http://127.0.0.1:{PORTS['near']}/v1/nearby", question.encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
        body: bytes = answer.read()
    points = len(json.loads(body)["points"])
    if points != 20:
        sys.exit(f"{points} points, not 20")
    return len(body)


def wrk(port: int, script: Path, seconds: int) -> dict[str, float]:
    """Run wrk; return requests a second, p50 and p99 in ms, and requests that failed."""
    command = [*_CORES["wrk"], "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script)]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}/"], check=True, capture_output=True, text=True)
    return _read(done.stdout)


def _read(said: str) -> dict[str, float]:
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    failed = [int(n) for line in re.findall(r"(?:Socket errors|Non-2xx).*", said) for n in re.findall(r"\d+", line[7:])]
    return {
        "a second": float(found[1]) if found else 0.0,
        "p50 ms": _ms(said, 50),
        "p99 ms": _ms(said, 99),
        "failed": float(sum(failed)),
    }


def _ms(said: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)$", said, flags=re.MULTILINE)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1_000.0}[found[2]] if found else float("nan")


def while_swapping(store: Path, folder: Path, seconds: int) -> dict[str, float]:
    """Ask while 300,000 cameras are written into the store and the new version is taken into service."""
    rows = folder / "cameras.pickle"
    facilities("cctv", CAMERAS, 9).to_pickle(rows)
    work = (
        "import pandas as pd, sys; from pathlib import Path; from layers.tables import Batch;"
        "from layers.geopackage import GeoPackageStore; from bench.api import _record\n"
        "rows = pd.read_pickle(sys.argv[2])\n"
        "with GeoPackageStore(Path(sys.argv[1])).write() as writer:\n"
        "    writer.put(Batch('cctv', 'cctv', None, rows), _record('cctv'))"
    )
    before = _version()
    with _process([sys.executable, "-c", work, str(store), str(rows)], ROOT, subprocess.DEVNULL) as writing:
        figures = wrk(PORTS["near"], folder / "ask.lua", seconds)
        figures["swapped within the run"] = float(_version() == before + 1)
        writing.wait(300)
    return figures


def _version() -> int:
    with urlopen(f"http://127.0.0.1:{PORTS['near']}/ready", timeout=10) as answer:
        return int(json.loads(answer.read())["data_version"])


if __name__ == "__main__":
    main()
