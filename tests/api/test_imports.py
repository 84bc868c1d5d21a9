"""Imports over HTTP: seen first, stored when confirmed, gone when discarded; only by admins."""

import io
import os

import pandas as pd
import pytest

from api.imports import _sweep
from tests.api.conftest import SAMPLE, serving, wait_for
from tests.api.test_refusals import check

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
    check(refused, 409, "rows_vanish", "사라집니다")
    assert own.post(path, role="admin", params={"confirm": "true"}).status_code == 200
    assert cameras(own) == 50


def test_discarded(own):
    said = upload(own, cut(50)).json()
    path = f"/v1/imports/{said['id']}"
    assert own.request("DELETE", path, role="admin").status_code == 204
    check(own.get(path, role="admin"), 404, "unknown_import", "기다리는 가져오기가 없습니다")
    assert not list((own.services.folder / "imports").iterdir())


@pytest.mark.parametrize(
    ("name", "data", "form", "code", "words"),
    [
        ("그림.png", b"\x89PNG\r\n", {}, "unreadable_file", "자료 파일이 없습니다"),
        ("빈.csv", b"", {}, "unreadable_file", "자료 파일이 없습니다"),
        ("a.csv", b"a,b\n1,2\n", {}, "unknown_form", "a.csv: 모르는 양식입니다 (열: a, b)"),
        (".csv", b"a,b\n1,2\n", {}, "bad_parameter", "파일 이름을 쓸 수 없습니다"),
        ("a.csv", b"a,b\n1,2\n", {"layer": "nothing"}, "bad_option", "없는 층입니다"),
        ("a.csv", b"a,b\n1,2\n", {"mode": "all"}, "bad_option", "--mode all: 쓸 수 없는 값"),
        ("a.csv", b"a,b\n1,2\n", {"visibility": "all"}, "bad_option", "--visibility all: 쓸 수 없는 값"),
        ("a.csv", b"a,b\n1,2\n", {"crs": "EPSG:0"}, "bad_option", "모르는 좌표계"),
        ("a.csv", b"a,b\n1,2\n", {"encoding": "klingon"}, "bad_option", "모르는 인코딩"),
        ("a.csv", b"a,b\n1,2\n", {"column": "lat"}, "bad_parameter", "'이름=열'"),
        ("../../../a.csv", b"a,b\n1,2\n", {}, "unknown_form", "a.csv: 모르는 양식입니다 (열: a, b)"),
    ],
)
def test_what_cannot_be_read(service, name, data, form, code, words):
    check(service.post("/v1/imports", role="admin", files={"files": (name, data)}, data=form), 422, code, words)
    assert not list((service.services.folder / "imports").iterdir())


def test_no_files_and_no_form(service):
    for form in ({}, {"json": {"files": []}}):
        check(service.post("/v1/imports", role="admin", **form), 422, "bad_parameter", "읽을 수 없는 항목")


@pytest.mark.parametrize("role", [None, "planner"])
def test_only_admins(service, role):
    """The others are refused before their upload is read."""
    read = 0

    async def chunks():
        nonlocal read
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
        for _ in range(20):
            read += 1
            yield b"a" * 1_000
        yield b"\r\n--x--\r\n"

    sent = {"content-type": "multipart/form-data; boundary=x"}
    answer = service.post("/v1/imports", role=role, content=chunks(), headers=sent)
    told = (403, "role", "이 열쇠로는 할 수 없습니다") if role else (401, "key", "열쇠가 필요합니다")
    check(answer, *told)
    assert read == 0


def test_old_uploads_are_swept(sample_store, tmp_path):
    with serving(sample_store, tmp_path) as own:
        said = upload(own, cut(700)).json()
        assert own.get(f"/v1/imports/{said['id']}", role="admin").status_code == 200
        os.utime(own.services.folder / "imports" / said["id"], (0, 0))
        assert own.get(f"/v1/imports/{said['id']}", role="admin").status_code == 404


def test_what_goes_while_it_is_swept_is_no_fault(tmp_path, monkeypatch):
    """Another worker sweeps, or an import is confirmed, between the list and the look."""
    gone = tmp_path / "gone"
    monkeypatch.setattr("pathlib.Path.iterdir", lambda _: iter([gone]))
    _sweep(tmp_path, 0.0)
