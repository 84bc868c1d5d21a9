"""Pages of one file appended one after the other are the file."""

import itertools
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def said(town):
    rows = town.store.read("security_light")
    rows["geometry"] = [None if g is None else g.wkt for g in rows["geometry"]]
    return sorted(map(repr, rows.drop(columns=["key"]).itertuples(index=False))), sorted(rows["key"])


def fresh_town(helpers, folder):
    town = helpers.Town(Path(folder))
    town.load(town.boundaries)
    return town


def test_one_more_on_the_same_pole_is_not_lost(town, helpers):
    first, second = helpers.lamp("등", 10, 10), helpers.lamp("등", 10, 10, 설치형태="한전주")
    town.load(town.lamps([first], name="1쪽.csv"))
    r = town.one(town.lamps([second, helpers.lamp("다른", 20, 10), first], name="2쪽.csv"), mode="append")
    assert r.flagged["already_stored"] == 1
    rows = town.store.read("security_light")
    assert sorted(rows["name"]) == ["다른", "등", "등"]
    assert rows["key"].is_unique


ROWS = st.lists(
    st.tuples(st.sampled_from(["가", "나", ""]), st.integers(0, 1), st.sampled_from(["1", "2", "3"])),
    min_size=2, max_size=12,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 11), st.integers(1, 11))
def test_pages_are_the_whole_file(helpers, drawn, first, second):
    """Rows of equal content and other counts, on either side of a page's end, and exact repeats."""
    rows = [helpers.lamp(name, 10 + 5 * east, 10, 설치개수=count) for name, east, count in drawn]
    ends = sorted({0, min(first, len(rows)), min(second, len(rows)), len(rows)})
    pages = [rows[a:b] for a, b in itertools.pairwise(ends)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        whole, paged = fresh_town(helpers, one), fresh_town(helpers, other)
        whole.load(whole.lamps(rows))
        for number, page in enumerate(pages):
            paged.load(paged.lamps(page, name=f"{number}쪽.csv"), mode="append")
        assert said(paged) == said(whole)
