"""Keys in the database: only digests, revoked for good, read by the service alone, and never waited for."""

import hashlib
import threading
from datetime import datetime

import pytest

from layers.hours import SEOUL
from layers.postgis.keys import DatabaseKeys, RememberedKeys, StoredKey
from layers.postgis.open import open_database
from layers.store import StoreError
from tests.layers.postgis.test_rights import as_member  # noqa: F401 - a fixture

NOON, LATER = datetime(2026, 1, 5, 12, 0, tzinfo=SEOUL), datetime(2026, 1, 6, 9, 30, tzinfo=SEOUL)


def key(number, name="관악구 안전과", role="planner"):
    digest = hashlib.sha256(f"ansim_{number}_secret".encode()).hexdigest()
    return StoredKey(number, name, role, digest, NOON.isoformat())


@pytest.fixture
def at():
    """A function: the keys behind a URL, closed at the end."""
    databases = []

    def keys(url):
        databases.append(open_database(url))
        return DatabaseKeys(databases[-1])

    yield keys
    for database in databases:
        database.close()


def test_keys_come_back_as_they_went_and_one_name_may_have_two(database_url, at):
    book = at(database_url)
    assert book.read() == []
    book.put(key("0a"))
    book.put(key("0b"))
    assert book.read() == [key("0a"), key("0b")]
    assert at(database_url).read() == book.read()


def test_a_revoked_key_stays_revoked_since_the_first_time(database_url, at):
    book = at(database_url)
    book.put(key("0a"))
    assert book.revoke("0a", NOON).revoked_at == NOON.isoformat()
    assert book.revoke("0a", LATER).revoked_at == NOON.isoformat()
    book.put(key("0a", name="딴 이름"))
    assert book.read() == [StoredKey(**{**vars(key("0a", name="딴 이름")), "revoked_at": NOON.isoformat()})]
    assert book.revoke("none", NOON) is None


def test_a_key_is_not_changed_into_another(database_url, at):
    book = at(database_url)
    book.put(key("0a"))
    for other in (key("0a", role="admin"), StoredKey(**{**vars(key("0a")), "digest": "00" * 32})):
        with pytest.raises(StoreError, match="이미 다른 열쇠"):
            book.put(other)
    assert book.read() == [key("0a")]


def test_the_service_reads_keys_and_only_the_owner_makes_them(as_member, at, database_url):  # noqa: F811
    at(database_url).put(key("0a"))
    service = at(as_member("ansim_service"))
    assert service.read() == [key("0a")]
    for act in (lambda: service.put(key("0b")), lambda: service.revoke("0a", NOON)):
        with pytest.raises(StoreError, match="열쇠를 다룰 수 없습니다") as caught:
            act()
        assert "소유자" in caught.value.hint
    for group in ("ansim_reader", "ansim_writer", "ansim_ogc"):
        with pytest.raises(StoreError, match="열쇠를 다룰 수 없습니다") as caught:
            at(as_member(group)).read()
        assert "GRANT ansim_service" in caught.value.hint


class Source:
    """Keys that can be held up, or be away."""

    def __init__(self):
        self.keys, self.away, self.asked = [key("0a")], False, 0
        self.open, self.answered = threading.Event(), threading.Semaphore(0)
        self.open.set()

    def __call__(self):
        self.asked += 1
        self.open.wait(300)
        try:
            if self.away:
                raise StoreError("away")
            return list(self.keys)
        finally:
            self.answered.release()


def test_remembered_keys_are_given_without_waiting_and_renewed_beside():
    now = [0.0]
    source = Source()
    known = RememberedKeys(source, fresh_s=1.0, clock=lambda: now[0])
    assert known.read() == [key("0a")]
    source.answered.acquire()
    now[0] = 0.9
    known.read()
    assert source.asked == 1
    source.open.clear()  # the database hangs
    source.keys = [key("0b")]
    now[0] = 2.0
    assert known.read() == known.read() == [key("0a")]
    assert source.asked <= 2  # one asks, however many read
    source.open.set()
    assert source.answered.acquire(timeout=300)
    settled(known)
    assert known.read() == [key("0b")]


def test_remembered_keys_stand_while_the_database_is_away():
    now = [0.0]
    source = Source()
    known = RememberedKeys(source, fresh_s=1.0, clock=lambda: now[0])
    source.away = True
    with pytest.raises(StoreError):  # nothing is known yet: nobody is let in
        known.read()
    source.away = False
    known.read()
    source.away, now[0] = True, 5.0
    assert known.read() == [key("0a")]
    settled(known)
    assert known.read() == [key("0a")]


def settled(known):
    """Wait until nobody asks."""
    assert known._asking.acquire(timeout=300)
    known._asking.release()
