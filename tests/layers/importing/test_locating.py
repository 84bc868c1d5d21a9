"""Rows without coordinates are placed by the address points that are loaded, and only those."""

import csv
import json

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geo.errors import NoDataError
from layers.geopackage import GeoPackageStore
from layers.importing.address_book import AddressBook
from layers.importing.errors import BadOptionError
from layers.importing.locating import locate_stored, write_located

SHOPS = ["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"]
STORES = [
    "점포명", "시도명", "시군구명", "시군구코드", "소재지도로명주소", "소재지지번주소", "위도", "경도",
    "여성안심지킴이집전화번호", "관할경찰서명", "지정연도", "운영여부", "데이터기준일자",
]  # fmt: skip


def shop(helpers, name, road, lot, east=500.0, north=500.0):
    lon, lat = helpers.lonlat(east, north)
    return [name, "영업/정상", lot, road, f"{lat:.8f}", f"{lon:.8f}", ""]


def store_row(name, road="", lot="", gu="관악구", code="11620", lat="", lon=""):
    return [name, "서울특별시", gu, code, road, lot, lat, lon, "", "", "2020", "Y", "2025-01-01"]


def shops(town, rows, name="가게.csv"):
    return town.csv(name, SHOPS, rows)


def stores(town, rows, name="지킴이집.csv"):
    return town.csv(name, STORES, rows)


POINTS = [  # name, road, lot, east, north
    ("씨유 가람점", "서울특별시 관악구 봉천로33길 8, 1층 (가람동)", "서울특별시 관악구 가람동 924-1", 100, 100),
    ("GS25 나루점", "관악구 남부순환로 지하 1822", "관악구 가람동 산 12", 200, 200),
    ("세븐 다리점", "관악구 양지5길 2-1", "관악구 신림1동 1474-10", 300, 300),
    ("먼 곳", "관악구 갈림길 1", "", 100, 900),
    ("먼 곳 둘", "관악구 갈림길 1", "", 300, 900),  # 200 m from the other of the same address
    ("구로 가게", "구로구 봉천로33길 8", "", 500, 1500),
]
ROWS = {  # name: (row, flags, where)
    "길": (("서울 관악구 봉천로 33길 8 (가람동) 101호", ""), "located_by=road_exact", (100, 100)),
    "번지": (("", "관악구 가람동 924 - 1번지"), "located_by=lot_exact", (100, 100)),
    "지상": (("남부순환로 1822", ""), "located_by=building", (200, 200)),
    "법정동": (("", "신림동 1474-10"), "located_by=building", (300, 300)),
    "본번": (("양지5길 2", ""), "located_by=main_number;doubtful_location", (300, 300)),
    "갈림": (("갈림길 1", ""), "located_by=road_exact;doubtful_location", None),
    "CU가람점": (("봉천로33길 10", ""), "located_by=name;doubtful_location", (100, 100)),
    "세븐 다리점": (("", ""), "located_by=name;doubtful_location", (300, 300)),
    "GS25나루점": (("봉천로33길 99", ""), "", None),  # the shop of the name stands in another street
    "평지": (("", "가람동 12"), "", None),  # 산 12 is another lot
    "이웃 번호": (("봉천로33길 8-1", ""), "located_by=main_number;doubtful_location", (100, 100)),
    "없는 길": (("없는로 1", ""), "", None),
}


def loaded(town, helpers):
    reports = town.load(
        shops(town, [shop(helpers, *point) for point in POINTS]),
        stores(town, [store_row(name, *row) for name, (row, *_) in ROWS.items()]),
    )
    return reports[1], town.store.read("safe_house").set_index("name")


def test_each_way_by_hand(town, helpers):
    report, rows = loaded(town, helpers)
    for name, (_, flags, where) in ROWS.items():
        assert rows.loc[name, "flags"] == flags, name
        placed = rows.loc[name, "geometry"]
        assert (placed is not None) == bool(flags), name
        if where:
            assert placed.distance(shapely.Point(helpers.X0 + where[0], helpers.Y0 + where[1])) < 0.01, name
            assert rows.loc[name, "dong"] == "1162060100"
    assert (report.read, report.accepted, report.unlocated) == (12, 12, 3)
    assert dict(report.flagged) == {
        "located_by=road_exact": 2, "located_by=lot_exact": 1, "located_by=building": 2, "located_by=main_number": 2,
        "located_by=name": 2, "doubtful_location": 5,
    }  # fmt: skip


