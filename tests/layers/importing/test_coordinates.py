"""Coordinates of whatever naming, order and system land where they are, or are refused."""

import csv
import json

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer

from layers.importing.axes import coordinates, is_nothing
from layers.importing.errors import CrsNeededError
from layers.importing.korean_crs import CANDIDATES, settled_crs

CITY_HALL = (126.9780, 37.5665)
REFERENCE = {  # the formats reference, to 0.1 m
    "EPSG:5179": (953_901.2, 1_952_032.1),
    "EPSG:5186": (198_056.4, 551_885.0),
    "EPSG:5181": (198_056.4, 451_885.0),
    "EPSG:5174": (197_986.7, 451_579.9),
}
# Where the rows stand (metres from the town's corner) and what they say.
STANDING = [(i * 117.0 % 1960 + 20, (i * 53.0) % 960 + 20) for i in range(60)]


def in_system(crs, x, y):
    return Transformer.from_crs("EPSG:5179", crs, always_xy=True).transform(x, y)


def own_file(town, helpers, crs, places, *, swapped=False, address="서울특별시 관악구 어딘가", name="내 파일.csv"):
    rows = []
    for i, (east, north) in enumerate(places):
        x, y = in_system(crs, helpers.X0 + east, helpers.Y0 + north)
        x, y = (y, x) if swapped else (x, y)
        rows.append([f"곳{i}", address if isinstance(address, str) else address[i], f"{x:.3f}", f"{y:.3f}"])
    return town.csv(name, ["명칭", "주소", "X좌표", "Y좌표"], rows)


def farthest(town, helpers, places, layer="police_box"):
    rows = town.store.read(layer).set_index("name")
    return max(
        rows.loc[f"곳{i}", "geometry"].distance(shapely.Point(helpers.X0 + e, helpers.Y0 + n))
        for i, (e, n) in enumerate(places)
    )


# ---------------------------------------------------------------- axes


