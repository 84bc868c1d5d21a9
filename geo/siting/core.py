"""The bound of a large problem, from the few of its sites that matter.

Most sites earn too little at the best prices to be in any good plan, and points that the others cover alike become
one. So the prices are looked for with a sample of the sites; all sites are then judged at them, and those that earn
enough to matter come in (pricing, as in column generation). Any prices give a bound, so what is found with the few is
valid for all once every site has been judged.
"""

from dataclasses import dataclass

import numpy as np

from geo.model import Floats, Ints
from geo.siting.bound import Bound, Room, bound_at, lagrange, place_price
from geo.siting.reduce import Reduced, narrowed_to

_SAMPLE = 3000  # sites to begin with
_NEW = 3000  # sites that come in at once
_TRIES, _STEPS = 12, 300  # rounds of pricing, steps of the volume algorithm in each
_CLOSE = 0.02  # of the gap: how near the bound of the few must be to that of all
NEAR = 0.6  # a site that earns less than this share of its place is left out


@dataclass(frozen=True)
class _Limit:
    """A plan's gain to aim at, when to stop, on how many threads."""

    known: float
    until: float
    threads: int


def core_bound(
    reduced: Reduced, room: Room, plan: Ints, known: float, until: float, threads: int = 1
) -> tuple[Bound, Ints]:
    """Return a bound on all plans, and the sites (ascending) that matter to it with those of ``plan``.

    ``known`` is the gain of ``plan``, which the bound is aimed at.
    """
    always = np.union1d(plan, room.always())
    active = np.union1d(np.arange(0, reduced.sites, -(-reduced.sites // _SAMPLE)), always)
    price, limit = np.zeros(reduced.instance[6].size), _Limit(known, until, threads)
    best = bound_at(reduced, room, price, threads)
    for _ in range(_TRIES):
        few = _few(reduced, room, active, price, limit)
        every = bound_at(reduced, room, price, threads)
        of_few, held = np.zeros((2, reduced.sites))
        of_few[active], held[active] = few.profit, few.held
        if every.gain < best.gain:
            best = Bound(every.gain, price.copy(), every.profit, held, few.rounds, few.cut)
        place = place_price(of_few, reduced.cost, room)
        outside = np.ones(reduced.sites, bool)
        outside[active] = False
        earning = np.flatnonzero(outside & (every.profit > place))
        if few.cut or earning.size == 0 or every.gain - few.gain < _CLOSE * (every.gain - known):
            break
        kept = active[few.profit > NEAR * place[active]]
        active = np.union1d(np.union1d(kept, always), _most_earning(earning, every.profit))
    return best, active


def near_sites(bound: Bound, reduced: Reduced, room: Room, plan: Ints) -> Ints:
    """Return the sites, ascending, that earn near enough to their place to matter, with those of ``plan``."""
    place = place_price(bound.profit, reduced.cost, room)
    near = (bound.profit >= NEAR * place) | room.forced
    near[plan] = True
    return np.flatnonzero(near)


def _few(reduced: Reduced, room: Room, active: Ints, price: Floats, limit: _Limit) -> Bound:
    """Return the bound with the sites ``active`` alone, begun at ``price``; enter what it finds in ``price``."""
    part, went = narrowed_to(reduced, active)
    inside = went >= 0
    weight = part.instance[6]
    begin = np.asarray(np.bincount(went[inside], price[inside], weight.size), float) if price.any() else None
    found = lagrange(part, room.part(active), limit.known, _STEPS, limit.until, limit.threads, begin)
    price[inside] = (found.price / weight)[went[inside]] * reduced.instance[6][inside]
    return found


def _most_earning(earning: Ints, profit: Floats) -> Ints:
    """Return a third of the sites that come in by what they earn, the rest drawn: the best stand side by side."""
    order = earning[np.argsort(-profit[earning], kind="stable")]
    drawn = np.random.default_rng(1).permutation(earning)[: _NEW * 2 // 3]
    return np.union1d(order[: _NEW // 3], drawn)
