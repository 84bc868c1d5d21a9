"""Where many people live alone: the dense cells (domain.md 3)."""

import math

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import false_discovery_control, norm

from geo.errors import BadSettingError
from geo.model import Bools, Floats, Ints

BAND_M = 250.0
DBSCAN_EPS_M = 150.0  # reaches the 8 neighbours of a 100 m cell
_SIGNIFICANCE = 0.05


def densest(households: Floats, share: float = 0.25) -> tuple[Bools, float]:
    """Return the densest places that together hold ``share`` of all households, ties whole.

    Parameters
    ----------
    households
        float64 (n,), places of equal size.
    share
        0 < share <= 1.

    Returns
    -------
    bool (n,), and the share of households really reached (0 where there are none).
    """
    _check_share(share)
    total = households.sum()
    if total <= 0:
        return np.zeros(len(households), dtype=bool), 0.0
    falling = np.sort(households)[::-1]
    # A hair of slack: a sum that equals the share on paper must not miss it by rounding.
    last = int(np.searchsorted(np.cumsum(falling), share * total * (1 - 1e-12)))
    dense = (households >= falling[min(last, len(falling) - 1)]) & (households > 0)
    return dense, float(households[dense].sum() / total)


def densest_dong(households: Floats, dong: Ints, land_m2: Floats, share: float = 0.25) -> tuple[Bools, float]:
    """Return the cells of the dong densest by households a hectare of land that hold ``share`` of all.

    For households known by dong totals only: dense areas are then dong. Arrays (n,) by cell.
    """
    _check_share(share)
    per_dong = np.bincount(dong, households)
    land = np.bincount(dong, land_m2)
    density = np.divide(per_dong, land, out=np.zeros_like(per_dong), where=land > 0)
    total = per_dong.sum()
    if total <= 0:
        return np.zeros(len(households), dtype=bool), 0.0
    order = np.argsort(-density, kind="stable")
    reached = np.cumsum(per_dong[order])
    last = min(int(np.searchsorted(reached, share * total * (1 - 1e-12))), len(order) - 1)
    chosen = (density >= density[order[last]]) & (per_dong > 0)
    # A cell nobody lives in (a park in a dense dong) is no dense cell.
    return chosen[dong] & (households > 0), float(per_dong[chosen].sum() / total)


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise BadSettingError(f"밀집 비율은 0 초과 1 이하여야 합니다: {share}", "예: --dense-share 0.25")


def hot_spots(x: Floats, y: Floats, households: Floats) -> tuple[Bools, float]:
    """Return the Getis-Ord Gi* hot spots: fixed band 250 m, one-sided, false discovery rate 5 %.

    Ord and Getis 1995 (doi 10.1111/j.1538-4632.1995.tb00912.x); Benjamini and Hochberg 1995. x, y are
    cell centres, EPSG:5179 metres, (n,). Returns bool (n,) and the share of households in hot spots.
    """
    total, n = households.sum(), len(x)
    if n < 2 or np.ptp(households) == 0:
        return np.zeros(n, dtype=bool), 0.0
    tree = cKDTree(np.column_stack([x, y]))
    pairs = tree.query_pairs(BAND_M, output_type="ndarray")
    near = np.ones(n) + np.bincount(pairs.ravel(), minlength=n)  # with the cell itself
    around = households.astype(float)
    around += np.bincount(pairs[:, 0], households[pairs[:, 1]], n) + np.bincount(
        pairs[:, 1], households[pairs[:, 0]], n
    )
    spread = households.std() * np.sqrt(near * (n - near) / (n - 1))
    z = np.divide(around - near * households.mean(), spread, out=np.zeros(n), where=spread > 0)
    p = norm.sf(z)
    hot = (false_discovery_control(p) <= _SIGNIFICANCE) & (z > 0) & (households > 0)
    return hot, float(households[hot].sum() / total)


def clusters(x: Floats, y: Floats, households: Floats) -> tuple[Bools, float]:
    """Return the cells in DBSCAN clusters (Ester et al. 1996) of households, eps 150 m.

    A cell is a core where the 150 m round it hold twice the households that nine populated cells hold on
    average. x, y are cell centres, EPSG:5179 metres, (n,). Returns bool (n,) and the share reached.
    """
    lived = np.flatnonzero(households > 0)
    dense = np.zeros(len(x), dtype=bool)
    if len(lived) == 0:
        return dense, 0.0
    weight = households[lived].astype(float)
    enough = math.ceil(2.0 * 9.0 * float(weight.mean()))
    pairs = cKDTree(np.column_stack([x[lived], y[lived]])).query_pairs(DBSCAN_EPS_M, output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    around = weight + np.bincount(i, weight[j], len(lived)) + np.bincount(j, weight[i], len(lived))
    core = around >= enough
    clustered = core.copy()  # which cluster does not matter: cores, and what is within reach of one
    clustered[i[core[j]]] = True
    clustered[j[core[i]]] = True
    dense[lived[clustered]] = True
    return dense, float(households[dense].sum() / households.sum())
