"""Plans over HTTP: made as the library makes them, changed by hand, kept, compared, written, drawn, and refused."""

import io
import json

import numpy as np
import openpyxl
import pyogrio
import pytest

from geo.crs import to_lonlat
from geo.model import Settings
from geo.plans import Plan
from geo.siting.built import Built, with_built
from geo.siting.model import Effort
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.recount import recount_change
from layers.candidates import Asked
from layers.catalog import load_catalog
from layers.district_input import district_input
from layers.placing import Placing
from layers.snapshot import take_snapshot
from layers.store import open_store
from tests.api.conftest import serving

PLANS = "/v1/districts/99999/plans"
CCTV = {"layer": "cctv", "budget_krw": 100_000_000, "candidates": ["grid:200"], "within": "district"}
SECONDS = {"seconds": 3}


@pytest.fixture(scope="module")
def service(sample_store, tmp_path_factory):
    """A service whose store is its own: plans are kept in it."""
    folder = tmp_path_factory.mktemp("plans")
    store = folder / "s.gpkg"
    store.write_bytes(sample_store.read_bytes())
    with serving(store, folder) as running:
        running.store = open_store(str(store), load_catalog())
        yield running


@pytest.fixture(scope="module")
def source(sample_store):
    catalog = load_catalog()
    snapshot = take_snapshot(open_store(str(sample_store), catalog), district="99999")
    return district_input(snapshot, catalog, "99999")


def post(service, path, body, **more):
    return service.post(path, role="planner", json=body, **more)


