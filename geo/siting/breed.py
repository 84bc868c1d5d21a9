"""Plans bred from plans: runs of annealing, then annealing among the sites of several of their plans.

A run of annealing ends in a plan that is good nearly everywhere and wrong in places of its own. The sites of a few
such plans hold a better one than any of them, and are so few that annealing among them alone is quick (construct,
merge, solve and adapt: Blum, Pinacho, Lopez-Ibanez and Lozano 2016; tour merging: Cook and Seymour 2003); a little
annealing among all sites mends what none of the parents had. A child takes the place of the worst plan, so a
population comes to an end; its best plan is then a parent itself.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import numpy as np

from geo.model import Ints
from geo.siting.search import HOT, WARM, Found, Search, anneal

POPULATION = 24
_RUNS = 4  # of annealing a generation
_CHILDREN = 8
_PARENTS = (2, 5)
_AMONG_TURNS, _AFTER_SHARE = 300_000, 0.25  # turns among the sites of the parents; of a run's turns, those after it

Narrow = Callable[[Ints], Search]


@dataclass
class Island:
    """A population of plans, bred by all threads.

    ``searched``: the sites that are searched, ascending, of the reduced problem, and ``search`` that problem with them
    alone. ``first``: where hot runs begin, in sites of ``search``. ``narrow(sites)``: a search of some sites of the
    reduced problem. ``plans``: in sites of the reduced problem, no two alike.
    """

    searched: Ints
    search: Search
    first: Found
    narrow: Narrow
    seed: int
    plans: list[Found] = field(default_factory=list)
    cut: bool = False
    stale: int = 0  # generations since the best plan
    _bred: int = 0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._after = replace(self.search, turns=max(int(_AFTER_SHARE * self.search.turns), 1))
        self._founded = False

    def settle(self, plans: list[Found]) -> None:
        """Begin with plans in hand, best first and no two alike, instead of plans from nothing."""
        self.plans, self._founded = plans[:POPULATION], True

    @property
    def best(self) -> Found:
        """Return the best plan, in sites of the reduced problem."""
        return max(self.plans, key=lambda f: f.gain)

    def generation(self, pool: Executor) -> None:
        """Breed one generation: plans from nothing until the population is full, then children.

        Which plans come is the same whatever the number of threads.
        """
        before = self.best.gain if self.plans else -np.inf
        if self._founded:
            jobs = [(self._parents(), self._next_seed()) for _ in range(_CHILDREN)]
            found = list(pool.map(lambda job: self._child(*job), jobs))
        else:
            seeds = [self._next_seed() for _ in range(_RUNS)]
            found = list(pool.map(lambda seed: self._lifted(anneal(self.search, self.first, seed, HOT)), seeds))
        for plan in found:
            self._take(plan)
            self.cut |= plan.cut
        self._founded |= self._bred >= POPULATION
        self.stale = 0 if self.best.gain > before * (1 + 1e-12) else self.stale + 1

    def _next_seed(self) -> int:
        self._bred += 1
        return self.seed + self._bred

    def _parents(self) -> list[Found]:
        """Return some plans, in a random order: the child begins as the first."""
        few = min(int(self._random.integers(_PARENTS[0], _PARENTS[1] + 1)), len(self.plans))
        return [self.plans[k] for k in self._random.choice(len(self.plans), few, replace=False).tolist()]

    def _child(self, parents: list[Found], seed: int) -> Found:
        """Anneal among the sites of some plans, then a little among all."""
        plan, sites = parents[0], np.unique(np.concatenate([parent.sites for parent in parents]))
        if sites.size > plan.sites.size:
            among = replace(self.narrow(sites), turns=min(_AMONG_TURNS, self.search.turns), until=self.search.until)
            found = anneal(among, Found(np.searchsorted(sites, plan.sites), plan.gain), seed, HOT)
            plan = Found(sites[found.sites], found.gain)
        return self._lifted(
            anneal(self._after, Found(np.searchsorted(self.searched, plan.sites), plan.gain), seed, WARM)
        )

    def _lifted(self, found: Found) -> Found:
        return Found(self.searched[found.sites], found.gain, found.cut)

    def _take(self, plan: Found) -> None:
        """Take a plan into the population, in the place of the worst if it is full."""
        if any(np.array_equal(plan.sites, other.sites) for other in self.plans):
            return
        if len(self.plans) < POPULATION:
            self.plans.append(plan)
            return
        worst = min(range(POPULATION), key=lambda k: self.plans[k].gain)
        if plan.gain > self.plans[worst].gain:
            self.plans[worst] = plan


def merged(plans: list[Found], pairs: Ints, room: float) -> Ints:
    """Return the sites of the first plan and of those after it that leave the pairs within ``room``, ascending.

    ``pairs`` int64 (m,): pairs of every site of the reduced problem.
    """
    sites = plans[0].sites
    for plan in plans[1:]:
        wider = np.union1d(sites, plan.sites)
        if pairs[wider].sum() <= room:
            sites = wider
    return sites


def unlike(plans: list[Found]) -> list[Found]:
    """Return the plans best first, each once."""
    kept: list[Found] = []
    for plan in sorted(plans, key=lambda f: -f.gain):
        if not any(np.array_equal(plan.sites, other.sites) for other in kept):
            kept.append(plan)
    return kept
