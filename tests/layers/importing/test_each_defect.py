"""Every defect seen in real files, one fixture each, named after it, through the whole import.

The kinds and their order are those of the table in docs/importing.md; a test holds that none is missing there.
"""

import json
import re
from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
import shapely
import xlwt

from layers.importing.errors import BadEncodingError

LAYER = {"layer": "cctv"}
OWN = ["이름", "자치구", "위도", "경도"]


def at(helpers, east=500.0, north=500.0):
    lon, lat = helpers.lonlat(east, north)
    return f"{lat:.8f}", f"{lon:.8f}"


def own(helpers, *names):
    return [[name, "관악구", *at(helpers, 100 + 50 * i)] for i, name in enumerate(names)]


def stored(town, layer="cctv"):
    return town.store.read(layer)


# ---------------------------------------------------------------- encoding


def test_cp949_utf8_and_utf8_sig_mixed_in_one_folder(town, helpers):
    folder = town.folder / "섞임"
    folder.mkdir()
    for encoding in ("cp949", "utf-8", "utf-8-sig"):
        text = helpers.csv_text(OWN, own(helpers, f"{encoding} 카메라"))
        (folder / f"{encoding}.csv").write_bytes(text.encode(encoding))
    reports = town.load(folder, **LAYER)
    assert {(r.file, r.encoding, r.accepted) for r in reports} == {
        (f"{e}.csv", e, 1) for e in ("cp949", "utf-8", "utf-8-sig")
    }
    assert set(stored(town)["name"]) == {"cp949 카메라", "utf-8 카메라", "utf-8-sig 카메라"}


@pytest.fixture
def cameras(helpers):
    points = [shapely.Point(helpers.X0 + 300, helpers.Y0 + 300), shapely.Point(helpers.X0 + 700, helpers.Y0 + 300)]
    return gpd.GeoDataFrame({"이름": ["가람동 첫째", "가람동 둘째"]}, geometry=points, crs=5179)


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_dbf_without_cpg(town, cameras, encoding):
    path = town.folder / "카메라.shp"
    cameras.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    assert town.one(path, **LAYER).accepted == 2
    assert set(stored(town)["name"]) == {"가람동 첫째", "가람동 둘째"}


def test_header_already_mojibake(town):
    path = town.file("깨짐.csv", "\ufffd\ufffd\ufffd,lat,lon\n가,37.5,127.0\n")
    with pytest.raises(BadEncodingError, match="첫 줄"):
        town.one(path, **LAYER)


# ---------------------------------------------------------------- container


def test_geojson_named_shp(town, helpers):
    lat, lon = at(helpers)
    point = {"type": "Point", "coordinates": [float(lon), float(lat)]}
    assert town.one(town.geojson("자료.shp", [helpers.feature({"이름": "가"}, point)]), **LAYER).accepted == 1


def test_shp_without_shx(town, cameras):
    path = town.folder / "카메라.shp"
    cameras.to_file(path, encoding="cp949")
    path.with_suffix(".shx").unlink()
    report = town.one(path, **LAYER)
    assert (report.accepted, report.repaired["shx_restored"]) == (2, 1)
    assert not path.with_suffix(".shx").exists()  # the planner's folder is left as it was


def test_old_xls(town, helpers):
    book = xlwt.Workbook(encoding="cp949")
    sheet = book.add_sheet("현황")
    for r, row in enumerate([OWN, *own(helpers, "가", "나")]):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(town.folder / "옛.xls"))
    assert town.one(town.folder / "옛.xls", **LAYER).accepted == 2


def test_nul_bytes_in_cells(town, helpers):
    text = helpers.csv_text(OWN, own(helpers, "가\0나"))
    report = town.one(town.file("널.csv", text), **LAYER)
    assert (report.accepted, report.repaired["nul"]) == (1, 1)
    assert stored(town)["name"].tolist() == ["가나"]


@pytest.mark.parametrize("deep", [3, 4])
def test_header_rows(town, helpers, deep):
    above = [["현황", "", "좌표", ""], ["구분", "", "세계측지계", ""]][-(deep - 2) :]
    rows = [["기본", "", "위치", ""], *above, OWN, *own(helpers, "가", "나")]
    report = town.one(town.csv("머리.csv", rows[0], rows[1:]), **LAYER)
    assert (report.read, report.accepted) == (2, 2)


def test_total_rows(town, helpers):
    rows = [*own(helpers, "가", "나"), ["소계", "관악구", "", ""], ["합계", "", "", ""]]
    report = town.one(town.csv("합.csv", OWN, rows), **LAYER)
    assert (report.read, report.accepted, report.reasons) == (4, 2, {"total_row": 2})


