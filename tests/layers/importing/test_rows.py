"""Rows of a facility layer: accepted or rejected, where they are, what they carry."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from layers.importing.boundaries import Boundaries
from layers.importing.errors import ColumnNeededError, CrsNeededError
from layers.importing.shapes import polygons_only
from layers.importing.systems import System


def stored(town, layer="security_light"):
    return town.store.read(layer).sort_values("name", ignore_index=True)


def test_one_row_by_hand(town, helpers):
    r = town.one(town.lamps([helpers.lamp("등  1", 250, 250, 설치개수="2", 설치연도="2015", 설치형태='전용주 "A"')]))
    assert (r.layer, r.dataset, r.encoding, r.crs) == (
        "security_light",
        "security_light_standard",
        "utf-8",
        "EPSG:4326",
    )
    assert (r.read, r.accepted, r.unlocated, r.devices, r.rejected) == (1, 1, 0, 2, 0)
    row = stored(town).iloc[0]
    assert (row["name"], row["district"], row["dong"], row["devices"]) == ("등 1", "11620", "1162060100", 2)
    assert (row["installed"], row["data_date"], row["status"], row["counts"]) == (
        "2015",
        "2025-06-30",
        "installed",
        True,
    )
    assert json.loads(row["attributes"]) == {"설치형태": '전용주 "A"', "관리기관명": "서울특별시 관악구청"}
    assert row["geometry"].distance(shapely.Point(helpers.X0 + 250, helpers.Y0 + 250)) < 0.01


def test_every_reason_and_the_first_wins(town, helpers):
    rows = [
        helpers.lamp("등1"),
        [""] * 11,  # 3: a blank row
        helpers.lamp("합계", lat="", lon=""),  # 4
        helpers.lamp("삭제"),  # 5
        helpers.lamp("등1"),  # 6: the first again
        helpers.lamp("삭제"),  # 7: dead before duplicate
        helpers.lamp("등2", lat="0", lon="4664046.125"),  # 8
        helpers.lamp("등3", lat="35.1", lon="129.0"),  # 9: 부산
        helpers.lamp("등2", lat="0", lon="4664046.125"),  # 10: duplicate before impossible
        helpers.lamp("등4", lat="0", lon="0"),  # 11
        helpers.lamp("등5", lat="", lon="127.0"),  # 12
        helpers.lamp("등6", lat="서른일곱", lon="127.0"),  # 13
        helpers.lamp("등7", lat="", lon=""),
    ]
    path = town.lamps(rows)
    path.write_text(path.read_text() + "등8,1,,a,1,2,3,4,5,6,7,8,9\n")  # 15
    r = town.one(path)
    assert dict(r.reasons) == {
        "unreadable": 2, "total_row": 1, "dead": 2, "duplicate": 2, "impossible_coordinates": 4, "outside": 1,
    }  # fmt: skip
    assert (r.read, r.accepted, r.unlocated, r.rejected) == (14, 2, 1, 12)
    assert list(zip(r.rejected_rows["line"], r.rejected_rows["reason"], strict=True)) == [
        (3, "unreadable"), (4, "total_row"), (5, "dead"), (6, "duplicate"), (7, "dead"), (8, "impossible_coordinates"),
        (9, "outside"), (10, "duplicate"), (11, "impossible_coordinates"), (12, "impossible_coordinates"),
        (13, "impossible_coordinates"), (15, "unreadable"),
    ]  # fmt: skip
    located = stored(town)
    assert located["name"].tolist() == ["등1", "등7"]
    assert located["geometry"].isna().tolist() == [False, True]
    assert located.loc[1, "district"] == "11620"  # by its address
    assert located.loc[1, "dong"] == ""


def test_near_and_far_outside(town, helpers):
    rows = [helpers.lamp("안", 10, 500), helpers.lamp("곁", -995, 500), helpers.lamp("밖", -1005, 500)]
    r = town.one(town.lamps(rows))
    assert dict(r.reasons) == {"outside": 1}
    assert dict(r.flagged) == {"outside_near": 1}
    near = stored(town).set_index("name")["near"]
    assert near.to_dict() == {"안": False, "곁": True}
    assert stored(town).set_index("name").loc["곁", ["district", "dong"]].tolist() == ["11620", ""]


def test_a_point_in_another_district_than_its_own_is_kept_under_its_own(town, helpers):
    r = town.one(town.lamps([helpers.lamp("등1", 500, 1500), helpers.lamp("등2", 500, 500)]))
    assert dict(r.flagged) == {"other_district": 1}
    row = stored(town).iloc[0]
    assert (row["district"], row["dong"], row["flags"]) == ("11620", "1153060300", "other_district")


@pytest.mark.parametrize(
    ("address", "agency", "district"),
    [
        ("서울특별시 관악구 가람동 1", "구로구청", "11620"),  # the address before the office
        ("서울 구 로 1", "서울특별시 구로구청", "11530"),
        ("", "구로구청", "11530"),
        ("", "한국전력", "11620"),  # where it lies
    ],
)
def test_which_district_a_row_declares(town, helpers, address, agency, district):
    town.one(town.lamps([helpers.lamp(address=address, 관리기관명=agency)]))
    assert stored(town)["district"].tolist() == [district]


def test_a_row_of_another_province_that_lies_here_is_flagged(town, helpers):
    r = town.one(town.lamps([helpers.lamp(address="경기도 과천시 별양동 1", 관리기관명="과천시청")]))
    assert dict(r.flagged) == {"other_district": 1}
    assert stored(town)["district"].tolist() == ["11620"]


def test_stacked_points_are_all_kept(town, helpers):
    r = town.one(town.lamps([helpers.lamp(f"등{i}") for i in range(122)]))
    assert (r.accepted, r.rejected, r.devices) == (122, 0, 122)
    assert stored(town)["key"].is_unique


def test_swapped_axes_and_blanks_inside_numbers_are_mended(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    rows = [
        helpers.lamp("등1", lat=f"{lon:.7f}", lon=f"{lat:.7f}"),
        helpers.lamp("등2", lat=f" {lat:.7f}", lon=f"1 {lon:.7f}"[2:]),
    ]
    rows.append(helpers.lamp("등3", lat=f"{lat:.7f}".replace(".", ". "), lon=f"{lon:.7f}"))
    r = town.one(town.lamps(rows))
    assert r.accepted == 3
    assert dict(r.repaired) == {"swapped_axes": 1, "blanks_in_number": 1}
    target = shapely.Point(helpers.X0 + 500, helpers.Y0 + 500)
    assert all(g.distance(target) < 0.1 for g in stored(town)["geometry"])


def test_counts_that_are_none_are_one_and_flagged(town, helpers):
    r = town.one(
        town.lamps(
            [
                helpers.lamp("등1", 설치개수="1,200"),
                helpers.lamp("등2", 설치개수="여럿"),
                helpers.lamp("등3", 설치개수=""),
            ]
        )
    )
    assert r.devices == 1202
    assert dict(r.flagged) == {"bad_count": 1}


CCTV = [
    "관리기관명", "소재지도로명주소", "소재지지번주소", "설치목적구분", "카메라대수", "카메라화소수", "촬영방면정보",
    "보관일수", "설치년월",
    "관리기관전화번호", "위도", "경도", "데이터기준일자",
]  # fmt: skip


def test_camera_purposes(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    purposes = ["생활방범", "방범용", "주차단속", "다목적", ""]
    rows = [
        ["관악구청", "", "", p, str(i + 1), "200", "", "30", "2020-05", "", f"{lat}", f"{lon}", "2025-01-02"]
        for i, p in enumerate(purposes)
    ]
    r = town.one(town.csv("카메라.csv", CCTV, rows, encoding="cp949"))
    assert (r.layer, r.accepted, r.devices) == ("cctv", 5, 15)
    assert dict(r.flagged) == {"unknown_purpose": 2}
    rows = town.store.read("cctv").sort_values("devices")
    assert rows["purpose"].tolist() == ["생활방범", "생활방범", "주차", "다목적", ""]
    assert rows["counts"].tolist() == [True, True, False, True, True]
    assert rows["installed"].unique().tolist() == ["2020-05"]


def test_cameras_of_a_form_without_a_purpose_count_and_are_flagged(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["자치구", "안심 주소", "위도", "경도", "CCTV 수량", "수정 일시"]
    r = town.one(town.csv("안심이.csv", header, [["관악구", "등-01", lat, lon, "3", "2022-12-01"]]))
    assert (r.devices, dict(r.flagged)) == (3, {"unknown_purpose": 1})
    assert town.store.read("cctv")["counts"].tolist() == [True]
    assert town.store.read("cctv")["flags"].tolist() == ["unknown_purpose"]


def test_a_row_of_no_devices_is_kept_and_counts_for_nothing(town, helpers):
    r = town.one(town.lamps([helpers.lamp("등1", 설치개수="0"), helpers.lamp("등2", 설치개수="2")]))
    assert (r.accepted, r.devices, dict(r.flagged)) == (2, 2, {"no_devices": 1})
    rows = town.store.read("security_light").set_index("name")
    assert rows["counts"].to_dict() == {"등1": False, "등2": True}


def test_a_date_ahead_is_no_date_of_data(town, helpers):
    ahead = [("가", "2098-01-01"), ("나", "2027"), ("다", "2026-03")]  # it is November 2025
    near = [("라", "2025-12-31"), ("마", "2025"), ("바", "2025-12"), ("사", "2024-02-30")]
    r = town.one(town.lamps([helpers.lamp(name, 데이터기준일자=date) for name, date in (*ahead, *near)]))
    assert dict(r.flagged) == {"odd_date": 3}
    rows = town.store.read("security_light").set_index("name")
    assert rows["data_date"].to_dict() == {
        "가": "", "나": "", "다": "", "라": "2025-12-31", "마": "2025", "바": "2025-12", "사": "",
    }  # fmt: skip
    assert rows["flags"].to_dict()["가"] == "odd_date"
    assert json.loads(rows["attributes"]["가"])["데이터기준일자"] == "2098-01-01"
    assert town.store.imports()[-1].data_date == "2025-12-31"


def test_geojson_coordinates_that_are_no_numbers_are_impossible_and_none_is_none(town, helpers):
    good = list(helpers.lonlat(100, 100))
    coordinates = [good, ["x", "y"], [*map(str, good)], [good[0]], [None, None], [], None]
    features = [
        helpers.feature({"시설명": f"가{i}"}, {"type": "Point", "coordinates": c}) for i, c in enumerate(coordinates)
    ]
    r = town.one(
        town.geojson("파출소.geojson", [*features, helpers.feature({"시설명": "없음"}, None)]), layer="police_box"
    )
    assert (r.read, r.accepted, r.unlocated, dict(r.reasons)) == (8, 5, 4, {"impossible_coordinates": 3})
    assert r.rejected_rows["line"].tolist() == [2, 3, 4]


def test_api_names_mislead_and_are_understood(town, helpers):
    """WGSXPT is the latitude."""
    lon, lat = helpers.lonlat(1500, 500)
    header = ["ANSIMINM", "ANSIMIADDR", "ADDRDETAIL", "WGSXPT", "WGSYPT"]
    r = town.one(town.csv("locker.csv", header, [["주민센터", "봉천로 1", "", lat, lon]]))
    assert (r.layer, r.dataset, r.accepted, dict(r.repaired)) == ("locker", "seoul_locker", 1, {})
    assert town.store.read("locker")["dong"].tolist() == ["1162060200"]


def test_locker_hours_and_escorts_without_coordinates(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    form = next(f for f in town.catalog.forms if f.id == "locker_standard")
    cells = dict.fromkeys(form.header, "") | {
        "시설명": "택배함", "위도": lat, "경도": lon, "평일운영시작시각": "09:00", "평일운영종료시각": "18:00",
        "토요일운영시작시각": "00:00", "토요일운영종료시각": "24:00",
        "공휴일운영시작시각": "00:00", "공휴일운영종료시각": "24:00",
    }  # fmt: skip
    town.one(town.csv("택배함.csv", list(cells), [list(cells.values())]))
    assert town.store.read("locker")["hours"].tolist() == ["Mo-Fr 09:00-18:00; Sa 00:00-24:00; Su,PH 00:00-24:00"]
    form = next(f for f in town.catalog.forms if f.id == "escort_standard")
    cells = dict.fromkeys(form.header, "") | {
        "시도명": "서울특별시", "시군구명": "구로구", "운영지역명": "오류동", "운영시작시각": "22:00",
        "운영종료시각": "01:00",
    }  # fmt: skip
    r = town.one(town.csv("스카우트.csv", list(cells), [list(cells.values())]))
    assert (r.layer, r.accepted, r.unlocated) == ("escort_post", 1, 1)
    row = town.store.read("escort_post").iloc[0]
    assert (row["hours"], row["district"], row["geometry"]) == ("22:00-01:00", "11530", None)


def test_closed_stores_are_dead(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    form = next(f for f in town.catalog.forms if f.id == "safe_house_standard")
    rows = [
        dict.fromkeys(form.header, "") | {"점포명": name, "위도": lat, "경도": lon, "운영여부": state}
        for name, state in (("가", "Y"), ("나", "N"), ("다", "n"), ("라", ""))
    ]
    r = town.one(town.csv("지킴이집.csv", form.header, [list(row.values()) for row in rows]))
    assert (r.accepted, dict(r.reasons)) == (2, {"dead": 2})


def test_wkt_with_every_kind_of_blank(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    form = next(f for f in town.catalog.forms if f.id == "seoul_safe_route_point")
    points = [f"POINT({lon} {lat})", f"POINT ({lon} {lat})", f"POINT({lon} {lat} )", "POINT", "", "POINT(0 0)"]
    rows = [
        dict.fromkeys(form.header, "") | {"포인트 wkt": p, "시설물 id": str(i), "설치대수": "2", "시설코드": "303"}
        for i, p in enumerate(points)
    ]
    header = ["포인트 wkt ", *form.header[1:]]  # the published header has a trailing blank
    r = town.one(town.csv("귀갓길.csv", header, [list(row.values()) for row in rows]))
    assert (r.layer, r.read, r.accepted, r.unlocated) == ("safe_route_point", 6, 4, 1)
    assert dict(r.reasons) == {"impossible_coordinates": 2}


@pytest.mark.parametrize("crs", ["EPSG:5179", "EPSG:5186", "EPSG:5181", "EPSG:5174", "EPSG:2097"])
def test_projected_coordinates_by_the_crs_the_user_names(town, crs):
    x, y = Transformer.from_crs("EPSG:5179", crs, always_xy=True).transform(950_500.0, 1_945_500.0)
    path = town.csv("내 파일.csv", ["명칭", "X좌표", "Y좌표"], [["하나", f"{x:.3f}", f"{y:.3f}"]])
    r = town.one(path, layer="police_box", crs=crs)
    assert (r.crs, r.accepted) == (crs, 1)
    assert town.store.read("police_box")["geometry"].iloc[0].distance(shapely.Point(950_500, 1_945_500)) < 0.1


def test_metres_without_a_crs_are_refused(town):
    path = town.csv("내 파일.csv", ["명칭", "X좌표", "Y좌표"], [["하나", "198056.4", "551885.0"]])
    with pytest.raises(CrsNeededError, match=r"내 파일\.csv"):
        town.one(path, layer="police_box")
    assert town.store.layer_ids() == []


def test_city_hall_in_the_old_datum(tmp_path, helpers):
    """The reference's City Hall, EPSG:5174: 255 m off where its datum shift is forgotten."""
    x, y, _ = System("EPSG:5174").to_metres(np.array([197_986.7]), np.array([451_579.9]))
    assert np.hypot(x[0] - 953_901.2, y[0] - 1_952_032.1) < 1.0