def test_the_order_of_the_imports_does_not_matter(bare, helpers, tmp_path):
    town = bare
    files = [
        town.boundaries,
        shops(town, [shop(helpers, *point) for point in POINTS]),
        stores(town, [store_row(name, *row) for name, (row, *_) in ROWS.items()]),
    ]
    contents = []
    for order in ((0, 1, 2), (0, 2, 1)):
        (tmp_path / str(order)).mkdir()
        other = helpers.Town(tmp_path / str(order), GeoPackageStore(tmp_path / str(order) / "시험.gpkg"))
        for i in order:
            other.load(files[i])
        contents.append(other.content())
        version = other.store.version()
        for i in order:
            assert other.one(files[i]).unchanged
        assert locate_stored(other.store, other.catalog)
        assert other.store.version() == version
    town.load(*files)
    assert contents[0] == contents[1] == town.content()


def test_rows_with_coordinates_are_never_moved(town, helpers):
    lon, lat = helpers.lonlat(700, 700)
    town.load(
        shops(town, [shop(helpers, *POINTS[0])]),
        stores(town, [store_row("씨유 가람점", "봉천로33길 8", lat=f"{lat:.8f}", lon=f"{lon:.8f}")]),
    )
    row = town.store.read("safe_house").iloc[0]
    assert row["geometry"].distance(shapely.Point(helpers.X0 + 700, helpers.Y0 + 700)) < 0.01
    assert row["flags"] == ""


def test_an_address_counts_in_its_own_district_only(town, helpers):
    town.load(
        shops(town, [shop(helpers, *POINTS[0]), shop(helpers, *POINTS[-1])]),
        stores(town, [
            store_row("구로", "봉천로33길 8", gu="구로구", code="11530"),
            store_row("부산", "봉천로33길 8", gu="", code=""),  # declares Seoul but no district
        ]),
    )  # fmt: skip
    rows = town.store.read("safe_house").set_index("name")
    assert rows.loc["구로", "geometry"].distance(shapely.Point(helpers.X0 + 500, helpers.Y0 + 1500)) < 0.01
    assert rows.loc["부산", "geometry"] is None


def test_points_astray_place_nothing(town, helpers):
    """A shop that lies in another district than its address says."""
    astray = shop(helpers, "씨유", "서울특별시 관악구 봉천로33길 8", "", 500, 1500)
    town.load(shops(town, [astray]), stores(town, [store_row("가", "봉천로33길 8")]))
    assert town.store.read("safe_house")["geometry"].iloc[0] is None


@pytest.fixture(params=["memory", "geopackage"])
def either(request, bare, tmp_path, helpers):
    town = bare
    if request.param == "geopackage":
        town.store = GeoPackageStore(tmp_path / "시험.gpkg", town.catalog)
    town.load(town.boundaries, stores(town, [store_row("가", "봉천로33길 8"), store_row("나", "없는로 1")]))
    return town


def test_without_address_points_it_says_what_to_do(either):
    with pytest.raises(NoDataError, match="주소점이 아직 없습니다"):
        locate_stored(either.store, either.catalog)
    with pytest.raises(BadOptionError, match="patrol_zone"):
        locate_stored(either.store, either.catalog, "patrol_zone")


def test_undo_dry_run_and_again(either, helpers, tmp_path):
    either.one(shops(either, [shop(helpers, *POINTS[0])]))
    located = either.content()
    assert either.store.read("safe_house")["geometry"].notna().sum() == 1
    undone = locate_stored(either.store, either.catalog, undo=True)
    assert undone[0].located == 0
    bare_content = either.content()
    assert either.store.read("safe_house")["geometry"].notna().sum() == 0
    assert set(either.store.read("safe_house")["flags"]) == {""}

    version = either.store.version()
    said = locate_stored(either.store, either.catalog, dry_run=True)
    assert (said[0].located, either.store.version(), either.content()) == (1, version, bare_content)
    locate_stored(either.store, either.catalog, "safe_house")
    assert either.content() == located
    assert either.store.version() == version + 1
    path = tmp_path / "보고.json"
    write_located(said, path)
    assert json.loads(path.read_text("utf-8")) == [
        {
            "layer": "safe_house", "without_coordinates": 2, "located": 1, "share": 0.5,
            "methods": {"road_exact": 1}, "doubtful": [], "not_located": 1,
        }
    ]  # fmt: skip


