"""One place from WGS84 to EPSG:5179, in well under a microsecond: what :func:`geo.crs.to_metres` does for arrays.

Krüger's series to the fourth order of the third flattening (Karney 2011, "Transverse Mercator with an accuracy of a few
nanometers", equations 7 to 11 and 35): true to a tenth of a millimetre within Korea. EPSG:5179 is the transverse
Mercator of GRS80 at 38 N, 127.5 E, scale 0.9996, false origin 1,000,000 and 2,000,000; WGS84 is taken as Korea 2000.
"""

import math

import numpy as np

from geo.kernels import brief_kernel

_F = 1 / 298.257222101
_N = _F / (2 - _F)
_RADIUS = 0.9996 * 6_378_137.0 / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_A1 = _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180
_A2 = 13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440
_A3 = 61 * _N**3 / 240 - 103 * _N**4 / 140
_A4 = 49_561 * _N**4 / 161_280
_E = 2 * _N**0.5 / (1 + _N)  # eccentricity
_LON0 = math.radians(127.5)
_NORTH0 = 2_000_000.0 - 4_205_815.019835826  # less the northing of 38 N by this series


def place_in_metres(lon: float, lat: float) -> tuple[float, float]:
    """Return x (east), y (north) in EPSG:5179 metres of a place in WGS84 degrees within 10 degrees of 127.5 E."""
    return (_project.compiled or _project)(lon, lat)


@brief_kernel
def _project(lon: float, lat: float) -> tuple[float, float]:
    away, s = np.radians(lon) - _LON0, np.sin(np.radians(lat))
    t = np.sinh(np.arctanh(s) - _E * np.arctanh(_E * s))
    xi = np.arctan2(t, np.cos(away))
    eta = np.arctanh(np.sin(away) / np.sqrt(1.0 + t * t))
    # Clenshaw's sum of the series in the complex xi + i eta.
    c, s, ch, sh = np.cos(2 * xi), np.sin(2 * xi), np.cosh(2 * eta), np.sinh(2 * eta)
    twice = complex(2 * c * ch, -2 * s * sh)
    third = _A3 + twice * _A4
    second = _A2 + twice * third - _A4
    first = _A1 + twice * second - third
    total = complex(xi, eta) + first * complex(s * ch, c * sh)
    return 1_000_000.0 + _RADIUS * total.imag, _NORTH0 + _RADIUS * total.real
