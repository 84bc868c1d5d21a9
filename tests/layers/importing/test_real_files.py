"""The real open-data files give the figures that were counted by hand."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from layers.catalog import load_catalog
from layers.geopackage import GeoPackageStore
from layers.importing import ImportOptions, import_files, write_rejected, write_report
from tests.layers.memory_store import MemoryStore

pytestmark = pytest.mark.real

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=ZoneInfo("Asia/Seoul"))  # the files are of before
OPTIONS = ImportOptions(layer="cctv", measure="population")


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture(scope="module")
def loaded(seoul, catalog):
    store = MemoryStore()
    return store, {r.file: r for r in import_files([seoul], store, catalog, OPTIONS, now=NOW)}


FIGURES = {  # file: layer, encoding, read, accepted, reasons, flagged
    "hangjeongdong_서울특별시.geojson": ("dong", "utf-8", 425, 425, {}, {}),
    "1인가구_관심집단.csv": ("household", "cp949", 10_176, 10_176, {}, {}),
    "서울시 안심택배함 설치 장소.csv": ("locker", "cp949", 271, 271, {}, {}),
    "서울특별시_관악구_여성안심지킴이집_20220928.csv": ("safe_house", "cp949", 51, 51, {}, {}),
    "12_04_09_E_안전비상벨위치정보.csv": ("emergency_bell", "utf-8-sig", 988, 988, {}, {"other_district": 9}),
    "서울특별시_광진구_보안등정보_20251223.csv": (
        "security_light", "utf-8-sig", 9_229, 9_205, {"duplicate": 24}, {"other_district": 9},
    ),
    "안심이_CCTV_관악구.csv": (
        "cctv", "utf-8", 5_366, 5_366, {}, {"other_district": 25, "outside_near": 1, "unknown_purpose": 5_366},
    ),
    "안심이_CCTV_광진구.csv": (
        "cctv", "utf-8", 4_091, 4_091, {}, {"other_district": 17, "outside_near": 1, "unknown_purpose": 4_091},
    ),
    "전국스마트가로등표준데이터.csv": ("smart_light", "cp949", 12_714, 317, {"duplicate": 47, "outside": 12_350}, {}),
    "02_서울특별시_가로등 위치 정보_20221108.csv": (
        "streetlight", "cp949", 19_316, 19_291, {"impossible_coordinates": 25}, {"outside_near": 427},
    ),
    "안심마을보안관_활동구역_2023_전사.csv": ("patrol_zone", "utf-8", 16, 16, {}, {}),
    "nlsp_021001001.shp": ("stat_grid", "utf-8", 3_130, 3_130, {}, {}),
    "관악구_안전상비의약품_판매점.csv": ("address_point", "utf-8-sig", 360, 360, {}, {"other_district": 1}),
}  # fmt: skip


@pytest.mark.parametrize("file", FIGURES)
def test_report(loaded, file):
    r = loaded[1][file]
    assert (r.layer, r.encoding, r.read, r.accepted, dict(r.reasons), dict(r.flagged)) == FIGURES[file]
    assert r.unlocated == 0
    assert len(r.rejected_rows) == r.rejected


def test_every_file_was_seen(loaded):
    assert set(loaded[1]) == set(FIGURES)


def test_boundaries(loaded):
    dong = loaded[0].read("dong")
    assert (len(dong), dong["district"].nunique(), dong["dong"].nunique()) == (425, 25, 425)
    area = dong.assign(area=[g.area for g in dong["geometry"]]).groupby("district")["area"].sum() / 1e6
    assert area["11620"].round(2) == 29.88
    assert area["11215"].round(2) == 17.63


def test_households(loaded):
    rows = loaded[0].read("household")
    by_district = rows.groupby("district")["households"].sum()
    assert rows["households"].sum() == 1_528_595
    assert by_district["11620"] == 138_904
    assert by_district["11215"] == 71_999
    assert len(by_district) == 25
    split = rows[rows["unit"] == "1117068"]
    dong = loaded[0].read("dong").set_index("name")
    assert set(split["dongs"]) == {f"{dong.loc['오류2동', 'dong']};{dong.loc['항동', 'dong']}"}
    covered = {code for text in rows["dongs"].unique() for code in text.split(";")}
    assert covered == set(loaded[0].read("dong")["dong"])
    assert set(rows["sex"]) == {"male", "female"}
    bands = sorted(set(zip(rows["age_from"], rows["age_to"], strict=True)))
    assert bands == [(a, a + 4) for a in range(20, 75, 5)] + [(75, 200)]


def test_statistics_grid(loaded):
    cells = loaded[0].read("stat_grid")
    assert (cells["value"] > 0).sum() == 1_288
    assert cells["value"].sum() == 478_628
    corner = cells.set_index("gid").loc["다사468423"]
    assert (corner["x"], corner["y"], corner["size_m"], corner["measure"]) == (946_800, 1_942_300, 100, "population")


def test_facilities_of_a_district_and_across_its_border(loaded):
    cameras = loaded[0].read("cctv")
    gwanak = cameras[cameras["district"] == "11620"]
    assert len(gwanak) == 5_366
    assert gwanak["flags"].str.contains("other_district").sum() == 25
    assert gwanak["flags"].str.contains("unknown_purpose").all()  # the file has no column of purposes
    assert gwanak["near"].sum() == 1
    assert set(gwanak["data_date"]) == {"2022-12"}  # its update_date is always 1; year and month say
    assert cameras.loc[cameras["near"], "dong"].eq("").all()
    assert not cameras.loc[~cameras["near"], "dong"].eq("").any()
    assert cameras["key"].is_unique


def test_the_streetlights_are_a_reported_guess(loaded):
    note = loaded[1]["02_서울특별시_가로등 위치 정보_20221108.csv"].note
    assert note.startswith("guessed_layer")
    assert "--layer" in note


def test_patrol_zones(loaded):
    zones = loaded[0].read("patrol_zone").set_index("name")
    dong = loaded[0].read("dong").set_index("name")
    assert zones["approximate"].all()
    assert set(zones["hours"]) == {"21:00-02:30"}
    two = zones.loc["화곡1·8동", "geometry"]
    assert two.geom_type == "MultiPolygon"
    assert two.area == pytest.approx(dong.loc["화곡1동", "geometry"].area + dong.loc["화곡8동", "geometry"].area)


def test_twice_is_once_and_one_by_one_is_all_at_once(seoul, catalog, loaded):
    store, reports = loaded
    before = store.version()
    again = import_files([seoul], store, catalog, OPTIONS, now=NOW)
    assert store.version() == before
    assert all(r.unchanged for r in again)
    assert {r.file: (r.read, r.accepted) for r in again} == {f: (r.read, r.accepted) for f, r in reports.items()}
    single = MemoryStore()
    order = sorted(seoul.rglob("*.csv"), reverse=True)
    paths = [seoul / "hangjeongdong_서울특별시.geojson", *order]
    for path in paths:
        layer = "cctv" if path.name == "안심이_CCTV_관악구.csv" else None
        import_files([path], single, catalog, ImportOptions(layer=layer), now=NOW)
    for table in ("dong", "household", "address_point", *store.layer_ids()):
        columns = [c for c in store.read(table).columns if c != "geometry"]
        ours, theirs = store.read(table, columns=columns), single.read(table, columns=columns)
        by = columns
        assert ours.sort_values(by, ignore_index=True).equals(theirs.sort_values(by, ignore_index=True)), table


def test_the_geopackage_holds_the_same(seoul, catalog, loaded, tmp_path):
    real = GeoPackageStore(tmp_path / "서울.gpkg")
    reports = import_files([seoul], real, catalog, OPTIONS, now=NOW)
    assert [r.as_dict() for r in reports] == [r.as_dict() for r in loaded[1].values()]
    for table in ("dong", "household", "stat_grid", "address_point", *loaded[0].layer_ids()):
        ours, theirs = loaded[0].read(table), real.read(table)
        assert len(ours) == len(theirs), table
        columns = [c for c in ours.columns if c != "geometry"]
        assert (
            ours[columns]
            .sort_values(columns, ignore_index=True)
            .equals(theirs[columns].sort_values(columns, ignore_index=True))
        ), table
    again = import_files([seoul], real, catalog, OPTIONS, now=NOW)
    assert real.version() == 1
    assert all(r.unchanged for r in again)


def test_report_files(loaded, tmp_path):
    reports = list(loaded[1].values())
    write_report(reports, tmp_path / "report.json")
    written = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in written] == list(loaded[1])
    keys = [
        "file", "layer", "dataset", "encoding", "crs", "crs_score", "read", "accepted", "unlocated", "devices",
        "rejected", "reasons", "repaired", "flagged",
    ]  # fmt: skip
    assert all(list(entry)[: len(keys)] == keys for entry in written)
    path = write_rejected(loaded[1]["02_서울특별시_가로등 위치 정보_20221108.csv"], tmp_path)
    lines = path.read_bytes().decode("utf-8-sig").splitlines()
    assert path.name == "02_서울특별시_가로등 위치 정보_20221108-rejected.csv"
    assert lines[0] == "line,reason,설명,row"
    assert len(lines) == 26
    assert "impossible_coordinates" in lines[1]
    assert "4664046.125" in lines[1]
    assert write_rejected(loaded[1]["안심이_CCTV_광진구.csv"], tmp_path) is None


def test_the_line_numbers_are_those_of_the_file(seoul, loaded):
    name = "02_서울특별시_가로등 위치 정보_20221108.csv"
    lines = (seoul / name).read_bytes().decode("cp949").splitlines()
    for row in loaded[1][name].rejected_rows.itertuples():
        assert lines[row.line - 1] == row.row
