"""A position leaves no trace: a marked one is sent everywhere, and every byte that was written is searched."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import numpy as np
import pytest

import api.near_app
from geo.crs import to_metres
from tests.api.conftest import PATIENCE_S, serving, wait_for
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
MARK = {"lat": 37.51234567, "lon": 127.09876543}
QUERY = {"lat": str(MARK["lat"]), "lon": str(MARK["lon"])}
(X,), (Y,) = to_metres(np.array([MARK["lon"]]), np.array([MARK["lat"]]))
SITE = {"lat": 36.8931234567, "lon": 125.5989876543}  # in the sample district: where somebody would put a camera
(SITE_X,), (SITE_Y,) = to_metres(np.array([SITE["lon"]]), np.array([SITE["lat"]]))
MARKS = [
    text.encode()
    for text in (
        "1234567", "9876543", "37.512", "127.098", "36.8931234", "125.5989876",
        *(f"{metres:.1f}" for metres in (X, Y, SITE_X, SITE_Y)),
    )
]  # fmt: skip
TEXT = f"{MARK['lat']},{MARK['lon']}"
REAL = {
    "district": "99999", "import_id": "0" * 16, "collectionId": "cctv", "itemId": "x",
    "tileMatrixSetId": "WebMercatorQuad",
}  # fmt: skip
OF_OURS = ("at", "who", "threshold", "reach", "need", "weight", "format", "stability", "edition", "confirm")
OF_OGC = ("bbox", "filter", "limit", "offset", "sortby", "properties", "datetime", "f", "ids", "name", "simplify", TEXT)


def requests(paths):
    """Every way a position may arrive: where it should, and where it should not."""
    body = {"content-type": "application/json"}
    yield "POST", "/v1/nearby", {"json": MARK}
    yield "POST", "/v1/nearby", {"json": {**MARK, "radius_m": 2000, "limit": 50, "layers": ["security_light"]}}
    for wrong in (
        {"radius_m": TEXT}, {"limit": TEXT}, {"layers": [TEXT]}, {"layers": TEXT}, {"open_at": TEXT}, {TEXT: 1},
        {"lat": TEXT}, {"lat": MARK["lon"], "lon": MARK["lat"]}, {"layers": ["patrol_zone"]},
    ):  # fmt: skip
        yield "POST", "/v1/nearby", {"json": {**MARK, **wrong}}
    for broken in (TEXT, f'{{"lat": {TEXT}', f"[{TEXT}]", TEXT * 2_000):
        yield "POST", "/v1/nearby", {"content": broken, "headers": body}
    yield "POST", "/v1/nearby", {"content": json.dumps(MARK), "headers": {"content-type": TEXT}}
    yield "POST", "/v1/nearby", {"json": MARK, "headers": {"x-request-id": TEXT, "user-agent": TEXT, "cookie": TEXT}}
    yield "POST", "/v1/nearby", {"json": MARK, "headers": {"authorization": f"Bearer {TEXT}"}}
    yield "POST", "/v1/nearby", {"json": MARK, "headers": {"x-long": TEXT * 1_000}}
    yield f"GET{TEXT}", "/v1/nearby", {}
    yield from planners_requests()
    for path in (*paths, f"/{TEXT}", f"/v1/nearby/{TEXT}"):
        marked = re.sub(r"{\w+}", TEXT, path)
        real = re.sub(r"{(\w+)}", lambda name: REAL.get(name[1], "0"), path)
        for method in ("GET", "POST", "PUT", "DELETE"):
            yield method, marked, {}
            yield method, real, {"params": QUERY}
        for name in OF_OGC if path.startswith("/ogc") else OF_OURS:
            yield "GET", real, {"params": {name: TEXT}}
        if path.startswith("/ogc"):
            lon, lat = MARK["lon"], MARK["lat"]
            yield "GET", real, {"params": {"bbox": f"{lon},{lat},{lon},{lat}"}}
            for text in (f"S_INTERSECTS(geom,POINT({lon} {lat}))", f"name > {lat}", f"name = '{TEXT}'", f"f({lat})=1"):
                yield "GET", real, {"params": {"filter": text}}
        yield "GET", real, {"headers": {"if-none-match": TEXT, "accept": f"text/event-stream, {TEXT}"}}
        yield "POST", real, {"json": MARK}


def planners_requests():
    """A site placed by hand is a position too: counted, refused, and in every field where it has no business."""
    evaluate, plans = "/v1/districts/99999/plans/evaluate", "/v1/districts/99999/plans"
    metres = {"x": float(SITE_X), "y": float(SITE_Y)}
    swapped = {"lat": SITE["lon"], "lon": SITE["lat"]}
    for sites in (
        [SITE], [metres, SITE], [MARK], [swapped], [{"id": TEXT}], [SITE | metres], [SITE | {"key": TEXT}],
        [SITE | {TEXT: 1}], TEXT, [TEXT],
    ):  # fmt: skip
        yield "POST", evaluate, {"json": {"layers": [{"layer": "cctv", "sites": sites}]}}
    yield "POST", evaluate, {"json": {"layers": [{"layer": "cctv", "sites": [SITE]}], "draft": TEXT}}
    layer = {"layer": "cctv", "count": 1, "candidates": ["grid:200"], "within": "district"}
    for wrong in (
        {"layer": TEXT}, {"within": TEXT}, {"candidates": [TEXT]}, {"forced": [TEXT]}, {"at_most": {TEXT: 1}},
        {"level": TEXT}, {"cost": TEXT}, {"exclude": TEXT}, {TEXT: 1}, {"count": TEXT}, {"budget_krw": TEXT},
    ):  # fmt: skip
        yield "POST", plans, {"json": {"layers": [layer | wrong]}}
    here = [SITE["lon"], SITE["lat"]]
    own = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": here}}],
    }
    ring = [here, [125.6, 36.89], [125.6, 36.9], here]
    swapped_ring = [[*reversed(one)] for one in ring]
    lands = [{"type": "Polygon", "coordinates": [corners]} for corners in (ring, ring[:3], swapped_ring)]
    for given in (
        {"candidates": ["grid:200", own], "exclude": lands[0]}, {"candidates": [own, own]}, {"exclude": lands[1]},
        {"candidates": {**own, "type": TEXT}}, {"exclude": lands[2]}, {"exclude": own},
    ):  # fmt: skip
        yield "POST", plans, {"json": {"layers": [layer | given], "seconds": 0.5}}
    for wrong in (
        {"name": f"{TEXT}/"}, {"settings": {"at": TEXT}}, {"settings": {"who": TEXT}}, {"settings": {TEXT: 1}},
        {"settings": {"need": [TEXT]}}, {"settings": {"weight": {TEXT: 1}}}, {"seed": TEXT},
    ):  # fmt: skip
        yield "POST", plans, {"json": {"layers": [layer], **wrong}}
    yield "POST", "/v1/plans/file", {"json": {"draft": TEXT}}
    yield "GET", f"/v1/plans/{TEXT}", {}
    yield "PUT", f"/v1/plans/{TEXT}", {"json": {"draft": TEXT}}
    yield "GET", "/v1/plans/compare", {"params": {"name": [TEXT, TEXT]}}


def written_under(folder):
    for path in sorted(folder.rglob("*")):
        assert not any(mark in os.fsencode(path.name) for mark in MARKS), path
        if path.is_file():
            yield path.name, path.read_bytes()


def search(written):
    for where, data in written:
        for mark in MARKS:
            at = data.find(mark)
            assert at < 0, (where, mark, data[max(at - 200, 0) : at + 50])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """All temporary files go here."""
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture(params=["file", "database"])
def store(request):
    """Asked for before ``folder``: the database server's own files lie elsewhere."""
    return request.getfixturevalue("sample_store" if request.param == "file" else "sample_database")


