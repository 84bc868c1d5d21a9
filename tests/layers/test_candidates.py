"""Where facilities could stand: what is a candidate, at what cost, and what is left out and why."""

import json

import numpy as np
import pytest
import shapely

from layers.candidates import Asked, CandidateError, places_for
from layers.land import LandError, named_land, read_land
from layers.replacing import replaceable
from layers.snapshot import take_snapshot
from layers.tables import ADDRESS_POINT, Batch
from tests.layers.test_district_input import CATALOG, GWANAK, NEXT, X0, Y0, box, frame, world
from tests.layers.test_store import record

DISTRICT = box(0, 0, 1000, 1000)


def found(store, layer, *sources, gaps=DISTRICT, **asked):
    spec = CATALOG.layers[layer]
    snapshot = take_snapshot(store, district="관악구")
    return places_for(Asked(spec, sources, **asked), store, snapshot, CATALOG, DISTRICT, gaps)


def test_a_grid_lies_in_the_gaps_alone_and_quarters_the_national_cells():
    places = found(world(), "cctv", "grid:50", gaps=box(0, 0, 100, 50))
    assert list(zip(places.x - X0, places.y - Y0, strict=True)) == [(25, 25), (75, 25)]
    assert places.ids == ("다사50025002", "다사50075002")
    assert len(set(places.ids)) == 2
    assert set(places.once_krw) == {22_000_000}


def test_poles_cost_less_than_new_places():
    store = world(streetlight=[(GWANAK, 100, 100), (NEXT, 1100, 100)], cctv=[(GWANAK, 1, 1)])
    places = found(store, "cctv", "streetlight", "grid:500")
    assert places.once_krw.tolist() == [7_650_000] + [22_000_000] * 4
    assert places.kinds[0] == "기존 지주(가로등)"
    assert places.ids[0].startswith("streetlight:")


def test_costs_have_three_levels_and_may_be_the_planners():
    assert found(world(), "cctv", "grid:500", level="low").once_krw[0] == 13_000_000
    assert found(world(), "cctv", "grid:500", level="high").once_krw[0] == 25_000_000
    own = found(world(), "safe_house", "grid:500", cost=(5.0, 7.0))
    assert (own.once_krw[0], own.year_krw[0]) == (5.0, 7.0)
    assert np.isnan(found(world(), "safe_house", "grid:500").once_krw).all()
    # The published cost of a smart lamp is of replacing one.
    assert np.isnan(found(world(), "smart_light", "grid:500").once_krw).all()


LAMPS = [
    (GWANAK, 100, 100, {"installed": "2010", "data_date": "2025-12-01", "attributes": '{"설치형태":"한전주"}'}),
    (GWANAK, 200, 100, {"installed": "2016", "data_date": "2025-12-01"}),
    (GWANAK, 300, 100, {"installed": "2015-03", "data_date": "2025-12-01", "attributes": '{"설치형태":"건축물"}'}),
    (GWANAK, 400, 100, {"installed": "", "data_date": "2025-12-01"}),
    (GWANAK, 500, 100, {"installed": "2001", "attributes": '{"종류":"스마트보안등"}'}),
    (GWANAK, 600, 100, {"installed": "2001"}),
    (NEXT, 1100, 100, {"installed": "2001"}),
    (GWANAK, 700, 100, {"installed": "2001", "status": "removed"}),
]


def test_old_lamps_are_replaced_in_place_and_young_or_smart_ones_are_not():
    store = world(security_light=LAMPS, smart_light=[(GWANAK, 603, 104)])
    places = found(store, "smart_light")
    assert (places.x - X0).tolist() == [100, 300, 400]
    assert places.kinds == ("교체(한전주)", "교체(건축물)", "교체(설치형태 미상)")
    assert places.flags == ("한전 동의 필요", "", "설치연도 미상")
    assert places.left_out == {"이미 스마트": 2, "설치 10년 미만": 1}
    assert places.needs == ("smart_lit",)
    assert set(places.once_krw) == {900_000}


