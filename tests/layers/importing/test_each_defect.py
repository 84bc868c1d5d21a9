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
from tests.layers.importing.defective import LAYER, OWN, STORES, at, own, store_row, stored

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


def test_the_documentation_names_every_test_of_this_table():
    page = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
    files = [Path(__file__), Path(__file__).with_name("test_each_defect_of_values.py")]
    texts = "".join(path.read_text(encoding="utf-8") for path in files)
    here = re.findall(r"^def (test_\w+)", texts, flags=re.MULTILINE)
    assert all(path.name in page for path in files)
    said = set(re.findall(r"`(test_\w+)`", page))
    everywhere = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        everywhere |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert said <= everywhere, said - everywhere
    missing = {name for name in here if name not in said} - {"test_the_documentation_names_every_test_of_this_table"}
    assert not missing
