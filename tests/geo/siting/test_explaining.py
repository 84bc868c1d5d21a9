"""Why nothing here: every answer there is."""

import pytest

from geo.model import Settings
from geo.siting.explaining import Reason, explain
from geo.siting.model import Effort
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from tests.geo.siting.test_planning import places
from tests.layers.test_district_input import GWANAK, of, world

HERE, THERE = 0, 1  # two dong, each 500 m wide


@pytest.fixture(scope="module")
def source():
    return of(world(cctv=[(GWANAK, 100, 100)]))


def planned(source, offered, count=1):
    return make_plan(source, Settings(), [Order(offered, count=count)], effort=Effort(seconds=10, threads=1))


def test_less_for_the_money(source):
    # In the first dong half of the disc falls outside the district: half is gained.
    offered = places([(0.5, 700), (750, 500)])
    found = explain(source, Settings(), offered, HERE, planned(source, offered))
    assert found.reason is Reason.LESS_FOR_MONEY
    assert found.per_million / found.least == pytest.approx(0.5, abs=0.03)
    assert (found.place, found.candidates) == (0, 1)


def test_as_good_but_the_number_was_reached(source):
    offered = places([(250, 700), (250, 300), (750, 500)])
    plan = planned(source, offered)
    dong = THERE if plan.sites[0].dong_name == "가동" else HERE
    found = explain(source, Settings(), offered, dong, plan)
    assert found.reason in {Reason.AS_GOOD, Reason.LESS_FOR_MONEY}
    assert found.per_million == pytest.approx(found.least, rel=0.02)


def test_the_other_answers(source):
    offered = places([(250, 700)])
    assert explain(source, Settings(), offered, THERE, None).reason is Reason.NO_PLACE
    assert explain(source, Settings(), offered, HERE, None).reason is Reason.NO_PLAN
    assert explain(source, Settings(), places([(100, 100)]), HERE, None).reason is Reason.NOTHING_TO_GAIN
    assert explain(source, Settings(), places([(250, 700)], once=float("nan")), HERE, None).reason is Reason.NO_COST
    found = explain(source, Settings(), places([(250, 700)], needs=("parcel",)), HERE, None)
    assert found.reason is Reason.CANNOT_JUDGE
    assert "자료가 없습니다" in found.said


def test_once_built_a_place_gains_nothing_more(source):
    offered = places([(250, 700)])
    assert explain(source, Settings(), offered, HERE, planned(source, offered)).reason is Reason.NOTHING_TO_GAIN
