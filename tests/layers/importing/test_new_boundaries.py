"""Boundaries imported over others: what is stored follows, or the command says what is to be imported again."""

import pytest
import shapely

from layers.importing.errors import BoundariesOverlapError, OrphanedRowsError, RowsVanishError

HOUSEHOLDS = ["행정동코드", "자치구", "행정동명", "성별", "연령대", "1인가구수"]


def changed(helpers, **by_name):
    """The town's boundaries with other properties by dong name, None to leave a dong out."""
    found = []
    for one in helpers.boundary_features():
        name = one["properties"]["adm_nm"].split()[-1].replace("·", "")
        change = by_name.get(name, {})
        if change is not None:
            found.append({**one, "properties": one["properties"] | change})
    return found


def households(town, *rows, name="1인가구.csv"):
    return town.csv(name, HOUSEHOLDS, [[code, "", "", "1", "20", n] for code, n in rows])


def patrol(town, text):
    form = next(f for f in town.catalog.forms if f.layer == "patrol_zone" and "동(원문)" in str(f))
    header = [h.split("|")[0] for h in form.header]
    row = dict.fromkeys(header, "")
    row |= {form.columns["district"][0]: "관악구", form.columns["dong_name"][0]: text}
    return town.csv("순찰.csv", header, [list(row.values())])


@pytest.fixture
def full(town, helpers):
    """A town with a little of everything; ``files`` are what it was made of."""
    town.files = [
        town.lamps([
            helpers.lamp("가", 100, 100),
            helpers.lamp("나", 1500, 100),
            helpers.lamp("같은 곳", 300, 300),
            helpers.lamp("같은 곳", 300, 300, 설치연도="2020"),
            helpers.lamp("주소뿐", lat="", lon=""),
            helpers.lamp("밖", 2500, 100, address="", 관리기관명=""),
            helpers.lamp("남의 구", 100, 1500),
        ]),
        households(town, ("1121060", "5"), ("1162060200", "7"), ("1117073", "9")),
        patrol(town, "가람동"),
        town.geojson("숲.geojson", [helpers.feature({"구역종류": "safe_zone"}, helpers.square(0, 0, 300))]),
    ]  # fmt: skip
    town.load(*town.files)
    return town


def fresh(town, helpers, boundaries, folder):
    """What a new store holds of the same files."""
    folder.mkdir()
    other = helpers.Town(folder)
    other.load(boundaries, *town.files)
    return other.content()


def keys_of(rows):
    return sorted(row.split("'")[1] for row in rows)


def but_keys(rows):
    """Rows that are the same to every cell of their key may exchange their occurrence numbers."""
    return sorted(row.split("'", 2)[2] for row in rows)


RECODED = {
    "one dong": {"가람동": {"adm_cd2": "1162060199"}},
    "its statistical code too": {"가람동": {"adm_cd2": "1162060199", "adm_cd": "1121099"}},
    "a district": {
        "가람동": {"adm_cd2": "1162560100", "sgg": "11625"},
        "봉천12동": {"adm_cd2": "1162560200", "sgg": "11625"},
    },
    "names alone": {"가람동": {"adm_nm": "서울특별시 관악구 새가람동"}},
}


@pytest.mark.parametrize("change", RECODED.values(), ids=RECODED)
def test_what_is_stored_follows_new_codes(full, helpers, tmp_path, change):
    before = full.content()
    new = full.geojson("새 경계.geojson", changed(helpers, **change))
    report = full.one(new)
    codes = set(full.store.read("dong")["dong"])
    assert len(codes) == 4
    assert set(full.store.read("household")["dongs"]) <= codes
    assert set(full.store.read("security_light")["dong"]) <= {*codes, ""}
    if change is not RECODED["names alone"]:
        assert report.note.startswith("relocated: ")
    again = full.one(new)
    assert again.unchanged
    content = full.content()
    assert len(content["household"]) == len(before["household"]) == 3
    if change is RECODED["names alone"]:
        assert content["security_light"] == before["security_light"]
    if change in (RECODED["one dong"], RECODED["a district"]):
        expected = fresh(full, helpers, new, tmp_path / "fresh")
        for layer in ("security_light", "patrol_zone"):
            assert keys_of(content[layer]) == keys_of(expected[layer])
            assert but_keys(content[layer]) == but_keys(expected[layer])


