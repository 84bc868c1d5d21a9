"""What every store must do, run against the embedded store, PostGIS, and the slow obvious one in memory."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import BadSettingError
from geo.plans import Known, LayerPlan, Plan, Site
from geo.proposal_committee import taken_back
from geo.proposals import Decision, Part, Proposal, Round
from geo.proposals import Limits as ListLimits
from layers.geopackage import GeoPackageStore
from layers.kept_rounds import UnknownRoundError
from layers.postgis.engine import Database
from layers.postgis.settings import Limits
from layers.postgis.store import PostgisStore
from layers.store import StoreError
from layers.tables import FACILITY, HOUSEHOLD, TABLES, Batch, ImportRecord
from tests.layers.memory_store import MemoryStore

BLANK = {"str": "", "int64": 1, "float64": 1.0, "bool": True}


@pytest.fixture(params=["geopackage", "memory", "postgis"])
def store(request, tmp_path):
    if request.param == "postgis":
        database = Database(request.getfixturevalue("database_url"), Limits(lock_s=1))
        yield PostgisStore(database)
        database.close()
    else:
        yield GeoPackageStore(tmp_path / "시험.gpkg") if request.param == "geopackage" else MemoryStore()


def rows(keys, district="11620", at=(950_000.0, 1_950_000.0), dataset="d"):
    frame = pd.DataFrame({name: [BLANK[kind]] * len(keys) for name, kind in FACILITY.items()}).astype(FACILITY)
    frame["key"], frame["dataset"], frame["district"], frame["status"] = keys, dataset, district, "installed"
    frame["near"] = False
    frame["geometry"] = [shapely.Point(at[0] + i, at[1]) for i in range(len(keys))]
    return frame.astype(FACILITY)


def record(digest="x", dataset="d", **changes):
    values = {
        "file": "f.csv", "digest": digest, "dataset": dataset, "layer": "cctv", "encoding": "utf-8", "crs": "EPSG:4326",
        "data_date": "2025-01-01", "imported_at": "2025-02-01T10:00:00+09:00",
        "read": 1, "accepted": 1, "unlocated": 0, "rejected": 0,
    }  # fmt: skip
    return ImportRecord(**{**values, **changes})


def put(store, frame, districts=("11620",), digest="x", mode="replace", table="cctv", dataset="d"):
    with store.write() as writer:
        writer.put(Batch(table, dataset, districts, frame, mode), record(digest, dataset))


def keys(store, table="cctv", **limits):
    return sorted(store.read(table, **limits)["key"])


def test_an_empty_store(store):
    assert store.version() == 0
    assert store.imports() == []
    assert store.layer_ids() == []
    assert len(store.summary()) == 0
    for table, (columns, has_geometry) in {**TABLES, "cctv": (FACILITY, True)}.items():
        frame = store.read(table)
        assert list(frame.columns) == [*columns, *(["geometry"] if has_geometry else [])]
        assert len(frame) == 0


def test_what_goes_in_comes_out(store):
    frame = rows(["a", "나"])
    frame.loc[0, "name"] = "<b>'이름'; DROP TABLE cctv"
    frame.loc[1, "geometry"] = None
    put(store, frame)
    got = store.read("cctv").sort_values("key").reset_index(drop=True)
    assert got["name"].tolist() == ["<b>'이름'; DROP TABLE cctv", ""]
    assert got["geometry"][0] == shapely.Point(950_000, 1_950_000)
    assert got["geometry"][1] is None
    assert {name: str(got[name].dtype) for name in FACILITY} == FACILITY


def test_one_version_a_transaction(store):
    put(store, rows(["a"]))
    assert store.version() == 1
    with store.write() as writer:
        writer.put(Batch("cctv", "e", None, rows(["b"], dataset="e")), record(dataset="e"))
        writer.put(Batch("locker", "f", None, rows(["c"], dataset="f")), record(dataset="f", layer="locker"))
    assert store.version() == 2
    with store.write():
        pass
    assert store.version() == 2


def test_a_transaction_that_fails_changes_nothing(store):
    put(store, rows(["a"]))

    def broken():
        with store.write() as writer:
            writer.put(Batch("cctv", "d", ("11620",), rows(["b"])), record("y"))
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        broken()
    assert (keys(store), store.version(), len(store.imports())) == (["a"], 1, 1)


def test_the_pairs_of_a_batch_are_replaced_and_no_other(store):
    put(store, pd.concat([rows(["a", "b"]), rows(["c"], "11215"), rows(["near"], "")]), ("11620", "11215", ""))
    put(store, rows(["z"], dataset="other"), dataset="other")
    put(store, rows(["d"]), ("11620",), "y")
    assert keys(store) == ["c", "d", "near", "z"]
    put(store, rows(["e"]), None, "z")
    assert keys(store) == ["e", "z"]


@pytest.mark.parametrize("count", [3, 400])
def test_a_large_replacement_is_as_a_small_one(store, count):
    put(store, rows([f"k{i}" for i in range(count)]), ("11620", "11215"))
    put(store, rows(["c"], "11215"), ("11215",), "y")
    put(store, rows([f"n{i}" for i in range(count)]), ("11620",), "z")
    assert keys(store) == sorted(["c", *(f"n{i}" for i in range(count))])
    near = store.read("cctv", bounds=(949_999.5, 1_949_999.0, 950_001.5, 1_950_001.0))
    assert sorted(near["key"]) == ["c", "n0", "n1"]


def test_append_adds(store):
    put(store, rows(["a"]))
    put(store, rows(["b"]), digest="y", mode="append")
    assert keys(store) == ["a", "b"]


def test_an_empty_replacement_leaves_nothing(store):
    put(store, rows(["a"]))
    put(store, rows([]), ("11620",), "y")
    assert keys(store) == []
    assert store.layer_ids() == []


def test_bounds_leave_the_unlocated_out(store):
    frame = rows(["a", "b", "c"])
    frame.loc[2, "geometry"] = None
    put(store, frame)
    assert keys(store, bounds=(949_990, 1_949_990, 950_000.5, 1_950_010)) == ["a"]
    assert keys(store, bounds=(0, 0, 1, 1)) == []


def test_columns_only(store):
    put(store, rows(["a"]))
    assert list(store.read("cctv", columns=["key", "district"]).columns) == ["key", "district"]


def test_tables_without_geometry(store):
    frame = pd.DataFrame({name: [BLANK[kind]] * 2 for name, kind in HOUSEHOLD.items()}).astype(HOUSEHOLD)
    frame["dataset"] = "h"
    put(store, frame, None, table="household", dataset="h")
    assert store.read("household")["households"].sum() == 2.0


def test_polygons_come_back_whole(store):
    frame = rows(["a", "b"])
    frame["geometry"] = [
        shapely.box(0, 0, 1, 1),
        shapely.MultiPolygon([shapely.box(2, 2, 3, 3), shapely.box(5, 5, 6, 6)]),
    ]
    put(store, frame, table="patrol_zone")
    got = store.read("patrol_zone").sort_values("key")["geometry"].to_numpy()
    assert all(shapely.equals(g, h) for g, h in zip(got, frame["geometry"], strict=True))
    assert len(store.read("patrol_zone", bounds=(5.5, 5.5, 9, 9))) == 1


def test_summary_counts(store):
    frame = pd.concat([rows(["a", "b", "c", "e"]), rows(["d"], "")], ignore_index=True)
    frame["devices"] = [2, 3, 5, 1, 7]
    frame["data_date"] = ["2025-03", "2027-01-01", "2024-01-02", "2025-03-09", ""]
    frame.loc[1, "counts"] = False
    frame.loc[2, "geometry"] = None
    frame.loc[4, "near"] = True
    put(store, frame, ("11620", ""))
    got = store.summary().set_index("district").loc["11620"]
    assert (got["rows"], got["devices"], got["located"], got["counting"]) == (4, 11, 3, 3)
    # What does not count or has no place dates nothing; a day in a month is no range.
    assert (got["oldest"], got["newest"]) == ("2025-03", "2025-03")
    assert store.summary().set_index("district").loc[""]["near"] == 1


def test_imports_that_no_longer_stand_are_forgotten(store):
    put(store, rows(["a"]), ("11620", "11215"), "one")
    put(store, rows(["b"]), ("11620",), "two")
    assert [(r.digest, r.districts) for r in store.imports()] == [("one", ("11215",)), ("two", ("11620",))]
    put(store, rows(["c"], "11215"), ("11215",), "three")
    assert [r.digest for r in store.imports()] == ["two", "three"]
    put(store, rows(["d"]), None, "four")
    assert [r.digest for r in store.imports()] == ["four"]


def nowhere(keys, scope):
    return rows(keys, "").assign(scope=scope)


def scoped(store, frame, districts, scope, digest):
    with store.write() as writer:
        writer.put(Batch("cctv", "d", districts, frame, scope=scope), record(digest))


def test_rows_of_no_district_go_with_the_file_they_came_with(store):
    scoped(store, pd.concat([rows(["a"]), nowhere(["a?"], "11620")]), ("", "11620"), "11620", "one")
    scoped(store, pd.concat([rows(["b"], "11215"), nowhere(["b?"], "11215")]), ("", "11215"), "11215", "two")
    scoped(store, nowhere(["c?"], "*목록"), ("",), "*목록", "three")
    assert keys(store) == ["a", "a?", "b", "b?", "c?"]
    assert [(r.digest, r.scope, r.districts) for r in store.imports()] == [
        ("one", "11620", ("", "11620")),
        ("two", "11215", ("", "11215")),
        ("three", "*목록", ("",)),
    ]
    scoped(store, rows(["A"]), ("11620",), "", "four")  # all of the first file's districts, and none without
    assert keys(store) == ["A", "b", "b?", "c?"]
    scoped(store, nowhere(["C?"], "*목록"), ("",), "*목록", "five")
    assert keys(store) == ["A", "C?", "b", "b?"]
    assert [r.digest for r in store.imports()] == ["two", "four", "five"]
    both = pd.concat([rows(["x"]), rows(["y"], "11215")])
    scoped(store, both, ("11215", "11620"), "", "six")
    assert keys(store) == ["C?", "x", "y"]


def test_relocating_keeps_what_is_remembered(store):
    put(store, rows(["a", "b"]), ("11620",), "one")
    with store.write() as writer:
        writer.rewrite("cctv", rows(["a", "b"], "51110"))
        writer.recode({"11620": ("51110", "51130")})
    assert set(store.read("cctv")["district"]) == {"51110"}
    assert [(r.digest, r.districts) for r in store.imports()] == [("one", ("51110", "51130"))]
    assert store.version() == 2


def test_one_writer_of_a_district_at_a_time(store):
    with store.write() as first:
        first.put(Batch("cctv", "d", ("11620",), rows(["a"])), record())
        with pytest.raises(StoreError, match="다른 작업"), store.write() as second:
            second.put(Batch("cctv", "d", ("11215", "11620"), rows(["b"])), record())
    assert keys(store) == ["a"]


def test_a_writer_reads_what_it_wrote(store):
    put(store, rows(["a"]))
    with store.write() as writer:
        writer.put(Batch("cctv", "d", ("11620",), rows(["b"])), record("y"))
        assert writer.read("cctv")["key"].tolist() == ["b"]
        assert keys(store) == ["a"]
    assert np.array_equal(store.read("cctv")["key"], ["b"])


def test_rows_are_amended_by_key_and_imports_stay(store):
    put(store, rows(["a", "b", "c"]))
    before = store.imports()
    changed = rows(["b"], at=(960_000.0, 1_950_000.0)).assign(flags="located_by=name")
    with store.write() as writer:
        writer.amend("cctv", changed.astype(FACILITY))
        writer.amend("cctv", changed.iloc[:0])
    assert (keys(store), store.imports(), store.version()) == (["a", "b", "c"], before, 2)
    stored = store.read("cctv").set_index("key")
    assert stored.loc["b", "flags"] == "located_by=name"
    assert stored.loc["b", "geometry"].x == 960_000.0
    assert keys(store, bounds=(959_999, 1_949_999, 960_001, 1_950_001)) == ["b"]  # the spatial index knows
    assert keys(store, bounds=(949_999, 1_949_999, 950_003, 1_950_001)) == ["a", "c"]


def plan(name, made_at="2025-02-01T10:00:00+09:00", **changes):
    near = Known("cctv:1", "<b>가</b>", "관악로 1", 12.5)
    site = Site(
        1,
        "cctv",
        "grid:1",
        "새 자리",
        "",
        "",
        9e5,
        1.9e6,
        "다사 1 1",
        "",
        "",
        2e7,
        0.0,
        2e7,
        {"watched": 3.5},
        1.0,
        near,
    )
    layer = LayerPlan(
        "cctv", "CCTV", ("watched",), 5, {"같은 자리": 1}, 5e7, None, 10.0, 11.0, 11.5, 0.3, "bounded", "라그랑주",
        1.0, False,
        {"watched": 3.5}, (site, replace(site, rank=2, nearest=None, stability=0.5)),
    )  # fmt: skip
    values = {
        "district": "11620", "district_name": "관악구", "at": "2025-01-01 23:00", "who": "", "years": 5,
        "data_version": 1,
        "data_dates": {"cctv": ("", "2022-12")}, "need_names": {"watched": "CCTV"}, "weights": {"watched": 0.3},
        "settings": {"needs": []}, "households": 100.0, "before": 10.0, "after": 11.0, "gained": {"watched": 3.5},
        "seconds": 1.0, "layers": (layer,), "notes": ("쪽지",), "name": name, "made_at": made_at,
    }  # fmt: skip
    return Plan(**{**values, **changes})


def test_plans_are_kept_by_name_and_are_no_data(store):
    assert store.plans() == []
    assert not store.delete_plan("없음")
    put(store, rows(["a"]))
    kept = [plan("나'; DROP TABLE cctv"), plan("가", made_at="2025-03-01T10:00:00+09:00")]
    for one in reversed(kept):
        store.save_plan(one)
    assert store.plans() == kept
    store.save_plan(plan("가", made_at="2025-04-01T10:00:00+09:00", years=3))
    assert [one.years for one in store.plans()] == [5, 3]
    assert store.version() == 1
    assert store.layer_ids() == ["cctv"]


def test_plans_outlive_imports(store):
    store.save_plan(plan("먼저"))  # before there is any data
    assert store.version() == 0
    put(store, rows(["a"]))
    put(store, rows(["b"]), digest="y")
    assert [one.name for one in store.plans()] == ["먼저"]
    assert (store.version(), keys(store)) == (2, ["b"])
    assert store.delete_plan("먼저")
    assert store.plans() == []
    assert not store.delete_plan("먼저")
    assert keys(store) == ["b"]


def call(name, made_at="2025-02-01T10:00:00+09:00", **changes):
    proposals = (
        Proposal(
            1, "7", "가로", "관악구청", "district", "11620", "관악구", ("1162060100",), "가람동", "관악로 1", 9.5e5,
            1.9e6, "coordinates", ("other_dong",), said={"내용": "'; DROP TABLE <b>"},
            found={"5대 범죄": 3.0, "가구": None},
            points={"5대 범죄": 100.0, "가구": None}, score=100.0, rank=1, shortlisted=True,
            decisions=(Decision("held", "더 봄", "2025-02-02"), Decision("chosen", "어두움", "2025-02-03")),
        ),
        Proposal(2, struck="unresolved"),
    )  # fmt: skip
    parts = (Part("5대 범죄", 2.0, "table", "범죄.csv 건수"), Part("가구", 1.0, "households", low=0.0, high=9.0))
    values = {
        "files": ("제안.xlsx",), "data_version": 1, "parts": parts, "proposals": proposals,
        "districts": {"11620": "관악구"}, "limits": ListLimits(44, 3, 1), "notes": ("쪽지",),
    }  # fmt: skip
    return Round(name, made_at, **{**values, **changes})


def same(calls):
    """Comparable: a part without a scale of its own has NaN for it, which equals nothing."""
    return [one.as_dict() for one in calls]


def test_a_call_is_changed_whole_or_not_at_all(store):
    put(store, rows(["a"]))
    store.save_round(call("가"))
    back = Decision("taken_back", "", "2025-02-04", "나래구 안전과")
    made = store.change_round("가", lambda was: taken_back(was, 1, when="2025-02-04", who="나래구 안전과"))
    assert made.proposals[0].decisions[-1] == back
    assert same(store.rounds()) == same([made])

    def failing(was):
        raise BadSettingError("아님", "")

    with pytest.raises(BadSettingError):
        store.change_round("가", failing)
    with pytest.raises(BadSettingError):
        store.save_round(call("가", notes=()), failing)
    with pytest.raises(UnknownRoundError, match=r"있는 공모: 가|저장된 공모가 없습니다"):
        store.change_round("없음", lambda was: was)
    assert same(store.rounds()) == same([made])
    seen = []
    for notes in ("먼저",), ("다음",):
        store.save_round(call("나", notes=notes), seen.append)
    assert [one and one.notes for one in seen] == [None, ("먼저",)]
    assert store.version() == 1


def test_calls_for_proposals_are_kept_by_name_and_are_no_data(store):
    assert store.rounds() == []
    assert not store.delete_round("없음")
    put(store, rows(["a"]))
    kept = [call("나'; DROP TABLE cctv"), call("가", made_at="2025-03-01T10:00:00+09:00")]
    for one in reversed(kept):
        store.save_round(one)
    assert same(store.rounds()) == same(kept)
    store.save_round(call("가", made_at="2025-04-01T10:00:00+09:00", limits=None))
    assert [one.limits for one in store.rounds()] == [ListLimits(44, 3, 1), None]
    assert store.rounds()[0].proposals[0].decision == Decision("chosen", "어두움", "2025-02-03")
    put(store, rows(["b"]), digest="y")
    assert store.delete_round("가")
    assert not store.delete_round("가")
    assert [one.name for one in store.rounds()] == ["나'; DROP TABLE cctv"]
    assert (store.version(), store.layer_ids()) == (2, ["cctv"])
