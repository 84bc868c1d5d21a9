"""EPSG:5179 metres inside, WGS84 at the borders. Every order here is x, y (lon, lat)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from geo.errors import NotMetresError

METRES = "EPSG:5179"
LONLAT = "EPSG:4326"

# Generous box round the Republic of Korea in EPSG:5179 (west of 백령도 to east of 독도, 이어도 to 고성).
_X_RANGE = (500_000.0, 1_600_000.0)
_Y_RANGE = (1_100_000.0, 2_400_000.0)

Floats = NDArray[np.float64]


@cache
def transformer(source: str, target: str) -> Transformer:
    """Return the transformer from ``source`` to ``target``, always x, y order."""
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Transform WGS84 degrees to EPSG:5179 metres.

    Parameters
    ----------
    lon, lat
        float64 (n,), degrees; longitude first. NaN stays NaN.

    Returns
    -------
    x (east), y (north): float64 (n,), metres, same order as the input. Not finite where the input is
    not finite or cannot be projected.
    """
    x, y = transformer(LONLAT, METRES).transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.asarray(x), np.asarray(y)


def to_lonlat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Transform EPSG:5179 metres (x east, y north; float64 (n,)) to WGS84 lon, lat degrees (n,)."""
    lon, lat = transformer(METRES, LONLAT).transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(lon), np.asarray(lat)


def in_korea(x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Return bool, same shape: x (east), y (north) lie in the box round the Republic of Korea in EPSG:5179."""
    # Comparisons with NaN are False, so one expression catches NaN, inf and degrees.
    return np.asarray((x >= _X_RANGE[0]) & (x <= _X_RANGE[1]) & (y >= _Y_RANGE[0]) & (y <= _Y_RANGE[1]))


def require_metres(x: Floats, y: Floats) -> None:
    """Raise :class:`NotMetresError` unless every x, y is finite and within Korea in EPSG:5179."""
    x = np.asarray(x, float)
    y = np.asarray(y, float)
    if x.size == 0:
        return
    inside = in_korea(x, y)
    if not inside.all():
        first = int(np.flatnonzero(~inside)[0])
        raise NotMetresError(
            f"좌표가 EPSG:5179 미터가 아닙니다: 순번 {first} ({x.flat[first]:.6g}, {y.flat[first]:.6g})",
            "경위도는 geo.crs.to_metres(lon, lat)로 먼저 바꾸십시오",
        )