def test_swapped_axes_of_a_whole_file(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    rows = [helpers.lamp(f"등{i}", lat=f"{lon:.7f}", lon=f"{lat + i / 1e5:.7f}") for i in range(5)]
    r = town.one(town.lamps(rows))
    assert (r.accepted, r.crs, dict(r.repaired)) == (5, "EPSG:4326", {"swapped_axes": 5})


def test_wgsxpt_is_the_latitude_also_in_a_planners_own_file(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    path = town.csv("내 파일.csv", ["이름", "WGSXPT", "WGSYPT"], [["가", f"{lat:.8f}", f"{lon:.8f}"]])
    r = town.one(path, layer="locker")
    assert (r.accepted, r.unlocated) == (1, 0)
    assert town.store.read("locker")["geometry"].iloc[0].distance(shapely.Point(helpers.X0 + 500, helpers.Y0 + 500)) < 1


def test_wkt_with_latitude_first(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    path = town.csv(
        "내 파일.csv", ["이름", "wkt"], [["가", f"POINT({lat} {lon})"], ["나", f"SRID=4326;POINT ( {lon} {lat} )"]]
    )
    r = town.one(path, layer="locker")
    assert (r.accepted, dict(r.repaired)) == (2, {"swapped_axes": 1})
    assert town.store.read("locker")["geometry"].nunique() == 1


@pytest.mark.parametrize("crs", ["EPSG:5186", "EPSG:5174"])
def test_korean_surveyors_call_north_x(town, helpers, crs):
    r = town.one(own_file(town, helpers, crs, STANDING, swapped=True), layer="police_box", crs=crs)
    assert (r.crs, r.accepted, dict(r.repaired)) == (crs, 60, {"swapped_axes": 60})
    assert farthest(town, helpers, STANDING) < 0.01


def test_one_row_the_wrong_way_round_among_metres(town, helpers):
    path = own_file(town, helpers, "EPSG:5186", STANDING)
    lines = path.read_text().splitlines()
    cells = lines[7].split(",")
    lines[7] = ",".join([*cells[:2], cells[3], cells[2]])
    path.write_text("\n".join(lines))
    r = town.one(path, layer="police_box", crs="EPSG:5186")
    assert (r.accepted, dict(r.repaired)) == (60, {"swapped_axes": 1})
    assert farthest(town, helpers, STANDING) < 0.01


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("37°33'59.4\"", 37.5665), ("37° 33′ 59.4″ N", 37.5665), ("37도 33분 59.4초", 37.5665), ("37:33:59.4", 37.5665),
        ("37°33.99'", 37.5665), ("N37°33'59.4''", 37.5665), ("126°58'40.8\"E", 126.978), ("37°61'00\"", np.nan),
        ("서른일곱", np.nan), ("37-33", np.nan),
    ],
)  # fmt: skip
def test_degrees_and_minutes(text, degrees):
    found, mended = coordinates(pa.array([text]))
    assert found[0] == pytest.approx(degrees, abs=1e-9, nan_ok=True)
    assert mended["degrees_minutes"][0] == np.isfinite(degrees)


@pytest.mark.parametrize("text", ["126.9W", "W126.9", "서경 126.9", "37.5 S", "남위 37.5", "126°58'40.8\"W"])
def test_south_and_west_are_no_korean_number(text):
    found, _ = coordinates(pa.array([text]))
    assert np.isnan(found[0])


def test_decimal_commas():
    found, mended = coordinates(pa.array(["37,5665", "37,566", ""]))
    assert found[:2].tolist() == [37.5665, 37.566]
    assert mended["decimal_comma"].tolist() == [True, True, False]
    found, _ = coordinates(pa.array(["198056,4", "198,056.4", "198,056"]))
    assert found.tolist() == [198056.4, 198056.4, 198056.0]
    found, _ = coordinates(pa.array(["127,082", "126,978"]))  # thousands, as far as one can tell
    assert found.tolist() == [127082.0, 126978.0]


def test_no_coordinate_is_not_an_impossible_one(town, helpers):
    nothing = ["", "-", "NaN", "NULL", "없음"]
    assert is_nothing(pa.array([*nothing, "0", "37"])).tolist() == [True] * 5 + [False] * 2
    rows = [helpers.lamp(f"등{i}", lat=text, lon=text) for i, text in enumerate(nothing)]
    r = town.one(town.lamps([*rows, helpers.lamp("영", lat="0", lon="0"), helpers.lamp("옳은 등")]))
    assert (r.accepted, r.unlocated, dict(r.reasons)) == (6, 5, {"impossible_coordinates": 1})


def test_degrees_and_minutes_are_placed_and_reported(town, helpers):
    lon, lat = helpers.lonlat(500, 500)

    def minutes(value):
        whole, rest = divmod(value, 1)
        return f"{int(whole)}°{int(rest * 60)}'{rest * 60 % 1 * 60:.5f}\""

    r = town.one(town.lamps([helpers.lamp("등1", lat=minutes(lat), lon=minutes(lon))]))
    assert (r.accepted, dict(r.repaired)) == (1, {"degrees_minutes": 1})
    placed = town.store.read("security_light")["geometry"].iloc[0]
    assert placed.distance(shapely.Point(helpers.X0 + 500, helpers.Y0 + 500)) < 0.01


# ---------------------------------------------------------------- systems


@pytest.mark.parametrize("crs", REFERENCE)
def test_city_hall_in_every_system_of_the_reference(crs):
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*CITY_HALL)
    assert np.hypot(x - REFERENCE[crs][0], y - REFERENCE[crs][1]) < 0.1


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("crs", ["EPSG:5179", "EPSG:5186", "EPSG:5187", "EPSG:3857"])
def test_an_unlabelled_system_is_found_by_the_rows_own_district(town, helpers, crs, swapped):
    r = town.one(own_file(town, helpers, crs, STANDING, swapped=swapped), layer="police_box")
    assert (r.crs, r.crs_score, r.accepted) == (crs, 1.0, 60)
    assert dict(r.repaired) == ({"swapped_axes": 60} if swapped else {})
    assert farthest(town, helpers, STANDING) < 0.01


@pytest.mark.parametrize("crs", ["EPSG:5174", "EPSG:2097", "EPSG:5181"])
def test_near_systems_are_told_apart_by_rows_near_the_border(town, helpers, crs):
    """They lie 70 to 350 m apart: rows along the edges of the district leave it in the wrong ones."""
    edges = [(e, 20.0) for e in range(20, 1990, 40)] + [(20.0, n) for n in range(20, 990, 40)]
    edges += [(1980.0, n) for n in range(20, 990, 40)] + [(e, 980.0) for e in range(20, 1990, 40)]
    r = town.one(own_file(town, helpers, crs, edges), layer="police_box")
    assert (r.crs, r.crs_score) == (crs, 1.0)
    assert farthest(town, helpers, edges) < 0.01


def test_a_tie_is_refused_with_its_candidates(town, helpers):
    middle = [(990.0 + i, 500.0) for i in range(20)]
    path = own_file(town, helpers, "EPSG:5174", middle)
    with pytest.raises(CrsNeededError, match=r"EPSG:5181 100\.0%, EPSG:5174 100\.0%, EPSG:2097 100\.0%") as error:
        town.one(path, layer="police_box")
    assert "--crs" in error.value.hint
    assert town.store.layer_ids() == []
    assert town.one(path, layer="police_box", crs="EPSG:5174").crs_score is None
    assert farthest(town, helpers, middle) < 0.01


