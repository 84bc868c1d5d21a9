"""Taking an import back: A, B, forget B is A alone, on both stores; nothing half-done, and the log."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import to_lonlat
from geo.errors import AnsimError
from layers.geopackage import GeoPackageStore
from layers.importing.errors import BoundariesNeededError
from layers.importing.forgetting import (
    AmbiguousImportError,
    Chosen,
    UnknownStoredImportError,
    choose,
    choose_ids,
    forget,
    import_id,
    last,
)
from layers.postgis.open import open_database, open_postgis
from layers.store import StoreMovedError
from layers.taking_back import CannotForgetError
from tests.layers.importing.conftest import NOW, Town, boundary_features, feature, lamp, square
from tests.layers.memory_store import MemoryStore


@pytest.fixture
def town(stored_town):
    return stored_town


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


def both(town, n, name="보안등.csv", **other):
    rows = [lamp(f"관{i}", 100 + 10 * i, 100, address=f"서울특별시 관악구 가람동 {i}", **other) for i in range(n)]
    rows += [lamp(f"구{i}", 100 + 10 * i, 1_200, address=f"서울특별시 구로구 항동 {i}", **other) for i in range(n)]
    return town.lamps(rows, name=name)


@pytest.mark.parametrize("by_name", [True, False])
def test_a_file_goes_with_the_edition_that_cut_it_down(town, by_name):
    alone = state(town)
    town.load(both(town, 5))
    town.load(lamps(town, 6, 데이터기준일자="2025-12-01"), now=NOW + timedelta(days=3), confirm=True)
    imports = town.store.imports()
    assert [record.districts for record in imports[1:]] == [("11530",), ("11620",)]
    ids = [import_id(record) for record in imports[1:]]
    chosen = choose(imports, "보안등.csv") if by_name else choose_ids(imports, ids)
    shown = forget(town.store, town.catalog, chosen, now=NOW, confirm=False)
    assert [(one.removed, one.restored, one.back) for one in shown] == [(6, 5, ("보안등.csv",)), (10, 0, ())]
    assert town.store.imports() == imports
    assert forget(town.store, town.catalog, chosen, now=NOW, confirm=True) == shown
    assert state(town) == alone
    assert [(line.removed, line.restored) for line in town.store.forgotten()] == [(6, 5), (10, 0)]


def test_what_changed_since_it_was_chosen_is_not_taken_back(town):
    town.load(both(town, 5))
    chosen = choose(town.store.imports(), "보안등.csv")
    town.load(lamps(town, 6, name="새.csv", 데이터기준일자="2025-12-01"), confirm=True)
    before, version = state(town), town.store.version()
    with pytest.raises(StoreMovedError, match="그 사이") as raised:
        forget(town.store, town.catalog, chosen, now=NOW, confirm=True)
    assert raised.value.message.startswith(f"{town.store.name}: 보안등.csv")
    with pytest.raises(StoreMovedError) as raised, town.store.write() as writer:
        writer.take_back(replace(chosen.records[0], digest="0" * 64), NOW.isoformat(), restore=True)
    assert raised.value.message.startswith(f"{town.store.name}: 보안등.csv")
    assert raised.value.hint not in raised.value.message
    assert (state(town), town.store.version()) == (before, version)


def test_boundaries_do_not_go_from_under_an_edition_that_stands_again(town):
    town.load(lamps(town, 6))
    newer = lamps(town, 7, name="새.csv", 데이터기준일자="2025-09-01")
    town.load(newer)
    before, imports = state(town), town.store.imports()
    with pytest.raises(BoundariesNeededError, match="보안등"):
        forget(town.store, town.catalog, Chosen(tuple(imports), whole=False), now=NOW, confirm=True)
    assert state(town) == before


def test_few_digits_of_several_are_refused(town):
    town.load(lamps(town, 3))
    record = town.store.imports()[-1]
    same, other = replace(record, layer="cctv"), replace(record, file="남.csv", digest=record.digest[:6] + "0" * 58)
    assert choose([record, same], record.digest[:4]).records == (record, same)  # one file, of two layers
    with pytest.raises(AmbiguousImportError, match=r"2건") as raised:
        choose([record, same, other], record.digest[:5].upper())
    assert import_id(record) in raised.value.message
    assert import_id(other) in raised.value.message
    assert choose([record, same, other], import_id(other)).records == (other,)


STEPS = st.lists(
    st.tuples(st.sampled_from(["관악구", "구로구", "둘"]), st.integers(1, 6), st.sampled_from(["replace", "append"])),
    min_size=1, max_size=4,
)  # fmt: skip


def one_more(town, number, step):
    """Import a step's file at its own time; say whether it brought anything."""
    where, n, mode = step
    rows = [lamp(f"관{i}", 100 + 10 * i, 100, address=f"서울특별시 관악구 가람동 {i}") for i in range(n)]
    rows += [lamp(f"구{i}", 100 + 10 * i, 1_200, address=f"서울특별시 구로구 항동 {i}") for i in range(n)]
    rows = {"관악구": rows[:n], "구로구": rows[n:], "둘": rows}[where]
    path, version = town.lamps(rows, name=f"{where}{n}.csv"), town.store.version()
    try:
        town.load(path, mode=mode, confirm=True, now=NOW + timedelta(days=number + 1))
    except AnsimError:
        return False
    return town.store.version() > version


