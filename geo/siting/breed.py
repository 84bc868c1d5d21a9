"""Plans bred from plans: short runs of annealing, and the best plan among the sites of several, found exactly.

Construct, merge, solve and adapt (Blum, Pinacho, Lopez-Ibanez and Lozano 2016; tour merging, Cook and Seymour 2003,
before it). A run of annealing ends in a plan that is good nearly everywhere and wrong in places of its own; the
sites of a few such plans hold a better one than any of them, and are few enough for the exact solver. How many are
merged adapts to what the solver finds easy, counted in its pivots, so that no clock is in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from geo.model import Ints
from geo.siting.exact import Answer, chosen_sites
from geo.siting.search import HOT, WARM, Found, Search, anneal

ELITE = 24  # plans that may be parents
_RUNS = 4  # of annealing a generation
_MERGES = 2
_BEGIN_WITH = 8  # plans before the first merge
_LEAD = 2.0  # mean rank of the plan that leads a merge
_FIRST_PAIRS, _MOST_PAIRS = 5_000, 60_000
_EASY_PIVOTS = 5_000
_WIDER, _NARROWER = 1.15, 0.75
NODES = 200
_MERGE_S = 3.0

Solve = Callable[[Ints, Ints, float, int], Answer]


@dataclass
class Island:
    """A population of its own.

    ``searched``: the sites that are searched, ascending, of the reduced problem, and ``search`` that problem with them
    alone. ``first``: where hot runs begin, in sites of ``search``. ``pairs`` int64 (m,): pairs of every site of the
    reduced problem. ``solve(sites, start, seconds, nodes)``: the best plan of some sites, begun with the plan
    ``start``. ``plans``: in sites of the reduced problem.
    """

    searched: Ints
    search: Search
    first: Found
    pairs: Ints
    solve: Solve
    seed: int
    cut: bool = False
    stale: int = 0  # generations since the best plan
    plans: list[Found] = field(default_factory=list)  # best first, no two alike
    _room: float = _FIRST_PAIRS
    _bred: int = 0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    @property
    def best(self) -> Found:
        """Return the best plan, in sites of the reduced problem."""
        return self.plans[0]

    def generation(self) -> "Island":
        """Breed one generation."""
        before = self.plans[0].gain if self.plans else -np.inf
        for k in range(_RUNS):
            warm = k == _RUNS - 1 and len(self.plans) >= _BEGIN_WITH
            begin = self._inside(self.best) if warm else self.first
            found = anneal(self.search, begin, self.seed + self._bred, WARM if warm else HOT)
            self._bred += 1
            self.cut |= found.cut
            self.keep(Found(self.searched[found.sites], found.gain))
        if len(self.plans) >= _BEGIN_WITH:
            for _ in range(_MERGES):
                self._merge()
        self.stale = 0 if self.plans[0].gain > before * (1 + 1e-12) else self.stale + 1
        return self

    def keep(self, plan: Found) -> None:
        """Take a plan into the population, if it is among the best and not there."""
        if any(np.array_equal(plan.sites, other.sites) for other in self.plans):
            return
        self.plans = sorted([*self.plans, plan], key=lambda f: -f.gain)[:ELITE]

    def _inside(self, plan: Found) -> Found:
        return Found(np.searchsorted(self.searched, plan.sites), plan.gain)

    def _merge(self) -> None:
        """Make the best plan of the sites of several: one of the first, and others as they come, as many as fit."""
        lead = min(int(self._random.exponential(_LEAD)), len(self.plans) - 1)
        order = [lead, *(k for k in self._random.permutation(len(self.plans)).tolist() if k != lead)]
        sites = merged([self.plans[k] for k in order], self.pairs, self._room)
        seconds = min(self.search.until - perf_counter(), _MERGE_S)
        if seconds <= 0 or sites.size <= self.plans[lead].sites.size:
            self.cut |= seconds <= 0
            self._room = min(self._room * _WIDER, _MOST_PAIRS)
            return
        answer = self.solve(sites, self.plans[lead].sites, seconds, NODES)
        self.cut |= answer.late
        easy = answer.optimal and answer.pivots < _EASY_PIVOTS
        self._room = min(self._room * (_WIDER if easy else _NARROWER), _MOST_PAIRS)
        if answer.columns is not None:
            self.keep(Found(chosen_sites(answer, sites), answer.value))


def merged(plans: list[Found], pairs: Ints, room: float) -> Ints:
    """Return the sites of the first plan and of those after it that leave the pairs within ``room``, ascending."""
    sites = plans[0].sites
    for plan in plans[1:]:
        wider = np.union1d(sites, plan.sites)
        if pairs[wider].sum() <= room:
            sites = wider
    return sites
