"""Files that cannot be imported by themselves, gathered beside the others; what names hint at; stated dates."""

from datetime import date

import pytest

from layers.catalog import load_catalog
from layers.importing import ImportOptions, import_files
from layers.importing.errors import BadOptionError, UnknownFormError
from layers.importing.suggest import is_date, suggested_date, suggested_layer
from tests.layers.importing.conftest import NOW

TODAY = date(2025, 11, 21)


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        ("안심이_CCTV_관악구.csv", "cctv"),
        ("방범 카메라 현황.xlsx[Sheet1]", "cctv"),
        ("서울특별시_광진구_보안등정보.csv", "security_light"),
        ("스마트보안등.csv", "smart_light"),  # the longer word, not the one within it
        ("02_서울특별시_가로등 위치 정보.csv", "streetlight"),
        ("무인택배보관함.csv", "locker"),
        ("여성안심지킴이집.csv", "safe_house"),
        ("안심편의점.csv", "safe_house"),
        ("편의점.csv", "address_point"),
        ("안전비상벨위치.csv", "emergency_bell"),
        ("파출소.csv", "police_box"),
        ("안심귀갓길.shp", "safe_route"),
        ("CCTV_보안등.csv", ""),  # two: none
        ("자료.csv", ""),
    ],
)
def test_a_name_suggests_a_layer(file, layer):
    assert suggested_layer(file, load_catalog()) == layer


@pytest.mark.parametrize(
    ("file", "day"),
    [
        ("보안등_20251120.csv", "2025-11-20"),
        ("보안등_2025-11.csv", "2025-11"),
        ("보안등 2025.1.3.csv", "2025-01-03"),
        ("2024년 5월 보안등.xlsx", "2024-05"),
        ("2024년 5월 7일.xlsx", "2024-05-07"),
        ("202405 보안등.csv", "2024-05"),
        ("구역_2023_전사.csv", "2023"),
        ("2022_보안등_20240101.csv", "2024-01-01"),
        ("보안등_20251122.csv", ""),  # tomorrow
        ("보안등_20240231.csv", ""),
        ("관리번호 12024051.csv", ""),
        ("CCTV 2000대.csv", ""),
        ("보안등 2000 개소.csv", ""),
        ("2024 대상지.csv", "2024"),
        ("cctv_2024_1.csv", "2024"),  # a month, or the first copy
        ("cctv_2024_1_3.csv", "2024"),
        ("cctv_2024_01.csv", "2024-01"),
        ("1949.csv", ""),
        ("보안등.csv", ""),
    ],
)
def test_a_name_may_hold_a_date(file, day):
    assert suggested_date(file, TODAY) == day


def test_dates_as_they_are_kept():
    assert [is_date(text) for text in ("2024", "2024-05", "2024-05-31")] == [True] * 3
    assert not any(map(is_date, ("2024-5", "2024-13", "2024-02-30", "20240501", "", "어제")))
    assert not any(map(is_date, ("0001", "1949-12", "２０２４", "٢٠٢٤")))


def looked_at(town, *paths, **said):
    """What an import of a folder would find, and what keeps files from it."""
    faults = []
    reports = import_files(paths, town.store, town.catalog, ImportOptions(**said), now=NOW, faults=faults)
    return {report.file: report for report in reports}, {fault.file: fault for fault in faults}


def bare(town, helpers, name, n=3):
    rows = "".join("{1:.6f},{0:.6f},{2}\n".format(*helpers.lonlat(300 + 10 * i, 300), i) for i in range(n))
    return town.file(name, f"위도,경도,수\n{rows}")


