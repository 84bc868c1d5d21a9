"""Questions answered in SQL, for services that do not hold the snapshot. All values are bound.

Places come in as WGS84 lon/lat and are transformed once, as constants: a function round the column would turn its
index off. Each statement names one layer, so that one partition is asked, and sees only what stands and is installed.
Rows are ``id`` (the key), ``name``, ``road_address``, ``lot_address``, ``devices``, ``hours``, ``data_date``,
``x``, ``y`` (metres, EPSG:5179; a zone's point is its centre).
"""

from sqlalchemy import TextClause, text

_PIECES = 16  # a side straight in one projection is bent in another
_TIE_M = 0.001  # what differs by less is equally far
_EXTENT, _BUFFER = 4096, 64  # of a vector tile, in its own units

_ROWS = """
SELECT key AS id, name, road_address, lot_address, devices, hours, data_date,
       ST_X(ST_Centroid(geom)) AS x, ST_Y(ST_Centroid(geom)) AS y
"""
_OF_LAYER = "FROM ansim.facility WHERE layer = :layer AND valid_to IS NULL AND status = 'installed'"
_HERE = "ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 5179)"
_NEAREST = f"""
{_ROWS}, ST_Distance(geom, {_HERE}) AS distance_m {_OF_LAYER}
AND ST_DWithin(geom, {_HERE}, (
    SELECT MAX(away) + {_TIE_M} FROM (
        SELECT geom <-> {_HERE} AS away {_OF_LAYER} ORDER BY geom <-> {_HERE} LIMIT :count
    ) AS ranked
))
ORDER BY round(ST_Distance(geom, {_HERE}) / {_TIE_M}), key COLLATE "C" LIMIT :count
"""
_WITHIN = f"""
{_ROWS} {_OF_LAYER}
AND ST_Intersects(geom, ST_Transform(ST_GeomFromWKB(:polygon, 4326), 5179))
ORDER BY key COLLATE "C" LIMIT :limit
"""
_IN_BOX = f"""
{_ROWS} {_OF_LAYER}
AND ST_Intersects(geom, ST_Transform(
    ST_Segmentize(ST_MakeEnvelope(:west, :south, :east, :north, 4326), :piece_degrees), 5179
))
ORDER BY key COLLATE "C" LIMIT :limit
"""
_TILE = f"""
SELECT COALESCE(ST_AsMVT(drawn, :layer, {_EXTENT}, 'geom'), ''::bytea) FROM (
    SELECT key AS id, name, devices, ST_AsMVTGeom(
        ST_Transform(geom, 3857), ST_TileEnvelope(:zoom, :column, :row), {_EXTENT}, {_BUFFER}, true
    ) AS geom {_OF_LAYER}
    AND geom && ST_Transform(ST_Segmentize(
        ST_TileEnvelope(:zoom, :column, :row, margin => {_BUFFER} / {_EXTENT}.0), 40075016.7 / 2 ^ :zoom / {_PIECES}
    ), 5179)
    ORDER BY key COLLATE "C"
) AS drawn
"""


def nearest(layer: str, lon: float, lat: float, count: int) -> TextClause:
    """Return the statement for the ``count`` nearest of a layer, with ``distance_m``; ties (to 1 mm) by id.

    The inner query ranks by ``<->`` alone, which the index serves, only to find how far the last one is; all that are
    at most that far are then put in order, so ties at the end do not depend on the plan.
    """
    return text(_NEAREST).bindparams(layer=layer, lon=lon, lat=lat, count=count)


def within(layer: str, polygon_wkb: bytes, limit: int) -> TextClause:
    """Return the statement for the rows of a layer that meet a polygon (WKB, WGS84), by id."""
    return text(_WITHIN).bindparams(layer=layer, polygon=polygon_wkb, limit=limit)


def in_box(layer: str, box: tuple[float, float, float, float], limit: int) -> TextClause:
    """Return the statement for the rows of a layer that meet a box (west, south, east, north; WGS84), by id."""
    west, south, east, north = box
    piece = max(east - west, north - south) / _PIECES
    return text(_IN_BOX).bindparams(
        layer=layer, west=west, south=south, east=east, north=north, piece_degrees=piece, limit=limit
    )


def tile(layer: str, zoom: int, column: int, row: int) -> TextClause:
    """Return the statement for one vector tile (Mapbox, bytes; empty where nothing lies in it): id, name, devices."""
    return text(_TILE).bindparams(layer=layer, zoom=zoom, column=column, row=row)
