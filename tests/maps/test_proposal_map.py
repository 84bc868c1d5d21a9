"""A call for proposals in the map's file: marks and list, what is not in it, and for whom it is not made."""

import re
from dataclasses import replace

import numpy as np
import pytest

from geo.crs import to_lonlat
from geo.district import analyse
from geo.errors import BadSettingError
from geo.grid import cell_names
from geo.proposals import Decision, Limits, Part, Proposal, Round
from maps import proposal_json
from maps.district import district_map, write_district_map
from maps.proposal_map import proposal_payload, proposals_of
from maps.proposal_table import proposal_table, reason_of, stage_of
from tests.layers.test_district_input import CATALOG, GWANAK, of, world

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>${alert(3)}"
SECRET = "010-1234-5678"


@pytest.fixture(scope="module")
def result():
    return analyse(of(world(cctv=[(GWANAK, 100, 100, {"name": "카메라", "road_address": ""})])))


@pytest.fixture(scope="module")
def made(result):
    source = result.source
    x, y = (float(v) for v in result.cells.x[:1]), (float(v) for v in result.cells.y[:1])
    point = {"x": next(x), "y": next(y), "located_by": "coordinates"}
    dong = {"dongs": (source.dong_codes[0],), "dong_name": source.dong_names[0], "located_by": "dong"}
    own = {"district": source.code, "proposer": SECRET, "said": {"내용": SECRET}}
    ones = (
        Proposal(1, name=HOSTILE, score=80.0, rank=1, shortlisted=True, points={"표": 80.0}, **own, **point),
        Proposal(2, name="동 전체", score=60.0, rank=2, why_not="below_line", **own, **dong),
        Proposal(3, name="현장", score=50.0, rank=3, decisions=(Decision("held", HOSTILE, "1"),), **own, **point),
        Proposal(4, name="같은 곳", struck="duplicate", same_as=1, **own, **point),
        Proposal(5, name="다른 구", district="99998"),
    )
    return Round(HOSTILE, "2026", ("가.csv",), 1, (Part("표", 1.0, "table"),), ones, {source.code: "관악구"})


def test_without_a_shortlist_nothing_is_called_off_it(made):
    """And with one, what is outside it is."""
    listed = replace(made, limits=Limits(1))
    assert [reason_of(made.proposals[2], one) for one in (made, listed)] == [HOSTILE, f"{HOSTILE} (추천 밖에서)"]
    assert [stage_of(made.proposals[1], one) for one in (made, listed)] == ["결정 전", "추천 밖"]


def test_points_are_transformed_as_one_array(made, monkeypatch):
    """And each has its own place, those without a point none."""
    point, dong = made.proposals[0], made.proposals[1]
    ones = [replace(point, number=n, x=950_000.0 + 1_000 * n, y=1_940_000.0 - 500 * n) for n in (1, 3, 5)]
    call = replace(made, proposals=(ones[0], replace(dong, number=2), ones[1], Proposal(4), ones[2]))
    asked = []
    monkeypatch.setattr(proposal_json, "to_lonlat", lambda x, y: asked.append(len(x)) or to_lonlat(x, y))
    told = {p["number"]: (p["lon"], p["lat"], p["grid_id"]) for p in proposal_json.round_json(call)["proposals"]}
    assert asked == [3]
    assert told[2] == told[4] == (None, None, "")
    for p in ones:
        at = np.array([p.x]), np.array([p.y])
        lon, lat = (round(float(value[0]), 7) for value in to_lonlat(*at))
        assert told[p.number] == (lon, lat, cell_names(*at, 10)[0])
    table = proposal_table(call).set_index("number")
    assert table["grid_id"].to_dict() == {n: place[2] for n, place in told.items()} | {2: ""}


def test_a_point_is_marked_and_a_dong_is_not_pretended_to_be_one(result, made):
    judged, struck = proposals_of(made, result.source.code)
    assert ([p.number for p in judged], [p.number for p in struck]) == ([1, 2, 3], [4])
    marks = proposal_payload(made, result)
    assert [(mark["number"], mark["state"]) for mark in marks] == [
        ("1", "shortlisted"), ("2", "scored"), ("?3", "held"),
    ]  # fmt: skip
    assert marks[0]["place"] is not None
    assert (marks[1]["place"], marks[1]["dongs"]) == (None, [0])


def test_what_proposers_wrote_is_not_in_the_file_and_names_are_text(result, made):
    page = district_map(result, CATALOG, proposals=made)
    assert SECRET not in page
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "data-proposal=" not in district_map(result, CATALOG)


def test_the_public_edition_has_no_proposals(result, made):
    with pytest.raises(BadSettingError, match="공개용 지도에는 제안을"):
        district_map(result, CATALOG, edition="public", proposals=made)


def test_in_english_only_what_people_wrote_is_korean(result, made):
    quiet = replace(made, name="call", proposals=tuple(replace(p, name=f"p{p.number}") for p in made.proposals))
    page = district_map(result, CATALOG, proposals=quiet, lang="en")
    tab = page[page.index('id="panel-proposals"') : page.index('id="panel-gaps"')]
    bare = re.sub(r'<(\w+)[^>]*translate="no"[^>]*>.*?</\1>', "", tab)
    assert not re.search("[가-힣]", bare), re.findall("[^<>]*[가-힣][^<>]*", bare)


@pytest.mark.browser
def test_list_and_marks_find_each_other(result, made, chromium, tmp_path):
    from tests.maps.test_map_browser import Page  # noqa: PLC0415

    write_district_map(result, CATALOG, tmp_path / "제안.html", proposals=made)
    opened = Page(chromium, tmp_path / "제안.html", 1280, 800)
    page = opened.page
    assert page.locator(".proposal-mark").count() == 3
    assert page.locator(".proposal-mark.of-dong").count() == 1
    page.locator(".proposal-mark.of-dong span").click()
    assert "행정동만 앎" in page.inner_text(".leaflet-popup")
    assert "chosen" in page.get_attribute("tr[data-proposal='1']", "class")
    page.click("tr[data-proposal='0'] button")
    page.wait_for_selector(".leaflet-popup h3:has-text('alert(3)')")
    assert HOSTILE in page.inner_text(".leaflet-popup-pane")
    assert page.locator(".proposal-mark.picked").count() == 1
    assert page.locator("#panel img, .leaflet-popup img").count() == 0
    opened.quiet()
