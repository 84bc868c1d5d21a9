"""From stored rows to what an analysis reads: data states, duty hours, who, what households are spread over."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.district import analyse
from geo.errors import NoDataError
from geo.model import DataState
from layers.catalog import load_catalog
from layers.district_input import district_input, margin_m
from layers.snapshot import UnknownDistrictError, find_district, take_overview, take_snapshot
from layers.tables import ADDRESS_POINT, AREA, BUILDING, DONG, HOUSEHOLD, STAT_GRID, TABLES, Batch
from layers.who import BadWhoError, parse_who
from tests.layers.memory_store import MemoryStore
from tests.layers.test_store import record, rows

CATALOG = load_catalog()
X0, Y0 = 950_000.0, 1_950_000.0
GWANAK, NEXT = "11620", "11590"


def box(west, south, east, north):
    return shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)


def frame(columns, values, geometry=None):
    blank = {"str": "", "int64": 0, "float64": 0.0, "bool": False}
    made = pd.DataFrame([{**{c: blank[k] for c, k in columns.items()}, **v} for v in values], columns=list(columns))
    made = made.astype(columns)
    if geometry is not None:
        made["geometry"] = geometry
    return made


def world(into=None, **layers):
    """Two districts side by side, 1 km square each, and facilities given as (district, x, y, changes)."""
    store = MemoryStore() if into is None else into
    names = [(GWANAK, "관악구", "가동"), (GWANAK, "관악구", "나동"), (NEXT, "동작구", "다동"), (NEXT, "동작구", "라동")]
    dong = frame(
        DONG,
        [
            {
                "dong": f"{code}{i:05d}",
                "name": dong,
                "district": code,
                "district_name": name,
                "province": "서울특별시",
                "dataset": "b",
            }
            for i, (code, name, dong) in enumerate(names)
        ],
        [box(i * 500, 0, (i + 1) * 500, 1000) for i in range(4)],
    )
    people = [
        {"unit": d, "unit_kind": "dong", "dongs": d, "district": d[:5], "sex": sex, "age_from": a, "age_to": a + 4,
         "households": 10.0, "dataset": "h"}
        for d in dong["dong"] for sex in ("male", "female") for a in (20, 25)
    ]  # fmt: skip
    with store.write() as writer:
        writer.put(Batch("dong", "b", None, dong), record(dataset="b", layer="dong", data_date=""))
        writer.put(Batch("household", "h", None, frame(HOUSEHOLD, people)), record(dataset="h", layer="household"))
        for layer, placed in layers.items():
            made = rows([f"{layer}{i}" for i in range(len(placed))], dataset=layer)
            made["district"] = [p[0] for p in placed]
            made["geometry"] = [p[1] if not np.isscalar(p[1]) else shapely.Point(X0 + p[1], Y0 + p[2]) for p in placed]
            made["approximate"] = False
            for i, p in enumerate(placed):
                for column, value in (p[-1] if isinstance(p[-1], dict) else {}).items():
                    made.loc[i, column] = value
            writer.put(Batch(layer, layer, None, made), record(dataset=layer, layer=layer))
    return store


def of(store, **options):
    return district_input(take_snapshot(store, district="관악구"), CATALOG, "관악구", **options)


def supplies(source):
    return {s.need.id: s for s in source.supplies}


def test_no_rows_is_no_data_and_not_zero():
    state = {k: s.state for k, s in supplies(of(world(cctv=[(GWANAK, 100, 100)]))).items()}
    assert state["watched"] is DataState.LOADED
    assert all(state[need] is DataState.NONE for need in ("lit", "refuge", "parcel", "patrolled", "smart_lit"))


def test_main_road_lamps_alone_are_partial():
    found = supplies(of(world(streetlight=[(GWANAK, 100, 100)])))
    assert found["lit"].state is DataState.PARTIAL
    assert found["smart_lit"].state is DataState.NONE
    both = supplies(of(world(streetlight=[(GWANAK, 100, 100)], security_light=[(GWANAK, 200, 100)])))
    assert both["lit"].state is DataState.LOADED
    assert len(both["lit"].x) == 2


def test_far_under_the_programme_is_partial():
    # 254 lockers in 25 districts: a quarter of the mean is 2.54
    assert supplies(of(world(locker=[(GWANAK, 100, 100)] * 2)))["parcel"].state is DataState.PARTIAL
    assert supplies(of(world(locker=[(GWANAK, 100, 100)] * 3)))["parcel"].state is DataState.LOADED


def test_a_neighbours_rows_say_nothing_about_the_district():
    assert supplies(of(world(cctv=[(NEXT, 1010, 100)])))["watched"].state is DataState.NONE


def test_a_complete_file_makes_a_true_zero():
    store = world()
    with store.write() as writer:
        empty = rows([], dataset="c")
        writer.put(Batch("cctv", "c", (GWANAK,), empty), record(dataset="c", layer="cctv", complete_for=(GWANAK,)))
    found = supplies(of(store))["watched"]
    assert found.state is DataState.LOADED
    assert len(found.x) == 0
    assert analyse(of(store)).needs[2].share_covered == 0.0


def test_neighbours_facilities_within_a_kilometre_count():
    found = supplies(of(world(cctv=[(GWANAK, 100, 100), (NEXT, 1010, 100), (NEXT, 1990, 100)])))["watched"]
    assert sorted(found.x - X0) == [100, 1010, 1990]


def test_what_does_not_count_is_left_out():
    placed = [
        (GWANAK, 100, 100),
        (GWANAK, 200, 100, {"counts": False}),
        (GWANAK, 300, 100, {"status": "planned"}),
        (GWANAK, 400, 100, {"geometry": None}),
    ]
    assert len(supplies(of(world(cctv=placed)))["watched"].x) == 1


def test_walked_reach_is_divided_by_the_detour():
    need = supplies(of(world(safe_house=[(GWANAK, 1, 1)] * 9)))["refuge"].need
    assert (need.full_m, need.none_m) == (pytest.approx(150 / 1.3), pytest.approx(400 / 1.3))


@pytest.mark.parametrize(
    ("hours", "at", "counts"),
    [
        ("21:00-02:30", "2025-12-24 23:00", True),
        ("21:00-02:30", "2025-12-24 02:29", True),
        ("21:00-02:30", "2025-12-24 02:30", False),
        ("21:00-02:30", "2025-12-24 15:00", False),
        ("Mo-Fr 22:00-02:30", "2025-12-27 23:00", False),
        ("Mo-Fr 22:00-02:30", "2025-12-27 01:00", True),
        ("Mo-Fr 22:00-02:30; PH off", "2025-12-25 23:00", False),
        ("", "2025-12-24 23:00", False),  # unknown is never on duty
    ],
)
def test_patrols_count_only_while_on_duty(hours, at, counts):
    store = world(patrol_zone=[(GWANAK, box(0, 0, 300, 300), {"hours": hours})])
    found = supplies(of(store, at=datetime.fromisoformat(at)))["patrolled"]
    assert found.on_duty is counts
    assert len(found.zones) == counts
    assert found.state is DataState.LOADED


def test_a_store_counts_unless_known_to_be_shut():
    placed = [(GWANAK, 100, 100), (GWANAK, 200, 100, {"hours": "09:00-18:00"}), (GWANAK, 300, 100, {"hours": "??"})] * 4
    found = supplies(of(world(safe_house=placed), at=datetime.fromisoformat("2025-12-24 23:00")))["refuge"]
    assert sorted(set((found.x - X0).tolist())) == [100, 300]


def test_zone_known_only_as_dong_text_covers_half():
    store = world(patrol_zone=[(GWANAK, box(0, 0, 300, 300), {"hours": "24/7", "approximate": True})])
    assert supplies(of(store))["patrolled"].zone_cap.tolist() == [0.5]


def test_without_at_it_is_wednesday_2300_of_the_newest_data_week():
    store = world(cctv=[(GWANAK, 1, 1, {"data_date": "2025-12-26"}), (GWANAK, 2, 2, {"data_date": "2024"})])
    assert of(store).at == "2025-12-24 23:00"
    assert of(world(cctv=[(GWANAK, 1, 1, {"data_date": "2025-12"})])).at == "2025-12-03 23:00"


def test_land_beyond_which_nothing_is_known():
    alone = supplies(of(world(cctv=[(GWANAK, 1, 1)])))["watched"].unknown_beyond
    assert alone.contains(shapely.Point(X0 + 1100, Y0 + 500))
    both = supplies(of(world(cctv=[(GWANAK, 1, 1), (NEXT, 1900, 900)])))["watched"].unknown_beyond
    assert not both.intersects(shapely.Point(X0 + 1100, Y0 + 500))
    assert both.contains(shapely.Point(X0 - 100, Y0 + 500))
    assert not both.intersects(shapely.Point(X0 + 500, Y0 + 500))


def test_who():
    store = world(cctv=[(GWANAK, 1, 1)])
    assert of(store).units.households.sum() == 80.0
    assert of(store, who=parse_who("여성")).units.households.sum() == 40.0
    assert of(store, who=parse_who("여,20-24")).units.households.sum() == 20.0
    assert of(store, who=parse_who("20-39")).units.households.sum() == 80.0
    with pytest.raises(BadWhoError, match="20-24세"):
        of(store, who=parse_who("22-39"))


@pytest.mark.parametrize("text", ["여성,40-20", "어른", "여성;20", "20--30"])
def test_who_it_cannot_read(text):
    with pytest.raises(BadWhoError, match="--who"):
        parse_who(text)


def grid(cells, size=100, measure="population"):
    values = [
        {
            "gid": f"g{i}",
            "x": X0 + x,
            "y": Y0 + y,
            "size_m": size,
            "measure": measure,
            "value": v,
            "dataset": "g",
            "data_date": "2020-01-01",
        }
        for i, (x, y, v) in enumerate(cells)
    ]
    return Batch("stat_grid", "g", None, frame(STAT_GRID, values))


def with_grid(store, batch):
    with store.write() as writer:
        writer.put(batch, record(dataset="g", layer="stat_grid"))
    return store


def test_a_population_grid_weights_each_dong():
    store = with_grid(world(cctv=[(GWANAK, 1, 1)]), grid([(0, 0, 30.0), (100, 0, 10.0), (500, 0, 5.0)]))
    result = analyse(of(store))
    held = {
        (x - X0, y - Y0): h
        for x, y, h in zip(result.cells.x, result.cells.y, result.cells.households, strict=True)
        if h
    }
    assert held == pytest.approx({(50, 50): 30.0, (150, 50): 10.0, (550, 50): 40.0})
    assert result.demand_source == "grid"


def test_a_household_grid_is_taken_as_it_is():
    cells = [(0, 0, 7.0), (500, 0, 5.0)]
    result = analyse(of(with_grid(world(cctv=[(GWANAK, 1, 1)]), grid(cells, measure="households"))))
    assert result.households == pytest.approx(12.0)


def test_who_with_a_household_grid_is_a_part_of_its_counts():
    store = world(cctv=[(GWANAK, 1, 1)])
    people = store.read("household")
    first = people["dongs"] == f"{GWANAK}00000"
    people.loc[first & (people["sex"] == "female"), "households"] = 30.0  # 60 of 80 in the first dong
    with store.write() as writer:
        writer.put(Batch("household", "h", None, people), record(dataset="h", layer="household"))
    with_grid(store, grid([(0, 0, 8.0), (100, 0, 4.0), (500, 0, 5.0)], measure="households"))
    everybody = analyse(of(store))
    parts = {text: analyse(of(store, who=parse_who(text))) for text in ("여성", "남성", "여성,20-24")}
    assert everybody.households == pytest.approx(17.0)
    assert parts["여성"].households == pytest.approx(12 * 0.75 + 5 * 0.5)
    assert parts["여성"].households + parts["남성"].households == pytest.approx(17.0)
    assert parts["여성,20-24"].households == pytest.approx(parts["여성"].households / 2)
    assert {p.demand_source for p in parts.values()} == {"grid"}


def test_a_dong_is_spoken_for_by_the_cells_that_belong_to_it():
    """The cell of 500 to 600 m is centred in the second dong, though 30 m of it lie in the first."""
    store = world(cctv=[(GWANAK, 1, 1)])
    dong = store.read("dong")
    dong["geometry"] = [box(0, 0, 530, 1000), box(530, 0, 1000, 1000), *dong["geometry"][2:]]
    with store.write() as writer:
        writer.put(Batch("dong", "b", None, dong), record(dataset="b", layer="dong", data_date=""))
    assert of(with_grid(store, grid([(500, 0, 25.0)], measure="households"))).counted is None
    both = grid([(400, 0, 1.0), (500, 0, 25.0)], measure="households")
    assert of(with_grid(store, both)).counted.dongs.tolist() == [True, True]


def test_two_household_datasets_do_not_add_up():
    store = world(cctv=[(GWANAK, 1, 1)])
    other = store.read("household").assign(dataset="i", households=11.0, data_date="2024-01")
    with store.write() as writer:
        writer.put(Batch("household", "i", None, other), record("y", dataset="i", layer="household"))
    source = of(store)
    assert source.units.households.sum() == 88.0  # the newer
    assert source.data_dates["household"] == ("2024-01", "2024-01")
    assert any("i을(를) 쓰고 h은(는)" in note for note in source.notes)
    part = other[other["dongs"] == f"{GWANAK}00000"].assign(data_date="2025-01")
    with store.write() as writer:
        writer.put(Batch("household", "i", None, part), record("z", dataset="i", layer="household"))
    assert of(store).units.households.sum() == 80.0  # the one that holds both dong


def test_a_coarse_grid_is_cut_to_the_cells():
    result = analyse(of(with_grid(world(cctv=[(GWANAK, 1, 1)]), grid([(0, 0, 25.0), (500, 0, 1.0)], size=500))))
    assert (result.cells.households > 0).sum() == 50
    assert result.cells.households.sum() == pytest.approx(80)


def test_a_grid_that_only_touches_the_district_is_not_its_source():
    result = analyse(of(with_grid(world(cctv=[(GWANAK, 1, 1)]), grid([(900, 0, 5.0), (1000, 0, 30.0)]))))
    assert result.demand_source == "dong"


def test_find_district():
    districts = take_overview(world()).districts
    twice = {**districts, "26110": replace(districts[GWANAK], code="26110", province="부산광역시")}
    assert find_district("11620", districts).name == "관악구"
    assert find_district(" 서울  관악구 ", twice).code == GWANAK
    with pytest.raises(UnknownDistrictError, match=r"11620.*26110"):
        find_district("관악구", twice)
    with pytest.raises(UnknownDistrictError, match="관악구"):
        find_district("관학구", districts)
    with pytest.raises(NoDataError, match="경계"):
        find_district("관악구", {})


def test_households_not_loaded():
    store = world()
    with store.write() as writer:
        writer.put(Batch("household", "h", None, frame(HOUSEHOLD, [])), record(dataset="h", layer="household"))
    with pytest.raises(NoDataError, match="1인가구"):
        of(store)


def test_every_table_is_read_for_a_district():
    assert set(TABLES) <= set(take_snapshot(world(), district="관악구").tables)


def test_the_dates_are_those_of_everything_the_analysis_rests_on():
    store = with_grid(world(cctv=[(GWANAK, 1, 1, {"data_date": "2025-05-01"})]), grid([(0, 0, 5.0), (500, 0, 30.0)]))
    place = {"district": GWANAK, "dataset": "p"}
    made = {
        "building": frame(
            BUILDING, [{**place, "data_date": "2021-03-01"}, {**place, "district": NEXT, "data_date": "1999-01-01"}],
            [box(0, 0, 10, 10), box(1500, 0, 1510, 10)],
        ),
        "address_point": frame(ADDRESS_POINT, [{**place, "data_date": ""}], [shapely.Point(X0, Y0)]),
        "area": frame(
            AREA,
            [  # one is land not lived in; the other only filters, and its date says nothing of the result
                {**place, "kind": "not_lived_in", "data_date": "2022-02-02"},
                {**place, "kind": "safe_zone", "data_date": "1998-01-01"},
            ],
            [box(0, 0, 10, 10)] * 2,
        ),
    }  # fmt: skip
    with store.write() as writer:
        for name, table in made.items():
            writer.put(Batch(name, "p", None, table), record(dataset="p", layer=name))
    assert of(store).data_dates == {
        "cctv": ("2025-05-01", "2025-05-01"),
        "household": ("", ""),
        "stat_grid": ("2020-01-01", "2020-01-01"),
        "building": ("2021-03-01", "2021-03-01"),
        "area": ("2022-02-02", "2022-02-02"),
        "dong": ("", ""),
    }


def test_a_grid_next_door_neither_dates_the_result_nor_hides_what_would_sharpen_it():
    source = of(with_grid(world(cctv=[(GWANAK, 1, 1)]), grid([(1000, 0, 30.0), (1500, 0, 30.0)])))
    assert "stat_grid" not in source.data_dates
    assert [note for note in source.notes if "비거주 지역" in note]
    sharpened = of(with_grid(world(cctv=[(GWANAK, 1, 1)]), grid([(0, 0, 5.0), (500, 0, 30.0)])))
    assert not sharpened.notes


def test_facilities_are_collected_as_far_as_a_longer_reach_goes():
    store = world(safe_house=[(GWANAK, 500, 500), (NEXT, 1000 + 1150, 500)])
    assert len(supplies(of(store))["refuge"].x) == 1  # 1,150 m outside: over the kilometre
    factor = 4.0  # of a walked 400 m: 1,231 m in a straight line
    assert margin_m(CATALOG) == 1000
    assert margin_m(CATALOG, factor) == pytest.approx(500 / 1.3 * factor + 100)
    snapshot = take_snapshot(store, district="관악구", margin_m=margin_m(CATALOG, factor))
    far = district_input(snapshot, CATALOG, "관악구", reach_factor=factor)
    assert len(supplies(far)["refuge"].x) == 2
    # What the map shows, and names as nearest, stays within near_m.
    assert sum(len(layer.ids) for layer in far.layers) == 1


def test_a_layer_the_catalog_does_not_know_is_warned_of_and_dates_nothing():
    store = world(
        cctv=[(GWANAK, 100, 100, {"data_date": "2025-06-30"})], own_bench=[(GWANAK, 5, 5, {"data_date": "2010-01-01"})]
    )
    source = district_input(take_snapshot(store), CATALOG, "관악구")
    assert source.warnings == (
        "저장소의 층 own_bench은(는) 지금 카탈로그에 없어 쓰지 않았습니다. 그 층을 더한 카탈로그로 여십시오",
    )
    assert "own_bench" not in source.data_dates
    assert not any("기준일 상이" in words for words in analyse(source).headings)
    assert district_input(take_snapshot(world()), CATALOG, "관악구").warnings == ()


def test_files_of_boundaries_and_households_are_told_with_their_days():
    store = world()
    source = district_input(take_snapshot(store), CATALOG, "관악구")
    assert source.files[0].newest == ""
    assert [file.table for file in source.files] == ["dong", "household"]
    assert {len(file.imported) for file in source.files} == {10}
    assert source.at_default
    night = datetime.fromisoformat("2025-01-01 23:00")
    assert not district_input(take_snapshot(store), CATALOG, "관악구", at=night).at_default
