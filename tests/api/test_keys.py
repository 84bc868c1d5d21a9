"""Keys: shown once, kept as a hash, revoked at once; the commands that make them."""

import json
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from api import commands
from api.keys import KeyFile, KeyFileError, Role, create_key, find_key, revoke_key
from layers.postgis.keys import RememberedKeys
from tests import mother
from tests.api.conftest import NOW, OWNERS, book_of, serving, wait_for
from tests.api.test_refusals import check

ROOT = Path(__file__).parents[2]


def test_only_the_hash_is_kept(tmp_path):
    book = KeyFile(tmp_path / "k.json")
    text = create_key(book, Role.PLANNER, "관악구 안전과", NOW)
    written = (tmp_path / "k.json").read_text(encoding="utf-8")
    assert text not in written
    assert text.split("_", 2)[2] not in written
    assert find_key(book, text).role == "planner"
    assert find_key(book, text + "x") is None
    assert find_key(book, "") is None
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "k.json").stat().st_mode) == 0o600


def test_another_process_revokes(tmp_path):
    book, other = KeyFile(tmp_path / "k.json"), KeyFile(tmp_path / "k.json")
    texts = [create_key(book, Role.ADMIN, name, NOW) for name in "가나"]
    assert all(find_key(other, text) for text in texts)
    revoked = revoke_key(book, find_key(book, texts[0]).id, NOW)
    assert revoked.revoked_at
    assert find_key(other, texts[0]) is None
    assert find_key(other, texts[1])
    assert [key.name for key in other.all_keys()] == ["가", "나"]
    with pytest.raises(KeyFileError):
        revoke_key(book, "nothing", NOW)


def test_a_broken_file_lets_nobody_in(tmp_path):
    (tmp_path / "k.json").write_text("[{}]", encoding="utf-8")
    with pytest.raises(KeyFileError):
        find_key(KeyFile(tmp_path / "k.json"), "ansim_1_2")