def test_a_file_that_cannot_be_placed_is_refused(town):
    path = town.csv("내 파일.csv", ["명칭", "값"], [["하나", "1"]])
    with pytest.raises(ColumnNeededError, match=r"내 파일\.csv.*명칭, 값"):
        town.one(path, layer="police_box")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 13), st.integers(-3, 13)), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 4)), min_size=1, max_size=6),
)
def test_locating_against_the_slow_way(points, boxes):
    """Borders are shared on purpose: integer squares, integer points; the lowest index has a shared point."""
    shapes = [shapely.box(x, y, x + edge, y + edge) for x, y, edge in boxes]
    frame = pd.DataFrame({
        "dong": [f"{i:010d}" for i in range(len(boxes))], "district": "11620", "district_name": "관악구",
        "province": "서울특별시", "stat_dong": "", "name": "가", "geometry": shapes,
    })  # fmt: skip
    where = np.array([shapely.Point(p) for p in points] + [None], dtype=object)
    expected = [next((i for i, s in enumerate(shapes) if p is not None and s.intersects(p)), -1) for p in where]
    boundaries = Boundaries.of(frame.sample(frac=1, random_state=1))
    assert boundaries.locate(where).tolist() == expected
    slow = [p is not None and min(s.distance(p) for s in shapes) <= 2 for p in where]
    assert boundaries.within(where, 2).tolist() == slow


def test_a_few_broken_characters_are_kept_and_flagged(town, helpers):
    text = helpers.csv_text(helpers.LAMPS, [helpers.lamp(f"등{i}", 20 * (i % 40), 500) for i in range(300)])
    data = text.encode().replace("등7,".encode(), "등".encode() + b"\xff7,")
    r = town.one(town.file("보안등.csv", data))
    assert (r.accepted, dict(r.flagged)) == (300, {"broken_text": 1})


def test_only_polygons_are_left():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    given = [
        shapely.box(0, 0, 1, 1),
        None,
        bow_tie,
        mixed,
        shapely.Point(0, 0),
        shapely.Polygon(),
        shapely.LineString(),
    ]
    found = polygons_only(np.array(given, dtype=object))
    assert [g and (g.geom_type, g.is_valid, g.area) for g in found] == [
        ("MultiPolygon", True, 1.0), None, ("MultiPolygon", True, 0.5), ("MultiPolygon", True, 2.0), None, None, None,
    ]  # fmt: skip
