"""When something is open: hours, holidays, zones and moments."""

import itertools
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours, State, validate

from layers.hours import (
    SEOUL,
    BadTimeError,
    default_at,
    is_open,
    is_public_holiday,
    is_syntax,
    open_changes,
    parse_at,
)

ROOT = Path(__file__).parents[2]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-12-24T20:59:59", False),
        ("2025-12-24T21:00:00", True),
        ("2025-12-24T23:59:59", True),
        ("2025-12-25T00:00:00", True),
        ("2025-12-25T02:29:59", True),
        ("2025-12-25T02:30:00", False),
    ],
)
def test_midnight_and_the_opening_and_closing_minute(moment, expected):
    assert is_open("21:00-02:30", at(moment)) is expected


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        # Friday's night runs into Saturday, Sunday's does not exist.
        ("Mo-Fr 22:00-01:00", "2025-12-27T00:30", True),
        ("Mo-Fr 22:00-01:00", "2025-12-29T00:30", False),
        # A shift ends when it ends, whatever the next day's rule says.
        ("Mo-Th 22:00-02:00; Fr 22:00-03:00", "2025-12-26T00:30", True),
        ("Mo-Fr 22:00-01:00; PH off", "2025-12-25T00:30", True),
        ("Mo-Fr 22:00-01:00; PH off", "2025-12-25T23:00", False),
        # … and a night that did not begin has no tail.
        ("Mo-Fr 22:00-01:00; PH off", "2025-12-26T00:30", False),
        ("Mo 22:00-24:00; Tu-Fr 22:00-01:00", "2025-12-23T00:30", False),
        ("24/7; PH off", "2025-12-25T12:00", False),
        ("24/7", "2025-12-25T12:00", True),
        ("off", "2025-12-25T12:00", False),
        ("18:00-42:00", "2025-12-25T12:00", True),
        ("Sa-Mo 10:00-12:00", "2025-12-28T11:00", True),
        ("Sa-Mo 10:00-12:00", "2025-12-30T11:00", False),
        ("PH 10:00-12:00", "2025-12-25T11:00", True),
        ("PH 10:00-12:00", "2025-12-24T11:00", False),
        # Beyond a week: the package.
        ("Jan-Feb 22:00-24:00", "2025-12-24T23:00", False),
        ("Dec 22:00-24:00", "2025-12-24T23:00", True),
        ("Dec PH 22:00-24:00", "2025-12-24T23:00", False),
        ("Dec PH 22:00-24:00", "2025-12-25T23:00", None),  # the package may not know the holiday
        ("SH 22:00-24:00", "2025-12-24T23:00", None),
        ("unknown", "2025-12-24T23:00", None),
        ('"by appointment"', "2025-12-24T23:00", None),
        ("", "2025-12-24T23:00", None),
        ("  ", "2025-12-24T23:00", None),
        ("21:00~02:30", "2025-12-24T23:00", None),
        ("<script>", "2025-12-24T23:00", None),
    ],
)
def test_open_closed_unknown(expression, moment, expected):
    assert is_open(expression, at(moment)) is expected


# 관공서의 공휴일에 관한 규정 and the government's announcements: New Year (설날) and 추석 with the days before
# and after, substitute days, elections and temporary holidays, year by year.
HOLIDAYS = {
    2022: "0101 0131 0201 0202 0301 0309 0505 0508 0601 0606 0815 0909 0910 0911 0912 1003 1009 1010 1225",
    2023: "0101 0121 0122 0123 0124 0301 0505 0527 0529 0606 0815 0928 0929 0930 1002 1003 1009 1225",
    2024: "0101 0209 0210 0211 0212 0301 0410 0505 0506 0515 0606 0815 0916 0917 0918 1001 1003 1009 1225",
    2025: "0101 0127 0128 0129 0130 0301 0303 0505 0506 0603 0606 0815 1003 1005 1006 1007 1008 1009 1225",
}
# 2026 and 2027: the dates that stand by the calendar and the law of 2022; newer laws may add some.
HOLIDAYS_AT_LEAST = {
    2026: "0101 0216 0217 0218 0301 0302 0505 0524 0525 0603 0606 0815 0817 0924 0925 0926 1003 1005 1009 1225",
    2027: "0101 0206 0207 0208 0209 0301 0505 0513 0606 0815 0816 0914 0915 0916 1003 1004 1009 1011 1225 1227",
}


