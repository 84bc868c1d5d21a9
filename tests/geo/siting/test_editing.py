"""A plan changed by hand: counted as the gap table would, and beside the bound only where that bound speaks of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from geo.district import analyse, cover_of_district
from geo.frame import make_frame
from geo.model import Settings
from geo.plans import EDITED, Plan
from geo.siting.built import Built, with_built, with_plan
from geo.siting.editing import Base, edited
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.recount import recount, recount_change
from geo.siting.tally import Tally
from tests.geo.siting.test_planning import EFFORT, places, some
from tests.layers.test_district_input import GWANAK, of, world

SETTINGS = Settings()


@pytest.fixture(scope="module")
def source():
    return of(world(cctv=[(GWANAK, 100, 100)], security_light=[(GWANAK, 300, 300)]))


@pytest.fixture(scope="module")
def tally(source):
    return Tally(source, SETTINGS)


OFFERED = places(some(9))


@pytest.fixture(scope="module")
def plan(source):
    # As a store gives it back: lists for tuples.
    made = make_plan(source, SETTINGS, [Order(OFFERED, count=3)], effort=EFFORT)
    return Plan.from_dict(json.loads(json.dumps(made.as_dict())))


def picked(places, at):
    return replace(
        places, ids=tuple(places.ids[i] for i in at), x=places.x[at], y=places.y[at],
        once_krw=places.once_krw[at], year_krw=places.year_krw[at],
        kinds=("",) * len(at), names=("",) * len(at), flags=("",) * len(at),
    )  # fmt: skip


def chosen(plan):
    return [OFFERED.ids.index(site.id) for site in plan.sites]


def base(plan, **order):
    return Base(plan, {"cctv": Order(OFFERED, **({"count": 3} | order))})


def test_a_plan_left_as_it_is_is_counted_the_same(tally, plan):
    found = edited(tally, [picked(OFFERED, chosen(plan)[::-1])], years=5, base=base(plan))
    (layer,) = found.plan.layers
    assert [site.id for site in layer.sites] == [site.id for site in plan.sites]
    assert [site.score for site in layer.sites] == pytest.approx([site.score for site in plan.sites])
    assert (found.plan.before, found.plan.after) == pytest.approx((plan.before, plan.after), rel=1e-12)
    assert found.plan.gained["watched"] == pytest.approx(plan.gained["watched"], rel=1e-9)
    assert found.given[0].tolist() == [2, 1, 0]
    (against,) = found.against
    assert against.valid
    assert (against.below, against.share) == pytest.approx((0, 0), abs=1e-6)
    assert (layer.status, layer.bound) == (EDITED, pytest.approx(plan.layers[0].bound))


@pytest.mark.parametrize("at", [[0], [0, 1, 2, 3, 4, 5, 6, 7, 8], [4, 4], []])
def test_any_sites_are_counted_as_the_gap_table_counts_them(source, tally, at):
    found = edited(tally, [picked(OFFERED, at)], years=5)
    slow = recount(source, SETTINGS, {"watched": (OFFERED.x[at], OFFERED.y[at])})
    assert found.plan.after == pytest.approx(slow.after, rel=1e-12)
    assert found.plan.gained["watched"] == pytest.approx(slow.gained["watched"], rel=1e-9)
    assert sum(site.score for site in found.plan.sites) == pytest.approx(slow.after - slow.before, abs=1e-9)
    assert found.against == (None,)
    assert np.isnan(found.plan.layers[0].bound)
    assert Plan.from_dict(json.loads(json.dumps(found.plan.as_dict(), allow_nan=False))).layers[0].gap is not None


def test_what_a_site_alone_is_worth_is_what_is_lost_without_it(source, tally):
    at = [0, 2, 3, 5, 5, 8]
    found = edited(tally, [picked(OFFERED, at)], years=5)
    for given, lost in zip(found.given[0].tolist(), found.loses[0].tolist(), strict=True):
        rest = at[:given] + at[given + 1 :]
        slow = recount(source, SETTINGS, {"watched": (OFFERED.x[rest], OFFERED.y[rest])})
        assert lost == pytest.approx(found.plan.after - slow.after, abs=1e-9)


def test_a_worse_plan_says_how_far_it_is_below(tally, plan):
    worst = [i for i in range(9) if i not in chosen(plan)][:3]
    found = edited(tally, [picked(OFFERED, worst)], years=5, base=base(plan))
    (against,) = found.against
    assert against.valid
    assert against.below == pytest.approx(plan.layers[0].bound - found.plan.after)
    assert against.share == pytest.approx(against.below / (plan.layers[0].bound - plan.before))
    assert found.plan.layers[0].gap == against.share > 0


def moved(at):
    one = picked(OFFERED, at)
    return replace(one, x=one.x + 1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plan: ([picked(OFFERED, [0, 1, 2, 3])], {}, {}), "개소 수"),
        (lambda plan: ([moved([0, 1])], {}, {}), "후보지가 아니던"),
        (lambda plan: ([picked(OFFERED, [0])], {"years": 3}, {}), "햇수"),
        (lambda plan: ([picked(OFFERED, [0])], {"data_version": 9}, {}), "자료가"),
        (lambda plan: ([picked(OFFERED, [0])], {}, {"floor": 0.1}), "이 모형"),
        (lambda plan: ([picked(OFFERED, [0])], {}, {"forced": (5,)}), "넣을 곳"),
        (lambda plan: ([picked(OFFERED, [0, 1])], {}, {"budget_krw": 1.5e6}), "예산"),
    ],
)
def test_a_bound_that_does_not_speak_of_the_plan_is_not_claimed(tally, plan, change, said):
    wanted, how, order = change(plan)
    found = edited(tally, wanted, **({"years": 5} | how), base=base(plan, **order))
    (against,) = found.against
    assert not against.valid
    assert said in against.why[0]
    assert np.isnan(found.plan.layers[0].gap)


def test_other_settings_and_an_earlier_layer_take_the_bound_away(source, tally):
    lamps = places(some(6, seed=8), layer="security_light", needs=("lit",))
    orders = [Order(OFFERED, count=2), Order(lamps, count=2)]
    plan = make_plan(source, SETTINGS, orders, effort=EFFORT)
    whole = Base(plan, {"cctv": orders[0], "security_light": orders[1]})
    lit = [lamps.ids.index(site.id) for site in plan.layers[1].sites]
    kept = [OFFERED.ids.index(site.id) for site in plan.layers[0].sites]
    same = edited(tally, [picked(OFFERED, kept), picked(lamps, lit)], years=5, base=whole)
    assert [one.valid for one in same.against] == [True, True]
    assert same.plan.after == pytest.approx(plan.after, rel=1e-12)
    other = edited(tally, [picked(OFFERED, kept[:1]), picked(lamps, lit)], years=5, base=whole)
    assert [one.valid for one in other.against] == [True, False]
    far = edited(Tally(source, Settings(reach_factor=1.2)), [picked(OFFERED, kept)], years=5, base=whole)
    assert "설정" in far.against[0].why[0]


def test_a_tally_counts_only_what_changed_and_counts_it_right(source, tally):
    later = with_built(source, ("watched",), Built(OFFERED.x[:3], OFFERED.y[:3]))
    frame = make_frame(source, SETTINGS)
    slow, quick = cover_of_district(later, frame, SETTINGS), tally.cover(later)
    for need, cover in slow.by_need.items():
        np.testing.assert_array_equal(quick.by_need[need], cover)
    np.testing.assert_array_equal(quick.combined, slow.combined)
    assert tally.change(source, later).gained == pytest.approx(
        recount_change(source, later, SETTINGS).gained, nan_ok=True
    )
    ground = tally.ground(later)
    held = frame.households > 0
    np.testing.assert_allclose(ground.cover[ground.needs.index("watched")][held], slow.by_need["watched"][held])


def test_a_plan_carried_out_is_what_the_plan_says(source, plan):
    found = recount_change(source, with_plan(source, plan), SETTINGS)
    assert found.after == pytest.approx(plan.after, rel=1e-12)


@pytest.mark.parametrize("settings", [SETTINGS, Settings(gap_threshold=0.1, max_gap_ha=3.0, dense_share=1.0)])
def test_what_a_plan_does_for_each_gap_is_what_the_gap_table_finds_once_it_is_built(source, settings):
    plan = edited(Tally(source, settings), [OFFERED], years=5).plan
    first, later = analyse(source, settings), analyse(with_plan(source, plan), settings)
    ranks = {cell: gap.rank for gap in later.gaps for cell in gap.cells}
    wanted = {}
    for gap in first.gaps:
        h = first.cells.households[gap.cells]
        left = [ranks[cell] for cell in gap.cells.tolist() if cell in ranks]
        uncovered = float(h @ (1 - later.cells.cover[gap.cells]))
        if gap.uncovered_households - uncovered >= 0.05:
            wanted[gap.rank] = (uncovered, 1 - uncovered / h.sum(), min(left, default=None), len(left))
    assert wanted
    assert {one.rank: (pytest.approx(one.uncovered_after), pytest.approx(one.cover_after), one.rank_after,
                       one.cells_left) for one in plan.gaps} == wanted  # fmt: skip
    assert (None in {one.rank_after for one in plan.gaps}) == (settings is not SETTINGS)
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))).gaps == plan.gaps
