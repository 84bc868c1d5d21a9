"""A plan as it is published: sites in order, what each adds, and the proof. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.model import DistrictInput, Places, Settings
from geo.siting.model import Solution


@dataclass(frozen=True)
class Order:
    """What is to be bought of one layer. ``budget_krw`` and ``count`` None: no limit; one of them is needed.

    ``forced`` and ``forbidden`` index the places. ``spacing_m`` keeps new sites apart. ``least`` and ``most``: so many
    a dong, by dong index; ``most_each`` holds for every dong.
    """

    places: Places
    budget_krw: float | None = None
    count: int | None = None
    forced: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    spacing_m: float = 0.0
    least: Mapping[int, int] = field(default_factory=dict)
    most: Mapping[int, int] = field(default_factory=dict)
    most_each: int | None = None
    floor: float | None = None  # share covered that every dong must reach


@dataclass(frozen=True)
class Known:
    """The nearest facility by which a place is found on foot. ``distance_m`` in a straight line."""

    id: str
    name: str
    address: str
    distance_m: float


@dataclass(frozen=True)
class Site:
    """One new site. ``gained``: households by need that it adds after those ranked before it, never added up.

    ``score``: what it adds to sum(households x combined cover). ``stability``: share of draws in which a site stays
    there; None: not asked.
    """

    rank: int
    layer: str
    id: str
    kind: str
    name: str
    flags: str
    x: float
    y: float
    grid_id: str
    dong: int  # -1 outside all
    once_krw: float
    year_krw: float
    total_krw: float
    gained: Mapping[str, float]
    score: float
    nearest: Known | None
    stability: float | None = None


@dataclass(frozen=True)
class LayerPlan:
    """What is bought of one layer, and how good that is.

    ``objective``: the needs judged together. ``before`` and ``after`` are recounted scores, ``bound`` what no plan
    within the limits can exceed; of the layers bought before it, ``before`` has them built.
    """

    layer: str
    name: str
    needs: tuple[str, ...]
    objective: tuple[str, ...]
    candidates: int
    left_out: Mapping[str, int]
    budget_krw: float | None
    count: int | None
    solution: Solution
    before: float
    after: float
    gained: Mapping[str, float]
    sites: tuple[Site, ...]

    @property
    def bound(self) -> float:
        """Return the score that no plan can exceed."""
        return self.before + self.solution.bound - self.solution.base_value

    @property
    def proven(self) -> float:
        """Return the share of the most that could be gained which this plan gains at least, 0..1."""
        return 1.0 - self.solution.gap

    @property
    def total_krw(self) -> float:
        """Return once and yearly money of all sites, over the plan's years."""
        return sum(site.total_krw for site in self.sites)


@dataclass(frozen=True)
class Plan:
    """Sites for one district. ``before`` and ``after`` are sum(households x combined cover), ``gained`` by need.

    ``households`` float64 (cells,), ``cover_before`` and ``cover_after`` (cells,) combined, of the gap table's cells.
    """

    source: DistrictInput
    settings: Settings
    years: int
    data_version: int
    layers: tuple[LayerPlan, ...]
    before: float
    after: float
    households: float
    gained: Mapping[str, float]
    seconds: float
    together: bool = False

    @property
    def sites(self) -> tuple[Site, ...]:
        """Return the sites of all layers, layer after layer."""
        return tuple(site for layer in self.layers for site in layer.sites)


@dataclass(frozen=True)
class Step:
    """One chosen site in order: index of the candidate, score and households gained after those before it."""

    site: int
    score: float
    gained: float
