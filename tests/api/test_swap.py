"""New data while phones ask: no answer fails, none is of two versions; a store that fails takes nothing down."""

import shutil
import threading
import time
from contextlib import contextmanager
from datetime import datetime

import pytest

from api.opened import opened
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.store import StoreError
from tests.api.conftest import SAMPLE, serving, wait_for
from tests.api.test_refusals import check

HERE = {"lat": 37.5, "lon": 126.9}


def test_swapped_whole_while_asked(own_store, tmp_path):
    with serving(own_store, tmp_path) as service:
        first = service.services.live.near
        answers, stop = [], threading.Event()

        def ask():
            while not stop.is_set():
                answer = service.post("/v1/nearby", json=HERE)
                answers.append((answer.status_code, answer.json().get("data_version")))

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            catalog = load_catalog()
            bells = (SAMPLE / "안전비상벨위치정보.csv").read_bytes().splitlines(keepends=True)
            (tmp_path / "안전비상벨위치정보.csv").write_bytes(b"".join(bells[:-2]))
            now = datetime(2026, 3, 5, tzinfo=SEOUL)
            with opened(str(own_store), catalog) as store:
                import_files(
                    [tmp_path / "안전비상벨위치정보.csv"], store, catalog,
                    ImportOptions(made_up=True, confirm=True), now=now,
                )  # fmt: skip
            wait_for(lambda: service.services.live.near.version == first.version + 1)
            seen = len(answers)
            wait_for(lambda: len(answers) > seen + 5)
        finally:
            stop.set()
            asking.join()
        assert {status for status, _ in answers} == {200}
        versions, last = [version for _, version in answers], service.services.live.near
        assert versions == sorted(versions)
        assert set(versions) == {first.version, first.version + 1}
        # The version before stays for work begun with it; those before that go.
        wait_for(lambda: {p.name for p in (tmp_path / "work").glob("near-*")} == {first.folder.name, last.folder.name})
        assert len(service.services.live.near.index.place) == len(first.index.place) - 2


@contextmanager
def away(own_store, sample_store, request):
    """While the block lasts the store cannot be read; nobody had asked for what is asked in it."""
    if isinstance(own_store, str):
        server, name = request.getfixturevalue("server"), own_store.rpartition("/")[2]
        server.run(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        yield
        server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    else:
        own_store.write_bytes(b"no database")
        yield
        shutil.copyfile(sample_store, own_store)


def test_the_store_goes_and_what_is_read_goes_on(own_store, sample_store, tmp_path, request):
    with serving(own_store, tmp_path) as service:
        waiting = upload(service).json()["id"]
        with away(own_store, sample_store, request):
            wait_for(lambda: not service.services.live.store_ok)
            assert service.get("/ready").json()["store"] is False
            assert service.get("/ready").json()["districts"] == 1
            assert service.post("/v1/nearby", json=HERE).status_code == 200
            for path in ("/v1/bundles/99999", "/v1/districts/99999/map", "/v1/districts", "/v1/layers"):
                assert service.get(path).status_code == 200, path
            # Analyses read what is served, too; so does the city.
            city = service.get("/v1/city")
            while city.status_code == 202:
                time.sleep(0.1)
                city = service.get("/v1/city")
            assert city.status_code == 200, city.text
            assert service.get("/v1/districts/99999/gaps", role="planner").status_code == 200
            for down in (upload(service), service.post(f"/v1/imports/{waiting}/confirm", role="admin")):
                check(down, 503, "store", "저장소를 지금 쓸 수 없습니다")
                assert down.headers["retry-after"] == "30"
                assert str(own_store).rpartition("/")[2] not in down.text
            assert str(own_store).rpartition("/")[2] not in service.log
        wait_for(lambda: service.services.live.store_ok)
        assert service.post(f"/v1/imports/{waiting}/confirm", role="admin").status_code == 200


def upload(service):
    data = (SAMPLE / "안전비상벨위치정보.csv").read_bytes()
    return service.post("/v1/imports", role="admin", files={"files": ("안전비상벨위치정보.csv", data)})


def test_a_store_that_cannot_be_is_refused_at_once(tmp_path):
    with pytest.raises(StoreError), serving("postgres.txt", tmp_path):
        pass


def test_what_another_catalog_built_is_not_taken_up(sample_store, tmp_path):
    """A folder that outlives the service: a layer that has become staff is gone from everything."""
    with serving(sample_store, tmp_path) as before:
        assert "cctv" in {layer["id"] for layer in before.get("/v1/bundles/99999").json()["layers"]}
    own = tmp_path / "own.toml"
    own.write_text('[layer.cctv]\nvisibility = "staff"\n', encoding="utf-8")
    with serving(sample_store, tmp_path, catalog=(own,)) as after:
        assert "cctv" not in {layer["id"] for layer in after.get("/v1/bundles/99999").json()["layers"]}
        assert "cctv" not in {layer["layer"] for layer in after.get("/v1/layers").json()["layers"]}
        check(after.post("/v1/nearby", json={**HERE, "layers": ["cctv"]}), 403, "staff_layer", "직원만")


def test_a_commit_is_told_of_and_a_lost_connection_made_again(server, sample_copies, tmp_path):
    """Nothing is looked at every so often here: what is seen was told."""
    store = sample_copies()
    name, catalog = store.rpartition("/")[2], load_catalog()
    listening = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}' AND query LIKE 'LISTEN%'"
    bells = (SAMPLE / "안전비상벨위치정보.csv").read_bytes().splitlines(keepends=True)

    def take(n):
        (tmp_path / "안전비상벨위치정보.csv").write_bytes(b"".join(bells[: len(bells) - n]))
        with opened(store, catalog) as there:
            options = ImportOptions(made_up=True, confirm=True)
            now = datetime(2026, 3, 4 + n, tzinfo=SEOUL)
            import_files([tmp_path / "안전비상벨위치정보.csv"], there, catalog, options, now=now)

    with serving(store, tmp_path, poll_s=3_600) as service:
        first = service.services.live.near.version
        take(1)
        wait_for(lambda: service.services.live.near.version == first + 1)
        server.run(f"SELECT pg_terminate_backend(pid) FROM ({listening}) AS one")
        take(2)  # committed while nobody listened, or just after
        wait_for(lambda: service.services.live.near.version == first + 2)
