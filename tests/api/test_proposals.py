"""Calls for proposals over HTTP: who may, what is told, what is decided and undone, and that nothing is overwritten."""

import asyncio
import csv
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import quote

import openpyxl
import pytest

from api import proposals
from api.openapi_proposals import RoundAnswer, RoundList
from api.opened import opened
from layers.catalog import load_catalog
from layers.store import open_store
from tests import sample_proposals as sample
from tests.api.conftest import OWNERS, serving
from tests.api.test_plan_refusals import refused
from tests.layers.test_store import call as stored_call

CALL = f"/v1/proposals/{quote(sample.NAME)}"


@pytest.fixture(scope="module", params=["file", "database"])
def store(request, sample_store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    path = folder / "own.gpkg"
    path.write_bytes(sample_store.read_bytes())
    sample.score(path, folder, more=[sample.hostile()])
    if request.param == "file":
        return path
    url = request.getfixturevalue("sample_copies")()
    with opened(OWNERS[url], load_catalog()) as there:
        there.save_round(open_store(str(path), load_catalog()).rounds()[0])
    return url


@pytest.fixture(scope="module")
def desk(store, tmp_path_factory):
    with serving(store, tmp_path_factory.mktemp("desk")) as running:
        yield running


def told(desk, **parameters):
    answer = desk.get(CALL, role="planner", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return RoundAnswer.model_validate(answer.json()).model_dump()


def one(made, number):
    return next(p for p in made["proposals"] if p["number"] == number)


def decide(desk, number, outcome, reason="까닭", **more):
    return desk.request(
        "PUT", f"{CALL}/{number}/decision", role="planner", json={"outcome": outcome, "reason": reason, **more}
    )


def undo(desk, number, **parameters):
    return desk.request("DELETE", f"{CALL}/{number}/decision", role="planner", params=parameters)


ROUTES = [
    ("GET", "/v1/proposals"), ("GET", CALL), ("GET", f"{CALL}?format=xlsx"), ("POST", f"{CALL}/shortlist"),
    ("DELETE", f"{CALL}/shortlist"), ("PUT", f"{CALL}/1/decision"), ("DELETE", f"{CALL}/1/decision"),
]  # fmt: skip


def test_only_planners(desk):
    for method, path in ROUTES:
        refused(desk.request(method, path), 401, "key", "열쇠")
    told(desk)


def test_what_is_told(desk):
    listed = RoundList.model_validate(desk.get("/v1/proposals", role="planner").json())
    assert [one.name for one in listed.rounds] == [sample.NAME]
    assert listed.rounds[0].counts.received == len(sample.ROWS) + 1
    made = told(desk, district="안심구")
    assert [part["name"] for part in made["parts"]] == ["1인가구", "밝은 길이 닿는 정도"]
    assert (made["district"], made["elsewhere"], made["made_up"]) == ("99999", 0, True)
    ranks = [p["rank"] for p in made["proposals"] if not p["struck"]]
    assert ranks == sorted(ranks)
    assert {p["number"]: (p["struck"], p["same_as"]) for p in made["proposals"] if p["struck"]} == {
        7: ("duplicate", 5), 10: ("unresolved", None), 11: ("duplicate", 1),
    }  # fmt: skip
    first = made["proposals"][0]
    assert sum(part["points"] for part in first["parts"]) == pytest.approx(first["score"])
    assert first["shortlisted"]
    off = [p for p in made["proposals"] if p["score"] is not None and not p["shortlisted"]]
    assert {p["why_not"] for p in off} <= {"below_line", "district_limit"}
    assert len(off) == made["counts"]["scored"] - 5
    assert one(made, 1)["repeats"] == 1


def test_a_point_is_told_and_of_a_dong_none_is_pretended(desk):
    made = told(desk)
    point, dong = one(made, 1), one(made, 5)
    assert (point["lat"], point["lon"]) == pytest.approx((36.8966, 125.5952), abs=1e-6)
    assert point["grid_id"]
    assert (dong["lon"], dong["lat"], dong["grid_id"]) == (None, None, "")
    assert (dong["of_dong"], dong["dongs"]) == (True, ["9999951000"])


def test_hostile_texts_come_back_as_they_were(desk):
    last = one(told(desk), len(sample.ROWS) + 1)
    assert last["name"] == sample.HOSTILE
    decided = decide(desk, last["number"], "held", sample.HOSTILE)
    assert one(decided.json(), last["number"])["decision"]["reason"] == sample.HOSTILE
    assert undo(desk, last["number"]).status_code == 200


def test_a_decision_is_entered_changed_and_undone(desk):
    first = decide(desk, 4, "chosen", "골목이 길고 외짐", stamp=one(told(desk), 4)["stamp"])
    assert first.status_code == 200, first.text
    entry = one(first.json(), 4)["decision"]
    assert entry == {
        "outcome": "chosen", "reason": "골목이 길고 외짐", "when": "2026-03-04T23:00:00+09:00", "who": "시험",
    }  # fmt: skip
    assert first.json()["counts"]["chosen"] == 1
    second = one(decide(desk, 4, "not_chosen", "예산 밖").json(), 4)
    assert [d["outcome"] for d in second["decisions"]] == ["chosen", "not_chosen"]
    back = one(undo(desk, 4, stamp=second["stamp"]).json(), 4)
    assert back["decision"] == entry
    none = one(undo(desk, 4).json(), 4)
    assert none["decision"] is None
    assert [d["outcome"] for d in none["decisions"]] == ["chosen", "not_chosen", "taken_back", "taken_back"]
    refused(undo(desk, 4), 422, "bad_setting", "되돌릴 결정이 없습니다")


def test_nobody_overwrites_what_another_decided_meanwhile(desk):
    seen = one(told(desk), 8)["stamp"]
    assert decide(desk, 8, "held", stamp=seen).status_code == 200
    refused(decide(desk, 8, "chosen", stamp=seen), 409, "decided_meanwhile", "그 사이 8번")
    refused(undo(desk, 8, stamp=seen), 409, "decided_meanwhile", "그 사이 8번")
    assert one(told(desk), 8)["stage"] == "held"


def test_decisions_at_once_are_all_kept(desk):
    numbers = (2, 3, 9, 12, 14)
    with ThreadPoolExecutor(len(numbers)) as pool:
        answers = list(pool.map(lambda n: decide(desk, n, "chosen", f"{n}의 까닭"), numbers))
    assert [a.status_code for a in answers] == [200] * len(numbers)
    made = told(desk)
    assert {n: one(made, n)["decision"]["reason"] for n in numbers} == {n: f"{n}의 까닭" for n in numbers}


def test_the_shortlist_is_made_anew_and_decisions_stay(desk):
    decide(desk, 1, "chosen", "구청 제안")
    limits = {"size": 2, "most_per_district": 1}
    short = desk.post(f"{CALL}/shortlist", role="planner", json=limits).json()
    assert (short["counts"]["shortlisted"], short["limits"]["least_per_district"]) == (1, 0)
    assert {p["why_not"] for p in short["proposals"] if p["score"] is not None and not p["shortlisted"]} == {
        "district_limit"
    }
    assert one(short, 1)["decision"]["outcome"] == "chosen"
    none = desk.request("DELETE", f"{CALL}/shortlist", role="planner").json()
    assert (none["limits"], none["counts"]["shortlisted"]) == (None, 0)
    refused(desk.post(f"{CALL}/shortlist", role="planner", json={}), 422, "bad_setting", "추천할 건수가 없습니다")
    clash = {"size": 1, "most_per_district": 1, "least_per_district": 2}
    refused(desk.post(f"{CALL}/shortlist", role="planner", json=clash), 422, "bad_setting", "최대 1보다")
    again = desk.post(f"{CALL}/shortlist", role="planner", json={"size": 5}).json()
    assert again["counts"]["shortlisted"] == 5


def test_the_table_is_taken_away(desk):
    decide(desk, 13, "chosen", "도서관 앞")
    sheet = desk.get(CALL, role="planner", params={"format": "csv", "district": "99999"})
    assert sheet.headers["cache-control"] == "private, no-store"
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert len(rows) == len(sample.ROWS) + 1
    assert next((r["결정"], r["결정한 이"]) for r in rows if r["번호"] == "13") == ("선정", "시험")
    book = openpyxl.load_workbook(io.BytesIO(desk.get(CALL, role="planner", params={"format": "xlsx"}).content))
    assert "전체 제안" in book.sheetnames
    page = json.loads(desk.get(CALL, role="planner", params={"format": "geojson"}).content)
    assert page["ansim"]["edition"] == "내부용"
    assert desk.get(CALL, role="planner", params={"format": "gpkg"}).content[:15] == b"SQLite format 3"


BAD = [
    ("GET", "/v1/proposals/없음", None, 404, "unknown_round", "공모가 없습니다"),
    ("GET", f"{CALL}?format=pdf", None, 422, "bad_parameter", "format"),
    ("GET", f"{CALL}?district=없는구", None, 404, "unknown_district", "자치구"),
    ("GET", "/v1/proposals?district=없는구", None, 404, "unknown_district", "자치구"),
    ("PUT", f"{CALL}/999/decision", {"outcome": "held", "reason": "가"}, 404, "unknown_proposal", "999번"),
    ("PUT", f"{CALL}/1.5/decision", {"outcome": "held", "reason": "가"}, 422, "bad_parameter", "number"),
    ("PUT", f"{CALL}/7/decision", {"outcome": "held", "reason": "가"}, 422, "bad_setting", "심의 전에 빠진"),
    ("PUT", f"{CALL}/5/decision", {"outcome": "held", "reason": " "}, 422, "bad_setting", "사유가 없습니다"),
    ("PUT", f"{CALL}/5/decision", {"outcome": "held", "reason": "가\n나"}, 422, "bad_parameter", "reason"),
    ("PUT", f"{CALL}/5/decision", {"outcome": "held", "reason": "가" * 1_001}, 422, "bad_parameter", "1,000자"),
    ("PUT", f"{CALL}/5/decision", {"outcome": "taken_back", "reason": "가"}, 422, "bad_parameter", "outcome"),
    ("PUT", f"{CALL}/5/decision", {"reason": "가"}, 422, "bad_parameter", "outcome"),
    ("PUT", f"{CALL}/5/decision", {"outcome": "held", "reason": "가", "x": 1}, 422, "unknown_field", "모르는 항목"),
    ("POST", f"{CALL}/shortlist", {"size": 0}, 422, "bad_parameter", "size"),
    ("DELETE", f"{CALL}/999/decision", None, 404, "unknown_proposal", "999번"),
]


def test_what_cannot_be(desk):
    before = told(desk)
    for method, path, body, status, code, words in BAD:
        refused(desk.request(method, path, role="planner", **({"json": body} if body else {})), status, code, words)
    assert told(desk) == before


def test_a_call_is_written_beside_the_loop(monkeypatch):
    """A call of thousands takes a while to write as JSON: nobody else waits for it."""
    ran, call = [], stored_call("가")
    for name in ("round_json", "round_summary", "answer_json"):
        own = getattr(proposals, name)
        note = lambda *a, own=own, **k: ran.append(threading.current_thread()) or own(*a, **k)  # noqa: E731
        monkeypatch.setattr(proposals, name, note)
    kept = SimpleNamespace(rounds=lambda: [call], change_round=lambda _name, change: change(call))
    asked = SimpleNamespace(headers={})

    async def all_of_it():
        own = proposals.Desk(SimpleNamespace(store=kept))
        assert len(await own.summaries("")) == 1
        return [await own.told(asked, call, ""), await own.change(asked, "가", "", lambda made: made)]

    assert [json.loads(answer.body)["name"] for answer in asyncio.run(all_of_it())] == ["가", "가"]
    assert len(ran) == 5
    assert threading.main_thread() not in ran


def test_what_is_told_is_what_is_kept(desk, store):
    """What the service tells is what is kept: the decisions outlive it."""
    made = told(desk)
    with opened(OWNERS.get(store, str(store)), load_catalog()) as there:
        (kept,) = there.rounds()
    assert {p.number: len(p.decisions) for p in kept.proposals} == {
        p["number"]: len(p["decisions"]) for p in made["proposals"]
    }
