"""The files that are no facilities, and zones."""

import json

import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from layers.catalog import load_catalog
from layers.importing.errors import (
    MeasureNeededError,
    OlderDataError,
    RowsVanishError,
    SameDataTwiceError,
    UnreadableFileError,
)
from layers.importing.stat_grid import merge_cells
from layers.tables import STAT_GRID, empty

HOUSEHOLDS = ["행정동코드", "자치구", "행정동명", "성별", "연령대", "총인구", "1인가구수"]


def test_boundaries(bare, helpers):
    features = helpers.boundary_features()
    part = features[3]["properties"] | {"OBJECTID": 9}
    features.append(helpers.feature(part, helpers.square(0, 0, 100, east=3000)))  # 항동 has an island
    r = bare.one(bare.geojson("경계.geojson", features))
    assert (r.layer, r.read, r.accepted) == ("dong", 5, 5)
    dong = bare.store.read("dong").set_index("name")
    assert list(dong.index) == ["가람동", "봉천1·2동", "오류2동", "항동"]
    assert dong.loc["항동", "geometry"].area == pytest.approx(1_010_000, rel=1e-4)
    assert (dong["province"] == "서울특별시").all()
    assert dong.loc["항동", ["dong", "stat_dong", "district", "district_name"]].tolist() == [
        "1153060400", "1117074", "11530", "구로구",
    ]  # fmt: skip


def test_bow_ties_are_mended_and_rows_without_codes_rejected(bare, helpers):
    features = helpers.boundary_features()
    ring = features[0]["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    features.append(helpers.feature(features[1]["properties"] | {"adm_cd2": None}, helpers.square(5, 5)))
    r = bare.one(bare.geojson("경계.geojson", features))
    assert (r.accepted, dict(r.reasons)) == (4, {"unreadable": 1})
    assert all(shapely.is_valid(g) and g.geom_type == "MultiPolygon" for g in bare.store.read("dong")["geometry"])


def test_households(town):
    rows = [
        ["1121060", "관악구", "가람동", "1", "20", "100", "1,010"],
        ["1121060", "관악구", "가람동", "2", "20", "100", "-"],
        ["1117068", "구로구", "오류2동", "1", "25", "100", "7"],  # split into 1117073 and 1117074
        ["9999999", "관악구", "봉천1.2동", "1", "20", "100", "5"],  # an unknown code, a name that resolves
        ["1162060200", "관악구", "봉천1·2동", "2", "25", "100", "*"],  # the ministry's code
        ["1121060", "관악구", "가람동", "계", "20", "100", "1010"],
        ["1121060", "관악구", "합계", "1", "30", "100", "1010"],
        ["11210", "관악구", "", "1", "20", "100", "9"],
        ["2601051", "부산 중구", "중앙동", "1", "20", "100", "9"],
        ["1121060", "관악구", "가람동", "1", "35", "100", "많음"],
    ]
    r = town.one(town.csv("1인가구.csv", HOUSEHOLDS, rows, encoding="cp949"))
    assert (r.layer, r.read, r.accepted, r.devices) == ("household", 10, 5, 0)
    assert dict(r.reasons) == {"unreadable": 1, "total_row": 3, "outside": 1}
    assert dict(r.flagged) == {"suppressed": 1}
    stored = town.store.read("household")
    assert stored["dongs"].tolist() == ["1162060100", "1162060100", "1153060300;1153060400", "1162060200", "1162060200"]
    assert stored["households"].tolist() == [1010, 0, 7, 5, 0]
    assert stored["district"].tolist() == ["11620", "11620", "11530", "11620", "11620"]
    assert stored["sex"].tolist() == ["male", "female", "male", "male", "female"]
    assert list(zip(stored["age_from"], stored["age_to"], strict=True))[2] == (25, 29)


def test_editions_of_households_in_one_file_are_not_summed(town):
    rows = [["1121060", "관악구", "가람동", "1", "20", "100", n] for n in ("10", "12")]
    with pytest.raises(SameDataTwiceError, match=r"두 번 있습니다 \(2행, 3행\)"):
        town.one(town.csv("두 판.csv", HOUSEHOLDS, rows))
    dated = [[*rows[0], "202312"], [*rows[1], "202212"]]
    r = town.one(town.csv("연월.csv", [*HOUSEHOLDS, "기준년월"], dated))
    assert (r.accepted, dict(r.reasons)) == (1, {"older_edition": 1})
    stored = town.store.read("household")
    assert (stored["households"].tolist(), stored["data_date"].tolist()) == ([10], ["2023-12"])


def cell(gid, x, y, value, edge=100):
    box = shapely.box(x, y, x + edge, y + edge)
    return {
        "type": "Feature",
        "properties": {"gid": gid, "lbl": value, "val": value},
        "geometry": json.loads(shapely.to_geojson(box)),
    }


CRS = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}}


