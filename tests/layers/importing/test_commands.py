"""Whole commands: files and folders, one transaction, reports."""

import csv
import itertools
import os
from datetime import timedelta

import pandas as pd
import pytest

from geo.errors import AnsimError
from layers.importing import ImportOptions, import_files, write_all_rejected, write_rejected
from layers.importing.errors import (
    BoundariesNeededError,
    UnknownFormError,
    UnreadableFileError,
)
from layers.importing.report import FileReport
from layers.store import StoreError
from tests.layers.memory_store import MemoryWriter


def many(helpers, n, **other):
    return [helpers.lamp(f"등{i}", 10 + i, 10, **other) for i in range(n)]


# ---------------------------------------------------------------- files and folders


def test_boundaries_first_whatever_the_order(bare, helpers):
    lamps = bare.lamps([helpers.lamp()])
    with pytest.raises(BoundariesNeededError, match=r"보안등\.csv.*경계"):
        bare.one(lamps)
    found = bare.load(lamps, bare.boundaries)
    assert [r.file for r in found] == ["보안등.csv", "경계.geojson"]
    assert bare.store.version() == 1


def test_a_folder(town, helpers):
    town.lamps([helpers.lamp()])
    for name in ("읽어주세요.txt", "사진.png", ".숨은.csv", "~$표.csv"):
        town.file(name, "x")
    town.file("표.hwp", "x")
    town.file("혼자.dbf", "x")
    (town.folder / "안").mkdir()
    (town.folder / "안" / "경계.geojson").write_bytes(town.boundaries.read_bytes())
    found = {r.file: r for r in town.load(town.folder)}
    assert set(found) == {"경계.geojson", "보안등.csv", "읽어주세요.txt", "사진.png", "표.hwp", "혼자.dbf"}
    assert {n for n, r in found.items() if r.skipped} == {"읽어주세요.txt", "사진.png", "표.hwp", "혼자.dbf"}
    assert all(found[n].note.startswith("skipped") and found[n].read == 0 for n in ("표.hwp", "사진.png"))


def test_a_file_given_twice_is_one(town, helpers):
    path = town.lamps([helpers.lamp()])
    assert len(town.load(path, path, town.folder)) == 2  # and the boundaries


@pytest.mark.parametrize("name", ["없음.csv", "표.xlsx", "혼자.dbf", "빈.csv", "제목만.csv", "그림.png", "빈 폴더"])
def test_files_that_cannot_be_read(town, helpers, name):
    town.file("표.xlsx", "x")
    town.file("혼자.dbf", "x")
    town.file("빈.csv", "")
    town.lamps([], name="제목만.csv")
    town.file("그림.png", "\x89PNG")
    (town.folder / "빈 폴더").mkdir()
    with pytest.raises(UnreadableFileError) as error:
        town.one(town.folder / name)
    assert "\n" not in str(error.value)
    assert error.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(town, helpers):
    path = town.lamps([helpers.lamp()])
    path.chmod(0)
    with pytest.raises(UnreadableFileError):
        town.one(path)


def test_walk_networks_are_known_and_not_used(town):
    form = next(f for f in town.catalog.forms if f.id == "seoul_walk_network")
    r = town.one(town.csv("보행.csv", [*form.header, "교량"], [["NODE"] * 11]))
    assert r.skipped
    assert "도보 네트워크" in r.note
    assert town.store.version() == 1


# ---------------------------------------------------------------- one transaction


def test_all_or_nothing(town, helpers):
    good = town.lamps([helpers.lamp()])
    bad = town.csv("모름.csv", ["가", "나"], [["1", "2"]])
    before = town.content()
    with pytest.raises(UnknownFormError):
        town.load(good, bad)
    assert town.content() == before
    assert town.store.version() == 1


