"""The pages as the service answers them: policy, addresses, caching, who is there."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from api.commands import _link
from api.keys import session_key
from api.pages import CSP, PAGES
from maps.page_files import digest, page_files
from tests.api.conftest import serving

SOURCES = Path(__file__).parents[2] / "maps" / "pages"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_but_the_services(service, path):
    answer = service.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.encode() == CSP
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    assert not re.search(r"\s(style|on\w+)=", answer.text)
    assert "http:" not in answer.text
    assert "https:" not in answer.text
    again = service.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_names_is_there_and_kept_for_good(service, path):
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', service.get(path).text)
    assert named
    for address in named:
        answer = service.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


def test_what_modules_import_is_there():
    names = set(page_files())
    for name in (name for name in names if name.endswith(".js")):
        for to in re.findall(r"(?:from|import)\s+'(\.[^']+)'", page_files()[name].decode()):
            parts = name.split("/")[:-1]
            for step in to.split("/"):
                if step == "..":
                    parts.pop()
                elif step != ".":
                    parts.append(step)
            assert "/".join(parts) in names, f"{name} imports {to}"


def test_files_are_packed_and_their_address_changes_with_them(service):
    address = f"/static/{digest()}/common.css"
    packed = service.get(address, headers={"accept-encoding": "gzip"})
    plain = service.get(address, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == (SOURCES / "common.css").read_text(encoding="utf-8")
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"]
    assert service.get("/static/0000000000000000/common.css").status_code == 404
    assert service.get(f"/static/{digest()}/planner.html").status_code == 404
    assert service.get(f"/static/{digest()}/../../api/app.py").status_code == 404


def words_of(name):
    """Return the words of a dictionary (one or several entries a line) by their keys."""
    entry = re.compile(r"(?:^|[,{])\s*(?:'([\w.-]+)'|(\w+)):\s*(['\"`])((?:\\.|(?!\3).)*)\3(?=,)", re.MULTILINE)
    return {m[0] or m[1]: m[3] for m in entry.findall(page_files().get(name, b"").decode())}


def korean_books():
    """Return the dictionaries in Korean: a page's own, and those of its parts."""
    return [name for name in page_files() if name.endswith(("/ko.js", "_ko.js"))]


def test_both_languages_have_the_same_words():
    """Every word of a Korean dictionary stands in the English one, places to fill included."""
    pairs = [(name, name.removesuffix("ko.js") + "en.js") for name in korean_books()]
    assert pairs
    for korean, english in pairs:
        ko, en = words_of(korean), words_of(english)
        assert ko
        assert set(ko) <= set(en), f"{english} lacks {sorted(set(ko) - set(en))}"
        served = ("problem.", "kind.")  # the service says these in Korean itself
        assert all(key.startswith(served) for key in set(en) - set(ko)), sorted(set(en) - set(ko))
        for key, text in ko.items():
            places = set(re.findall(r"\{\w+\}", text)) - {"{unit}"}  # English counts without counters (기, 대)
            assert places == set(re.findall(r"\{\w+\}", en[key])) - {"{unit}"}, key


def test_every_word_asked_for_is_in_a_dictionary():
    common = set(words_of("words/ko.js"))
    for name in (name for name in page_files() if name.endswith(".js") and "/" in name):
        own = {word for book in korean_books() if book.split("/")[0] == name.split("/")[0] for word in words_of(book)}
        asked = set(re.findall(r"\bt\('([\w.-]+)'", page_files()[name].decode()))
        assert asked <= common | own, (name, asked - common - own)


def test_me_says_who_is_there(service):
    assert service.get("/v1/me").json() == {"role": "public", "name": ""}
    assert service.get("/v1/me", role="planner").json() == {"role": "planner", "name": "시험"}
    assert service.get("/v1/me", headers={"authorization": "Bearer ansim_0_none"}).status_code == 401


def test_a_key_for_one_run(sample_store, tmp_path):
    text, told = session_key()
    assert sha256(text.encode()).hexdigest() == told
    with serving(sample_store, tmp_path, session_digest=told) as service:
        asked = {"headers": {"authorization": f"Bearer {text}"}}
        assert service.get("/v1/me", **asked).json()["role"] == "admin"
        assert service.get("/v1/districts/99999/states", **asked).status_code == 200
        assert text not in service.log
    assert text not in (tmp_path / "keys.json").read_text(encoding="utf-8")
    with serving(sample_store, tmp_path) as service:
        assert service.get("/v1/me", headers={"authorization": f"Bearer {text}"}).status_code == 401


def test_the_link_brings_a_key_on_this_computer_alone(monkeypatch):
    monkeypatch.delenv("ANSIM_SESSION_DIGEST", raising=False)
    environ = __import__("os").environ
    link = _link("127.0.0.1", 8000, session_key=True)
    assert sha256(link.partition("#key=")[2].encode()).hexdigest() == environ["ANSIM_SESSION_DIGEST"]
    assert _link("::1", 8000, session_key=True).startswith("http://[::1]:8000/#key=ansim_session_")
    for host, wanted in (("127.0.0.1", False), ("0.0.0.0", True), ("10.0.0.5", True), ("city.example", True)):  # noqa: S104
        assert _link(host, 8000, session_key=wanted) == f"http://{host}:8000/"
        assert "ANSIM_SESSION_DIGEST" not in environ


def test_a_map_runs_its_own_scripts_alone(service):
    answer = service.get("/v1/districts/99999/map")
    policy = answer.headers["content-security-policy"]
    scripts = policy.split("script-src ")[1].split(";")[0]
    assert "unsafe" not in scripts
    assert "nonce" not in scripts
    assert len(scripts.split()) == len(re.findall(r'<script nonce="', answer.text)) == 3