def test_unnamed_index_column(town, helpers):
    rows = [[i, *row] for i, row in enumerate([*own(helpers, "가", "나"), own(helpers, "가")[0]])]
    report = town.one(town.csv("번호.csv", ["", *OWN], rows), **LAYER)
    assert (report.accepted, report.reasons) == (2, {"duplicate": 1})  # with the index no row would equal another


def test_duplicate_column_name_the_second_empty(town, helpers):
    rows = [[*row, ""] for row in own(helpers, "가")]
    assert town.one(town.csv("겹.csv", [*OWN, "위도"], rows), **LAYER).unlocated == 0


def test_trailing_empty_header(town, helpers):
    text = helpers.csv_text([*OWN, ""], [[*row, ""] for row in own(helpers, "가")])
    assert town.one(town.file("꼬리.csv", text), **LAYER).accepted == 1


# ---------------------------------------------------------------- coordinates


@pytest.mark.parametrize(
    ("name", "lat", "lon", "reason"),
    [
        ("latitude_0_and_longitude_4664046.125", "0", "4664046.125", "impossible_coordinates"),
        ("both_0", "0", "0", "impossible_coordinates"),
        ("out_of_seoul", "35.1", "129.0", "outside"),
    ],
)
def test_coordinates_that_are_no_place_here(town, helpers, name, lat, lon, reason):
    report = town.one(town.csv(f"{name}.csv", OWN, [*own(helpers, "가"), ["나", "", lat, lon]]), **LAYER)
    assert (report.accepted, report.reasons) == (1, {reason: 1})
    assert all(g is not None and g.x > 900_000 for g in stored(town)["geometry"])


def test_swapped_latitude_and_longitude(town, helpers):
    lat, lon = at(helpers)
    report = town.one(town.csv("바뀜.csv", OWN, [["가", "관악구", lon, lat]]), **LAYER)
    assert (report.accepted, report.repaired["swapped_axes"]) == (1, 1)
    assert stored(town)["geometry"][0].distance(shapely.Point(helpers.X0 + 500, helpers.Y0 + 500)) < 0.01


def test_blanks_inside_numbers(town, helpers):
    lat, lon = at(helpers)
    report = town.one(town.csv("빈칸.csv", OWN, [["가", "관악구", f" {lat[:4]} {lat[4:]}", f" {lon} "]]), **LAYER)
    assert (report.accepted, report.repaired["blanks_in_number"]) == (1, 1)


def test_in_another_gu_than_the_rows_own(town, helpers):
    lat, lon = at(helpers, 500, 1500)
    report = town.one(town.csv("다른구.csv", OWN, [*own(helpers, "가"), ["나", "관악구", lat, lon]]), **LAYER)
    assert (report.accepted, report.flagged["other_district"]) == (2, 1)
    assert set(stored(town)["district"]) == {"11620"}


@pytest.mark.parametrize("form", ["POINT({})", "POINT ({})", "POINT({} )", "point ( {} )"])
def test_wkt_points_in_every_spelling(town, helpers, form):
    lat, lon = at(helpers)
    assert town.one(town.csv("점.csv", ["이름", "wkt"], [["가", form.format(f"{lon} {lat}")]]), **LAYER).unlocated == 0


# ---------------------------------------------------------------- crs


@pytest.mark.parametrize("crs", [5179, 5186, 5181, 5174, 2097, 5187, 3857])
def test_unlabelled_tm_coordinates(town, helpers, crs):
    to = pyproj.Transformer.from_crs(5179, crs, always_xy=True)
    rows = []
    for i in range(40):  # near every side of the border, where a shift of 255 m shows
        east, north = (30.0 + 48 * i, 1000.0 + (120 if i % 2 else -120))
        gu = "관악구" if north < 1000 else "구로구"
        rows.append([f"{i}", gu, *(f"{v:.3f}" for v in to.transform(helpers.X0 + east, helpers.Y0 + north))])
    report = town.one(town.csv("평면.csv", ["이름", "자치구", "X좌표", "Y좌표"], rows), **LAYER)
    assert (report.crs, report.crs_score, report.accepted) == (f"EPSG:{crs}", 1.0, 40)