def test_faults_are_gathered_and_the_rest_goes_on(town, helpers):
    lamps, unknown = town.lamps([helpers.lamp()]), bare(town, helpers, "cctv 곳.csv")
    mojibake = town.file("깨짐.csv", "\ufffd\ufffd,\ufffd\n1,2\n")
    with pytest.raises(UnknownFormError, match="--layer cctv"):
        import_files([unknown, lamps], town.store, town.catalog, ImportOptions(), now=NOW)
    reports, faults = looked_at(town, unknown, lamps, mojibake)
    assert list(reports) == ["보안등.csv"]
    assert {file: fault.error.code for file, fault in faults.items()} == {
        "cctv 곳.csv": "unknown_form", "깨짐.csv": "bad_encoding",
    }  # fmt: skip
    assert faults["cctv 곳.csv"].header == ("위도", "경도", "수")
    assert [row[2] for row in faults["cctv 곳.csv"].sample] == ["0", "1", "2"]


def test_two_files_of_the_same_are_one_fault(town, helpers):
    first = town.lamps([helpers.lamp("가")])
    second = town.file("다른.csv", first.read_bytes().decode("utf-8-sig").replace("가", "나"))
    reports, faults = looked_at(town, first, second)
    assert (list(reports), list(faults)) == (["보안등.csv"], ["다른.csv"])
    assert faults["다른.csv"].error.code == "same_data_twice"


def test_files_set_aside_are_not_read(town, helpers):
    lamps, unknown = town.lamps([helpers.lamp()]), bare(town, helpers, "곳.csv")
    folder = lamps.parent
    reports, faults = looked_at(town, folder, leave_out=("곳.csv",))
    assert not faults
    assert reports["곳.csv"].skipped
    assert "빼 둔" in reports["곳.csv"].note
    assert reports["보안등.csv"].accepted == 1
    assert unknown.exists()


def test_a_stated_date_is_of_the_rows_that_say_none(town, helpers):
    rows = [
        helpers.lamp("가", 300),
        helpers.lamp("나", 400, 데이터기준일자=""),
        helpers.lamp("다", 500, 데이터기준일자="?"),
    ]
    report = town.one(town.lamps(rows), data_date="2024-03")
    assert report.data_date == "2025-06-30"
    stored = town.store.read("security_light").set_index("name")["data_date"]
    assert stored.to_dict() == {"가": "2025-06-30", "나": "2024-03", "다": ""}
    for wrong in ("2026-01-01", "어제", "0001", "1949-12-31"):
        with pytest.raises(BadOptionError, match=f"--data-date {wrong}: "):
            town.load(town.lamps(rows), data_date=wrong)


def test_a_file_stored_with_the_date_of_its_name_is_known_again(town, helpers):
    path = bare(town, helpers, "안심벨_2024-03.csv")
    first = town.one(path, layer="emergency_bell", data_date="2024-03")
    assert "2024-03" in first.note
    version = town.store.version()
    again = town.one(path, layer="emergency_bell")
    assert (again.unchanged, again.data_date, town.store.version()) == (True, "2024-03", version)


@pytest.mark.parametrize("said", [{"force": True}, {"data_date": ""}], ids=["forced", "said to be none"])
def test_a_date_once_stated_can_be_unstated(town, helpers, said):
    path = bare(town, helpers, "안심벨_2024-03.csv")
    town.one(path, layer="emergency_bell", data_date="2024-03")
    assert town.one(path, layer="emergency_bell").unchanged
    without = town.one(path, layer="emergency_bell", **said)
    assert (without.unchanged, without.data_date, without.note.count("stated_date")) == (False, "", 0)
    assert set(town.store.read("emergency_bell")["data_date"]) == {""}
    assert town.one(path, layer="emergency_bell").unchanged  # nothing more is known of a date


def test_what_is_forced_in_a_folder_keeps_its_date(town, helpers):
    """There it is another file that is forced."""
    path = bare(town, helpers, "안심벨_2024-03.csv")
    town.one(path, layer="emergency_bell", data_date="2024-03")
    town.boundaries.unlink()
    assert town.one(town.folder, layer="emergency_bell", force=True).unchanged
    assert set(town.store.read("emergency_bell")["data_date"]) == {"2024-03"}