def days(year: int, text: str) -> set[date]:
    return {date(year, int(day[:2]), int(day[2:])) for day in text.split()}


def known(year: int) -> set[date]:
    year_days = (date(year, 1, 1) + timedelta(days=i) for i in range(366))
    return {day for day in year_days if day.year == year and is_public_holiday(day)}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_korean_holidays_are_known(year):
    assert known(year) == days(year, HOLIDAYS[year])


@pytest.mark.parametrize("year", HOLIDAYS_AT_LEAST)
def test_korean_holidays_to_come_are_known(year):
    assert known(year) >= days(year, HOLIDAYS_AT_LEAST[year])


def test_holidays_count_where_the_package_alone_would_miss_them():
    """추석 전날 2025 is a Sunday, the presidential election a Tuesday: both missing from opening_hours 2.1.4."""
    for moment in ("2025-10-05T12:00", "2025-06-03T12:00", "2025-01-27T12:00"):
        assert is_open("24/7; PH off", at(moment)) is False
        assert is_open("PH 10:00-14:00", at(moment)) is True


DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY_TEXT = st.one_of(
    st.just(""),
    st.sampled_from(DAYS),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).filter(lambda p: p[0] != p[1]).map("-".join),
    st.lists(st.sampled_from(DAYS), min_size=2, max_size=4, unique=True).map(",".join),
)
SPAN = (
    st.tuples(st.integers(0, 1439), st.integers(1, 1440))
    .filter(lambda s: s[0] < s[1])
    .map(lambda s: f"{s[0] // 60:02d}:{s[0] % 60:02d}-{s[1] // 60:02d}:{s[1] % 60:02d}")
)
RULE = st.tuples(DAY_TEXT, st.one_of(SPAN, st.sampled_from(("off", "unknown", "24/7")))).map(
    lambda r: " ".join(r).strip()
)


@given(st.lists(RULE, min_size=1, max_size=4), st.integers(0, 60 * 24 * 14))
def test_weekly_hours_agree_with_the_package_within_a_day(rules, minutes):
    """The package is the oracle where it is right: hours that do not cross midnight, no public holiday."""
    expression = "; ".join(rules)
    moment = at("2025-11-03T00:00") + timedelta(minutes=minutes)
    if not validate(expression):
        return
    state, _ = OpeningHours(expression, timezone=SEOUL).state(moment)
    expected = None if state == State.UNKNOWN else state == State.OPEN
    assert is_open(expression, moment) is expected


def test_a_moment_of_another_zone_is_converted():
    assert is_open("21:00-02:30", datetime(2025, 12, 24, 14, 0, tzinfo=UTC)) is True
    assert is_open("21:00-02:30", datetime(2025, 12, 24, 23, 0, tzinfo=UTC)) is False
    assert is_open("21:00-02:30", datetime(2025, 12, 24, 9, 0, tzinfo=ZoneInfo("America/New_York"))) is True
    assert is_open("Dec 21:00-24:00", datetime(2025, 12, 24, 23, 0, tzinfo=timezone(timedelta(hours=9)))) is True
    assert is_open("21:00-02:30", datetime(2025, 12, 24, 23, 0)) is True  # noqa: DTZ001 (naive is Asia/Seoul)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Seoul"])
