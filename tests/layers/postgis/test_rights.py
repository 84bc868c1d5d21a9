"""Who may do what, and what is said to those who may not. Passwords and SQL are never among it."""

import os
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import psycopg
import pytest

from geo.errors import BadSettingError
from layers.catalog import load_catalog
from layers.postgis.open import open_database, open_postgis
from layers.store import StoreError, open_store
from tests import mother
from tests.command import ROOT, ansim
from tests.layers.postgis.cluster import PASSWORD
from tests.layers.test_store import call, keys, plan, put, rows


@pytest.fixture
def as_member(server, database_name):
    """A function: the URL of a login that is a member of one group."""
    made = []

    def url(group):
        user = f"{database_name}_{group}"
        server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' IN ROLE {group}")
        made.append(user)
        return server.url(database_name, user, PASSWORD)

    yield url
    server.drop(database_name)
    server.run(*(f"DROP ROLE {user}" for user in made))


@pytest.fixture
def opened():
    """A function: the store at a URL, closed at the end."""
    databases = []

    def at(url):
        databases.append(open_database(url))
        return open_postgis(databases[-1])

    yield at
    for database in databases:
        database.close()


def test_a_writer_imports_and_a_reader_reads(as_member, opened, database_url):
    writer, reader = opened(as_member("ansim_writer")), opened(as_member("ansim_reader"))
    put(writer, rows(["a", "b"]))
    put(writer, rows(["b", "c"]), digest="y")
    assert keys(reader) == ["b", "c"]
    assert reader.imports()[0].digest == "y"
    with pytest.raises(StoreError, match="권한이 없습니다") as caught:
        put(reader, rows(["d"]))
    assert "ansim_writer" in caught.value.hint


@pytest.mark.parametrize("group", ["ansim_writer", "ansim_service"])
def test_plans_are_kept_by_writers_and_the_service_and_seen_by_readers(as_member, opened, group):
    keeper, reader = opened(as_member(group)), opened(as_member("ansim_reader"))
    keeper.save_plan(plan("가"))
    keeper.save_plan(plan("가", years=3))
    assert [(found.name, found.years) for found in reader.plans()] == [("가", 3)]
    with pytest.raises(StoreError, match="권한이 없습니다"):
        reader.save_plan(plan("나"))
    with pytest.raises(StoreError, match="권한이 없습니다"):
        reader.delete_plan("가")
    assert keeper.delete_plan("가")
    assert reader.plans() == []


@pytest.mark.parametrize("group", ["ansim_writer", "ansim_service"])
def test_calls_for_proposals_are_kept_by_writers_and_the_service_and_seen_by_readers(as_member, opened, group):
    keeper, reader = opened(as_member(group)), opened(as_member("ansim_reader"))
    keeper.save_round(call("가"))
    keeper.change_round("가", lambda made: replace(made, limits=None))
    assert [(found.name, found.limits) for found in reader.rounds()] == [("가", None)]
    with pytest.raises(StoreError, match="권한이 없습니다"):
        reader.save_round(call("나"))
    with pytest.raises(StoreError, match="권한이 없습니다"):
        reader.change_round("가", lambda made: replace(made, notes=()))
    assert keeper.delete_round("가")
    assert reader.rounds() == []


def test_two_plans_of_one_name_at_once_leave_one(database_url, opened):
    stores = [opened(database_url) for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda numbered: numbered[1].save_plan(plan("가", years=numbered[0] + 1)), enumerate(stores)))
    assert len(stores[0].plans()) == 1


def test_changes_of_one_call_at_once_are_all_kept(database_url, opened):
    stores = [opened(database_url) for _ in range(4)]
    stores[0].save_round(call("가", notes=()))
    with ThreadPoolExecutor() as pool:
        list(
            pool.map(
                lambda one: one[1].change_round("가", lambda made: replace(made, notes=(*made.notes, str(one[0])))),
                enumerate(stores),
            )
        )
    assert sorted(stores[0].rounds()[0].notes) == ["0", "1", "2", "3"]


def test_a_call_deleted_while_it_is_changed_stays_deleted(database_url, opened):
    keeper, other = opened(database_url), opened(database_url)
    keeper.save_round(call("가"))
    with ThreadPoolExecutor(1) as pool:
        deleting = []

        def change(made):
            deleting.append(pool.submit(other.delete_round, "가"))
            wait(deleting, timeout=0.5)  # long enough for one that asks nobody
            return replace(made, notes=())

        keeper.change_round("가", change)
        assert deleting[0].result()
    assert keeper.rounds() == []


