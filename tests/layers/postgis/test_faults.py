"""What the database store must survive: kills at every step, a server that goes away, two writers, slow readers."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest

from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.postgis.engine import Database
from layers.postgis.open import open_database, open_postgis
from layers.postgis.settings import Limits
from layers.postgis.store import PostgisStore
from layers.snapshot import take_snapshot
from layers.store import StoreError
from layers.tables import Batch
from tests import mother
from tests.command import ROOT, SAMPLE, ansim
from tests.layers.postgis.cluster import PASSWORD, Cluster, NoDatabaseError, Server
from tests.layers.test_store import keys, put, record, rows

_WRITER = """
import sys, time
import layers.postgis.merging as merging
import layers.postgis.writing as writing
from layers.postgis.open import open_database, open_postgis
from layers.tables import Batch
from tests.layers.test_store import record, rows

step, url = sys.argv[1:]

def pause(module, name, *, before):
    real = getattr(module, name)
    def paused(*args, **more):
        if before:
            print("here", flush=True)
            time.sleep(600)
        result = real(*args, **more)
        print("here", flush=True)
        time.sleep(600)
        return result
    setattr(module, name, paused)

def one_chunk_then_wait(parts, first=iter([True])):
    for part in parts:
        yield part
        print("here", flush=True)
        time.sleep(600)

if step == "copy":
    merging._CHUNK_ROWS = 10
    real = merging._copy_in
    merging._copy_in = lambda driver, statement, parts: real(driver, statement, one_chunk_then_wait(parts))
elif step == "staged":
    pause(merging, "_check_staging", before=False)
elif step == "merged":
    pause(writing, "remember", before=True)
elif step == "commit":
    pause(writing.PostgisWriter, "finish", before=False)
store = open_postgis(open_database(url))
with store.write() as writer:
    print("open", flush=True)
    if step == "merging":
        print("here", flush=True)  # the statement itself is slow: a trigger of the test
    writer.put(Batch("cctv", "d", None, rows([f"k{k}" for k in range(50)])), record("new"))
"""


@pytest.fixture
def store(database_url):
    database = Database(database_url, Limits(lock_s=300))
    made = PostgisStore(database)
    put(made, rows(["a"]))
    yield made
    database.close()


@contextlib.contextmanager
def stopped_at(step, url):
    """A writer in a process of its own that waits at a step."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, step, url], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    with writer:
        try:
            assert any(line.strip() == "here" for line in writer.stdout)
            yield writer
        finally:
            writer.kill()


def slow_merge(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END'"
        )
        connection.execute(
            "CREATE TRIGGER slow BEFORE INSERT ON ansim.facility_cctv FOR EACH ROW EXECUTE FUNCTION slow()"
        )


def quicken(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TRIGGER slow ON ansim.facility_cctv")


def running(url, words):
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s AND pid <> pg_backend_pid()"
            " AND datname = current_database()",
            [f"{words}%"],
        ).fetchone()
    return found[0] > 0


def until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("step", ["copy", "staged", "merging", "merged", "commit"])
def test_a_killed_writer_leaves_the_store_as_it_was(store, database_url, step):
    if step == "merging":
        slow_merge(database_url)
    with stopped_at(step, database_url) as writer:
        if step == "merging":
            until(lambda: running(database_url, "INSERT INTO"))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert (keys(store), store.version(), len(store.imports())) == (["a"], 1, 1)
    if step == "merging":
        # The server notices that nobody listens, and gives the locks back.
        until(lambda: not running(database_url, "INSERT INTO"))
        quicken(database_url)
    put(store, rows(["b"]), digest="y")
    assert (keys(store), store.version()) == (["b"], 2)


