"""Ranges of dates that are not known equally well."""

import pytest

from maps.text import span


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (("2022-12", "2022-12-01"), "2022. 12."),
        (("2020-11-30", "2022-12"), "2020. 11. ~ 2022. 12."),
        (("2021", "2021-05-01"), "2021년"),
        (("2021-05-01", "2021-05-02"), "2021. 5. 1. ~ 2021. 5. 2."),
        (("", "2021"), "2021년"),
        (None, "기준일 모름"),
    ],
)
def test_both_ends_are_as_exact_as_the_vaguer(dates, said):
    assert span(dates) == said
