"""A plan as it is published, stored and drawn: sites in order, what each adds, and the proof. Plain data.

Metres are EPSG:5179, money is won. Households are given by need and never added across needs (domain.md 5).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isnan, nan
from typing import Any

from geo.model import Settings

NOTHING_TO_GAIN = "nothing_to_gain"
OPTIMAL = "optimal"
EDITED = "edited"  # changed by hand: ``bound`` and ``gap`` are NaN where nothing is proved of it


@dataclass(frozen=True)
class Known:
    """The nearest facility by which a place is found on foot. ``distance_m`` in a straight line."""

    id: str
    name: str
    address: str
    distance_m: float


@dataclass(frozen=True)
class Closed:
    """A facility that the plan takes away. ``occupancy`` 0..1, None unknown.

    ``lost``: households by need that lose their cover for it, once everything else is as planned.
    """

    layer: str
    id: str
    name: str
    address: str
    x: float
    y: float
    grid_id: str
    dong: str
    dong_name: str
    occupancy: float | None
    lost: Mapping[str, float]


@dataclass(frozen=True)
class DongChange:
    """A dong before and after: share covered for the need of a layer, and households whose cover falls by it."""

    dong: str
    name: str
    households: float
    before: float
    after: float
    lost: float


@dataclass(frozen=True)
class GapChange:
    """A gap area before and after the plan, on the cells it had: ``rank`` as found without the plan.

    ``rank_after``: where the gap table would have it once the plan is built, None where none of its cells is a gap
    then. ``needs``: share covered before and after, by need, of those that change.
    """

    rank: int
    rank_after: int | None
    dong: str
    dong_name: str
    grid_id: str  # 국가지점번호 (100 m) of the household-weighted centre
    households: float
    uncovered_before: float
    uncovered_after: float
    cover_before: float
    cover_after: float
    cells: int
    cells_left: int
    needs: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Measured:
    """What a model is judged by where it is not the combined cover: ``unit`` 원, 곳 or 가구; ``better`` up or down."""

    name: str
    unit: str
    better: str  # up: the bound is above the value; down: below
    before: float
    value: float
    bound: float


@dataclass(frozen=True)
class FloorCost:
    """What a floor for every dong costs: beside the plan without it, and what any plan that keeps it costs at least.

    ``score_given_up`` and ``households_given_up`` (by need) are of the same money; ``least_krw`` is of a plan found,
    ``least_bound_krw`` of any plan; NaN is not stored: None where no plan without the limits was found in time.
    """

    floor: float
    score_given_up: float
    households_given_up: Mapping[str, float]
    least_krw: float | None
    least_bound_krw: float


@dataclass(frozen=True)
class Rerun:
    """The same orders at other costs: ``level`` low, default or high."""

    level: str
    total_krw: float
    sites: Mapping[str, int]  # by layer
    gained: Mapping[str, float]
    score_gained: float
    gap: float
    kept: int  # sites of the plan that are chosen there too


@dataclass(frozen=True)
class Site:
    """One new site. ``gained``: households by need that it adds after those ranked before it.

    ``score``: what it adds to sum(households x combined cover). ``kind``: what stands there now; ``flags``: what to
    settle before building. ``stability``: share of draws in which a site stays there; None: not asked. ``zone``: WKT of
    the land of a site that is no point (EPSG:5179), '' for a point; its cover is at most ``zone_cap``.
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
    zone: str = ""
    zone_cap: float = 1.0
    forced: bool = False


