"""Land to patrol, public places, and how full lockers are."""

import json

import pytest
import shapely

from geo.errors import AnsimError, BadSettingError
from geo.siting.wishes import Wish, orders_of
from layers.candidates import CandidateError
from layers.named_sites import forced_of
from layers.occupancy import OccupancyError, occupancy_of
from layers.tables import ADDRESS_POINT, AREA, Batch
from tests.layers.test_candidates import found
from tests.layers.test_district_input import GWANAK, X0, Y0, box, frame, of, world
from tests.layers.test_store import record


def polygon_file(path, boxes, names=None):
    from geo.crs import to_lonlat  # noqa: PLC0415

    features = []
    for i, corners in enumerate(boxes):
        ring = shapely.get_coordinates(box(*corners))
        lon, lat = to_lonlat(ring[:, 0], ring[:, 1])
        shape = {"type": "Polygon", "coordinates": [list(map(list, zip(lon, lat, strict=True)))]}
        properties = {"이름": names[i]} if names else {}
        features.append({"type": "Feature", "geometry": shape, "properties": properties})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


def test_dong_are_zones_that_cover_half_at_most_and_cost_by_the_year():
    places = found(world(), "patrol_zone")
    assert places.names == ("가동", "나동")
    assert places.zone_cap.tolist() == [0.5, 0.5]
    assert places.zones[0].area == 500_000
    assert places.year_krw.tolist() == [103_000_000] * 2
    assert all("0.5까지만" in flag for flag in places.flags)
    assert found(world(), "patrol_zone", exclude=frozenset(places.ids[:1])).names == ("나동",)


def test_areas_and_polygons_of_a_file_are_zones_whole(tmp_path):
    store = world()
    rows = [{"key": "a", "dataset": "z", "kind": "safe_zone", "name": "안심1", "district": GWANAK}]
    with store.write() as writer:
        writer.put(Batch("area", "z", None, frame(AREA, rows, [box(100, 100, 300, 300)])), record(dataset="z"))
    assert found(store, "patrol_zone", "safe_zone").names == ("안심1",)
    assert found(store, "patrol_zone", "주거안심구역").zone_cap.tolist() == [1.0]
    file = polygon_file(tmp_path / "구역.geojson", [(0, 0, 200, 200), (2000, 0, 2100, 100)], ["첫째", "밖"])
    places = found(store, "patrol_zone", file)
    assert (places.names, places.ids) == (("첫째",), ("구역.geojson:1",))
    assert places.zones[0].area == pytest.approx(40_000, rel=1e-3)
    with pytest.raises(CandidateError, match="구역의 후보가 아닙니다"):
        found(store, "patrol_zone", "grid:50")


def test_public_places_are_told_by_their_names():
    store = world()
    rows = [
        {"key": "a", "dataset": "s", "kind": "shop", "name": "가동 주민센터"},
        {"key": "b", "dataset": "s", "kind": "shop", "name": "가게"},
        {"key": "c", "dataset": "s", "kind": "entrance", "name": "구립도서관"},
    ]
    at = [shapely.Point(X0 + d, Y0 + 10) for d in (10, 20, 30)]
    with store.write() as writer:
        writer.put(Batch("address_point", "s", None, frame(ADDRESS_POINT, rows, at)), record(dataset="s"))
    places = found(store, "locker", "public")
    assert places.names == ("가동 주민센터", "구립도서관")
    assert set(places.kinds) == {"공공시설(이름으로 봄)"}


LOCKERS = [
    (GWANAK, 100, 100, {"key": "a", "name": "가 택배함", "attributes": '{"이용률":"12.5%"}'}),
    (GWANAK, 200, 100, {"key": "b", "name": "나 택배함", "attributes": '{"이용률":"60"}'}),
    (GWANAK, 300, 100, {"key": "c", "name": "다 택배함"}),
]


def test_occupancy_is_a_stored_column_or_the_planners_table(tmp_path):
    store = world(locker=LOCKERS)
    keys = {
        name: f"locker:{key}" for name, key in zip(*(store.read("locker")[c] for c in ("name", "key")), strict=True)
    }
    assert occupancy_of("locker", store) == {keys["가 택배함"]: 0.125, keys["나 택배함"]: 0.6}
    table = tmp_path / "이용률.csv"
    table.write_text("명칭,이용률\n다 택배함,0.3\n없는 것,0.9\n", encoding="cp949")
    assert occupancy_of("locker", store, table) == {keys["다 택배함"]: 0.3}
    table.write_text("명칭,비고\n다 택배함,가\n", encoding="utf-8")
    with pytest.raises(OccupancyError, match="이용률 열이 없습니다"):
        occupancy_of("locker", store, table)
    table.write_text("명칭,이용률\n없는 것,0.9\n", encoding="utf-8")
    with pytest.raises(OccupancyError, match="맞는 행이 없습니다"):
        occupancy_of("locker", store, table)
    with pytest.raises(AnsimError):
        occupancy_of("locker", store, tmp_path / "없음.csv")


def test_ids_are_words_files_of_ids_or_files_of_candidates(tmp_path):
    places = found(world(), "cctv", "grid:500")
    table = tmp_path / "앞 계획.csv"
    table.write_text(f"number,site_id\n1,{places.ids[0]}\n2,{places.ids[1]}\n", encoding="utf-8")
    assert forced_of([places.ids[3], str(table)], [places]) == [{places.ids[3], *places.ids[:2]}]
    with pytest.raises(BadSettingError, match="꼭 넣을 곳이 후보에 없습니다: x"):
        forced_of([f"{places.ids[3]}, x"], [places])
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BadSettingError, match="후보 번호 열이 없습니다"):
        forced_of([str(table)], [places])


def test_an_id_of_two_layers_must_name_one(tmp_path):
    cameras, lamps = (found(world(), layer, "grid:500") for layer in ("cctv", "security_light"))
    site = cameras.ids[2]
    assert site in lamps.ids
    with pytest.raises(BadSettingError, match=f"--force {site}: cctv, security_light") as error:
        forced_of([site], [cameras, lamps])
    assert f"cctv:{site} 또는 security_light:{site}" in error.value.hint
    assert forced_of([f"security_light:{site}"], [cameras, lamps]) == [frozenset(), {site}]
    assert forced_of([f"{cameras.name}:{site}"], [cameras, lamps]) == [{site}, frozenset()]
    with pytest.raises(BadSettingError, match="locker"):
        forced_of([f"locker:{site}"], [cameras, lamps])
    table = tmp_path / "앞 계획.csv"  # a plan written out before says of which layer each site is
    table.write_text(f"layer,site_id\nsecurity_light,{site}\ncctv,{cameras.ids[0]}\n", encoding="utf-8")
    assert forced_of([str(table)], [cameras, lamps]) == [{cameras.ids[0]}, {site}]


def test_wishes_become_orders_by_name():
    source = of(world(cctv=[(GWANAK, 1, 1)]))
    places = found(world(), "cctv", "grid:500")
    wish = Wish(
        "cctv", count=2, force=frozenset(places.ids[:1]), at_most={"가동": 1}, at_least={source.dong_codes[1]: 1}
    )
    (order,) = orders_of([wish], [places], source)
    assert (order.forced, order.most, order.least) == ((0,), {0: 1}, {1: 1})
    with pytest.raises(BadSettingError, match="없는 행정동"):
        orders_of([Wish("cctv", count=1, at_most={"신림동": 1})], [places], source)
    with pytest.raises(BadSettingError, match="꼭 넣을 곳이 후보에 없습니다: 없는곳"):
        orders_of([Wish("cctv", count=1, force=frozenset({"없는곳"}))], [places], source)
