"""One rule for the date of data: every output of one store says the same of the same layers and districts."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest

from api.bundle_jobs import bundle
from api.city_jobs import districts, files, row
from api.district_memory import Job
from api.near_build import build
from api.near_data import NearData
from geo.dates import date_range, joined
from layers.catalog import load_catalog
from layers.geopackage import GeoPackageStore
from layers.hours import SEOUL
from tests.command import ansim
from tests.layers.test_district_input import GWANAK, NEXT, world

CATALOG = load_catalog()
STORE = "날짜.gpkg"


def dated(x, y, day, **more):
    return (x, y, {"data_date": day, **more})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a store whose oldest and newest rows are of what takes no part."""
    folder = tmp_path_factory.mktemp("날짜")
    world(
        into=GeoPackageStore(folder / STORE, CATALOG),
        cctv=[
            (GWANAK, *dated(300, 300, "2025-03")),
            (GWANAK, *dated(400, 300, "2025-03-01")),  # a day of that month: no range
            (GWANAK, *dated(500, 300, "2001-01-01", counts=False)),  # a parking camera
            (GWANAK, *dated(600, 300, "2026-01-01", status="planned")),
            (NEXT, *dated(1300, 300, "2024-05-02")),
        ],
        security_light=[(GWANAK, *dated(200, 200, "2025-06-30"))],
        emergency_bell=[(GWANAK, *dated(700, 700, "1999-09-09"))],  # supplies no need
    )
    return folder


@pytest.fixture(scope="module")
def served(folder):
    """Return what the service is given of that store: the near data, and a job of its version."""
    work = folder / "near"
    work.mkdir()
    name = build(str(folder / STORE), (), 600, work, "", tell=lambda *_: None)
    return work / name, Job(str(folder / STORE), (), name, GWANAK)


def test_every_output_says_the_same_dates(folder, served):
    near, job = served
    asked = ("gaps", "관악구", "--store", STORE, "--include-partial")
    said = ansim(*asked, "--out", "틈새.geojson", cwd=folder)
    about = json.loads((folder / "틈새.geojson").read_text(encoding="utf-8"))["ansim"]
    assert about["data_dates"]["cctv"] == ["2025-03", "2025-03"]
    assert about["data_dates"]["emergency_bell"] == ["1999-09-09"] * 2  # its own date, and none of the district's
    assert about["data_range"] == ["2025-03", "2025-06-30"]
    assert "자료 기준일 2025. 3. ~ 2025. 6. (기준일 모름 2개 포함)" in said  # both as exactly as the vaguer
    assert not any("기준일 상이" in heading for heading in about["headings"])

    tell = {"tell": lambda *_: None}
    made = files(job, tuple(row(job, code, **tell) for code in districts(job, **tell)), **tell)
    ansim("map", "all", "--store", STORE, "--out", "도시", cwd=folder)
    tables = (
        made["internal"].tables["ko", "csv"].decode("utf-8-sig"),
        (folder / "도시/districts.csv").read_text(encoding="utf-8-sig"),
    )
    page = {one["code"]: one["dates"] for one in json.loads(made["internal"].data)["districts"]}
    for table in tables:
        told = {one["district"]: [one["oldest"], one["newest"]] for one in csv.DictReader(io.StringIO(table))}
        assert told == page
    plain = json.loads(_gaps(folder, asked))
    assert page[GWANAK] == plain["data_range"]

    layers = {one["layer"]: (one["oldest"], one["newest"]) for one in NearData(near).holdings}
    inside = about["data_dates"]
    assert layers["cctv"] == joined([tuple(inside["cctv"]), ("2024-05-02", "2024-05-02")])
    assert layers["security_light"] == tuple(inside["security_light"])
    listed = ansim("layers", "--store", STORE, cwd=folder)
    assert "2024. 5. ~ 2025. 3." in listed
    assert "2025. 3. 1." not in listed
    sent = json.loads(bundle(job, near, datetime.now(SEOUL).date(), 7, **tell))
    for one in sent["layers"]:
        if one["count"]:
            assert list(date_range(one["date_texts"])) == inside[one["id"]], one["id"]


def _gaps(folder, asked):
    """Return what the settings of the city's page find: partial needs left out."""
    ansim(*[word for word in asked if word != "--include-partial"], "--out", "전체.geojson", cwd=folder)
    return json.dumps(json.loads(Path(folder / "전체.geojson").read_text(encoding="utf-8"))["ansim"])
