"""Whose rows are whose: editions of one dataset, rows of no district, a planner's own files, in any order."""

from itertools import permutations

import pytest

from layers.importing.errors import NothingAcceptedError, OlderDataError, SameDataTwiceError
from layers.importing.identity import edition_name

GURO = "서울특별시 구로구 항동 1"


def gwanak(helpers, n, date="2025-06-30", stem="관악"):
    return [helpers.lamp(f"{stem}{i}", 10 + i, 10, 데이터기준일자=date) for i in range(n)]


def guro(helpers, n, date="2025-06-30", stem="구로"):
    return [
        helpers.lamp(f"{stem}{i}", 10 + i, 1500, address=GURO, 데이터기준일자=date, 관리기관명="구로구청")
        for i in range(n)
    ]


def nowhere(helpers, *names, date="2025-06-30"):
    """Rows that nothing places: no coordinates, no address, no office."""
    return [helpers.lamp(n, lat="", lon="", address="", 관리기관명="", 데이터기준일자=date) for n in names]


def names(town, layer="security_light"):
    return sorted(town.store.read(layer)["name"])


def same_again(town, *paths, **options):
    """The same command once more writes nothing."""
    before, version = town.content(), town.store.version()
    reports = town.load(*paths, **options)
    assert town.store.version() == version
    assert town.content() == before
    assert all(r.unchanged for r in reports if not r.note.startswith("skipped"))


# ---------------------------------------------------------------- editions


def test_a_folder_of_two_editions_imported_twice(town, helpers):
    old = town.lamps(gwanak(helpers, 5, "2024-06-30"), name="보안등_2024.csv")
    new = town.lamps(gwanak(helpers, 6, "2025-06-30"), name="보안등_2025.csv")
    first = town.load(old, new)
    assert len(names(town)) == 6
    assert [(r.accepted, r.unchanged) for r in first] == [(5, True), (6, False)]
    assert first[0].note == "superseded: 모두 더 새로운 보안등_2025.csv의 자료를 씁니다"
    same_again(town, old, new)
    same_again(town, new, old)
    with pytest.raises(OlderDataError):  # alone, it is still refused
        town.load(old)


def test_an_edition_replaced_in_part_keeps_the_rest(town, helpers):
    both = town.lamps([*gwanak(helpers, 5, "2024-06-30"), *guro(helpers, 4, "2024-06-30")], name="시.csv")
    one = town.lamps(gwanak(helpers, 6, "2025-06-30", "새"), name="구.csv")
    r = town.load(both, one, confirm=True)[0]
    assert "11620 더 새로운 구.csv" in r.note
    assert not r.unchanged
    assert names(town) == sorted([*(f"새{i}" for i in range(6)), *(f"구로{i}" for i in range(4))])
    same_again(town, both, one)
    same_again(town, one, both)
    assert {(r.file, r.districts) for r in town.store.imports()[1:]} == {
        ("시.csv", ("11530",)),
        ("구.csv", ("11620",)),
    }


