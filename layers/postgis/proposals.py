"""Calls for proposals in PostGIS: a row a call and a row a proposal; no data, so imports leave them alone."""

import json

import psycopg
from psycopg import sql

from geo.proposals import Round
from layers.postgis.models import SCHEMA

_ROUND, _ROW = sql.Identifier(SCHEMA, "proposal_round"), sql.Identifier(SCHEMA, "proposal")
_ADD = sql.SQL("INSERT INTO {} (name, made_at, data_version, round) VALUES (%s, %s, %s, %s) RETURNING id")
_ADD_ROW = sql.SQL(
    "INSERT INTO {} (round_id, number, stage, side, district, score, reason, geom) VALUES"
    " (%s, %s, %s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 5179))"
)


def read_rounds(driver: psycopg.Connection) -> list[Round]:
    """Return the calls, oldest first, then by name."""
    rows = driver.execute(sql.SQL("SELECT round FROM {}").format(_ROUND)).fetchall()
    return sorted((Round.from_dict(values) for (values,) in rows), key=lambda made: (made.made_at, made.name))


def lock_round(driver: psycopg.Connection, name: str) -> None:
    """Wait until nobody else changes the call of a name, and let nobody until the transaction ends."""
    driver.execute("SELECT pg_advisory_xact_lock(hashtext('proposal_round'), hashtext(%s))", [name])


def write_round(driver: psycopg.Connection, made: Round) -> None:
    """Keep a call in place of one of its name, which is locked (:func:`lock_round`)."""
    drop_round(driver, made.name)
    text = json.dumps(made.as_dict(), ensure_ascii=False, allow_nan=False)
    row = driver.execute(_ADD.format(_ROUND), [made.name, made.made_at, made.data_version, text]).fetchone()
    if row is None:  # a RETURNING of one inserted row gives one
        raise RuntimeError("the call was not inserted")
    rows = [
        (
            row[0],
            p.number,
            p.stage,
            p.side,
            p.district,
            p.score,
            p.decision.reason if p.decision else p.struck,
            p.x,
            p.y,
        )
        for p in made.proposals
    ]
    with driver.cursor() as cursor:
        cursor.executemany(_ADD_ROW.format(_ROW), rows)


def drop_round(driver: psycopg.Connection, name: str) -> bool:
    """Forget a call; return whether there was one."""
    return driver.execute(sql.SQL("DELETE FROM {} WHERE name = %s").format(_ROUND), [name]).rowcount > 0
