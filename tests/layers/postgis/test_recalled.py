"""A command run again is answered without reading its files, exactly where reading them would change nothing."""

import json
from datetime import timedelta

import pandas as pd
import pytest

from api.import_jobs import Rehearsal
from layers.catalog import load_catalog
from layers.importing import ImportOptions, import_files, run
from layers.importing.errors import OlderDataError
from layers.postgis.open import open_database, open_postgis
from layers.store import Recalling
from tests.layers.importing.conftest import NOW, Town, boundary_features, feature, lamp, square
from tests.layers.memory_store import MemoryStore
from tests.layers.postgis.test_rights import as_member  # noqa: F401 - a fixture

LATER = NOW + timedelta(days=400)


class Forgetful:
    """The same store without its notes: every command is read, located and judged."""

    def __init__(self, store):
        self.version, self.imports, self.layer_ids = store.version, store.imports, store.layer_ids
        self.summary, self.read, self.write, self.name = store.summary, store.read, store.write, store.name


@pytest.fixture
def town(tmp_path, database_url):
    database = open_database(database_url)
    made = Town(tmp_path, open_postgis(database))
    made.load(made.boundaries)
    yield made
    database.close()


@pytest.fixture
def unread(monkeypatch):
    """A function: how many commands were read since it was last asked."""
    count = [0]
    real = run.read_all

    def counted(*args):
        count[0] += 1
        return real(*args)

    monkeypatch.setattr(run, "read_all", counted)

    def asked():
        found, count[0] = count[0], 0
        return found

    return asked


def lamps(town, n=6, name="보안등.csv", district="관악구", east=100.0, north=100.0, **other):
    rows = [
        lamp(f"등{i}", east + 10 * i, north, address=f"서울특별시 {district} 가람동 {i}", **other) for i in range(n)
    ]
    return town.lamps(rows, name=name)


def assert_as_if_read(town, paths, **options):
    """Run the command on the store with and without its notes: the same reports, rejected rows among them."""
    quick = town.load(*paths, now=LATER, **options)
    slow = import_files(list(paths), Forgetful(town.store), town.catalog, ImportOptions(**options), now=LATER)
    assert [json.dumps(one.as_dict()) for one in quick] == [json.dumps(one.as_dict()) for one in slow]
    for one, other in zip(quick, slow, strict=True):
        pd.testing.assert_frame_equal(one.rejected_rows, other.rejected_rows)


def test_the_same_command_again_is_not_read(town, unread):
    path = lamps(town)
    town.one(path)
    version, content = town.store.version(), town.content()
    assert unread() == 1
    assert town.one(path, now=LATER).unchanged
    assert unread() == 0
    assert_as_if_read(town, [path])
    assert (town.store.version(), town.content()) == (version, content)


def test_what_was_rejected_and_skipped_is_said_again(town, unread, tmp_path):
    path = town.lamps([lamp("등1"), lamp("등1"), lamp("멀리", 90_000, 0), lamp("합계", lat="없음", lon="없음")])
    (tmp_path / "읽어보기.pdf").write_bytes(b"%PDF-1.4")
    first = town.load(tmp_path)
    assert any(len(one.rejected_rows) for one in first)
    assert any(one.skipped for one in first)
    assert path.name in {one.file for one in first}
    unread()
    assert_as_if_read(town, [tmp_path])
    assert unread() == 1  # the one without notes


@pytest.mark.parametrize(
    "change", [{"columns": {"name": "설치형태"}}, {"made_up": True}, {"complete_for": ("11620",)}, {"confirm": True}]
)
def test_other_options_are_another_command(town, unread, change):
    path = lamps(town)
    town.one(path)
    unread()
    town.one(path, **({"confirm": True} | change))
    assert unread() == 1


def test_other_bytes_another_name_another_catalog_are_read(town, unread, tmp_path):
    path = lamps(town)
    town.one(path)
    unread()
    assert town.one(lamps(town, name="다른 이름.csv")).unchanged
    assert unread() == 1
    lamps(town, n=7)
    assert not town.one(path).unchanged
    assert unread() == 1
    own = tmp_path / "own.toml"
    own.write_text("[method]\nnear_m = 900\n", encoding="utf-8")
    town.catalog = load_catalog([own])
    assert not town.one(path).unchanged
    assert unread() == 1


def test_new_boundaries_make_it_be_read(town, unread):
    path = town.lamps([lamp("안"), lamp("밖", 2900, 500)])
    town.one(path)
    wider = [*boundary_features(), feature(
        {"adm_nm": "서울특별시 관악구 새동", "adm_cd": "1121099", "adm_cd2": "1162099900", "sgg": "11620", "sido": "11",
         "sidonm": "서울특별시", "sggnm": "관악구"}, square(2, 0))]  # fmt: skip
    town.load(town.geojson("새 경계.geojson", wider))
    unread()
    assert not town.one(path).unchanged
    assert unread() == 1


def test_what_another_file_replaced_in_part_or_whole_is_read(town, unread):
    """Old, new, old: in each state the store holds what one without notes would."""
    other = Town(town.folder, MemoryStore())
    other.load(other.boundaries)
    both = town.lamps(
        [*(lamp(f"등{i}", 100 + 10 * i, 100) for i in range(6)),
         *(lamp(f"등{i}", 100 + 10 * i, 1500, address=f"서울특별시 구로구 항동 {i}") for i in range(6))],
        name="두 구.csv",
    )  # fmt: skip
    one = lamps(town, n=5, name="한 구.csv", 데이터기준일자="2025-08-01")
    for path, again in ((both, False), (one, False), (both, None), (one, True), (both, None)):
        unread()
        found = town.one(path, confirm=True)
        expected = other.one(path, confirm=True)
        assert found.as_dict() == expected.as_dict()
        assert town.content() == other.content()
        if again is not None:
            assert found.unchanged is again


def test_a_folder_is_known_until_one_of_its_files_is_replaced(town, unread, tmp_path):
    folder = tmp_path / "자료"
    folder.mkdir()
    paths = [lamps(town, name="가.csv"), lamps(town, name="나.csv", district="구로구", north=1500.0)]
    for path in paths:
        path.rename(folder / path.name)
    town.load(folder)
    unread()
    assert all(one.unchanged for one in town.load(folder))
    assert unread() == 0
    town.one(lamps(town, n=9, name="가-새로.csv", 데이터기준일자="2025-09-01"))
    unread()
    with pytest.raises(OlderDataError, match="보다 오래되었습니다"):
        town.load(folder)
    assert unread() == 1


def test_where_a_file_lost_to_another_nothing_is_noted(town, unread, tmp_path):
    folder = tmp_path / "자료"
    folder.mkdir()
    for name, date in (("옛.csv", "2025-01-01"), ("새.csv", "2025-09-01")):
        lamps(town, name=name, 데이터기준일자=date).rename(folder / name)
    town.load(folder)
    unread()
    town.load(folder)
    assert unread() == 1


def test_a_rehearsal_and_a_failed_import_leave_no_note(town, unread):
    path = lamps(town)
    import_files([path], Rehearsal(town.store), town.catalog, ImportOptions(), now=NOW)
    assert not town.one(path).unchanged
    assert unread() == 2


def test_writers_note_and_readers_may_read_the_notes(town, as_member, unread):  # noqa: F811
    database = open_database(as_member("ansim_writer"))
    path = lamps(town)
    town.store = open_postgis(database)
    town.one(path)
    town.one(path)
    assert unread() == 1
    database.close()


def test_files_keep_no_notes():
    assert not isinstance(MemoryStore(), Recalling)