def test_prj_of_bessel_tm_without_epsg_and_datum_shift(town, helpers, cameras):
    path = town.folder / "옛것.shp"
    to = pyproj.Transformer.from_crs(5179, 5174, always_xy=True)
    moved = [shapely.Point(*to.transform(g.x, g.y)) for g in cameras.geometry]
    cameras.set_geometry(gpd.GeoSeries(moved), crs=None).to_file(path)
    path.with_suffix(".prj").write_text(
        'PROJCS["Korean 1985 Modified Central Belt",GEOGCS["GCS_Bessel",DATUM["D_Bessel_1841",SPHEROID["Bessel_1841",'
        '6377397.155,299.1528128]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],PROJECTION['
        '"Transverse_Mercator"],PARAMETER["latitude_of_origin",38],PARAMETER["central_meridian",127.0028902777778],'
        'PARAMETER["scale_factor",1],PARAMETER["false_easting",200000],PARAMETER["false_northing",500000],'
        'UNIT["Meter",1]]'
    )
    assert town.one(path, **LAYER).crs == "EPSG:5174"
    got = sorted((g.x - helpers.X0, g.y - helpers.Y0) for g in stored(town)["geometry"])
    assert got == [pytest.approx((300, 300), abs=0.5), pytest.approx((700, 300), abs=0.5)]


def test_a_portal_that_says_utm_k_but_serves_3857(town, helpers):
    to = pyproj.Transformer.from_crs(5179, 3857, always_xy=True)
    features = []
    for i in range(6):
        x, y = to.transform(helpers.X0 + 100 + 100 * i, helpers.Y0 + 500)
        features.append(helpers.feature({"이름": f"{i}", "자치구": "관악구"}, {"type": "Point", "coordinates": [x, y]}))
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}
    report = town.one(town.geojson("포털.geojson", features, crs=crs), **LAYER)
    assert (report.crs, report.accepted, report.repaired["wrong_crs_label"]) == ("EPSG:3857", 6, 6)


# ---------------------------------------------------------------- rows


def test_122_lamps_on_one_point(town, helpers):
    rows = [helpers.lamp(f"등{i}") for i in range(122)]
    report = town.one(town.lamps(rows))
    assert (report.accepted, report.devices, report.rejected) == (122, 122, 0)
    assert len({g.wkt for g in stored(town, "security_light")["geometry"]}) == 1


def test_exact_duplicate_rows(town, helpers):
    rows = [helpers.lamp("가"), helpers.lamp("나", 600), helpers.lamp("가"), helpers.lamp("가")]
    report = town.one(town.lamps(rows))
    assert (report.read, report.accepted, report.reasons) == (4, 2, {"duplicate": 2})
    assert report.rejected_rows["line"].tolist() == [4, 5]


def test_rows_named_deleted(town, helpers):
    report = town.one(town.lamps([helpers.lamp("가"), helpers.lamp("삭제", 600), helpers.lamp("나-7(삭제)", 700)]))
    assert report.reasons == {"dead": 2}


STORES = [
    "점포명", "시도명", "시군구명", "시군구코드", "소재지도로명주소", "소재지지번주소", "위도", "경도",
    "여성안심지킴이집전화번호", "관할경찰서명", "지정연도", "운영여부", "데이터기준일자",
]  # fmt: skip


def store_row(name, lat="", lon="", running="Y"):
    return [
        name,
        "서울특별시",
        "관악구",
        "11620",
        "서울특별시 관악구 가람로 1",
        "",
        lat,
        lon,
        "",
        "",
        "2020",
        running,
        "2025-01-01",
    ]


def test_not_running(town, helpers):
    rows = [store_row("가", *at(helpers)), store_row("나", *at(helpers, 600), running="N")]
    assert town.one(town.csv("지킴이.csv", STORES, rows)).reasons == {"dead": 1}


def test_closed_shops_in_a_licence_file(town, helpers):
    to = pyproj.Transformer.from_crs(5179, 5174, always_xy=True)
    x, y = to.transform(helpers.X0 + 500, helpers.Y0 + 500)
    header = ["영업상태명", "지번주소", "도로명주소", "사업장명", "좌표정보(X)", "좌표정보(Y)"]
    rows = [
        [state, "", "서울특별시 관악구 가람로 1", state, x, y]
        for state in ("영업/정상", "폐업", "취소/말소/만료/정지/중지")
    ]
    report = town.one(town.csv("인허가.csv", header, rows))
    assert (report.accepted, report.reasons, report.crs) == (1, {"dead": 2}, "EPSG:5174")