@pytest.fixture(scope="module")
def made(service):
    answer = post(service, PLANS, {"layers": [CCTV], **SECONDS, "name": "첫 계획"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_plan_is_that_of_the_library(made, service, source):
    catalog, store = load_catalog(), service.store
    snapshot = take_snapshot(store, district="99999")
    (places,) = Placing(store, snapshot, catalog, "99999", list).places([
        Asked(catalog.layers["cctv"], ("grid:200",), within="district")
    ])  # fmt: skip
    plan = make_plan(source, Settings(), [Order(places, 100e6)], effort=Effort(seconds=3))
    assert [site["id"] for site in made["sites"]] == [site.id for site in plan.sites]
    assert made["after"] == pytest.approx(plan.after, rel=1e-12)
    assert made["layers"][0]["proof"]["ko"].endswith("계획입니다 (최적, 증명됨)")
    assert made["layers"][0]["proof"]["en"].endswith("(optimal, proved)")
    assert made["total_krw"] == 88_000_000


def test_sites_are_numbered_placed_and_add_up(made):
    sites, (layer,) = made["sites"], made["layers"]
    assert [site["number"] for site in sites] == list(range(1, len(sites) + 1))
    lon, lat = to_lonlat(np.array([s["x"] for s in sites]), np.array([s["y"] for s in sites]))
    assert [s["lon"] for s in sites] == pytest.approx(lon, abs=1e-7)
    assert [s["lat"] for s in sites] == pytest.approx(lat, abs=1e-7)
    assert all(site["grid_id"].startswith("다사") or len(site["grid_id"]) > 8 for site in sites)
    assert layer["curve"]["krw"] == pytest.approx([0, 22e6, 44e6, 66e6, 88e6])
    assert layer["curve"]["score"][-1] == pytest.approx(made["after"] - made["before"], abs=1e-4)
    assert layer["curve"]["gained"]["watched"][-1] == pytest.approx(made["gained"]["watched"], abs=1e-4)
    assert sites[0]["per_million"]["watched"] == pytest.approx(sites[0]["gained"]["watched"] / 22)
    assert layer["reach_m"] == [22.0, 57.0]
    assert set(made["cover"]) == {"combined", "watched"}


def test_progress_is_told_and_then_the_plan(service, made):
    answer = post(service, PLANS, {"layers": [CCTV], **SECONDS}, headers={"accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n", 1) for block in answer.text.strip().split("\n\n")]
    assert [name for name, _ in events][-1] == "event: result"
    told = [json.loads(data.removeprefix("data: ")) for _, data in events]
    assert all(set(one) == {"what", "value", "bound"} for one in told[:-1])
    assert len(told) > 1
    assert [site["id"] for site in told[-1]["sites"]] == [site["id"] for site in made["sites"]]
    assert told[-1]["name"] == ""


def edit(service, body, **more):
    answer = post(service, f"{PLANS}/evaluate", body, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_plan_left_alone_is_counted_the_same(service, made):
    sites = [{"id": site["id"], "key": str(i)} for i, site in enumerate(made["sites"])]
    found = edit(service, {"draft": made["draft"], "layers": [{"layer": "cctv", "sites": sites[::-1]}]})
    assert found["after"] == pytest.approx(made["after"], rel=1e-12)
    assert [site["key"] for site in found["sites"]] == ["0", "1", "2", "3"]
    assert [site["given"] for site in found["sites"]] == [3, 2, 1, 0]
    (layer,) = found["layers"]
    assert layer["against"]["valid"]
    assert layer["against"]["below"] == pytest.approx(0, abs=1e-6)
    assert (found["edited"], found["status"]) == (True, "edited")
    assert found["cover"] == made["cover"]
    assert found["sites"][0]["once_krw"] == 22_000_000


def test_moved_added_and_removed_by_hand(service, made, source):
    first, *rest = made["sites"]
    sites = [
        {"x": first["x"] + 30, "y": first["y"]},
        {"id": rest[0]["id"]},
        {"lon": rest[1]["lon"], "lat": rest[1]["lat"], "once_krw": 13_000_000, "key": "moved"},
    ]
    found = edit(service, {"draft": made["draft"], "layers": [{"layer": "cctv", "sites": sites}]})
    x = np.array([first["x"] + 30, rest[0]["x"], rest[1]["x"]])
    y = np.array([first["y"], rest[0]["y"], rest[1]["y"]])
    slow = recount_change(source, with_built(source, ("watched",), Built(x, y)), Settings())
    assert found["after"] == pytest.approx(slow.after, rel=1e-5)  # lon and lat come in 1e-7 degree
    assert found["total_krw"] == 22_000_000 * 2 + 13_000_000
    against = found["layers"][0]["against"]
    assert (against["valid"], against["share"]) == (False, None)
    assert "후보지가 아니던" in against["why"]["ko"]
    assert against["why"]["en"] == "a site was no candidate"
    assert found["layers"][0]["bound"] is None
    assert "증명되지 않았습니다" in found["layers"][0]["proof"]["ko"]
    lone = next(site for site in found["sites"] if site["key"] == "moved")
    assert lone["kind"] == "손으로 놓은 자리"
    assert lone["loses"] > 0


def test_without_a_draft_sites_are_counted_for_what_they_are(service, made):
    pole = service.store.read("security_light")["key"].iloc[0]
    sites = [{"id": f"security_light:{pole}"}, {"id": made["sites"][0]["grid_id"]}]
    found = edit(service, {"layers": [{"layer": "cctv", "sites": sites}], "settings": {"reach": 1.5}, "years": 3})
    kinds = {site["id"].split(":")[0]: site for site in found["sites"]}
    assert (kinds["security_light"]["kind"], kinds["security_light"]["once_krw"]) == ("기존 지주", 7_650_000)
    assert found["layers"][0]["against"] is None
    assert found["layers"][0]["reach_m"] == [33.0, 85.5]
    assert found["years"] == 3
    none = edit(service, {"layers": [{"layer": "cctv", "sites": []}]})
    assert (none["after"], none["sites"]) == (none["before"], [])


def test_an_edited_plan_is_kept_told_written_compared_and_forgotten(service, made, tmp_path):
    sites = [{"id": site["id"]} for site in made["sites"][1:]]
    found = edit(service, {"draft": made["draft"], "layers": [{"layer": "cctv", "sites": sites}]})
    put = service.request("PUT", "/v1/plans/고친 것", role="planner", json={"draft": found["draft"]})
    assert put.status_code == 200, put.text
    listed = service.get("/v1/plans", role="planner", params={"district": "안심구"}).json()["plans"]
    assert [(plan["name"], plan["edited"], plan["current"]) for plan in listed] == [
        ("고친 것", True, True), ("첫 계획", False, True)
    ]  # fmt: skip
    told = service.get("/v1/plans/고친 것", role="planner").json()
    assert told["made_at"].startswith("2026-03-04T23:00")
    assert {k: told[k] for k in ("after", "gained", "sites", "cover")} | {"sites": len(told["sites"])} == {
        "after": found["after"], "gained": found["gained"], "sites": 3, "cover": found["cover"],
    }  # fmt: skip
    compared = service.get("/v1/plans/compare", role="planner", params={"name": ["첫 계획", "고친 것"]}).json()
    assert compared["comparable"]
    assert compared["shared"] == [[4, 3], [3, 3]]
    assert compared["only"] == [[f"cctv/{made['sites'][0]['id']}"], []]
    assert compared["plans"][0]["share"] == 1.0
    for kind in ("csv", "geojson", "gpkg", "xlsx"):
        kept = service.get("/v1/plans/고친 것", role="planner", params={"format": kind})
        drafted = post(service, "/v1/plans/file", {"draft": found["draft"]}, params={"format": kind})
        assert (kept.status_code, drafted.status_code) == (200, 200)
        check_file(kind, drafted.content, tmp_path)
        check_file(kind, kept.content, tmp_path)
    said = service.get("/v1/plans/고친 것", role="planner", params={"format": "xlsx", "lang": "en"})
    assert "Assumptions and sources" in openpyxl.load_workbook(io.BytesIO(said.content), read_only=True).sheetnames
    assert service.request("DELETE", "/v1/plans/고친 것", role="planner").status_code == 204
    gone = service.get("/v1/plans/고친 것", role="planner")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_plan")


def check_file(kind, content, folder):
    path = folder / f"p.{kind}"
    path.write_bytes(content)
    if kind == "geojson":
        assert len(json.loads(content)["features"]) == 3
    elif kind == "xlsx":
        assert "가정과 출처" in openpyxl.load_workbook(io.BytesIO(content), read_only=True).sheetnames
    elif kind == "gpkg":
        assert len(pyogrio.read_dataframe(path, layer="plan_site")) == 3
    else:
        assert content.decode("utf-8-sig").count("\n") == 4


def test_a_plan_is_drawn_for_the_office_only(service, made):
    where = "/v1/districts/99999/map"
    kept = service.get(where, role="planner", params={"edition": "internal", "plan": "첫 계획"})
    drafted = post(service, where, {"draft": made["draft"]})
    for page in (kept, drafted):
        assert page.status_code == 200, page.text
        assert "계획 전" in page.text
        assert "내부용" in page.text
    settings = post(service, where, {"settings": {"reach": 2.0}})
    assert settings.text != post(service, where, {"settings": {}}).text
    refused = service.get(where, params={"plan": "첫 계획"})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_parameter")


def test_several_layers_limits_stability_and_costs(service):
    lamps = {"layer": "security_light", "candidates": ["grid:200"], "within": "district", "most_each": 1}
    cctv = {name: value for name, value in CCTV.items() if name != "budget_krw"} | {"spacing_m": 300}
    body = {"layers": [cctv, lamps], "budget_krw": 60_000_000, "stability": 3, "cost_range": True, **SECONDS}
    answer = post(service, PLANS, body)
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["total_krw"] <= 60_000_000
    assert {layer["model"] for layer in plan["layers"]} == {"together"}
    assert all(site["stability"] is not None for site in plan["sites"])
    assert [rerun["level"] for rerun in plan["reruns"]] == ["low", "default", "high"]
    assert any("300" in note or "300" in plan["layers"][0]["limits"] for note in ["", *plan["notes"]])
    assert any("가중치" in note for note in plan["notes"])


def test_forced_and_excluded_sites(service, made):
    first = made["sites"][0]["id"]
    out = post(service, PLANS, {"layers": [CCTV | {"exclude": [first]}], **SECONDS}).json()
    assert first not in {site["id"] for site in out["sites"]}
    other = next(site["id"] for site in out["sites"] if site["id"] not in {s["id"] for s in made["sites"]})
    into = post(service, PLANS, {"layers": [CCTV | {"forced": [other]}], **SECONDS}).json()
    assert other in {site["id"] for site in into["sites"]}
    assert into["after"] <= made["after"]


def test_a_stored_plan_of_the_command_is_told_and_changed(service, made):
    """One that knows nothing of how it was asked for: its hour, people and settings are read from it."""
    kept = next(plan for plan in service.store.plans() if plan.name == "첫 계획")
    plain = Plan.from_dict({**json.loads(json.dumps(kept.as_dict())), "extra": {"within": "district"}, "name": "명령"})
    service.store.save_plan(plain)
    told = service.get("/v1/plans/명령", role="planner").json()
    assert told["cover"] == made["cover"]
    sites = [{"id": site["id"]} for site in told["sites"]]
    found = edit(service, {"draft": told["draft"], "layers": [{"layer": "cctv", "sites": sites}]})
    assert found["after"] == pytest.approx(made["after"], rel=1e-12)
    assert "후보지를 알 수 없는" in found["layers"][0]["against"]["why"]["ko"]
    service.store.delete_plan("명령")


def test_plans_are_kept_in_either_store(own_store, tmp_path):
    with serving(own_store, tmp_path) as running:
        made = post(running, PLANS, {"layers": [CCTV], **SECONDS, "name": "여기"})
        assert made.status_code == 200, made.text
        sites = [{"id": site["id"]} for site in made.json()["sites"][:2]]
        found = edit(running, {"draft": made.json()["draft"], "layers": [{"layer": "cctv", "sites": sites}]})
        put = running.request("PUT", "/v1/plans/고침", role="planner", json={"draft": found["draft"]})
        assert put.status_code == 200, put.text
        free = [{"x": made.json()["sites"][0]["x"] + 9, "y": made.json()["sites"][0]["y"]}]
        loose = edit(running, {"draft": made.json()["draft"], "layers": [{"layer": "cctv", "sites": free}]})
        assert loose["layers"][0]["bound"] is None  # nothing is proved of it, and it is kept all the same
        assert running.request("PUT", "/v1/plans/손", role="planner", json={"draft": loose["draft"]}).status_code == 200
        listed = running.get("/v1/plans", role="planner").json()["plans"]
        assert {plan["name"]: plan["sites"] for plan in listed} == {"여기": 4, "고침": 2, "손": 1}
        assert running.get("/v1/plans/손", role="planner").json()["layers"][0]["gap"] is None
        assert running.request("DELETE", "/v1/plans/여기", role="planner").status_code == 204
        assert running.get("/v1/plans/여기", role="planner").status_code == 404
