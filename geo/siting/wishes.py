"""What a planner wants of a plan, by names, as the orders that :func:`geo.siting.planning.make_plan` takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo.errors import BadSettingError
from geo.model import DistrictInput, Places
from geo.siting.areas import area_indices
from geo.siting.plan import Order


@dataclass(frozen=True)
class Wish:
    """What is wanted of one layer; as :class:`geo.siting.plan.Order`, but dong and sites by name.

    ``force``: ids of candidates that must be in. ``at_least`` and ``at_most``: by the name or code of a dong or a
    district; of several words (관악구 신림동) a dong needs only its own where no other has it. ``occupancy``: 0..1 by
    the id of a facility.
    """

    layer: str
    budget_krw: float | None = None
    count: int | None = None
    force: frozenset[str] = frozenset()
    spacing_m: float = 0.0
    at_least: Mapping[str, int] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    most_each: int | None = None
    floor: float | None = None
    target: float | None = None
    fewest: bool = False
    twice: float | None = None
    moves: int | None = None
    occupancy: Mapping[str, float] = field(default_factory=dict)
    capacity: float | None = None


def orders_of(wishes: Sequence[Wish], places: Sequence[Places], source: DistrictInput) -> list[Order]:
    """Return an order a wish; ``places`` are the candidates of each, in the same order.

    Raises
    ------
    BadSettingError
        A dong or a forced site that is none of the district's or of any layer's candidates.
    """
    known = {i for one in places for i in one.ids}
    missing = sorted({i for wish in wishes for i in wish.force} - known)
    if missing:
        raise BadSettingError(
            f"꼭 넣을 곳이 후보에 없습니다: {', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}",
            "후보 번호(ansim sites … --out의 site_id)를 쓰고, 그 후보를 --candidates와 --within에 넣으십시오",
        )
    return [_order(wish, one, source) for wish, one in zip(wishes, places, strict=True)]


def _order(wish: Wish, places: Places, source: DistrictInput) -> Order:
    return Order(
        places, wish.budget_krw, wish.count,
        forced=tuple(j for j, i in enumerate(places.ids) if i in wish.force), spacing_m=wish.spacing_m,
        least=area_indices(wish.at_least, source), most=area_indices(wish.at_most, source), most_each=wish.most_each,
        floor=wish.floor, target=wish.target, fewest=wish.fewest, twice=wish.twice, moves=wish.moves,
        occupancy=wish.occupancy, capacity=wish.capacity,
    )  # fmt: skip
