"""Every model and limit of a plan, asked over HTTP on the sample: what is asked is kept, and counted as it says."""

from collections import Counter

import pytest

from tests.api.conftest import serving, wait_for
from tests.api.test_workers import leave

PLANS = "/v1/districts/99999/plans"
CCTV = {"layer": "cctv", "candidates": ["grid:200"], "within": "district"}
LOCKER = {"layer": "locker", "candidates": ["shop"], "within": "district"}


@pytest.fixture(scope="module")
def service(sample_store, tmp_path_factory):
    with serving(sample_store, tmp_path_factory.mktemp("models")) as running:
        yield running


@pytest.fixture(scope="module")
def plan(service):
    def make(*layers, **more):
        answer = service.post(PLANS, role="planner", json={"layers": list(layers), "seconds": 2, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return make


@pytest.fixture(scope="module")
def usual(plan):
    return plan({**CCTV, "count": 4})


def by_dong(made):
    return Counter(site["dong_name"] for site in made["sites"])


def test_at_least_and_at_most_by_dong(plan, usual):
    crowded = by_dong(usual).most_common(1)[0][0]
    bare = next(name for name in ("안심1동", "마루동", "바름동") if name not in by_dong(usual))
    made = plan({**CCTV, "count": 4, "at_least": {bare: 2}, "at_most": {crowded: 0}})
    assert (by_dong(made)[bare] >= 2, by_dong(made)[crowded], len(made["sites"])) == (True, 0, 4)
    assert made["after"] <= usual["after"] + 1e-6
    assert max(by_dong(plan({**CCTV, "count": 6, "most_each": 1})).values()) == 1


def test_forced_and_forbidden_by_id(plan, usual):
    first, last = usual["sites"][0]["id"], usual["sites"][-1]["id"]
    without = plan({**CCTV, "count": 4, "exclude": [first]})
    ids = {site["id"] for site in without["sites"]}
    assert first not in ids
    assert without["after"] <= usual["after"] + 1e-6
    (new,) = ids - {site["id"] for site in usual["sites"]}
    made = plan({**CCTV, "count": 2, "forced": [new, last]})
    assert {site["id"] for site in made["sites"]} == {new, last}


def test_a_floor_for_every_dong(plan):
    made = plan({**CCTV, "count": 30, "floor": 0.3})
    floor = made["layers"][0]["floor"]
    assert floor["floor"] == 0.3
    assert floor["score_given_up"] >= -1e-6


def test_a_target_for_the_least_money_or_the_fewest_sites(service, plan, usual):
    view = service.get("/v1/districts/99999/view", role="planner", params={"edition": "internal"}).json()
    (watched,) = (row for row in view["about"]["needs"] if row["need"] == "watched")
    target = watched["share_covered"] + 0.8 * usual["gained"]["watched"] / usual["households"]
    for more, unit in (({}, "원"), ({"fewest": True}, "곳")):
        made = plan({**CCTV, "target": target, **more})
        reached = watched["share_covered"] + made["gained"]["watched"] / made["households"]
        assert reached >= target - 1e-4
        assert made["layers"][0]["measured"]["unit"] == unit
        assert 0 < len(made["sites"]) <= 4  # four sites reach more than that


def test_moves_with_how_full_they_are(plan):
    made = plan({**LOCKER, "moves": 1})
    (layer,) = made["layers"]
    assert (layer["model"], len(layer["closed"]), len(made["sites"])) == ("moves", 1, 1)
    (closed,) = layer["closed"]
    full = plan({**LOCKER, "moves": 1, "occupancy": {closed["id"]: 1.0}})
    assert full["layers"][0]["model"] == "moves"
    assert all(one["id"] != closed["id"] or one["occupancy"] == 1.0 for one in full["layers"][0]["closed"])


def test_capacity_and_twice(plan, usual):
    made = plan({**LOCKER, "count": 3, "capacity": 100})
    measured = made["layers"][0]["measured"]
    assert measured["value"] - measured["before"] <= 300 + 1e-6  # three sites of a hundred households
    twice = plan({**CCTV, "count": 4, "twice": 0.5})
    assert twice["layers"][0]["model"] == "twice"
    assert twice["after"] <= usual["after"] + 1e-6  # no other plan has more of the usual measure


def test_zones_and_one_budget_over_layers(plan):
    zones = plan({"layer": "patrol_zone", "candidates": ["dong"], "within": "district", "count": 2})
    assert all(site["id"].startswith("dong:") for site in zones["sites"])
    assert len(zones["sites"]) == 2
    lamps = {**CCTV, "layer": "security_light"}
    made = plan(CCTV, lamps, budget_krw=100_000_000)
    assert made["total_krw"] <= 100_000_000
    assert {layer["model"] for layer in made["layers"]} == {"together"}
    assert sum(layer["total_krw"] for layer in made["layers"]) == pytest.approx(made["total_krw"])


def test_a_smart_lamp_knows_what_it_stands_on(plan):
    made = plan({"layer": "smart_light", "within": "district", "count": 2})
    assert all(site["id"].startswith("security_light:") for site in made["sites"])
    assert all(site["kind"].startswith("교체(") for site in made["sites"])


def test_a_plan_ends_when_the_caller_leaves(service):
    pool = service.services.plans
    body = (
        b'{"layers": [{"layer": "cctv", "count": 60, "candidates": ["grid:50"], "within": "district"}], "seconds": 100}'
    )
    for accept in (b"*/*", b"text/event-stream"):
        service.call(leave, service.app, PLANS, service.keys["planner"], accept, body)
        wait_for(lambda: not pool._busy and pool._jobs == 0, 20)
    assert '"event":"fault"' not in service.log
