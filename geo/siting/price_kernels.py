"""The compiled loops of the Lagrangian bound: what sites earn at prices, and the steps of the volume algorithm.

Prices are float64 (n,), one a point, between 0 and its cap: what the best cover of the point can gain.
"""

from geo.crs import Floats
from geo.kernels import FULL, Ints, Ints32, kernel
from geo.siting.kernels import Instance


@kernel
def reduced_profits(instance: Instance, price: Floats, sites: tuple[int, int], profit: Floats) -> None:
    """Fill ``profit[first:last]``: what each site earns above the price of the points it covers."""
    start, point, value, _, _, _, weight, base = instance
    for j in range(sites[0], sites[1]):
        total = 0.0
        for q in range(start[j], start[j + 1]):
            i = point[q]
            total += max(weight[i] * (value[q] - base[i]) - price[i], 0.0)
        profit[j] = total


@kernel
def sold(instance: Instance, price: Floats, sites: Ints, share: Floats, out: Floats) -> None:
    """Add to ``out[i]`` the share of each of ``sites`` that would pay the price of point i."""
    start, point, value, _, _, _, weight, base = instance
    for k in range(sites.size):
        j = sites[k]
        for q in range(start[j], start[j + 1]):
            i = point[q]
            if value[q] > base[i] and weight[i] * (value[q] - base[i]) > price[i]:
                out[i] += share[k]


@kernel
def flat_profits(start: Ints, point: Ints32, surplus: Floats, sites: tuple[int, int], profit: Floats) -> None:
    """Fill ``profit[first:last]`` where all sites cover a point alike: ``surplus`` is what is left of its price."""
    for j in range(sites[0], sites[1]):
        total = 0.0
        for q in range(start[j], start[j + 1]):
            total += surplus[point[q]]
        profit[j] = total


@kernel
def caps(instance: Instance, cap: Floats) -> bool:
    """Fill ``cap`` with what the best cover of each point gains; say if no site covers a point worse than another."""
    _, _, _, site_start, _, site_value, weight, base = instance
    flat = True
    for i in range(cap.size):
        low, top = FULL, int(base[i])
        for r in range(site_start[i], site_start[i + 1]):
            low, top = min(low, int(site_value[r])), max(top, int(site_value[r]))
        flat = flat and low >= top
        cap[i] = weight[i] * (top - base[i])
    return flat


@kernel
def free_length(centre: Floats, direction: Floats, cap: Floats) -> float:
    """Return the squared length of a direction without what leads out of 0..cap."""
    total = 0.0
    for i in range(cap.size):
        d = direction[i]
        if not ((centre[i] <= 0.0 and d > 0.0) or (centre[i] >= cap[i] and d < 0.0)):
            total += d * d
    return total


@kernel
def propose(centre: Floats, direction: Floats, cap: Floats, step: float, tried: Floats) -> None:
    """Fill ``tried`` with the prices a step down the direction, kept within 0..cap."""
    for i in range(cap.size):
        tried[i] = min(max(centre[i] - step * direction[i], 0.0), cap[i])


@kernel
def compare(centre: Floats, direction: Floats, cap: Floats, out: Floats) -> tuple[float, float, float]:
    """Compare the new direction, 1 - ``out``, with the old one.

    Returns their product (of the old one what :func:`free_length` counts), that of the old one with the change, and
    the squared length of the change.
    """
    along, against, change2 = 0.0, 0.0, 0.0
    for i in range(cap.size):
        d, new = direction[i], 1.0 - out[i]
        if not ((centre[i] <= 0.0 and d > 0.0) or (centre[i] >= cap[i] and d < 0.0)):
            along += new * d
        against += d * (new - d)
        change2 += (new - d) * (new - d)
    return along, against, change2


@kernel
def turn(direction: Floats, out: Floats, share: float) -> None:
    """Turn the direction by a share towards 1 - ``out``."""
    for i in range(out.size):
        direction[i] += share * (1.0 - out[i] - direction[i])
