"""Scores of proposals by hand, the shortlist against what it must be, and the decisions that are kept."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo.proposals
from geo.errors import BadSettingError
from geo.proposal_committee import (
    DecidedMeanwhileError,
    UnknownProposalError,
    check_name,
    check_stamp,
    decided,
    merged,
    relisted,
    stamp_of,
    taken_back,
)
from geo.proposal_ground import Ground
from geo.proposals import Decision, Limits, Part, Proposal, Round, scored, shortlisted, standing

NAN = float("nan")
CRIME, HOMES, ZONE = (
    Part("5대 범죄", 50, "table"),
    Part("가구", 30, "households"),
    Part("강화구역", 20, "inside", low=0, high=1),
)
PARTS = (CRIME, replace(HOMES, better="less"), ZONE)


def proposals(n, **changes):
    return [Proposal(i + 1, district="11", x=0.0, y=0.0, **changes) for i in range(n)]


def test_scores_worked_by_hand():
    """Crime 10, 20, 30 is 0, 0.5, 1; less households is better: 100, 300, 200 is 1, 0, 0.5; the zone is as it is."""
    found = scored(
        proposals(3),
        PARTS,
        {"5대 범죄": np.array([10.0, 20, 30]), "가구": np.array([100.0, 300, 200]), "강화구역": np.array([0.25, 0, 1])},
    )
    assert [p.points for p in found] == [
        {"5대 범죄": 0.0, "가구": 30.0, "강화구역": 5.0},
        {"5대 범죄": 25.0, "가구": 0.0, "강화구역": 0.0},
        {"5대 범죄": 50.0, "가구": 15.0, "강화구역": 20.0},
    ]
    assert [(p.score, p.rank) for p in found] == [(35.0, 2), (25.0, 3), (85.0, 1)]
    assert found[0].found == {"5대 범죄": 10.0, "가구": 100.0, "강화구역": 0.25}


def test_a_part_without_data_is_left_out_and_never_zero():
    values = {"5대 범죄": np.array([10.0, 20, NAN]), "가구": np.array([1.0, 2, 2]), "강화구역": np.array([1.0, 0, 1])}
    one, _, three = scored(proposals(3), PARTS, values)
    assert (one.score, one.flags) == (50.0, ())
    assert three.points == {"5대 범죄": None, "가구": 0.0, "강화구역": 40.0}  # 20 of the 50 that are left
    assert (three.score, three.flags) == (40.0, ("missing:5대 범죄",))


def test_what_is_struck_out_takes_no_part_in_the_scale():
    ones = proposals(3)
    ones[2] = replace(ones[2], struck="duplicate", same_as=1)
    found = scored(ones, (CRIME,), {"5대 범죄": np.array([10.0, 20, 1000])})
    assert [p.score for p in found] == [0.0, 100.0, None]
    assert (found[2].rank, found[2].found) == (None, {})


def test_equal_scores_have_one_rank_and_equal_values_all_of_the_part():
    found = scored(proposals(4), (CRIME,), {"5대 범죄": np.array([5.0, 9, 9, 1])})
    assert [p.rank for p in found] == [3, 1, 1, 4]
    assert standing(np.array([7.0, 7]), CRIME).tolist() == [1.0, 1.0]
    assert standing(np.array([-5.0, 0.5, 9]), ZONE).tolist() == [0.0, 0.5, 1.0]  # cut off beyond its ends


def test_a_part_without_any_data_is_refused():
    with pytest.raises(BadSettingError, match="5대 범죄"):
        scored(proposals(2), (CRIME,), {"5대 범죄": np.array([NAN, NAN])})
    with pytest.raises(BadSettingError, match="가중치"):
        scored(proposals(1), (replace(CRIME, weight=0),), {"5대 범죄": np.array([1.0])})


def listed(scores, districts, limits):
    ones = [replace(p, score=s, district=d) for p, s, d in zip(proposals(len(scores)), scores, districts, strict=True)]
    return shortlisted(ones, limits)


def test_a_shortlist_by_hand():
    scores, districts = [90, 80, 70, 60, 50, None], "AAABCA"
    found, notes = listed(scores, districts, Limits(3, most_per_district=2))
    assert [p.shortlisted for p in found] == [True, True, False, True, False, False]
    assert [p.why_not for p in found] == ["", "", "district_limit", "", "below_line", ""]
    assert notes == ()
    found, _ = listed(scores, districts, Limits(3, least_per_district=1))
    assert [p.number for p in found if p.shortlisted] == [1, 4, 5]


class Unsearched(list):
    """A list that nobody may look through: with 10,000 proposals that is 50 million comparisons."""

    def __contains__(self, _one):
        raise AssertionError("looked through once a proposal")


def test_a_shortlist_of_many_looks_none_up_in_a_list(monkeypatch):
    monkeypatch.setattr(geo.proposals, "sorted", lambda *a, **k: Unsearched(sorted(*a, **k)), raising=False)
    found, _ = listed([5.0, 4, 3, None], "AAAA", Limits(1))
    assert [p.why_not for p in found] == ["", "below_line", "below_line", ""]


@given(st.lists(st.none() | st.integers(0, 6), min_size=1, max_size=12).filter(any))
def test_a_rank_counts_those_above(values):
    found = scored(proposals(len(values)), (CRIME,), {"5대 범죄": np.array(values, float)})
    for p, value in zip(found, values, strict=True):
        above = sum(other is not None and value is not None and other > value for other in values)
        assert p.rank == (None if value is None else 1 + above)


def test_equal_scores_at_the_line_are_said():
    found, notes = listed([5.0, 3, 3, 3], "AAAA", Limits(2))
    assert [p.number for p in found if p.shortlisted] == [1, 2]
    assert "3, 4번 (3.00점)" in notes[0]


@pytest.mark.parametrize("limits", [Limits(0), Limits(3, 1, 2), Limits(1, None, 1), Limits(3, 0)])
def test_limits_that_contradict_each_other(limits):
    with pytest.raises(BadSettingError):
        listed([5.0, 4, 3], "ABB", limits)


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 5)), st.sampled_from("ABCD")), max_size=14),
    st.integers(4, 9),
    st.integers(1, 4) | st.none(),
    st.integers(0, 1),
)
def test_nobody_better_is_left_out_without_a_reason(rows, size, most, least):
    found, _ = listed([s for s, _ in rows], [d for _, d in rows], Limits(size, most, least))
    inside = [p for p in found if p.shortlisted]
    count = {d: sum(p.district == d for p in inside) for d in "ABCD"}
    assert len(inside) <= size
    assert all(p.score is not None for p in inside)
    assert most is None or max(count.values()) <= most
    for p in found:
        if p.score is None or p.shortlisted:
            continue
        assert count[p.district] >= least
        full = most is not None and count[p.district] >= most
        assert full == (p.why_not == "district_limit")
        worse = [q for q in inside if (q.score, -q.number) < (p.score, -p.number) and q.district != p.district]
        assert not [q for q in inside if q.district == p.district and (q.score, -q.number) < (p.score, -p.number)]
        assert full or all(least and count[q.district] <= least for q in worse)
        assert full or len(inside) == size


def call(*ones):
    return Round("공모", "2025-01-01", ("가.csv",), 1, PARTS, ones, {"11": "가구", "12": "나구", "13": "다구"})


def test_decisions_are_kept_one_after_another():
    made = call(Proposal(1, district="11"), Proposal(2, struck="unresolved"))
    held, chosen = Decision("held", "더 봄", "1"), Decision("chosen", "어두움", "2")
    made = decided(decided(made, {1: held}), {1: chosen})
    assert made.proposals[0].decisions == (held, chosen)
    assert made.proposals[0].stage == "chosen"
    assert decided(made, {1: replace(chosen, when="3")}) == made  # said again
    with pytest.raises(UnknownProposalError, match=r"9번 제안이 없습니다"):
        decided(made, {9: chosen})
    for bad in ({2: chosen}, {1: replace(chosen, reason=" ")}, {1: replace(chosen, outcome="maybe")}):
        with pytest.raises(BadSettingError):
            decided(made, bad)


def test_a_decision_taken_back_gives_way_to_the_one_before_and_stays_written():
    held, chosen = Decision("held", "더 봄", "1", "가"), Decision("chosen", "어두움", "2", "나")
    made = decided(decided(call(Proposal(1, score=5.0, shortlisted=True)), {1: held}), {1: chosen})
    made = taken_back(made, 1, when="3", who="다", reason="잘못 누름")
    assert made.proposals[0].decision == held
    made = taken_back(made, 1, when="4")
    assert (made.proposals[0].decision, made.proposals[0].stage) == (None, "shortlisted")
    with pytest.raises(BadSettingError, match=r"되돌릴 결정이 없습니다"):
        taken_back(made, 1, when="5")
    with pytest.raises(UnknownProposalError):
        taken_back(made, 2, when="5")
    made = decided(made, {1: chosen})
    assert made.proposals[0].decision == chosen
    outcomes = [entry.outcome for entry in made.proposals[0].decisions]
    assert outcomes == ["held", "chosen", "taken_back", "taken_back", "chosen"]
    assert [entry.who for entry in made.proposals[0].decisions] == ["가", "나", "다", "", "나"]
    assert Round.from_dict(made.as_dict()).proposals == made.proposals


def test_a_stamp_tells_of_what_was_done_meanwhile():
    made = call(Proposal(1, score=5.0), Proposal(2, score=4.0))
    one, two = (stamp_of(made, p) for p in made.proposals)
    check_stamp(made, made.proposals[0], one)
    check_stamp(made, made.proposals[0], "")
    later = decided(made, {1: Decision("held", "더 봄", "1")})
    check_stamp(later, later.proposals[1], two)
    for other in (later, taken_back(later, 1, when="2"), replace(made, made_at="2025-01-02")):
        with pytest.raises(DecidedMeanwhileError):
            check_stamp(other, other.proposals[0], one)


def test_a_shortlist_is_made_anew_and_taken_away():
    made = call(Proposal(1, score=5.0, district="11"), Proposal(2, score=4.0, district="11"))
    made = replace(made, notes=("쪽지",))
    short = relisted(made, merged(None, 1, None, None))
    assert [(p.shortlisted, p.why_not) for p in short.proposals] == [(True, ""), (False, "below_line")]
    longer = relisted(short, merged(short.limits, None, 1, None))
    assert (longer.limits, longer.proposals[1].why_not) == (Limits(1, 1, 0), "district_limit")
    assert relisted(relisted(made, Limits(5)), None) == made
    with pytest.raises(BadSettingError, match=r"건수가 없습니다"):
        merged(None, None, 3, None)


@pytest.mark.parametrize("name", ["", " ", "가/나", ".", "..", "두\n줄", "가" * 101])
def test_names_that_no_address_can_hold(name):
    with pytest.raises(BadSettingError, match=r"이름으로 쓸 수 없습니다"):
        check_name(name)
    check_name("2024 <보안관>")


def test_who_sent_none():
    made = call(Proposal(1, district="11", side="district"), Proposal(2, district="12", side="public"))
    assert (made.silent, made.unheard) == (("12", "13"), ("13",))
    assert Round.from_dict(made.as_dict()).as_dict() == made.as_dict()


GROUND = Ground(
    x=np.array([0.0, 100, 200, 1000]), y=np.zeros(4), dong=np.array(["a", "a", "b", "b"], object),
    households=np.array([10.0, 30, 0, 60]), cover={"watched": np.array([1.0, 0.5, 0.0, 0.2])},
)  # fmt: skip


def test_the_ground_of_a_point_and_of_a_dong_by_hand():
    point = Proposal(1, x=50.0, y=0.0, located_by="coordinates", dongs=("a",))
    dongs = Proposal(2, x=0.0, y=0.0, located_by="dong", dongs=("a", "b"))
    empty = Proposal(3, x=200.0, y=0.0, located_by="coordinates")
    away = Proposal(4, x=9e9, y=0.0, located_by="coordinates")
    struck = replace(point, struck="duplicate")
    every = [point, dongs, empty, away, struck]
    part = Part("가구", 1, "households", within_m=60)
    np.testing.assert_array_equal(GROUND.value(part, every), [40, 100, 0, NAN, NAN])
    cover = replace(part, what="cover", source="watched")
    # (10 x 1 + 30 x 0.5) / 40; (25 + 60 x 0.2) / 100; nobody lives there: the cell's own.
    np.testing.assert_allclose(GROUND.value(cover, every), [0.625, 0.37, 0.0, NAN, NAN])
    np.testing.assert_allclose(GROUND.value(replace(cover, what="uncovered"), every)[:2], [15, 63])
    with pytest.raises(BadSettingError, match="모르는 필요"):
        GROUND.value(replace(cover, source="kindness"), every)


def test_ground_without_data_for_the_need_has_no_value():
    gappy = replace(GROUND, cover={"watched": np.array([NAN, 0.5, 0.0, 0.2])})
    one = [Proposal(1, x=50.0, y=0.0, located_by="coordinates")]
    assert np.isnan(gappy.value(Part("CCTV", 1, "cover", "watched", within_m=60), one)[0])