@dataclass(frozen=True)
class LayerPlan:
    """What is bought of one layer, and how good that is.

    ``objective``: the needs judged together. ``before`` and ``after``: recounted sum(households x combined cover), with
    the layers bought before it built; ``bound``: what no plan within the limits exceeds; ``gap``: how much of the gain
    a better plan could have, at most, 0..1. ``model``: cover, target, twice, moves, capacity or together; where that is
    judged by something else ``measured`` holds value and bound, and ``gap`` is of them. ``together``: the figures
    are of all layers under one budget. ``dongs``: every dong, by the first need of ``gained``.
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
    model: str = "cover"
    measured: Measured | None = None
    closed: tuple[Closed, ...] = ()
    dongs: tuple[DongChange, ...] = ()
    floor: FloorCost | None = None
    notes: tuple[str, ...] = ()

    @property
    def curve(self) -> tuple[tuple[float, float], ...]:
        """Return money spent and score gained after each site, in the order of building; it begins with (0, 0)."""
        points = [(0.0, 0.0)]
        for site in self.sites:
            points.append((points[-1][0] + site.total_krw, points[-1][1] + site.score))
        return tuple(points)

    @property
    def total_krw(self) -> float:
        """Return the money of all sites, once and over the plan's years."""
        return sum(site.total_krw for site in self.sites)


@dataclass(frozen=True)
class PlanDistrict:
    """One of several districts of a plan, with the codes of its dong."""

    code: str
    name: str
    dongs: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Sites for a district, or for several together. ``before``, ``after``: recounted sum(households x combined cover).

    ``districts``: those of a plan for several, of which ``district`` and ``district_name`` name the whole; () for one.
    ``gaps``: what becomes of the gap areas that the plan changes, by rank; () in a plan for several districts.
    """

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
    reruns: tuple[Rerun, ...] = ()
    draws: int = 0  # of the stability of its sites; 0: not asked
    headings: tuple[str, ...] = ()  # must stand over every output
    districts: tuple[PlanDistrict, ...] = ()
    gaps: tuple[GapChange, ...] = ()  # the gap areas that it changes

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the districts that the plan is of."""
        return tuple(one.code for one in self.districts) or (self.district,)

    def district_of(self, dong: str) -> str:
        """Return the name of the district of a dong by its code, '' where it is of none."""
        if not self.districts:
            return self.district_name if dong else ""
        return next((one.name for one in self.districts if dong in one.dongs), "")

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
        return known.pop() if len(known) == 1 else EDITED if EDITED in known else "bounded"

    @property
    def own_settings(self) -> Settings:
        """Return the settings that the plan was made with: what is drawn or explained of it is to use them."""
        known = {f.name for f in fields(Settings)}
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in self.settings.items() if k in known
        }
        return Settings(**values)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values: what is not known (NaN) is None."""
        values = asdict(self)
        for layer in values["layers"]:
            layer |= {name: None for name in ("bound", "gap") if isnan(layer[name])}
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Plan":
        """Return the plan that :meth:`as_dict` gave."""
        dates = {name: (old, new) for name, (old, new) in values["data_dates"].items()}
        given = {f.name: values[f.name] for f in fields(cls) if f.name in values} | {
            "layers": tuple(_layer(layer) for layer in values["layers"]),
            "reruns": tuple(Rerun(**one) for one in values.get("reruns", ())),
            "data_dates": dates,
            "notes": tuple(values["notes"]),
            "headings": tuple(values.get("headings", ())),
            "districts": tuple(
                PlanDistrict(one["code"], one["name"], tuple(one["dongs"])) for one in values.get("districts", ())
            ),
            "gaps": tuple(_gap(one) for one in values.get("gaps", ())),
        }
        return cls(**given)


def _gap(values: Mapping[str, Any]) -> GapChange:
    return GapChange(**{**values, "needs": {need: (old, new) for need, (old, new) in values["needs"].items()}})


def _layer(values: Mapping[str, Any]) -> LayerPlan:
    sites = tuple(
        Site(**{**site, "nearest": Known(**site["nearest"]) if site["nearest"] else None}) for site in values["sites"]
    )
    texts = {name: tuple(values.get(name, ())) for name in ("objective", "limits", "notes")}
    measured, floor = values.get("measured"), values.get("floor")
    proof = {name: nan for name in ("bound", "gap") if values[name] is None}
    parts = {
        "sites": sites,
        "closed": tuple(Closed(**one) for one in values.get("closed", ())),
        "dongs": tuple(DongChange(**one) for one in values.get("dongs", ())),
        "measured": Measured(**measured) if measured else None,
        "floor": FloorCost(**floor) if floor else None,
    }
    return LayerPlan(**{**values, **texts, **parts, **proof})
