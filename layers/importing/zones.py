"""Zones known only as dong text, put together from the dong it names."""

import numpy as np
import pyarrow as pa
import shapely

from geo.model import Geometries
from layers.importing.boundaries import Boundaries
from layers.importing.shapes import multi_polygon
from layers.importing.text import SEPARATOR, each, join


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
        return multi_polygon(shapely.union_all([shape_of[code] for code in codes])) if codes else None

    zones, index = each(join([districts, texts]), zone)
    found = np.full(len(texts), None, object)
    for position, which in enumerate(index.tolist()):
        found[position] = zones[which]
    return found
