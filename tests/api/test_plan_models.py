"""Every model and limit of a plan, asked over HTTP on the sample: what is asked is kept, and counted as it says."""

from collections import Counter

import pytest

from tests.api.conftest import serving, wait_for
from tests.api.test_workers import leave

PLANS = "/v1/districts/99999/plans"
CCTV = {"layer": "cctv", "candidates": ["grid:200"], "within": "district"}
LAMP = {**CCTV, "layer": "security_light"}
LOCKER = {"layer": "locker", "candidates": ["shop"], "within": "district"}


@pytest.fixture(scope="module")
def service(sample_store, tmp_path_factory):
    with serving(sample_store, tmp_path_factory.mktemp("models")) as running:
        yield running


@pytest.fixture(scope="module")
def plan(service):
    """A function: the plan of some layers. Few seconds: what is asserted holds of every plan, not of the best alone."""

    def make(*layers, **more):
        answer = service.post(PLANS, role="planner", json={"layers": list(layers), "seconds": 0.5, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return make


@pytest.fixture(scope="module")
def usual(plan):
    return plan({**CCTV, "count": 4}, {**LAMP, "count": 4})


def of(made, layer):
    """The sites of a layer."""
    return [site for site in made["sites"] if site["layer"] == layer]


def by_dong(sites):
    return Counter(site["dong_name"] for site in sites)


def not_above(made, usual):
    """The first layer of a plan is at most what is proved of every plan of four cameras."""
    return made["layers"][0]["after"] <= usual["layers"][0]["bound"] + 1e-6


def test_at_least_and_at_most_by_dong(plan, usual):
    stand = by_dong(of(usual, "cctv"))
    crowded = stand.most_common(1)[0][0]
    bare = next(name for name in ("안심1동", "마루동", "바름동") if name not in stand)
    made = plan(
        {**CCTV, "count": 4, "at_least": {bare: 2}, "at_most": {crowded: 0}}, {**LAMP, "count": 6, "most_each": 1}
    )
    cameras, lamps = by_dong(of(made, "cctv")), by_dong(of(made, "security_light"))
    assert (cameras[bare] >= 2, cameras[crowded], cameras.total()) == (True, 0, 4)
    assert (lamps.total(), max(lamps.values())) == (6, 1)
    assert not_above(made, usual)


def test_forced_and_forbidden_by_id(plan, usual):
    first, *_, last = (site["id"] for site in of(usual, "cctv"))
    without = plan({**CCTV, "count": 4, "exclude": [first]})
    ids = {site["id"] for site in without["sites"]}
    assert first not in ids
    assert without["layers"][0]["left_out"] == {"뺄 곳으로 정함": 1}
    assert not_above(without, usual)
    new = next(iter(ids - {site["id"] for site in of(usual, "cctv")}))
    made = plan({**CCTV, "count": 2, "forced": [new, last]})
    assert {site["id"] for site in made["sites"]} == {new, last}


def box(west, south, east, north):
    return {"type": "Polygon", "coordinates": [
        [[west, south], [east, south], [east, north], [west, north], [west, south]]
    ]}  # fmt: skip


def places(*features):
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": shape, "properties": properties} for shape, properties in features
    ]}  # fmt: skip


def point(site):
    return {"type": "Point", "coordinates": [site["lon"], site["lat"]]}


def test_places_of_ones_own_and_land_that_is_left_free(service, plan, usual):
    first, second, third, _ = of(usual, "cctv")
    own = places((point(first), {"id": "A", "name": "도서관 앞"}), (point(second), None),
                 (point(third), {"site_id": 9}), (point(third), None),
                 ({"type": "Point", "coordinates": [127.0, 37.5]}, None))  # fmt: skip
    lon, lat = second["lon"], second["lat"]
    free = box(lon - 0.0005, lat - 0.0005, lon + 0.0005, lat + 0.0005)
    zone = places((box(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001), {"이름": "둘레길"}))
    made = plan(
        {**CCTV, "candidates": own, "count": 5, "exclude": free, "forced": ["given:A"]},
        {"layer": "patrol_zone", "candidates": [zone], "within": "district", "count": 1},
        name="보낸 곳",
    )
    cameras, patrols = made["layers"]
    assert {site["id"]: site["name"] for site in of(made, "cctv")} == {"given:A": "도서관 앞", "given:9": ""}
    assert cameras["left_out"] == {"찾는 지역 밖": 1, "뺄 곳으로 정함": 1, "같은 자리": 1}
    for site, like in zip(sorted(of(made, "cctv"), key=lambda one: one["id"]), (third, first), strict=True):
        assert (site["x"], site["y"]) == pytest.approx((like["x"], like["y"]), abs=0.02)
    assert [(site["id"], site["name"]) for site in of(made, "patrol_zone")] == [("given:1", "둘레길")]
    assert patrols["candidates"] == 1
    # A plan that is kept knows its places: handed back in another order, its bound still speaks of it.
    kept = service.get("/v1/plans/보낸 곳", role="planner").json()
    again = [{"layer": "cctv", "sites": [{"id": "given:9"}, {"id": "given:A"}]},
             {"layer": "patrol_zone", "sites": [{"id": "given:1"}]}]  # fmt: skip
    changed = service.post(f"{PLANS}/evaluate", role="planner", json={"draft": kept["draft"], "layers": again})
    assert changed.status_code == 200, changed.text
    assert changed.json()["layers"][0]["against"]["valid"], changed.json()["layers"][0]["against"]
    assert changed.json()["after"] == pytest.approx(made["after"], rel=1e-9)
    service.request("DELETE", "/v1/plans/보낸 곳", role="planner")