def test_the_grid_needs_its_measure(town):
    path = town.geojson("격자.geojson", [cell("다사500450", 950_000, 1_945_000, 12)], **CRS)
    with pytest.raises(MeasureNeededError, match=r"격자\.geojson.*--measure population"):
        town.one(path)


def test_the_grid(town):
    cells = [
        cell("다사500450", 950_000, 1_945_000, 12),
        cell("다사 501 450", 950_100, 1_945_000, None),
        cell("다사500450", 950_500, 1_945_500, 40, edge=500),  # no name of its own: the shape says
        cell("다사502450", 950_200, 1_945_000, -1),
        cell("다사503450", 950_300, 1_945_000, 3, edge=77),
    ]
    r = town.one(town.geojson("격자.geojson", cells, **CRS), measure="households")
    assert (r.layer, r.crs, r.accepted, dict(r.reasons)) == ("stat_grid", "EPSG:5179", 3, {"unreadable": 2})
    stored = town.store.read("stat_grid")
    assert stored[["gid", "x", "y", "size_m", "measure", "value"]].to_numpy().tolist() == [
        ["다사500450", 950_000, 1_945_000, 100, "households", 12],
        ["다사501450", 950_100, 1_945_000, 100, "households", 0],
        ["다사500450", 950_500, 1_945_500, 500, "households", 40],
    ]


def test_sheets_of_neighbouring_districts_join_without_loss(town):
    """Each sheet holds the margin of its district, empty there: in any order the counts of both stay."""
    first = [cell("다사500450", 950_000, 1_945_000, 12), cell("다사501450", 950_100, 1_945_000, None)]
    second = [cell("다사500450", 950_000, 1_945_000, None), cell("다사501450", 950_100, 1_945_000, 34)]
    a, b = town.geojson("가.geojson", first, **CRS), town.geojson("나.geojson", second, **CRS)
    for order in ((a, b), (b, a), (a, b)):
        town.load(*order, measure="population")
        values = town.store.read("stat_grid").set_index("gid")["value"]
        assert values.to_dict() == {"다사500450": 12, "다사501450": 34}
    version = town.store.version()
    assert all(r.unchanged for r in town.load(a, b, measure="population"))
    assert town.store.version() == version


def test_a_cell_stands_once_in_a_file(town):
    cells = [
        cell("다사500450", 950_000, 1_945_000, 0),
        cell("다사500450", 950_000, 1_945_000, 12),
        cell("다사501450", 950_100, 1_945_000, 3),
        cell("다사501450", 950_100, 1_945_000, 4),
    ]
    r = town.one(town.geojson("격자.geojson", cells, **CRS), measure="population")
    assert (r.accepted, dict(r.reasons), dict(r.flagged)) == (2, {"duplicate": 2}, {"repeated_cell": 1})
    assert town.store.read("stat_grid").set_index("gid")["value"].to_dict() == {"다사500450": 12, "다사501450": 4}


def dated_sheet(town, name, date, *values):
    header = ["gid", "val", "기준일"]
    town.catalog = load_catalog([town.file("격자.toml", DATED_GRID)])
    return town.csv(name, header, [[f"다사50{i}450", v, date] for i, v in enumerate(values)])


DATED_GRID = """
[[form]]
id = "dated_grid"
table = "stat_grid"
header = ["gid", "val", "기준일"]
columns = { gid = "gid", value = "val", data_date = "기준일" }
"""


def values_of(town):
    return town.store.read("stat_grid").set_index("gid")["value"].to_dict()