@pytest.mark.parametrize("crs", ["EPSG:5174", "EPSG:2097", "EPSG:5181"])
def test_a_tie_is_settled_by_loaded_address_points(town, helpers, crs):
    middle = [(990.0 + i, 500.0 + 3 * i) for i in range(20)]
    shops = [
        [
            f"가게{i}",
            "영업",
            "",
            f"서울특별시 관악구 봉천로 {i + 1}, 1층",
            lonlat_of(helpers, p)[1],
            lonlat_of(helpers, p)[0],
            "",
        ]
        for i, p in enumerate(middle)
    ]
    town.one(
        town.csv("가게.csv", ["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"], shops)
    )
    addresses = [f"관악구 봉천로 {i + 1}" for i in range(20)]
    r = town.one(own_file(town, helpers, crs, middle, address=addresses), layer="police_box")
    assert (r.crs, r.crs_score) == (crs, 1.0)
    assert farthest(town, helpers, middle) < 0.01


def lonlat_of(helpers, place):
    return helpers.lonlat(*place)


@pytest.mark.parametrize("crs", ["EPSG:5174", "EPSG:2097"])
def test_a_tie_is_settled_by_the_dong_named_in_the_addresses(town, helpers, crs):
    """Along the border of two dong, 1 km east of the corner: 70 m to the side is the other one."""
    border = [(970.0 + 60 * (i % 2), 450.0 + i) for i in range(20)]
    address = [f"서울특별시 관악구 {'봉천1·2동' if i % 2 else '가람동'}" for i in range(20)]
    path = town.csv(
        "내 파일.csv",
        ["명칭", "주소", "행정동명", "X좌표", "Y좌표"],
        [
            [
                f"곳{i}",
                "서울특별시 관악구",
                address[i].split()[-1],
                *(f"{v:.3f}" for v in in_system(crs, helpers.X0 + e, helpers.Y0 + n)),
            ]
            for i, (e, n) in enumerate(border)
        ],
    )
    r = town.one(path, layer="police_box")
    assert r.crs == crs
    assert farthest(town, helpers, border) < 0.01


def test_a_system_that_fits_none_is_refused(town, helpers):
    path = own_file(town, helpers, "EPSG:5186", [(e + 30_000, n) for e, n in STANDING])
    with pytest.raises(CrsNeededError, match="자치구에 들지 않습니다"):
        town.one(path, layer="police_box")


def test_a_few_rows_of_a_wrong_district_do_not_matter(town, helpers):
    addresses = ["서울특별시 관악구" if i > 5 else "서울특별시 구로구" for i in range(60)]
    r = town.one(own_file(town, helpers, "EPSG:5186", STANDING, address=addresses), layer="police_box")
    assert (r.crs, r.crs_score) == ("EPSG:5186", 0.9)
    assert r.flagged["other_district"] == 6


def test_wkt_metres_are_tried_too(town, helpers):
    rows = [
        [f"곳{i}", "관악구", "POINT ({:.3f} {:.3f})".format(*in_system("EPSG:5186", helpers.X0 + e, helpers.Y0 + n))]
        for i, (e, n) in enumerate(STANDING)
    ]
    r = town.one(town.csv("내 파일.csv", ["명칭", "자치구", "wkt"], rows), layer="police_box")
    assert (r.crs, r.crs_score) == ("EPSG:5186", 1.0)
    assert farthest(town, helpers, STANDING) < 0.01


def test_a_portal_that_says_utm_k_but_serves_web_mercator(town, helpers):
    features = [
        helpers.feature(
            {"명칭": f"곳{i}", "자치구": "관악구"},
            {"type": "Point", "coordinates": in_system("EPSG:3857", helpers.X0 + e, helpers.Y0 + n)},
        )
        for i, (e, n) in enumerate(STANDING)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}
    r = town.one(town.geojson("포털.geojson", features, crs=crs), layer="police_box")
    assert (r.crs, r.crs_score, dict(r.repaired)) == ("EPSG:3857", 1.0, {"wrong_crs_label": 60})
    assert farthest(town, helpers, STANDING) < 0.01


# ---------------------------------------------------------------- .prj

BESSEL = (
    'PROJCS["TM_Bessel",GEOGCS["GCS_Bessel_1841",DATUM["D_Bessel_1841",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",200000.0],PARAMETER["False_Northing",500000.0],PARAMETER["Central_Meridian",{}],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",38.0],UNIT["Meter",1.0]]'
)
ITRF = (
    'PROJCS["PCS_ITRF2000_TM",GEOGCS["GCS_ITRF_2000",DATUM["D_ITRF_2000",SPHEROID["GRS_1980",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",{}],PARAMETER["False_Northing",{}],PARAMETER["Central_Meridian",{}],'
    'PARAMETER["Scale_Factor",{}],PARAMETER["Latitude_Of_Origin",38.0],UNIT["Meter",1.0]]'
)
PRJ = {
    BESSEL.format("127.0028902777778"): "EPSG:5174",
    BESSEL.format("127.0"): "EPSG:2097",
    BESSEL.format("129.0028902777778"): "EPSG:5176",
    ITRF.format("1000000.0", "2000000.0", "127.5", "0.9996"): "EPSG:5179",
    ITRF.format("200000.0", "600000.0", "127.0", "1.0"): "EPSG:5186",
    ITRF.format("200000.0", "500000.0", "127.0", "1.0"): "EPSG:5181",
}


