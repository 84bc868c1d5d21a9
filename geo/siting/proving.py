"""No plan is published that breaks a limit, or whose figures a separate count does not find: so for every model."""

import itertools
import math

import numpy as np

from geo.kernels import FULL
from geo.model import DistrictInput, Ints, Settings
from geo.siting.areas import areas_of
from geo.siting.describing import dong_of
from geo.siting.model import RecountError
from geo.siting.models import REACHED, Found, floored
from geo.siting.plan import Order
from geo.siting.recount import Recount, agree, cell_covers, recount_change, times_reached

_SHARE = 1e-6


def check_limits(source: DistrictInput, order: Order, chosen: Ints, years: int) -> None:
    """Check the sites of a plan against what was ordered: number, money, spacing, dong, forced sites.

    Raises
    ------
    RecountError
        A limit is broken, which no plan may be published with.
    """
    places, at, broken = order.places, chosen.tolist(), []
    year = np.nan_to_num(places.year_krw[chosen])
    money = float(np.nan_to_num(places.once_krw[chosen]).sum() + years * year.sum())
    if order.count is not None and len(at) > order.count:
        broken.append(f"개소 수 {len(at)} > {order.count}")
    if order.budget_krw is not None and money > order.budget_krw * (1 + 1e-9):
        broken.append(f"비용 {money:,.0f}원 > 예산 {order.budget_krw:,.0f}원")
    if not set(order.forced) <= set(at):
        broken.append("꼭 넣을 곳이 빠짐")
    if order.moves is not None and len(at) > order.moves:
        broken.append(f"새로 연 곳 {len(at)} > 옮길 수 {order.moves}")
    apart = (math.dist(*((places.x[j], places.y[j]) for j in two)) for two in itertools.combinations(at, 2))
    if order.spacing_m and min(apart, default=math.inf) < order.spacing_m * (1 - 1e-9):
        broken.append(f"간격 {order.spacing_m:g} m 안에 두 곳")
    dong = dong_of(source, places.x[chosen], places.y[chosen])
    for a, area in enumerate(areas_of(source)):
        held = sum(d in area.dongs for d in dong.tolist())
        each = order.most_each if a < len(source.dong_names) else None
        most = order.most.get(a, len(at) if each is None else each)
        if not order.least.get(a, 0) <= held <= most:
            broken.append(f"{area.name} {held}곳")
    if broken:
        raise RecountError(
            f"{places.name}: 계획이 조건을 어깁니다: {', '.join(broken)}", "계획을 내보내지 않았습니다. 알려 주십시오"
        )


def recounted(
    before: DistrictInput, after: DistrictInput, settings: Settings, order: Order, found: Found, need: str
) -> Recount:
    """Count an order's plan again, by what its model claims.

    Raises
    ------
    RecountError
        The value, the share covered, the times reached or the loads are not those of the count.
    """
    counted, solution = recount_change(before, after, settings), found.solution
    match order.model:
        case "cover" | "moves":
            agree(counted.before + solution.value - solution.base_value, counted.after)
            if order.floor is not None:
                _check_floor(before, counted, need, order.floor)
        case "target":
            agree(solution.value - solution.base_value, counted.gained[need])
            held = counted.frame.households > 0
            cover = counted.covers[1].by_need[need][held]
            reached = float(counted.frame.households[held] @ cover) / float(counted.frame.households.sum())
            if order.target is not None and reached < order.target - _SHARE:
                raise RecountError(
                    f"다시 세니 {reached:.4%}로 목표 {order.target:.2%}에 닿지 않습니다", "알려 주십시오"
                )
        case "twice":
            _check_twice(before, after, settings, order, found, need)
        case "capacity":
            _check_loads(before, settings, order, found, need)
    return counted


def _check_floor(source: DistrictInput, counted: Recount, need: str, floor: float) -> None:
    for dong, name in enumerate(source.dong_names):
        households, _, after, _ = counted.by_dong(need, dong)
        if households > 0 and after < floor - _SHARE:
            raise RecountError(f"다시 세니 {name}이(가) {after:.4%}로 하한 {floor:.2%} 아래입니다", "알려 주십시오")


def _check_twice(
    before: DistrictInput, after: DistrictInput, settings: Settings, order: Order, found: Found, need: str
) -> None:
    """Count how many places reach each pixel from rasters, before and after."""
    share = order.twice or 0.0
    for source, claimed in ((before, found.solution.base_value), (after, found.solution.value)):
        frame, count = times_reached(source, settings, need, REACHED)
        k = frame.grid.pixels_per_cell
        worth = np.where(frame.mask > 0, (1 - share) * (count >= 1) + share * (count >= 2), 0.0)
        shape = (frame.grid.rows, k, frame.grid.columns, k)
        cells, judged = (v.reshape(shape).sum(axis=(1, 3)).ravel() for v in (worth, (frame.mask > 0).astype(float)))
        held = frame.households > 0
        at = frame.cells.cell[held]
        agree(claimed, float(frame.households[held] @ (cells[at] / judged[at])))


def _check_loads(source: DistrictInput, settings: Settings, order: Order, found: Found, need: str) -> None:
    """Check the shares: none over a site's capacity or a cell's households, and the sum of what they are worth."""
    if found.served is None or found.facilities is None or order.capacity is None:
        raise ValueError("no shares to count")
    site, cell, share = found.served.parts
    used = np.unique(site)
    frame, cover = cell_covers(source, settings, need, *(axis[used] for axis in found.facilities))
    held = np.flatnonzero(frame.households > 0)
    households = frame.households[held]
    steps = floored(cover[:, held] * FULL).astype(float) / FULL
    load = np.bincount(np.searchsorted(used, site), share * households[cell], used.size)
    served = np.bincount(cell, share, households.size)
    if (load > order.capacity * (1 + 1e-6)).any() or (served > 1 + 1e-6).any():
        raise RecountError("다시 세니 수용량이나 가구 수를 넘는 배분이 있습니다", "알려 주십시오")
    value = float((share * households[cell]) @ steps[np.searchsorted(used, site), cell])
    if abs(value - found.solution.value) > 1e-6 * max(value, 1.0):
        raise RecountError(
            f"계획의 값 {found.solution.value:.6f}이(가) 다시 센 값 {value:.6f}과 다릅니다", "알려 주십시오"
        )
