"""How often a site stays: certain ones always, equals by turns, and the same with the same seed."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from geo.errors import BadSettingError, NoDataError
from geo.model import Settings
from geo.siting import steadiness
from geo.siting.asking import candidates_of, limits_of
from geo.siting.ground import layer_problem, make_ground
from geo.siting.model import Effort, TimeUpError
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.reruns import rerun_of
from geo.siting.steadiness import THRESHOLDS, places_by_threshold, quick, with_steadiness
from tests.geo.siting.cases import problem
from tests.geo.siting.test_planning import places, some
from tests.layers.test_district_input import GWANAK, of, world
from tests.oracles import siting as oracle

QUICK = Effort(seconds=10, runs=2, turns=3000, threads=1)


@pytest.fixture(scope="module")
def source():
    return of(world(cctv=[(GWANAK, 100, 100)]))


def steadied(source, order, draws=12, seed=0, **plan):
    made = make_plan(source, Settings(), [order], effort=QUICK, **plan)
    return with_steadiness(source, Settings(), [order], made, draws=draws, seed=seed)


def test_the_only_place_worth_having_stays_and_of_equals_none_is_sure(source):
    assert steadied(source, Order(places([(250, 650)]), count=1)).sites[0].stability == 1.0
    far = Order(places([(250, 650), (100, 100)]), count=1)  # where the other is, a camera stands
    assert steadied(source, far).sites[0].stability >= 0.6
    alike = Order(places([(150 + 80 * i, 500 + 150 * k) for i in range(8) for k in range(3)]), count=2)
    loose = steadied(source, alike)
    assert loose.draws == 12
    assert min(site.stability for site in loose.sites) < 0.6


def drawn(source, order, at, draws=40):
    made = make_plan(source, Settings(), [order], effort=QUICK)
    found = {t: None if at(t) is None else [at(t)] for t in THRESHOLDS}
    plan = with_steadiness(source, Settings(), [order], made, draws=draws, seed=2, places_at=found)
    return {site.id: site.stability for site in plan.sites}


def test_a_place_holds_only_where_it_lies_in_a_gap(source):
    here = places([(250, 650)])
    (only,) = here.ids
    assert drawn(source, Order(here, count=1), lambda _: here) == {only: 1.0}
    some_draws = drawn(source, Order(here, count=1), lambda t: here if t >= 0.6 else None)[only]  # in two of five
    assert 0.2 < some_draws < 0.6
    assert drawn(source, Order(here, count=1), lambda t: here if t <= 0.3 else None)[only] < some_draws
    forced = Order(here, count=1, forced=(0,))
    assert drawn(source, forced, lambda t: here if t >= 0.6 else None) == {only: 1.0}


def test_wider_gaps_offer_more_places(source):
    one, both = places([(150, 100)]), places([(150, 100), (250, 650)])  # beside the first a camera stands
    (first,) = one.ids
    assert one.ids == both.ids[:1]
    order = Order(one, count=1)
    assert drawn(source, order, lambda _: one) == {first: 1.0}
    always, sometimes = (drawn(source, order, at)[first] for at in (lambda _: both, lambda t: both if t > 0.5 else one))
    assert always < sometimes < 1.0
    assert drawn(source, order, lambda _: places([(250, 650)], layer="other")) == {
        first: 1.0
    }  # not of this plan: left alone


def test_no_gap_area_at_a_threshold_is_no_fault():
    def at(threshold):
        if threshold < 0.5:
            raise NoDataError("틈새구역이 없습니다", "")
        return [places([(250, 650)])]

    found = places_by_threshold(at)
    assert [found[t] is None for t in THRESHOLDS] == [True, True, False, False, False]


def test_a_site_beside_counts_as_the_place(source):
    beside = Order(places([(250, 650), (260, 650)]), count=1)  # 10 m: within the reach of full cover
    assert steadied(source, beside).sites[0].stability == 1.0


def test_the_same_seed_draws_the_same(source):
    order = Order(places(some(12)), count=3)
    one, other = (steadied(source, order, draws=5, seed=3) for _ in range(2))
    assert [s.stability for s in one.sites] == [s.stability for s in other.sites]


def test_moves_and_targets_are_redrawn(source):
    offered = places(some(8))
    for order in (Order(offered, target=0.02), Order(offered, moves=1)):
        assert all(0 <= s.stability <= 1 for s in steadied(source, order, draws=2).sites)
    with pytest.raises(BadSettingError, match="추출 횟수"):
        steadied(source, Order(offered, count=1), draws=0)


WEST, EAST = (250, 650), (750, 650)  # a dong each
OWN = (({"twice": 0.5}, [WEST]), ({"capacity": 30.0}, [WEST]), ({"floor": 0.001}, [WEST, EAST]))


@pytest.mark.parametrize(("own", "xy"), OWN, ids=("twice", "capacity", "floor"))
def test_models_of_their_own_are_solved_by_them_in_every_draw(source, own, xy):
    here = places(xy)
    order = Order(here, count=len(xy), **own)
    always = dict.fromkeys(here.ids, 1.0)
    assert drawn(source, order, lambda _: here, draws=10) == always
    sometimes = drawn(source, order, lambda t: here if t >= 0.6 else None)  # a gap in two of five thresholds
    assert all(0.2 < share < 0.6 for share in sometimes.values())
    forced = replace(order, forced=tuple(range(len(xy))))
    assert drawn(source, forced, lambda t: here if t >= 0.6 else None, draws=10) == always
    several = Order(places([*xy, *some(6)]), count=3, **own)
    one, other = (steadied(source, several, draws=4, seed=3) for _ in range(2))
    assert [s.stability for s in one.sites] == [s.stability for s in other.sites]
    assert all(0 <= s.stability <= 1 for s in one.sites)


def test_a_floor_that_a_draw_does_not_reach_is_held_by_nobody(source):
    here = places([WEST, EAST])
    made = make_plan(source, Settings(), [Order(here, count=2)], effort=QUICK)
    worst = min(dong.after for dong in made.layers[0].dongs)
    held = {s.stability for s in steadied(source, Order(here, count=2, floor=worst - 1e-6), draws=30).sites}
    (share,) = held  # the two stand or fall together
    assert 0.0 < share < 0.9  # a shorter reach misses the floor


def test_draws_that_time_ends_are_no_draws(source, monkeypatch):
    real, order = steadiness.choose_on, Order(places(some(4)), count=1, twice=0.5)
    turn = iter(range(100))

    def late(*asked, every):
        if next(turn) % every == 0:
            raise TimeUpError("late", "")
        return real(*asked)

    whole = steadied(source, order, draws=3)
    monkeypatch.setattr(steadiness, "choose_on", partial(late, every=3))
    assert {s.stability for s in steadied(source, order, draws=6).sites} <= {k / 4 for k in range(5)}
    monkeypatch.setattr(steadiness, "choose_on", partial(late, every=1))
    with pytest.raises(TimeUpError, match="안정성"):
        steadied(source, order, draws=3)
    assert whole.draws == 3


@pytest.mark.parametrize("seed", range(6))
def test_the_quick_solution_keeps_limits_and_is_no_worse_than_the_plan(seed):
    case, _, _ = problem(seed, sites=10, points=60)
    plan = np.array([0, 1, 2])
    again = quick(case, plan, None, seed)
    assert oracle.allowed(case, again.tolist())
    assert oracle.value(case, again) >= oracle.value(case, plan) - 1e-9
    assert oracle.value(case, again) >= 0.98 * oracle.best(case)


def test_nothing_left_to_gain_keeps_the_plan(source):
    offered = Order(places([(100, 100)]), count=1)
    ground = make_ground(source, Settings())
    case = layer_problem(ground, candidates_of(offered.places, np.ones(1)), limits_of(ground, offered))
    assert quick(case, np.array([0]), None, 1).tolist() == [0]


def test_other_costs_stand_beside(source):
    plan, dear = (
        make_plan(source, Settings(), [Order(places(some(6), once=once), budget_krw=4e6)], effort=QUICK)
        for once in (1e6, 2e6)
    )
    rerun = rerun_of("high", dear, plan)
    assert (rerun.level, rerun.sites, rerun.total_krw) == ("high", {"cctv": 2}, 4e6)
    assert rerun.kept == len({s.id for s in plan.sites} & {s.id for s in dear.sites})
    assert rerun.score_gained == pytest.approx(dear.after - dear.before)