def test_an_older_sheet_changes_no_count(town):
    old, new = dated_sheet(town, "옛.csv", "2023", 1, 2, 3), dated_sheet(town, "새.csv", "2024", 1, 5)
    town.load(new, measure="population")
    with pytest.raises(OlderDataError, match=r"옛\.csv: 격자 1칸의 자료\(2023\).*2024.*--force"):
        town.load(old, measure="population")
    town.load(old, measure="population", force=True)
    assert values_of(town) == {"다사500450": 1, "다사501450": 2, "다사502450": 3}
    assert {r.file for r in town.store.imports()} == {"경계.geojson", "새.csv", "옛.csv"}


def test_sheets_of_one_command_in_any_order(town):
    old, new = dated_sheet(town, "옛.csv", "2023", 1, 2, 3), dated_sheet(town, "새.csv", "2024", 1, 5)
    for order in ((old, new), (new, old)):
        town.load(*order, measure="population")
        assert values_of(town) == {"다사500450": 1, "다사501450": 5, "다사502450": 3}
        assert town.store.version() == 2
    other = dated_sheet(town, "또.csv", "2024", 1, 6)
    with pytest.raises(SameDataTwiceError, match=r"새\.csv, 또\.csv.*다사501450"):
        town.load(new, other, measure="population")


def test_emptying_many_counts_needs_confirming(town):
    full, empty_sheet = dated_sheet(town, "가.csv", "2023", 1, 2), dated_sheet(town, "나.csv", "2024", 1, "")
    town.load(full, measure="population")
    with pytest.raises(RowsVanishError, match=r"나\.csv: 저장된 격자 2칸 가운데 1칸"):
        town.load(empty_sheet, measure="population", force=True)
    town.load(empty_sheet, measure="population", force=True, confirm=True)
    assert values_of(town) == {"다사500450": 1, "다사501450": 0}


def test_merging_cells_says_what_to_write():
    none = empty(STAT_GRID, geometry=False)

    def sheet(*values):
        rows = [{"gid": f"g{i}", "size_m": 100, "value": float(v), "dataset": "d"} for i, v in enumerate(values)]
        return none.__class__(rows).reindex(columns=list(STAT_GRID)).fillna({"x": 0.0, "y": 0.0})

    assert merge_cells(none, sheet(1, 2), force=False)[0]["value"].tolist() == [1, 2]
    rows, whole = merge_cells(sheet(1, 2), sheet(1, 0), force=False)
    assert (len(rows), whole) == (0, False)
    rows, whole = merge_cells(sheet(1, 2), sheet(1, 0), force=True)
    assert (sorted(rows["value"]), whole) == ([0, 1], True)
    rows, whole = merge_cells(sheet(1, 2), sheet(5, 0, 7), force=False)
    assert (sorted(rows["value"]), whole) == ([2, 5, 7], True)


def test_buildings(town, helpers):
    rows = [
        ({"용도": "단독주택", "지상층수": 3, "세대수": 4}, helpers.square(0, 0, 20)),
        ({"용도": "공장", "지상층수": 1, "세대수": None}, helpers.square(3, 0, 20)),
        ({"용도": "제2종근린생활시설", "지상층수": None, "세대수": 2}, helpers.square(6, 0, 20)),
        ({"용도": "학교", "지상층수": 4, "세대수": 0}, helpers.square(900, 0, 20)),
        ({"용도": "단독주택", "지상층수": 1, "세대수": 1}, None),
    ]
    r = town.one(town.geojson("건물.geojson", [helpers.feature(*row) for row in rows]))
    assert (r.layer, r.accepted, r.devices, dict(r.reasons)) == ("building", 3, 0, {"unreadable": 1, "outside": 1})
    stored = town.store.read("building")
    assert stored["lived_in"].tolist() == [True, False, True]
    assert stored["floors"].fillna(-1).tolist() == [3, 1, -1]
    assert stored["households"].fillna(-1).tolist() == [4, -1, 2]
    assert stored["district"].tolist() == ["11620"] * 3