def test_a_key_of_no_known_role_is_said_at_the_start_and_is_no_fault(sample_store, tmp_path):
    create_key(KeyFile(tmp_path / "s.gpkg.keys.json"), Role.PLANNER, "가", NOW)
    kept = (tmp_path / "s.gpkg.keys.json").read_text(encoding="utf-8")
    (tmp_path / "s.gpkg.keys.json").write_text(kept.replace("planner", "king"), encoding="utf-8")
    done = ansim("serve", "--store", "s.gpkg", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "열쇠 파일을 읽을 수 없습니다" in done.stderr
    with serving(sample_store, tmp_path) as service:
        text = service.keys["planner"]
        assert service.get("/v1/me", role="planner").status_code == 200
        path = tmp_path / "keys.json"
        path.write_text(path.read_text(encoding="utf-8").replace("planner", "king"), encoding="utf-8")
        for answer in (
            service.get("/v1/me", role="planner"),
            service.post("/v1/nearby", json={"lat": 37.5, "lon": 126.9}, headers={"authorization": f"Bearer {text}"}),
        ):
            check(answer, 503, "key_file", "열쇠를 지금 확인할 수 없습니다")
            assert answer.headers["retry-after"] == "30"


def test_keys_not_read_yet_hold_nobody_up(sample_copies, tmp_path):
    """A database that does not answer: a question with a key is refused at once, and others are answered."""
    with serving(sample_copies(), tmp_path) as service:
        asked = threading.Event()

        def never():
            asked.set()
            threading.Event().wait(5)
            return []

        book = RememberedKeys(never, beside=True)
        service.services.book._read = book.read
        refused = service.post("/v1/nearby", json={"lat": 37.5, "lon": 126.9}, role="planner")
        check(refused, 503, "store", "저장소를 지금 쓸 수 없습니다")
        assert not asked.is_set()  # nobody who asks waits for the database
        assert service.post("/v1/nearby", json={"lat": 37.5, "lon": 126.9}).status_code == 200


def test_a_revoked_key_is_refused_by_the_service(service):
    told = service.services.settings
    with book_of(told.store, told.keys) as book:
        text = create_key(book, Role.PLANNER, "잠깐", NOW)
        sent = {"authorization": f"Bearer {text}"}
        # A database's list is read again within two seconds; nobody need ask for that.
        wait_for(lambda: service.get("/v1/districts/99999/states", headers=sent).status_code == 200)
        revoke_key(book, text.split("_")[1], NOW)
    wait_for(lambda: find_key(service.services.book, text) is None)
    answer = service.get("/v1/districts/99999/states", headers=sent)
    check(answer, 401, "key", "모르는 열쇠이거나 취소된 열쇠입니다")


def ansim(*words, cwd):
    return mother.run(str(ROOT / "cli.py"), *words, cwd=cwd, env=dict(os.environ))


def test_the_commands(tmp_path):
    made = ansim("keys", "create", "--role", "planner", "--name", "관악구", "--store", "s.gpkg", cwd=tmp_path)
    text = made.stdout.strip()
    assert text.startswith("ansim_")
    assert made.returncode == 0
    assert json.loads((tmp_path / "s.gpkg.keys.json").read_text(encoding="utf-8"))[0]["name"] == "관악구"
    listed = ansim("keys", "list", "--store", "s.gpkg", cwd=tmp_path).stdout
    assert "planner" in listed
    assert text not in listed
    gone = ansim("keys", "revoke", listed.split()[0], "--store", "s.gpkg", cwd=tmp_path)
    assert gone.returncode == 0
    assert "취소" in ansim("keys", "list", "--store", "s.gpkg", cwd=tmp_path).stdout
    wrong = ansim("keys", "create", "--role", "king", "--name", "a", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "public, planner, admin" in wrong.stderr
    assert ansim("keys", "revoke", "nothing", cwd=tmp_path).returncode == 2


def test_serve_says_what_is_wrong_before_it_begins(tmp_path):
    (tmp_path / "other.gpkg").write_bytes(b"not ours")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for words, said in (
            (("--port", port), "들을 수 없습니다"),
            (("--store", "other.gpkg"), "저장소가 아닙니다"),
            (("--host", "no.such.host.invalid"), "들을 수 없습니다"),
            (("--catalog", "none.toml"), "카탈로그"),
        ):
            done = ansim("serve", *words, cwd=tmp_path)
            assert done.returncode == 2, done.stdout
            assert said in done.stderr
            assert done.stderr.count("\n") == 1


def test_the_commands_of_a_database(sample_copies, tmp_path):
    login = sample_copies()
    url = OWNERS[login]
    text = ansim("keys", "create", "--role", "admin", "--name", "관악구", "--store", url, cwd=tmp_path).stdout.strip()
    with book_of(login) as book:
        assert find_key(book, text).role == "admin"
        assert text.split("_", 2)[2] not in str(book.all_keys())
    listed = ansim("keys", "list", "--store", url, cwd=tmp_path).stdout
    assert ansim("keys", "revoke", listed.split()[0], "--store", url, cwd=tmp_path).returncode == 0
    with book_of(login) as book:
        assert find_key(book, text) is None
    refused = ansim("keys", "create", "--role", "admin", "--name", "누구", "--store", login, cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert not list(tmp_path.iterdir())  # no file of keys


def test_serve_says_that_there_is_no_store_yet(monkeypatch, capsys, tmp_path):
    """A mistyped name is no empty store; a new one may be filled on the page of imports."""

    class Stopped:
        def __init__(self, *_, **__):
            pass

        def serve(self):
            """Serve nothing."""

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands.os, "environ", dict(os.environ))
    monkeypatch.setattr("granian.Granian", Stopped)
    monkeypatch.setattr(commands, "_check_free", lambda *_: None)
    monkeypatch.setattr(commands, "say_when_ready", lambda *_: None)
    commands.serve(store="typo.gpkg", session_key=False)
    said = capsys.readouterr()
    assert said.err.startswith("※ typo.gpkg: 저장소 파일이 없어 빈 채로 엽니다 → ")
    assert said.err.count("\n") == 1