def test_any_order_and_grouping_gives_the_same_store(helpers, tmp_path):
    """Where the guards allow it: one by one the older may not come after the newer."""
    contents = {}
    files = ["시", "구", "다른"]
    rows = {
        "시": [*gwanak(helpers, 3, "2024-01-01"), *guro(helpers, 3, "2024-01-01"), *nowhere(helpers, "시?")],
        "구": [*gwanak(helpers, 4, "2025-01-01", "새"), *nowhere(helpers, "구?")],
        "다른": nowhere(helpers, "다른?"),
    }
    for number, order in enumerate([*permutations(files), "하나씩"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        town = helpers.Town(folder)
        town.load(town.boundaries)
        paths = {name: town.lamps(rows[name], name=f"{name}.csv") for name in files}
        if order == "하나씩":
            for name in files:
                town.load(paths[name], confirm=True)
        else:
            town.load(*(paths[name] for name in order), confirm=True)
            same_again(town, *(paths[name] for name in files))
        contents[order] = town.content()
    first = contents["하나씩"]
    assert all(content == first for content in contents.values())
    assert len(first["security_light"]) == 3 + 1 + 4 + 1 + 1


def test_a_stored_file_is_not_lost_to_another_of_the_command(town, helpers):
    stored = town.lamps(gwanak(helpers, 5), name="가.csv")
    town.load(stored)
    other = town.lamps(gwanak(helpers, 6), name="나.csv")
    with pytest.raises(SameDataTwiceError, match=r"가\.csv, 나\.csv"):
        town.load(stored, other)
    older = town.lamps(gwanak(helpers, 6, "2023-01-01"), name="다.csv")
    assert [r.unchanged for r in town.load(stored, older)] == [True, True]
    assert len(names(town)) == 5


def test_two_older_ones_of_the_same_date_lose_to_the_newest(town, helpers):
    a = town.lamps(gwanak(helpers, 5, "2024-01-01"), name="가.csv")
    b = town.lamps(gwanak(helpers, 6, "2024-01-01"), name="나.csv")
    c = town.lamps(gwanak(helpers, 7, "2025-01-01"), name="다.csv")
    town.load(a, b, c)
    assert len(names(town)) == 7


# ---------------------------------------------------------------- rows of no district


@pytest.mark.parametrize("together", [True, False])
def test_rows_of_no_district_stay_with_their_file(town, helpers, together):
    a = town.lamps([*gwanak(helpers, 3), *nowhere(helpers, "가?")], name="가.csv")
    b = town.lamps([*guro(helpers, 3), *nowhere(helpers, "나?", "나??")], name="나.csv")
    for paths in [(a, b)] if together else [(a,), (b,)]:
        town.load(*paths)
    assert [name for name in names(town) if "?" in name] == ["가?", "나?", "나??"]
    same_again(town, a, b)
    newer = town.lamps([*gwanak(helpers, 3, "2025-09-01"), *nowhere(helpers, "새?")], name="가의 다음.csv")
    town.load(newer)
    assert [name for name in names(town) if "?" in name] == ["나?", "나??", "새?"]
    assert town.store.read("security_light")["key"].is_unique


def test_files_of_nothing_but_rows_of_no_district(town, helpers):
    a = town.lamps(nowhere(helpers, "가?"), name="목록_20250101.csv")
    b = town.lamps(nowhere(helpers, "나?"), name="다른 목록.csv")
    town.load(a, b)
    assert names(town) == ["가?", "나?"]
    same_again(town, a, b)
    town.load(town.lamps(nowhere(helpers, "새 가?", date="2025-09-01"), name="목록_20250901.csv"))
    assert names(town) == ["나?", "새 가?"]


def test_a_few_strays_do_not_change_what_a_file_is_about(town, helpers):
    old = [*gwanak(helpers, 20), *guro(helpers, 1), *nowhere(helpers, "옛?")]
    town.load(town.lamps(old, name="가.csv"))
    new = [*gwanak(helpers, 20, "2025-09-01"), *nowhere(helpers, "새?")]
    town.load(town.lamps(new, name="나.csv"))
    assert [name for name in names(town) if "?" in name] == ["새?"]


# ---------------------------------------------------------------- a planner's own files


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("cctv_20251223.csv", "cctv"), ("CCTV 2024-05.xlsx", "cctv"), ("2024년 5월 cctv.csv", "cctv"),
        ("cctv (1).csv", "cctv"), ("cctv - 복사본.csv", "cctv"), ("cctv_251223.csv", "cctv"),
        ("2024.csv", ""), ("관악구_cctv.csv", "관악구_cctv"), ("관악구 cctv(2025.12.23).csv", "관악구_cctv"),
        ("11620_cctv.csv", "11620_cctv"), ("12_04_09_E.csv", "12_04_09_e"),
    ],
)  # fmt: skip
def test_edition_names(file, name):
    assert edition_name(file) == name


