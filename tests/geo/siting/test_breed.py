"""Annealing of the classical problem by owners, plans that cover everything, plans bred from plans."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import reduce
from operator import xor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.kernels import FULL
from geo.siting import flat_kernels
from geo.siting.breed import POPULATION, Island, merged, unlike
from geo.siting.full_cover import cover_all, may_cover_all
from geo.siting.limits import limit_arrays, usable_sites
from geo.siting.model import Effort, Group, Limits, Pairs, Problem, Status
from geo.siting.reduce import narrowed, reduce_problem
from geo.siting.search import Found, anneal, flat_pairs, flat_state, greedy, plain_caps, search_of
from geo.siting.solve import solve
from tests.geo.siting.cases import problem

LATER = 1e12


def searched(made, turns=2_000, threads=1):
    """Return the search of a problem that only counts sites, and its greedy plan."""
    reduced = reduce_problem(made, usable_sites(made))
    limits, most = limit_arrays(made, reduced.site), made.limits.count
    start = greedy(reduced, limits, most, np.flatnonzero(limits[10] == 1))
    return search_of(reduced, limits, most, turns, threads, LATER), start


def covered(search, sites):
    """Return which points of the reduced problem some sites cover."""
    start, point = search.reduced.instance[:2]
    return np.unique(np.concatenate([point[start[j] : start[j + 1]] for j in sites]))


def blocks(seed, k=6, each=5, others=40):
    """Return a problem whose points are k x each, of which k planted sites cover all; the others cover some."""
    random = np.random.default_rng(seed)
    points = k * each
    planted = random.permutation(points).reshape(k, each)
    near = [np.sort(row) for row in planted]
    near += [np.sort(random.choice(points, int(random.integers(2, each + 1)), replace=False)) for _ in range(others)]
    order = random.permutation(len(near))
    point = np.concatenate([near[j] for j in order]).astype(np.int32)
    begin = np.concatenate(([0], np.cumsum([near[j].size for j in order])))
    pairs = Pairs(begin, point, np.full(point.size, FULL, np.uint8), points)
    weight = random.integers(1, 9, points).astype(float)
    return Problem(weight, np.zeros(points, np.uint8), pairs, np.ones(len(near)), Limits(count=k))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_the_state_after_exchanges_is_that_of_the_plan(seed, count):
    made, _, _ = problem(seed, sites=14, points=40, graded=False, base=False, unit=True, limits=Limits(count=count))
    search, start = searched(made)
    if start.sites.size < count:
        return
    pairs, state = flat_pairs(search.reduced.instance), flat_state(search, start.sites)
    best, now = start.sites.astype(np.int32), np.array([start.gain, start.gain, count])
    random = np.array([seed + 1], np.uint64)
    flat_kernels.anneal(
        pairs, search.cap, search.limits[10], state, (50.0, 1.0), 500, best, (now, random, search.similar)
    )
    owner, number, mixed, loss, chosen, place = state
    begin, point = pairs[:2]
    by_point = [[] for _ in owner]
    for j in chosen.tolist():
        for i in point[begin[j] : begin[j + 1]].tolist():
            by_point[i].append(j)
    assert number.tolist() == [len(near) for near in by_point]
    assert owner.tolist() == [near[0] if len(near) == 1 else -2 if near else -1 for near in by_point]
    assert all(mixed[i] == reduce(xor, near, 0) for i, near in enumerate(by_point))
    alone = np.zeros(loss.size)
    for i, near in enumerate(by_point):
        if len(near) == 1:
            alone[near[0]] += search.cap[i]
    assert loss[chosen] == pytest.approx(alone[chosen])
    assert place[chosen].tolist() == list(range(count))
    assert now[0] == pytest.approx(search.cap[covered(search, chosen)].sum())
    assert now[1] == pytest.approx(search.cap[covered(search, best)].sum())


@pytest.mark.parametrize("seed", range(12))
def test_annealing_by_owners_finds_the_best_plan(seed):
    made, _, _ = problem(seed, sites=12, points=60, graded=False, base=False, unit=True, limits=Limits(count=3))
    search, start = searched(made, turns=20_000)
    assert search.cap is not None
    assert start.sites.size == 3  # fewer do not cover all there is
    found = anneal(search, start, seed)
    plans = itertools.combinations(range(search.reduced.sites), 3)
    assert found.gain == pytest.approx(max(search.cap[covered(search, plan)].sum() for plan in plans))
    assert found.gain == pytest.approx(search.cap[covered(search, found.sites)].sum())


def test_sites_that_must_stay_do():
    made, _, _ = problem(5, sites=14, points=60, graded=False, base=False, unit=True)
    for site in range(6):
        forced = Problem(made.weight, made.base, made.pairs, made.cost_krw, Limits(count=3, forced=(site,)))
        search, start = searched(forced)
        found = anneal(search, start, 1)
        assert site in search.reduced.site[found.sites]


def test_only_the_classical_problem_is_annealed_by_owners():
    graded, place, _ = problem(3, sites=10, points=40, unit=True, limits=Limits(count=3))
    flat, _, _ = problem(3, sites=10, points=40, graded=False, base=False, unit=True, limits=Limits(count=3))
    west = (Group("서쪽", np.flatnonzero(place[0] < np.median(place[0])), 0, 1),)
    other = [Limits(budget_krw=2.0), Limits(count=3, groups=west), Limits(count=3, too_near=np.array([[0, 1]]))]
    made = [Problem(flat.weight, flat.base, flat.pairs, flat.cost_krw, limits) for limits in other]
    for one, plain in [(flat, True), (graded, False), *((one, False) for one in made)]:
        reduced = reduce_problem(one, usable_sites(one))
        assert (plain_caps(reduced, limit_arrays(one, reduced.site)) is not None) == plain


@pytest.mark.parametrize("seed", range(8))
def test_a_planted_plan_that_covers_everything_is_found(seed):
    search, start = searched(blocks(seed))
    assert start.gain < search.cap.sum()
    found = cover_all(search, start, seed)
    assert not found.cut
    assert found.sites.size <= 6
    assert covered(search, found.sites).size == search.cap.size
    assert found.gain == pytest.approx(search.cap.sum())


def test_no_plan_is_made_up_where_too_few_sites_cover_everything():
    made = blocks(1)
    few = Problem(made.weight, made.base, made.pairs, made.cost_krw, Limits(count=5))
    search, start = searched(few)  # five sites of at most five points each do not cover thirty
    assert cover_all(search, start, 1) == start
    late = replace(search, until=0.0)
    assert cover_all(late, start, 1).cut
    everything = float(search.cap.sum())
    assert not may_cover_all(search, everything * 0.99, everything * 0.999)
    assert may_cover_all(search, everything * 0.99, everything)
    assert not may_cover_all(search, everything * 0.5, everything)


def test_what_covers_everything_is_called_the_best():
    plan = solve(blocks(3), Effort(seconds=20.0, runs=1, turns=50))
    assert plan.status is Status.OPTIMAL
    assert plan.value == blocks(3).weight.sum()


def island(made, seed):
    """Return an island of a problem, its runs short."""
    search, start = searched(made, turns=300)
    reduced = search.reduced

    def narrow(some):
        part = narrowed(reduced, some)
        return search_of(part, limit_arrays(made, part.site), search.most, 1, 1, LATER)

    return Island(np.arange(reduced.sites), search, start, narrow, seed)


@pytest.mark.parametrize("graded", [False, True])
def test_islands_breed_the_same_plans_on_any_number_of_threads(graded):
    made, _, _ = problem(11, sites=60, points=200, graded=graded, base=False, unit=True, limits=Limits(count=6))
    histories = []
    for threads in (1, 3):
        bred, best = island(made, 7), []
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(10):
                bred.generation(pool)
                best.append(bred.best.gain)
                assert len(bred.plans) <= POPULATION
                assert len(unlike(bred.plans)) == len(bred.plans)
        assert best == sorted(best)
        assert not bred.cut
        histories.append([(plan.sites.tolist(), plan.gain) for plan in bred.plans])
    assert histories[0] == histories[1]


def test_an_island_settled_by_plans_keeps_the_best_of_them():
    made, _, _ = problem(4, sites=40, points=150, graded=False, base=False, unit=True, limits=Limits(count=5))
    first = island(made, 3)
    with ThreadPoolExecutor(1) as pool:
        first.generation(pool)
        second = island(made, 4)
        second.settle(unlike(first.plans))
        best = second.best.gain
        second.generation(pool)
    assert second.best.gain >= best == first.best.gain


def test_plans_are_merged_while_their_pairs_fit():
    plans = [Found(np.array(sites), 1.0) for sites in ([1, 2], [2, 3], [4, 5], [0, 1])]
    pairs = np.array([3, 1, 1, 2, 50, 50])
    assert merged(plans, pairs, 10).tolist() == [0, 1, 2, 3]
    assert merged(plans, pairs, 4).tolist() == [1, 2, 3]
    assert merged(plans, pairs, 0).tolist() == [1, 2]
