"""Planners' questions: what the commands would say, in every format, only for those who may."""

import io
import json

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest

from geo.district import analyse
from geo.model import Settings
from layers.catalog import load_catalog
from layers.district_input import district_input
from layers.snapshot import take_snapshot
from layers.store import open_store
from maps.geofiles import geojson

GAPS = "/v1/districts/99999/gaps"


@pytest.fixture(scope="module")
def found(sample_store):
    catalog = load_catalog()
    store = open_store(str(sample_store), catalog)
    source = district_input(take_snapshot(store, district="99999"), catalog, "99999")

    def run(**settings):
        return geojson(analyse(source, Settings(**settings)), catalog)

    return run


def test_gaps_are_those_of_the_analysis(service, found):
    answer = service.get(GAPS, role="planner")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json() == json.loads(json.dumps(found()))
    assert answer.json()["features"]


def test_settings_come_from_the_address(service, found):
    asked = {
        "reach": "1.5", "threshold": "0.6", "need": ["lit", "watched"], "weight": "lit=0.5", "combine": "sum",
        "include_partial": "true", "dense_share": "0.3",
    }  # fmt: skip
    expected = found(
        reach_factor=1.5, gap_threshold=0.6, needs=("lit", "watched"), weights={"lit": 0.5}, combine="sum",
        include_partial=True, dense_share=0.3,
    )  # fmt: skip
    answer = service.get(GAPS, role="planner", params=asked)
    assert answer.json() == json.loads(json.dumps(expected))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "gpkg"])
def test_downloads_open(service, kind, tmp_path):
    answer = service.get(GAPS, role="planner", params={"format": kind})
    assert answer.status_code == 200, answer.text
    assert f"99999-gaps.{kind}" in answer.headers["content-disposition"]
    path = tmp_path / f"gaps.{kind}"
    path.write_bytes(answer.content)
    if kind == "csv":
        assert len(pd.read_csv(path)) == len(service.get(GAPS, role="planner").json()["features"])
        said = service.get(GAPS, role="planner", params={"format": kind, "lang": "en"})
        assert set(pd.read_csv(io.BytesIO(said.content))["edition"]) == {"Internal"}
        assert service.get(GAPS, role="planner", params={"lang": "xx"}).status_code == 422
    elif kind == "xlsx":
        assert "가정과 출처" in openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True).sheetnames
    else:
        assert len(pyogrio.list_layers(path))


def test_cells(service):
    answer = service.get("/v1/districts/안심구/cells", role="planner", params={"format": "parquet"})
    cells = pd.read_parquet(io.BytesIO(answer.content))
    csv = service.get("/v1/districts/안심구/cells", role="planner")
    assert len(pd.read_csv(io.BytesIO(csv.content))) == len(cells) > 100


def test_coverage(service):
    said = service.get("/v1/districts/99999/coverage", role="planner").json()
    assert {row["need"] for row in said["needs"]} == {*load_catalog().needs, "combined"}
    assert said["at"].endswith("23:00")
    assert np.isclose(sum(row["households"] for row in said["dongs"]), said["households"])
    assert any("가상 자료" in heading for heading in said["headings"])


def test_states_layers_and_districts(service):
    assert service.get("/v1/districts").json()["districts"] == [
        {"code": "99999", "name": "안심구", "province": "가상시"}
    ]
    public = {row["layer"] for row in service.get("/v1/layers").json()["layers"]}
    staff = {row["layer"] for row in service.get("/v1/layers", role="planner").json()["layers"]}
    assert staff - public == {"patrol_zone"}
    states = service.get("/v1/districts/안심구/states", role="planner").json()["needs"]
    assert states["lit"] == "loaded"


def test_the_public_map_holds_nothing_of_the_analysis(service):
    page = service.get("/v1/districts/99999/map")
    assert page.status_code == 200, page.text
    assert "공개용" in page.text
    assert "틈새구역" not in page.text
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    again = service.get("/v1/districts/99999/map", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    inside = service.get("/v1/districts/99999/map", role="planner", params={"edition": "internal"})
    assert "내부용" in inside.text
    assert service.get("/v1/districts/99999/map", params={"edition": "internal"}).status_code == 403


def test_progress_is_told(service):
    answer = service.get(GAPS, role="planner", params={"stability": "5"}, headers={"accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n", 1) for block in answer.text.strip().split("\n\n")]
    names = [name for name, _ in events]
    assert names[-1] == "event: result"
    assert names[:-1] == ["event: progress"] * (len(names) - 1)
    told = [json.loads(data.removeprefix("data: ")) for _, data in events]
    assert told[-2] == {"done": 5, "total": 5}
    assert told[-1]["features"][0]["properties"]["stability"] is not None


def test_an_error_after_the_stream_began_is_an_event(service):
    answer = service.get(
        GAPS, role="planner", params={"dense": "gi", "who": "여성,21-22"}, headers={"accept": "text/event-stream"}
    )
    assert "event: error" in answer.text
    assert '"code":"bad_who"' in answer.text


@pytest.mark.parametrize("path", ["gaps", "cells", "coverage", "states"])
def test_only_planners(service, path):
    answer = service.get(f"/v1/districts/99999/{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "key")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v1/bundles/99999", {}), ("/v1/districts/99999/ground", {}), (GAPS, {}), (GAPS, {"format": "csv"}),
        ("/v1/districts/99999/cells", {"format": "csv"}), ("/openapi.json", {}),
    ],
)  # fmt: skip
def test_big_answers_are_packed_for_who_asks(service, path, params):
    plain = service.get(path, role="planner", params=params, headers={"accept-encoding": "identity"})
    packed = service.get(path, role="planner", params=params, headers={"accept-encoding": "gzip"})
    assert (plain.status_code, packed.status_code) == (200, 200)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    # Columns that are packed already, in base64, give back no more than a quarter.
    assert int(packed.headers["content-length"]) < len(plain.content) * 0.8
    assert packed.content == plain.content
    for answer in (plain, packed):
        # A cache between must not give the one for the other; with one tag for both, the tag promises no bytes.
        assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.headers.get("etag", "W/").startswith("W/")
    if "etag" in packed.headers:
        for coding in ("gzip", "identity"):
            headers = {"accept-encoding": coding, "if-none-match": packed.headers["etag"]}
            again = service.get(path, role="planner", params=params, headers=headers)
            assert (again.status_code, again.content) == (304, b"")
            assert "Accept-Encoding" in again.headers["vary"]


def test_a_stream_is_not_held_back_to_be_packed(service):
    headers = {"accept": "text/event-stream", "accept-encoding": "gzip"}
    answer = service.get(GAPS, role="planner", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