def test_a_shapefile_in_cp949_without_cpg(town, helpers, tmp_path):
    folder = tmp_path / "건물 도형"
    folder.mkdir()
    path = folder / "건물.shp"
    box = shapely.box(950_100, 1_945_100, 950_120, 1_945_120)
    table = pa.table({"용도": ["단독주택"], "지상층수": [2], "세대수": [1], "geometry": [shapely.to_wkb(box)]})
    pyogrio.write_arrow(
        table, path, geometry_name="geometry", geometry_type="Polygon", crs="EPSG:5179", encoding="cp949"
    )
    (folder / "건물.cpg").unlink()
    (r,) = town.load(folder)  # its sidecars belong to it
    assert (r.file, r.layer, r.encoding, r.crs, r.accepted) == ("건물.shp", "building", "cp949", "EPSG:5179", 1)


def test_a_geojson_named_shp(town, helpers):
    path = town.geojson("건물.shp", [helpers.feature({"용도": "주택", "층수": 1}, helpers.square(0, 0, 20))])
    assert town.one(path).layer == "building"


def test_shops(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"]
    rows = [
        ["가게", "영업/정상", "", "서울특별시 관악구 봉천로 1", lat, lon, "가람동"],
        ["닫음", "폐업", "", "", lat, lon, "가람동"],
    ]
    r = town.one(town.csv("판매점.csv", header, rows))
    assert (r.layer, r.accepted, r.devices, dict(r.reasons)) == ("address_point", 1, 0, {"dead": 1})
    row = town.store.read("address_point").iloc[0]
    assert (row["kind"], row["open_24h"], row["district"]) == ("shop", True, "11620")


def test_licences_are_in_the_old_datum(town):
    x, y = Transformer.from_crs("EPSG:5179", "EPSG:5174", always_xy=True).transform(950_500.0, 1_945_500.0)
    header = ["번호", "영업상태명", "지번주소", "도로명주소", "사업장명", "좌표정보(X)", "좌표정보(Y)", "업태구분명"]
    rows = [
        ["1", "영업/정상", "", "", "가", f"{x:.6f}      ", f"{y:.6f}", "편의점"],
        ["2", "폐업", "", "", "나", f"{x:.6f}", f"{y:.6f}", "편의점"],
        ["3", "영업/정상", "", "서울특별시 관악구 봉천로 2", "다", "", "", "편의점"],
    ]
    r = town.one(town.csv("인허가.csv", header, rows, encoding="cp949"))
    assert (r.dataset, r.crs, r.accepted, r.unlocated, dict(r.reasons)) == (
        "localdata_licence", "EPSG:5174", 2, 1, {"dead": 1},
    )  # fmt: skip
    stored = town.store.read("address_point").set_index("name")
    assert stored.loc["가", "geometry"].distance(shapely.Point(950_500, 1_945_500)) < 0.1
    assert not stored["open_24h"].any()


def test_areas_by_their_own_column(town, helpers):
    rows = [
        ({"종류": "주거안심구역", "이름": "가"}, helpers.square(0, 0, 300)),
        ({"종류": "crime_zone", "이름": "나"}, helpers.square(1, 0, 300)),
        ({"종류": "모르는 구역", "이름": "다"}, helpers.square(2, 0, 300)),
    ]
    r = town.one(town.geojson("구역.geojson", [helpers.feature(*row) for row in rows]))
    assert (r.layer, r.accepted, dict(r.reasons)) == ("area", 2, {"unreadable": 1})
    assert town.store.read("area")[["kind", "name"]].to_numpy().tolist() == [["safe_zone", "가"], ["crime_zone", "나"]]


def test_areas_by_option(town, helpers):
    path = town.geojson("숲.geojson", [helpers.feature({"name": "관악산"}, helpers.square(0, 0, 300))])
    r = town.one(path, layer="not_lived_in")
    assert (r.layer, r.dataset, r.accepted) == ("not_lived_in", "own_not_lived_in/숲", 1)
    assert town.store.read("area")[["kind", "name", "district"]].iloc[0].tolist() == ["not_lived_in", "관악산", "11620"]
    with pytest.raises(UnreadableFileError):
        town.one(town.geojson("빈.geojson", []), layer="not_lived_in")


def test_patrol_zones_by_dong_text(town):
    header = ["번호", "자치구", "동(원문)", "비고", "활동시간"]
    rows = [
        ["1", "관악구", "봉천1.2동", "", "21:00~익일 02:30"],
        ["2", "구로구", "오류2동, 항동", "9.25.부터", "21:00~익일 02:30"],
        ["3", "구로구", "옛마을동", "", "아무 때나"],
        ["4", "관악구", "항동", "", ""],  # of another district: a name is not looked for elsewhere
    ]
    r = town.one(town.csv("구역.csv", header, rows))
    assert (r.layer, r.read, r.accepted, r.unlocated, r.devices) == ("patrol_zone", 4, 4, 2, 4)
    assert dict(r.flagged) == {"unread_hours": 1}
    zones = town.store.read("patrol_zone").set_index("name")
    assert zones["approximate"].tolist() == [True, True, False, False]
    assert zones["hours"].tolist() == ["21:00-02:30", "21:00-02:30", "", ""]
    assert json.loads(zones.loc["옛마을동", "attributes"])["활동시간"] == "아무 때나"
    assert zones.loc["오류2동, 항동", "geometry"].area == pytest.approx(2e6, rel=1e-4)
    assert zones.loc["봉천1.2동", ["district", "dong"]].tolist() == ["11620", "1162060200"]
    assert zones.loc["옛마을동", "district"] == "11530"


def test_patrol_zones_by_polygon(town, helpers):
    zone = {"명칭": "신림 1구역", "운영시간": "22:00~02:00"}
    path = town.geojson("순찰.geojson", [
        helpers.feature(zone, helpers.square(0, 0, 400)),
        helpers.feature({"명칭": "점", "운영시간": ""}, {"type": "Point", "coordinates": helpers.lonlat(10, 10)}),
    ])  # fmt: skip
    r = town.one(path, layer="patrol_zone")
    assert (r.accepted, r.unlocated, dict(r.flagged)) == (2, 1, {"wrong_geometry": 1})
    row = town.store.read("patrol_zone").iloc[0]
    assert (row["name"], row["hours"], row["approximate"], row["district"]) == (
        "신림 1구역",
        "22:00-02:00",
        False,
        "11620",
    )
    assert row["geometry"].geom_type == "MultiPolygon"


def test_a_cell_that_became_empty_keeps_its_count_and_says_so(town):
    def sheet(name, *values):
        cells = [cell(f"다사50{i}450", 950_000 + 100 * i, 1_945_000, value) for i, value in enumerate(values)]
        return town.geojson(name, cells, **CRS)

    town.one(sheet("가.geojson", 12, 5), measure="population")
    emptied = sheet("나.geojson", 0, 7)
    r = town.one(emptied, measure="population")
    assert r.flagged["kept_over_empty"] == 1
    assert "--force" in r.note
    assert sorted(town.store.read("stat_grid")["value"]) == [7, 12]
    r = town.one(emptied, measure="population", force=True, confirm=True)
    assert "kept_over_empty" not in r.flagged
    assert sorted(town.store.read("stat_grid")["value"]) == [0, 7]


def test_only_points_reach_a_layer_of_points(town, helpers):
    a, b = helpers.lonlat(100, 100), helpers.lonlat(300, 100)
    shapes = [
        {"type": "MultiPoint", "coordinates": [a]},
        {"type": "MultiPoint", "coordinates": [a, b]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": b}]},
        {"type": "MultiPoint", "coordinates": []},
        {"type": "LineString", "coordinates": [a, b]},
    ]
    path = town.geojson("함.geojson", [helpers.feature({"이름": f"함{i}"}, shape) for i, shape in enumerate(shapes)])
    r = town.one(path, layer="locker")
    rows = town.store.read("locker").set_index("name")["geometry"]
    assert {name: None if g is None else g.geom_type for name, g in rows.items()} == {
        "함0": "Point", "함1": None, "함2": "Point", "함3": None, "함4": "Point",
    }  # fmt: skip
    assert (r.accepted, r.unlocated, r.flagged["wrong_geometry"]) == (5, 2, 2)


def test_all_dong_of_a_district_are_no_total_where_nothing_is_summed(town):
    header = ["번호", "자치구", "동(원문)", "비고", "활동시간"]
    rows = [["1", "관악구", "전체", "", "21:00~02:30"], ["2", "관악구", "가람동", "", "21:00~02:30"]]
    r = town.one(town.csv("순찰.csv", header, rows), layer="patrol_zone")
    assert (r.accepted, dict(r.reasons)) == (2, {})
