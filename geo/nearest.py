"""The facility of each layer nearest to a place, in a straight line."""

import numpy as np
import shapely
from scipy.spatial import KDTree

from geo.model import Floats, LayerPoints, Nearest


def nearest_of_layers(
    x: Floats, y: Floats, layers: tuple[LayerPoints, ...], within_m: float
) -> list[tuple[Nearest, ...]]:
    """Return, for each place, the nearest facility of each layer.

    Parameters
    ----------
    x, y
        float64 (n,), EPSG:5179 metres.
    layers
        m layers; those with no facility give a ``Nearest`` of None.
    within_m
        How far every place sees all the facilities there are. One found farther away may not be the nearest, and
        gives None.

    Returns
    -------
    n tuples of m :class:`Nearest`, in layer order. Ties go to the lowest index. Distance to a zone is to
    its edge, 0 inside.
    """
    columns = [_of_layer(np.asarray(x, float), np.asarray(y, float), layer, within_m) for layer in layers]
    return [tuple(column[i] for column in columns) for i in range(len(x))]


def _of_layer(x: Floats, y: Floats, layer: LayerPoints, within_m: float) -> list[Nearest]:
    nothing = Nearest(layer.layer, layer.name, None, None, None)
    if len(layer.ids) == 0:
        return [nothing] * len(x)
    if shapely.get_dimensions(layer.geometry).max() > 0:
        # Zones are few: every distance is cheap.
        places = np.asarray(shapely.points(x, y))
        away = shapely.distance(places[:, None], layer.geometry[None, :])
        which = np.argmin(away, axis=1)
        distance = away[np.arange(len(x)), which]
    else:
        distance, which = _nearest_points(x, y, layer)
    return [
        Nearest(layer.layer, layer.name, layer.ids[w], layer.names[w], d) if d <= within_m else nothing
        for w, d in zip(which.tolist(), distance.tolist(), strict=True)
    ]


def _nearest_points(
    x: Floats, y: Floats, layer: LayerPoints
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    points = np.column_stack([layer.x, layer.y])
    distance, which = KDTree(points).query(np.column_stack([x, y]))
    # Cameras stand stacked on one point: the lowest index of the stack is the answer.
    _, first, back = np.unique(points, axis=0, return_index=True, return_inverse=True)
    return np.asarray(distance), first[back.ravel()][which].astype(np.int64)
