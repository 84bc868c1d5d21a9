"""What is asked of a plan, and the order in which its sites are built. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.model import Places
from geo.siting.model import SitingError


@dataclass(frozen=True)
class Order:
    """What is to be bought of one layer. ``budget_krw`` and ``count`` None: no limit.

    ``forced`` indexes the places. ``spacing_m`` keeps new sites apart. ``least`` and ``most``: so many a dong or
    district, by its index in :func:`geo.siting.areas.areas_of`; ``most_each`` holds for every dong. ``floor``: share
    covered that every dong must reach.

    One of the models, or none of them (maximal covering): ``target``: share of households covered for least money
    (``fewest``: with fewest sites). ``twice``: how much twice counts beside once, 0..1. ``moves``: so many
    existing facilities of the layer may move; those of least ``occupancy`` (0..1 by facility id) first.
    ``capacity``: households that a site serves.
    """

    places: Places
    budget_krw: float | None = None
    count: int | None = None
    forced: tuple[int, ...] = ()
    spacing_m: float = 0.0
    least: Mapping[int, int] = field(default_factory=dict)
    most: Mapping[int, int] = field(default_factory=dict)
    most_each: int | None = None
    floor: float | None = None
    target: float | None = None
    fewest: bool = False
    twice: float | None = None
    moves: int | None = None
    occupancy: Mapping[str, float] = field(default_factory=dict)
    capacity: float | None = None

    @property
    def model(self) -> str:
        """Return which model is asked for: cover, target, twice, moves or capacity.

        Raises
        ------
        SitingError
            Several are, or one with a floor; moves with a number of sites; fewest sites without a target.
        """
        named = {
            "target": ("목표(--target)", self.target), "twice": ("두 겹(--twice)", self.twice),
            "moves": ("옮기기(--move)", self.moves), "capacity": ("수용량(--capacity)", self.capacity),
        }  # fmt: skip
        asked = [key for key, (_, value) in named.items() if value is not None]
        words = [named[key][0] for key in asked] + (["하한(--floor)"] if asked and self.floor is not None else [])
        if len(words) > 1:
            raise SitingError(
                f"{self.places.name}: {' · '.join(words)}은(는) 함께 쓸 수 없습니다",
                "하나만 고르거나 계획을 나누십시오",
            )
        if self.moves is not None and self.count is not None:
            raise SitingError(
                f"{self.places.name}: 옮기기(--move)와 개소 수(--count)는 함께 쓸 수 없습니다",
                "옮길 수가 곧 새로 여는 개소 수입니다. --count를 빼십시오",
            )
        if self.fewest and self.target is None:
            raise SitingError("가장 적은 개소(--fewest)는 목표와 함께 씁니다", "예: --target cctv=0.8 --fewest")
        return asked[0] if asked else "cover"


@dataclass(frozen=True)
class Step:
    """One chosen site in order: index of the candidate, score and households gained after those before it."""

    site: int
    score: float
    gained: float
