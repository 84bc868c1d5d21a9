"""Awkward files of planners: each was once refused, or lost something, without need."""

import json
import zipfile

import pytest
import xlwt

from layers.importing.encoding import check_text
from layers.importing.errors import BadEncodingError, UnreadableFileError


def minutes(value):
    whole = int(value)
    return f"{whole}° {int((value - whole) * 60)}′ {(value - whole) * 3600 % 60:.4f}″"


@pytest.mark.parametrize("mark", ["°", "º"])
def test_signs_of_degrees_are_no_mojibake(town, helpers, mark):
    book = xlwt.Workbook(encoding="cp949")
    sheet = book.add_sheet("현황")
    for c, name in enumerate(["관리번호", "위도", "경도"]):
        sheet.write(0, c, name)
    for i in range(12):
        lon, lat = helpers.lonlat(100 + 70 * i, 500)
        for c, cell in enumerate([f"A-{i}", minutes(lat).replace("°", mark), minutes(lon).replace("°", mark)]):
            sheet.write(i + 1, c, cell)
    book.save(str(town.folder / "도분초.xls"))
    report = town.one(town.folder / "도분초.xls", layer="cctv")
    assert (report.accepted, report.unlocated, report.repaired) == (12, 0, {"degrees_minutes": 12})


def test_mojibake_full_of_signs_of_degrees_is_still_refused():
    text = "가로등이 있는 곳, 가람동 1가 12" * 20
    with pytest.raises(BadEncodingError):
        check_text(text.encode("cp949").decode("latin-1"), "표.csv")


@pytest.mark.parametrize(
    "form", ["N{lat}|E{lon}", "{lat}°|{lon}°", "북위 {lat}|동경 {lon}", "{lat} N|{lon} E", "{lat}도|{lon}도"]
)
def test_degrees_with_their_signs(town, helpers, form):
    lon, lat = helpers.lonlat(500, 500)
    path = town.csv("내.csv", ["이름", "위도", "경도"], [["가", *form.format(lat=lat, lon=lon).split("|")]])
    report = town.one(path, layer="cctv")
    assert (report.accepted, report.repaired) == (1, {"degree_signs": 1})
    point = town.store.read("cctv")["geometry"][0]
    assert (point.x - helpers.X0, point.y - helpers.Y0) == pytest.approx((500, 500), abs=0.01)


@pytest.mark.parametrize("ending", [".xls", ".xlsx", ".ods"])
@pytest.mark.parametrize("encoding", ["cp949", "utf-8-sig"])
def test_a_text_that_is_called_a_workbook(town, helpers, ending, encoding):
    lon, lat = helpers.lonlat(500, 500)
    path = town.csv(f"표{ending}", ["이름", "위도", "경도"], [["가람동 앞", lat, lon]], encoding=encoding)
    assert town.one(path, layer="cctv").accepted == 1


def test_a_workbook_that_is_damaged_is_no_text(town):
    with pytest.raises(UnreadableFileError, match="손상되었습니다"):
        town.one(town.file("표.xlsx", b"\x01\x02\x03\x04" * 100), layer="cctv")


def test_an_empty_file_among_others_is_named_and_does_not_stop_them(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    with zipfile.ZipFile(town.folder / "묶음.zip", "w") as archive:
        archive.writestr("빈.csv", "")
        archive.writestr("표.csv", helpers.csv_text(["이름", "위도", "경도"], [["가", lat, lon]]))
    empty, full = town.load(town.folder / "묶음.zip", layer="cctv")
    assert (empty.note, full.accepted) == ("skipped: 빈 파일입니다", 1)
    with pytest.raises(UnreadableFileError, match="빈 파일"):
        town.one(town.file("빈.csv", ""), layer="cctv")  # named itself, it was meant


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (("세로", "가로"), 'lat="세로" --column lon="가로"'),
        (("북쪽값", "동쪽값"), 'lat="북쪽값" --column lon="동쪽값"'),
    ],
)
def test_coordinates_under_names_nobody_knows_are_said(town, helpers, names, asked):
    lon, lat = helpers.lonlat(500, 500)
    rows = [["가", "서울특별시 관악구 가람동 1", lat, lon], ["나", "서울특별시 관악구 가람동 2", lat, lon]]
    path = town.csv("내.csv", ["이름", "주소", *names], rows)
    report = town.one(path, layer="cctv")
    assert (report.accepted, report.unlocated) == (2, 2)
    assert f"--column {asked}" in report.note
    columns = dict(zip(("lat", "lon"), names, strict=True))
    assert town.one(path, layer="cctv", columns=columns, confirm=True).unlocated == 0


def test_numbers_that_are_no_coordinates_are_not_said_to_be(town):
    rows = [["가", "서울특별시 관악구 가람동 1", 36, "02-1234"], ["나", "서울특별시 관악구 가람동 2", 35, "02-1235"]]
    assert (
        "unused_coordinates"
        not in town.one(town.csv("내.csv", ["이름", "주소", "나이", "전화"], rows), layer="cctv").note
    )


def test_full_width_digits_and_hard_blanks_are_no_mojibake(town, helpers):
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    rows = []
    for i in range(20):
        lon, lat = helpers.lonlat(40 * i, 500)
        rows.append([f"a{i}", f"\u00a0{lat:.6f}".translate(wide), f"{lon:.6f}\u3000".translate(wide)])
    assert town.one(town.csv("내.csv", ["이름", "위도", "경도"], rows), layer="cctv").unlocated == 0


def test_an_apostrophe_before_a_number(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    path = town.csv("내.csv", ["이름", "위도", "경도", "대수"], [["가", f"'{lat}", f"'{lon}", "'3"]])
    report = town.one(path, layer="cctv")
    assert (report.accepted, report.unlocated, report.devices) == (1, 0, 3)


@pytest.mark.parametrize(
    "form", ["위도: {lat}, 경도: {lon}", "경도 {lon} / 위도 {lat}", "lat={lat}; lng={lon}", "N{lat} E{lon}"]
)
def test_a_pair_with_words_round_its_numbers(town, helpers, form):
    lon, lat = helpers.lonlat(500, 500)
    rows = [["가", form.format(lat=f"{lat:.7f}", lon=f"{lon:.7f}")]]
    assert town.one(town.csv("내.csv", ["이름", "좌표"], rows), layer="cctv").unlocated == 0


@pytest.mark.parametrize("name", ["표.jsonl", "표.ndjson", "표.json"])
def test_json_of_one_object_a_line(town, helpers, name):
    lines = []
    for i in range(3):
        lon, lat = helpers.lonlat(100 * i, 500)
        lines.append(json.dumps({"이름": f"가{i}", "위도": lat, "경도": lon}, ensure_ascii=False))
    assert town.one(town.file(name, "\n".join(lines)), layer="cctv").accepted == 3
    with pytest.raises(UnreadableFileError, match="JSON"):
        town.one(town.file(name, "\n".join([*lines, '{"이름": "가'])), layer="cctv")


def test_metres_along_and_across(town, helpers):
    x, y = helpers.X0 + 500, helpers.Y0 + 500
    path = town.csv("내.csv", ["이름", "종좌표", "횡좌표"], [["가", f"{y:.2f}", f"{x:.2f}"]])
    assert town.one(path, layer="cctv", crs="EPSG:5179").unlocated == 0
