"""Polygons of zones and areas: mended, or put together from the dong a text names."""

import numpy as np
import pyarrow as pa
import shapely

from geo.model import Geometries
from layers.importing.boundaries import Boundaries
from layers.importing.text import SEPARATOR, each, join


def polygons_only(geometry: Geometries) -> Geometries:
    """Return valid MultiPolygons of any polygons (n,); None where no polygon is left."""
    valid = shapely.make_valid(geometry)
    return np.array([_multi(g) for g in valid], dtype=object) if len(valid) else valid


def _multi(geometry: shapely.Geometry | None) -> shapely.MultiPolygon | None:
    if geometry is None:
        return None
    parts = [p for p in shapely.get_parts(shapely.get_parts(geometry)) if p.geom_type == "Polygon" and not p.is_empty]
    return shapely.MultiPolygon(parts) if parts else None


def zones_of_text(districts: pa.Array, texts: pa.Array, boundaries: Boundaries) -> Geometries:
    """Return the union of the dong each text names in its district.

    Parameters
    ----------
    districts, texts
        string arrays (n,): district code, and dong text such as ``화곡1·8동``.

    Returns
    -------
    Object array (n,) of MultiPolygons, EPSG:5179; None where a text does not wholly resolve, or names no district.
    """
    shape_of = dict(zip(boundaries.codes, boundaries.geometry, strict=True))

    def zone(pair: str) -> shapely.MultiPolygon | None:
        district, text = pair.split(SEPARATOR)
        codes = boundaries.dongs.text(district, text) if text else ()
        return _multi(shapely.union_all([shape_of[code] for code in codes])) if codes else None

    zones, index = each(join([districts, texts]), zone)
    found = np.full(len(texts), None, object)
    for position, which in enumerate(index.tolist()):
        found[position] = zones[which]
    return found
