"""The date of data: of several precisions, joined, and of what a judgement rests on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.dates import date_range, joined

DAY = st.dates(date(2019, 1, 1), date(2023, 12, 31)).map(str)
DATED = st.one_of(DAY, DAY.map(lambda day: day[:7]), DAY.map(lambda day: day[:4]), st.just(""))


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ([], ("", "")),
        (["", ""], ("", "")),
        (["2022-12", "2022-12-01"], ("2022-12", "2022-12")),  # one month, no range
        (["2022", "2022-05-01"], ("2022", "2022")),
        (["2021-03-01", "2022-12-05", "2022-12"], ("2021-03-01", "2022-12")),
        (["2022-11-30", "2022-12-01", ""], ("2022-11-30", "2022-12-01")),
    ],
)
def test_a_month_and_a_day_in_it_are_no_range(days, found):
    assert date_range(days) == found


def days_of(text):
    """Return the first and the last day that a date can mean."""
    return text + "-01-01"[len(text) - 4 :], text + "-12-31"[len(text) - 4 :]


@given(st.lists(DATED), st.lists(DATED))
def test_the_range_holds_every_day_that_a_date_can_mean(some, others):
    oldest, newest = date_range([*some, *others])
    known = [day for day in [*some, *others] if day]
    assert (oldest == "") == (newest == "") == (not known)
    for day in known:
        assert days_of(oldest)[0] <= days_of(day)[0]
        assert days_of(day)[1] <= days_of(newest)[1]
    assert joined([date_range(some), date_range(others)]) == (oldest, newest)
