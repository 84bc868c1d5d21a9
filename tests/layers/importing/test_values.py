"""Dates, numbers, purposes, names, ages: every form that the reference lists."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.importing.attributes import attributes
from layers.importing.guards import is_older
from layers.importing.households import age_band, sex
from layers.importing.identity import row_keys
from layers.importing.names import FOREIGN, DistrictNames, DongNames, dong_plain, split_dongs
from layers.importing.surroundings import lived_in
from layers.importing.text import numbers, repeated
from layers.importing.values import counts, iso_date, purpose


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("202005", "2020-05"), ("2020-05", "2020-05"), ("20200501", "2020-05-01"), ("2021.0", "2021"), ("2021", "2021"),
        ("1900", ""),
        ("1905-07", ""),
        ("2020-5-1", "2020-05-01"),
        ("2020.05.01", "2020-05-01"),
        ("2020/5/1", "2020-05-01"),
        ("2025-12-01 10:20:30", "2025-12-01"), ("2025-12-01T10:20:30", "2025-12-01"), ("2020년 5월 1일", "2020-05-01"),
        ("2020년", "2020"), ("2020-13-01", ""), ("2020-02-30", ""), ("20201301", ""), ("", ""), ("-", ""), ("상시", ""),
        ("2025.12.", "2025-12"), ("20251201102030", "2025-12-01"), ("202005.0", "2020-05"), ("43952", ""),
    ],
)  # fmt: skip
def test_dates(text, iso):
    assert iso_date(text) == iso


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)))
def test_whole_dates_survive_any_writing(day):
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y/%m/%d", "%Y년 %m월 %d일"):
        assert iso_date(day.strftime(form)) == day.isoformat()


def test_older_by_the_part_both_have():
    assert is_older("2022-11", "2022-12-01")
    assert not is_older("2022-12", "2022-12-31")
    assert not is_older("2022", "2022-12-31")
    assert is_older("2021", "2022-01")


def test_numbers():
    found = numbers(
        pa.array(["1,234", "935 ", " 127.082000", "127. 08", "-", "79%", "", "nan", "1e3", "가", "-5", ".5"])
    )
    expected = [1234, 935, 127.082, 127.08, np.nan, np.nan, np.nan, np.nan, 1000, np.nan, -5, 0.5]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("blank", [" ", ".", "년"])
def test_a_long_cell_that_is_no_date_is_soon_known(blank):
    assert iso_date("2020" + blank * 100_000 + "x") == ""
    assert iso_date("2020" + " " * 100_000 + "05") == "2020-05"


def test_counts():
    found, bad = counts(pa.array(["3", "", "-", "1,200", "0", "-2", "여섯", "2.0", "9999999"]))
    assert found.tolist() == [3, 1, 1, 1200, 0, 1, 1, 2, 1]
    assert np.flatnonzero(bad).tolist() == [5, 6, 8]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("생활방범", "생활방범"),
        ("방범용", "생활방범"),
        ("어린이보호", "어린이보호"),
        ("어린이 보호구역", "어린이보호"),
        ("시설물관리", "시설방범"),
        ("공원", "공원"),
        ("불법주정차 단속", "주차"),
        ("쓰레기단속", "무단투기"),
        ("교통단속", "교통단속"),
        ("교통정보수집", "교통단속"),
        ("산불감시", "산불"),
        ("재난재해", "재난"),
        ("체험용", "체험"),
        ("철거(생활방범)", "철거"),
        ("생활방범+불법주정차", "생활방범"),
        ("방범·쓰레기투기", "생활방범"),
        ("시설방범 및 교통", "시설방범"),
        ("다목적", "다목적"),
        ("기타", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_purposes(text, name):
    assert purpose(text) == name


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("20", (20, 24)),
        ("20.0", (20, 24)),
        ("20~24세", (20, 24)),
        ("20-24", (20, 24)),
        ("85세 이상", (85, 200)),
        ("85+", (85, 200)),
        ("20대", (20, 29)), ("20세 미만", (0, 19)), ("", (-1, -1)), ("미상", (-1, -1)),
    ],
)  # fmt: skip
def test_ages(text, band):
    assert age_band(text) == band


def test_sexes():
    assert [sex(t) for t in ("1", "2", "남", "여자", "1.0", "M", "female", "", "3")] == [
        "male", "female", "male", "female", "male", "male", "female", "", "",
    ]  # fmt: skip


def test_dong_text():
    assert split_dongs("화곡1·8동") == ["화곡1동", "화곡8동"]
    assert split_dongs("화곡1,8동") == ["화곡1동", "화곡8동"]
    assert split_dongs("종로1.2.3.4가동") == ["종로1가동", "종로2가동", "종로3가동", "종로4가동"]
    assert split_dongs("신림동, 서원동 및 대학동") == ["신림동", "서원동", "대학동"]
    assert split_dongs("논현1동") == ["논현1동"]
    assert dong_plain("종로1.2.3.4가동") == dong_plain("종로1·2·3·4가 동") == dong_plain("종로1ㆍ2ㆍ3ㆍ4가동")


DONGS = DongNames(
    {"1": "1"},
    {("11", dong_plain("종로1·2가동")): "a", ("11", dong_plain("화곡1동")): "b", ("11", dong_plain("화곡8동")): "c"},
    {"a": "11", "b": "11", "c": "11"},
)


def test_a_dong_whose_own_name_is_a_list_is_one_dong():
    assert DONGS.text("11", "종로1.2가동") == ("a",)
    assert DONGS.text("11", "화곡1·8동") == ("b", "c")
    assert DONGS.text("11", "화곡1·2동") == ()  # not all of it resolves
    assert DONGS.text("12", "화곡1동") == ()


NAMES = DistrictNames.of([
    ("11140", "중구", "서울특별시", "1102052"), ("11740", "강동구", "서울특별시", "1125051"),
    ("11110", "종로구", "서울특별시", "1101053"), ("28110", "중구", "인천광역시", "2301051"),
    ("41111", "수원시 장안구", "경기도", "3101151"), ("52111", "전주시 완산구", "전북특별자치도", "3501151"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("종로구", "11110"),
        ("서울 종로구", "11110"),
        ("서울특별시 종로구청", "11110"),
        ("종로구청", "11110"),
        ("중구", ""),
        ("서울 중 구", "11140"),
        ("인천 중구", "28110"),
        ("인천광역시 중구 항동7가 1", "28110"),
        ("경기도 수원시 장안구 정자동", "41111"),
        ("수원시장안구", "41111"),
        ("부산광역시 중구", FOREIGN),
        ("전라북도 전주시 완산구", "52111"),
        ("전북 전주시 완산구", "52111"),
        ("답십리로81길 35", ""), ("", ""), ("서울특별시", ""), ("중구로 12", ""),
    ],
)  # fmt: skip
def test_districts_by_text(text, code):
    assert NAMES.text(text) == code


def test_districts_by_code():
    assert NAMES.code("11740") == "11740"
    assert NAMES.code("11250") == "11740"  # 강동구 at the statistical office
    assert NAMES.code("1114000000") == "11140"
    assert NAMES.code("11140.0") == "11140"
    assert NAMES.code("11110") == "11110"  # the ministry's 종로구, not the statistical office's
    assert NAMES.code("26110") == ""
    assert NAMES.code("종로") == ""


def test_uses_people_live_in():
    assert all(map(lived_in, ("단독주택", "공동주택(아파트)", "업무시설(오피스텔)", "", "기숙사", "미상")))
    assert not any(map(lived_in, ("교육연구시설", "공장", "제1종근린생활시설", "주차장", "창고시설")))


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=12)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=20))
def test_attributes_are_json_of_the_filled_cells(rows):
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(2)]
    found = attributes(['가 "나"', "b\\"], columns, len(rows)).to_pylist()
    expected = [{k: v for k, v in (('가 "나"', a), ("b\\", b)) if v} for a, b in rows]
    assert [json.loads(text) for text in found] == expected


@given(st.lists(TEXTS, max_size=30))
def test_repeats(texts):
    assert repeated(pa.array(texts, pa.string())).tolist() == [t in texts[:i] for i, t in enumerate(texts)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=1, max_size=12), st.randoms())
def test_keys_do_not_hang_on_the_order_of_rows(rows, random):
    def keys(of):
        names = pa.array([n for n, _ in of], pa.string())
        whole = pa.array([n + w for n, w in of], pa.string())
        blank = pa.array([""] * len(of), pa.string())
        return row_keys("d", blank, blank, [names], lambda: whole)

    shuffled = rows[:]
    random.shuffle(shuffled)
    ours, theirs = keys(rows), keys(shuffled)
    assert len(set(ours)) == len(ours)
    assert sorted(zip(rows, ours, strict=True)) == sorted(zip(shuffled, theirs, strict=True))
    assert all(len(key) == 16 for key in ours)


def test_keys_stay_the_same():
    """A stored key must be found again by the next release."""
    blank = pa.array(["", ""], pa.string())
    found = row_keys("d", pa.array(["11620", "11620"]), pa.array(["A1", ""]), [pa.array(["등", "등"])], lambda: blank)
    assert found == ["d52608103cca2795", "f54283828a4aea7b"]