def test_a_failure_while_storing_leaves_nothing(town, helpers, monkeypatch):
    lon, lat = helpers.lonlat(1, 1)
    first, second = town.lamps([helpers.lamp()]), town.csv("가.csv", ["이름", "위도", "경도"], [["가", lat, lon]])
    put = MemoryWriter.put

    def failing(writer, batch, record):
        if batch.table == "police_box":
            raise StoreError("디스크가 가득 찼습니다")
        put(writer, batch, record)

    monkeypatch.setattr(MemoryWriter, "put", failing)
    with pytest.raises(StoreError):
        town.load(first, second, layer="police_box")
    assert town.store.layer_ids() == []
    assert town.store.version() == 1


def test_an_import_is_made_again_after_another_in_between(town, helpers, monkeypatch):
    path = town.lamps([helpers.lamp()])
    versions = itertools.chain([1, 2], itertools.repeat(3))  # moved once, then still
    monkeypatch.setattr(type(town.store), "version", lambda _self: next(versions))
    assert town.one(path).accepted == 1


def test_an_import_that_others_always_precede_gives_up(town, helpers, monkeypatch):
    path = town.lamps([helpers.lamp()])
    versions = itertools.count()
    monkeypatch.setattr(type(town.store), "version", lambda _self: next(versions))
    with pytest.raises(StoreError, match="다른 가져오기"):
        town.one(path)


def test_the_same_again_changes_nothing(town, helpers):
    path = town.lamps(many(helpers, 5))
    first = town.one(path)
    again = town.one(path, now=helpers.NOW + timedelta(days=3))
    assert town.store.version() == 2
    assert not first.unchanged
    assert again.as_dict() == first.as_dict() | {"unchanged": True}
    renamed = town.lamps(many(helpers, 5), name="다른 이름.csv")
    assert town.one(renamed).unchanged  # the bytes count, not the name


@pytest.mark.parametrize("change", [{"columns": {"name": "설치형태"}}, {"made_up": True}, {"complete_for": ("11620",)}])
def test_other_options_are_another_import(town, helpers, change):
    path = town.lamps(many(helpers, 5))
    town.one(path)
    assert not town.one(path, **change, confirm=True).unchanged  # other names are other rows
    assert town.one(path, **change).unchanged


def test_new_boundaries_make_it_another_import(town, helpers):
    path = town.lamps([*many(helpers, 5), helpers.lamp("밖", 2900, 500)])
    assert town.one(path).flagged == {"outside_near": 1}
    features = helpers.boundary_features()
    features.append(
        helpers.feature(
            features[0]["properties"]
            | {"adm_cd2": "1162060900", "adm_cd": "1121069", "adm_nm": "서울특별시 관악구 새동"},
            helpers.square(2, 0),
        )
    )
    wider = town.geojson("새 경계.geojson", features)
    found = town.load(path, wider)
    assert not found[0].unchanged
    assert found[0].flagged == {}


def test_a_superseded_file_is_news_again(town, helpers):
    old, new = town.lamps(many(helpers, 5), name="가.csv"), town.lamps(many(helpers, 6), name="나.csv")
    town.one(old)
    town.one(new)
    assert not town.one(old, confirm=True).unchanged
    assert len(town.store.read("security_light")) == 5


def test_a_file_replaces_only_its_districts(town, helpers):
    guro = "서울특별시 구로구 항동 1"
    town.one(town.lamps([*many(helpers, 5), helpers.lamp("구로", 500, 1500, address=guro)], name="둘.csv"))
    town.one(town.lamps([helpers.lamp("새 구로", 600, 1500, address=guro)], name="구로.csv"))
    names = sorted(town.store.read("security_light")["name"])
    assert names == ["등0", "등1", "등2", "등3", "등4", "새 구로"]


