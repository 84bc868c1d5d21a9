"""Plans against every plan, on cases small enough to try them all."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from geo.discs import Reach
from geo.kernels import FULL
from geo.siting import kernels, ready
from geo.siting.bound import Room, lagrange
from geo.siting.improve import Improve
from geo.siting.limits import cliques, keeps, limit_arrays, too_near, usable_sites
from geo.siting.model import ClashError, CostError, Effort, Group, Limits, Pairs, Problem, SitingError, Status
from geo.siting.pairs import pairs_within
from geo.siting.reduce import reduce_problem
from geo.siting.search import Search, alike_sites, greedy, runs
from geo.siting.solve import solve, value_of
from tests.geo.siting.cases import X0, Y0, problem, random_limits
from tests.oracles import siting as oracle

QUICK = Effort(runs=2, turns=3000, threads=1)


def close(a, b):
    return a == pytest.approx(b, rel=1e-9, abs=1e-9)


def row_of(weights, sites, costs=None, **limits):
    """Return points 100 m apart on a line and sites that cover the points named, hard."""
    start = np.concatenate(([0], np.cumsum([len(s) for s in sites])))
    point = np.array([i for s in sites for i in s], np.int32)
    pairs = Pairs(start, point, np.full(point.size, FULL, np.uint8), len(weights))
    cost = np.ones(len(sites)) if costs is None else np.array(costs, float)
    return Problem(np.array(weights, float), np.zeros(len(weights), np.uint8), pairs, cost, Limits(**limits))


def test_a_case_worked_by_hand():
    # Greedy takes the middle (0 1 2 3: 4) and then 1 more; the best two are the halves: 6.
    case = row_of([1, 1, 1, 1, 1, 1], [[1, 2, 3, 4], [0, 1, 2], [3, 4, 5]], count=2)
    plan = solve(case, QUICK)
    assert plan.chosen.tolist() == [1, 2]
    assert (plan.value, plan.bound, plan.gap, plan.status) == (6.0, 6.0, 0.0, Status.OPTIMAL)


def test_pairs_are_those_of_a_loop():
    random = np.random.default_rng(5)
    p, s = random.uniform(0, 500, (2, 60)), random.uniform(-50, 550, (2, 20))
    for reach in (Reach(40, 40), Reach(30, 120), Reach(0, 700)):
        pairs = pairs_within((X0 + p[0], Y0 + p[1]), (X0 + s[0], Y0 + s[1]), reach)
        for j in range(20):
            here = slice(pairs.start[j], pairs.start[j + 1])
            got = dict(zip(pairs.point[here].tolist(), pairs.value[here].tolist(), strict=True))
            for i in range(60):
                d = float(np.hypot(p[0, i] - s[0, j], p[1, i] - s[1, j]))
                fall = reach.none_m - reach.full_m
                cover = 1.0 if d <= reach.full_m else max(0.0, (reach.none_m - d) / fall) if fall else 0.0
                assert abs(got.get(i, 0) - FULL * cover) <= 0.5 + 1e-6


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_best_plan_is_found_and_proved(seed, graded):
    for limits in (Limits(count=3), Limits(budget_krw=5.0), Limits(budget_krw=5.0, count=2)):
        case, _, _ = problem(seed, graded=graded, limits=limits)
        plan, best = solve(case, QUICK), oracle.best(case)
        assert close(plan.value, best)
        assert plan.status in (Status.OPTIMAL, Status.NOTHING_TO_GAIN)
        assert close(oracle.value(case, plan.chosen), plan.value)
        assert oracle.allowed(case, plan.chosen.tolist())


@pytest.mark.parametrize("seed", range(40))
def test_every_limit_is_kept_or_the_clash_named(seed):
    case, place, random = problem(seed)
    case = replace(case, limits=random_limits(random, place, case.pairs.points))
    best = oracle.best(case)
    if best == -np.inf:
        with pytest.raises(ClashError):
            solve(case, QUICK)
        return
    plan = solve(case, QUICK)
    assert oracle.allowed(case, plan.chosen.tolist())
    assert not keeps(case, plan.chosen)
    assert plan.bound >= best - 1e-7
    assert close(plan.value, best)


@pytest.mark.parametrize("seed", range(8))
def test_the_lagrangian_bound_and_the_search_hold_alone(seed):
    case, _, _ = problem(seed, sites=12, limits=Limits(budget_krw=7.0) if seed % 2 else Limits(count=4))
    reduced = reduce_problem(case, usable_sites(case))
    limits = limit_arrays(case, reduced.site)
    count = case.limits.count
    most = reduced.sites if count is None else count
    begun = greedy(reduced, limits, most, np.empty(0, np.int64))
    search = Search(reduced, limits, most, alike_sites(reduced), 20_000, 1, np.inf)
    found = max(runs(search, begun, [1, 2]), key=lambda f: f.gain)
    best = oracle.best(case) - reduced.constant
    assert begun.gain <= found.gain + 1e-9
    assert found.gain == pytest.approx(best, rel=5e-3)
    room = Room(float(limits[0][0]), np.inf if count is None else count, limits[10] == 1)
    for rounds in (1, 10, 500):
        assert lagrange(reduced, room, found.gain, rounds, np.inf).gain >= best - 1e-7


def test_reducing_changes_no_best_plan():
    for seed in range(10):
        case, _, _ = problem(seed, sites=10, points=40, graded=False)
        reduced = reduce_problem(case, usable_sites(case))
        assert reduced.sites <= 10
        left = np.setdiff1d(np.arange(10), reduced.site)
        assert close(oracle.best(case), oracle.best(replace(case, limits=replace(case.limits, forbidden=tuple(left)))))


def test_the_same_seed_gives_the_same_plan():
    case, _, _ = problem(3, sites=40, points=200, limits=Limits(count=8))
    effort = replace(QUICK, exact=False)
    assert solve(case, effort).chosen.tolist() == solve(case, replace(effort, threads=2)).chosen.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_more_money_never_covers_less_and_forcing_never_gains(seed):
    values = [solve(problem(seed, limits=Limits(budget_krw=b))[0], QUICK).value for b in (3.5, 5.0, 8.0, 50.0)]
    assert values == sorted(values)
    free = problem(seed, limits=Limits(budget_krw=6.0))[0]
    for site in range(4):
        forced = replace(free, limits=replace(free.limits, forced=(site,)))
        assert solve(forced, QUICK).value <= solve(free, QUICK).value + 1e-9


def test_what_cannot_be_meant_is_named():
    def refused(kind, words, **changes):
        case, place, _ = problem(1, limits=Limits(budget_krw=5.0))
        changes = {k: v(case, place) if callable(v) else v for k, v in changes.items()}
        with pytest.raises(kind, match=words) as error:
            solve(replace(case, **changes), QUICK)
        assert error.value.hint

    nan, minus = np.ones(8), np.ones(8)
    nan[2], minus[3] = np.nan, -1
    refused(CostError, "비용이 없는 후보: 3번", cost_krw=nan)
    refused(CostError, "음수인 후보: 4번", cost_krw=minus)
    refused(CostError, "가장 싼 후보", limits=Limits(budget_krw=0.5))
    refused(ClashError, "넣을 곳과 뺄 곳이 겹칩니다: 2번", limits=Limits(forced=(1,), forbidden=(1, 2)))
    refused(ClashError, "개소 수 1보다 많습니다", limits=Limits(count=1, forced=(1, 2)))
    refused(ClashError, "예산 4원을 넘습니다", limits=Limits(budget_krw=4.0, forced=(0, 1, 2, 3, 4, 5)))
    refused(ClashError, "최소 간격", limits=lambda c, p: Limits(forced=tuple(range(8)), too_near=too_near(*p, 400)))
    refused(ClashError, "북동: 최소 3곳이 최대 2곳", limits=Limits(groups=(Group("북동", np.arange(4), 3, 2),)))
    refused(ClashError, "후보는 2곳", limits=Limits(groups=(Group("북동", np.arange(2), 3),)))
    refused(
        ClashError,
        "최소 개소의 합",
        limits=Limits(count=2, groups=(Group("가", np.arange(4), 2), Group("나", np.arange(4, 8), 1))),
    )
    refused(ClashError, "최소 개소를 채우는 데", limits=Limits(budget_krw=3.6, groups=(Group("가", np.arange(8), 5),)))
    refused(SitingError, "수요가 없습니다", weight=np.zeros(30))


def test_nothing_left_to_gain_and_costs_of_zero_are_answers():
    case, _, _ = problem(2, limits=Limits(budget_krw=5.0))
    full = solve(replace(case, base=np.full(30, FULL, np.uint8)), QUICK)
    assert (full.status, full.chosen.size, full.gap) == (Status.NOTHING_TO_GAIN, 0, 0.0)
    free = replace(case, cost_krw=np.zeros(8), limits=Limits(budget_krw=0.0))
    assert close(solve(free, QUICK).value, value_of(case, np.arange(8)))


@pytest.mark.parametrize("seed", range(4))
def test_with_spacing_the_exact_solver_is_tried_before_the_long_search(seed, monkeypatch):
    case, place, _ = problem(seed, sites=12, points=80)
    near = too_near(*place, 90.0)
    spaced = replace(case, limits=Limits(count=4, too_near=near))
    assert len(near)
    monkeypatch.setattr(Improve, "_rounds", lambda *_: pytest.fail("searched on what the exact solver settles"))
    plan = solve(spaced, QUICK)
    assert plan.status is Status.OPTIMAL
    assert close(plan.value, oracle.best(spaced))
    assert oracle.allowed(spaced, plan.chosen.tolist())


@pytest.mark.parametrize(("seed", "spacing"), [(0, 60.0), (1, 120.0), (2, 500.0), (3, 1.0)])
def test_sets_of_near_sites_say_what_their_pairs_say(seed, spacing):
    random = np.random.default_rng(seed)
    near = too_near(random.uniform(0, 300, 40), random.uniform(0, 300, 40), spacing)
    row, site = cliques(near)
    pairs = {tuple(sorted(p)) for p in near.tolist()}
    sets = [site[row == r].tolist() for r in range(int(row.max(initial=-1)) + 1)]
    assert {tuple(sorted(p)) for one in sets for p in itertools.combinations(one, 2)} == pairs
    assert len(sets) <= len(pairs)
    assert spacing < 500 or len(sets) == 1  # all lie near each other


def test_kernels_are_ready_before_the_clock():
    ready.warm()
    assert kernels.anneal._compiled is not None
    assert kernels.lazy_greedy._compiled is not None
