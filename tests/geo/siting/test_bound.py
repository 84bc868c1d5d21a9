"""The bound, what it settles, and the ways a large problem takes: against every plan of small ones."""

from dataclasses import replace

import numpy as np
import pytest

from geo.siting import coarse, core, improve, reduce, wide
from geo.siting.bound import Room, Shares, best_share, bound_at, lagrange, settled, shares_of
from geo.siting.core import core_bound
from geo.siting.exact import Program
from geo.siting.limits import limit_arrays, usable_sites
from geo.siting.model import Effort, Floor, Group, Limits, Pairs, Problem, SolverError, TimeUpError
from geo.siting.reduce import reduce_problem
from geo.siting.search import greedy
from geo.siting.set_cover import cheapest
from geo.siting.solve import solve
from tests.geo.siting.cases import problem, random_limits
from tests.oracles import siting as oracle

QUICK = Effort(runs=2, turns=3000, threads=1)


def close(a, b):
    return a == pytest.approx(b, rel=1e-9, abs=1e-9)


def room_of(case, reduced):
    count, arrays = case.limits.count, limit_arrays(case, reduced.site)
    return Room(float(arrays[0][0]), np.inf if count is None else float(count), arrays[10] == 1)


@pytest.fixture
def _as_if_large(monkeypatch):
    monkeypatch.setattr(reduce, "_LARGE", 0)
    monkeypatch.setattr(improve, "_LARGE", 0)
    monkeypatch.setattr(core, "_SAMPLE", 3)
    monkeypatch.setattr(core, "_NEW", 3)


@pytest.mark.usefixtures("_as_if_large")
@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_a_large_problem_is_solved_as_a_small_one_is(seed, graded):
    for limits in (
        Limits(count=3),
        Limits(budget_krw=5.0),
        Limits(budget_krw=5.0, count=2),
        Limits(count=3, forced=(5,)),
    ):
        case, _, _ = problem(seed, graded=graded, limits=limits)
        plan = solve(case, QUICK)
        assert close(plan.value, oracle.best(case))
        assert close(plan.value, oracle.value(case, plan.chosen))
        bounded = solve(case, replace(QUICK, exact=False))
        assert bounded.bound >= oracle.best(case) - 1e-9
        assert bounded.value <= oracle.best(case) + 1e-9


@pytest.mark.usefixtures("_as_if_large")
@pytest.mark.parametrize("seed", range(20))
def test_a_large_problem_keeps_its_limits(seed):
    case, place, random = problem(seed)
    case = replace(case, limits=random_limits(random, place, case.pairs.points))
    if oracle.best(case) > -np.inf:
        assert close(solve(case, QUICK).value, oracle.best(case))


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_the_bound_from_some_sites_holds_for_all(seed, graded, monkeypatch):
    monkeypatch.setattr(core, "_SAMPLE", 10)
    monkeypatch.setattr(core, "_NEW", 6)
    case, _, _ = problem(
        seed, sites=60, points=400, graded=graded, limits=Limits(budget_krw=9.0) if seed % 2 else Limits(count=6)
    )
    reduced = reduce_problem(case, usable_sites(case))
    room = room_of(case, reduced)
    begun = greedy(reduced, limit_arrays(case, reduced.site), 60, np.empty(0, np.int64))
    some, active = core_bound(reduced, room, begun.sites, begun.gain, np.inf)
    best = solve(case, QUICK)
    assert some.gain >= best.value - reduced.constant - 1e-7
    assert some.gain == pytest.approx(lagrange(reduced, room, begun.gain, 3000, np.inf).gain, rel=0.01)
    assert close(some.gain, bound_at(reduced, room, some.price).gain)
    assert np.isin(begun.sites, active).all()


@pytest.fixture
def _as_if_wide(monkeypatch):
    monkeypatch.setattr(coarse, "WIDE", 0)
    monkeypatch.setattr(coarse, "_LARGE", 0)
    monkeypatch.setattr(wide, "_NEW", 2)


