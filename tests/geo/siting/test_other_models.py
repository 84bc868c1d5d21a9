"""Set covering, backup, moves, capacity and the floor, each against every plan."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from geo.kernels import FULL
from geo.siting import capacity as capacities
from geo.siting import equity, set_cover
from geo.siting.backup import twice, twice_value
from geo.siting.capacity import with_capacity
from geo.siting.equity import with_floor
from geo.siting.exact import Program
from geo.siting.limits import too_near
from geo.siting.model import ClashError, Effort, Group, Limits, Status, TimeUpError
from geo.siting.moves import move
from geo.siting.set_cover import cheapest, fewest
from geo.siting.solve import solve
from tests.geo.siting.cases import problem
from tests.oracles import siting as oracle

QUICK = Effort(runs=2, turns=3000, threads=1)


def close(a, b):
    return a == pytest.approx(b, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seed", range(8))
def test_the_target_is_reached_for_least(seed):
    case, _, _ = problem(seed, limits=Limits())
    everything = oracle.value(case, range(8))
    share = 0.9 * everything / case.weight.sum()
    reaching = [p for p in oracle.plans(case) if oracle.value(case, p) >= share * case.weight.sum() - 1e-9]
    plan = cheapest(case, share, QUICK)
    assert close(plan.cost_krw, min(case.cost_krw[list(p)].sum() for p in reaching))
    assert close(plan.bound, plan.cost_krw)
    assert plan.value >= share * case.weight.sum() * (1 - 1e-8)
    assert fewest(case, share, QUICK).chosen.size == min(len(p) for p in reaching)


@pytest.mark.parametrize("limits", [Limits(), Limits(forced=(2,)), Limits(forbidden=(1, 4))])
@pytest.mark.parametrize("seed", range(6))
def test_a_large_target_is_searched_for_and_bounded(seed, limits, monkeypatch):
    monkeypatch.setattr(set_cover, "_EASY_PAIRS", 0)
    monkeypatch.setattr(set_cover, "_PROGRAM_PAIRS", 0)
    case, _, _ = problem(seed, limits=limits)
    usable = [j for j in range(8) if j not in limits.forbidden]
    share = 0.8 * oracle.value(case, usable) / case.weight.sum()
    reaching = [p for p in oracle.plans(case) if oracle.value(case, p) >= share * case.weight.sum() - 1e-9]
    best = min(case.cost_krw[list(p)].sum() for p in reaching)
    plan = cheapest(case, share, QUICK)
    assert plan.bound <= best + 1e-9 <= plan.cost_krw + 2e-9
    assert plan.value >= share * case.weight.sum() * (1 - 1e-8)
    assert oracle.allowed(case, plan.chosen.tolist())
    assert plan.cost_krw <= best * 1.35
    few = fewest(case, share, QUICK)
    assert few.bound <= min(len(p) for p in reaching) <= few.chosen.size


def test_a_clash_names_its_limits_and_no_others():
    case, place, _ = problem(3, limits=Limits())
    west = Group("서쪽", np.flatnonzero(place[0] < np.median(place[0])), at_least=3)
    near = Limits(groups=(west, Group("모두", np.arange(8), 0, 7)), too_near=too_near(*place, 500.0), count=6)
    with pytest.raises(ClashError) as clash:
        solve(replace(case, limits=near), QUICK)
    assert clash.value.message == "함께 지킬 수 없는 조건입니다: 최소 간격, 서쪽 최소 3곳"
    least = 0.9 * oracle.value(case, range(8)) / case.weight.sum()
    with pytest.raises(ClashError) as clash:
        cheapest(replace(case, limits=Limits(count=1)), least, QUICK)
    assert "개소 수 1" in clash.value.message
    assert "목표" in clash.value.message


def test_a_target_out_of_reach_says_how_far_one_gets():
    case, _, _ = problem(1, limits=Limits())
    with pytest.raises(ClashError, match="최대"):
        cheapest(replace(case, base=np.zeros(30, np.uint8)), 1.0, QUICK)


@pytest.mark.parametrize("share", [0.3, 0.8])
@pytest.mark.parametrize("seed", range(5))
def test_twice(seed, share):
    case, _, random = problem(seed, limits=Limits(count=3))
    already = random.integers(0, 3, 30).astype(np.uint8)

    def worth(chosen):
        count = already.astype(int)
        for j in chosen:
            for q in range(case.pairs.start[j], case.pairs.start[j + 1]):
                count[case.pairs.point[q]] += case.pairs.value[q] / FULL >= 0.5
        return sum(w * ((1 - share) * (c >= 1) + share * (c >= 2)) for w, c in zip(case.weight, count, strict=True))

    plan = twice(case, already, share, effort=QUICK)
    assert close(plan.value, max(worth(p) for p in oracle.plans(case)))
    assert close(plan.value, worth(plan.chosen))
    assert close(plan.bound, plan.value)
    assert close(plan.base_value, twice_value(case, already, share, np.empty(0, np.int64)))


@pytest.mark.parametrize("seed", range(6))
def test_moves(seed):
    case, _, _ = problem(seed, base=False, limits=Limits())
    existing = np.array([0, 1, 2])
    for most in (0, 1, 2):
        moved = move(case, existing, most, effort=QUICK)
        best = max(
            oracle.value(case, p) for p in oracle.plans(case) if len(p) <= 3 and len(set(p) & {0, 1, 2}) >= 3 - most
        )
        assert close(moved.solution.value, best)
        assert moved.closed.size <= most
        assert moved.opened.size <= most
        assert close(moved.solution.value - moved.solution.base_value + moved.lost_weight, float(
            case.weight @ np.maximum(0, [
                (oracle.cover_of_point(case, i, moved.solution.chosen) - oracle.cover_of_point(case, i, existing))
                / FULL
                for i in range(30)
            ])
        ))  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_moving_is_bounded_where_the_exact_solver_is_not_asked(seed):
    case, _, _ = problem(seed, sites=10, points=60, base=False, limits=Limits())
    existing = np.array([0, 1, 2])
    for most in (1, 2):
        best = max(
            oracle.value(case, p) for p in oracle.plans(case) if len(p) <= 3 and len(set(p) & {0, 1, 2}) >= 3 - most
        )  # fmt: skip
        loose = move(case, existing, most, effort=replace(QUICK, exact=False)).solution
        assert loose.value <= best + 1e-9 <= loose.bound + 2e-9
        forced = replace(case.limits, count=3 + most, forced=existing)
        cost = np.where(np.isin(np.arange(10), existing), 0.0, case.cost_krw)
        adding = solve(replace(case, cost_krw=cost, limits=forced), QUICK)
        assert loose.bound <= adding.bound * 1.01  # moving some covers no more than adding as many


def test_the_emptiest_lockers_move_first():
    case, _, _ = problem(4, base=False, limits=Limits())
    occupancy = np.array([0.9, 0.1, np.nan])
    moved = move(case, np.array([0, 1, 2]), 1, occupancy, QUICK)
    assert set(moved.closed) <= {1}
    assert {0, 2} <= set(moved.solution.chosen)


def serving_nothing(real):
    """The solver, cut short when it had a plan that shares nothing out."""

    def solve(self, *words):
        answer = real(self, *words)
        sites = slice(self.integers)
        if (self.lower[sites] == self.upper[sites]).all():
            return answer
        return replace(
            answer, columns=answer.columns * (np.arange(self.columns) < self.integers), value=0.0, optimal=False
        )

    return solve


@pytest.mark.parametrize("size", ["small", "large", "cut short"])
@pytest.mark.parametrize("limits", [Limits(count=2), Limits(budget_krw=4.0, forced=(1,))])
@pytest.mark.parametrize("seed", range(4))
def test_capacity(seed, limits, size, monkeypatch):
    if size == "cut short":
        monkeypatch.setattr(Program, "solve", serving_nothing(Program.solve))
    if size == "large":
        monkeypatch.setattr(capacities, "_PROGRAM_PAIRS", 0)
        monkeypatch.setattr(capacities, "_FEW_PAIRS", (0, 10, 20, 10**6)[seed])
    case, _, random = problem(seed, sites=5, points=12, limits=limits)
    capacity = random.uniform(2, 8, 5)

    def worth(chosen):
        # A transport problem: parts of each point's weight to the sites chosen.
        pairs = [
            (j, int(case.pairs.point[q]), int(case.pairs.value[q]))
            for j in chosen
            for q in range(case.pairs.start[j], case.pairs.start[j + 1])
        ]
        base = float(case.weight @ case.base) / FULL
        if not pairs:
            return base
        gain = [max(v - int(case.base[i]), 0) / FULL for _, i, v in pairs]
        rows = [[float(i == k) for _, i, _ in pairs] for k in range(12)]
        rows += [[float(j == k) for j, _, _ in pairs] for k in chosen]
        limit = [*case.weight, *(capacity[k] for k in chosen)]
        return base - linprog(-np.array(gain), rows, limit).fun

    served = with_capacity(case, capacity, QUICK)
    best = max(worth(p) for p in oracle.plans(case))
    assert (served.load <= capacity + 1e-6).all()
    assert oracle.allowed(case, served.solution.chosen.tolist())
    if size == "large":
        assert close(served.solution.value, worth(served.solution.chosen))
        assert 0.8 * best <= served.solution.value <= best + 1e-6 <= served.solution.bound + 2e-6
        assert served.solution.bound <= 1.35 * best
    else:
        assert close(served.solution.value, best)
        assert (served.solution.status is Status.OPTIMAL) == (size == "small")


@pytest.mark.parametrize("seed", range(6))
def test_the_floor_and_what_it_costs(seed):
    case, _, _ = problem(seed, sites=7, limits=Limits(budget_krw=6.0))
    dong = np.arange(30) // 10
    plan, floor = None, 0.0
    for floor in (0.6, 0.45, 0.3):
        floors_kept = [p for p in oracle.plans(case) if _kept(case, p, dong, floor)]
        every = [p for p in oracle.plans(replace(case, limits=Limits())) if _kept(case, p, dong, floor)]
        if not floors_kept:
            with pytest.raises(ClashError):
                with_floor(case, dong, ("가동", "나동", "다동"), floor, QUICK)
            continue
        plan = with_floor(case, dong, ("가동", "나동", "다동"), floor, QUICK)
        assert close(plan.with_floor.value, max(oracle.value(case, p) for p in floors_kept))
        assert close(plan.least_cost_krw, min(case.cost_krw[list(p)].sum() for p in every))
        assert close(plan.lost_value, oracle.best(case) - plan.with_floor.value)


@pytest.mark.parametrize("seed", range(6))
def test_a_large_floor_is_priced_and_bounded(seed, monkeypatch):
    monkeypatch.setattr(equity, "_EASY_PAIRS", 0)
    case, _, _ = problem(seed, sites=7, limits=Limits(budget_krw=6.0))
    dong, counts = np.arange(30) // 10, np.arange(30) % 4 + 1.0
    households = replace(case, weight=counts)
    every = [p for p in oracle.plans(replace(case, limits=Limits())) if _kept(households, p, dong, 0.45)]
    kept = [p for p in every if oracle.allowed(case, list(p))]
    if not every:
        with pytest.raises(ClashError, match="후보를 모두 써도"):
            with_floor(case, dong, ("가동", "나동", "다동"), 0.45, QUICK, counts)
        return
    least = min(case.cost_krw[list(p)].sum() for p in every)
    if not kept:
        with pytest.raises((ClashError, TimeUpError)):
            with_floor(case, dong, ("가동", "나동", "다동"), 0.45, QUICK, counts)
        return
    plan = with_floor(case, dong, ("가동", "나동", "다동"), 0.45, QUICK, counts)
    best = max(oracle.value(case, p) for p in kept)
    assert _kept(households, plan.with_floor.chosen, dong, 0.45)
    assert plan.with_floor.value <= best + 1e-9 <= plan.with_floor.bound + 2e-9
    assert plan.with_floor.value >= 0.9 * best
    assert plan.least_cost_bound_krw <= least + 1e-9 <= plan.least_cost_krw + 2e-9


@pytest.mark.parametrize("seed", range(12))
def test_a_large_floor_keeps_spacing_and_numbers(seed, monkeypatch):
    """Or says that no plan was found, never that limits clash which do not."""
    monkeypatch.setattr(equity, "_EASY_PAIRS", 0)
    monkeypatch.setattr(equity, "_ROUNDS", 0)  # floors are filled one after another
    case, place, _ = problem(seed, sites=9, limits=Limits(budget_krw=9.0))
    west = Group("서쪽", np.flatnonzero(place[0] < np.median(place[0])), at_most=2)
    case = replace(case, limits=replace(case.limits, too_near=too_near(*place, 90.0), groups=(west,)))
    dong = np.arange(30) // 10
    kept = [p for p in oracle.plans(case) if _kept(case, p, dong, 0.4)]
    try:
        plan = with_floor(case, dong, ("가동", "나동", "다동"), 0.4, QUICK)
    except TimeUpError:
        return
    except ClashError:
        assert not kept
        return
    assert tuple(plan.with_floor.chosen) in {tuple(sorted(p)) for p in kept}
    free = [p for p in oracle.plans(replace(case, limits=replace(case.limits, budget_krw=None)))
            if _kept(case, p, dong, 0.4)]  # fmt: skip
    if np.isfinite(plan.least_cost_krw):
        assert plan.least_cost_krw >= min(case.cost_krw[list(p)].sum() for p in free) - 1e-9


def _kept(case, chosen, dong, floor):
    for d in range(3):
        inside = np.flatnonzero(dong == d)
        reached = sum(case.weight[i] * oracle.cover_of_point(case, i, chosen) / FULL for i in inside)
        if reached < floor * case.weight[inside].sum() - 1e-9:
            return False
    return True


def test_a_large_enough_case_agrees_with_the_exact_solver():
    case, _, _ = problem(7, sites=60, points=400, limits=Limits(count=6))
    assert solve(case, QUICK).status is Status.OPTIMAL
    assert solve(case, replace(QUICK, exact=False)).value <= solve(case, QUICK).value + 1e-9
