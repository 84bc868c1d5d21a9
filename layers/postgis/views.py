"""The views of the schema ``ogc``: what QGIS and OGC services may show of the layers, and nothing else.

Only public layers, only what stands and is installed. The geometry is the column itself: a cast, or any expression
round it, would turn its index off. ``id`` is the row's key (text), stable from import to import.
"""

import psycopg
from psycopg import sql

from layers.catalog import Catalog
from layers.postgis.models import SCHEMA, VIEWS

_LAYER = """
CREATE VIEW {view} AS
SELECT key AS id, name, road_address, lot_address, district, dong, devices, installed, data_date, hours, purpose,
       counts, approximate, geom
FROM {facility}
WHERE layer = {layer} AND valid_to IS NULL AND status = 'installed'
"""
_DONG = """
CREATE VIEW {view} AS
SELECT dong AS id, name, district, district_name, province, geom FROM {table} WHERE valid_to IS NULL
"""
_DISTRICT = "CREATE VIEW {view} AS SELECT code AS id, name, province, geom FROM {table}"


def make_views(driver: psycopg.Connection, catalog: Catalog) -> None:
    """Make the views anew: those of layers that are no longer public, or no longer in the catalog, go."""
    for (name,) in driver.execute("SELECT viewname FROM pg_views WHERE schemaname = %s", [VIEWS]).fetchall():
        driver.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(VIEWS, name)))
    for name, statement in (("dong", _DONG), ("district", _DISTRICT)):
        driver.execute(sql.SQL(statement).format(view=sql.Identifier(VIEWS, name), table=sql.Identifier(SCHEMA, name)))
    for layer in catalog.layers.values():
        if layer.visibility == "public":
            view = sql.Identifier(VIEWS, layer.id)
            driver.execute(
                sql.SQL(_LAYER).format(
                    view=view, facility=sql.Identifier(SCHEMA, "facility"), layer=sql.Literal(layer.id)
                )
            )
            driver.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(layer.name)))