@pytest.mark.usefixtures("_as_if_wide")
@pytest.mark.parametrize("few", [0, 10**6])
@pytest.mark.parametrize("seed", range(12))
def test_a_wide_problem_is_bounded_and_keeps_its_limits(seed, few, monkeypatch):
    monkeypatch.setattr(wide, "_FEW_PAIRS", few)
    case, place, random = problem(seed, points=60)
    block = random.integers(0, 9, 60) * 7
    for limits in (
        Limits(budget_krw=5.0, forced=(2,)), Limits(count=3), random_limits(random, place, 60),
        Limits(count=3, groups=(Group("기존", np.arange(4), at_least=2),)),
    ):  # fmt: skip
        mine = replace(case, limits=limits, block=block)
        best = oracle.best(mine)
        if best == -np.inf:
            continue
        plan = solve(mine, replace(QUICK, seconds=5))
        assert oracle.allowed(mine, plan.chosen.tolist())
        assert close(plan.value, oracle.value(mine, plan.chosen))
        assert plan.value <= best + 1e-9 <= plan.bound + 2e-9
        assert plan.value >= 0.9 * best
        assert plan.bound <= 1.35 * best


def test_coarse_ground_has_the_means_by_hand():
    pairs = Pairs(np.array([0, 3, 4]), np.array([0, 1, 2, 2], np.int32), np.array([240, 120, 90, 30], np.uint8), 4)
    weight, base = np.array([1.0, 1.0, 3.0, 0.0]), np.array([0, 60, 0, 0], np.uint8)
    case = Problem(weight, base, pairs, np.ones(2), Limits(count=1), block=np.array([5, 5, 9, 9]))
    small = coarse.coarse_problem(case, np.ones(2, bool), coarse.blocks(case))
    start, point, value = small.instance[:3]
    assert start.tolist() == [0, 2, 3]
    assert point.tolist() == [0, 1, 1]
    assert value.tolist() == [150, 90, 30]  # (240 + 120 - 60) / 2, and the one point of weight of the other block
    assert small.instance[6].tolist() == [2 / 240, 3 / 240]
    price = coarse.spread(np.array([2.0, 1.0, 3.0, 0.0]), small.point, np.array([1.5, 9.0]))
    assert price.tolist() == [
        1.0,
        0.5,
        3.0,
        0.0,
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_knows_how_many_stay(seed):
    case, _, _ = problem(seed, sites=10, points=60, base=False, unit=True)
    kept = np.arange(10) < 4
    stay = replace(case, limits=Limits(count=4, groups=(Group("기존", np.flatnonzero(kept), at_least=3),)))
    reduced = reduce_problem(stay, usable_sites(stay))
    free, tied = Room(np.inf, 4.0, np.zeros(10, bool)), Room(np.inf, 4.0, np.zeros(10, bool), kept, 3)
    best = oracle.best(stay) - reduced.constant
    loose, tight = (lagrange(reduced, room, best, 800, np.inf).gain for room in (free, tied))
    assert best - 1e-7 <= tight <= loose * (1 + 1e-3)
    assert tight <= 1.1 * best


@pytest.mark.parametrize("seed", range(20))
def test_what_the_bound_settles_is_so_in_every_better_plan(seed):
    case, _, _ = problem(seed, limits=Limits(budget_krw=5.0) if seed % 2 else Limits(count=3))
    reduced = reduce_problem(case, usable_sites(case))
    room = room_of(case, reduced)
    plans = [(oracle.value(case, p), set(p)) for p in oracle.plans(case) if oracle.allowed(case, list(p))]
    for known in sorted({v for v, _ in plans})[-4:]:
        bound = lagrange(reduced, room, known - reduced.constant, 200, np.inf)
        out, sure = settled(bound, reduced, room, known - reduced.constant)
        left = set(range(8)) - set(reduced.site.tolist())
        better = [p for v, p in plans if v > known + 1e-7 and not p & left]
        for plan in better:
            assert not plan & set(reduced.site[out].tolist())
            assert plan >= set(reduced.site[sure].tolist())


def test_the_order_of_the_input_does_not_matter(monkeypatch):
    monkeypatch.setattr(reduce, "_LARGE", 0)
    case, _, random = problem(3, sites=30, points=200, limits=Limits(count=4))
    sites, points = random.permutation(30), random.permutation(200)
    number = np.argsort(points)
    rows = [slice(case.pairs.start[j], case.pairs.start[j + 1]) for j in sites]
    start = np.concatenate(([0], np.cumsum(np.diff(case.pairs.start)[sites])))
    point = np.concatenate([number[case.pairs.point[r]] for r in rows]).astype(np.int32)
    pairs = Pairs(start, point, np.concatenate([case.pairs.value[r] for r in rows]), 200)
    shuffled = replace(
        case, weight=case.weight[points], base=case.base[points], pairs=pairs, cost_krw=case.cost_krw[sites]
    )
    one, other = solve(case, QUICK), solve(shuffled, QUICK)
    assert close(one.value, other.value)
    assert close(oracle.value(case, np.sort(sites[other.chosen])), one.value)
    reduced = reduce_problem(shuffled, usable_sites(shuffled))
    assert sorted(reduced.site.tolist()) == sorted(set(reduced.site.tolist()))
    for j in range(reduced.sites):  # each site still covers the points it covered
        here = slice(reduced.instance[0][j], reduced.instance[0][j + 1])
        own = slice(start[reduced.site[j]], start[reduced.site[j] + 1])
        at = point[own]
        gains = at[(pairs.value[own] > shuffled.base[at]) & (shuffled.weight[at] > 0)]
        assert set(reduced.instance[1][here].tolist()) == set(reduced.point[gains].tolist())


def test_time_up_is_not_called_a_clash():
    floor = Floor("동", np.arange(1500), 0.5)  # without a floor a greedy plan is found in no time
    case, _, _ = problem(7, sites=200, points=3000, limits=Limits(floors=(floor,)))
    with pytest.raises(TimeUpError, match="시간이 다 되었습니다"):
        cheapest(case, 0.5, replace(QUICK, seconds=0.0))


def test_a_solver_that_gives_up_proves_nothing():
    endless = Program(1, 0, np.ones(1), np.zeros(1), np.full(1, np.inf))
    endless.add_one(np.zeros(1, np.int64), np.ones(1), 0.0, np.inf)
    with pytest.raises(SolverError, match="풀지 못했습니다"):
        endless.solve(10.0)


@pytest.mark.parametrize("seed", range(12))
def test_a_bound_that_minds_groups_is_valid_and_no_looser(seed):
    case, _, random = problem(seed, unit=True)
    half = random.permutation(8)
    groups = (
        Group("가", half[:3], int(random.integers(0, 3)), int(random.integers(2, 4))),
        Group("나", half[3:7], int(random.integers(0, 2)), 1),
        Group("가의 한 곳", half[:1], 0, 1),  # shares a site with the first: left out
    )
    case = replace(case, limits=Limits(count=4, forced=(int(half[0]),) if seed % 3 == 0 else (), groups=groups))
    reduced = reduce_problem(case, usable_sites(case))
    shares, room = shares_of(groups, reduced.site), room_of(case, reduced)
    assert shares.least.size == 2
    best = oracle.best(case)
    plain = lagrange(reduced, room, best - reduced.constant, 2000, np.inf)
    minding = lagrange(reduced, replace(room, budget=np.inf, shares=shares), best - reduced.constant, 2000, np.inf)
    assert best - 1e-9 <= reduced.constant + minding.gain
    assert minding.gain <= plain.gain * 1.02 + 1e-9
    found = solve(case, QUICK)
    assert found.value == pytest.approx(best)
    assert found.bound >= best - 1e-9


def test_shares_take_the_least_of_each_group_and_then_the_best():
    # 나 must have one (2) and may hold no more; of 가 (9, 8, 7) two; the ungrouped (5) is the fourth.
    shares = Shares(np.array([0, 0, 0, 1, 1, -1]), np.array([0, 1]), np.array([2, 1]))
    room = Room(np.inf, 4.0, np.zeros(6, bool), shares=shares)
    taken, share = best_share(np.array([9.0, 8.0, 7.0, 2.0, 1.0, 5.0]), np.ones(6), room)
    assert sorted(taken.tolist()) == [0, 1, 3, 5]
    assert share.tolist() == [1.0] * 4
    forced = replace(room, most=2.0, forced=np.array([0, 0, 0, 0, 1, 0], bool))  # it is the one of 나
    assert sorted(best_share(np.array([9.0, 8.0, 7.0, 2.0, 1.0, 5.0]), np.ones(6), forced)[0].tolist()) == [0, 4]