def test_land_left_free_takes_grid_points_away(plan, usual):
    west = box(125.0, 36.0, of(usual, "cctv")[0]["lon"], 38.0)
    made = plan({**CCTV, "count": 4, "exclude": [west, "없는 번호"]})
    assert all(site["lon"] > west["coordinates"][0][1][0] for site in made["sites"])
    assert (
        made["layers"][0]["candidates"] + made["layers"][0]["left_out"]["뺄 곳으로 정함"]
        == usual["layers"][0]["candidates"]
    )
    assert not_above(made, usual)


def test_a_floor_for_every_dong(plan):
    made = plan({**CCTV, "count": 30, "floor": 0.3})
    floor = made["layers"][0]["floor"]
    assert floor["floor"] == 0.3
    assert floor["score_given_up"] >= -1e-6


def test_a_target_for_the_least_money_or_the_fewest_sites(service, plan, usual):
    view = service.get("/v1/districts/99999/view", role="planner", params={"edition": "internal"}).json()
    shares = {row["need"]: row["share_covered"] for row in view["about"]["needs"]}
    targets = {need: shares[need] + 0.8 * usual["gained"][need] / usual["households"] for need in ("watched", "lit")}
    made = plan({**CCTV, "target": targets["watched"]}, {**LAMP, "target": targets["lit"], "fewest": True})
    for layer, need, unit in zip(made["layers"], targets, ("원", "곳"), strict=True):
        reached = shares[need] + made["gained"][need] / made["households"]
        assert reached >= targets[need] - 1e-4
        assert layer["measured"]["unit"] == unit
        assert 0 < len(of(made, layer["layer"])) <= 4  # four sites reach more than that


def test_how_full_they_are_says_which_move(plan):
    made = plan({**LOCKER, "moves": 2})
    (layer,) = made["layers"]
    one, other = (closed["id"] for closed in layer["closed"])
    assert (layer["model"], len(made["sites"])) == ("moves", 2)
    assert {gone["to"] for gone in layer["closed"]} == {site["number"] for site in made["sites"]}
    for stays, moves in ((one, other), (other, one)):
        (full,) = plan({**LOCKER, "moves": 1, "occupancy": {stays: 0.9, moves: 0.1}})["layers"]
        assert [(closed["id"], closed["occupancy"]) for closed in full["closed"]] == [(moves, 0.1)]


def test_capacity_twice_zones_and_lamps_that_are_replaced(plan, usual):
    made = plan(
        {**CCTV, "count": 4, "twice": 0.5}, {**LOCKER, "count": 3, "capacity": 100},
        {"layer": "patrol_zone", "candidates": ["dong"], "within": "district", "count": 2},
        {"layer": "smart_light", "within": "district", "count": 2},
    )  # fmt: skip
    twice, capacity, *_ = made["layers"]
    assert [layer["model"] for layer in made["layers"]] == ["twice", "capacity", "cover", "cover"]
    assert not_above(made, usual)  # no other plan has more of the usual measure
    assert twice["measured"]["value"] >= twice["measured"]["before"]
    measured = capacity["measured"]
    assert 0 < measured["value"] - measured["before"] <= 300 + 1e-6  # three sites of a hundred households
    zones, lamps = of(made, "patrol_zone"), of(made, "smart_light")
    assert len(zones) == len(lamps) == 2
    assert all(site["id"].startswith("dong:") for site in zones)
    assert all(site["id"].startswith("security_light:") for site in lamps)
    assert all(site["kind"].startswith("교체(") for site in lamps)  # it knows what it stands on


def test_one_budget_over_layers(plan):
    made = plan(CCTV, LAMP, budget_krw=100_000_000)
    assert 0 < made["total_krw"] <= 100_000_000
    assert {layer["model"] for layer in made["layers"]} == {"together"}
    assert sum(layer["total_krw"] for layer in made["layers"]) == pytest.approx(made["total_krw"])


def test_a_plan_ends_when_the_caller_leaves(service):
    pool = service.services.plans
    body = (
        b'{"layers": [{"layer": "cctv", "count": 60, "candidates": ["grid:50"], "within": "district"}], "seconds": 100}'
    )
    for accept in (b"*/*", b"text/event-stream"):
        service.call(leave, service.app, PLANS, service.keys["planner"], accept, body)
        wait_for(lambda: not pool._busy and pool._jobs == 0)
    assert '"event":"fault"' not in service.log