def test_no_smart_lights_stored_leaves_the_words_alone():
    lamps = world(security_light=LAMPS).read("security_light")
    assert replaceable(lamps, None).left_out["이미 스마트"] == 1


def test_round_the_clock_shops_stand_for_safe_houses():
    store = world()
    shops = [
        {"key": "a", "dataset": "s", "kind": "shop", "name": "가게", "open_24h": True},
        {"key": "b", "dataset": "s", "kind": "shop", "name": "낮가게"},
    ]
    at = [shapely.Point(X0 + 10, Y0 + 10), shapely.Point(X0 + 20, Y0 + 10)]
    with store.write() as writer:
        writer.put(Batch("address_point", "s", None, frame(ADDRESS_POINT, shops, at)), record(dataset="s"))
    assert found(store, "safe_house").names == ("가게",)
    assert found(store, "safe_house", "shop").names == ("가게", "낮가게")


def test_what_is_excluded_is_counted():
    places = found(world(), "cctv", "grid:500", not_in=box(0, 0, 1000, 500))
    assert len(places.ids) == 2
    assert places.left_out == {"뺄 곳으로 정함": 2}
    again = found(world(), "cctv", "grid:500", exclude=frozenset(places.ids))
    assert not set(again.ids) & set(places.ids)
    assert found(world(), "cctv", "grid:500", "grid:500").left_out == {"같은 자리": 4}


def test_a_file_of_places_is_read_as_an_import_would(tmp_path):
    path = tmp_path / "후보.csv"
    path.write_text("이름,위도,경도\n가,37.55,126.95\n나,37.5501,126.9501\n", encoding="cp949")
    spec, store = CATALOG.layers["locker"], world()
    lon, lat = 126.95, 37.55
    from geo.crs import to_metres  # noqa: PLC0415

    x, y = to_metres(np.array([lon]), np.array([lat]))
    land = shapely.box(x[0] - 500, y[0] - 500, x[0] + 500, y[0] + 500)
    snapshot = take_snapshot(store, district="관악구")
    moved = snapshot.dong.assign(geometry=[land] * 4)
    places = places_for(
        Asked(spec, (str(path),)), store, type(snapshot)(1, (), snapshot.summary, {**snapshot.tables, "dong": moved}),
        CATALOG, land, land,
    )  # fmt: skip
    assert places.names == ("가", "나")
    assert places.year_krw.tolist() == [1_790_000] * 2


@pytest.mark.parametrize(
    ("layer", "source", "said"),
    [
        ("locker", (), "후보지를 정해야"),
        ("cctv", ("grid:5",), "격자 간격"),
        ("cctv", ("없는층",), "모르는 후보"),
        ("cctv", ("streetlight",), "후보지가 없습니다"),
    ],
)
def test_what_is_no_candidate_is_told(layer, source, said):
    with pytest.raises(CandidateError, match=said):
        found(world(), layer, *source)


def test_land_is_named(tmp_path):
    snapshot = take_snapshot(world(), district="관악구")
    assert named_land("가동", snapshot, CATALOG, GWANAK).area == 500_000
    assert named_land("district", snapshot, CATALOG, GWANAK).area == 1_000_000
    for text in ("없는동", "다동", "주거안심구역"):
        with pytest.raises(LandError):
            named_land(text, snapshot, CATALOG, GWANAK)
    path = tmp_path / "면.geojson"
    ring = [[126.9, 37.5], [126.91, 37.5], [126.91, 37.51], [126.9, 37.5]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    assert named_land(str(path), snapshot, CATALOG, GWANAK).area == pytest.approx(0.5 * 883 * 1110, rel=0.01)
    path.write_text(json.dumps({"type": "Point", "coordinates": [126.9, 37.5]}))
    with pytest.raises(LandError, match="면이 없습니다"):
        read_land(path)
    path.write_text("no")
    with pytest.raises(LandError):
        read_land(path)
