"""What a page draws: its two parts are the map's data, follow the settings, and withhold what public maps do."""

import json
from dataclasses import replace

import numpy as np
import pytest

from geo.district import analyse
from geo.model import DataState, Settings
from layers.catalog import load_catalog
from layers.district_input import district_input
from layers.snapshot import take_snapshot
from layers.store import open_store
from maps import payload, views
from maps.editions import shown

GROUND, VIEW = "/v1/districts/99999/ground", "/v1/districts/99999/view"
INTERNAL = {"edition": "internal"}


@pytest.fixture(scope="module")
def source(sample_store):
    catalog = load_catalog()
    return district_input(
        take_snapshot(open_store(str(sample_store), catalog), district="99999"), catalog, "99999", reach_factor=2
    )


def plain(value):
    def number(one):
        return one.item() if isinstance(one, np.generic) else list(one)

    return json.loads(json.dumps(value, default=number))


def test_ground_and_view_together_are_the_data_of_the_map(service, source):
    catalog = load_catalog()
    asked = INTERNAL | {"reach": "1.5", "weight": "lit=0.5", "threshold": "0.6"}
    view = service.get(VIEW, role="planner", params=asked)
    assert view.status_code == 200, view.text
    ground = service.get(GROUND, role="planner", params=INTERNAL)
    assert ground.json()["data_version"] == view.json()["data_version"]
    both = payload.merged(ground.json(), view.json())
    result = analyse(source, Settings(reach_factor=1.5, weights={"lit": 0.5}, gap_threshold=0.6))
    expected = plain(payload.payload(result, catalog, shown(result, catalog, "internal")))
    assert {name: both[name] for name in expected if name not in {"dongs", "cells"}} == {
        name: value for name, value in expected.items() if name not in {"dongs", "cells"}
    }
    for name in ("dongs", "cells"):
        assert {key: both[name][key] for key in expected[name]} == expected[name]
    assert len(view.json()["gap_rows"]) == len(result.gaps)
    rows = view.json()["dongs"]["rows"]
    assert sum(row["households"] for row in rows) == pytest.approx(result.households)
    assert ground.json()["dongs"]["codes"] == [row["dong"] for row in rows]


def test_what_is_not_known_is_null_and_never_zero(service, source):
    about = service.get(VIEW, role="planner", params=INTERNAL).json()["about"]
    assert {row["state"] for row in about["needs"]} == {"loaded"}
    assert about["at_default"] is True
    assert any("가상 자료" in heading for heading in about["headings"])
    supplies = tuple(replace(s, state=DataState.NONE) if s.need.id == "lit" else s for s in source.supplies)
    result = analyse(replace(source, supplies=supplies), Settings())
    drawn = views.view(result, load_catalog(), "internal")
    (lit,) = (row for row in drawn["about"]["needs"] if row["need"] == "lit")
    assert (lit["state"], lit["share_covered"], lit["uncovered_households"]) == ("none", None, None)
    assert "lit" not in drawn["cells"]["cover"]
    assert drawn["dongs"]["rows"][0]["share_lit"] is None


def test_what_a_plan_may_hold_is_told(service):
    ground = service.get(GROUND, role="planner", params=INTERNAL).json()
    kinds = {layer["layer"]: layer for layer in ground["plannable"]}
    assert kinds["cctv"]["candidates"] == ["grid:50"]
    assert kinds["cctv"]["cost"]["once_krw"] == {"low": 13_000_000, "default": 22_000_000, "high": 25_000_000}
    assert kinds["locker"]["cost"]["once_krw"] is None
    assert (kinds["patrol_zone"]["geometry"], kinds["patrol_zone"]["candidates"]) == ("zone", ["dong"])
    assert [land["id"] for land in ground["within"]][:2] == ["gaps", "district"]


def test_the_public_sees_dong_and_public_layers_only(service):
    ground, view = service.get(GROUND).json(), service.get(VIEW, params={"who": "여성,20-39", "reach": "2"}).json()
    assert (ground["edition"], view["edition"]) == ("public", "public")
    assert "patrol_zone" not in {layer["id"] for layer in ground["layers"]}
    assert set(ground) == {
        "data_version", "name", "edition", "bounds", "boundary", "dongs", "layers", "code", "made_up", "need_names",
        "english",
    }  # fmt: skip
    assert ground["english"]["보안등"] == "Security lights"
    assert "안심마을보안관 구역" not in ground["english"]  # no layer for the staff is named
    assert set(view) == {"data_version", "edition", "dongs", "density", "about"}
    assert set(view["about"]) == {"made_up", "headings", "data_dates", "data_range", "undated", "households"}
    assert set(view["dongs"]) == {"class", "facts"}
    assert view == service.get(VIEW).json()  # nobody is told apart by asking for some people alone


@pytest.mark.parametrize("path", [GROUND, VIEW])
def test_only_what_changed_is_sent_again(service, path):
    first = service.get(path, role="planner", params=INTERNAL)
    again = service.get(path, role="planner", params=INTERNAL, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["cache-control"]
    refused = service.get(path, params=INTERNAL)
    assert (refused.status_code, refused.json()["code"]) == (403, "role")


def test_stability_is_told_where_asked(service):
    asked = service.get(VIEW, role="planner", params=INTERNAL | {"stability": "3"}).json()
    assert all(row["stability"] is not None for row in asked["gap_rows"])
    assert all(
        row["stability"] is None for row in service.get(VIEW, role="planner", params=INTERNAL).json()["gap_rows"]
    )
