"""The siting problem and its answer. Plain data.

m candidate sites, n demand points. A demand point is whatever cover is judged on: a pixel, a household, a cell. Cover
is uint8, ``FULL`` is full. Metres are EPSG:5179, money is won.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from geo.errors import AnsimError
from geo.kernels import Bytes, Ints32
from geo.model import Floats, Ints


class SitingError(AnsimError):
    """A siting problem that cannot be meant."""

    code = "siting"


class ClashError(SitingError):
    """Limits that no plan can keep together; the message names which clash."""

    code = "siting_clash"


class TimeUpError(SitingError):
    """The time limit ended the search before any plan was found: one may exist."""

    code = "siting_time"


class SolverError(SitingError):
    """The exact solver gave up for a reason of its own."""

    code = "siting_solver"


class CostError(SitingError):
    """A cost is missing, negative, or more than the whole budget everywhere."""

    code = "siting_cost"


class RecountError(SitingError):
    """A plan's value is not what a separate recount finds: it must not be published."""

    code = "siting_recount"


class Status(StrEnum):
    """How good a plan is known to be."""

    OPTIMAL = "optimal"  # the bound is the value: nothing better exists in the model
    BOUNDED = "bounded"  # nothing better than the bound exists
    NOTHING_TO_GAIN = "nothing_to_gain"  # no allowed site adds any cover


@dataclass(frozen=True)
class Pairs:
    """Which points each site covers and how well, sparse: site j's are ``[start[j]:start[j + 1]]``.

    ``start`` int64 (m + 1,), ``point`` int32, ``value`` uint8 1..``FULL``; a point at most once a site.
    """

    start: Ints
    point: Ints32
    value: Bytes
    points: int

    @property
    def sites(self) -> int:
        """The number of sites."""
        return self.start.size - 1


@dataclass(frozen=True)
class Group:
    """At least and at most so many of some sites: a district's, a dong's, the existing ones."""

    name: str
    sites: Ints
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True)
class Floor:
    """Cover that some points must reach: sum(weight x cover) >= ``least`` x sum(weight) over ``points``.

    ``weight`` float64 (points,): by what the share is counted; None: by the problem's own.
    """

    name: str
    points: Ints
    least: float
    weight: Floats | None = None

    def weights(self, problem: "Problem") -> Floats:
        """Return what each of the floor's points counts for."""
        return problem.weight[self.points] if self.weight is None else self.weight


@dataclass(frozen=True)
class Limits:
    """What a plan may do. Indices are of sites; ``budget_krw`` and ``count`` None: no limit.

    ``too_near`` int64 (k, 2): pairs of sites of which at most one may be chosen.
    """

    budget_krw: float | None = None
    count: int | None = None
    forced: Sequence[int] | Ints = ()
    forbidden: Sequence[int] | Ints = ()
    groups: tuple[Group, ...] = ()
    too_near: Ints = field(default_factory=lambda: np.empty((0, 2), np.int64))
    floors: tuple[Floor, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Maximise sum(weight x cover): each point takes the best of its ``base`` and the chosen sites.

    ``weight`` float64 (n,) >= 0: what full cover of the point is worth. ``base`` uint8 (n,): the cover it has.
    ``cost_krw`` float64 (m,) >= 0. ``block`` int64 (n,): which points lie together, where that is known; it only helps
    to find a bound. ``names`` (m,) are used in messages; empty: numbers from 1.
    """

    weight: Floats
    base: Bytes
    pairs: Pairs
    cost_krw: Floats
    limits: Limits
    names: tuple[str, ...] = ()
    block: Ints | None = None

    def name(self, site: int) -> str:
        """Return what to call a site in a message."""
        return self.names[site] if self.names else f"{site + 1}번 후보"


@dataclass(frozen=True)
class Effort:
    """How hard to try. The same seed gives the same plan unless ``seconds`` cut the search short.

    ``runs`` of annealing of ``turns`` each (0: by the problem's size), on ``threads``. ``progress`` is called with
    what is being done, the value and the bound now.
    """

    seconds: float = 60.0
    seed: int = 1
    runs: int = 8
    turns: int = 0
    threads: int = 2
    exact: bool = True
    progress: Callable[[str, float, float], None] | None = None


@dataclass(frozen=True)
class Solution:
    """Which sites, and how good that is.

    ``value`` and ``base_value`` are sum(weight x cover) with and without the chosen sites, ``bound`` is what no plan
    within the limits can exceed, ``bound_from`` the method that proves it. ``cut_short``: the time limit ended the
    search before anything was proved, so another machine may find another plan. Where the value is proved to be the
    best, it is not: another machine finds a plan of the same value.
    """

    chosen: Ints  # ascending
    value: float
    base_value: float
    bound: float
    bound_from: str
    status: Status
    cost_krw: float
    seconds: float
    cut_short: bool

    def __post_init__(self) -> None:
        """Forget the clock that ended a step of the search once the plan is proved."""
        if self.status is not Status.BOUNDED:
            object.__setattr__(self, "cut_short", False)

    @property
    def gap(self) -> float:
        """How much of the gain a better plan could have, at most: 0..1 of the bound's gain."""
        possible = self.bound - self.base_value
        return max(0.0, (self.bound - self.value) / possible) if possible > 0 else 0.0