def test_an_old_last_inspection_is_kept_with_its_date(town, helpers):
    form = next(f for f in town.catalog.forms if f.id == "emergency_bell_standard")
    row = dict.fromkeys(form.header, "") | {
        "안전비상벨관리번호": "B1", "설치위치": "가람동 앞", "소재지지번주소": "서울특별시 관악구 가람동 1",
        "최종점검일자": "2011-03-02", "데이터기준일자": "2025-01-01",
        "WGS84위도": at(helpers)[0], "WGS84경도": at(helpers)[1],
    }  # fmt: skip
    assert town.one(town.csv("비상벨.csv", list(row), [list(row.values())])).accepted == 1
    assert json.loads(stored(town, "emergency_bell")["attributes"][0])["최종점검일자"] == "2011-03-02"


# ---------------------------------------------------------------- dates, numbers, text


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("202005", "2020-05"), ("2020-05", "2020-05"), ("20200501", "2020-05-01"), ("2021.0", "2021"), ("1900", ""),
        ("1905-07", ""), ("'22.03", "2022-03"), ("98-05-01", "1998-05-01"), ("22년 3월", "2022-03"),
    ],
)  # fmt: skip
def test_dates(town, helpers, cell, iso):
    assert town.one(town.lamps([helpers.lamp(설치연도=cell)])).accepted == 1
    row = stored(town, "security_light").iloc[0]
    assert row["installed"] == iso
    assert iso or json.loads(row["attributes"])["설치연도"] == cell  # what is no date is not lost


@pytest.mark.parametrize(
    ("cell", "devices", "flag"), [("1,234", 1234, 0), ("935 ", 935, 0), ("79%", 1, 1), ("-", 1, 0), ("", 1, 0)]
)
def test_numbers(town, helpers, cell, devices, flag):
    report = town.one(town.lamps([helpers.lamp(설치개수=cell)]))
    assert (report.devices, report.flagged.get("bad_count", 0)) == (devices, flag)


def test_double_blanks_in_addresses(town, helpers):
    assert town.one(town.lamps([helpers.lamp(address="서울특별시  관악구   가람동 1")])).accepted == 1
    row = stored(town, "security_light").iloc[0]
    assert (row["lot_address"], row["district"]) == ("서울특별시 관악구 가람동 1", "11620")


def jung_gu(town, helpers, province):
    """A 중구 of a province, its one dong named with dots for ·."""
    features = [
        helpers.feature(
            {"OBJECTID": 1, "adm_nm": f"{province} 중구 종로1·2·3·4가동", "adm_cd": "3501051", "adm_cd2": "5201051000",
             "sgg": "52010", "sido": "52", "sidonm": province, "sggnm": "중구"},
            helpers.square(0, 0),
        )
    ]  # fmt: skip
    town.load(town.geojson("중구.geojson", features))


@pytest.mark.parametrize("gu", ["중구", "중 구"])
@pytest.mark.parametrize("province", ["전라북도", "전북특별자치도", "전북"])
def test_a_blank_in_a_gu_and_two_names_of_a_province(bare, helpers, gu, province):
    jung_gu(bare, helpers, "전북특별자치도")
    lat, lon = at(helpers)
    report = bare.one(bare.csv("내.csv", ["이름", "시도명", *OWN[1:]], [["가", province, gu, lat, lon]]), **LAYER)
    assert (report.accepted, report.flagged.get("other_district", 0)) == (1, 0)
    assert stored(bare)["district"].tolist() == ["52010"]


@pytest.mark.parametrize("name", ["종로1.2.3.4가동", "종로1·2·3·4가동", "종로1ㆍ2ㆍ3ㆍ4가동"])
def test_a_dot_for_a_middle_dot_in_a_dong(bare, helpers, name):
    jung_gu(bare, helpers, "전북특별자치도")
    header = ["번호", "자치구", "동(원문)", "비고", "활동시간"]
    report = bare.one(bare.csv("순찰.csv", header, [["1", "중구", name, "", "21:00~익일 02:30"]]))
    assert (report.accepted, report.unlocated) == (1, 0)


# ---------------------------------------------------------------- codes

HOUSEHOLDS = ["행정동코드", "자치구", "행정동명", "성별", "연령대", "총인구", "1인가구수"]


@pytest.mark.parametrize(
    ("kind", "code", "gu", "name", "units"),
    [
        ("7_digits_of_the_statistical_office", "1121060", "관악구", "가람동", {"1162060100"}),
        ("10_digits_of_the_interior_ministry", "1162060100", "관악구", "가람동", {"1162060100"}),
        ("a_split_dong", "1117068", "구로구", "오류2동", {"1153060300", "1153060400"}),
        ("a_number_of_excel", "1121060.0", "관악구", "가람동", {"1162060100"}),
    ],
)
def test_codes_of_dong(town, kind, code, gu, name, units):
    report = town.one(town.csv(f"{kind}.csv", HOUSEHOLDS, [[code, gu, name, "1", "20", "1,000", "300"]]))
    assert report.accepted == 1
    row = town.store.read("household").iloc[0]
    assert row["households"] == 300
    assert set(re.findall(r"\d{10}", str(row["dongs"]))) == units


