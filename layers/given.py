"""Places and land that a caller hands over as GeoJSON (WGS84, lon lat). Kept in memory: no file is written."""

import json
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import to_metres

PREFIX = "given"  # of the ids of such places, as a file's name is of its own


def given_land(text: str) -> Any:  # noqa: ANN401 - a geometry
    """Return the union of all polygons of a GeoJSON text, EPSG:5179, each mended where its rings cross."""
    return shapely.union_all(shapely.make_valid(_shapes(text)))


def given_rows(text: str) -> pd.DataFrame:
    """Return the features of a GeoJSON FeatureCollection, in order: ``key`` (its id), ``name``, ``geometry``.

    Geometries are of EPSG:5179; polygons are mended where their rings cross. Every feature has an id and a geometry.
    """
    features = json.loads(text)["features"]
    return pd.DataFrame(
        {
            "key": [str(one["id"]) for one in features],
            "name": [str(one["properties"]["name"]) for one in features],
            "geometry": shapely.make_valid(_shapes(text)),
        }
    )


def _shapes(text: str) -> Any:  # noqa: ANN401 - object (n,) of geometries
    shapes = shapely.get_parts(shapely.from_geojson(text))
    return shapely.transform(shapes, lambda lonlat: np.column_stack(to_metres(lonlat[:, 0], lonlat[:, 1])))
