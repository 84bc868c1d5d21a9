"""Plans in PostGIS: a row a plan and a row a site; no data, so imports and the data version leave them alone."""

import json
from typing import Any

import psycopg
from psycopg import sql

from geo.plans import Plan
from layers.postgis.models import SCHEMA

_PLAN, _SITE = sql.Identifier(SCHEMA, "plan"), sql.Identifier(SCHEMA, "plan_site")
_ADD = sql.SQL(
    "INSERT INTO {} (name, district, made_at, data_version, status, value, upper_bound, settings) VALUES"
    " (%(name)s, %(district)s, %(made_at)s, %(version)s, %(status)s, %(value)s, %(bound)s, %(plan)s) RETURNING id"
)
_ADD_SITE = sql.SQL(
    "INSERT INTO {} (plan_id, rank, layer, cost_krw, households, geom)"
    " VALUES (%s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 5179))"
)


def read_plans(driver: psycopg.Connection) -> list[Plan]:
    """Return the plans, oldest first, then by name."""
    rows = driver.execute(sql.SQL("SELECT settings FROM {}").format(_PLAN)).fetchall()
    return sorted((Plan.from_dict(values) for (values,) in rows), key=lambda plan: (plan.made_at, plan.name))


def write_plan(driver: psycopg.Connection, plan: Plan) -> None:
    """Keep a plan in place of one of its name; of two at once, the later stays."""
    driver.execute("SELECT pg_advisory_xact_lock(hashtext('plan'), hashtext(%s))", [plan.name])
    drop_plan(driver, plan.name)
    values: dict[str, Any] = {
        "name": plan.name, "district": plan.district, "made_at": plan.made_at, "version": plan.data_version,
        "status": plan.status, "value": plan.after,
        "bound": plan.after + sum(layer.bound - layer.after for layer in plan.layers),
        "plan": json.dumps(plan.as_dict(), ensure_ascii=False, allow_nan=False),
    }  # fmt: skip
    row = driver.execute(_ADD.format(_PLAN), values).fetchone()
    if row is None:  # a RETURNING of one inserted row gives one
        raise RuntimeError("the plan was not inserted")
    sites = [
        (row[0], number, site.layer, round(site.total_krw), json.dumps(dict(site.gained)), site.x, site.y)
        for number, site in enumerate(plan.sites, 1)
    ]
    with driver.cursor() as cursor:
        cursor.executemany(_ADD_SITE.format(_SITE), sites)


def drop_plan(driver: psycopg.Connection, name: str) -> bool:
    """Forget a plan; return whether there was one."""
    return driver.execute(sql.SQL("DELETE FROM {} WHERE name = %s").format(_PLAN), [name]).rowcount > 0