def test_the_service_reads_layers_and_changes_none(as_member, opened, database_url):
    put(opened(database_url), rows(["a"]))
    service = opened(as_member("ansim_service"))
    assert keys(service) == ["a"]
    with pytest.raises(StoreError, match="권한이 없습니다"):
        put(service, rows(["d"]), digest="y")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ansim.facility",
        "CREATE TABLE ansim.mine (x int)",
        "DROP VIEW ogc.cctv",
        "SELECT * FROM ansim.api_key",
        "UPDATE ansim.alembic_version SET version_num = '0'",
    ],
)
def test_a_writer_may_not(as_member, statement):
    with psycopg.connect(as_member("ansim_writer")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("statement", ["SELECT * FROM ansim.facility", "SELECT * FROM ansim.household"])
def test_ogc_sees_the_views_alone(as_member, statement):
    with psycopg.connect(as_member("ansim_ogc")) as connection:
        assert connection.execute("SELECT count(*) FROM ogc.cctv").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wr0ng-" + PASSWORD}, "비밀번호가 틀렸습니다"),
        ({"user": "nobody_here"}, "비밀번호가 틀렸습니다"),
        ({"database": "no_such_database"}, "그런 데이터베이스가 없습니다"),
    ],
)
def test_doors_that_stay_shut_say_why_in_one_line(server, change, said, tmp_path):
    url = server.url(**change)
    for words in (("layers",), ("db", "upgrade")):
        line = ansim(*words, "--store", url, cwd=tmp_path, ok=False)
        assert said in line
        assert PASSWORD not in line
        assert "FATAL" not in line


def test_no_server_is_said_without_the_password(tmp_path):
    line = ansim("layers", "--store", f"postgresql://u:{PASSWORD}@127.0.0.1:9/x", cwd=tmp_path, ok=False)
    assert "연결할 수 없습니다" in line
    assert PASSWORD not in line


@pytest.mark.parametrize(
    "location",
    [
        f"postgresql://u:{PASSWORD}@h:not-a-port/x",
        f"postgresql://u:{PASSWORD}@h",
        f"mysql://u:{PASSWORD}@h/x",
        f"postgresql://h/?password={PASSWORD}",
    ],
)
def test_addresses_that_are_none(location):
    with pytest.raises(StoreError) as caught:
        open_store(location, load_catalog())
    assert PASSWORD not in str(caught.value)
    assert "postgresql://" in caught.value.hint


def test_the_password_is_in_no_error_name_or_trace(server, database_name, opened):
    """Not even with every detail a debugger asks for."""
    for url in (
        server.url(database_name),
        f"postgresql://{server.user}@{server.address}/{database_name}?password={PASSWORD}",
    ):
        store = opened(url)
        assert store.name == f"postgresql://{server.user}@{server.address}/{database_name}"
        assert PASSWORD not in repr(store.database.engine)
        put(store, rows(["a"]))
        with pytest.raises(StoreError) as caught, store.database.connect() as driver:
            driver.execute("SELECT nonsense FROM ansim.meta WHERE 'secret value' = ''")
        error = caught.value
        assert error.__cause__ is None
        assert error.__suppress_context__
        assert PASSWORD not in str(error)


def test_debugging_shows_no_password(server, tmp_path):
    for database in ("no_such_database", "postgres"):
        done = mother.run(
            str(ROOT / "cli.py"), "layers", "--store", server.url(database),
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "ANSIM_DEBUG": "1"},
        )  # fmt: skip
        assert done.returncode
        assert PASSWORD not in done.stdout + done.stderr


def test_what_is_sent_but_cannot_be_stored_is_refused_whole(opened, database_url):
    store = opened(database_url)
    frame = rows(["a", "b"])
    frame.loc[1, "name"] = "null\x00byte"
    with pytest.raises(StoreError, match="저장할 수 없는 값") as caught:
        put(store, frame)
    assert "null" not in str(caught.value)
    assert (store.version(), keys(store)) == (0, [])


def test_a_statement_that_takes_too_long_is_cut_off(server, database_name, monkeypatch):
    monkeypatch.setenv("ANSIM_DB_STATEMENT_S", "1")
    database = open_database(server.url(database_name))
    with pytest.raises(StoreError, match="시간 안에"), database.connect() as driver:
        driver.execute("SELECT pg_sleep(30)")
    database.close()


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "9" * 20])
def test_limits_that_are_no_count_are_refused(monkeypatch, text):
    monkeypatch.setenv("ANSIM_DB_POOL", text)
    with pytest.raises(BadSettingError, match="ANSIM_DB_POOL"):
        open_database("postgresql://h/x")


def test_a_full_pool_and_a_full_server_are_told_apart(server, database_name, monkeypatch):
    monkeypatch.setenv("ANSIM_DB_POOL", "1")
    monkeypatch.setenv("ANSIM_DB_CONNECT_S", "1")
    database = open_database(server.url(database_name))
    with database.connect(), pytest.raises(StoreError, match="쓸 수 있는 연결이 없습니다"), database.connect():
        pass
    database.close()
    user = f"{database_name}_one"
    server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 1")
    url = server.url(database_name, user, PASSWORD)
    try:
        with psycopg.connect(url), pytest.raises(StoreError, match="연결 수가 다 찼습니다"):
            open_postgis(open_database(url)).version()
    finally:
        server.run(f"DROP ROLE {user}")
