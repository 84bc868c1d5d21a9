"""A plan as it is published, stored and drawn: sites in order, what each adds, and the proof. Plain data.

Metres are EPSG:5179, money is won. Households are given by need and never added across needs (domain.md 5).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

NOTHING_TO_GAIN = "nothing_to_gain"
OPTIMAL = "optimal"


@dataclass(frozen=True)
class Known:
    """The nearest facility by which a place is found on foot. ``distance_m`` in a straight line."""

    id: str
    name: str
    address: str
    distance_m: float


@dataclass(frozen=True)
class Site:
    """One new site. ``gained``: households by need that it adds after those ranked before it.

    ``score``: what it adds to sum(households x combined cover). ``kind``: what stands there now; ``flags``: what to
    settle before building. ``stability``: share of draws in which a site stays there; None: not asked.
    """

    rank: int  # within its layer
    layer: str
    id: str
    kind: str
    name: str
    flags: str
    x: float
    y: float
    grid_id: str  # 국가지점번호, 10 m
    dong: str  # 10-digit code, '' outside all
    dong_name: str
    once_krw: float
    year_krw: float
    total_krw: float  # once and the plan's years
    gained: Mapping[str, float]
    score: float
    nearest: Known | None
    stability: float | None = None


@dataclass(frozen=True)
class LayerPlan:
    """What is bought of one layer, and how good that is.

    ``objective``: the needs judged together. ``before`` and ``after``: recounted sum(households x combined cover), with
    the layers bought before it built; ``bound``: what no plan within the limits exceeds; ``gap``: how much of the gain
    a better plan could have, at most, 0..1.
    """

    layer: str
    name: str
    objective: tuple[str, ...]
    candidates: int
    left_out: Mapping[str, int]
    budget_krw: float | None
    count: int | None
    before: float
    after: float
    bound: float
    gap: float
    status: str
    bound_from: str
    seconds: float
    cut_short: bool
    gained: Mapping[str, float]
    sites: tuple[Site, ...]
    limits: tuple[str, ...] = ()  # other limits, in words

    @property
    def total_krw(self) -> float:
        """Return the money of all sites, once and over the plan's years."""
        return sum(site.total_krw for site in self.sites)


@dataclass(frozen=True)
class Plan:
    """Sites for one district. ``before``, ``after``: recounted sum(households x combined cover) of the whole."""

    district: str
    district_name: str
    at: str
    who: str
    years: int
    data_version: int
    data_dates: Mapping[str, tuple[str, str]]
    need_names: Mapping[str, str]
    weights: Mapping[str, float]
    settings: Mapping[str, Any]
    households: float
    before: float
    after: float
    gained: Mapping[str, float]
    seconds: float
    layers: tuple[LayerPlan, ...]
    notes: tuple[str, ...] = ()
    made_up: bool = False
    name: str = ""
    made_at: str = ""  # ISO, Asia/Seoul
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Return the sites of all layers, layer after layer: the number on a map is the place here, from 1."""
        return tuple(site for layer in self.layers for site in layer.sites)

    @property
    def total_krw(self) -> float:
        """Return the money of all sites."""
        return sum(layer.total_krw for layer in self.layers)

    @property
    def status(self) -> str:
        """Return what is known of every layer's plan: optimal only where each is."""
        known = {layer.status for layer in self.layers}
        return known.pop() if len(known) == 1 else "bounded"

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Plan":
        """Return the plan that :meth:`as_dict` gave."""
        layers = tuple(_layer(layer) for layer in values["layers"])
        dates = {name: (old, new) for name, (old, new) in values["data_dates"].items()}
        given = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        return cls(**{**given, "layers": layers, "data_dates": dates, "notes": tuple(values["notes"])})


def _layer(values: Mapping[str, Any]) -> LayerPlan:
    sites = tuple(
        Site(**{**site, "nearest": Known(**site["nearest"]) if site["nearest"] else None}) for site in values["sites"]
    )
    texts = {name: tuple(values[name]) for name in ("objective", "limits")}
    return LayerPlan(**{**values, **texts, "sites": sites})
