"""A plan that covers everything: looked for where the bound does not exclude one.

Annealing by weight ends with a few points of little weight left open, each in a place of its own. Weighting rows
(Gao, Weise and Li 2015, An efficient local search heuristic with row weighting for the unicost set covering problem,
European Journal of Operational Research 246) makes the points that stay open long worth more until they are covered.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from geo.kernels import Ints32
from geo.model import Ints
from geo.siting import flat_kernels
from geo.siting.search import Found, Search, flat_pairs, flat_state

_TURNS = 20_000  # between two looks at the clock and at the other searches
_ROUNDS = 60
_LINES = 2  # searches side by side
_FAR = 0.004  # of the points open at best after some rounds: too many to hope
_FAR_AFTER = 4
_MOST_OPEN = 0.02  # of the gain missed by the plan in hand: more is not tried


def may_cover_all(search: Search, known: float, upper: float) -> bool:
    """Return whether it is worth while to look for a plan that covers everything, for a plan in hand and a bound."""
    if search.cap is None:
        return False
    everything = float(search.cap.sum())
    return upper >= everything * (1 - 1e-9) and known >= everything * (1 - _MOST_OPEN)


def cover_all(search: Search, start: Found, seed: int) -> Found:
    """Return a plan that covers every point, or ``start`` where none is found: it may exist all the same.

    ``start``: as many sites as a plan may hold. The same seed finds the same plan, on any number of threads, unless
    the time ends it: then ``cut`` is set.
    """
    if search.cap is None or start.sites.size != search.most:
        return start
    lines = [_Line(search, start.sites, seed + k) for k in range(_LINES)]
    with ThreadPoolExecutor(max(1, search.threads)) as pool:
        for round_ in range(_ROUNDS):
            if perf_counter() > search.until:
                return Found(start.sites, start.gain, cut=True)
            list(pool.map(_Line.go_on, lines))
            found = next((line for line in lines if line.open_at_best == 0), None)
            if found is not None:
                return Found(np.sort(found.best).astype(np.int64), float(search.cap.sum()))
            if round_ >= _FAR_AFTER and min(line.open_at_best for line in lines) > _FAR * search.cap.size:
                break
    return start


@dataclass
class _Line:
    """One search, with random numbers of its own."""

    search: Search
    start: Ints
    seed: int

    def __post_init__(self) -> None:
        reduced = self.search.reduced
        n, m = reduced.instance[6].size, reduced.sites
        self._pairs, self._state = flat_pairs(reduced.instance), flat_state(self.search, self.start)
        owner, count, _, _, chosen, _ = self._state
        open_ = np.flatnonzero(count == 0).astype(np.int32)
        points: Ints32 = np.zeros(n, np.int32)
        place: Ints32 = np.zeros(n, np.int32)
        points[: open_.size] = open_
        place[open_] = np.arange(open_.size)
        self._open = (points, place, np.array([open_.size]))
        self._table = (np.ones(n, np.int64), self._scores(owner, count), np.zeros(m, np.int64), np.ones(m, np.uint8))
        self.best = chosen.copy()
        self._held = np.array([open_.size, -1])
        self._random: Any = np.random.default_rng(self.seed).integers(1, 2**63, 1, np.uint64)
        self._turn = 1

    def _scores(self, owner: Ints32, count: Ints32) -> Ints:
        """Return what each chosen site alone covers, and what each other site would cover anew, in points."""
        start, point, _, _ = self._pairs
        opened = np.concatenate(([0], np.cumsum(count[point] == 0)))
        score = opened[start[1:]] - opened[start[:-1]]
        chosen = self._state[4]
        score[chosen] = np.bincount(owner[owner >= 0], minlength=score.size)[chosen]
        return np.asarray(score, np.int64)

    @property
    def open_at_best(self) -> int:
        """Return how many points the best plan leaves open."""
        return int(self._held[0])

    def go_on(self) -> None:
        """Search some turns more."""
        flat_kernels.cover_all(
            self._pairs, self.search.limits[10], self._state, self._table, self._open,
            (self._turn, self._turn + _TURNS), (self._random, self.best, self._held),
        )  # fmt: skip
        self._turn += _TURNS
