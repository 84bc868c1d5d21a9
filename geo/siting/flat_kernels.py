"""The compiled loops for problems where every site covers a point alike, or not at all: the classical covering.

There a point knows its owner without a search: of the sites that cover it their number and the exclusive or of their
indices are kept, and where the number is one, that is the site. ``state`` is (owner, count, mixed, loss, chosen,
place): of every point (int32, n) the only site that covers it (-1: none, -2: several), how many do, and the exclusive
or of them; of every site what the plan would lose without it (float64, m); the chosen sites (int32, p) and each site's
place among them (int32, m; -1: not chosen). ``pairs`` is (start, point, site_start, site), by site and by point.
"""

from typing import Any

import numpy as np

from geo.crs import Floats
from geo.kernels import Bytes, Ints, Ints32, kernel

Pairs = tuple[Ints, Ints32, Ints, Ints32]
FlatState = tuple[Ints32, Ints32, Ints32, Floats, Ints32, Ints32]


@kernel
def _next(x: Any) -> Any:  # noqa: ANN401 - uint64
    """Return the next of a row of random numbers (xorshift64: Marsaglia 2003)."""
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    return x ^ (x << np.uint64(17))


@kernel
def leave(pairs: Pairs, cap: Floats, state: FlatState, s: int) -> None:
    """Take site s from what covers its points; its place among the chosen is left to the caller."""
    start, point, _, _ = pairs
    owner, count, mixed, loss, _, _ = state
    for q in range(start[s], start[s + 1]):
        i = point[q]
        count[i] -= 1
        mixed[i] ^= s
        if count[i] == 0:
            owner[i] = -1
        elif count[i] == 1:
            owner[i] = mixed[i]
            loss[mixed[i]] += cap[i]
    loss[s] = 0.0


@kernel
def enter(pairs: Pairs, cap: Floats, state: FlatState, j: int) -> None:
    """Add site j to what covers its points; its place among the chosen is left to the caller."""
    start, point, _, _ = pairs
    owner, count, mixed, loss, _, _ = state
    total = 0.0
    for q in range(start[j], start[j + 1]):
        i = point[q]
        if count[i] == 0:
            owner[i] = j
            total += cap[i]
        elif count[i] == 1:
            loss[owner[i]] -= cap[i]
            owner[i] = -2
        count[i] += 1
        mixed[i] ^= j
    loss[j] = total


@kernel
def begin(pairs: Pairs, cap: Floats, state: FlatState) -> None:
    """Fill the state of the sites in ``chosen``."""
    _, _, _, _, chosen, place = state
    for k in range(chosen.size):
        place[chosen[k]] = k
        enter(pairs, cap, state, chosen[k])


@kernel
def anneal(  # noqa: C901, PLR0912 - one loop nest
    pairs: Pairs,
    cap: Floats,
    locked: Bytes,
    state: FlatState,
    heat: tuple[float, float],
    turns: int,
    best: Ints32,
    memory: tuple[Floats, Any, Ints32],
) -> None:
    """Exchange sites at falling temperature, as :func:`geo.siting.kernels.anneal`; the number of sites stays.

    ``cap`` float64 (n,): what cover of each point gains. ``locked`` uint8 (m,): 1 must stay.
    """
    start, point, site_start, site = pairs
    owner, count, _, loss, chosen, place = state
    now, random, similar = memory
    temperature, cooling = heat[0], (heat[1] / heat[0]) ** (1.0 / max(turns, 1))
    x = random[0]
    n, size = cap.size, chosen.size
    for _ in range(turns):
        temperature *= cooling
        x = _next(x)
        low, high = int(x & np.uint64(0xFFFFFF)), int(x >> np.uint64(40))  # two numbers of 24 bits
        x = _next(x)
        other, u = int(x & np.uint64(0xFFFFFF)), (int(x >> np.uint64(40)) + 1) / 16777217.0
        s = chosen[(low * size) >> 24]
        j = -1
        i = 0
        if low & 2:
            j = similar[s, (high * similar.shape[1]) >> 24]
            if j < 0:
                continue
        elif low & 1:
            i = point[start[s] + ((high * (start[s + 1] - start[s])) >> 24)] if start[s + 1] > start[s] else 0
        else:
            i = (high * n) >> 24
            if count[i] > 0:
                continue
            for _ in range(3):  # the least missed of four
                x = _next(x)
                k = chosen[(int(x >> np.uint64(40)) * size) >> 24]
                if loss[k] < loss[s]:
                    s = k
        if j < 0:
            j = site[site_start[i] + ((other * (site_start[i + 1] - site_start[i])) >> 24)]
        if place[j] >= 0 or locked[s] == 1:
            continue
        need = temperature * np.log(u) + loss[s]
        gain = 0.0
        for q in range(start[j], start[j + 1]):
            who = owner[point[q]]
            if who == -1 or who == s:  # noqa: PLR1714 - numba knows no such tuple
                gain += cap[point[q]]
        if gain < need:
            continue
        now[0] += gain - loss[s]
        leave(pairs, cap, state, s)
        chosen[place[s]] = j
        place[j] = place[s]
        place[s] = -1
        enter(pairs, cap, state, j)
        if now[0] > now[1] * (1 + 1e-12):
            now[1] = now[0]
            for k in range(size):
                best[k] = chosen[k]
    random[0] = x


