"""Geometry that GeoJSON has and GDAL cannot read: letters for numbers, half a position. It is not the same as none."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from layers.importing.raw import Raw
from layers.importing.shapes import missing

# Lies nowhere, so it is rejected as impossible; a collection, so that it does not say which kind the file holds.
_NOWHERE = shapely.GeometryCollection([shapely.Point(np.inf, np.inf)])


def mark_unreadable(raw: Raw, text: str) -> Raw:
    """Return the file with impossible geometry where its text has one that was read as none.

    A geometry of null, or of nothing but nulls, is none: such a row is unlocated.
    """
    if raw.geometry is None or not (blank := missing(raw.geometry)).any():
        return raw
    features = json.loads(text).get("features", [])
    if len(features) != len(raw):  # not a collection of features
        return raw
    geometry = raw.geometry.copy()
    for row in np.flatnonzero(blank):
        if any(True for _ in _leaves(features[row].get("geometry"))):
            geometry[row] = _NOWHERE
    return replace(raw, geometry=geometry)


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """Yield what stands in the coordinates of a geometry, nulls left out."""
    if isinstance(value, dict):
        for name in ("coordinates", "geometries"):
            yield from _leaves(value.get(name))
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif value is not None:
        yield value
