"""Three workbooks as offices really keep them: each loads with at most two options, every device on its place."""

from datetime import datetime

import numpy as np
import pyproj
import pytest
from openpyxl import Workbook

PLACES = [(150.0 + 140 * i, 200.0 + 110 * i) for i in range(12)]  # metres from the town's corner
ADDRESS = "서울특별시 관악구 가람동 {}"


@pytest.fixture
def sheet():
    workbook = Workbook()
    return workbook, workbook.active


def placed(town, layer, helpers):
    """Metres from the town's corner of what is stored, in the order of their names."""
    rows = town.store.read(layer).sort_values("name")
    return [None if g is None else (g.x - helpers.X0, g.y - helpers.Y0) for g in rows["geometry"]]


def test_a_printed_list_of_cameras(town, helpers, sheet):
    """Title, merged two-row header, a column for the eye only, counts with units, a blank row, a total."""
    workbook, ws = sheet
    ws.append(["관악구 방범용 CCTV 설치 현황 (2025. 6. 30. 기준)"])
    ws.merge_cells("A1:H1")
    ws.append([])
    ws.append(["연번", "관리번호", None, "설치장소", "좌표", None, "카메라\n대수", "비고"])
    ws.append([None, None, None, None, "위도", "경도", None, None])
    for column in "ABDGH":
        ws.merge_cells(f"{column}3:{column}4")
    ws.merge_cells("E3:F3")
    for i, (east, north) in enumerate(PLACES[:5]):
        lon, lat = helpers.lonlat(east, north)
        ws.append([i + 1, f"A{i:03d}", None, ADDRESS.format(i), lat, lon, f"{i + 1}대", None])
    ws.append([])
    ws.append(["합계", None, None, None, None, None, "15대", None])
    workbook.save(town.folder / "CCTV 현황(최종_진짜최종).xlsx")

    report = town.one(town.folder / "CCTV 현황(최종_진짜최종).xlsx", layer="cctv", columns={"name": "관리번호"})

    assert (report.read, report.accepted, report.devices) == (report.accepted + report.rejected, 5, 15)
    assert report.reasons == {"total_row": 1}
    np.testing.assert_allclose(placed(town, "cctv", helpers), PLACES[:5], atol=0.01)


def test_a_list_of_refuges_with_its_axes_exchanged(town, helpers, sheet):
    """A cover sheet, north in the column of longitudes, dates, hours in words, a row without a place."""
    workbook, ws = sheet
    ws.title = "안내"
    ws.append(["작성: 여성가족과"])
    ws = workbook.create_sheet("지킴이집")
    ws.append(["점포명", "도로명주소", "위도", "경도", "운영시간", "지정일"])
    for i, (east, north) in enumerate(PLACES[:4]):
        lon, lat = helpers.lonlat(east, north)
        ws.append([f"점포{i}", ADDRESS.format(i), lon, lat, "24시간", datetime(2024, 3, 1 + i)])  # noqa: DTZ001 - a cell
    ws.append(["점포9", ADDRESS.format(9), None, None, "09:00~18:00", None])
    workbook.save(town.folder / "지킴이집.xlsx")

    report = next(r for r in town.load(town.folder / "지킴이집.xlsx", layer="safe_house") if r.read)

    assert (report.read, report.accepted, report.unlocated) == (5, 5, 1)
    assert report.repaired["swapped_axes"] == 4
    *found, nowhere = placed(town, "safe_house", helpers)
    np.testing.assert_allclose(found, PLACES[:4], atol=0.01)
    assert nowhere is None
    assert set(town.store.read("safe_house")["hours"]) == {"24/7", "09:00-18:00"}


def test_a_survey_of_lamps_in_unlabelled_metres(town, helpers, sheet):
    """X and Y of a system nobody wrote down, numbers kept as text with separators, an empty sheet behind."""
    workbook, ws = sheet
    workbook.create_sheet("Sheet2")
    to_central = pyproj.Transformer.from_crs(5179, 5186, always_xy=True)
    ws.append(["번호", "자치구", "X좌표", "Y좌표", "등수"])
    for i, (east, north) in enumerate(PLACES):
        x, y = to_central.transform(helpers.X0 + east, helpers.Y0 + north)
        gu = "관악구" if north < 1000 else "구로구"
        ws.append([f"L{i:02d}", gu, f"{x:,.2f}", f"{y:,.2f}", 1])
    workbook.save(town.folder / "조사.xlsx")

    report = next(
        r for r in town.load(town.folder / "조사.xlsx", layer="security_light", columns={"name": "번호"}) if r.read
    )

    assert (report.read, report.accepted) == (12, 12)
    assert (report.crs, report.crs_score) == ("EPSG:5186", 1.0)
    np.testing.assert_allclose(placed(town, "security_light", helpers), PLACES, atol=0.02)
