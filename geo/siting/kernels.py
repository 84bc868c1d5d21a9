"""The compiled loops of siting. See :mod:`geo.kernels` for how and when they compile.

Names used throughout: m sites (candidates), n points (demand). ``instance`` is (start, point, value, site_start, site,
site_value, weight, base): the pairs by site, the pairs by point, what full cover of each point is worth (float64,
n, per 1/``FULL`` of cover) and the cover each point has already (uint8, n). ``state`` is (first, second, owner, loss,
chosen, place, size): of every point the best and second-best cover among what is chosen and the site that gives the
best (-1: its base); of every site what the plan would lose without it; the chosen sites and each site's place among
them (-1: not chosen).
"""

from typing import Any

import numpy as np

from geo.crs import Floats
from geo.kernels import FULL, Bytes, Ints, Ints32, kernel

Instance = tuple[Ints, Ints32, Bytes, Ints, Ints32, Bytes, Floats, Bytes]
State = tuple[Bytes, Bytes, Ints32, Floats, Ints32, Ints32, Ints]
Limits = tuple[Any, ...]


@kernel
def _next(x: Any) -> Any:  # noqa: ANN401 - uint64
    """Return the next of a row of random numbers (xorshift64: Marsaglia 2003)."""
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    return x ^ (x << np.uint64(17))


@kernel
def gain_of(instance: Instance, first: Bytes, j: int) -> float:
    """Return what site j would add to cover ``first``."""
    start, point, value, _, _, _, weight, _ = instance
    total = 0.0
    for q in range(start[j], start[j + 1]):
        i = point[q]
        if value[q] > first[i]:
            total += weight[i] * (value[q] - first[i])
    return total


@kernel
def add_site(instance: Instance, state: State, j: int) -> None:
    """Choose site j."""
    start, point, value, _, _, _, weight, _ = instance
    first, second, owner, loss, chosen, place, size = state
    for q in range(start[j], start[j + 1]):
        i = point[q]
        a = value[q]
        if a > first[i]:
            if owner[i] >= 0:
                loss[owner[i]] -= weight[i] * (first[i] - second[i])
            second[i] = first[i]
            first[i] = a
            owner[i] = j
            loss[j] += weight[i] * (a - second[i])
        elif a > second[i]:
            if owner[i] >= 0:
                loss[owner[i]] -= weight[i] * (a - second[i])
            second[i] = a
    chosen[size[0]] = j
    place[j] = size[0]
    size[0] += 1


@kernel
def drop_site(instance: Instance, state: State, j: int) -> None:
    """Give up site j."""
    start, point, value, site_start, site, site_value, weight, base = instance
    first, second, owner, loss, chosen, place, size = state
    size[0] -= 1
    last = chosen[size[0]]
    chosen[place[j]] = last
    place[last] = place[j]
    place[j] = -1
    for q in range(start[j], start[j + 1]):
        i = point[q]
        mine = owner[i] == j
        if not mine and (value[q] < second[i] or value[q] <= base[i]):
            continue
        if owner[i] >= 0 and not mine:
            loss[owner[i]] -= weight[i] * (first[i] - second[i])
        best, next_best, who = base[i], base[i], np.int32(-1)
        for r in range(site_start[i], site_start[i + 1]):
            k = site[r]
            if place[k] >= 0:
                a = site_value[r]
                if a > best:
                    next_best, best, who = best, a, k
                elif a > next_best:
                    next_best = a
                if next_best == FULL:
                    break
        first[i], second[i], owner[i] = best, next_best, who
        if who >= 0:
            loss[who] += weight[i] * (best - next_best)
    loss[j] = 0.0


