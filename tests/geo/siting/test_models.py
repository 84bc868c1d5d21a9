"""Every model as an order on a district, against every plan counted by the gap table's own code."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.errors import BadSettingError
from geo.model import Places, Settings
from geo.siting.built import Built, with_built, without_points
from geo.siting.model import ClashError, CostError, Effort, RecountError, SitingError
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.proving import check_limits
from geo.siting.recount import cell_covers, recount_change, times_reached
from tests.geo import cases
from tests.geo.cases import LIT, REFUGE, WATCHED, X0, Y0

QUICK = Effort(seconds=60, runs=2, turns=3000, threads=1)
DONG = [cases.box(0, 0, 200, 400), cases.box(200, 0, 400, 400)]


def town(seed=0, **changes):
    random = np.random.default_rng(seed)
    lamps = [tuple(p) for p in random.uniform(0, 400, (6, 2))]
    cameras = [tuple(p) for p in random.uniform(0, 400, (3, 2))]
    supplies = [cases.supply(LIT, lamps), cases.supply(WATCHED, cameras)]
    layer = cases.layer(cameras)
    return cases.district(DONG, [300.0, 100.0], supplies, layers=(layer,), **changes)


def places(seed, n=7, *, layer="cctv", needs=("watched",), once=1.0, year=np.nan, zones=(), caps=()):
    random = np.random.default_rng(seed)
    x, y = X0 + random.uniform(0, 400, n), Y0 + random.uniform(0, 400, n)
    land = np.empty(len(zones), dtype=object)
    land[:] = zones
    return Places(
        layer, layer.upper(), needs, tuple(f"{layer}:{i}" for i in range(n)), x, y, np.full(n, once) * np.ones(n),
        np.full(n, year), ("새 자리",) * n, ("",) * n, ("",) * n, {}, land, np.array(caps, float),
    )  # fmt: skip


def built(source, offered, chosen, needs=None):
    at = np.array(chosen, int)
    points = Built(offered.x[at], offered.y[at]) if not offered.zones.size else Built(
        zones=offered.zones[at], zone_cap=offered.zone_cap[at]
    )  # fmt: skip
    return with_built(source, needs or offered.needs, points)


def after(source, offered, chosen):
    return recount_change(source, built(source, offered, chosen), Settings())


def some(n, most):
    return [p for k in range(most + 1) for p in itertools.combinations(range(n), k)]


@pytest.mark.parametrize("seed", range(3))
def test_the_target_costs_least(seed):
    source, offered = town(seed), replace(places(seed + 10), once_krw=np.array([1, 2, 1.5, 1, 2, 1, 1.0]))
    total = sum(source.units.households)
    most = after(source, offered, range(7))
    now = most.covers[0].by_need["watched"] @ most.frame.households
    target = (now + 0.7 * most.gained["watched"]) / total
    reaching = [
        p for p in some(7, 7) if (now + after(source, offered, p).gained["watched"]) / total >= target * (1 - 1e-9)
    ]
    (layer,) = make_plan(source, Settings(), [Order(offered, target=target)], effort=QUICK).layers
    best = min(offered.once_krw[list(p)].sum() for p in reaching)
    assert layer.total_krw == pytest.approx(best)
    assert (layer.model, layer.measured.unit, layer.measured.better) == ("target", "원", "down")
    assert layer.measured.bound == pytest.approx(best)
    few = make_plan(source, Settings(), [Order(offered, target=target, fewest=True)], effort=QUICK).layers[0]
    assert len(few.sites) == min(len(p) for p in reaching) == few.measured.value
    with pytest.raises(ClashError, match=r"CCTV: 목표 .* 닿지 않습니다: .* 적어도"):
        make_plan(source, Settings(), [Order(offered, target=target, budget_krw=best - 0.5)], effort=QUICK)
    order = Order(offered, target=target, fewest=True, count=len(few.sites) - 1)
    with pytest.raises(ClashError, match="개소 수"):
        make_plan(source, Settings(), [order], effort=QUICK)


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_twice_is_the_best_of_all(share):
    source, offered = town(4), places(5)

    def worth(chosen):
        frame, count = times_reached(built(source, offered, chosen), Settings(), "watched", 0.5)
        value = np.where(frame.mask > 0, (1 - share) * (count >= 1) + share * (count >= 2), 0.0)
        k = frame.grid.pixels_per_cell
        cells = value.reshape(frame.grid.rows, k, frame.grid.columns, k).mean(axis=(1, 3)).ravel()
        return float(frame.households @ cells[frame.cells.cell])

    (layer,) = make_plan(source, Settings(), [Order(offered, count=2, twice=share)], effort=QUICK).layers
    assert layer.measured.value == pytest.approx(max(worth(p) for p in some(7, 2)))
    assert layer.measured.before == pytest.approx(worth(()))
    assert layer.gap == pytest.approx(0, abs=1e-9)


def test_how_often_a_place_is_reached_by_hand():
    # Two cameras on one post are one place; a third 30 m away reaches what lies between them too.
    three = cases.supply(WATCHED, [(105.0, 105.0), (105.0, 105.0), (135.0, 105.0)])
    source = cases.district(DONG, [1.0, 1.0], [three])
    frame, count = times_reached(source, Settings(), "watched", 0.5)
    x, y = ((np.array([120.0, 72.0, 170.0, 300.0]) // 5).astype(int), (np.full(4, 102.0) // 5).astype(int))
    dx, dy = int((X0 - frame.grid.x0) // 5), int((Y0 - frame.grid.y0) // 5)
    assert count[y + dy, x + dx].tolist() == [2, 1, 1, 0]


@pytest.mark.parametrize("seed", range(3))
def test_moving_is_the_best_of_all(seed):
    source, offered = town(seed + 20), places(seed + 30)
    old = source.layers[0]

    def score(closed, opened):
        less = without_points(source, ("watched",), old.x[list(closed)], old.y[list(closed)])
        return recount_change(source, built(less, offered, opened), Settings()).after

    for most in (1, 2):
        best = max(score(c, p) for c in some(3, most) for p in some(7, len(c)))
        plan = make_plan(source, Settings(), [Order(offered, moves=most)], effort=QUICK)
        (layer,) = plan.layers
        assert layer.after == pytest.approx(best, rel=1e-9)
        assert len(layer.sites) <= len(layer.closed) <= most
        assert plan.after == pytest.approx(best, rel=1e-9)
        lost = sum(dong.lost for dong in layer.dongs)
        assert lost >= 0
        for gone in layer.closed:
            assert gone.lost["watched"] >= -1e-9
            assert gone.id in old.ids


def test_the_emptiest_move_and_who_loses_is_told():
    source, offered = town(41), places(42)
    occupancy = {"cctv:a": 0.9, "cctv:b": 0.1, "cctv:c": 0.8}
    (layer,) = make_plan(source, Settings(), [Order(offered, moves=1, occupancy=occupancy)], effort=QUICK).layers
    assert {gone.id for gone in layer.closed} <= {"cctv:b"}
    assert all(gone.occupancy == 0.1 for gone in layer.closed)
    assert any("이용률을 아는 3곳" in note for note in layer.notes)


@pytest.mark.parametrize("seed", range(2))
def test_capacity_is_the_best_of_all(seed):
    source = cases.district(DONG, [300.0, 100.0], [cases.supply(REFUGE, [(50.0, 50.0)])])
    offered, capacity = places(seed, 5, layer="locker", needs=("refuge",)), 90.0
    x, y = (np.concatenate([getattr(offered, a), getattr(source.supplies[0], a)]) for a in "xy")
    frame, cover = cell_covers(source, Settings(), "refuge", x, y)
    steps = np.floor(cover * 240 + 1e-7) / 240

    def worth(chosen):
        sites = [*chosen, 5]
        worth = (steps[sites] * frame.households).ravel()
        cells = np.kron(np.ones((1, len(sites))), np.eye(frame.households.size))
        loads = np.kron(np.eye(len(sites)), frame.households[None, :])
        limits = [*np.ones(frame.households.size), *(capacity,) * len(sites)]
        return -linprog(-worth, np.vstack([cells, loads]), limits).fun

    (layer,) = make_plan(source, Settings(), [Order(offered, count=2, capacity=capacity)], effort=QUICK).layers
    assert layer.measured.value == pytest.approx(max(worth(p) for p in some(5, 2)), rel=1e-6)
    assert layer.measured.before == pytest.approx(worth(()), rel=1e-6)


def test_a_floor_and_its_price_in_households_and_won():
    source, offered = town(3), replace(places(60, 8), once_krw=np.array([1, 2, 1, 1, 2, 1, 1, 1.0]))

    def share(chosen):
        found = after(source, offered, chosen)
        return min(found.by_dong("watched", d)[2] for d in (0, 1)), found

    allowed = [p for p in some(8, 4) if offered.once_krw[list(p)].sum() <= 4]
    plain = make_plan(source, Settings(), [Order(offered, budget_krw=4.0)], effort=QUICK).layers[0]
    worst = min(dong.after for dong in plain.dongs)
    floor = (worst + max(share(p)[0] for p in allowed)) / 2
    kept = [p for p in allowed if share(p)[0] >= floor]
    (layer,) = make_plan(source, Settings(), [Order(offered, budget_krw=4.0, floor=floor)], effort=QUICK).layers
    assert layer.after == pytest.approx(max(share(p)[1].after for p in kept), rel=1e-9)
    assert min(dong.after for dong in layer.dongs) >= floor - 1e-9
    assert layer.floor.score_given_up == pytest.approx(plain.after - layer.after, abs=1e-9)
    assert layer.floor.least_krw == pytest.approx(
        min(offered.once_krw[list(p)].sum() for p in some(8, 8) if share(p)[0] >= floor)
    )
    with pytest.raises(ClashError, match="후보를 모두 써도"):
        make_plan(source, Settings(), [Order(offered, budget_krw=4.0, floor=0.99)], effort=QUICK)


@pytest.mark.parametrize("seed", range(2))
def test_one_budget_for_several_layers_is_no_worse_than_any_alone(seed):
    source = town(seed)
    offers = [places(seed + 70, 4, layer="lamp", needs=("lit",), once=2.0), places(seed + 80, 4, once=3.0)]
    orders = [Order(offered) for offered in offers]
    plan = make_plan(source, Settings(), orders, together_krw=7.0, effort=QUICK)
    singles = [make_plan(source, Settings(), [replace(o, budget_krw=7.0)], effort=QUICK).after for o in orders]
    assert plan.after >= max(singles) - 1e-9
    assert plan.total_krw <= 7.0
    best = max(
        recount_change(source, built(built(source, offers[0], a), offers[1], b), Settings()).after
        for a in some(4, 3) for b in some(4, 2) if 2 * len(a) + 3 * len(b) <= 7
    )  # fmt: skip
    assert plan.layers[0].measured.bound >= best - 1e-9
    assert plan.after >= 0.99 * best
    assert sum(layer.after - layer.before for layer in plan.layers) == pytest.approx(plan.after - plan.before)
    assert any("가중치에 따른" in note for note in plan.notes)
    with pytest.raises(BadSettingError, match="종합에 들지 않아"):
        make_plan(
            source, Settings(weights={"lit": 0.0}), orders, together_krw=7.0, effort=QUICK
        )  # fmt: skip
    with pytest.raises(SitingError, match="둘 이상"):
        make_plan(source, Settings(), orders[:1], together_krw=7.0, effort=QUICK)


def test_a_number_of_one_layer_holds_under_one_budget():
    source = town(1)
    offers = [places(71, 6, layer="lamp", needs=("lit",), once=2.0), places(81, 6, once=3.0)]
    free = make_plan(source, Settings(), [Order(o) for o in offers], together_krw=14.0, effort=QUICK)
    assert len(free.layers[1].sites) > 1  # so that the number binds
    orders = [Order(offers[0]), Order(offers[1], count=1)]
    plan = make_plan(source, Settings(), orders, together_krw=14.0, effort=QUICK)
    assert len(plan.layers[1].sites) == 1
    best = max(
        recount_change(source, built(built(source, offers[0], a), offers[1], b), Settings()).after
        for a in some(6, 6) for b in some(6, 1) if 2 * len(a) + 3 * len(b) <= 14
    )  # fmt: skip
    assert plan.after <= best + 1e-9 <= plan.layers[0].measured.bound + 2e-9
    assert plan.after >= 0.99 * best


def test_a_plan_that_breaks_a_limit_is_not_published():
    source, offered = town(2), places(90, 10)
    for order, chosen, words in (
        (Order(offered, count=1), [0, 1], "개소 수 2 > 1"),
        (Order(offered, budget_krw=1.5), [0, 1], "예산"),
        (Order(offered, count=2, forced=(3,)), [0, 1], "꼭 넣을 곳이 빠짐"),
        (Order(offered, count=2, spacing_m=1e4), [0, 1], "간격"),
        (Order(offered, count=9, most_each=0), [0], "동 1곳"),
        (Order(offered, count=9, least={0: 9}), [0], "0동"),
        (Order(offered, moves=1), [0, 1], "옮길 수 1"),
    ):
        with pytest.raises(RecountError, match=words):
            check_limits(source, order, np.array(chosen), 5)
    check_limits(source, Order(offered, count=2, budget_krw=2.0, spacing_m=1.0), np.array([0, 1]), 5)


def test_zones_are_chosen_as_land():
    patrol = replace(WATCHED, id="patrolled", name="순찰", full_m=0.0, none_m=100.0, weight=0.1)
    source = cases.district(DONG, [300.0, 100.0], [cases.supply(patrol), cases.supply(WATCHED, [(10.0, 10.0)])])
    land = [cases.box(0, 0, 100, 100), cases.box(0, 0, 200, 200), cases.box(300, 300, 400, 400)]
    offered = places(1, 3, layer="patrol", needs=("patrolled",), zones=land, caps=[1.0, 0.5, 1.0])
    (layer,) = make_plan(source, Settings(), [Order(offered, count=1)], effort=QUICK).layers
    scores = [after(source, offered, (j,)).after for j in range(3)]
    assert layer.after == pytest.approx(max(scores), rel=1e-9)
    (site,) = layer.sites
    assert site.id == f"patrol:{int(np.argmax(scores))}"
    assert shapely.from_wkt(site.zone).equals(land[int(np.argmax(scores))])


def test_limits_of_dong_spacing_and_force_are_kept():
    source, offered = town(2), places(90, 10)
    dong = (offered.x >= X0 + 200).astype(int)

    def plan(**limits):
        return make_plan(source, Settings(), [Order(offered, count=4, **limits)], effort=QUICK).layers[0]

    free = plan()
    assert sum(s.dong_name == "0동" for s in plan(most={0: 1}).sites) <= 1
    assert sum(s.dong_name == "1동" for s in plan(least={1: 3}).sites) >= 3
    assert max(sum(s.dong_name == d for s in plan(most_each=1).sites) for d in ("0동", "1동")) <= 1
    worst = int(np.argmin([after(source, offered, (j,)).after for j in range(10)]))
    forced = plan(forced=(worst,))
    assert [s.id for s in forced.sites if s.forced] == [f"cctv:{worst}"]
    assert forced.after <= free.after + 1e-9
    apart = plan(spacing_m=150.0)
    xy = np.array([(s.x, s.y) for s in apart.sites])
    assert all(np.hypot(*(a - b)) >= 150 for a, b in itertools.combinations(xy, 2))
    assert set(apart.limits) == {"서로 150 m 이상"}
    assert dong.sum() >= 3


def test_clashes_name_what_clashes():
    source, offered = town(2), places(90, 10)

    def said(**limits):
        with pytest.raises(ClashError) as error:
            make_plan(source, Settings(), [Order(offered, **limits)], effort=QUICK)
        return error.value.message

    assert "1동 최소 3곳" in said(count=4, least={1: 3}, spacing_m=390.0)
    words = said(count=4, least={1: 3}, spacing_m=390.0, most_each=5)
    assert "최소 간격" in words
    assert "5곳" not in words  # what has no part in the clash is not named
    assert "함께 지킬 수 없는" in words


def test_what_a_model_cannot_mean_is_told():
    source, offered = town(2), places(90, 4)

    def said(error, **order):
        with pytest.raises(error) as caught:
            make_plan(source, Settings(), [Order(offered, **order)], effort=QUICK)
        assert caught.value.hint
        return caught.value.message

    assert "함께 쓸 수 없습니다" in said(SitingError, count=1, target=0.5, twice=0.5)
    assert "하한(--floor)" in said(SitingError, count=1, target=0.5, floor=0.2)
    assert "비율은" in said(SitingError, target=1.2)
    assert "벗어납니다" in said(SitingError, moves=9)
    assert "수용량은" in said(SitingError, count=1, capacity=0.0)
    with pytest.raises(CostError):
        make_plan(source, Settings(), [Order(places(1, once=np.nan), target=0.1)], effort=QUICK)
    bare = replace(source, layers=())
    with pytest.raises(SitingError, match="옮길 기존 시설이 없습니다"):
        make_plan(bare, Settings(), [Order(offered, moves=1)], effort=QUICK)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), money=st.floats(1, 5), more=st.floats(0, 4))
def test_more_money_never_covers_less(seed, money, more):
    source, offered = town(seed), places(seed + 1)
    less, greater = (
        make_plan(source, Settings(), [Order(offered, budget_krw=m)], effort=QUICK).after for m in (money, money + more)
    )
    assert greater >= less - 1e-9
