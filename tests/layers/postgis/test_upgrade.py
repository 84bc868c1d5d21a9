"""The tables: from nothing and from every step to what the models say, for any catalog, or exactly what to ask for."""

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from layers.catalog import load_catalog
from layers.postgis.open import open_database, open_postgis
from layers.postgis.upgrade import alembic_config, status, upgrade
from layers.store import StoreError
from layers.tables import Batch
from tests.command import ansim
from tests.layers.test_store import keys, put, record, rows

REVISIONS = [s.revision for s in ScriptDirectory.from_config(alembic_config(None)).walk_revisions()]
OWN_LAYER = '[layer.support_center]\nname = "1인가구지원센터"\n'


@pytest.fixture
def database(server, empty_database):
    made = open_database(server.url(empty_database))
    yield made
    made.close()


def assert_no_difference(database):
    with database.engine.connect() as connection:
        command.check(alembic_config(connection))


def test_the_models_are_what_the_migrations_make(database):
    found = upgrade(database, load_catalog())
    assert found.ready
    assert found.revision == REVISIONS[0]
    assert_no_difference(database)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE ansim.plan ADD COLUMN note text",
        "ALTER TABLE ansim.facility DROP COLUMN purpose",
        "ALTER TABLE ansim.dong ALTER COLUMN name DROP NOT NULL",
        "DROP INDEX ansim.area_geom",
        "CREATE TABLE ansim.stray (id integer PRIMARY KEY)",
    ],
)
def test_a_difference_would_be_seen(server, database, empty_database, change):
    upgrade(database, load_catalog())
    server.run("DROP SCHEMA ogc CASCADE", change, database=empty_database)
    with pytest.raises(CommandError):
        assert_no_difference(database)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_step_leads_to_the_newest_and_keeps_the_rows(server, database, revision, empty_database):
    upgrade(database, load_catalog(), revision)
    assert not status(database, load_catalog()).ready
    server.run(
        "CREATE TABLE ansim.facility_cctv PARTITION OF ansim.facility FOR VALUES IN ('cctv')", database=empty_database
    )
    store = open_postgis(database)
    with store.write() as writer:
        writer.put(Batch("cctv", "d", None, rows(["a", "b"])), record())
    assert upgrade(database, load_catalog()).ready
    assert keys(store) == ["a", "b"]
    assert_no_difference(database)


def test_keys_and_plans_of_the_second_step_are_kept(server, database, empty_database):
    upgrade(database, load_catalog(), "0002")
    plan = (
        "(name, district, data_version, status, value, upper_bound, settings)"
        " VALUES ('%s', '11620', %d, '', 0, 0, '{}')"
    )
    server.run(
        "INSERT INTO ansim.api_key (name, digest, rights) VALUES ('안전과', '\\x00', '{admin}')",
        *(f"INSERT INTO ansim.plan {plan % named}" for named in (("안", 1), ("안", 2), ("다른 안", 1))),
        database=empty_database,
    )
    upgrade(database, load_catalog())
    kept = server.one("SELECT key_id, name, role, digest FROM ansim.api_key", empty_database)
    assert kept == ("00000001", "안전과", "public", b"\x00")
    found = "SELECT array_agg((name, data_version)::text ORDER BY id) FROM ansim.plan"
    assert server.one(found, empty_database)[0] == ["(안,2)", '("다른 안",1)']
    assert_no_difference(database)


def test_twice_changes_nothing(server, database, empty_database):
    objects = "SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_class WHERE relname LIKE 'facility%%'"
    upgrade(database, load_catalog())
    before = server.one(objects, empty_database)
    upgrade(database, load_catalog())
    assert server.one(objects, empty_database) == before