def test_importing_in_any_order_gives_the_same_store(bare, helpers, tmp_path):
    lon, lat = helpers.lonlat(100, 100)
    paths = [
        bare.boundaries,
        bare.lamps(many(helpers, 5)),
        bare.csv(
            "1인가구.csv",
            ["행정동코드", "자치구", "행정동명", "성별", "연령대", "1인가구수"],
            [["1121060", "", "", "1", "20", "5"]],
        ),
        bare.csv(
            "택배.csv",
            ["자치구", "안심 명", "안심 주소", "WGS Y 좌표", "WGS X 좌표"],
            [["관악구", "가", "나", lat, lon]],
        ),
    ]
    bare.load(*paths)
    (tmp_path / "b").mkdir()
    other = helpers.Town(tmp_path / "b")
    other.load(*reversed(paths))
    assert bare.content() == other.content()


# ---------------------------------------------------------------- reports and records


def test_the_record(town, helpers):
    path = town.lamps([*many(helpers, 3), helpers.lamp("등", lat="", lon=""), helpers.lamp("삭제")], encoding="cp949")
    town.one(path, made_up=True)
    record = town.store.imports()[-1]
    assert (record.file, record.dataset, record.layer) == ("보안등.csv", "security_light_standard", "security_light")
    assert (record.encoding, record.crs, record.data_date) == ("cp949", "EPSG:4326", "2025-06-30")
    assert (record.read, record.accepted, record.unlocated, record.rejected) == (5, 4, 1, 1)
    assert (record.imported_at, record.made_up) == ("2025-11-21T10:00:00+09:00", True)
    assert len(record.digest) == 64


def test_progress(town, helpers):
    seen = []
    import_files(
        [town.lamps([helpers.lamp()]), town.boundaries], town.store, town.catalog, ImportOptions(), now=helpers.NOW,
        progress=lambda *step: seen.append(step),
    )  # fmt: skip
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert {total for *_, total in seen} == {6}
    assert seen[-1] == ("", 6, 6)
    assert {name for name, *_ in seen} == {"보안등.csv", "경계.geojson", ""}


def test_a_report_that_does_not_add_up_cannot_be_made():
    with pytest.raises(AssertionError, match=r"가\.csv"):
        FileReport("가.csv", read=3, accepted=1, rejected=1, reasons={"dead": 1})


def test_rejected_rows_of_equal_names_stand_side_by_side(tmp_path):
    def report(file, *rows):
        rejected = pd.DataFrame({"line": range(2, 2 + len(rows)), "reason": "dead", "row": list(rows)})
        n = len(rows)
        return FileReport(file, read=n, rejected=n, reasons={"dead": n} if n else {}, rejected_rows=rejected)

    reports = [report("가.csv", "1"), report("다.csv"), report("가.geojson", "2"), report("가-2.csv", "3")]
    written = write_all_rejected(reports, tmp_path)
    assert [p.name for p in written] == ["가-rejected.csv", "가-2-rejected.csv", "가-2-2-rejected.csv"]
    assert [pd.read_csv(p)["row"].tolist() for p in written] == [[1], [2], [3]]


def test_a_rejected_row_is_no_formula(tmp_path):
    cells = ["=cmd|'/c calc'!A1,x", "+1,2", "-1", "@SUM(A1)", "\t=1", " =1", '"=1",2', "가,=1", "12"]
    n = len(cells)
    rejected = pd.DataFrame({"line": range(n), "reason": "dead", "row": cells})
    path = write_rejected(
        FileReport("가.csv", read=n, rejected=n, reasons={"dead": n}, rejected_rows=rejected), tmp_path
    )
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row["row"] for row in csv.DictReader(stream)]
    assert rows == [*(f"'{cell}" for cell in cells[:6]), *cells[6:]]


def test_errors_are_one_line_of_korean(town):
    for content in ("a,b\n1,2\n", '{"type": 1}', "\xff\xfe"):
        with pytest.raises(AnsimError) as error:
            town.one(town.file("시험.csv", content))
        assert "\n" not in str(error.value)
        assert any("가" <= c <= "힣" for c in str(error.value))