def own(town, helpers, name, *rows, date="2025-06-30"):
    header = ["시설명", "위도", "경도", "기준일자"]
    return town.csv(name, header, [[n, *reversed(helpers.lonlat(east, 100)), date] for n, east in rows])


def test_own_files_add_up_and_their_editions_replace(town, helpers):
    a = own(town, helpers, "파출소_2024.csv", ("가", 100))
    b = own(town, helpers, "지구대.csv", ("나", 200))
    r = town.load(a, b, layer="police_box")
    assert [one.dataset for one in r] == ["own_police_box/파출소", "own_police_box/지구대"]
    assert all("own_dataset" in one.note for one in r)
    assert names(town, "police_box") == ["가", "나"]
    same_again(town, a, b, layer="police_box")
    town.load(own(town, helpers, "파출소_2025.csv", ("다", 300), date="2025-09-01"), layer="police_box", confirm=True)
    assert names(town, "police_box") == ["나", "다"]


def test_an_own_file_under_another_name_is_the_same(town, helpers):
    town.load(own(town, helpers, "파출소.csv", ("가", 100)), layer="police_box")
    copy = own(town, helpers, "이름 바꾼 것.csv", ("가", 100))
    r = town.one(copy, layer="police_box")
    assert (r.unchanged, r.dataset) == (True, "own_police_box/파출소")
    assert names(town, "police_box") == ["가"]


# ---------------------------------------------------------------- nothing accepted


def test_a_named_file_without_one_accepted_row_is_refused(town, helpers):
    header = ["시설명", "X좌표", "Y좌표"]
    path = town.csv("센터.csv", header, [["가", "190000", "540000"], ["나", "190100", "540000"]])
    good = town.lamps(gwanak(helpers, 3))
    with pytest.raises(NothingAcceptedError, match=r"센터\.csv: 2행.*경계에서.*2행.*--crs"):
        town.load(path, good, layer="police_box", crs="EPSG:5187")
    assert town.store.version() == 1


def test_another_citys_file_in_a_folder_is_skipped_with_a_note(town, helpers):
    (town.folder / "자료").mkdir()
    town.lamps(gwanak(helpers, 3), name="자료/관악.csv")
    town.lamps([helpers.lamp("부산", lat="35.18", lon="129.07")], name="자료/부산.csv")
    found = {r.file: r for r in town.load(town.folder / "자료")}
    assert found["부산.csv"].note.startswith("skipped: 모든 행이 경계에서 1 km")
    assert found["부산.csv"].reasons == {"outside": 1}
    assert len(names(town)) == 3
    same_again(town, town.folder / "자료")
    (town.folder / "자료" / "관악.csv").unlink()
    with pytest.raises(NothingAcceptedError, match=r"부산\.csv"):
        town.load(town.folder / "자료")


def test_a_wrong_crs_is_no_note_even_in_a_folder(town, helpers):
    (town.folder / "자료").mkdir()
    town.lamps(gwanak(helpers, 3), name="자료/관악.csv")
    town.csv("자료/센터.csv", ["시설명", "X좌표", "Y좌표"], [["가", "190000", "540000"]])
    with pytest.raises(NothingAcceptedError, match=r"센터\.csv"):
        town.load(town.folder / "자료", layer="police_box", crs="EPSG:5187")


def test_the_dead_alone_may_be_all_there_is(town, helpers):
    path = town.lamps([helpers.lamp("삭제")])
    with pytest.raises(NothingAcceptedError):
        town.load(path)
    assert town.one(path, complete_for=("11620",)).rejected == 1
    assert town.store.imports()[-1].complete_for == ("11620",)


def test_append_with_nothing_new_still_says_that_it_is_complete(town, helpers):
    path = town.lamps(gwanak(helpers, 3))
    town.load(path)
    assert not town.one(path, mode="append", complete_for=("11620",)).unchanged
    assert town.store.imports()[-1].complete_for == ("11620",)
    assert len(names(town)) == 3
    same_again(town, path, mode="append", complete_for=("11620",))
