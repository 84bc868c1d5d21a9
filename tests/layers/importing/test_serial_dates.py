"""Dates that Excel stored as numbers."""


def test_serial_numbers_in_columns_of_dates(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["이름", "위도", "경도", "설치일자", "데이터기준일자", "수량"]
    rows = [
        ["가", lat, lon, "43525", "45473", "2"],  # 2019-03-01, 2024-06-30 in Excel
        ["나", lat, lon, "2020", "2024-06-30", "20001"],
        ["다", lat, lon, "202005", "45473.0", "1"],
        ["라", lat, lon, "12345", "", "1"],
    ]
    report = town.one(town.csv("우리.csv", header, rows), layer="cctv")
    assert report.repaired == {"excel_serial": 3}
    assert report.devices == 20005
    stored = town.store.read("cctv").set_index("name")
    assert stored["installed"].to_dict() == {"가": "2019-03-01", "나": "2020", "다": "2020-05", "라": ""}
    assert stored["data_date"].to_dict() == {"가": "2024-06-30", "나": "2024-06-30", "다": "2024-06-30", "라": ""}


def test_files_without_serial_numbers_are_left_alone(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    report = town.one(
        town.csv("우리.csv", ["이름", "위도", "경도", "설치일"], [["가", lat, lon, "2020"]]), layer="cctv"
    )
    assert report.repaired == {}
