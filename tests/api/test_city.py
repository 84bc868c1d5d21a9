"""The overview and the report over HTTP: who may see which, worked out once, told how far it is."""

import asyncio
import io
import json
import time
from contextlib import suppress
from types import SimpleNamespace

import openpyxl
import pytest

from api.city_work import CityWork
from geo.errors import NoDataError
from geo.plans import Plan
from tests.api.conftest import PATIENCE_S
from tests.api.test_refusals import check

CITY = "/v1/city"


def made(service, **more):
    """Ask until it is worked out, as the page does."""
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = service.get(CITY, **more)
        if answer.status_code != 202:
            return answer
        told = answer.json()
        assert told["state"] == "working"
        assert 0 <= told["done"] <= told["of"] or told["of"] == 0
        assert answer.headers["cache-control"] == "no-store"
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture(scope="module")
def inside(service):
    answer = made(service, role="planner", params={"edition": "internal"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_staff_see_cover_and_what_it_rests_on(inside):
    assert [one["name"] for one in inside["districts"]] == ["안심구"]
    assert inside["made_up"]
    found = {one["id"]: one for one in inside["measures"]}
    assert found["common"]["ranks"] == [None]
    assert {one["unranked"] for one in found.values()} == {"alone"}
    assert 0 < found["common"]["values"][0] < 1
    assert {source for one in inside["programmes"] for source, _ in one["sources"]} == {"가상 자료: 지어낸 값"}


def test_the_public_sees_households_and_open_layers(service, inside):
    answer = made(service)
    public = answer.json()
    assert public["edition"] == "public"
    assert {one["id"].split(":")[0] for one in public["measures"]} == {"households", "density", "layer"}
    for withheld in ("judged", "common_uncovered", "need:", "patrol", "순찰"):
        assert withheld not in answer.text
        assert withheld in json.dumps(inside, ensure_ascii=False)
    again = service.get(CITY, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_internal_edition_needs_a_planners_key(service):
    for path in (CITY, f"{CITY}/table"):
        assert service.get(path, params={"edition": "internal"}).status_code == 403
    assert service.get(CITY, params={"edition": "secret"}).status_code in {400, 422}


def test_the_table_is_a_file(service, inside):
    answer = service.get(f"{CITY}/table", role="planner", params={"edition": "internal", "format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert "내부용" in sheet.cell(1, 1).value
    assert sheet.cell(3, 2).value == "안심구"
    public = service.get(f"{CITY}/table", params={"format": "csv"})
    assert "공개용" in public.text
    assert "share_" not in public.text
    english = service.get(f"{CITY}/table", params={"format": "csv", "lang": "en"})
    assert english.text.splitlines()[0] == public.text.splitlines()[0]
    assert "Public" in english.text
    assert service.get(f"{CITY}/table?format=pdf").status_code in {400, 422}


def test_a_report_is_for_planners_and_runs_nothing(service):
    path = "/v1/districts/99999/report"
    assert service.get(path).status_code == 401
    answer = service.get(path, role="planner")
    assert answer.status_code == 200, answer.text
    assert "내부용" in answer.text
    assert "가상 자료" in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"].startswith("private")


def test_a_report_names_what_it_cannot_find(service):
    path = "/v1/districts/99999/report"
    unknown = service.get(path, role="planner", params={"plan": "없는 계획"})
    assert unknown.json()["code"] == "unknown_plan"
    sheets = service.get(path, role="planner", params={"sheets": "true"})
    assert 400 <= sheets.status_code < 500
    assert "현장조사표" in sheets.json()["title"]


def test_a_report_of_settings_not_kept(service):
    path = "/v1/districts/99999/report"
    assert service.post(path, json={}).status_code == 401
    answer = service.post(path, role="planner", json={"settings": {"threshold": 0.3}})
    assert answer.status_code == 200, answer.text
    assert "틈새 임계값 0.3" in answer.text
    assert service.post(path, role="planner", json={"sheets": "maybe"}).status_code == 422
    assert "현장조사표" in service.post(path, role="planner", json={"sheets": True}).json()["title"]


def test_plans_are_looked_up_in_the_store(service):
    store = service.services.store
    plan = Plan(
        "99999",
        "안심구",
        "",
        "",
        5,
        1,
        {},
        {},
        {},
        {},
        1.0,
        1.0,
        1.0,
        {},
        0.1,
        (),
        name="빈 계획",
        made_at="2026-03-04T23:00:00+09:00",
    )
    store.save_plan(plan)
    try:
        answer = service.get("/v1/districts/99999/report", role="planner", params={"plan": "빈 계획"})
        assert answer.status_code == 200, answer.text
        assert '계획 <span translate="no">빈 계획</span>' in answer.text
    finally:
        store.delete_plan("빈 계획")


@pytest.mark.parametrize("what", ["report", "map"])
def test_a_plan_of_many_sites_may_be_handed_back(service, what):
    """A thousand sites come to more than a question may be long."""
    answer = service.post(f"/v1/districts/99999/{what}", role="planner", json={"draft": "A" * 100_000})
    check(answer, 422, "plan_draft", "내준 계획")


def work_with(run):
    return CityWork(
        SimpleNamespace(
            settings=SimpleNamespace(catalog=(), limits=SimpleNamespace(analysis_s=9)),
            live=SimpleNamespace(ready=True, stamp="v1", location="store"),
            public=SimpleNamespace(run=run), background=set(), journal=None,
        )
    )  # fmt: skip


def test_progress_is_told_and_the_work_rests_while_nobody_follows():
    asked, told = [], []

    async def story():
        done, second = asyncio.Event(), asyncio.Event()

        async def run(what, _job, *more, **_limits):
            asked.append((what.split(":")[1], *more[:1]))
            if more[:1] == ("2",):
                second.set()
                await done.wait()
            return {"districts": ("1", "2", "3"), "row": f"row {more[:1]}", "files": {"public": "made"}}[asked[-1][0]]

        work = work_with(run)
        leaving = asyncio.create_task(work.follow(lambda *step: told.append(step)))
        await second.wait()
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        done.set()
        await asyncio.sleep(0.01)
        assert not work._services.background  # nobody is there: the district under way is done, and no other begun
        assert asked[-1] == ("row", "2")
        made = await work.follow(lambda *step: told.append(step))
        assert (made, work.made()) == ({"public": "made"}, True)
        work._services.live.stamp = "v2"
        assert not work.made()

    asyncio.run(story())
    assert told[0] == (0, 0)
    assert told == sorted(told)
    assert [one[1] for one in asked if one[0] == "row"] == ["1", "2", "3"]  # what was done is not done again


def test_everybody_who_waits_is_told_of_a_failure_and_it_is_worked_out_once():
    asked = []

    async def story():
        async def run(what, _job, *more, **_limits):
            asked.append(what)
            await asyncio.sleep(0)
            if what.endswith("row"):
                raise NoDataError("자료가 없습니다", "가져오십시오")
            return ("1", "2")

        work = work_with(run)
        told = await asyncio.gather(*(work.follow(lambda *_: None) for _ in range(4)), return_exceptions=True)
        assert [type(one) for one in told] == [NoDataError] * 4

    asyncio.run(story())
    assert len(asked) == 2
