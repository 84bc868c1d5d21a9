"""Two files of the same devices: paired, told, and one of them used."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.catalog import load_catalog
from layers.duplicates import COLUMNS, count_pairs, doubles_in, overlaps_of, stored_overlaps, without
from layers.geopackage import GeoPackageStore
from layers.snapshot import take_snapshot
from tests.layers.importing.conftest import NOW, Town, lonlat

CITY = ["자치구", "안심 주소", "위도", "경도", "CCTV 수량", "수정 일시"]
GU = [
    "관리기관명", "소재지도로명주소", "소재지지번주소", "설치목적구분", "카메라대수", "카메라화소수", "촬영방면정보",
    "보관일수", "설치년월", "관리기관전화번호", "위도", "경도", "데이터기준일자",
]  # fmt: skip


def points(*rows):
    rows = np.array(rows, float).reshape(-1, 3)
    return rows[:, 0], rows[:, 1], rows[:, 2].astype(np.int64)


def test_pairs_by_hand():
    first = points((0, 0, 1), (100, 0, 3), (200, 0, 1))
    assert count_pairs(first, points((9, 0, 1), (100, 0, 2), (211, 0, 1))) == 3  # 9 m; two of three; 11 m is too far
    assert count_pairs(first, points((4, 0, 1), (-4, 0, 1))) == 1  # every device once
    # Nearest first: 5 takes 4, though 0 could have had it; then 0 takes -9.
    assert count_pairs(points((0, 0, 1), (5, 0, 1)), points((4, 0, 1), (-9, 0, 1))) == 2
    assert count_pairs(points(), first) == count_pairs(first, points()) == 0


places = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 3)), max_size=12)


def pairs_slowly(first, second):
    """Every device by itself, nearest first."""
    one = sorted({(x, y) for x, y, _ in first})
    two = sorted({(x, y) for x, y, _ in second})
    left = {p: sum(n for x, y, n in first if (x, y) == p) for p in one}
    free = {p: sum(n for x, y, n in second if (x, y) == p) for p in two}
    near = sorted((np.hypot(a[0] - b[0], a[1] - b[1]), i, j) for i, a in enumerate(one) for j, b in enumerate(two))
    pairs = 0
    for distance, i, j in near:
        while distance <= 10 and left[one[i]] and free[two[j]]:
            left[one[i]] -= 1
            free[two[j]] -= 1
            pairs += 1
    return pairs


@given(places, places)
def test_pairs_against_the_slow_way(first, second):
    found = count_pairs(points(*first), points(*second))
    assert found == pairs_slowly(first, second)
    assert found <= min(sum(n for *_, n in first), sum(n for *_, n in second))
    assert count_pairs(points(*first), points(*first)) == sum(n for *_, n in first)


def city(town, places, gu="관악구", name="안심이.csv", digits=4):
    rows = []
    for i, (east, north, count) in enumerate(places):
        lon, lat = lonlat(east, north)
        rows.append([gu, f"안심{i}", f"{lat:.{digits}f}", f"{lon:.{digits}f}", str(count), "2022-12-01"])
    return town.csv(name, CITY, rows)


def district(town, places, gu="관악구", name="자치구.csv"):
    rows = []
    for east, north, count in places:
        lon, lat = lonlat(east, north)
        rows.append([
            f"서울특별시 {gu}청", "", f"서울특별시 {gu} 가람동 1", "생활방범", str(count), "", "", "30", "", "",
            f"{lat:.8f}", f"{lon:.8f}", "2025-01-01",
        ])  # fmt: skip
    return town.csv(name, GU, rows)


CAMERAS = [(50.0 + 90 * i, 100.0 + 40 * i, 1 + i % 3) for i in range(20)]  # 39 devices


@pytest.fixture(params=["city first", "district first"])
def town(request, tmp_path):
    made = Town(tmp_path, GeoPackageStore(tmp_path / "시험.gpkg"))
    made.one(made.boundaries)
    files = [city(made, CAMERAS), district(made, CAMERAS[:15])]
    made.reports = [made.one(f) for f in (files if request.param == "city first" else files[::-1])]
    return made


def used(town):
    snapshot = take_snapshot(town.store)
    return set(without(snapshot, doubles_in(snapshot, town.catalog)).tables["cctv"]["dataset"])


def test_they_are_noticed_and_the_districts_own_is_used(town):
    (found,) = stored_overlaps(town.store, town.catalog, town.store.imports())
    assert (found.layer, found.district, found.preferred, found.other) == (
        "cctv", "11620", "cctv_standard", "ansimi_cctv",
    )  # fmt: skip
    assert (found.preferred_devices, found.other_devices, found.pairs, found.left_out) == (30, 39, 30, True)
    last = town.reports[-1]
    assert last.flagged["same_devices"] == 30
    assert "cctv_standard만 씁니다" in last.note
    assert "두고 더하기로 가져오십시오" in last.note  # as the page and the help of the command call it
    assert "same_devices" not in town.reports[0].flagged
    assert len(town.store.read("cctv")) == 35  # both are kept
    assert used(town) == {"cctv_standard"}


def test_append_uses_both(town):
    r = town.one(town.folder / "안심이.csv", mode="append")
    assert "둘 다 씁니다" in r.note
    assert len(town.store.read("cctv")) == 35  # each row once
    assert used(town) == {"cctv_standard", "ansimi_cctv"}
    version = town.store.version()
    assert town.one(town.folder / "안심이.csv", mode="append").unchanged
    assert town.store.version() == version


def test_one_more_page_does_not_say_that_both_are_used(town):
    """Only the same file again, or the first of a dataset, is appended to be used beside the other."""
    page = city(town, [(30 + 40 * i, 900, 1) for i in range(2)], name="안심이 2쪽.csv")
    before = used(town)
    town.one(page, mode="append")
    assert used(town) == before
    town.one(town.folder / "안심이.csv", mode="append")
    assert used(town) != before


def test_a_few_devices_in_common_leave_nothing_out(tmp_path):
    town = Town(tmp_path)
    elsewhere = [(e, n + 10.1, c) for e, n, c in CAMERAS[3:]]
    town.load(town.boundaries, city(town, CAMERAS, digits=8), district(town, [*CAMERAS[:3], *elsewhere]))
    (found,) = stored_overlaps(town.store, town.catalog, town.store.imports())
    assert (found.pairs, found.same, found.left_out) == (6, False, False)
    assert used(town) == {"cctv_standard", "ansimi_cctv"}


def test_a_handful_of_own_rows_does_not_drive_out_a_whole_file(tmp_path):
    town = Town(tmp_path)
    town.load(town.boundaries, city(town, CAMERAS))
    lon, lat = lonlat(*CAMERAS[0][:2])
    own = town.csv("새 카메라.csv", ["명칭", "자치구", "위도", "경도"], [["가", "관악구", f"{lat}", f"{lon}"]])
    town.one(own, layer="cctv")
    assert used(town) == {"own_cctv/새_카메라", "ansimi_cctv"}


def own(town, name):
    """The cameras once more, in a file of no known form."""
    rows = [[name, "관악구", *(f"{v:.8f}" for v in lonlat(e, n)[::-1]), str(count)] for e, n, count in CAMERAS]
    return town.csv(name, ["명칭", "자치구", "위도", "경도", "수량"], rows)


def test_two_own_files_are_both_meant(tmp_path):
    town = Town(tmp_path)
    town.load(town.boundaries)
    reports = [town.one(own(town, name), layer="cctv") for name in ("가.csv", "나.csv")]
    assert stored_overlaps(town.store, town.catalog, town.store.imports()) == []
    assert not any("same_devices" in report.flagged for report in reports)
    assert used(town) == {"own_cctv/가", "own_cctv/나"}


def test_own_files_come_before_a_known_form(tmp_path):
    """Each of the two drives it out, neither the other; said once."""
    town = Town(tmp_path)
    town.load(town.boundaries, city(town, CAMERAS))
    for name in ("가.csv", "나.csv"):
        assert town.one(own(town, name), layer="cctv").accepted == len(CAMERAS)
    (found,) = stored_overlaps(town.store, town.catalog, town.store.imports())
    assert (found.other, found.left_out) == ("ansimi_cctv", True)
    assert used(town) == {"own_cctv/가", "own_cctv/나"}


def test_other_districts_and_layers_are_left_alone(tmp_path):
    town = Town(tmp_path)
    beside = [(e, n + 1000, c) for e, n, c in CAMERAS]
    town.load(town.boundaries, city(town, CAMERAS), district(town, beside, "구로구"))
    assert stored_overlaps(town.store, town.catalog, town.store.imports()) == []
    assert used(town) == {"cctv_standard", "ansimi_cctv"}


def test_a_planner_may_prefer_otherwise(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[[form]]\nid = "ansimi_cctv"\ntitle = "안심이"\nlayer = "cctv"\nprefer = 9\n'
        'header = ["자치구", "안심 주소", "위도", "경도", "CCTV 수량", "수정 일시"]\n'
        'columns = { name = "안심 주소", district = "자치구", lat = "위도", lon = "경도", count = "CCTV 수량" }\n',
        encoding="utf-8",
    )
    town = Town(tmp_path, catalog=load_catalog([own]))
    town.load(town.boundaries, city(town, CAMERAS), district(town, CAMERAS))
    assert used(town) == {"ansimi_cctv"}


@pytest.mark.real
def test_real_cameras_under_both_forms(tmp_path):
    """4,091 cameras of 광진구 in 1,055 stacks, and the same with the decimals the rounding took."""
    seoul = (Path(__file__).parents[2] / ".." / "shared" / "data" / "seoul").resolve()
    if not seoul.is_dir():
        pytest.skip("the real open-data files are not beside the project")
    town = Town(tmp_path)
    town.load(seoul / "hangjeongdong_서울특별시.geojson", seoul / "안심이_CCTV_광진구.csv", now=NOW)
    rows = list(csv.DictReader((seoul / "안심이_CCTV_광진구.csv").read_text("utf-8").splitlines()))
    random = np.random.default_rng(1)
    shaken = []
    for i, row in enumerate(rows):
        lat, lon = (float(row[c]) + random.uniform(-4e-5, 4e-5) for c in ("위도", "경도"))  # lost to rounding: 5.7 m
        shaken.append([
            "서울특별시 광진구청", "", f"서울특별시 광진구 {i}", "생활방범", row["CCTV 수량"], "", "", "30", "", "",
            f"{lat:.7f}", f"{lon:.7f}", "2025-01-01",
        ])  # fmt: skip
    town.one(town.csv("자치구.csv", GU, shaken))
    (found,) = [o for o in overlaps_of(town.store.read("cctv", columns=COLUMNS), "cctv", town.catalog, []) if o.same]
    assert (found.preferred, found.other, found.other_devices) == ("cctv_standard", "ansimi_cctv", 4_091)
    assert found.pairs > 0.97 * 4_091
    assert used(town) == {"cctv_standard"}
