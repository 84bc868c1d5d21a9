"""What cannot be bought, costs nothing or is reached already: every model gives one clear answer."""

from dataclasses import replace

import numpy as np
import pytest

from geo.errors import NoDataError
from geo.model import DataState, Settings
from geo.siting.model import CostError, SitingError, Solution, Status
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from maps.plan_text import proof
from tests.geo import cases
from tests.geo.cases import WATCHED
from tests.geo.siting.test_models import DONG, QUICK, places, town

MODELS = {
    "cover": {}, "twice": {"twice": 0.5}, "capacity": {"capacity": 50.0}, "moves": {"moves": 1},
    "floor": {"floor": 0.1}, "target": {"target": 0.3}, "fewest": {"target": 0.3, "fewest": True},
}  # fmt: skip
each_model = pytest.mark.parametrize("model", MODELS)


def said(error, source, offered, model, **limits):
    with pytest.raises(error) as caught:
        make_plan(source, Settings(), [Order(offered, **MODELS[model], **limits)], effort=QUICK)
    assert caught.value.hint
    return caught.value.message


@each_model
def test_a_budget_under_the_cheapest_site_is_named(model):
    words = said(SitingError, town(1), places(2, once=2e6), model, budget_krw=1e6)
    assert "1,000,000원" in words
    assert "2,000,000원" in words or "목표" in words


def test_one_budget_of_several_layers_under_the_cheapest_of_all_is_named():
    orders = [Order(places(2, once=2e6)), Order(places(3, layer="security_light", needs=("lit",), once=3e6))]
    with pytest.raises(CostError, match="1,000,000원은 가장 싼 후보 2,000,000원보다"):
        make_plan(town(1), Settings(), orders, effort=QUICK, together_krw=1e6)


@each_model
def test_a_negative_cost_is_named(model):
    limits = {} if model in {"target", "fewest", "moves"} else {"count": 2}
    offered = places(2, once=np.array([1, 1, -1, 1, 1, 1, 1.0]))
    assert "음수" in said(CostError, town(1), offered, model, **limits)


@pytest.mark.parametrize("model", ["cover", "twice", "capacity", "floor", "target"])
def test_a_missing_cost_is_named(model):
    assert "비용이 알려져 있지 않습니다" in said(CostError, town(1), places(2, once=np.nan), model, budget_krw=5.0)


@pytest.mark.parametrize("model", ["cover", "twice", "capacity", "floor", "target"])
def test_money_cannot_choose_what_costs_nothing(model):
    assert "0원이면" in said(CostError, town(1), places(2, once=0.0), model, budget_krw=5.0)


@each_model
def test_no_candidates_is_said(model):
    limits = {} if model in {"target", "fewest", "moves"} else {"count": 2}
    assert "후보지가 없습니다" in said(SitingError, town(1), places(2, n=0), model, **limits)


@each_model
def test_a_need_without_data_is_said(model):
    source = town(1)
    bare = replace(source, supplies=(source.supplies[0], replace(source.supplies[1], state=DataState.NONE)))
    limits = {} if model in {"target", "fewest", "moves"} else {"count": 2}
    assert "자료가 없습니다" in said(NoDataError, bare, places(2), model, **limits)


@pytest.mark.parametrize("model", ["cover", "twice", "moves", "target", "fewest"])
def test_nothing_left_to_gain_is_said(model):
    # Four cameras on every place that matters: each is reached twice already.
    every = [(x + d, y + d) for x in range(10, 400, 20) for y in range(10, 400, 20) for d in (0.0, 5.0)]
    source = cases.district(DONG, [300.0, 100.0], [cases.supply(WATCHED, every)], layers=(cases.layer(every),))
    limits = {"count": 2} if model in {"cover", "twice"} else {}
    (layer,) = make_plan(source, Settings(), [Order(places(3), **MODELS[model], **limits)], effort=QUICK).layers
    assert not layer.sites
    words = proof(layer)
    assert "더 늘" in words or "이미 목표에 닿아" in words


def test_a_clock_is_of_no_account_once_a_plan_is_proved():
    none = np.empty(0, np.int64)
    for status, cut in ((Status.OPTIMAL, False), (Status.NOTHING_TO_GAIN, False), (Status.BOUNDED, True)):
        assert Solution(none, 1.0, 0.0, 1.0, "", status, 0.0, 0.1, cut_short=True).cut_short == cut
