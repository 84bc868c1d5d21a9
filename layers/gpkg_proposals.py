"""The calls for proposals kept in the embedded store: one row a call, beside the data and untouched by imports."""

import json
import sqlite3

from geo.proposals import Round

_TABLE = """
CREATE TABLE IF NOT EXISTS ansim_proposals (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, made_at TEXT NOT NULL,
    proposals INTEGER NOT NULL, shortlisted INTEGER NOT NULL, chosen INTEGER NOT NULL, round TEXT NOT NULL)
"""
_LISTED = """
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier)
VALUES ('ansim_proposals', 'attributes', 'ansim_proposals')
"""


def read_rounds(connection: sqlite3.Connection) -> list[Round]:
    """Return the calls, oldest first, then by name; none in a store made before there were any."""
    if not _exists(connection):
        return []
    rows = connection.execute("SELECT round FROM ansim_proposals ORDER BY made_at, name")
    return [Round.from_dict(json.loads(text)) for (text,) in rows]


def write_round(connection: sqlite3.Connection, made: Round) -> None:
    """Keep a call in place of one of its name."""
    connection.execute(_TABLE)
    connection.execute(_LISTED)
    stages = [p.stage for p in made.proposals]
    listed = sum(p.shortlisted for p in made.proposals)
    connection.execute(
        "INSERT OR REPLACE INTO ansim_proposals (name, made_at, proposals, shortlisted, chosen, round)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (made.name, made.made_at, len(stages), listed, stages.count("chosen"), text_of(made)),
    )


def drop_round(connection: sqlite3.Connection, name: str) -> bool:
    """Forget a call; return whether there was one."""
    if not _exists(connection):
        return False
    return connection.execute("DELETE FROM ansim_proposals WHERE name = ?", (name,)).rowcount > 0


def text_of(made: Round) -> str:
    """Return a call as JSON text."""
    return json.dumps(made.as_dict(), ensure_ascii=False, allow_nan=False)


def _exists(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ansim_proposals'")
    return found.fetchone() is not None
