"""A district's plan is what the gap table finds once its facilities stand there."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from geo.errors import BadSettingError, NoDataError
from geo.model import DataState, Settings
from geo.siting.ground import Candidates, covers_with, layer_problem, make_ground
from geo.siting.model import Effort, Limits, RecountError
from geo.siting.recount import agree, recount
from geo.siting.several import join, solve_several
from geo.siting.solve import solve
from tests.geo import cases
from tests.geo.cases import LIT, WATCHED, X0, Y0

QUICK = Effort(runs=2, turns=3000, threads=1)


def town(seed=0, **changes):
    random = np.random.default_rng(seed)
    lamps = [tuple(p) for p in random.uniform(0, 400, (6, 2))]
    return cases.district(
        [cases.box(0, 0, 200, 400), cases.box(200, 0, 400, 400)], [300.0, 100.0],
        [cases.supply(LIT, lamps), cases.supply(WATCHED, [(30.0, 30.0)])], **changes,
    )  # fmt: skip


def layer(name, needs, seed, count, cost):
    random = np.random.default_rng(seed)
    x, y = X0 + random.uniform(0, 400, count), Y0 + random.uniform(0, 400, count)
    return Candidates(name, needs, tuple(f"{name}:{i}" for i in range(count)), x, y, np.full(count, cost))


@pytest.mark.parametrize("method", ["product", "sum"])
def test_the_plan_of_a_layer_is_recounted_by_the_gap_table(method):
    settings, source = Settings(combine=method), town()
    ground = make_ground(source, settings)
    cameras = layer("cctv", ("watched",), 3, 9, 22e6)
    problem = layer_problem(ground, cameras, Limits(budget_krw=70e6))
    plan = solve(problem, QUICK)
    assert plan.chosen.size == 3
    found = recount(source, settings, {"watched": (cameras.x[plan.chosen], cameras.y[plan.chosen])})
    assert ground.score(ground.cover) == pytest.approx(found.before, rel=1e-12)
    agree(found.before + plan.value - plan.base_value, found.after)
    best = max(
        recount(source, settings, {"watched": (cameras.x[list(p)], cameras.y[list(p)])}).after
        for p in itertools.combinations(range(9), 3)
    )
    assert found.after == pytest.approx(best, rel=1e-9)
    assert found.gained["watched"] > 0 == found.gained["lit"]
    with pytest.raises(RecountError, match="다시 센 값"):
        agree(found.after * 1.0001, found.after)


@pytest.mark.parametrize("method", ["product", "sum"])
@pytest.mark.parametrize("seed", range(3))
def test_several_layers_under_one_budget(seed, method):
    settings, source = Settings(combine=method), town(seed)
    ground = make_ground(source, settings)
    layers = [layer("lamp", ("lit",), seed + 10, 4, 2.0), layer("cctv", ("watched",), seed + 20, 4, 3.0)]
    layers.append(layer("pole", ("lit", "watched"), seed + 30, 2, 4.0))
    sites = join(ground, layers)
    limits = Limits(budget_krw=9.0)
    plan = solve_several(ground, sites, limits, QUICK)

    def counted(chosen):
        added = {}
        x, y = (np.concatenate([getattr(c, axis) for c in layers]) for axis in ("x", "y"))
        for need in ("lit", "watched"):
            here = np.array([j for j in chosen if need in layers[sites.layer_of[j]].needs], int)
            added[need] = (x[here], y[here])
        return recount(source, settings, added).after

    agree(plan.value, counted(plan.chosen))
    scores = {
        p: ground.score(covers_with(ground, sites.pairs, np.array(p, int)))
        for k in range(5)
        for p in itertools.combinations(range(10), k)
        if sites.cost_krw[list(p)].sum() <= 9.0
    }
    best = max(scores.values())
    assert plan.bound >= best - 1e-9
    assert plan.value <= best + 1e-9
    assert plan.value >= best * 0.99
    for single in range(3):  # at least as good as any layer alone
        alone = max(v for p, v in scores.items() if {int(sites.layer_of[j]) for j in p} <= {single})
        assert plan.value >= alone - 1e-9


def test_a_need_without_data_is_named():
    ground = make_ground(town(), Settings())
    with pytest.raises(BadSettingError, match="모르는 필요"):
        layer_problem(ground, layer("x", ("unheard",), 1, 3, 1.0), Limits(count=1))
    dark = replace(town(), supplies=(cases.supply(LIT), cases.supply(WATCHED, state=DataState.NONE)))
    with pytest.raises(NoDataError, match="CCTV 자료가 없습니다"):
        layer_problem(make_ground(dark, Settings()), layer("cctv", ("watched",), 1, 3, 1.0), Limits(count=1))
    part = replace(town(), supplies=(cases.supply(LIT), cases.supply(WATCHED, state=DataState.PARTIAL)))
    with pytest.raises(NoDataError, match="include-partial"):
        layer_problem(make_ground(part, Settings()), layer("cctv", ("watched",), 1, 3, 1.0), Limits(count=1))
    with pytest.raises(NoDataError, match="자료가 있는 필요가 없습니다"):
        make_ground(replace(dark, supplies=dark.supplies[1:]), Settings())
