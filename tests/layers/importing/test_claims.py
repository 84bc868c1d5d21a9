"""What a file may take from others: strays over a border, older districts, rows that would vanish."""

import pytest

from layers.importing.errors import OlderDataError, RowsVanishError

GURO = "서울특별시 구로구 항동 1"


def gwanak(helpers, n, date="2025-06-30", stem="관악"):
    return [helpers.lamp(f"{stem}{i}", 10 + i, 10, 데이터기준일자=date) for i in range(n)]


def guro(helpers, n, date="2025-06-30", stem="구로"):
    return [
        helpers.lamp(f"{stem}{i}", 10 + i, 1500, address=GURO, 데이터기준일자=date, 관리기관명="구로구청")
        for i in range(n)
    ]


def stored(town):
    return town.store.read("security_light").groupby("district").size().to_dict()


@pytest.mark.parametrize("how", ["together", "one, other", "other, one"])
def test_strays_do_not_drive_out_the_rows_of_their_district(town, helpers, how):
    """The neighbour's newer file names the district in two of its rows."""
    one = town.lamps(guro(helpers, 60, "2024-01-01"), name="구로.csv")
    other = town.lamps([*gwanak(helpers, 40), *guro(helpers, 2, stem="남의 구로")], name="관악.csv")
    for paths in {"together": [(one, other)], "one, other": [(one,), (other,)], "other, one": [(other,), (one,)]}[how]:
        notes = [r.note for r in town.load(*paths)]
    assert stored(town) == {"11530": 60, "11620": 40}
    if how != "other, one":
        assert "superseded: 11530" in notes[-1]
    version = town.store.version()
    assert all(r.unchanged for r in town.load(one, other))
    assert town.store.version() == version


def test_a_small_district_of_a_wide_file_is_no_stray_where_its_rows_are_all_there(town, helpers):
    one = town.lamps(guro(helpers, 3, "2024-01-01"), name="구로.csv")
    wide = town.lamps([*gwanak(helpers, 60), *guro(helpers, 4)], name="서울.csv")
    town.load(one)
    town.load(wide)
    assert stored(town) == {"11530": 4, "11620": 60}


@pytest.mark.parametrize("together", [True, False])
def test_rows_vanish_between_files_of_a_command_as_between_commands(town, helpers, together):
    old = town.lamps(gwanak(helpers, 20, "2024-01-01"), name="옛.csv")
    new = town.lamps(gwanak(helpers, 10, "2025-01-01"), name="새.csv")
    if not together:
        town.load(old)
    with pytest.raises(RowsVanishError, match=r"새\.csv: 저장된 20행이 10행으로.*11620"):
        town.load(*((old, new) if together else (new,)))
    town.load(old, new, confirm=True)
    assert stored(town) == {"11620": 10}


def test_a_handful_of_rows_is_guarded_too(town, helpers):
    town.load(town.lamps(gwanak(helpers, 9), name="가.csv"))
    with pytest.raises(RowsVanishError, match="9행이 사라집니다"):
        town.load(town.lamps(gwanak(helpers, 9, stem="다른"), name="나.csv"))
    one_gone = town.lamps([*gwanak(helpers, 8), *gwanak(helpers, 1, stem="다른")], name="다.csv")
    assert town.one(one_gone).accepted == 9  # one of nine may go


def test_what_one_district_gains_does_not_hide_what_another_loses(town, helpers):
    town.load(town.lamps([*gwanak(helpers, 9), *guro(helpers, 1)], name="가.csv"))
    with pytest.raises(RowsVanishError, match="11620"):
        town.load(town.lamps([*gwanak(helpers, 3), *guro(helpers, 12)], name="나.csv"))


@pytest.mark.parametrize("together", [True, False])
def test_a_wide_file_after_a_newer_one_of_a_district_leaves_that_alone(town, helpers, together):
    district = town.lamps(gwanak(helpers, 5, "2025-06-30"), name="구.csv")
    wide = town.lamps([*gwanak(helpers, 4, "2024-06-30"), *guro(helpers, 6, "2024-06-30")], name="시.csv")
    for paths in [(district, wide)] if together else [(district,), (wide,)]:
        last = town.load(*paths)[-1]
    assert "superseded: 11620" in last.note
    assert stored(town) == {"11530": 6, "11620": 5}
    version = town.store.version()
    assert town.one(wide).unchanged
    assert town.store.version() == version
    with pytest.raises(OlderDataError, match="11620"):
        town.load(town.lamps(gwanak(helpers, 5, "2024-06-30"), name="옛 구.csv"))