def test_a_layer_of_the_users_own(server, database, empty_database, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(OWN_LAYER, encoding="utf-8")
    upgrade(database, load_catalog())
    assert status(database, load_catalog([own])).missing_layers == ("support_center",)
    store = open_postgis(database)
    with pytest.raises(StoreError, match="ansim db upgrade"):
        put(store, rows(["a"]), table="support_center")
    assert store.version() == 0
    upgrade(database, load_catalog([own]))
    put(store, rows(["a"]), table="support_center")
    assert keys(store, "support_center") == ["a"]
    assert server.one("SELECT id, name FROM ogc.support_center", empty_database) == ("a", "")


def test_views_hold_public_layers_that_stand_and_no_more(server, database, empty_database):
    catalog = load_catalog()
    upgrade(database, catalog)
    store = open_postgis(database)
    frame = rows(["a", "planned", "nowhere"])
    frame.loc[1, "status"] = "planned"
    frame.loc[2, "geometry"] = None
    put(store, frame)
    put(store, rows(["b"]), table="patrol_zone")
    views = server.one("SELECT array_agg(viewname::text) FROM pg_views WHERE schemaname = 'ogc'", empty_database)[0]
    public = {layer.id for layer in catalog.layers.values() if layer.visibility == "public"}
    assert set(views) == {*public, "dong", "district"}
    assert "patrol_zone" not in views
    with psycopg.connect(server.url(empty_database)) as connection:
        assert sorted(connection.execute("SELECT id FROM ogc.cctv").fetchall()) == [("a",), ("nowhere",)]
        for view in views:
            kind = connection.execute(
                "SELECT data_type FROM information_schema.columns"
                " WHERE table_schema = 'ogc' AND table_name = %s AND column_name = 'id'",
                [view],
            ).fetchone()
            assert kind[0] in {"text", "integer", "bigint"}
            shown = connection.execute("SELECT pg_get_viewdef(%s::regclass)", [f"ogc.{view}"]).fetchone()[0]
            assert "geom::" not in shown


def test_a_layer_that_is_no_longer_public_loses_its_view(server, database, empty_database, tmp_path):
    upgrade(database, load_catalog())
    own = tmp_path / "own.toml"
    own.write_text('[layer.cctv]\nvisibility = "staff"\n', encoding="utf-8")
    upgrade(database, load_catalog([own]))
    assert server.one("SELECT to_regclass('ogc.cctv')", empty_database) == (None,)


def test_a_database_without_tables_says_what_to_run(database):
    store = open_postgis(database)
    for act in (store.version, store.imports, store.layer_ids, store.summary, lambda: store.read("dong")):
        with pytest.raises(StoreError, match="ansim db upgrade"):
            act()


def test_missing_rights_are_named_as_the_sql_that_gives_them(server, empty_database):
    user = f"{empty_database}_user"
    server.run(f"CREATE ROLE {user} LOGIN PASSWORD 'pw-of-nobody'")
    limited = open_database(server.url(empty_database, user, "pw-of-nobody"))
    try:
        with pytest.raises(StoreError) as caught:
            upgrade(limited, load_catalog())
        assert f'GRANT CREATE ON DATABASE "{empty_database}" TO "{user}";' in caught.value.hint
        assert "CREATE EXTENSION postgis;" in caught.value.hint
        # What it says is enough.
        server.run(*(s for s in caught.value.hint.removeprefix("psql에서: ").split("; ") if s), database=empty_database)
        upgrade(limited, load_catalog())
        store = open_postgis(limited)
        put(store, rows(["a"]))
        assert keys(store) == ["a"]
    finally:
        limited.close()
        server.drop(empty_database)
        server.run(f"DROP ROLE {user}")


def test_the_commands(server, empty_database, tmp_path):
    url = server.url(empty_database)
    assert "ansim db upgrade" in ansim("db", "status", "--store", url, cwd=tmp_path)
    said = ansim("db", "upgrade", "--store", url, cwd=tmp_path)
    assert f"{REVISIONS[0]}판" in said
    assert "ansim db upgrade" not in ansim("db", "status", cwd=tmp_path, env={"ANSIM_STORE": url})
    assert "postgresql://" in ansim("db", "status", "--store", "x.gpkg", cwd=tmp_path, ok=False)


def test_a_pool_larger_than_the_server_lends_is_said(server, database_name, tmp_path):
    url = server.url(database_name)
    assert "ANSIM_DB_POOL" not in ansim("db", "status", "--store", url, cwd=tmp_path)
    said = ansim("db", "status", "--store", url, cwd=tmp_path, env={"ANSIM_DB_POOL": "5000"})
    assert "ANSIM_DB_POOL" in said


def test_whoever_is_not_the_owner_is_told_who_is(server, database_name, tmp_path):
    user = f"{database_name}_other"
    server.run(f"CREATE ROLE {user} LOGIN PASSWORD 'pw-of-nobody' IN ROLE ansim_writer")
    try:
        line = ansim(
            "db", "upgrade", "--store", server.url(database_name, user, "pw-of-nobody"), cwd=tmp_path, ok=False
        )
        assert f"소유자 {server.user}" in line
    finally:
        server.drop(database_name)
        server.run(f"DROP ROLE {user}")
