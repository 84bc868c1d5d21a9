"""New data while phones ask: no answer fails, none is of two versions; a store that fails takes nothing down."""

import shutil
import threading
from datetime import datetime

import pytest

from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.store import StoreError, open_store
from tests.api.conftest import SAMPLE, serving, wait_for

HERE = {"lat": 37.5, "lon": 126.9}


def test_swapped_whole_while_asked(sample_store, tmp_path):
    store = tmp_path / "own.gpkg"
    shutil.copyfile(sample_store, store)
    with serving(store, tmp_path) as service:
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
            import_files(
                [tmp_path / "안전비상벨위치정보.csv"], open_store(str(store), catalog), catalog,
                ImportOptions(made_up=True, confirm=True), now=now,
            )  # fmt: skip
            wait_for(lambda: service.services.live.near.version == first.version + 1)
            seen = len(answers)
            wait_for(lambda: len(answers) > seen + 5)
        finally:
            stop.set()
            asking.join()
        assert {status for status, _ in answers} == {200}
        versions = [version for _, version in answers]
        assert versions == sorted(versions)
        assert set(versions) == {first.version, first.version + 1}
        wait_for(lambda: len(list((tmp_path / "work").glob("near-*"))) == 1)
        assert len(service.services.live.near.index.x) == len(first.index.x) - 2


def test_the_store_goes_and_phones_are_answered(sample_store, tmp_path):
    store = tmp_path / "own.gpkg"
    shutil.copyfile(sample_store, store)
    with serving(store, tmp_path) as service:
        for path in ("/v1/bundles/99999", "/v1/districts/99999/map"):
            assert service.get(path).status_code == 200
        store.write_bytes(b"no database")
        wait_for(lambda: not service.services.live.store_ok)
        assert service.post("/v1/nearby", json=HERE).status_code == 200
        assert service.get("/ready").json()["store"] is False
        for path in ("/v1/bundles/99999", "/v1/districts/99999/map", "/v1/districts", "/v1/layers"):
            assert service.get(path).status_code == 200
        down = service.post(
            "/v1/imports",
            role="admin",
            files={"files": ("안전비상벨위치정보.csv", (SAMPLE / "안전비상벨위치정보.csv").read_bytes())},
        )
        assert (down.status_code, down.json()["code"]) == (503, "store")
        assert down.headers["retry-after"] == "30"
        assert str(tmp_path) not in down.text
        shutil.copyfile(sample_store, store)
        wait_for(lambda: service.services.live.store_ok)


def test_a_store_that_cannot_be_is_refused_at_once(tmp_path):
    with pytest.raises(StoreError), serving("postgres.txt", tmp_path):
        pass
