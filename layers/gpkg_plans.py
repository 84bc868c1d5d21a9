"""The plans kept in the embedded store: one row a plan, beside the data and untouched by imports."""

import json
import sqlite3

from geo.plans import Plan

_TABLE = """
CREATE TABLE IF NOT EXISTS ansim_plan (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, district TEXT NOT NULL, made_at TEXT NOT NULL,
    data_version INTEGER NOT NULL, status TEXT NOT NULL, plan TEXT NOT NULL)
"""
_LISTED = """
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier)
VALUES ('ansim_plan', 'attributes', 'ansim_plan')
"""


def read_plans(connection: sqlite3.Connection) -> list[Plan]:
    """Return the plans, oldest first, then by name; none in a store made before there were plans."""
    if not _exists(connection):
        return []
    rows = connection.execute("SELECT plan FROM ansim_plan ORDER BY made_at, name")
    return [Plan.from_dict(json.loads(text)) for (text,) in rows]


def write_plan(connection: sqlite3.Connection, plan: Plan) -> None:
    """Keep a plan in place of one of its name."""
    connection.execute(_TABLE)
    connection.execute(_LISTED)
    connection.execute("DELETE FROM ansim_plan WHERE name = ?", (plan.name,))
    connection.execute(
        "INSERT INTO ansim_plan (name, district, made_at, data_version, status, plan) VALUES (?, ?, ?, ?, ?, ?)",
        (plan.name, plan.district, plan.made_at, plan.data_version, plan.status, _text(plan)),
    )


def drop_plan(connection: sqlite3.Connection, name: str) -> bool:
    """Forget a plan; return whether there was one."""
    if not _exists(connection):
        return False
    return connection.execute("DELETE FROM ansim_plan WHERE name = ?", (name,)).rowcount > 0


def _text(plan: Plan) -> str:
    return json.dumps(plan.as_dict(), ensure_ascii=False, allow_nan=False)


def _exists(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ansim_plan'")
    return found.fetchone() is not None
