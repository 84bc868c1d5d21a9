"""Both coordinates in one cell."""

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
