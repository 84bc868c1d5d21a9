"""Small operations on object arrays of shapely geometries, None where there is none."""

import numpy as np
import shapely

from geo.model import Bools, Geometries


def missing(geometry: Geometries) -> Bools:
    """Return bool (n,): there is no geometry."""
    return np.asarray(shapely.is_missing(geometry), dtype=bool)


def only(rows: Bools, geometry: Geometries) -> Geometries:
    """Return a copy that keeps the geometry of the chosen rows and is None elsewhere."""
    kept = np.full(len(geometry), None, object)
    kept[rows] = geometry[rows]
    return kept


def to_points(geometry: Geometries) -> Geometries:
    """Return Points (n,): one surely inside each polygon (on each line), the sole member of a MultiPoint.

    None where there is none, and where several points leave open which of them is meant.
    """
    points = geometry.copy()
    extended = shapely.get_dimensions(geometry) > 0
    points[extended] = shapely.point_on_surface(geometry[extended])
    many = ~missing(points) & (shapely.get_type_id(points) != shapely.GeometryType.POINT)
    for row in np.flatnonzero(many):
        places = set(shapely.get_parts(shapely.get_parts(points[row])))
        points[row] = places.pop() if len(places) == 1 else None
    points[np.asarray(shapely.is_empty(points), dtype=bool)] = None
    return points


def polygons_only(geometry: Geometries) -> Geometries:
    """Return valid MultiPolygons of any geometries (n,); None where no polygon is left."""
    found = geometry.copy()
    bad = ~np.asarray(shapely.is_valid(found), dtype=bool) & ~missing(found)
    found[bad] = shapely.make_valid(found[bad])
    kind = shapely.get_type_id(found)
    single = np.flatnonzero(kind == shapely.GeometryType.POLYGON)
    if len(single):
        found[single] = shapely.multipolygons(found[single], indices=np.arange(len(single)))
    rest = (kind != shapely.GeometryType.POLYGON) & (kind != shapely.GeometryType.MULTIPOLYGON)
    for position in np.flatnonzero(rest & ~missing(found)):
        found[position] = multi_polygon(found[position])
    found[np.asarray(shapely.is_empty(found), dtype=bool)] = None
    return found


def multi_polygon(geometry: shapely.Geometry) -> shapely.MultiPolygon | None:
    """Return the polygons of a geometry as one MultiPolygon, None where there are none."""
    parts = [p for p in shapely.get_parts(shapely.get_parts(geometry)) if p.geom_type == "Polygon" and not p.is_empty]
    return shapely.MultiPolygon(parts) if parts else None