def test_of_two_imports_of_one_dataset_the_second_waits_and_neither_is_lost(store, database_url):
    slow_merge(database_url)
    said = []

    def second():
        other = PostgisStore(Database(database_url, Limits(lock_s=300)))
        try:
            put(other, rows(["c"], "11215"), ("11215",), "second")
        except StoreError as error:
            said.append(error)
            put(other, rows(["c"], "11215"), ("11215",), "second")  # as an import does
        other.database.close()

    with store.write() as first:
        first.put(Batch("cctv", "d", ("11620", "11215"), rows(["b"])), record("first"))
        waiting = threading.Thread(target=second)
        waiting.start()
        until(lambda: running(database_url, "SELECT pg_advisory_xact_lock"))
    waiting.join(300)
    assert [error.code for error in said] == ["store_moved"]
    assert keys(store) == ["b", "c"]
    assert [(r.digest, r.districts) for r in store.imports()] == [("first", ("11620",)), ("second", ("11215",))]


def test_writers_of_different_districts_do_not_wait_for_each_other(store, database_url):
    with store.write() as first:
        first.put(Batch("cctv", "d", ("11620",), rows(["b"])), record("first"))
        put(store, rows(["c"], "11215"), ("11215",), "second")
    assert keys(store) == ["b", "c"]
    assert store.version() == 3


