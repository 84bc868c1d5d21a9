"""Workbooks, GeoPackages, Parquet, Shapefiles as they come: what is in them, as text, under the right names."""

import datetime as dt
import json
import shutil
import zipfile

import geopandas
import openpyxl
import pandas as pd
import pytest
import shapely
import xlwt

from geo.errors import AnsimError
from layers.importing.errors import BadEncodingError, UnreadableFileError, UnsafeFileError
from layers.importing.files import open_sources
from layers.importing.read_parquet import read_parquet
from layers.importing.read_sheets import read_sheet
from layers.importing.read_vector import read_shapefile

BIG = 2**30


def never(_cells):
    return False


def cells(raw):
    return [list(row) for row in zip(*(column.to_pylist() for column in raw.columns), strict=True)]


def book(path, **sheets):
    """An xlsx: sheet name to rows."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def sheet(path, name="표"):
    return read_sheet(path, name, f"{path.name}[{name}]", never)


def sources(path):
    with open_sources([path], BIG) as found:
        return {source.name: source.skipped or source.kind for source in found}


# ---------------------------------------------------------------- workbooks


def test_cells_of_a_workbook_are_text_as_stored(tmp_path):
    rows = [
        ["코드", "수량", "위도", "설치일", "수정일시", "시작", "끝", "운영", "오류", "계산"],
        ["01162", 3, 37.123456789, dt.date(2020, 5, 1), dt.datetime.fromisoformat("2020-05-01T09:30"), dt.time(21, 0),
         dt.timedelta(hours=26, minutes=30), True, "#N/A", "=1+1"],
    ]  # fmt: skip
    raw = sheet(book(tmp_path / "표.xlsx", 표=rows))
    assert cells(raw) == [
        ["01162", "3", "37.123456789", "2020-05-01", "2020-05-01 09:30:00", "21:00", "26:30", "Y", "", ""]
    ]
    assert raw.lines.tolist() == [2]


def test_an_old_xls(tmp_path):
    workbook = xlwt.Workbook(encoding="utf-8")
    table = workbook.add_sheet("표")
    table.write_merge(0, 0, 0, 3, "2025년 보안등 현황")
    for column, name in enumerate(["구", "이름", "위도", "설치일"]):
        table.write(1, column, name)
    table.write_merge(2, 3, 0, 0, "관악구")
    for row, (name, lat) in enumerate([("007", 37.5), ("008", 37)], start=2):
        table.write(row, 1, name)
        table.write(row, 2, lat)
        table.write(row, 3, dt.date(2020, 5, row), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    workbook.save(str(tmp_path / "옛.xls"))
    raw = sheet(tmp_path / "옛.xls")
    assert raw.header == ("구", "이름", "위도", "설치일")
    assert cells(raw) == [["관악구", "007", "37.5", "2020-05-02"], ["관악구", "008", "37", "2020-05-03"]]
    assert raw.repaired == {"merged": 1}


def test_a_text_merged_over_rows_speaks_for_each_and_a_count_does_not(tmp_path):
    workbook = openpyxl.Workbook()
    table = workbook.active
    table.title = "표"
    for row in [
        ["자치구", "수량", "위도", "경도"],
        ["관악구", 3, 37.5, 127],
        [None, None, 37.6, 127],
        ["구로구", 1, 37.7, 127],
    ]:
        table.append(row)
    table.merge_cells("A2:A3")
    table.merge_cells("B2:B3")
    workbook.save(tmp_path / "표.xlsx")
    assert [row[:2] for row in cells(sheet(tmp_path / "표.xlsx"))] == [["관악구", "3"], ["관악구", ""], ["구로구", "1"]]


def test_sheets_are_sources_of_their_own(town, helpers):
    header, rows = helpers.LAMPS, [helpers.lamp("등1"), helpers.lamp("등2", 600)]
    path = book(
        town.folder / "현황.xlsx",
        표지=[["2025년 현황"]], 빈=[], 설명=[["항목", "뜻"], ["가", "나"], ["다", "라"]], 보안등=[header, *rows],
        숨김=[header, *rows],
    )  # fmt: skip
    workbook = openpyxl.load_workbook(path)
    workbook["숨김"].sheet_state = "hidden"
    workbook.create_chartsheet("그림")
    workbook.save(path)
    found = {r.file: r for r in town.load(path)}
    lamps = found.pop("현황.xlsx[보안등]")
    assert (lamps.layer, lamps.read, lamps.accepted) == ("security_light", 2, 2)
    assert set(found) == {f"현황.xlsx[{name}]" for name in ("표지", "빈", "설명", "숨김", "그림")}
    assert all(r.skipped and r.note.startswith("skipped: ") for r in found.values())
    assert "숨긴" in found["현황.xlsx[숨김]"].note


def test_a_workbook_without_a_table(town):
    with pytest.raises(UnreadableFileError, match=r"빈\.xlsx"):
        town.one(book(town.folder / "빈.xlsx", 표=[], 다른=[["제목"]]))


def test_locked_and_broken_workbooks(tmp_path):
    locked = tmp_path / "잠김.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableFileError, match="암호"):
        sources(locked)
    whole = book(tmp_path / "표.xlsx", 표=[["가", "나"], [1, 2]]).read_bytes()
    broken = tmp_path / "깨짐.xlsx"
    for cut in (100, len(whole) // 2, len(whole) - 30):
        broken.write_bytes(whole[:cut])
        with pytest.raises(UnreadableFileError, match=r"깨짐\.xlsx"):
            sources(broken)
    broken.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"))
    with pytest.raises(UnreadableFileError, match="손상된 엑셀"):
        sources(broken)
    document = tmp_path / "공문.hwp"
    document.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "FileHeader".encode("utf-16-le"))
    with pytest.raises(UnreadableFileError, match="문서"):
        sources(document)


def test_a_sheet_too_large_for_memory(tmp_path):
    path = book(tmp_path / "넓은.xlsx", 표=[["가", "나"], [1, 2]])
    workbook = openpyxl.load_workbook(path)
    workbook["표"]["XFD1048576"] = "끝"
    workbook.save(path)
    with pytest.raises(UnsafeFileError, match="1,048,576행"):
        sources(path)


def test_a_workbook_that_is_a_bomb(tmp_path):
    path = book(tmp_path / "부푼.xlsx", 표=[["가", "나"], [1, 2]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"0" * 60_000_000)
    with pytest.raises(UnsafeFileError, match="부푸는"):
        sources(path)


OWN = {
    "titles, units, two header rows, totals, a footnote": (
        [
            ["관악구 안심 비상벨 설치 현황", None, None, None, None], ["(2025. 6. 30. 기준)"], [],
            ["연번", "설치장소", "좌표", None, "수량(대)"], [None, None, "위도", "경도", None],
            [1, "가람동 1", "LAT", "LON", "1대"], [2, "가람동 2", "LAT", "LON", "２"],
            ["합계", None, None, None, 3], ["※ 출처: 안전과"],
        ],
        {"layer": "emergency_bell"},
        {"total_row": 1, "unreadable": 1},
    ),
    "names of its own": (
        [
            ["번호", "어디", "가로", "세로", "몇 대"],
            [1, "가람동 1", "LON", "LAT", 1], [2, "가람동 2", "LON", "LAT", 2],
        ],
        {"layer": "cctv", "columns": {"lon": "가로", "lat": "세로", "count": "몇 대"}},
        {},
    ),
    "english, an index, blank rows and columns": (
        [
            [], [None, None, "name", "Latitude", "Longtitude", "qty", None], [None, 0, "가", "LAT", "LON", 1, None], [],
            [None, 1, "나", "LAT", "LON", 2, None], [None, None, "Total", None, None, 3],
        ],
        {"layer": "locker"},
        {"total_row": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", OWN)
def test_a_planners_own_workbook(town, helpers, kind):
    rows, options, reasons = OWN[kind]
    lon, lat = helpers.lonlat(500, 500)
    filled = [
        [{"LAT": lat + i * 1e-4, "LON": lon + i * 1e-4}.get(c, c) if isinstance(c, str) else c for c in row]
        for i, row in enumerate(rows)
    ]
    r = town.one(book(town.folder / "내 표.xlsx", Sheet1=filled), **options)
    assert r.file == "내 표.xlsx[Sheet1]"
    assert (r.accepted, r.unlocated, r.devices, r.reasons) == (2, 0, 3, reasons)


# ---------------------------------------------------------------- vector files


@pytest.fixture
def frame(helpers):
    points = [shapely.Point(helpers.lonlat(100 * i, 100)) for i in range(3)]
    return geopandas.GeoDataFrame(
        {"이름": ["가나다", "라마바", "사아자"], "수량": [1, 2, 3]}, geometry=points, crs=4326
    )


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
@pytest.mark.parametrize("cpg", ["none", "right", "wrong"])
def test_dbf_in_any_encoding_with_any_cpg(tmp_path, frame, encoding, cpg):
    path = tmp_path / "점.shp"
    frame.to_file(path, encoding=encoding, engine="pyogrio")
    path.with_suffix(".cpg").unlink()
    if cpg != "none":
        wrong = {"cp949": "UTF-8", "utf-8": "ISO-8859-1"}[encoding]
        path.with_suffix(".cpg").write_text(wrong if cpg == "wrong" else encoding)
    raw = read_shapefile(path, path.name)
    assert raw.header == ("이름", "수량")
    assert cells(raw)[0] == ["가나다", "1"]
    assert raw.encoding == encoding


def test_a_shp_without_shx_or_prj(tmp_path, frame):
    path = tmp_path / "점.shp"
    frame.to_file(path, engine="pyogrio")
    for ending in (".shx", ".prj"):
        path.with_suffix(ending).unlink()
    before = sorted(p.name for p in tmp_path.iterdir())
    raw = read_shapefile(path, path.name)
    assert len(raw) == 3
    assert raw.geometry[1] == frame.geometry[1]
    assert raw.crs == ""
    assert raw.repaired == {"shx_restored": 1}
    assert sorted(p.name for p in tmp_path.iterdir()) == before  # nothing is written beside the planner's file


def test_a_zipped_shapefile(tmp_path, town, frame):
    frame.to_file(tmp_path / "점.shp", engine="pyogrio", encoding="cp949")
    with zipfile.ZipFile(tmp_path / "점.zip", "w") as archive:
        for ending in (".shp", ".dbf", ".shx", ".prj"):
            archive.write(tmp_path / f"점{ending}", f"자료/점{ending.upper()}")
    r = town.one(tmp_path / "점.zip", layer="cctv")
    assert (r.file, r.read, r.accepted, r.devices) == ("점.zip/자료/점.SHP", 3, 3, 6)


def test_layers_of_a_geopackage(tmp_path, town, frame):
    path = tmp_path / "자료.gpkg"
    frame.to_file(path, layer="카메라", engine="pyogrio")
    geopandas.pd.DataFrame({"가": ["나"]}).pipe(
        lambda notes: geopandas.GeoDataFrame(notes, geometry=[None], crs=4326)
    ).to_file(path, layer="메모", engine="pyogrio")
    frame.iloc[:0].to_file(path, layer="빈 층", engine="pyogrio")
    found = {r.file: r for r in town.load(path, layer="cctv")}
    assert found["자료.gpkg[카메라]"].accepted == 3
    assert found["자료.gpkg[메모]"].unlocated == 1  # a row with text and no place
    assert found["자료.gpkg[빈 층]"].note == "skipped: 빈 층입니다"


def test_geoparquet_and_plain_parquet(tmp_path, town, frame):
    frame.to_crs(5186).to_parquet(tmp_path / "점.parquet")
    raw = read_parquet(tmp_path / "점.parquet", "점.parquet", BIG)
    assert raw.crs == "EPSG:5186"
    assert cells(raw)[2] == ["사아자", "3"]
    assert town.one(tmp_path / "점.parquet", layer="cctv").accepted == 3
    plain = pd.DataFrame({"이름": frame["이름"], "위도": frame.geometry.y, "경도": frame.geometry.x})
    plain.to_parquet(tmp_path / "표.parquet")
    assert town.one(tmp_path / "표.parquet", layer="locker").accepted == 3
    with pytest.raises(UnsafeFileError, match="한도"):
        read_parquet(tmp_path / "표.parquet", "표.parquet", 10)
    frame.to_parquet(tmp_path / "새.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    assert read_parquet(tmp_path / "새.parquet", "새.parquet", BIG).geometry[0] == frame.geometry[0]


@pytest.mark.parametrize("ending", [".shp", ".gpkg", ".parquet", ".geojson"])
def test_what_gdal_says_in_english_stays_inside(tmp_path, town, frame, ending):
    path = tmp_path / f"자료{ending}"
    frame.to_parquet(path) if ending == ".parquet" else frame.to_file(path, engine="pyogrio")
    whole = path.read_bytes()
    for cut in (len(whole) // 2, 120, 30):
        path.write_bytes(whole[:cut])
        said = _refusal(town, path)
        assert not any(word in said for word in ("failed", "error", "not recogni", "unable", "vsimem", "driver"))


def _refusal(town, path):
    try:
        town.one(path, layer="cctv")
    except AnsimError as refused:
        return str(refused).lower()
    return ""


def test_mojibake_in_a_dbf_is_refused(tmp_path, frame):
    frame["이름"] = [
        name.encode().decode("cp949", errors="replace") for name in ["보안등위치", "설치장소명", "도로명주소"]
    ]
    frame["이름"] = frame["이름"].str.replace("�", "")
    frame.to_file(tmp_path / "점.shp", encoding="utf-8", engine="pyogrio")
    with pytest.raises(BadEncodingError, match="깨져"):
        read_shapefile(tmp_path / "점.shp", "점.shp")


def test_geojson_by_any_name(town, helpers):
    data = town.boundaries.read_bytes()
    for name in ("경계.shp", "경계.json", "경계.txt", "경계.csv"):
        (town.folder / name).write_bytes(data)
        assert town.one(town.folder / name).unchanged
    shutil.copy(town.boundaries, town.folder / "경계")
    assert json.loads(data)["type"] == "FeatureCollection"
    assert town.one(town.folder / "경계").unchanged