@pytest.mark.parametrize("code", ["11740", "11250", "1174010100", "11740101"])
def test_gangdong_gu_has_two_codes_and_8_digit_codes_name_it_too(bare, helpers, code):
    features = [
        helpers.feature(
            {"OBJECTID": 1, "adm_nm": "서울특별시 강동구 강일동", "adm_cd": "1125051", "adm_cd2": "1174051500",
             "sgg": "11740", "sido": "11", "sidonm": "서울특별시", "sggnm": "강동구"},
            helpers.square(0, 0),
        )
    ]  # fmt: skip
    bare.load(bare.geojson("강동.geojson", features))
    report = bare.one(bare.csv("내.csv", ["이름", "시군구코드", "위도", "경도"], [["가", code, *at(helpers)]]), **LAYER)
    assert (report.accepted, report.flagged.get("other_district", 0)) == (1, 0)
    assert stored(bare)["district"].tolist() == ["11740"]


def test_sinsa_dong_is_in_two_gu(bare, helpers):
    features = [
        helpers.feature(
            {"OBJECTID": i, "adm_nm": f"서울특별시 {gu} 신사동", "adm_cd": f"{stat}51", "adm_cd2": f"{code}00100",
             "sgg": code, "sido": "11", "sidonm": "서울특별시", "sggnm": gu},
            helpers.square(i, 0),
        )
        for i, (gu, code, stat) in enumerate((("강남구", "11680", "11230"), ("관악구", "11620", "11210")))
    ]  # fmt: skip
    bare.load(bare.geojson("신사.geojson", features))
    header = ["번호", "자치구", "동(원문)", "비고", "활동시간"]
    rows = [["1", "강남구", "신사동", "", "22:00~02:00"], ["2", "관악구", "신사동", "", "22:00~02:00"]]
    assert bare.one(bare.csv("순찰.csv", header, rows)).unlocated == 0
    zones = stored(bare, "patrol_zone").sort_values("district")
    assert zones["district"].tolist() == ["11620", "11680"]
    assert zones["geometry"].iloc[0].centroid.x > zones["geometry"].iloc[1].centroid.x + 900


def test_leading_zeros_that_excel_ate(town, helpers):
    """A telephone number or id that lost its zero is kept as it stands; codes of districts have none to lose."""
    rows = [["가", "11620.0", *at(helpers)]]
    assert town.one(town.csv("내.csv", ["이름", "시군구코드", "위도", "경도"], rows), **LAYER).accepted == 1
    assert stored(town)["district"].tolist() == ["11620"]


# ---------------------------------------------------------------- counts


@pytest.mark.parametrize("column", ["설치개수", "카메라대수", "설치대수", "CCTV 수량", "수량(대)"])
def test_one_row_is_several_devices(town, helpers, column):
    rows = [[*own(helpers, "가")[0], "7"], [*own(helpers, "가", "나")[1], "1"]]
    assert town.one(town.csv("수.csv", [*OWN, column], rows), **LAYER).devices == 8


def test_address_only(town):
    report = town.one(town.csv("지킴이.csv", STORES, [store_row("가"), store_row("나")]))
    assert (report.accepted, report.unlocated, report.rejected) == (2, 2, 0)
    assert stored(town, "safe_house")["geometry"].isna().all()


def test_small_counts_stay_as_disclosed(town):
    rows = [
        ["1121060", "관악구", "가람동", "1", "20", "10", "3"],
        ["1121060", "관악구", "가람동", "2", "20", "10", "0"],
    ]
    assert town.one(town.csv("1인가구.csv", HOUSEHOLDS, rows)).accepted == 2
    assert sorted(town.store.read("household")["households"]) == [0, 3]


def test_the_documentation_names_every_test_of_this_table():
    page = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
    here = re.findall(r"^def (test_\w+)", Path(__file__).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert "test_each_defect.py" in page
    said = set(re.findall(r"`(test_\w+)`", page))
    everywhere = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        everywhere |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert said <= everywhere, said - everywhere
    missing = {name for name in here if name not in said} - {"test_the_documentation_names_every_test_of_this_table"}
    assert not missing
