"""History: equal rows are left alone, changed ones get a new form, and any day's end can be asked for."""

from datetime import date

import pandas as pd
import psycopg
import pytest

from layers.catalog import load_catalog
from layers.postgis.open import open_database, open_postgis
from layers.store import StoreError, open_store
from layers.tables import TABLES
from tests.command import SAMPLE, ansim
from tests.layers.test_store import keys, put, rows


@pytest.fixture
def store(database_url):
    database = open_database(database_url)
    yield open_postgis(database)
    database.close()


def sql(url, statement, *values):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def physical(url, table="facility"):
    """Where each row version lies and which transaction wrote it: unequal once a row is touched."""
    return set(sql(url, f"SELECT tableoid, ctid::text, xmin::text, xmax::text, valid_to::text FROM ansim.{table}"))


def shift(url, by):
    """Move all history into the past."""
    for table in ("facility", "import", *TABLES):
        sql(url, f"UPDATE ansim.{table} SET valid_from = valid_from - %s::interval, valid_to = valid_to - %s::interval",
            by, by)  # fmt: skip


def test_equal_rows_are_not_touched(store, database_url):
    put(store, rows(["a", "b", "c"]))
    before = physical(database_url)
    put(
        store,
        rows(["c", "a", "b"]).assign(geometry=rows(["a", "b", "c"])["geometry"].to_numpy()[[2, 0, 1]]),
        digest="y",
    )
    assert physical(database_url) == before
    assert store.version() == 2
    assert store.imports()[0].digest == "y"


def test_a_changed_row_ends_and_begins_and_the_others_stay(store, database_url):
    put(store, rows(["a", "b", "c"]))
    before = physical(database_url)
    frame = rows(["a", "b", "d"])
    frame.loc[1, "name"] = "새 이름"
    put(store, frame, digest="y")
    assert len(physical(database_url) & before) == 1
    history = sql(database_url, "SELECT key, name, valid_to IS NULL, valid_from FROM ansim.facility ORDER BY id")
    assert [row[:3] for row in history] == [
        ("a", "", True), ("b", "", False), ("c", "", False), ("b", "새 이름", True), ("d", "", True)
    ]  # fmt: skip
    ended = sql(database_url, "SELECT DISTINCT valid_to FROM ansim.facility WHERE valid_to IS NOT NULL")
    assert ended == [(history[3][3],)]


def test_equal_rows_of_one_file_are_counted(store):
    put(store, pd.concat([rows(["a"])] * 3, ignore_index=True))
    assert keys(store) == ["a"] * 3
    put(store, pd.concat([rows(["a"])] * 2, ignore_index=True), digest="y")
    assert keys(store) == ["a"] * 2
    put(store, rows(["a"]), digest="z", mode="append")
    put(store, pd.concat([rows(["a"])] * 2, ignore_index=True), digest="w")
    assert keys(store) == ["a"] * 2


def test_every_days_end_is_what_it_was(store, database_url):
    put(store, rows(["a", "b"]))
    shift(database_url, "2 days")
    put(store, rows(["b", "c"]), digest="y")
    shift(database_url, "2 days")
    put(store, rows(["d"]), digest="z")
    today = sql(database_url, "SELECT (now() AT TIME ZONE 'Asia/Seoul')::date")[0][0]
    held = {}
    for days in range(6):
        at = open_store(database_url, load_catalog(), as_of=date.fromordinal(today.toordinal() - days))
        held[days] = (keys(at), [r.digest for r in at.imports()], len(at.summary()), at.layer_ids())
        at.database.close()
    assert held[0] == (["d"], ["z"], 1, ["cctv"])
    assert held[1] == (["b", "c"], ["y"], 1, ["cctv"])
    assert held[2] == (["b", "c"], ["y"], 1, ["cctv"])
    assert held[3] == (["a", "b"], ["x"], 1, ["cctv"])
    assert held[5] == ([], [], 0, [])


@pytest.mark.parametrize(
    ("begun", "as_of", "seen"),
    [
        ("2026-03-01 23:59:59.999+09", "2026-03-01", True),
        ("2026-03-02 00:00:00+09", "2026-03-01", False),
        ("2026-03-01 15:00:00+00", "2026-03-01", False),  # midnight in Seoul
        ("2026-03-01 14:59:59+00", "2026-03-01", True),
    ],
)
def test_a_day_ends_at_midnight_in_seoul(store, database_url, begun, as_of, seen):
    put(store, rows(["a"]))
    sql(database_url, "UPDATE ansim.facility SET valid_from = %s", begun)
    at = open_store(database_url, load_catalog(), as_of=date.fromisoformat(as_of))
    assert keys(at) == (["a"] if seen else [])
    sql(database_url, "UPDATE ansim.facility SET valid_from = '2020-01-01', valid_to = %s", begun)
    assert keys(at) == ([] if seen else ["a"])
    at.database.close()


def test_the_past_is_read_only(database_url):
    at = open_store(database_url, load_catalog(), as_of=date(2026, 1, 1))
    with pytest.raises(StoreError, match="지난 날"):
        put(at, rows(["a"]))
    at.database.close()


def test_the_commands_speak_of_that_day(store, database_url, tmp_path):
    """Boundaries and households are those of the day, too."""
    ansim("import", SAMPLE, "--store", database_url, cwd=tmp_path)
    ansim("gaps", "99999", "--store", database_url, "--cells", "before.csv", cwd=tmp_path)
    before = ansim("layers", "--store", database_url, cwd=tmp_path)
    shift(database_url, "3 days")
    put(store, rows(["x"], "99999", dataset="other"), ("99999",), "y", dataset="other")
    sql(database_url, "UPDATE ansim.household SET valid_to = now(); UPDATE ansim.dong SET valid_to = now()")
    day = str(sql(database_url, "SELECT (now() AT TIME ZONE 'Asia/Seoul')::date - 1")[0][0])
    assert ansim("layers", "--store", database_url, "--as-of", day, cwd=tmp_path) == before
    ansim("gaps", "99999", "--store", database_url, "--as-of", day, "--cells", "then.csv", cwd=tmp_path)
    assert (tmp_path / "then.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()
    ansim("map", "99999", "--store", database_url, "--as-of", day, "--out", "then.html", cwd=tmp_path)
    ansim("gaps", "99999", "--store", database_url, cwd=tmp_path, ok=False)
    said = ansim("gaps", "99999", "--store", database_url, "--as-of", "2020-01-01", cwd=tmp_path, ok=False)
    assert "경계가 아직 없습니다" in said


def test_a_file_has_no_past(tmp_path):
    for words in (("layers",), ("gaps", "관악구"), ("map", "관악구", "--out", "x.html")):
        assert "postgresql://" in ansim(*words, "--as-of", "2026-01-01", cwd=tmp_path, ok=False)
    assert "날짜가 아닙니다" in ansim("layers", "--as-of", "어제", cwd=tmp_path, ok=False)