def test_a_district_that_ended_takes_its_records_along(full, helpers):
    lamps = full.lamps([helpers.lamp("가", 100, 100)], name="전부.csv")
    full.load(lamps, complete_for=("11620",), confirm=True)
    full.one(full.geojson("새 경계.geojson", changed(helpers, **RECODED["a district"])))
    assert set(full.store.read("dong")["district"]) == {"11625", "11530"}
    assert set(full.store.read("security_light")["district"]) <= {"11625", "11530", ""}
    record = next(r for r in full.store.imports() if r.file == "전부.csv")
    assert (record.districts, record.complete_for) == (("11625",), ("11625",))
    # The same file again: other boundaries, so it is read anew, and finds its own rows.
    assert full.one(lamps, complete_for=("11625",)).accepted == 1
    assert full.store.read("security_light")["key"].is_unique


def test_households_of_a_split_dong_go_to_both_parts(full, helpers):
    own = changed(helpers)[0]["properties"]
    halves = [
        helpers.feature(
            own | {"adm_cd2": f"11620601{part}", "adm_cd": f"112190{part}", "adm_nm": f"서울 관악구 가람{part}동"},
            {"type": "Polygon", "coordinates": [[helpers.lonlat(x, y) for x, y in ring]]},
        )
        for part, ring in (
            ("11", ((0, 0), (400, 0), (400, 1000), (0, 1000), (0, 0))),
            ("12", ((400, 0), (1000, 0), (1000, 1000), (400, 1000), (400, 0))),
        )
    ]
    full.one(full.geojson("새 경계.geojson", [*halves, *changed(helpers, 가람동=None)]))
    rows = full.store.read("household").set_index("unit")
    assert rows.loc["1121060", "dongs"] == "1162060111;1162060112"
    assert rows["households"].sum() == 21
    zone = full.store.read("patrol_zone").iloc[0]
    dong = full.store.read("dong").set_index("dong")["geometry"]
    both = shapely.union_all([dong["1162060111"], dong["1162060112"]])
    assert shapely.area(shapely.symmetric_difference(zone["geometry"], both)) < 1
    assert full.store.read("security_light").set_index("name").loc["가", "dong"] == "1162060111"


def test_boundaries_without_a_dong_of_stored_households_are_refused(full, helpers):
    before = full.content()
    cut = full.geojson("잘린 경계.geojson", changed(helpers, 가람동=None))
    with pytest.raises(RowsVanishError):
        full.one(cut)
    with pytest.raises(OrphanedRowsError, match=r"잘린 경계\.geojson: 저장된 1인가구 1행.*1162060100.*1인가구\.csv"):
        full.one(cut, confirm=True)
    assert full.content() == before
    r = full.load(cut, full.files[1], confirm=True)
    assert r[1].reasons == {"outside": 1}


def test_boundaries_over_a_part_of_another_district_are_refused(full, helpers):
    part = changed(helpers, 가람동={"adm_cd2": "1169960100", "sgg": "11699"})[:1]
    with pytest.raises(BoundariesOverlapError, match=r"관악구\(11620\).*일부와 겹칩니다"):
        full.one(full.geojson("새 구.geojson", part))


def test_a_wider_boundary_takes_in_what_was_near(full, helpers):
    wider = helpers.feature(
        helpers.boundary_features()[0]["properties"]
        | {
            "adm_cd2": "1154060500",
            "adm_cd": "1118050",
            "sgg": "11545",
            "sggnm": "금천구",
            "adm_nm": "서울 금천구 새동",
        },
        helpers.square(2, 0),
    )
    report = full.one(full.geojson("이웃 경계.geojson", [wider]))
    row = full.store.read("security_light").set_index("name").loc["밖"]
    assert (row["district"], row["dong"], row["near"], row["scope"]) == ("11545", "1154060500", False, "")
    assert "다시 가져오십시오): 보안등.csv" in report.note
    assert full.store.read("security_light")["key"].is_unique


def test_files_of_the_same_command_are_located_by_the_new_ones_too(full, helpers):
    new = full.geojson("새 경계.geojson", changed(helpers, **RECODED["a district"]))
    with pytest.raises(RowsVanishError, match=r"1인가구\.csv"):  # it names dong by codes that are gone
        full.load(new, *full.files[:2])
    full.load(new, *full.files[:2], confirm=True)
    assert set(full.store.read("household")["dongs"]) <= set(full.store.read("dong")["dong"])
    assert set(full.store.read("patrol_zone")["district"]) == {"11625"}
    assert len(full.store.read("security_light")) == 7
