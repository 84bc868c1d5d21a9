"""Both coordinates in one cell."""

import pyproj
import pytest
import shapely


@pytest.mark.parametrize("title", ["위치좌표", "좌표", "위경도", "좌표(위도, 경도)", "어디"])
@pytest.mark.parametrize("form", ["{lat}, {lon}", "{lon} {lat}", "({lat},{lon})", "[{lon}, {lat}]"])
def test_a_column_of_pairs(town, helpers, title, form):
    lon, lat = helpers.lonlat(100, 200)
    path = town.csv(
        "우리.csv", ["이름", title], [["가", form.format(lat=lat, lon=lon)], ["나", ""], ["다", "미정이다"]]
    )
    report = town.one(path, layer="cctv", columns={"latlon": title} if title == "어디" else {})
    assert (report.accepted, report.unlocated, report.reasons) == (2, 1, {"impossible_coordinates": 1})
    point = town.store.read("cctv").set_index("name")["geometry"]["가"]
    assert shapely.distance(point, shapely.Point(helpers.X0 + 100, helpers.Y0 + 200)) < 0.01


def test_columns_of_their_own_come_first(town, helpers):
    lon, lat = helpers.lonlat(100, 200)
    path = town.csv("우리.csv", ["이름", "좌표", "위도", "경도"], [["가", "TM", lat, lon]])
    assert town.one(path, layer="cctv").unlocated == 0


def test_a_column_that_only_sounds_like_pairs(town):
    path = town.csv("우리.csv", ["이름", "좌표", "주소"], [["가", "WGS84", "서울특별시 관악구 가람동 1"]])
    assert town.one(path, layer="cctv").unlocated == 1


def moved(helpers, east, north, system):
    to = pyproj.Transformer.from_crs(5179, system, always_xy=True)
    return [f"{value:.3f}" for value in to.transform(helpers.X0 + east, helpers.Y0 + north)]


NAMES = ["이름", "자치구", "위도", "경도", "X좌표", "Y좌표"]
PLACES = [(120.0 + 130 * i, 90.0 + 150 * i) for i in range(12)]


def where(town, helpers, layer="cctv"):
    rows = town.store.read(layer).sort_values("name")
    return [(round(g.x - helpers.X0, 1), round(g.y - helpers.Y0, 1)) for g in rows["geometry"]]


@pytest.mark.parametrize("empty", ["", "-", "0", "없음", "0.0"])
def test_empty_columns_of_degrees_do_not_hide_filled_ones_of_metres(town, helpers, empty):
    rows = [
        [f"{i:02d}", "관악구" if north < 1000 else "구로구", empty, empty, *moved(helpers, east, north, 5186)]
        for i, (east, north) in enumerate(PLACES)
    ]
    r = town.one(town.csv("내.csv", NAMES, rows), layer="cctv")
    assert (r.accepted, r.unlocated, r.crs, r.crs_score) == (12, 0, "EPSG:5186", 1.0)
    assert where(town, helpers) == PLACES


def test_each_row_is_placed_by_the_columns_that_hold_its_place(town, helpers):
    rows = []
    for i, (east, north) in enumerate(PLACES):
        lon, lat = helpers.lonlat(east, north)
        degrees = [f"{lat:.8f}", f"{lon:.8f}"] if i < 8 else [["", ""], ["0", "0"], ["위도", ""], ["", "127"]][i - 8]
        rows.append([f"{i:02d}", "관악구", *degrees, *(moved(helpers, east, north, 5179) if i > 4 else ["", ""])])
    rows.append(["98", "관악구", "", "", "", ""])  # nowhere
    rows.append(["99", "관악구", "0", "0", "", ""])
    r = town.one(town.csv("내.csv", NAMES, rows), layer="cctv", crs="EPSG:5179")
    assert (r.read, r.accepted, r.unlocated, r.reasons) == (14, 13, 1, {"impossible_coordinates": 1})
    assert (r.crs, r.repaired["other_columns"]) == ("EPSG:4326", 4)
    placed = town.store.read("cctv").sort_values("name")["geometry"].iloc[:12]
    assert [(round(g.x - helpers.X0, 1), round(g.y - helpers.Y0, 1)) for g in placed] == PLACES


def test_metres_that_cannot_be_told_leave_the_rows_they_stand_in_without_a_place(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    rows = [["가", "관악구", lat, lon, "", ""], ["나", "관악구", "", "", "12345.6", "98765.4"]]
    r = town.one(town.csv("내.csv", NAMES, rows), layer="cctv")
    assert (r.accepted, r.unlocated, r.crs) == (2, 1, "EPSG:4326")


def test_features_without_a_geometry_are_placed_by_their_columns(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    features = [
        helpers.feature({"이름": "가", "위도": "", "경도": ""}, {"type": "Point", "coordinates": [lon, lat]}),
        helpers.feature({"이름": "나", "위도": str(lat), "경도": str(lon)}, None),
    ]
    r = town.one(town.geojson("내.geojson", features), layer="cctv")
    assert (r.accepted, r.unlocated, r.repaired) == (2, 0, {"other_columns": 1})


def test_a_pair_in_one_cell_counts_where_the_columns_beside_it_are_empty(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    rows = [["가", "관악구", "", "", f"{lat}, {lon}"], ["나", "관악구", "-", "", f"({lat} {lon})"]]
    r = town.one(town.csv("내.csv", ["이름", "자치구", "위도", "경도", "좌표"], rows), layer="cctv")
    assert (r.accepted, r.unlocated) == (2, 0)