def test_the_machines_clock_does_not_matter(zone):
    program = """
from datetime import date, datetime
from layers.hours import default_at, is_open, parse_at
print(is_open("21:00-02:30", datetime(2025, 12, 24, 21, 0)), is_open("21:00-02:30", datetime(2025, 12, 24, 20, 59)))
print(is_open("Dec 21:00-02:30", datetime(2025, 12, 24, 21, 0)))
print(is_open("24/7; PH off", datetime(2025, 12, 25, 0, 0)), is_open("24/7; PH off", datetime(2025, 12, 25, 23, 59)))
print(parse_at("2025-12-24T23:00").isoformat(), default_at(date(2025, 12, 25)).isoformat())
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    wednesday = "2025-12-24T23:00:00+09:00"
    assert run.stdout.split() == ["True", "False", "True", "False", "False", wednesday, wednesday]


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (date(2025, 12, 22), "2025-12-24T23:00:00+09:00"),  # Monday
        (date(2025, 12, 24), "2025-12-24T23:00:00+09:00"),
        (date(2025, 12, 28), "2025-12-24T23:00:00+09:00"),  # Sunday
        (date(2025, 12, 29), "2025-12-31T23:00:00+09:00"),
        (date(2026, 1, 1), "2025-12-31T23:00:00+09:00"),  # the week began last year
    ],
)
def test_default_is_wednesday_night_of_the_newest_data(newest, expected):
    assert default_at(newest).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-12-24T23:00", "2025-12-24T23:00:00+09:00"),
        (" 2025-12-24 23:00 ", "2025-12-24T23:00:00+09:00"),
        ("2025-12-24T23:00:30", "2025-12-24T23:00:30+09:00"),
        ("2025-12-24T14:00+00:00", "2025-12-24T23:00:00+09:00"),
        ("2025-12-24T14:00Z", "2025-12-24T23:00:00+09:00"),
    ],
)
def test_moments_are_read(text, expected):
    moment = parse_at(text)
    assert moment.isoformat() == expected
    assert is_open("22:00-24:00", moment) is True


@pytest.mark.parametrize("text", ["", "2025-12-24", "23:00", "2025-13-24T23:00", "어젯밤", "2025-12-24T25:00", "nan"])
def test_a_bad_moment_is_said_in_one_line(text):
    with pytest.raises(BadTimeError) as caught:
        parse_at(text)
    assert "\n" not in str(caught.value)
    assert "2025-12-24T23:00" in caught.value.hint


def test_syntax():
    assert is_syntax("Mo-Fr 22:00-01:00")
    assert not is_syntax(" ")
    assert not is_syntax("월-금")


CHANGING = [
    "", "24/7", "off", "unknown", "22:00-02:30", "18:00-42:00", "Mo-Fr 09:00-18:00; PH off",
    "Mo-Th 22:00-02:00; Fr 22:00-03:00",
    "Mo-Fr 09:00-12:00,13:00-18:00; Sa unknown; PH 10:00-12:00", "Su 23:59-24:00", "00:00-24:00", "no hours at all",
    'Mo-Fr sunrise-18:00; Sa 10:00-12:00 "by appointment"; PH off', "Apr-Sep 08:00-20:00; Oct-Mar 09:00-17:00",
    "SH off", "Feb 28-Mar 02 10:00-12:00, 20:00-23:00", "week 1-53/2 Fr 09:00-12:00",
]  # fmt: skip


@pytest.mark.parametrize("expression", CHANGING)
@pytest.mark.parametrize("first", [date(2026, 2, 27), date(2025, 9, 30)])  # 삼일절 on a Sunday; 추석
def test_changes_say_of_every_minute_what_is_open_says(expression, first):
    changes = open_changes(expression, first, 6)
    assert changes[0][0] == 0
    assert all(a[1] is not b[1] for a, b in itertools.pairwise(changes))
    start = datetime.combine(first, datetime.min.time(), SEOUL)
    state = dict(changes)
    now = None
    for minute in range(6 * 1440):
        now = state.get(minute, now)
        assert is_open(expression, start + timedelta(minutes=minute)) is now, minute