@kernel
def cover_all(  # noqa: C901, PLR0912, PLR0915 - one loop nest
    pairs: Pairs,
    locked: Bytes,
    state: FlatState,
    table: tuple[Ints, Ints, Ints, Bytes],
    open_: tuple[Ints32, Ints32, Ints],
    turns: tuple[int, int],
    memory: tuple[Any, Ints32, Ints],
) -> int:
    """Look for a plan that leaves no point open, by weighting rows; return how many points are open at the end.

    A turn drops the site that is missed least and takes, for an open point at hand, the one that helps most; the points
    then open weigh one more each (Gao, Weise and Li 2015). ``table`` = (weight of every point, score of every site:
    what it loses if chosen, else gains; the turn it last moved; uint8: whether something near it changed since it was
    dropped). ``open_`` = (open points, each point's place among them, their number). ``turns`` = (first, last).
    ``memory`` = (uint64 (1,): random state; best plan; int64 (2,): its open points, the site taken last).
    """
    start, point, site_start, site = pairs
    _, count, mixed, _, chosen, place = state
    weight, score, moved, changed = table
    points, place_of, number = open_
    random, best, held = memory
    x = random[0]
    size = chosen.size
    for turn in range(turns[0], turns[1]):
        s = -1
        for k in range(size):
            c = chosen[k]
            if c == held[1] or locked[c] == 1:
                continue
            if s < 0 or score[c] < score[s] or (score[c] == score[s] and moved[c] < moved[s]):
                s = c
        if s < 0 or number[0] == 0:
            break
        gained = 0
        for q in range(start[s], start[s + 1]):
            i = point[q]
            count[i] -= 1
            mixed[i] ^= s
            if count[i] == 0:
                gained += weight[i]
                for r in range(site_start[i], site_start[i + 1]):
                    score[site[r]] += weight[i]
                points[number[0]] = i
                place_of[i] = number[0]
                number[0] += 1
            elif count[i] == 1:
                score[mixed[i]] += weight[i]
            for r in range(site_start[i], site_start[i + 1]):
                changed[site[r]] = 1
        score[s] = gained
        moved[s] = turn
        changed[s] = 0
        x = _next(x)
        i = points[(int(x & np.uint64(0xFFFFFF)) * number[0]) >> 24]
        j = -1
        for r in range(site_start[i], site_start[i + 1]):
            c = site[r]
            if changed[c] == 0:
                continue
            if j < 0 or score[c] > score[j] or (score[c] == score[j] and moved[c] < moved[j]):
                j = c
        if j < 0:  # nothing near any of them has changed since it was dropped
            j = site[site_start[i] + ((int(x >> np.uint64(40)) * (site_start[i + 1] - site_start[i])) >> 24)]
        k = place[s]
        place[s] = -1
        chosen[k] = j
        place[j] = k
        lost = 0
        for q in range(start[j], start[j + 1]):
            i = point[q]
            if count[i] == 0:
                lost += weight[i]
                for r in range(site_start[i], site_start[i + 1]):
                    score[site[r]] -= weight[i]
                number[0] -= 1
                last = points[number[0]]
                points[place_of[i]] = last
                place_of[last] = place_of[i]
            elif count[i] == 1:
                score[mixed[i]] -= weight[i]
            count[i] += 1
            mixed[i] ^= j
            for r in range(site_start[i], site_start[i + 1]):
                changed[site[r]] = 1
        score[j] = lost
        moved[j] = turn
        held[1] = j
        if number[0] < held[0]:
            held[0] = number[0]
            for k in range(size):
                best[k] = chosen[k]
        for k in range(number[0]):
            i = points[k]
            weight[i] += 1
            for r in range(site_start[i], site_start[i + 1]):
                score[site[r]] += 1
    random[0] = x
    return int(number[0])