def check_subset(town, other, steps, data):
    """Forget some of what stands: what is left is what importing the others alone leaves, or nothing is changed."""
    brought = [one_more(town, number, step) for number, step in enumerate(steps)]
    files = town.store.imports()[1:]
    some = data.draw(st.lists(st.sampled_from(files), min_size=1, unique=True))
    chosen = choose_ids(town.store.imports(), [import_id(record) for record in some])
    gone = {record.imported_at for record in chosen.records}
    times = [(NOW + timedelta(days=number + 1)).isoformat(timespec="seconds") for number in range(len(steps))]
    rest = [number for number, came in enumerate(brought) if came and times[number] not in gone]
    before = state(town)
    try:
        forget(town.store, town.catalog, chosen, now=NOW, confirm=True)
    except CannotForgetError:
        assert any(steps[number][2] == "append" for number in rest)  # one that lies, or would lie again, on another
        assert state(town) == before
        return
    other.load(other.boundaries)
    for number in rest:
        one_more(other, number, steps[number])
    assert state(town) == state(other)


@pytest.fixture(scope="module")
def package_with_boundaries(tmp_path_factory):
    """A GeoPackage that holds the town's boundaries, to be copied."""
    folder = tmp_path_factory.mktemp("package")
    town = Town(folder, GeoPackageStore(folder / "b.gpkg"))
    town.load(town.boundaries)
    return folder / "b.gpkg"


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, data=st.data())
def test_forgetting_any_of_them_is_importing_the_rest(tmp_path_factory, package_with_boundaries, steps, data):
    """Against a store in memory that never had them."""
    folder = tmp_path_factory.mktemp("f")
    shutil.copyfile(package_with_boundaries, folder / "a.gpkg")
    town = Town(folder, GeoPackageStore(folder / "a.gpkg"))
    check_subset(town, Town(folder, MemoryStore()), steps, data)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, data=st.data())
def test_forgetting_any_of_them_is_importing_the_rest_in_the_database(tmp_path_factory, database_url, steps, data):
    """In one database: each time all of it is taken back first."""
    folder, database = tmp_path_factory.mktemp("f"), open_database(database_url)
    try:
        town = Town(folder, open_postgis(database))
        if imports := town.store.imports():
            forget(town.store, town.catalog, Chosen(tuple(imports), whole=True), now=NOW, confirm=True)
        assert not any(town.content().values())
        town.load(town.boundaries)
        check_subset(town, Town(folder, MemoryStore()), steps, data)
    finally:
        database.close()