def test_in_this_process_with_faults(store, folder, capfd, caplog, monkeypatch):
    caplog.set_level(0)
    with serving(store, folder) as service:
        paths = service.get("/openapi.json").json()["paths"]
        if isinstance(store, str):
            assert "/ogc/collections/{collectionId}/items" in paths
            wait_for(lambda: service.get("/ogc/collections/cctv/items").status_code == 200)
        statuses = set()
        for role in (None, "admin"):
            for method, path, more in requests(paths):
                answer = service.request(method, path, role=role, **more)
                statuses.add(answer.status_code)
                if answer.status_code >= 400:
                    search([("answer", answer.content)])

        def broken(_index, *asked):
            raise ValueError(f"{asked} near {TEXT}")

        monkeypatch.setattr(api.near_app, "near_joined", broken)
        answer = service.post("/v1/nearby", json=MARK)
        assert (answer.status_code, answer.json()["code"]) == (500, "fault")
        monkeypatch.setattr(service.services.live, "_near", None)
        assert service.post("/v1/nearby", json=MARK).status_code == 503
        assert {200, 400, 401, 403, 404, 405, 413, 415, 422, 431} <= statuses
        log = service.log
        assert log.count('"event":"fault"') == 1
        assert "ValueError at" in log
        metrics = service.get("/metrics").content
        assert b'ansim_requests_total{method="POST",route="/v1/nearby",status="200"}' in metrics
        said = capfd.readouterr()
        logged = "\n".join(
            r.getMessage() + str(r.exc_text) for r in caplog.records if r.name != "httpx"
        )  # the client's
        search([
            ("log", log.encode()), ("metrics", metrics), ("stdout", said.out.encode()), ("stderr", said.err.encode()),
            ("logging", logged.encode()), *written_under(folder),
        ])  # fmt: skip
    search(written_under(folder))


def test_over_the_wire(sample_store, folder):
    """The command's own server, as a phone meets it: its output and every file it leaves."""
    port = free_port()
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", str(port), "--store", str(sample_store)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, timeout=PATIENCE_S) as client:
                wait_for(lambda: _ready(client), said=(folder / "output").read_text)
                paths = client.get("/openapi.json").json()["paths"]
                answers = [_send(client, *request) for request in requests(paths)]
                assert answers.count(200) > 5
                assert 500 not in answers
                search([("metrics", client.get("/metrics").content), *written_under(folder)])
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) in {0, -15}
    search(written_under(folder))
    assert b'"route":"/v1/nearby"' in (folder / "output").read_bytes()
    assert not list((folder / "temp").glob("ansim-serve-*"))


def _ready(client):
    try:
        return client.get("/ready").status_code == 200
    except httpx.TransportError:
        return False


def _send(client, method, path, more):
    try:
        return client.request(method, path, **more).status_code
    except (httpx.TransportError, ValueError):  # the server closed on it; no valid method
        return 0
