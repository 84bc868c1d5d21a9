"""Imports over HTTP: seen first, stored when confirmed, gone when discarded; only by admins."""

import io
import os

import pandas as pd
import pytest

from tests.api.conftest import SAMPLE, serving, wait_for

CAMERAS = SAMPLE / "가상시_안심구_CCTV_20251130.csv"


@pytest.fixture
def own(own_store, tmp_path):
    """A service over a store of its own, that may be changed."""
    with serving(own_store, tmp_path) as running:
        yield running


def cut(lines, *, wrong=0):
    """The sample's cameras cut to so many rows, some of them with impossible coordinates."""
    kept = CAMERAS.read_bytes().split(b"\r\n")[: lines + 1]
    if len(kept) < lines + 1:
        kept = CAMERAS.read_bytes().split(b"\n")[: lines + 1]
    header = kept[0].decode("utf-8-sig" if kept[0].startswith(b"\xef") else "cp949").split(",")
    lat = next(i for i, name in enumerate(header) if "위도" in name)
    for i in range(1, wrong + 1):
        cells = kept[i].split(b",")
        cells[lat] = b"99.9"
        kept[i] = b",".join(cells)
    return b"\r\n".join(kept) + b"\r\n"


def upload(own, data, name=CAMERAS.name, **form):
    return own.post("/v1/imports", role="admin", files={"files": (name, data)}, data=form)


def cameras(own):
    return len(own.services.store.read("cctv", columns=["key"]))


def test_seen_first_then_stored(own):
    before = cameras(own)
    version = own.services.live.near.version
    seen = upload(own, cut(before - 3, wrong=2))
    assert seen.status_code == 201, seen.text
    said = seen.json()
    (report,) = said["reports"]
    assert report["layer"] == "cctv"
    assert report["read"] == report["accepted"] + report["rejected"]
    assert report["rejected"] == 2
    assert said["overrule"] == []
    assert cameras(own) == before
    assert own.services.store.version() == version
    path = f"/v1/imports/{said['id']}"
    assert own.get(path, role="admin").json() == said
    rejected = own.get(f"{path}/rejected/{report['rejected_rows']}", role="admin")
    assert len(pd.read_csv(io.BytesIO(rejected.content))) == 2
    stored = own.post(f"{path}/confirm", role="admin")
    assert stored.status_code == 200, stored.text
    assert stored.json()["data_version"] == version + 1
    assert cameras(own) == report["accepted"]
    assert own.get(path, role="admin").status_code == 404
    wait_for(lambda: own.services.live.near.version == version + 1)


def test_vanishing_rows_must_be_overruled(own):
    said = upload(own, cut(50)).json()
    (what,) = said["overrule"]
    assert (what["code"], what["parameter"]) == ("rows_vanish", "confirm")
    path = f"/v1/imports/{said['id']}/confirm"
    refused = own.post(path, role="admin")
    assert (refused.status_code, refused.json()["code"]) == (409, "rows_vanish")
    assert own.post(path, role="admin", params={"confirm": "true"}).status_code == 200
    assert cameras(own) == 50


def test_discarded(own):
    said = upload(own, cut(50)).json()
    path = f"/v1/imports/{said['id']}"
    assert own.request("DELETE", path, role="admin").status_code == 204
    assert own.get(path, role="admin").json()["code"] == "unknown_import"
    assert not list((own.services.folder / "imports").iterdir())


@pytest.mark.parametrize(
    ("name", "data", "form", "status", "code"),
    [
        ("그림.png", b"\x89PNG\r\n", {}, 422, None),
        ("빈.csv", b"", {}, 422, "unreadable_file"),
        ("a.csv", b"a,b\n1,2\n", {}, 422, "unknown_form"),
        (".csv", b"a,b\n1,2\n", {}, 422, "bad_parameter"),
        ("a.csv", b"a,b\n1,2\n", {"layer": "nothing"}, 422, "bad_option"),
        ("a.csv", b"a,b\n1,2\n", {"mode": "all"}, 422, "bad_option"),
        ("a.csv", b"a,b\n1,2\n", {"column": "lat"}, 422, "bad_parameter"),
        ("../../../a.csv", b"a,b\n1,2\n", {}, 422, "unknown_form"),
    ],
)
def test_what_cannot_be_read(service, name, data, form, status, code):
    answer = service.post("/v1/imports", role="admin", files={"files": (name, data)}, data=form)
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code
    assert not list((service.services.folder / "imports").iterdir())


def test_no_files_and_no_form(service):
    assert service.post("/v1/imports", role="admin").json()["code"] == "bad_parameter"
    wrong = service.post("/v1/imports", role="admin", json={"files": []})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_parameter")


@pytest.mark.parametrize("role", [None, "planner"])
def test_only_admins(service, role):
    answer = service.post("/v1/imports", role=role, files={"files": ("a.csv", b"a")})
    assert answer.status_code == (403 if role else 401)


def test_old_uploads_are_swept(sample_store, tmp_path):
    with serving(sample_store, tmp_path) as own:
        said = upload(own, cut(700)).json()
        assert own.get(f"/v1/imports/{said['id']}", role="admin").status_code == 200
        os.utime(own.services.folder / "imports" / said["id"], (0, 0))
        assert own.get(f"/v1/imports/{said['id']}", role="admin").status_code == 404
