"""Who may do what: group roles with the least rights, and what an administrator must give first.

``ansim_reader`` reads the tables, ``ansim_writer`` also imports and keeps plans, ``ansim_ogc`` sees the public views
only. ``ansim_service`` reads what readers read and the digests of keys, and keeps plans and calls for proposals. None
owns anything: ``ansim db upgrade`` is run by the owner, who alone makes and revokes keys; the service by a member of a
group.
"""

import psycopg
from psycopg import sql

ROLES = ("ansim_reader", "ansim_writer", "ansim_ogc", "ansim_service")
_GRANTS = """
GRANT USAGE ON SCHEMA ansim TO ansim_reader, ansim_writer, ansim_service;
GRANT SELECT ON ALL TABLES IN SCHEMA ansim TO ansim_reader, ansim_writer, ansim_service;
GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA ansim TO ansim_writer;
GRANT DELETE ON ansim.district, ansim.command TO ansim_writer;
GRANT INSERT, UPDATE, DELETE ON ansim.plan, ansim.plan_site TO ansim_writer, ansim_service;
GRANT INSERT, UPDATE, DELETE ON ansim.proposal_round, ansim.proposal TO ansim_writer, ansim_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA ansim TO ansim_writer, ansim_service;
REVOKE INSERT, UPDATE ON ansim.alembic_version, ansim.api_key FROM ansim_writer;
REVOKE SELECT ON ansim.api_key FROM ansim_writer, ansim_reader;
GRANT USAGE ON SCHEMA ogc TO ansim_ogc, ansim_reader, ansim_service;
GRANT SELECT ON ALL TABLES IN SCHEMA ogc TO ansim_ogc, ansim_reader, ansim_service;
"""


def missing_requirements(driver: psycopg.Connection) -> list[str]:
    """Make the extension and the roles where we may; return the SQL an administrator must run for the rest."""
    missing = []
    user, database, may_create = _row(
        driver,
        "SELECT current_user, current_database(), has_database_privilege(current_database(), 'CREATE')",
    )
    if not may_create:
        missing.append(_text(driver, "GRANT CREATE ON DATABASE {} TO {};", database, user))
    missing += _extension(driver)
    roles = {name for (name,) in driver.execute("SELECT rolname FROM pg_roles")}
    for role in ROLES:
        if role not in roles and not _tried(driver, f"CREATE ROLE {role} NOLOGIN"):
            missing.append(f"CREATE ROLE {role} NOLOGIN;")
    return missing


def grant_rights(driver: psycopg.Connection) -> None:
    """Give the groups their rights on everything there is now; repeating it changes nothing."""
    for statement in _GRANTS.strip().split("\n"):
        driver.execute(statement)


def _extension(driver: psycopg.Connection) -> list[str]:
    if driver.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchone():
        return []
    if not driver.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone():
        major = int(_row(driver, "SHOW server_version_num")[0]) // 10000
        return [f"(서버에서 apt install postgresql-{major}-postgis-3 뒤에) CREATE EXTENSION postgis;"]
    return [] if _tried(driver, "CREATE EXTENSION postgis") else ["CREATE EXTENSION postgis;"]


def _tried(driver: psycopg.Connection, statement: str) -> bool:
    try:
        with driver.transaction():
            driver.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _row(driver: psycopg.Connection, statement: str) -> tuple:  # type: ignore[type-arg]
    found = driver.execute(statement).fetchone()
    if found is None:
        raise AssertionError(statement)
    return tuple(found)


def _text(driver: psycopg.Connection, statement: str, *names: str) -> str:
    return sql.SQL(statement).format(*(sql.Identifier(name) for name in names)).as_string(driver)
