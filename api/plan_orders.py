"""From what is asked of a plan to the orders that are solved, in a working process."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import orjson

from api.district_memory import Job, Last, catalog_of, input_of, snapshot_of, store_of
from api.errors import BadParameterError, PlanLimitsError
from api.plan_question import Bounds, LayerAsked
from geo.model import DistrictInput, Places, Settings
from geo.plans import Plan
from geo.siting.describing import total_krw
from geo.siting.gap_land import gap_land, one_gap
from geo.siting.plan import Order
from geo.siting.steadiness import PlacesAt, places_by_threshold
from geo.siting.wishes import orders_of
from layers.candidates import Asked
from layers.given import given_land, given_rows
from layers.occupancy import occupancy_of
from layers.placing import Placing, gap_rank
from layers.store import Store

_orders: Last[Any, list[Order]] = Last(8)


def key_of(job: Job) -> tuple[Any, ...]:
    """Return what two questions have in common that rest on the same data and settings."""
    return (job.store, job.catalogs, job.stamp, job.district, job.at, job.who, as_text(asdict(job.settings)))


def as_text(value: object) -> bytes:
    """Return values as one text, to compare and to look up by."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def job_like(job: Job, plan: Plan) -> Job:
    """Return the question a plan answered: its settings, hour ('' for the usual one) and people."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plan.settings.items()
    }
    asked = plan.extra.get("asked")
    at, who = (asked["at"], asked["who"]) if asked else (plan.at.replace(" ", "T"), plan.who.replace(" ", ","))
    return replace(job, settings=Settings(**values), at=at, who=who)


def orders_for(job: Job, layers: Sequence[LayerAsked]) -> list[Order]:
    """Return the orders of what is asked, kept from the last questions. Raises as its parts."""
    key = (*key_of(job), as_text([one.as_dict() for one in layers]))
    return _orders.get(key, lambda: _orders_for(job, layers))


def _orders_for(job: Job, layers: Sequence[LayerAsked]) -> list[Order]:
    catalog, source = catalog_of(job), input_of(job)
    for one in layers:
        _check_words(one, source, [*catalog.areas, *(area.name for area in catalog.areas.values())])
    with store_of(job) as store:
        places = _places(job, layers, store)
        wishes = [
            replace(one.wish, occupancy=occupancy_of(one.wish.layer, store))
            if one.wish.moves is not None and not one.wish.occupancy else one.wish
            for one in layers
        ]  # fmt: skip
    for one, here in zip(layers, places, strict=True):
        if not one.wish.force <= set(here.ids):
            raise BadParameterError(
                f"{here.name}: forced에 후보가 아닌 번호가 있습니다",
                "sites[].id를, 같은 candidates와 within으로 주십시오",
            )
    return orders_of(wishes, places, source)


def _places(job: Job, layers: Sequence[LayerAsked], store: Store) -> list[Places]:
    catalog, source = catalog_of(job), input_of(job)
    placing = Placing(
        store, snapshot_of(job), catalog, source.code,
        lambda: gap_land(source, job.settings), lambda rank: one_gap(source, job.settings, rank),
    )  # fmt: skip
    return placing.places([
        Asked(
            catalog.layers[one.wish.layer], one.candidates, one.cost, one.level, frozenset(one.exclude),
            given_land(one.not_in) if one.not_in else None, one.within,
            given_rows(one.given) if one.given else None,
        )
        for one in layers
    ])  # fmt: skip


def places_at(job: Job, layers: Sequence[LayerAsked]) -> PlacesAt | None:
    """Return the candidates at every threshold of a gap; None where none are looked for in the gap areas."""
    if not any(one.within == "gaps" for one in layers):
        return None
    with store_of(job) as store:

        def at(threshold: float) -> list[Places]:
            return _places(replace(job, settings=replace(job.settings, gap_threshold=threshold)), layers, store)

        return places_by_threshold(at)


def _check_words(one: LayerAsked, source: DistrictInput, areas: Sequence[str]) -> None:
    """Raise where land or a dong is named that is none: a word is never taken for a file of the machine that serves."""
    dong = (*source.dong_names, *source.dong_codes)
    if one.within not in {"gaps", "district", "전체", *areas, *dong} and not gap_rank(one.within):
        raise BadParameterError("within: 모르는 지역입니다", f"gaps, gap:1, district, 행정동, 또는 {', '.join(areas)}")
    if not {*one.wish.at_least, *one.wish.at_most} <= set(dong):
        raise BadParameterError(
            f"at_least와 at_most에 {source.name}에 없는 행정동이 있습니다", f"{', '.join(source.dong_names)}"
        )


def check_bounds(orders: Sequence[Order], years: int, together_krw: float | None, bounds: Bounds) -> None:
    """Raise PlanLimitsError where a plan may come to more than the service works out."""
    for order in orders:
        places = order.places
        if len(places.ids) > bounds.candidates:
            raise PlanLimitsError(
                f"{places.name}: 후보지가 {len(places.ids):,}곳으로 {bounds.candidates:,}곳을 넘습니다",
                "격자를 넓히거나(grid:100) within을 줄이십시오",
            )
        known = total_krw(places, years)
        if order.count is None and not np.nan_to_num(known).any():
            continue  # no cost is known, or it is nothing: refused for that
        cost = np.cumsum(np.sort(np.nan_to_num(known)))
        budget = together_krw if order.budget_krw is None else order.budget_krw
        most = cost.size if budget is None else int(np.searchsorted(cost, budget * (1 + 1e-9), "right"))
        if order.count is not None:
            most = min(most, order.count) if order.count <= cost.size else order.count
        if order.model in {"cover", "twice", "capacity"} and most > bounds.sites:
            raise PlanLimitsError(
                f"{places.name}: 자리가 {most:,}곳까지 나올 수 있어 {bounds.sites:,}곳을 넘습니다",
                "예산이나 개소 수를 줄이거나 동마다 나누어 세우십시오",
            )
