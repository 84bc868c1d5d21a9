"""From orders to plans: values that a slow count agrees with, order, several layers, and clear refusals."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from geo.errors import NoDataError
from geo.model import Places, Settings
from geo.plans import Plan
from geo.siting.model import CostError, Effort, SitingError, Status
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.recount import recount
from tests.layers.test_district_input import GWANAK, X0, Y0, of, world

EFFORT = Effort(seconds=20, threads=1)


def places(xy, *, layer="cctv", needs=("watched",), once=1e6, year=np.nan):
    x, y = (np.array(v, float) for v in zip(*xy, strict=True)) if xy else (np.empty(0), np.empty(0))
    n = len(xy)
    return Places(
        layer, layer, needs, tuple(f"{layer}{i}" for i in range(n)), X0 + x, Y0 + y, np.full(n, once), np.full(n, year),
        ("새 자리",) * n, ("",) * n, ("",) * n,
    )  # fmt: skip


def some(n, seed=3):
    random = np.random.default_rng(seed)
    return [(float(x), float(y)) for x, y in random.uniform(60, 940, (n, 2))]


@pytest.fixture(scope="module")
def source():
    return of(world(cctv=[(GWANAK, 100, 100)], security_light=[(GWANAK, 300, 300)]))


def test_the_plan_is_the_best_of_all_and_its_figures_are_the_gap_tables(source):
    offered = places(some(7))
    plan = make_plan(source, Settings(), [Order(offered, count=2)], effort=EFFORT)
    (layer,) = plan.layers

    def score(pair):
        at = list(pair)
        return recount(source, Settings(), {"watched": (offered.x[at], offered.y[at])}).after

    best = max(score(pair) for pair in combinations(range(7), 2))
    assert layer.after == pytest.approx(best, rel=1e-9)
    assert layer.status == Status.OPTIMAL
    assert layer.bound == pytest.approx(best, rel=1e-6)
    assert plan.after == pytest.approx(best, rel=1e-9)


def test_sites_are_ranked_by_what_each_adds_and_add_up(source):
    plan = make_plan(source, Settings(), [Order(places(some(9)), count=4)], effort=EFFORT)
    (layer,) = plan.layers
    adds = [site.score for site in layer.sites]
    assert adds == sorted(adds, reverse=True)
    assert [site.rank for site in layer.sites] == [1, 2, 3, 4]
    assert sum(adds) == pytest.approx(layer.after - layer.before, rel=1e-9)
    assert sum(site.gained["watched"] for site in layer.sites) == pytest.approx(layer.gained["watched"], rel=1e-6)
    assert all(site.total_krw == 1e6 for site in layer.sites)


def test_a_camera_alone_adds_what_paper_says(source):
    # Full cover to 22 m, none from 57 m: the mean over the plane is pi/3 (22^2 + 22*57 + 57^2) m2. Households: 40 a
    # dong of 500 m x 1000 m, spread evenly.
    plan = make_plan(source, Settings(), [Order(places([(250, 650)]), count=1)], effort=EFFORT)
    area = np.pi / 3 * (22**2 + 22 * 57 + 57**2)
    assert plan.sites[0].gained["watched"] == pytest.approx(40 * area / 500_000, rel=0.01)
    assert plan.sites[0].dong_name == "가동"


def test_layers_in_turn_add_up_to_the_whole(source):
    orders = [
        Order(places(some(6)), count=2),
        Order(places(some(6, 4), layer="security_light", needs=("lit",)), budget_krw=3e6),
    ]
    plan = make_plan(source, Settings(), orders, effort=EFFORT)
    assert plan.layers[0].before == pytest.approx(plan.before)
    assert plan.layers[1].before == pytest.approx(plan.layers[0].after)
    assert plan.after == pytest.approx(plan.layers[1].after)
    assert plan.gained["lit"] == pytest.approx(plan.layers[1].gained["lit"])


def test_yearly_money_counts_over_the_years(source):
    offered = places(some(6), once=1e6, year=2e5)
    plan = make_plan(source, Settings(), [Order(offered, budget_krw=4e6)], years=5, effort=EFFORT)
    assert len(plan.sites) == 2
    assert (plan.sites[0].once_krw, plan.sites[0].year_krw, plan.sites[0].total_krw) == (1e6, 2e5, 2e6)
    assert len(make_plan(source, Settings(), [Order(offered, budget_krw=4e6)], years=0, effort=EFFORT).sites) == 4


def test_the_same_seed_gives_the_same_plan(source):
    runs = [make_plan(source, Settings(), [Order(places(some(30)), count=5)], effort=EFFORT) for _ in range(2)]
    assert [s.id for s in runs[0].sites] == [s.id for s in runs[1].sites]


def test_what_cannot_be_bought_is_told(source):
    def refused(error, order, match):
        with pytest.raises(error, match=match):
            make_plan(source, Settings(), [order], effort=EFFORT)

    refused(SitingError, Order(places([]), count=1), "후보지가 없습니다")
    refused(SitingError, Order(places(some(2))), "예산도 개소 수도")
    refused(CostError, Order(places(some(2), once=np.nan), count=1), "--cost cctv=")
    refused(CostError, Order(places(some(2), once=0.0), budget_krw=1e6), "--count cctv=")
    refused(CostError, Order(places(some(2), once=-1.0), count=1), "음수")
    refused(CostError, Order(places(some(2)), budget_krw=10.0), "가장 싼 후보")
    refused(NoDataError, Order(places(some(2), needs=("parcel",)), count=1), "자료가 없습니다")


def test_a_place_without_anything_to_gain_is_said_so(source):
    plan = make_plan(source, Settings(), [Order(places([(100, 100)]), count=1)], effort=EFFORT)
    assert plan.layers[0].status == Status.NOTHING_TO_GAIN
    assert plan.sites == ()


def test_a_need_shown_on_its_own_is_judged_on_its_own():
    source = of(world(security_light=[(GWANAK, 300, 300)], smart_light=[(GWANAK, 400, 400)] * 200))
    offered = places([(300, 300), (420, 400)], layer="smart_light", needs=("smart_lit",))
    plan = make_plan(source, Settings(), [Order(offered, count=1)], effort=EFFORT)
    assert plan.layers[0].objective == ("smart_lit",)
    assert plan.sites[0].id == "smart_light0"
    assert plan.gained["lit"] == 0  # replacing an old lamp lights nothing that was dark


def test_a_plan_comes_back_from_json_as_it_was(source):
    plan = make_plan(source, Settings(), [Order(places(some(6)), count=2)], data_version=7, effort=EFFORT)
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))) == json_like(plan)


def json_like(plan):
    """What JSON keeps of a plan: tuples inside mappings become lists."""
    return replace(plan, settings=json.loads(json.dumps(plan.settings)))
