"""The compiled loops of wide reaches: they pass over all pairs of a problem as they are, and never lay them out anew.

``pairs`` are start (m + 1,), point and value of :class:`geo.siting.model.Pairs`; ``weight`` float64 (n,) is what one
step of cover of a point is worth, ``base`` uint8 (n,) the cover it has.
"""

import numpy as np

from geo.crs import Floats
from geo.kernels import FULL, Bytes, Ints, Ints32, kernel

Wide = tuple[Ints, Ints32, Bytes]


@kernel
def block_means(
    pairs: Wide, weight: Floats, base: Bytes, block: Ints, total: Floats, sites: Ints, up: float
) -> tuple[Ints, Ints32, Bytes]:
    """Return the blocks that each of ``sites`` gains on and the mean it gains there, in whole steps from 1.

    ``block`` (n,): the block of each point; ``total``: the weight of each block's points; ``up``: what is added before
    a mean is cut to whole steps.
    """
    start, point, value = pairs
    held = np.zeros(total.size)
    touched = np.empty(total.size, np.int32)
    first = np.zeros(sites.size + 1, np.int64)
    found, steps = np.empty(1 << 16, np.int32), np.empty(1 << 16, np.uint8)
    at = 0
    for k in range(sites.size):
        count = 0
        for q in range(start[sites[k]], start[sites[k] + 1]):
            i = point[q]
            if value[q] > base[i] and weight[i] > 0.0:
                b = block[i]
                if held[b] == 0.0:
                    touched[count] = b
                    count += 1
                held[b] += weight[i] * (float(value[q]) - float(base[i]))
        while at + count > found.size:
            found = np.concatenate((found, np.empty(found.size, np.int32)))
            steps = np.concatenate((steps, np.empty(steps.size, np.uint8)))
        for t in range(count):
            b = touched[t]
            step = min(int(held[b] / total[b] + up), FULL)
            held[b] = 0.0
            if step > 0:
                found[at], steps[at] = b, step
                at += 1
        first[k + 1] = at
    return first, found[:at].copy(), steps[:at].copy()


@kernel
def site_caps(pairs: Wide, weight: Floats, base: Bytes, sites: Ints, cap: Floats) -> None:
    """Raise ``cap`` (n,) to what the best cover of each point by one of ``sites`` gains."""
    start, point, value = pairs
    for k in range(sites.size):
        for q in range(start[sites[k]], start[sites[k] + 1]):
            i = point[q]
            cap[i] = max(cap[i], weight[i] * (float(value[q]) - float(base[i])))


@kernel
def profits(
    pairs: Wide, weight: Floats, base: Bytes, price: Floats, sites: Ints, part: tuple[int, int], profit: Floats
) -> None:
    """Fill ``profit[first:last]``: what each of ``sites`` earns above the price of the points it covers."""
    start, point, value = pairs
    for k in range(part[0], part[1]):
        total = 0.0
        for q in range(start[sites[k]], start[sites[k] + 1]):
            i = point[q]
            total += max(weight[i] * (float(value[q]) - float(base[i])) - price[i], 0.0)
        profit[k] = total


@kernel
def gains(pairs: Wide, weight: Floats, cover: Bytes, sites: Ints, gain: Floats) -> None:
    """Fill ``gain`` (sites,): what each of ``sites`` adds to points that have ``cover``."""
    start, point, value = pairs
    for k in range(sites.size):
        total = 0.0
        for q in range(start[sites[k]], start[sites[k] + 1]):
            i = point[q]
            if value[q] > cover[i]:
                total += weight[i] * (float(value[q]) - float(cover[i]))
        gain[k] = total


@kernel
def covered(pairs: Wide, sites: Ints, cover: Bytes) -> None:
    """Raise ``cover`` (n,) to what ``sites`` give."""
    start, point, value = pairs
    for k in range(sites.size):
        for q in range(start[sites[k]], start[sites[k] + 1]):
            cover[point[q]] = max(cover[point[q]], value[q])
