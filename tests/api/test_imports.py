"""Imports over HTTP: seen first, stored when confirmed, gone when discarded; only by admins."""

import io
import json
import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import shapely

from api.import_jobs import Upload, store
from api.import_waiting import sweep
from api.opened import opened
from geo.crs import to_metres
from layers.catalog import load_catalog
from layers.importing import ImportOptions, import_files
from layers.store import StoreMovedError
from tests.api.conftest import NOW, SAMPLE, serving, wait_for
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
        ("a.csv", b"a,b\n1,2\n", {"mode": "all"}, "bad_option", "mode=all: 쓸 수 없는 값"),
        ("a.csv", b"a,b\n1,2\n", {"visibility": "all"}, "bad_option", "visibility=all: 쓸 수 없는 값"),
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


def test_progress_and_then_the_report(own):
    files = {"files": (CAMERAS.name, cut(400))}
    answer = own.post("/v1/imports", role="admin", files=files, headers={"accept": "text/event-stream"})
    assert answer.status_code == 200
    blocks = [block.split("\n", 1) for block in answer.text.strip().split("\n\n")]
    kinds = [name.removeprefix("event: ") for name, _ in blocks]
    told = [json.loads(block.removeprefix("data: ")) for _, block in blocks[:-1]]
    assert {one["file"] for one in told} == {CAMERAS.name, ""}
    assert told[-1]["rows"] == 400
    assert kinds[-1] == "result"
    assert kinds.count("progress") >= 3
    said = json.loads(blocks[-1][1].removeprefix("data: "))
    path = f"/v1/imports/{said['id']}"
    assert own.get(path, role="admin").json() == said
    stored = own.post(
        f"{path}/confirm", role="admin", params={"confirm": "true"}, headers={"accept": "text/event-stream"}
    )
    assert stored.text.strip().split("\n\n")[-1].startswith("event: result")
    assert cameras(own) == 400


def test_a_stream_ends_in_the_error_and_leaves_nothing(own):
    files = {"files": ("a.csv", b"a,b\n1,2\n")}
    answer = own.post("/v1/imports", role="admin", files=files, headers={"accept": "text/event-stream"})
    last = answer.text.strip().split("\n\n")[-1]
    assert last.startswith("event: error")
    assert json.loads(last.split("data: ", 1)[1])["code"] == "unknown_form"
    assert not list((own.services.folder / "imports").iterdir())


def test_rows_on_a_map_and_in_a_table(own):
    said = upload(own, cut(500, wrong=3)).json()
    path = f"/v1/imports/{said['id']}"
    features = own.get(f"{path}/points", role="admin").json()["features"]
    kinds = Counter(feature["properties"]["kind"] for feature in features)
    (report,) = said["reports"]
    assert kinds["accepted"] + kinds["flagged"] == report["accepted"]
    assert kinds["rejected"] == 0  # impossible coordinates are no place
    area = own.services.live.near.places[0].area
    lon, lat = np.array([feature["geometry"]["coordinates"] for feature in features]).T
    assert shapely.contains_xy(area.buffer(1_000), *to_metres(lon, lat)).all()
    table = own.get(f"{path}/rejected/{report['rejected_rows']}/rows", role="admin").json()
    assert table["total"] == 3
    assert {row["reason"] for row in table["rows"]} == {"impossible_coordinates"}
    assert all(row["text"] and "99.9" in row["row"] for row in table["rows"])
    assert own.get(f"{path}/points").status_code == 401
    assert own.get(f"{path}/rejected/7/rows", role="admin").json()["code"] == "unknown_import"


def test_what_changed_and_what_it_replaced(own):
    before = cameras(own)
    said = upload(own, cut(before - 20)).json()
    done = own.post(f"/v1/imports/{said['id']}/confirm", role="admin").json()
    (row,) = done["changed"]
    assert (row["layer"], row["district"], row["rows_before"]) == ("cctv", "99999", before)
    assert row["rows_after"] == cameras(own)
    assert [one["file"] for one in done["replaced"]] == [CAMERAS.name]


def test_what_may_be_uploaded(service):
    said = service.get("/v1/imports", role="admin").json()
    assert said["files"] == 50
    assert {"id": "locker", "name": "안심택배함", "name_en": "Parcel lockers"} in said["layers"]
    assert "lat" in said["roles"]
    assert said["words"]["duplicate"] == "중복"
    assert service.get("/v1/imports").status_code == 401


def test_single_files_are_told_apart(own):
    lines = [f"{36.888 + i / 10_000:.5f},{125.594 + i / 10_000:.5f}" for i in range(30)]
    bare = ("위도,경도\n" + "\n".join(lines)).encode()
    files = [("files", ("가.csv", bare)), ("files", ("나.csv", bare.replace(b"36.88", b"36.89")))]
    of_file = json.dumps({"가.csv": {"layer": "emergency_bell"}, "나.csv": {"layer": "escort_post"}})
    said = own.post("/v1/imports", role="admin", files=files, data={"of_file": of_file})
    assert said.status_code == 201, said.text
    assert {report["file"]: report["layer"] for report in said.json()["reports"]} == {
        "가.csv": "emergency_bell", "나.csv": "escort_post",
    }  # fmt: skip
    stored = own.post(f"/v1/imports/{said.json()['id']}/confirm", role="admin")
    assert stored.status_code == 200, stored.text


