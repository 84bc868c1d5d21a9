"""Files are stored in the version of the store they were looked at with, or not at all, on both stores."""

import pytest

from layers.importing import ImportOptions, import_files
from layers.store import StoreMovedError
from tests.layers.importing.conftest import NOW, lamp, lonlat


def store(town, *paths, expected, meanwhile=lambda _step: None):
    """Import; ``meanwhile(n)`` is called at each step of it."""
    steps = []

    def progress(*_):
        steps.append(None)
        meanwhile(len(steps))

    return import_files(
        list(paths), town.store, town.catalog, ImportOptions(), now=NOW, progress=progress, expected_version=expected
    )


def bell(town, name):
    lon, lat = lonlat(500, 500)
    return town.csv("비상벨.csv", ["비상벨명", "위도", "경도"], [[name, lat, lon]])


def test_a_commit_while_it_is_read_refuses_and_nothing_is_tried_again(stored_town):
    town = stored_town
    path, other = town.lamps([lamp()]), bell(town, "가")
    version, steps = town.store.version(), []

    def commit(step):
        steps.append(step)
        if step == 2:  # it was read, and is made into rows
            town.one(other, layer="emergency_bell")

    with pytest.raises(StoreMovedError):
        store(town, path, expected=version, meanwhile=commit)
    assert (town.store.version(), town.store.layer_ids(), steps) == (version + 1, ["emergency_bell"], [1, 2])
    # Without a version looked at, it is read and judged once more.
    steps.clear()
    bell(town, "나")
    (report,) = store(town, path, expected=None, meanwhile=commit)
    assert (report.accepted, town.store.version(), len(steps) > 3) == (1, version + 3, True)


def test_another_version_is_not_even_read(stored_town):
    town, seen = stored_town, []
    version = town.store.version()
    for other in (version - 1, version + 1):
        with pytest.raises(StoreMovedError):
            store(town, town.lamps([lamp()]), expected=other, meanwhile=seen.append)
    assert (seen, town.store.version(), town.store.layer_ids()) == ([], version, [])
    assert store(town, town.lamps([lamp()]), expected=version)[0].accepted == 1
    assert town.store.version() == version + 1
