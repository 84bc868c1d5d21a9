"""A target within a budget and a number, against every plan."""

from dataclasses import replace

import numpy as np
import pytest

from geo.kernels import FULL
from geo.siting import set_cover
from geo.siting.model import ClashError, Effort, Limits, Pairs, Problem, Status
from geo.siting.target import reached
from tests.geo.siting.cases import problem
from tests.oracles import siting as oracle

QUICK = Effort(seconds=10, runs=2, turns=3000, threads=1)


def by_hand(limits):
    """Return three sites and four points of weight 1: a big dear one over all but the last, small cheap ones."""
    full = np.full(6, FULL, np.uint8)
    pairs = Pairs(np.array([0, 3, 5, 6]), np.array([0, 1, 2, 0, 1, 3], np.int32), full, 4)
    return Problem(np.ones(4), np.zeros(4, np.uint8), pairs, np.array([10.0, 3.0, 4.0]), limits)


def test_by_hand():
    # 75 %: the big one alone (10), or both small ones (7).
    assert reached(by_hand(Limits()), 0.75, QUICK).chosen.tolist() == [1, 2]
    one = reached(by_hand(Limits(count=1)), 0.75, QUICK)  # the number rules out the cheaper plan
    assert (one.chosen.tolist(), one.cost_krw, one.bound) == ([0], 10.0, pytest.approx(10.0))
    few = reached(by_hand(Limits()), 0.75, QUICK, by_number=True)
    assert (few.chosen.tolist(), few.bound) == ([0], 1.0)
    within = reached(by_hand(Limits(budget_krw=8.0)), 0.75, QUICK, by_number=True)  # and money the smaller one
    assert (within.chosen.tolist(), within.bound, within.status) == ([1, 2], 2.0, Status.OPTIMAL)


def test_by_hand_how_far_one_gets():
    with pytest.raises(ClashError) as clash:
        reached(by_hand(Limits(budget_krw=5.0)), 0.75, QUICK)
    assert clash.value.message == (
        "목표 75.0%는 예산 5원 안에서 닿지 않습니다: 가장 많이 닿는 계획이 50.0%이고, "
        "어떤 계획도 50.0%를 넘지 못합니다. 목표에는 적어도 7원이 듭니다."
    )
    with pytest.raises(ClashError, match=r"예산 9원과 개소 수 1곳 안에서 .* 50\.0%이고"):
        reached(by_hand(Limits(budget_krw=9.0, count=1)), 0.75, QUICK)
    alone = replace(by_hand(Limits(budget_krw=99.0, forbidden=(2,))), weight=np.array([1.0, 1.0, 1.0, 9.0]))
    with pytest.raises(ClashError, match=r"후보를 모두 써도 닿지 않습니다 \(최대 25"):
        reached(alone, 0.9, QUICK)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("by_number", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_every_plan(seed, by_number, large, monkeypatch):
    if large:
        monkeypatch.setattr(set_cover, "_EASY_PAIRS", 0)
    random = np.random.default_rng(seed)
    limits = Limits(budget_krw=float(random.choice([3.0, 5.5, 8.0])), count=int(random.integers(2, 6)))
    case, _, _ = problem(seed, limits=limits)
    total = float(case.weight.sum())
    share = float(random.uniform(0.4, 0.9)) * oracle.value(case, range(8)) / total
    reaching = [p for p in oracle.plans(case) if oracle.value(case, p) >= share * total - 1e-9]
    if not reaching:
        most = oracle.best(case) / total
        with pytest.raises(ClashError, match=f"가장 많이 닿는 계획이 {most:.1%}"):
            reached(case, share, QUICK, by_number=by_number)
        return
    found = reached(case, share, QUICK, by_number=by_number)
    assert oracle.allowed(case, found.chosen.tolist())
    assert oracle.value(case, found.chosen) >= share * total * (1 - 1e-8)
    best = min(len(p) if by_number else float(case.cost_krw[list(p)].sum()) for p in reaching)
    has = found.chosen.size if by_number else found.cost_krw
    assert found.bound <= best * (1 + 1e-9)
    assert has == pytest.approx(best)
    assert found.status is not Status.OPTIMAL or found.bound == pytest.approx(best)
