"""Plans over several districts at once: the joined ground, limits by district, what is judged and what is not."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.district import cover_of_district
from geo.errors import BadSettingError, NoDataError
from geo.frame import make_frame
from geo.joining import check_known, common_settings, join_districts, joined_name
from geo.model import DataState, Settings
from geo.plans import Plan
from geo.siting.areas import area_indices, area_names
from geo.siting.gap_land import gap_land, gaps_of_all
from geo.siting.model import ClashError, Effort, RecountError, Status
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.proving import check_limits
from geo.siting.recount import recount
from layers.catalog import load_catalog
from layers.district_input import district_input, margin_m
from layers.snapshot import take_snapshot
from tests.geo.siting.test_planning import places
from tests.layers.test_district_input import GWANAK, NEXT, world

CATALOG = load_catalog()
EFFORT = Effort(seconds=20, threads=1)


def each(store):
    """Return 관악구 (0-1000 m) and 동작구 (1000-2000 m), 40 households a dong of 500 m x 1000 m."""
    snapshot = take_snapshot(store, district=("관악구", "동작구"), margin_m=margin_m(CATALOG))
    return [district_input(snapshot, CATALOG, name) for name in ("관악구", "동작구")]


@pytest.fixture(scope="module")
def two():
    return each(world(cctv=[(GWANAK, 900, 500), (NEXT, 1100, 500)], security_light=[(GWANAK, 300, 300)]))


@pytest.fixture(scope="module")
def joined(two):
    return join_districts(two)


def test_the_joined_ground_is_both_and_each_facility_once(two, joined):
    assert (joined.code, joined.name) == (f"{GWANAK}+{NEXT}", "관악구·동작구")
    assert joined.boundary.equals(shapely.box(*shapely.total_bounds([s.boundary for s in two])))
    assert joined.dong_names == ("가동", "나동", "다동", "라동")
    assert [(part.name, part.dongs) for part in joined.parts] == [("관악구", (0, 1)), ("동작구", (2, 3))]
    watched = next(s for s in joined.supplies if s.need.id == "watched")
    assert watched.x.size == 2  # each district reads both cameras, 200 m apart over the border
    cameras = next(points for points in joined.layers if points.layer == "cctv")
    assert len(cameras.ids) == 2
    assert not cameras.near.any()
    frame = make_frame(joined, Settings())
    assert frame.households.sum() == pytest.approx(160)
    assert join_districts(two[:1]) is two[0]


def test_two_facilities_on_one_point_stay_two():
    joined = join_districts(each(world(cctv=[(GWANAK, 990, 500), (GWANAK, 990, 500)])))
    assert next(s for s in joined.supplies if s.need.id == "watched").x.size == 2


def test_covers_are_those_of_each_district(two, joined):
    """The border lies on cells' edges here, so every cell is of one district and has that district's figures."""
    whole = make_frame(joined, Settings())
    cover = cover_of_district(joined, whole, Settings()).by_need["watched"]
    index = {name: i for i, name in enumerate(whole.grid_id)}
    for source in two:
        frame = make_frame(source, Settings())
        at = [index[name] for name in frame.grid_id]
        assert whole.households[at] == pytest.approx(frame.households)
        own = cover_of_district(source, frame, Settings()).by_need["watched"]
        assert cover[at] == pytest.approx(own, abs=1e-12)


def test_a_camera_on_the_border_gains_in_both_what_paper_says(joined):
    # The mean over the plane is pi/3 (22^2 + 22*57 + 57^2) m2; 80 households a km2 on either side, half of them each.
    plan = make_plan(joined, Settings(needs=("watched",)), [Order(places([(1000, 200)]), count=1)], effort=EFFORT)
    gain = 80e-6 * np.pi / 3 * (22**2 + 22 * 57 + 57**2)
    assert plan.sites[0].gained["watched"] == pytest.approx(gain, rel=0.01)
    gains = [sum(d.households * (d.after - d.before) for d in plan.layers[0].dongs if d.dong in part.dongs)
             for part in plan.districts]  # fmt: skip
    assert gains == pytest.approx([gain / 2, gain / 2], rel=0.02)


def test_limits_by_district_by_hand(joined):
    # Three good places in 관악구, two poor ones in 동작구: a camera there stands already where they would reach.
    offered = places([(200, 200), (200, 700), (700, 200), (1120, 520), (1130, 470)])

    def held(**limits):
        order = Order(offered, count=3, **limits)
        (layer,) = make_plan(joined, Settings(needs=("watched",)), [order], effort=EFFORT).layers
        assert layer.status == Status.OPTIMAL
        inside = [site.dong_name in {"가동", "나동"} for site in layer.sites]
        return sum(inside), len(inside) - sum(inside), layer.limits

    at = area_indices({"관악구": 1, "동작구": 1}, joined)
    assert at == {4: 1, 5: 1}  # after the four dong
    assert held()[:2] == (3, 0)
    assert held(least={5: 1})[:2] == (2, 1)
    assert held(least={5: 2})[:2] == (1, 2)
    assert held(most={4: 1})[:2] == (1, 2)
    assert held(most={4: 2}, least={5: 1, 0: 2})[:2] == (2, 1)
    assert held(least={5: 1}, most={4: 2})[2] == ("동작구 1곳 이상", "관악구 2곳까지")
    with pytest.raises(ClashError, match="동작구: 최소 3곳인데 후보는 2곳"):
        held(least={5: 3})
    with pytest.raises(ClashError, match="최소 개소의 합 4곳이 개소 수 3"):
        held(least={4: 2, 5: 2})
    with pytest.raises(ClashError, match="관악구 최대 1곳"):
        held(least={0: 2}, most={4: 1})
    with pytest.raises(RecountError, match="동작구 0곳"):
        check_limits(joined, Order(offered, count=3, least={5: 1}), np.array([0, 1, 2]), 5)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_together_is_the_best_of_all_and_never_worse_than_either_alone(two, joined, seed):
    random = np.random.default_rng(seed)
    offered = places([(float(x), float(y)) for x, y in random.uniform((20, 20), (1980, 980), (8, 2))])
    once = random.choice([1e6, 2e6, 3.5e6], 8)
    offered = replace(offered, once_krw=once)
    judged = Settings(needs=("watched",))
    plan = make_plan(joined, judged, [Order(offered, budget_krw=5e6)], effort=EFFORT)
    within = [c for n in range(6) for c in combinations(range(8), n) if once[list(c)].sum() <= 5e6]

    def score(chosen):
        at = list(chosen)
        return recount(joined, judged, {"watched": (offered.x[at], offered.y[at])}).after

    assert plan.after == pytest.approx(max(map(score, within)), rel=1e-9)
    for source in two:
        inside = np.flatnonzero(shapely.intersects_xy(source.boundary, offered.x, offered.y))
        if not inside.size or once[inside].min() > 5e6:
            continue
        own = places([(0.0, 0.0)] * inside.size)
        own = replace(own, x=offered.x[inside], y=offered.y[inside], once_krw=once[inside])
        alone = make_plan(source, judged, [Order(own, budget_krw=5e6)], effort=EFFORT)
        xy = (np.array([s.x for s in alone.sites]), np.array([s.y for s in alone.sites]))
        assert plan.after >= recount(joined, judged, {"watched": xy}).after - 1e-9


def test_only_needs_that_all_have_data_on_are_judged(two, joined):
    judged, said = common_settings(two, Settings())
    assert judged.needs == ("watched",)
    assert said == ("밝은 길: 동작구에 자료가 없어 함께 보지 않았습니다",)
    assert next(s for s in joined.supplies if s.need.id == "lit").state is DataState.NONE
    (layer,) = make_plan(joined, judged, [Order(places([(200, 200)]), count=1)], effort=EFFORT).layers
    assert layer.objective == ("watched",)
    both = each(world(cctv=[(GWANAK, 900, 500), (NEXT, 1100, 500)]))
    assert common_settings(both, Settings()) == (Settings(), ())
    with pytest.raises(NoDataError, match="동작구"):
        check_known(two, "보안등", ("lit",))
    check_known(two, "CCTV", ("watched",))
    apart = each(world(cctv=[(GWANAK, 100, 500)], security_light=[(NEXT, 1800, 300)]))
    with pytest.raises(NoDataError, match="모든 구에 자료가 있는 필요가 없습니다"):
        common_settings(apart, Settings())


def test_gap_land_is_that_of_each_district(two):
    alone = [gap_land(source, Settings(needs=("watched",))) for source in two]
    assert gaps_of_all(two, Settings(needs=("watched",))).equals(shapely.union_all(alone))


def test_the_order_of_the_districts_changes_no_plan(two):
    offered = places([(200, 200), (200, 700), (1700, 200), (1120, 520), (1000, 470)])
    judged = Settings(needs=("watched",))
    one, other = (
        make_plan(join_districts(order), judged, [Order(offered, count=2)], effort=EFFORT) for order in (two, two[::-1])
    )
    assert {s.id for s in one.sites} == {s.id for s in other.sites}
    assert one.after == pytest.approx(other.after, rel=1e-12)


def test_a_plan_is_kept_with_its_districts(joined):
    offered = places([(200, 200), (1700, 200)])
    plan = make_plan(joined, Settings(needs=("watched",)), [Order(offered, count=2)], effort=EFFORT)
    again = Plan.from_dict(json.loads(json.dumps(plan.as_dict())))
    assert again.districts == plan.districts
    assert again.codes == (GWANAK, NEXT)
    assert {again.district_of(site.dong) for site in again.sites} == {"관악구", "동작구"}
    assert again.district_of("") == ""


def test_dong_of_one_name_need_their_district(joined):
    same = replace(joined, dong_names=("가동", "신사동", "신사동", "라동"))
    assert area_names(same)[:4] == ["가동", "관악구 신사동", "동작구 신사동", "라동"]
    assert area_indices({"동작구 신사동": 1, "가동": 2}, same) == {2: 1, 0: 2}
    with pytest.raises(BadSettingError, match="여러 곳"):
        area_indices({"신사동": 1}, same)
    with pytest.raises(BadSettingError, match="없는 행정동"):
        area_indices({"강남구": 1}, same)


def test_what_lies_too_far_apart_is_refused(two):
    near, far = two
    gone = replace(far, boundary=shapely.transform(far.boundary, lambda xy: xy + 100_000.0))
    with pytest.raises(BadSettingError, match="너무 멀거나 넓습니다"):
        join_districts([near, gone])
    with pytest.raises(ValueError, match="different hours"):
        join_districts([near, replace(far, at="2020-01-01 10:00")])


def test_many_districts_have_a_short_name():
    assert joined_name(["가구", "나구"]) == "가구·나구"
    assert joined_name(list("가나다라마바")) == "가 등 6개 구"