def test_two_commands_at_once(database_url, tmp_path):
    """Both end well, and the store holds what one after the other would have given."""
    boundaries = min(SAMPLE.glob("*경계*"))
    ansim("import", boundaries, "--store", database_url, cwd=tmp_path)
    words = [mother.python(), str(ROOT / "cli.py"), "import", str(SAMPLE), "--store", database_url]
    both = [
        subprocess.Popen(
            words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for one in both:
        _, said = one.communicate(timeout=300)
        assert one.returncode == 0, said
    store = open_postgis(open_database(database_url))
    alone = {}
    for layer in store.layer_ids():
        held = keys(store, layer)
        assert len(held) == len(set(held)) > 0
        alone[layer] = len(held)
    assert store.version() == 2
    assert len(alone) > 3
    store.database.close()


def test_a_reader_sees_the_old_version_or_the_new(store, database_url):
    put(store, rows(range_keys("old", 3000)), digest="y")
    coming = rows(["new"] * 300_000)
    coming["key"] = "new" + pd.Series(np.arange(len(coming))).astype("str")
    seen, done = [], threading.Event()

    def look():
        other = open_postgis(open_database(database_url))
        while not done.is_set() or len(seen) < 2:
            with other.one_version() as still:
                held = still.read("cctv", columns=["key"])["key"]
                counted = int(still.summary()["rows"].sum())
                seen.append((still.version(), *set(held.str[:3]), len(held), counted, still.imports()[-1].digest))
        other.database.close()

    reader = threading.Thread(target=look)
    reader.start()
    put(store, coming, digest="z")
    looked = len(seen)
    done.set()
    reader.join(300)
    assert looked  # it read while rows came in
    assert set(seen) <= {(2, "old", 3000, 3000, "y"), (3, "new", 300_000, 300_000, "z")}
    with store.one_version() as still:
        assert len(take_snapshot(still).tables["cctv"]) == 300_000


def range_keys(word, count):
    return [f"{word}{i}" for i in range(count)]


@pytest.fixture
def own_server():
    """A server of this test alone, to be stopped and started, whatever the others run against."""
    folder = Path(tempfile.mkdtemp(prefix="ansim-pg-"))  # not pytest's, which it closes to others again and again
    try:
        made = Server(folder)
    except NoDatabaseError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no PostgreSQL of our own to stop")
    made.create()
    made.start()
    found = Cluster(f"127.0.0.1:{made.port}", "ansim_test", PASSWORD, made)
    found.run("CREATE DATABASE ansim")
    ansim("db", "upgrade", "--store", found.url("ansim"), cwd=folder)
    yield found
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_that_stops_amid_an_import_gives_one_error_and_keeps_the_store(own_server):
    store = open_postgis(open_database(own_server.url("ansim")))
    put(store, rows(["a"]))

    def import_amid_stop():
        with store.write() as writer:
            writer.put(Batch("cctv", "d", None, rows(["b"])), record("y"))
            own_server.process.stop()
            writer.put(Batch("cctv", "e", None, rows(["c"], dataset="e")), record("z", "e"))

    with pytest.raises(StoreError, match=r"연결이 끊|서버가 멈추"):
        import_amid_stop()
    with pytest.raises(StoreError, match="연결"):
        store.version()
    own_server.process.start()
    # The same store object serves on: dead connections of the pool are noticed.
    assert (keys(store), store.version()) == (["a"], 1)
    put(store, rows(["b"]), digest="y")
    assert keys(store) == ["b"]
    store.database.close()


def test_a_server_that_is_killed_amid_an_import_gives_one_line_and_half_of_nothing(own_server, tmp_path):
    """As the command says it; the server comes back by its log."""
    url = own_server.url("ansim")
    ansim("import", min(SAMPLE.glob("*경계*")), "--store", url, cwd=tmp_path)
    before = open_postgis(open_database(url))
    version = before.version()
    before.database.close()
    slow_merge(url)
    words = [mother.python(), str(ROOT / "cli.py"), "import", str(SAMPLE), "--store", url]
    with subprocess.Popen(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as importer:  # fmt: skip
        until(lambda: running(url, 'INSERT INTO "ansim"."facility"'))
        own_server.process.kill()
        said = importer.communicate(timeout=300)
    assert importer.returncode == 2
    assert len(said[1].strip().splitlines()) == 1
    assert "저장된 것은 그대로입니다" in said[1]
    assert PASSWORD not in "".join(said)
    own_server.process.start()
    store = open_postgis(open_database(url))
    assert (store.version(), store.layer_ids(), len(store.imports())) == (version, [], 1)
    store.database.close()
    quicken(url)
    ansim("import", SAMPLE, "--store", url, cwd=tmp_path)


def test_a_server_whose_connections_are_all_taken_says_so(own_server, tmp_path):
    url = own_server.url("ansim")
    user = "one_of_many"
    own_server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' IN ROLE ansim_reader")
    taken = []
    with contextlib.suppress(psycopg.OperationalError):
        while len(taken) < 100:
            taken.append(psycopg.connect(own_server.url("ansim", user, PASSWORD)))
    try:
        line = ansim("layers", "--store", own_server.url("ansim", user, PASSWORD), cwd=tmp_path, ok=False)
    finally:
        for connection in taken:
            connection.close()
    assert "연결 수가 다 찼습니다" in line
    assert len(taken) < 100
    ansim("layers", "--store", url, cwd=tmp_path)


def test_dump_and_restore_give_the_same(own_server, tmp_path):
    first = open_postgis(open_database(own_server.url("ansim")))
    import_sample(first)
    first.database.close()
    own_server.run("CREATE DATABASE restored")
    env = {**os.environ, "PGPASSWORD": own_server.password}
    host, port = own_server.address.split(":")
    where = ["-h", host, "-p", port, "-U", own_server.user]
    binaries, dump = own_server.process.binaries, tmp_path / "dump"
    subprocess.run([binaries / "pg_dump", *where, "-Fc", "-f", dump, "ansim"], env=env, check=True)
    subprocess.run([binaries / "pg_restore", *where, "-d", "restored", dump], env=env, check=True)
    for name in ("ansim", "restored"):
        ansim("gaps", "99999", "--store", own_server.url(name), "--cells", f"{name}.csv", cwd=tmp_path)
    assert (tmp_path / "ansim.csv").read_bytes() == (tmp_path / "restored.csv").read_bytes()
    ansim("db", "upgrade", "--store", own_server.url("restored"), cwd=tmp_path)


def import_sample(store):
    return import_files(
        [SAMPLE], store, load_catalog(), ImportOptions(made_up=True), now=datetime(2026, 1, 1, tzinfo=SEOUL)
    )
