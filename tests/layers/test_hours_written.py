"""What Korean files write of hours, and what it means in the syntax of opening_hours."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import validate

from layers.hours import (
    SEOUL,
    hours_from_columns,
    is_open,
    to_opening_hours,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("21:00~익일 02:30", "21:00-02:30"),
        ("21:00~익일02:30", "21:00-02:30"),
        ("21:00 ~ 다음날 02:30", "21:00-02:30"),
        ("22:00~26:00", "22:00-02:00"),
        ("22:00 ∼ 02:30", "22:00-02:30"),
        ("22:00~02:30", "22:00-02:30"),
        ("22:00–02:30", "22:00-02:30"),
        ("2200~0230", "22:00-02:30"),
        ("22:00~00:00", "22:00-24:00"),
        ("22시~02시", "22:00-02:00"),
        ("22시30분부터 2시까지", "22:30-02:00"),
        ("9~18", "09:00-18:00"),
        ("22-24", "22:00-24:00"),
        ("06시~09시 반", "06:00-09:30"),
        ("오후 10시~오전 2시", "22:00-02:00"),
        ("오후 10시~익일 2시", "22:00-02:00"),
        ("밤 10시 ~ 새벽 2시", "22:00-02:00"),
        ("밤 12시~새벽 4시", "00:00-04:00"),
        ("정오~자정", "12:00-24:00"),
        ("자정~06:00", "00:00-06:00"),
        ("18:00~익일 18:00", "18:00-42:00"),
        ("월-금 22:00~01:00", "Mo-Fr 22:00-01:00"),
        ("월~금 22:00~01:00", "Mo-Fr 22:00-01:00"),
        ("월요일~금요일 22:00~01:00", "Mo-Fr 22:00-01:00"),
        ("월·수·금 22:00~24:00", "Mo,We,Fr 22:00-24:00"),
        ("화목 22:00~24:00", "Tu,Th 22:00-24:00"),
        ("일~목 22:00~01:00", "Mo-Th,Su 22:00-01:00"),
        ("월~일 22:00~01:00", "22:00-01:00"),
        ("토 22:00~24:00", "Sa 22:00-24:00"),
        ("주말 10시~18시", "Sa,Su 10:00-18:00"),
        ("공휴일 10:00-17:00", "PH 10:00-17:00"),
        ("매일 22:00~02:30", "22:00-02:30"),
        ("평일 09:00~18:00", "Mo-Fr 09:00-18:00; PH off"),
        ("평일: 09:00~18:00, 공휴일 10:00~12:00", "Mo-Fr 09:00-18:00; PH 10:00-12:00"),
        ("평일 09:00~18:00, 토·일·공휴일 휴무", "Mo-Fr 09:00-18:00; Sa,Su,PH off"),
        ("매일 09:00~18:00 / 토 09:00~13:00", "09:00-18:00; Sa 09:00-13:00"),
        ("공휴일 휴무, 매일 09:00~18:00", "09:00-18:00; PH off"),
        ("월 22-24, 화-금 22-01", "Mo 22:00-24:00; Tu-Fr 22:00-01:00"),
        ("월~금 09:00~12:00, 13:00~18:00", "Mo-Fr 09:00-12:00,13:00-18:00"),
        ("월~금(공휴일 제외) 22:00~02:00", "Mo-Fr 22:00-02:00; PH off"),
        ("월~금, 공휴일 제외 22:00~02:00", "Mo-Fr 22:00-02:00; PH off"),
        ("22:00~02:00 (토·일·공휴일 제외)", "22:00-02:00; Sa,Su,PH off"),
        ("22:00~02:00 (월~금)", "Mo-Fr 22:00-02:00"),
        ("운영시간 : 21:00~익일 02:30", "21:00-02:30"),
        ("24시간", "24/7"),
        ("24시", "24/7"),
        ("24H", "24/7"),
        ("24/7", "24/7"),
        ("연중무휴 24시간", "24/7"),
        ("24시간(연중무휴)", "24/7"),
        ("00:00~24:00", "24/7"),
        ("00:00~23:59", "24/7"),
        ("평일 24시간", "Mo-Fr 00:00-24:00; PH off"),
        ("휴무", "off"),
        ("일요일 휴무", "unknown; Su off"),
    ],
)
def test_what_korean_files_write(text, expected):
    assert to_opening_hours(text) == expected
    assert validate(expected)


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr 22:00-01:00",
        "Mo-Fr 22:00-01:00; PH off",
        "Jan-Feb Mo-Fr 22:00-24:00",
        "PH,Sa 10:00-12:00",
        "sunset-sunrise",
        "off",
        "24/7; PH off",
    ],
)
def test_opening_hours_syntax_passes_through(text):
    assert to_opening_hours(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "-",
        "상시",
        "연중무휴",  # never shut, but when open?
        "야간",
        "별도 협의",
        "open",  # a status, though the package takes it as always open
        "2022",  # the package: the whole of 2022
        "2022-09-28",
        "2013~2015",
        "1",
        "22:00",
        "22:00~",
        "9~6",  # 06:00 or 18:00?
        "9:00~6:00",
        "10시~12시",
        "9시~오후 6시",
        "오후 9시~12시",
        "22:00~22:00",
        "00:00~00:00",
        "25:00~26:00",
        "22:60~23:00",
        "22:00~49:00",
        "09:00~익일 10:00",
        "1월~2월 22:00~24:00",
        "첫째주 월요일 휴무",
        "22:00~02:00 월~금, 토 휴무",  # are the weekdays off too?
        "22:00~02:00, 토 22:00~24:00",
        "월~수 09:00~18:00, 수~금 10:00~12:00",
        "월~금",
        "월~공휴일 09:00~18:00",
        "22:00~02:00 (하절기 제외)",
        "월~금 22:00~01:00 " * 20,
    ],
)
def test_what_has_no_single_reading_is_unknown(text):
    assert to_opening_hours(text) == ""
    assert is_open(to_opening_hours(text), at("2025-12-24T23:00")) is None


@given(st.text(alphabet="월화수목금토일평매주말공휴익무24시간분전후오~-:,;·()0123456789 ", max_size=40))
def test_every_text_gives_syntax_or_nothing_and_stays(text):
    hours = to_opening_hours(text)
    assert hours == "" or validate(hours)
    assert to_opening_hours(hours) == hours
    assert (is_open(hours, at("2025-12-24T23:00")) is None) or hours


@pytest.mark.parametrize(
    ("weekday", "saturday", "holiday", "expected"),
    [
        (("00:00", "23:59"), ("0000", "2400"), ("0", "24:00"), "24/7"),
        (("09:00", "18:00"), ("0900", "1800"), ("900", "1800"), "09:00-18:00"),
        (("0900", "2200"), ("10:00", "18:00"), ("휴무", ""), "Mo-Fr 09:00-22:00; Sa 10:00-18:00; Su,PH off"),
        (("09:00:00", "00:00"), ("", ""), ("", ""), "Mo-Fr 09:00-24:00; Sa unknown; Su,PH unknown"),
        (("22:00", "02:00"), ("00:00", "00:00"), ("x", "18:00"), "Mo-Fr 22:00-02:00; Sa unknown; Su,PH unknown"),
        (("", ""), ("", ""), ("", ""), ""),
        (("22", "24"), ("9", "9"), ("24:00", "01:00"), ""),  # 22 may be 00:22
        (("2200", "0260"), ("25:00", "26:00"), ("-", "-"), ""),
    ],
)
def test_columns_of_the_standard_files(weekday, saturday, holiday, expected):
    hours = hours_from_columns(weekday=weekday, saturday=saturday, holiday=holiday)
    assert hours == expected
    assert hours == "" or validate(hours)
    assert to_opening_hours(hours) == hours


def test_unknown_days_of_the_columns_are_unknown_not_closed():
    hours = hours_from_columns(weekday=("0900", "1800"), saturday=("", ""), holiday=("휴무", "휴무"))
    assert is_open(hours, at("2025-12-24T10:00")) is True
    assert is_open(hours, at("2025-12-24T20:00")) is False
    assert is_open(hours, at("2025-12-27T10:00")) is None  # Saturday
    assert is_open(hours, at("2025-12-28T10:00")) is False  # Sunday
    assert is_open(hours, at("2025-12-25T10:00")) is False  # holiday
