"""What a service reads: the newest version within moments, the last one while the database is away."""

import threading
import time

import pytest

from layers.postgis.live import LiveSnapshot
from layers.postgis.open import open_database, open_postgis
from layers.store import StoreError
from tests.layers.postgis.test_faults import own_server, until  # noqa: F401 - a fixture
from tests.layers.test_store import put, rows


def held(live):
    return sorted(live.current.tables["cctv"]["key"]) if "cctv" in live.current.tables else []


def test_an_import_is_seen_and_each_snapshot_stays_as_it_was(database_url):
    store = open_postgis(open_database(database_url))
    told = []
    live = LiveSnapshot(store, told=told.append)
    before = live.current
    try:
        assert (live.current.version, held(live)) == (0, [])
        put(store, rows(["a"]))
        until(lambda: held(live) == ["a"])
        put(store, rows(["b"]), digest="y")
        until(lambda: held(live) == ["b"])
        assert "cctv" not in before.tables
        assert [snapshot.version for snapshot in told] == [1, 2]
    finally:
        live.stop()
        store.database.close()
    assert not [t for t in threading.enumerate() if t.name == "ansim-live"]


def test_the_last_snapshot_is_served_while_the_server_is_away_and_then_caught_up(own_server):  # noqa: F811
    url = own_server.url("ansim")
    store = open_postgis(open_database(url))
    put(store, rows(["a"]))
    live = LiveSnapshot(store, first_wait_s=0.1, longest_wait_s=0.5)
    try:
        own_server.process.stop()
        for _ in range(20):
            assert held(live) == ["a"]
            time.sleep(0.05)
        own_server.process.start()
        other = open_postgis(open_database(url))
        put(other, rows(["b"]), digest="y")  # perhaps before it listens again: not missed
        until(lambda: held(live) == ["b"])
        put(other, rows(["c"]), digest="z")
        until(lambda: held(live) == ["c"])
        other.database.close()
    finally:
        live.stop()
        store.database.close()


def test_with_nothing_to_serve_it_says_so():
    with pytest.raises(StoreError, match="연결할 수 없습니다"):
        LiveSnapshot(open_postgis(open_database("postgresql://u:p@127.0.0.1:9/x")))
