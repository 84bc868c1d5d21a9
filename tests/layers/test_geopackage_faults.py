"""What the embedded store must survive: kills, other programs, wrong files, full or closed folders."""

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace

import pyogrio
import pytest

from layers.catalog import load_catalog
from layers.geopackage import GeoPackageStore
from layers.store import StoreError, open_store
from layers.tables import Batch
from tests.layers.test_store import call, keys, put, record, rows

_WRITER = """
import sys, time
from pathlib import Path
from layers.geopackage import GeoPackageStore
from layers.tables import Batch
from tests.layers.test_store import record, rows
store = GeoPackageStore(Path(sys.argv[1]))
with store.write() as writer:
    print("open", flush=True)
    for i in range(200):
        writer.put(Batch("cctv", f"d{i}", None, rows([f"{i}-{k}" for k in range(50)], dataset=f"d{i}")), record())
        print(i, flush=True)
"""


@pytest.fixture
def store(tmp_path):
    made = GeoPackageStore(tmp_path / "s.gpkg")
    put(made, rows(["a"]))
    return made


@pytest.mark.parametrize("after", ["open", "0", "3"])
def test_a_killed_writer_leaves_the_store_whole(store, after):
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(store.path)], stdout=subprocess.PIPE, text=True)
    with writer:
        for line in writer.stdout:
            if line.strip() == after:
                writer.send_signal(signal.SIGKILL)
                break
        writer.wait()
    assert (keys(store), store.version()) == (["a"], 1)
    put(store, rows(["b"]), digest="y")
    assert keys(store) == ["b"]
    assert sorted(p.name for p in store.path.parent.iterdir()) == ["s.gpkg", "s.gpkg.lock"]


def test_a_file_left_in_wal_by_another_program_is_settled(store):
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE note (text TEXT)")
        other.commit()
        # Still open: refused, and nothing orphaned.
        with pytest.raises(StoreError, match="열고 있습니다"):
            put(store, rows(["b"]), digest="y")
        assert keys(store) == ["a"]
    put(store, rows(["b"]), digest="y")
    assert keys(store) == ["b"]
    assert not list(store.path.parent.glob("*-wal"))


def test_a_program_in_the_middle_of_writing_is_waited_out_or_named(store):
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="열고 있습니다"):
            put(store, rows(["b"]), digest="y")
        other.execute("ROLLBACK")
    put(store, rows(["b"]), digest="y")


def test_the_lock_is_told(store):
    holder = subprocess.Popen(
        [sys.executable, "-c", _WRITER.replace("range(200)", "range(0)") + "    time.sleep(60)\n", str(store.path)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder:
        assert holder.stdout.readline().strip() == "open"
        try:
            with pytest.raises(StoreError, match="다른 작업이 이 저장소에 쓰고"):
                put(store, rows(["b"]))
        finally:
            holder.kill()
    put(store, rows(["c"]), digest="y")


def test_a_decision_waits_for_another_that_writes(store):
    """Two services on one file: what one decides while the other writes is kept, not refused."""
    store.save_round(call("가", notes=()))

    def noted(word):
        own = GeoPackageStore(store.path)
        own.change_round("가", lambda made: replace(made, notes=(*made.notes, word)))

    with ThreadPoolExecutor() as pool:
        with store.write():
            first = pool.submit(noted, "0")
            wait([first], timeout=0.5)  # long enough to be refused
        first.result()
        list(pool.map(noted, "123"))
    assert sorted(store.rounds()[0].notes) == ["0", "1", "2", "3"]


def test_readers_see_the_old_version_or_the_new(store):
    with store.write() as writer:
        before = keys(store)
        writer.put(Batch("cctv", "d", ("11620",), rows(["b"])), record("y"))
        assert keys(store) == before == ["a"]
    assert keys(store) == ["b"]


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100], ids=["empty", "junk"])
def test_a_file_that_is_no_store(tmp_path, content):
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    for act in (lambda s: s.version(), lambda s: s.imports(), lambda s: s.read("dong"), lambda s: put(s, rows(["a"]))):
        with pytest.raises(StoreError, match="저장소가 아닙니다"):
            act(GeoPackageStore(path))
    assert path.read_bytes() == content


def test_another_programs_geopackage_is_left_alone(tmp_path):
    path = tmp_path / "theirs.gpkg"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE mine (x INTEGER)")
        theirs.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="저장소가 아닙니다"):
        put(GeoPackageStore(path), rows(["a"]))
    assert path.read_bytes() == before


def test_folders_that_cannot_be(tmp_path):
    with pytest.raises(StoreError, match="폴더가 없습니다"):
        put(GeoPackageStore(tmp_path / "no" / "x.gpkg"), rows(["a"]))
    (tmp_path / "dir.gpkg").mkdir()
    with pytest.raises(StoreError, match="폴더입니다"):
        put(GeoPackageStore(tmp_path / "dir.gpkg"), rows(["a"]))


@pytest.mark.parametrize("location", ["ansim.db", "mysql://u:secret@h/db"])
def test_locations_that_are_no_geopackage(location):
    with pytest.raises(StoreError) as caught:
        open_store(location, load_catalog())
    assert "secret" not in str(caught.value)


def test_it_is_a_geopackage_that_older_qgis_knows(store):
    put(store, rows(["b"]), digest="y")
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0].to_bytes(4, "big") == b"GPKG"
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 10200


def test_a_store_of_an_earlier_format_is_told(store):
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE ansim_meta SET format = 1")
    with pytest.raises(StoreError, match=r"예전 판.*다시 가져오십시오"):
        store.version()


def test_gdal_opens_it_with_layers_by_their_korean_names(store):
    assert {name for name, _ in pyogrio.list_layers(store.path)} >= {"cctv"}
    assert pyogrio.read_info(store.path, layer="cctv")["crs"] == "EPSG:5179"


def test_disk_full_says_so_and_keeps_the_old(store, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("layers.geopackage.shutil.copyfile", full)
    with pytest.raises(StoreError, match="저장하지 못했습니다"):
        put(store, rows(["b"]))
    assert keys(store) == ["a"]
    assert sorted(p.name for p in store.path.parent.iterdir()) == ["s.gpkg", "s.gpkg.lock"]


def test_qgis_finds_a_style_and_korean_names_for_every_layer(tmp_path):
    store = open_store(str(tmp_path / "s.gpkg"), load_catalog())
    put(store, rows(["a"]))
    put(store, rows(["b"]), digest="y")
    with closing(sqlite3.connect(store.path)) as connection:
        styles = connection.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
        alias = connection.execute(
            "SELECT name FROM gpkg_data_columns WHERE table_name = 'cctv' AND column_name = 'devices'"
        ).fetchone()
        title = connection.execute("SELECT description FROM gpkg_contents WHERE table_name = 'cctv'").fetchone()
    assert [name for name, _ in styles] == ["cctv"]
    assert "SimpleMarker" in styles[0][1]
    assert (alias, title) == (("대수",), ("CCTV",))
    assert keys(store) == ["b"]
    assert store.layer_ids() == ["cctv"]
