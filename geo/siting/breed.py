"""Plans bred from plans: short runs of annealing, and the best plan among the sites of several.

Construct, merge, solve and adapt (Blum, Pinacho, Lopez-Ibanez and Lozano 2016; tour merging, Cook and Seymour 2003,
before it). A run of annealing ends in a plan that is good nearly everywhere and wrong in places of its own; the
sites of a few such plans hold a better one than any of them, and are so few that annealing among them alone is quick,
and exact solving possible. A child takes the place of the parent it began as, so that the plans stay unlike each other
(deterministic crowding, Mahfoud 1995). How many are merged exactly adapts to what the solver finds easy, counted in its
pivots, so that no clock is in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from geo.model import Ints
from geo.siting.exact import Answer, chosen_sites
from geo.siting.search import HOT, WARM, Found, Search, anneal

POPULATION = 16
_RUNS = 4  # of annealing a generation
_CHILDREN = 10
_PARENTS = (2, 5)
_AMONG_TURNS, _AFTER_SHARE = 300_000, 0.25  # turns among the sites of the parents, share of a run's turns after it
_LEAD = 2.0  # mean rank of the plan that leads an exact merge
_FIRST_PAIRS, _MOST_PAIRS = 5_000, 60_000
_EASY_PIVOTS = 5_000
_WIDER, _NARROWER = 1.15, 0.75
NODES = 200
_MERGE_S = 3.0

Solve = Callable[[Ints, Ints, float, int], Answer]
Narrow = Callable[[Ints], Search]


@dataclass
class Island:
    """A population of its own.

    ``searched``: the sites that are searched, ascending, of the reduced problem, and ``search`` that problem with them
    alone. ``first``: where hot runs begin, in sites of ``search``. ``pairs`` int64 (m,): pairs of every site of the
    reduced problem. ``solve(sites, start, seconds, nodes)``: the best plan of some sites, begun with the plan
    ``start``. ``narrow(sites)``: a search of some sites. ``plans``: in sites of the reduced problem; what the
    population begins with.
    """

    searched: Ints
    search: Search
    first: Found
    pairs: Ints
    solve: Solve
    narrow: Narrow
    seed: int
    cut: bool = False
    stale: int = 0  # generations since the best plan
    plans: list[Found] = field(default_factory=list)  # no two alike
    _room: float = _FIRST_PAIRS
    _bred: int = 0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._after = replace(self.search, turns=max(int(_AFTER_SHARE * self.search.turns), 1))

    @property
    def best(self) -> Found:
        """Return the best plan, in sites of the reduced problem."""
        return max(self.plans, key=lambda f: f.gain)

    def generation(self) -> "Island":
        """Breed one generation: plans from nothing until the population is full, then children."""
        before = self.best.gain if self.plans else -np.inf
        if len(self.plans) < POPULATION and self._bred < 2 * POPULATION:
            for _ in range(_RUNS):
                found = self._annealed(self.search, self.first, HOT)
                self._take(Found(self.searched[found.sites], found.gain))
        else:
            for _ in range(_CHILDREN):
                self._child()
            if self.best.gain <= before * (1 + 1e-12):
                self._merge()
        self.stale = 0 if self.best.gain > before * (1 + 1e-12) else self.stale + 1
        return self

    def _annealed(self, search: Search, begin: Found, heat: float) -> Found:
        found = anneal(search, begin, self.seed + self._bred, heat)
        self._bred += 1
        self.cut |= found.cut
        return found

    def _take(self, plan: Found, place: int | None = None) -> None:
        """Take a plan into the population, in the place of another if it is better."""
        if any(np.array_equal(plan.sites, other.sites) for other in self.plans):
            return
        if place is None:
            self.plans.append(plan)
        elif plan.gain > self.plans[place].gain:
            self.plans[place] = plan

    def _child(self) -> None:
        """Anneal among the sites of some plans, then a little among all."""
        few = min(int(self._random.integers(_PARENTS[0], _PARENTS[1] + 1)), len(self.plans))
        parents = self._random.choice(len(self.plans), few, replace=False).tolist()
        plan = self.plans[parents[0]]
        sites = np.unique(np.concatenate([self.plans[k].sites for k in parents]))
        if sites.size > plan.sites.size:
            among = replace(self.narrow(sites), turns=min(_AMONG_TURNS, self.search.turns), until=self.search.until)
            found = self._annealed(among, Found(np.searchsorted(sites, plan.sites), plan.gain), HOT)
            plan = Found(sites[found.sites], found.gain)
        inside = np.searchsorted(self.searched, plan.sites)
        found = self._annealed(self._after, Found(inside, plan.gain), WARM)
        self._take(Found(self.searched[found.sites], found.gain), parents[0])

    def _merge(self) -> None:
        """Make the best plan of the sites of several: one of the first, and others as they come, as many as fit."""
        ranked = sorted(range(len(self.plans)), key=lambda k: -self.plans[k].gain)
        lead = ranked[min(int(self._random.exponential(_LEAD)), len(ranked) - 1)]
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
            self._take(Found(chosen_sites(answer, sites), answer.value), lead)


def merged(plans: list[Found], pairs: Ints, room: float) -> Ints:
    """Return the sites of the first plan and of those after it that leave the pairs within ``room``, ascending."""
    sites = plans[0].sites
    for plan in plans[1:]:
        wider = np.union1d(sites, plan.sites)
        if pairs[wider].sum() <= room:
            sites = wider
    return sites
