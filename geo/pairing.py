"""Which of some places goes with which of others, so that all ways together are shortest."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.crs import Floats
from geo.model import Ints


def shortest_pairs(one: Floats, other: Floats) -> tuple[Ints, Ints, Floats]:
    """Pair places one to one, as many as there can be, with the least total straight distance.

    Parameters
    ----------
    one, other
        float64 (n, 2) and (m, 2): x, y in one unit of length. A few hundred: all n x m distances are laid out.

    Returns
    -------
    Indices into ``one``, ascending, and into ``other``, and the distances, each (min(n, m),). The lines of such pairs
    do not cross. (The linear assignment problem: Kuhn 1955; scipy's is Crouse 2016.)
    """
    ways = np.hypot(one[:, None, 0] - other[None, :, 0], one[:, None, 1] - other[None, :, 1])
    first, second = linear_sum_assignment(ways)
    return first, second, ways[first, second]