@pytest.mark.parametrize(
    "of_file",
    [
        "{",
        "[]",
        '{"a.csv": 3}',
        '{"a.csv": {"layer": 3}}',
        '{"a.csv": {"columns": {"lat": 1}}}',
        '{"a.csv": {"columns": 1}}',
    ],
)
def test_what_is_said_of_files_must_be_readable(service, of_file):
    answer = service.post(
        "/v1/imports", role="admin", files={"files": ("a.csv", b"a,b\n1,2\n")}, data={"of_file": of_file}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")


def test_files_may_not_be_told_everything(service):
    of_file = json.dumps({"a.csv": {"mode": "append"}})
    answer = service.post(
        "/v1/imports", role="admin", files={"files": ("a.csv", b"a,b\n1,2\n")}, data={"of_file": of_file}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_option")


def test_what_goes_while_it_is_swept_is_no_fault(tmp_path, monkeypatch):
    """Another worker sweeps, or an import is confirmed, between the list and the look."""
    gone = tmp_path / "gone"
    monkeypatch.setattr("pathlib.Path.iterdir", lambda _: iter([gone]))
    sweep(tmp_path, 0.0)


def test_what_is_open_stands_beside_what_can_be_read(own):
    """Nothing is stored while a file is open; answered, or set aside, the upload is looked at again as it lies."""
    before, version = cameras(own), own.services.store.version()
    bare = b"lat,lon,n\n36.8880,125.5940,1\n36.8881,125.5941,2\n"
    files = [("files", (name, data)) for name, data in [
        (CAMERAS.name, cut(before - 3, wrong=1)), ("보안등_2024-05.csv", bare), ("깨짐.zip", b"PK\x03\x04" + bytes(60)),
    ]]  # fmt: skip
    refused = own.post("/v1/imports", role="admin", files=files)
    assert refused.json()["code"] in {"unsafe_file", "unreadable_file"}  # unless it is asked for
    said = own.post("/v1/imports", role="admin", files=files, data={"ask": "true"}).json()
    assert [report["file"] for report in said["reports"]] == [CAMERAS.name]
    found = {one["file"]: one for one in said["open"]}
    assert set(found) == {"보안등_2024-05.csv", "깨짐.zip"}
    lamps = found["보안등_2024-05.csv"]
    assert (lamps["code"], lamps["suggested"]) == ("unknown_form", {"layer": "security_light"})
    assert (lamps["columns"], lamps["sample"][1]) == (["lat", "lon", "n"], ["36.8881", "125.5941", "2"])
    assert "--" not in lamps["hint"]
    path = f"/v1/imports/{said['id']}"
    check(own.post(f"{path}/confirm", role="admin"), 422, found["깨짐.zip"]["code"], "깨짐.zip")
    assert (cameras(own), own.services.store.version()) == (before, version)
    of_file = json.dumps({"보안등_2024-05.csv": {"layer": "security_light"}})
    again = own.post(path, role="admin", data={"of_file": of_file, "leave_out": "깨짐.zip"}).json()
    assert (again["id"], again["open"]) == (said["id"], [])
    reports = {report["file"]: report for report in again["reports"]}
    assert "빼 둔 파일" in reports["깨짐.zip"]["note"]
    assert reports["보안등_2024-05.csv"]["named_date"] == "2024-05"
    assert reports[CAMERAS.name]["named_date"] == ""  # its rows have a date
    (outline,) = own.get(f"{path}/outlines", role="admin").json()["districts"]
    assert outline["code"] == "99999"
    rows = own.get(f"{path}/rejected/{reports[CAMERAS.name]['rejected_rows']}/rows", role="admin").json()
    cells = dict(zip(rows["columns"], rows["rows"][0]["cells"], strict=True))
    assert [name[-2:] for name, cell in cells.items() if cell == "99.9"] == ["위도"]
    stored = own.post(f"{path}/confirm", role="admin", params={"version": again["data_version"]})
    assert stored.status_code == 200, stored.text
    assert len(own.services.store.read("security_light").query("dataset.str.startswith('own_')")) == 2


def test_an_import_is_stored_as_it_was_looked_at_or_not(own):
    first, second = upload(own, cut(500)).json(), upload(own, cut(510)).json()
    assert first["data_version"] == second["data_version"]
    sure = {"confirm": "true", "version": first["data_version"]}
    assert own.post(f"/v1/imports/{first['id']}/confirm", role="admin", params=sure).status_code == 200
    path = f"/v1/imports/{second['id']}"
    check(own.post(f"{path}/confirm", role="admin", params=sure), 409, "store_moved", "저장소가 바뀌어")
    assert cameras(own) == 500
    assert own.post(path, role="admin").json()["data_version"] == first["data_version"] + 1


def test_a_commit_between_the_look_and_the_storing_refuses(own_store, tmp_path):
    """Also one that comes while the files are read: they were looked at with the store before it."""
    catalog, folder = load_catalog(), tmp_path / "held"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / CAMERAS.name).write_bytes(cut(500))
    with opened(str(own_store), catalog) as held:
        looked = held.version()
    job = Upload(str(own_store), (), folder, ImportOptions(confirm=True), NOW, version=looked)
    other = tmp_path / "다른.csv"
    other.write_bytes(cut(510))

    def commit(*_):
        with opened(str(own_store), catalog) as held:
            if held.version() == looked:
                import_files([other], held, catalog, ImportOptions(confirm=True), now=NOW)

    with pytest.raises(StoreMovedError, match="그 사이 저장소가 바뀌어"):
        store(job, tell=commit)
    with opened(str(own_store), catalog) as held:
        assert (held.version(), len(held.read("cctv", columns=["key"]))) == (looked + 1, 510)