@kernel
def lazy_greedy(  # noqa: C901, PLR0912 - one loop nest
    instance: Instance,
    state: State,
    cost: Floats,
    limits: Limits,
    most: int,
    per_cost: bool,  # noqa: FBT001
) -> None:
    """Add the site that gains most (for its cost, if ``per_cost``) until none fits or gains.

    Gains only fall as sites are added, so a site is looked at again only when its old gain leads (Minoux 1978).
    Ties go to the lowest index.
    """
    m = cost.size
    first, _, _, _, _, place, size = state
    bound = np.full(m, np.inf)
    heap = np.arange(m)  # a binary heap of sites by bound, largest first
    filled = m
    while filled > 0 and size[0] < most:
        j = heap[0]
        keep = place[j] < 0 and fits(limits, cost, j, -1)
        chosen = False
        if keep:
            gain = gain_of(instance, first, j)
            if per_cost:
                gain = gain / max(cost[j], 1e-9)
            keep = gain > 0
            if keep and filled > 1:
                a = heap[1]
                b = heap[2] if filled > 2 else a
                rival = a if bound[a] > bound[b] or (bound[a] == bound[b] and a < b) else b
                chosen = gain > bound[rival] or (gain == bound[rival] and j < rival)
            elif keep:
                chosen = True
            bound[j] = gain
        if chosen:
            add_site(instance, state, j)
            book(limits, cost, j, 1)
            keep = False
        if not keep:
            filled -= 1
            heap[0] = heap[filled]
        at = 0  # sift down
        top = heap[0]
        while True:
            child = 2 * at + 1
            if child >= filled:
                break
            a = heap[child]
            if child + 1 < filled:
                b = heap[child + 1]
                if bound[b] > bound[a] or (bound[b] == bound[a] and b < a):
                    child += 1
                    a = b
            if bound[a] > bound[top] or (bound[a] == bound[top] and a < top):
                heap[at] = a
                at = child
            else:
                break
        heap[at] = top


@kernel
def fits(limits: Limits, cost: Floats, j: int, s: int) -> bool:  # noqa: C901, PLR0912 - one rule after another
    """Return whether site j may come, and s (-1: none) go in its place, within the limits.

    ``limits`` is (budget, spent, group_start, group, held, least, most, near_start, near, crowd, locked): money as
    float64 (1,); groups of each site; of every group how many are chosen and how many may be; the sites too near to
    each site; how many chosen ones are too near to each; uint8 (m,) 1 forced, 2 forbidden.
    """
    budget, spent, group_start, group, held, least, most, near_start, near, crowd, locked = limits
    if locked[j] == 2 or (s >= 0 and locked[s] == 1):
        return False
    if spent[0] + cost[j] - (cost[s] if s >= 0 else 0.0) > budget[0]:
        return False
    too_near = crowd[j]
    if too_near > 0 and s >= 0:
        for q in range(near_start[j], near_start[j + 1]):
            if near[q] == s:
                too_near -= 1
                break
    if too_near > 0:
        return False
    for q in range(group_start[j], group_start[j + 1]):
        g = group[q]
        shared = 0
        if s >= 0:
            for r in range(group_start[s], group_start[s + 1]):
                shared += group[r] == g
        if held[g] - shared + 1 > most[g]:
            return False
    if s >= 0:
        for q in range(group_start[s], group_start[s + 1]):
            g = group[q]
            shared = 0
            for r in range(group_start[j], group_start[j + 1]):
                shared += group[r] == g
            if held[g] - 1 + shared < least[g]:
                return False
    return True


@kernel
def book(limits: Limits, cost: Floats, j: int, change: int) -> None:
    """Enter in the limits that site j comes (``change`` 1) or goes (-1)."""
    _, spent, group_start, group, held, _, _, near_start, near, crowd, _ = limits
    spent[0] += change * cost[j]
    for q in range(group_start[j], group_start[j + 1]):
        held[group[q]] += change
    for q in range(near_start[j], near_start[j + 1]):
        crowd[near[q]] += change


