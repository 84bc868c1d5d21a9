"""Taking an import back: A, B, forget B is A alone, on both stores; nothing half-done, and the log."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import to_lonlat
from geo.errors import AnsimError
from layers.geopackage import GeoPackageStore
from layers.importing.errors import BoundariesNeededError
from layers.importing.forgetting import UnknownStoredImportError, choose, forget, import_id, last
from layers.postgis.open import open_database, open_postgis
from layers.taking_back import CannotForgetError
from tests.layers.importing.conftest import NOW, Town, boundary_features, feature, lamp, square
from tests.layers.memory_store import MemoryStore


@pytest.fixture(params=["geopackage", "postgis"])
def town(request, tmp_path):
    if request.param == "postgis":
        database = open_database(request.getfixturevalue("database_url"))
        made = Town(tmp_path, open_postgis(database))
    else:
        database, made = None, Town(tmp_path, GeoPackageStore(tmp_path / "시험.gpkg"))
    made.load(made.boundaries)
    yield made
    if database is not None:
        database.close()


def lamps(town, n, name="보안등.csv", district="관악구", east=100.0, north=100.0, **other):
    rows = [
        lamp(f"등{i}", east + 10 * i, north, address=f"서울특별시 {district} 가람동 {i}", **other) for i in range(n)
    ]
    return town.lamps(rows, name=name)


def take(town, name, *, confirm=True, days=30):
    chosen = choose(town.store.imports(), name)
    return forget(town.store, town.catalog, chosen, now=NOW + timedelta(days=days), confirm=confirm)


def state(town):
    """Everything stored, and what is remembered of the imports, times aside."""
    remembered = sorted(
        (r.file, r.digest, r.dataset, r.layer, r.districts, r.complete_for, r.scope) for r in town.store.imports()
    )
    return town.content(), remembered


def test_the_edition_before_stands_again(town):
    town.load(lamps(town, 6))
    alone = state(town)
    edition = lamps(town, 9, name="보안등_20260101.csv", 데이터기준일자="2026-01-01")
    town.load(edition, now=NOW + timedelta(days=60))
    assert state(town) != alone
    (taken,) = take(town, edition.name)
    assert (taken.removed, taken.restored, taken.back, taken.why) == (9, 6, ("보안등.csv",), "")
    assert state(town) == alone
    (report,) = town.load(edition, now=NOW + timedelta(days=61))
    assert not report.unchanged
    assert len(town.store.read("security_light")) == 9
    take(town, edition.name)
    assert state(town) == alone


def test_a_file_of_its_own_goes_and_the_others_stay(town):
    town.load(lamps(town, 6))
    alone = state(town)
    other = lamps(town, 4, name="구로.csv", district="구로구", north=1_200.0)
    town.load(other)
    version = town.store.version()
    (shown,) = take(town, other.name, confirm=False)
    assert (shown.removed, town.store.version()) == (4, version)
    (taken,) = take(town, other.name)
    assert (taken, town.store.version()) == (shown, version + 1)
    assert (taken.removed, taken.restored, taken.why) == (4, 0, "none")
    assert state(town) == alone
    assert not town.load(other)[0].unchanged


def test_of_a_file_that_was_cut_down_the_rest_goes(town):
    both = [lamp(f"관{i}", 100 + 10 * i, 100, address=f"서울특별시 관악구 가람동 {i}") for i in range(5)]
    both += [lamp(f"구{i}", 100 + 10 * i, 1_200, address=f"서울특별시 구로구 항동 {i}") for i in range(5)]
    town.load(town.lamps(both, name="둘.csv"))
    newer = lamps(town, 5, name="관악.csv", 데이터기준일자="2025-09-01")
    town.load(newer, confirm=True)
    (taken,) = take(town, "둘.csv")
    assert taken.removed == 5
    assert set(town.store.read("security_light")["district"]) == {"11620"}
    (taken,) = take(town, newer.name)  # what it replaced was taken back itself
    assert (taken.removed, taken.restored, taken.why) == (5, 0, "forgotten")
    assert town.store.imports()[0].layer == "dong"
    assert town.store.read("security_light").empty


def test_what_was_appended_goes_alone_and_only_from_the_top(town):
    town.load(lamps(town, 6))
    alone = state(town)
    more = lamps(town, 9, name="더.csv", north=300.0)
    town.load(more, mode="append")
    last_one = lamps(town, 3, name="또.csv", north=500.0)
    town.load(last_one, mode="append")
    before = state(town)
    with pytest.raises(CannotForgetError, match=r"또\.csv"):
        take(town, more.name)
    with pytest.raises(CannotForgetError):
        take(town, "보안등.csv")
    assert state(town) == before
    (taken,) = take(town, last_one.name)
    assert (taken.removed, taken.restored) == (3, 0)
    (taken,) = take(town, more.name)
    assert (taken.removed, taken.restored) == (9, 0)
    assert state(town) == alone


def test_a_dataset_goes_whole_and_nothing_comes_back(town):
    town.load(lamps(town, 6))
    town.load(lamps(town, 7, name="새.csv", 데이터기준일자="2025-09-01"))
    town.load(lamps(town, 3, name="더.csv", north=300.0), mode="append")
    dataset = town.store.imports()[-1].dataset
    taken = take(town, dataset)
    assert [one.removed for one in taken] == [3, 7]
    assert [one.why for one in taken] == ["asked", "asked"]
    assert town.store.read("security_light").empty
    assert [record.layer for record in town.store.imports()] == ["dong"]


def test_one_command_back_and_everything_back(town):
    town.load(lamps(town, 6))
    alone = state(town)
    later = NOW + timedelta(days=5)
    newer = lamps(town, 7, name="새.csv", 데이터기준일자="2025-09-01")
    town.load(newer, lamps(town, 4, "구로.csv", "구로구", 100.0, 1_200.0), now=later)
    chosen = last(town.store.imports())
    assert len(chosen.records) == 2
    forget(town.store, town.catalog, chosen, now=later, confirm=True)
    assert state(town) == alone
    while imports := town.store.imports():
        forget(town.store, town.catalog, last(imports), now=later, confirm=True)
    assert town.store.imports() == []
    assert not any(town.content().values())
    with pytest.raises(UnknownStoredImportError):
        last([])
    assert not town.one(town.boundaries).unchanged


def grid(town, name, values, east=0):
    features = [
        feature({"gid": f"다사5{i + east:02d}450", "val": value}, square(0, 0, 100, 100.0 * (i + east), 0))
        for i, value in enumerate(values)
    ]
    return town.geojson(name, features)


def test_sheets_of_a_grid_come_off_from_the_top(town):
    town.load(grid(town, "가.geojson", [10, 20]), measure="households")
    alone = state(town)
    town.load(grid(town, "나.geojson", [30, 40], east=2), measure="households")
    two = state(town)
    town.load(grid(town, "다.geojson", [11, 20, 30]), measure="households", force=True)
    with pytest.raises(CannotForgetError):
        take(town, "가.geojson")
    take(town, "다.geojson")
    assert state(town) == two
    take(town, "나.geojson")
    assert state(town) == alone


def test_boundaries_go_only_where_nothing_is_left_without(town):
    town.load(lamps(town, 6))
    with pytest.raises(BoundariesNeededError, match="경계 없이"):
        take(town, "경계.geojson")
    before = state(town)
    shifted = boundary_features()
    shifted[0]["geometry"] = square(0, 0, 990)
    other = town.geojson("새경계.geojson", shifted)
    town.load(other, confirm=True)
    assert state(town) != before
    take(town, other.name)
    assert state(town) == before


def test_an_edition_located_by_other_boundaries_does_not_come_back(town):
    town.load(lamps(town, 6))
    town.load(lamps(town, 7, name="새.csv", 데이터기준일자="2025-09-01"))
    shifted = boundary_features()
    shifted[0]["geometry"] = square(0, 0, 990)
    town.load(town.geojson("새경계.geojson", shifted), confirm=True)
    (taken,) = take(town, "새.csv")
    assert (taken.removed, taken.restored, taken.why) == (7, 0, "boundaries")
    assert town.store.read("security_light").empty


def test_places_found_by_address_follow(town):
    shops = ["사업장명", "영업상태명", "소재지도로명주소", "소재지지번주소", "위도", "경도"]
    unplaced = lamp("등", lat="", lon="", address="서울특별시 관악구 가람동 77")
    town.load(town.lamps([unplaced, lamp("있음")]))
    alone = state(town)
    own = town.store.read("security_light").dropna(subset=["geometry"])["geometry"].iloc[0]
    lon, lat = (float(v[0]) for v in to_lonlat([own.x + 50], [own.y]))
    points = town.csv(
        "약국.csv", shops, [["약국", "영업", "", "서울특별시 관악구 가람동 77", f"{lat:.7f}", f"{lon:.7f}"]]
    )
    town.load(points, layer="address_point")
    assert town.store.read("security_light")["geometry"].notna().all()
    take(town, points.name)
    assert state(town) == alone


def test_who_is_meant(town):
    town.load(lamps(town, 3))
    record = town.store.imports()[-1]
    assert choose(town.store.imports(), import_id(record)).records == (record,)
    assert choose(town.store.imports(), "보안등.csv").records == (record,)
    with pytest.raises(UnknownStoredImportError, match="그런 가져오기가 없습니다"):
        choose(town.store.imports(), "없음.csv")


def test_the_log(town):
    town.load(lamps(town, 3))
    assert town.store.forgotten() == []
    take(town, "보안등.csv", confirm=False)
    assert town.store.forgotten() == []
    take(town, "보안등.csv", days=2)
    (line,) = town.store.forgotten()
    assert (line.file, line.layer, line.removed, line.restored) == ("보안등.csv", "security_light", 3, 0)
    assert line.imported_at == NOW.isoformat(timespec="seconds")
    assert line.forgotten_at == (NOW + timedelta(days=2)).isoformat(timespec="seconds")
    json.dumps([line.__dict__])


def test_what_fails_in_the_middle_changes_nothing(town, monkeypatch):
    town.load(lamps(town, 3))
    before, version = state(town), town.store.version()

    def broken(*_args, **_more):
        raise RuntimeError("broken")

    monkeypatch.setattr("layers.importing.forgetting.relocate", broken)
    with pytest.raises(RuntimeError):
        take(town, "보안등.csv")
    assert (state(town), town.store.version(), town.store.forgotten()) == (before, version, [])


STEPS = st.lists(
    st.tuples(st.sampled_from(["관악구", "구로구", "둘"]), st.integers(1, 6), st.sampled_from(["replace", "append"])),
    min_size=1, max_size=3,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_came_last_is_taken_back(tmp_path_factory, steps):
    """Any imports, then one more, then that one back: as if it had never been. Also against a store in memory."""
    folder = tmp_path_factory.mktemp("f")
    kept, other = Town(folder, GeoPackageStore(folder / "a.gpkg")), Town(folder, MemoryStore())
    for town in (kept, other):
        town.load(town.boundaries)

    def load(town, number, step):
        where, n, mode = step
        rows = [lamp(f"관{i}", 100 + 10 * i, 100, address=f"서울특별시 관악구 가람동 {i}") for i in range(n)]
        rows += [lamp(f"구{i}", 100 + 10 * i, 1_200, address=f"서울특별시 구로구 항동 {i}") for i in range(n)]
        rows = {"관악구": rows[:n], "구로구": rows[n:], "둘": rows}[where]
        path = town.lamps(rows, name=f"파일{chr(97 + number)}.csv")
        try:
            town.load(path, mode=mode, confirm=True, now=NOW + timedelta(days=number + 1))
        except AnsimError:
            return None
        return path

    for number, step in enumerate(steps[:-1]):
        load(kept, number, step)
        load(other, number, step)
    before, version = state(kept), kept.store.version()
    load(kept, len(steps), steps[-1])
    if kept.store.version() == version:  # it brought nothing
        return
    forget(kept.store, kept.catalog, last(kept.store.imports()), now=NOW, confirm=True)
    assert state(kept)[0] == before[0] == other.content()
    assert state(kept) == before