@pytest.mark.parametrize("prj", PRJ, ids=PRJ.values())
def test_a_prj_without_an_authority_is_the_system_it_describes(prj):
    assert CRS.from_wkt(prj).to_epsg() is None
    assert settled_crs(prj) == PRJ[prj]


@pytest.mark.parametrize("crs", CANDIDATES)
def test_a_named_system_keeps_its_code(crs):
    assert settled_crs(crs) == crs
    assert settled_crs(CRS.from_user_input(crs).to_wkt("WKT1_ESRI")) == crs


def test_a_system_with_a_shift_of_its_own_keeps_it():
    own = (
        "+proj=tmerc +lat_0=38 +lon_0=127.0028902777778 +x_0=200000 +y_0=500000 +ellps=bessel "
        "+towgs84=-115.8,474.99,674.11,1.16,-2.31,-1.63,6.43"
    )
    assert settled_crs(own) == own


def shapefile(folder, helpers, crs, prj, places):
    path = folder / "경찰.shp"
    points = shapely.points([in_system(crs, helpers.X0 + e, helpers.Y0 + n) for e, n in places])
    table = pa.table({"명칭": [f"곳{i}" for i in range(len(places))], "자치구": ["관악구"] * len(places)})
    field = pa.field("geometry", pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
    pyogrio.write_arrow(
        table.append_column(field, pa.array(shapely.to_wkb(points), pa.binary())), path, driver="ESRI Shapefile",
        geometry_name="geometry", geometry_type="Point", crs=crs, encoding="utf-8",
    )  # fmt: skip
    (folder / "경찰.prj").write_text(prj)
    return path


def test_bessel_without_epsg_gets_its_datum_shift(town, helpers, tmp_path):
    """Taken as it is written it would lie some 300 m off."""
    path = shapefile(tmp_path, helpers, "EPSG:5174", BESSEL.format("127.0028902777778"), STANDING)
    r = town.one(path, layer="police_box")
    assert (r.crs, r.accepted) == ("EPSG:5174", 60)
    assert farthest(town, helpers, STANDING) < 0.01


def test_bessel_of_meridian_127_is_asked_of_the_rows(town, helpers, tmp_path):
    """Many programs wrote 127 for 127°00'10.4": rows on the border know better, rows in the middle do not."""
    edges = [(1980.0, n) for n in range(20, 990, 20)] + [(20.0, n) for n in range(20, 990, 20)]
    path = shapefile(tmp_path, helpers, "EPSG:5174", BESSEL.format("127.0"), edges)
    r = town.one(path, layer="police_box")
    assert (r.crs, r.crs_score, dict(r.repaired)) == ("EPSG:5174", 1.0, {"wrong_crs_label": len(edges)})
    assert farthest(town, helpers, edges) < 0.01


def test_a_shapefile_without_prj_is_tried(town, helpers, tmp_path):
    path = shapefile(tmp_path, helpers, "EPSG:5186", "", STANDING)
    (tmp_path / "경찰.prj").unlink()
    r = town.one(path, layer="police_box")
    assert (r.crs, r.crs_score) == ("EPSG:5186", 1.0)


# ---------------------------------------------------------------- real


@pytest.mark.real
@pytest.mark.parametrize("crs", CANDIDATES)
def test_real_shops_in_every_system(seoul, tmp_path, helpers, crs):
    """360 shops of 관악구 with their addresses, written in each system without a label."""
    town = helpers.Town(tmp_path)
    town.one(seoul / "hangjeongdong_서울특별시.geojson")
    shops = list(csv.DictReader((seoul / "관악구_안전상비의약품_판매점.csv").read_text("utf-8-sig").splitlines()))
    move = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    rows = [
        [s["사업장명"], s["도로명주소"], *(f"{v:.3f}" for v in move(float(s["경도"]), float(s["위도"])))] for s in shops
    ]
    path = town.csv("가게.csv", ["명칭", "도로명주소", "X좌표", "Y좌표"], rows)
    r = town.one(path, layer="police_box")
    assert r.crs == crs
    assert r.crs_score == pytest.approx(359 / 360)  # one shop lies in another district than its address
    assert json.dumps(r.as_dict()["crs_score"])