@kernel
def alike(instance: Instance, out: Ints32) -> None:
    """Fill ``out`` (m, k) with the k sites that share most cover with each, best first; -1 where there are fewer."""
    start, point, value, site_start, site, site_value, weight, _ = instance
    m, k = out.shape
    shared = np.zeros(m)
    met = np.empty(m, np.int32)
    top = np.empty(k)
    for j in range(m):
        count = 0
        for q in range(start[j], start[j + 1]):
            i = point[q]
            for r in range(site_start[i], site_start[i + 1]):
                other = site[r]
                if shared[other] == 0.0:
                    met[count] = other
                    count += 1
                shared[other] += weight[i] * min(value[q], site_value[r]) + 1e-300
        held = 0
        for c in range(count):
            other = met[c]
            worth = shared[other]
            shared[other] = 0.0
            if other == j or (held == k and worth <= top[k - 1]):
                continue
            held = min(held + 1, k)
            at = held - 1
            while at > 0 and top[at - 1] < worth:
                top[at], out[j, at] = top[at - 1], out[j, at - 1]
                at -= 1
            top[at], out[j, at] = worth, other
        out[j, held:] = -1


@kernel
def anneal(  # noqa: C901, PLR0912, PLR0915 - one loop nest
    instance: Instance,
    state: State,
    cost: Floats,
    limits: Limits,
    heat: tuple[float, float],
    turns: tuple[int, int],
    best: Ints32,
    memory: tuple[Floats, Any, Ints32],
) -> int:
    """Exchange sites at falling temperature: simulated annealing over 1-interchanges. Returns how many moves it made.

    A turn takes a chosen site s and another j: one in two of those most alike to s, one in four that shares a point
    with s, else one that covers a point not fully covered. ``heat`` is the temperature (first, last of these turns);
    ``turns`` = (number, most sites). ``memory`` = (float64 (3,): value now, best value, number of best sites; uint64
    (1,): random state; the sites alike, see :func:`alike`). The best plan met is kept in ``best``.
    """
    start, point, value, site_start, site, _, weight, _ = instance
    first, second, owner, loss, chosen, place, size = state
    now, random, similar = memory
    count, most = turns
    temperature, cooling = heat[0], (heat[1] / heat[0]) ** (1.0 / max(count, 1))
    x = random[0]
    n = weight.size
    moves = 0
    for _ in range(count):
        temperature *= cooling
        x = _next(x)
        low, high = int(x & np.uint64(0xFFFFFF)), int(x >> np.uint64(40))  # two numbers of 24 bits
        x = _next(x)
        other, u = int(x & np.uint64(0xFFFFFF)), (int(x >> np.uint64(40)) + 1) / 16777217.0
        s = -1
        if size[0] > 0:
            s = chosen[(low * size[0]) >> 24]
        j = -1
        i = 0
        if s >= 0 and low & 2:
            j = similar[s, (high * similar.shape[1]) >> 24]
            if j < 0:
                continue
        elif s >= 0 and low & 1:
            i = point[start[s] + ((high * (start[s + 1] - start[s])) >> 24)] if start[s + 1] > start[s] else 0
        else:
            i = (high * n) >> 24
            if first[i] == FULL:
                continue
            for _ in range(3):  # the least missed of four
                x = _next(x)
                k = chosen[(int(x >> np.uint64(40)) * size[0]) >> 24] if size[0] > 0 else -1
                if k >= 0 and loss[k] < loss[s]:
                    s = k
        if j < 0:
            j = site[site_start[i] + ((other * (site_start[i + 1] - site_start[i])) >> 24)]
        if place[j] >= 0:
            continue
        if size[0] < most and fits(limits, cost, j, -1):
            s = -1  # there is room: nobody need go
        elif s < 0 or not fits(limits, cost, j, s):
            continue
        need = temperature * np.log(u) + (loss[s] if s >= 0 else 0.0)
        gain = 0.0
        for q in range(start[j], start[j + 1]):
            p = point[q]
            cover = second[p] if owner[p] == s else first[p]
            if s < 0:
                cover = first[p]
            if value[q] > cover:
                gain += weight[p] * (value[q] - cover)
        if gain < need:
            continue
        now[0] += gain
        if s >= 0:
            now[0] -= loss[s]
            drop_site(instance, state, s)
            book(limits, cost, s, -1)
        add_site(instance, state, j)
        book(limits, cost, j, 1)
        moves += 1
        if now[0] > now[1] * (1 + 1e-12):
            now[1] = now[0]
            now[2] = size[0]
            for k in range(size[0]):
                best[k] = chosen[k]
    random[0] = x
    return moves
