"""The compiled loops that make pairs of sites and points, turn them round and thin them out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.crs import Floats
from geo.kernels import Bytes, Ints, Ints32, kernel
from geo.siting.kernels import Instance


@kernel
def pairs_within(
    points: tuple[Floats, Floats], sites: tuple[Floats, Floats], radius: float, order: Ints, bins: tuple[Any, ...]
) -> tuple[Ints, Ints32]:
    """Return the points within ``radius`` of each site, closed: start (m + 1,) and point.

    ``order`` sorts the points by square bins of edge ``bins[2]`` >= radius; ``bins`` is (west, south, edge, columns,
    rows, start), ``start`` (rows * columns + 1,) into ``order``.
    """
    px, py = points[0][order], points[1][order]  # as they are read
    sx, sy = sites
    west, south, edge, columns, rows, bin_start = bins
    start = np.zeros(sx.size + 1, np.int64)
    found = np.empty(0, np.int32)
    limit = radius * radius
    for sweep in range(2):  # count, then fill
        if sweep == 1:
            start[1:] = np.cumsum(start[1:])
            found = np.empty(start[-1], np.int32)
        for j in range(sx.size):
            at = start[j]
            count = 0
            row = int((sy[j] - south) // edge)
            column = int((sx[j] - west) // edge)
            for r in range(max(row - 1, 0), min(row + 1, rows - 1) + 1):
                first, last = max(column - 1, 0), min(column + 1, columns - 1)
                if first > last:
                    continue
                for q in range(bin_start[r * columns + first], bin_start[r * columns + last + 1]):
                    dx, dy = px[q] - sx[j], py[q] - sy[j]
                    if dx * dx + dy * dy <= limit:
                        if sweep == 1:
                            found[at + count] = order[q]
                        count += 1
            if sweep == 0:
                start[j + 1] = count
    return start, found


@kernel
def transpose(start: Ints, point: Ints32, value: Bytes, points: int) -> tuple[Ints, Ints32, Bytes]:
    """Return the pairs by point: start (n + 1,), site ascending, value."""
    site_start = np.zeros(points + 2, np.int64)
    for q in range(point.size):
        site_start[point[q] + 2] += 1
    site_start = np.cumsum(site_start)
    site = np.empty(point.size, np.int32)
    out = np.empty(point.size, np.uint8)
    for j in range(start.size - 1):
        for q in range(start[j], start[j + 1]):
            at = site_start[point[q] + 1]
            site[at] = j
            out[at] = value[q]
            site_start[point[q] + 1] = at + 1
    return site_start[:-1], site, out


@kernel
def fingerprints(
    start: Ints,
    point: Ints32,
    value: Bytes,
    keys: NDArray[np.uint64],
    out: NDArray[np.uint64],
) -> None:
    """Add to ``out[i]`` (n, 2) the keys (m, 2) of the sites that cover point i, times the cover: all modulo 2**64."""
    for j in range(start.size - 1):
        for q in range(start[j], start[j + 1]):
            out[point[q], 0] += keys[j, 0] * np.uint64(value[q])
            out[point[q], 1] += keys[j, 1] * np.uint64(value[q])


@kernel
def dominated(  # noqa: C901, PLR0912 - one loop nest
    instance: Instance, cost: Floats, fixed: Bytes, out: Bytes
) -> None:
    """Mark the sites that another, no dearer, covers for: every point they cover it covers at least as well.

    Of two that are alike the later goes. Sites with ``fixed`` are neither marked nor take another's place.
    """
    start, point, value, site_start, site, site_value, _, _ = instance
    cover = np.zeros(site_start.size - 1, np.uint8)
    for j in range(start.size - 1):
        first, last = start[j], start[j + 1]
        if fixed[j]:
            continue
        if first == last:
            out[j] = 1
            continue
        rarest = point[first]
        for q in range(first, last):
            cover[point[q]] = value[q]
            i = point[q]
            if site_start[i + 1] - site_start[i] < site_start[rarest + 1] - site_start[rarest]:
                rarest = i
        for r in range(site_start[rarest], site_start[rarest + 1]):
            k = site[r]
            wide = start[k + 1] - start[k]
            if k == j or out[k] or fixed[k] or cost[k] > cost[j] or wide < last - first:
                continue
            if site_value[r] < cover[rarest]:
                continue
            hit, spare = 0, wide - (last - first)  # spare: points of k that j need not cover
            for q in range(start[k], start[k + 1]):
                c = cover[point[q]]
                if c != 0 and value[q] >= c:
                    hit += 1
                else:
                    spare -= 1
                    if spare < 0:
                        break
            if hit == last - first:
                out[j] = 1
                break
        for q in range(first, last):
            cover[point[q]] = 0


@kernel
def disc_pairs(
    point_at: Ints32, shape: tuple[int, int], u: Ints, v: Ints, disc: tuple[Any, ...]
) -> tuple[Ints, Ints32, Bytes]:
    """Return the pixels each site covers, from the discs that stamp rasters: start (m + 1,), point, value.

    ``point_at`` int32 (rows * columns,): the point of each pixel, -1 none. ``u``, ``v`` are sub-pixel columns and
    rows; ``disc`` is a graded one, as :func:`geo.kernels.stamp_discs` takes it.
    """
    table, _, shift, first_column, first_row, last_row = disc
    phase = (1 << shift) - 1
    half = 1 << shift >> 1
    start = np.zeros(u.size + 1, np.int64)
    point = np.empty(0, np.int32)
    value = np.empty(0, np.uint8)
    for sweep in range(2):  # count, then fill
        if sweep == 1:
            start[1:] = np.cumsum(start[1:])
            point = np.empty(start[-1], np.int32)
            value = np.empty(start[-1], np.uint8)
        for j in range(u.size):
            kx, ky = u[j] & phase, v[j] & phase
            column, row = (u[j] >> shift) + first_column[kx], v[j] >> shift
            at = start[j]
            count = 0
            for r in range(max(row + first_row[ky], 0), min(row + last_row[ky], shape[0] - 1) + 1):
                offset = abs(((r - row) << shift) + half - ky)
                for k in range(max(-column, 0), min(table.shape[2], shape[1] - column)):
                    a = table[kx, offset, k]
                    if a > 0 and point_at[r * shape[1] + column + k] >= 0:
                        if sweep == 1:
                            point[at + count] = point_at[r * shape[1] + column + k]
                            value[at + count] = a
                        count += 1
            if sweep == 0:
                start[j + 1] = count
    return start, point, value


@kernel
def walk(start: Ints, point: Ints32, site_start: Ints, site: Ints32) -> tuple[Ints, Ints]:
    """Return the sites and the points in the order of a walk from site to neighbouring site, breadth first.

    Neighbours share a point. What is near on the ground is near in both orders, wherever it stood in the input.
    Points that no site covers are left out.
    """
    sites, points = start.size - 1, site_start.size - 1
    site_order, point_order = np.empty(sites, np.int64), np.empty(points, np.int64)
    met_site, met_point = np.zeros(sites, np.uint8), np.zeros(points, np.uint8)
    met, numbered, head = 0, 0, 0
    for first in range(sites):
        if met_site[first]:
            continue
        met_site[first] = 1
        site_order[met] = first
        met += 1
        while head < met:
            j = site_order[head]
            head += 1
            for q in range(start[j], start[j + 1]):
                i = point[q]
                if met_point[i]:
                    continue
                met_point[i] = 1
                point_order[numbered] = i
                numbered += 1
                for r in range(site_start[i], site_start[i + 1]):
                    k = site[r]
                    if not met_site[k]:
                        met_site[k] = 1
                        site_order[met] = k
                        met += 1
    return site_order, point_order[:numbered]


@kernel
def renumber(start: Ints, point: Ints32, value: Bytes, site_order: Ints, number: Ints32) -> tuple[Ints, Ints32, Bytes]:
    """Return the pairs with the sites in a new order and the points by their new numbers."""
    new_start = np.zeros(start.size, np.int64)
    new_point, new_value = np.empty_like(point), np.empty_like(value)
    at = 0
    for k in range(site_order.size):
        j = site_order[k]
        for q in range(start[j], start[j + 1]):
            new_point[at] = number[point[q]]
            new_value[at] = value[q]
            at += 1
        new_start[k + 1] = at
    return new_start, new_point, new_value