def test_a_newer_file_is_placed_anew(either, helpers):
    either.one(shops(either, [shop(helpers, *POINTS[0])]))
    newer = [store_row("가", "봉천로33길 8"), store_row("나", "봉천로33길 8"), store_row("다", "없는로 1")]
    r = either.one(stores(either, [[*row[:-1], "2025-02-01"] for row in newer], "새 지킴이집.csv"))
    assert (r.accepted, r.unlocated, dict(r.flagged)) == (3, 1, {"located_by=road_exact": 2})
    assert len(either.store.read("safe_house")) == 3


def test_zones_are_not_placed_by_an_address(town, helpers):
    town.one(shops(town, [shop(helpers, *POINTS[0])]))
    path = town.csv("구역.csv", ["번호", "자치구", "동(원문)", "비고", "활동시간"], [["1", "관악구", "없는동", "", ""]])
    assert town.one(path).unlocated == 1
    assert locate_stored(town.store, town.catalog) == []


def test_a_book_without_points_finds_nothing():
    empty = AddressBook().find(*(pa.array([text]) for text in ("11620", "봉천로 1", "", "가")))
    assert np.isnan(empty.x).all()
    assert empty.method.tolist() == [""]
    assert not empty.sure.any()


@pytest.mark.real
def test_real_stores_are_placed_where_their_own_coordinates_say(seoul, tmp_path, helpers):
    """51 안심지킴이집 without their coordinates against 360 shops: 44 within 6 m, 7 not in the register."""
    file, encoding = "서울특별시_관악구_여성안심지킴이집_20220928.csv", "cp949"
    rows = list(csv.reader((seoul / file).read_text(encoding).splitlines()))
    blind = helpers.Town(tmp_path)
    blind.load(seoul / "hangjeongdong_서울특별시.geojson", seoul / "관악구_안전상비의약품_판매점.csv")
    at = [rows[0].index(name) for name in ("위도", "경도")]
    path = blind.csv("주소만.csv", rows[0], [["" if i in at else c for i, c in enumerate(row)] for row in rows[1:]])
    r = blind.one(path)
    assert (r.accepted, r.unlocated, dict(r.flagged)) == (51, 7, {"located_by=road_exact": 44})
    found = blind.store.read("safe_house").set_index("road_address")["geometry"]
    blind.one(seoul / file, confirm=True, force=True)
    truth = blind.store.read("safe_house").set_index("road_address")["geometry"]
    distance = [found[a].distance(truth[a]) for a in truth.index if found[a] is not None]
    assert len(distance) == 44
    assert max(distance) < 6


def recoded(helpers, was, now):
    """The town's boundaries with one district under another code."""
    return json.loads(json.dumps(helpers.boundary_features()).replace(was, now))


def test_places_and_keys_follow_new_boundaries(town, helpers):
    """A district gets another code: what is stored is what a new store holds of the same files."""
    town.one(shops(town, [shop(helpers, *POINTS[0])]))
    town.one(stores(town, [store_row("가게", "봉천로33길 8"), store_row("모르는 곳", "봉천로99길 8")]))
    before = town.store.read("safe_house").set_index("name")
    town.one(town.geojson("새 경계.geojson", recoded(helpers, "11620", "11625")))
    after = town.store.read("safe_house").set_index("name")
    assert list(after["district"]) == ["11625", "11625"]
    assert after.loc["가게", "geometry"].equals(before.loc["가게", "geometry"])
    assert after.loc["가게", "dong"] == "1162560100"
    assert after.loc["가게", "flags"] == "located_by=road_exact"
    # The key is that of a row without coordinates, as a new import makes it.
    folder = town.folder / "새로"
    folder.mkdir()
    bare = helpers.Town(folder)
    bare.load(bare.geojson("경계.geojson", recoded(helpers, "11620", "11625")))
    bare.one(stores(bare, [store_row("가게", "봉천로33길 8", gu="관악구", code="11625")]))
    (key,) = bare.store.read("safe_house")["key"]
    assert after.loc["가게", "key"] == key
