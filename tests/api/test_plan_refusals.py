"""What cannot be planned: status, code and words of each; and nothing of what was sent in them."""

import json

import pytest

from tests.api.conftest import serving
from tests.api.test_plans import CCTV, PLANS

EVALUATE = f"{PLANS}/evaluate"


def layer(**fields):
    return {"layers": [CCTV | fields]}


def sites(*given, **fields):
    return {"layers": [{"layer": "cctv", "sites": list(given), **fields}]}


def own(*positions):
    points = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": at}} for at in positions]
    return {"type": "FeatureCollection", "features": points}


def area(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


BAD_PLANS = [
    ("{", 400, "bad_json", "JSON이 아닙니다"),
    ("[]", 400, "bad_json", "JSON 객체가 아닙니다"),
    ('{"layers": [{"layer": "cctv", "budget_krw": NaN}]}', 400, "bad_json", "JSON이 아닙니다"),
    ({}, 422, "bad_parameter", "layers가 없습니다"),
    ({"layers": []}, 422, "bad_parameter", "layers가 없습니다"),
    ({"layers": "cctv"}, 422, "bad_parameter", "목록"),
    ({"layers": ["cctv"]}, 400, "bad_json", "layers[0]"),
    (layer(layer="ctv"), 422, "unknown_layer", "모르는 층"),
    (layer(layer=None), 422, "unknown_layer", "모르는 층"),
    (layer(budget_krw=-1), 422, "bad_parameter", "layers[0].budget_krw"),
    (layer(budget_krw=1e300), 422, "bad_parameter", "layers[0].budget_krw"),
    (layer(budget_krw="1억"), 422, "bad_parameter", "숫자"),
    (layer(budget_krw=True), 422, "bad_parameter", "숫자"),
    (layer(budget_krw=1_000_000), 422, "siting_cost", "가장 싼 후보"),
    (layer(budget_krw=None), 422, "siting", "예산도 개소 수도"),
    (layer(budget_krw=None, count=1.5), 422, "bad_parameter", "정수"),
    (layer(budget_krw=None, count=10**9), 422, "plan_limits", "2,000곳을 넘습니다"),
    (layer(budget_krw=None, count=10**30), 422, "bad_parameter", "layers[0].count"),
    (layer(cost={"once_krw": -3}), 422, "bad_parameter", "once_krw"),
    (layer(cost={}), 422, "bad_parameter", "once_krw나 year_krw"),
    (layer(cost={"won": 3}), 422, "unknown_field", "모르는 항목"),
    (layer(cost={"once_krw": 0}), 422, "siting_cost", "0원이면"),
    (layer(layer="safe_house", candidates=["building"]), 422, "siting_cost", "알려져 있지 않습니다"),
    (layer(layer="locker", candidates=[]), 422, "candidates", "후보지를 정해야"),
    (layer(candidates=["grid:1"]), 422, "bad_parameter", "격자 간격"),
    (layer(candidates=["grid:-50"]), 422, "bad_parameter", "격자 간격"),
    (layer(candidates=["/etc/passwd"]), 422, "bad_parameter", "쓸 수 없는 값"),
    (layer(candidates=["ansim.gpkg"]), 422, "bad_parameter", "쓸 수 없는 값"),
    (
        layer(candidates={"type": "Point", "coordinates": [126.9, 37.5]}),
        422,
        "bad_parameter",
        "FeatureCollection이어야",
    ),
    (layer(candidates=[{"type": "FeatureCollection"}]), 422, "bad_parameter", "layers[0].candidates"),
    (layer(candidates=own([37.5, 126.9])), 422, "bad_position", "바뀌었습니다"),
    (layer(candidates=own([12.5, 41.9])), 422, "bad_position", "대한민국 밖"),
    (layer(candidates=own(*[[125.6, 36.89]] * 5_001)), 422, "plan_limits", "5,001곳"),
    (layer(candidates=own([126.9, 37.5])), 422, "candidates", "찾는 지역 밖 1"),
    (layer(layer="patrol_zone", candidates=own([125.6, 36.89])), 422, "bad_parameter", "Polygon"),
    (layer(exclude={"type": "Point", "coordinates": [126.9, 37.5]}), 422, "bad_parameter", "Polygon"),
    (layer(exclude=[area(125, 36, 126, 37)]), 422, "candidates", "뺄 곳으로 정함 100"),
    (layer(exclude=["가", area(12, 41, 13, 42)]), 422, "bad_position", "대한민국 밖"),
    (layer(exclude=[3]), 422, "bad_parameter", "짧은 글"),
    (layer(within="/etc/passwd"), 422, "bad_parameter", "모르는 지역"),
    (layer(within="없는동"), 422, "bad_parameter", "모르는 지역"),
    (layer(forced=["없는 번호"]), 422, "bad_parameter", "후보가 아닌"),
    (layer(at_most={"없는동": 1}), 422, "bad_parameter", "없는 행정동"),
    (layer(at_most={"없는동": 1.5}), 422, "bad_parameter", "정수"),
    (layer(target=0.5, twice=0.5), 422, "siting", "함께 쓸 수 없습니다"),
    (layer(level="비싼"), 422, "bad_parameter", "쓸 수 없는 값"),
    (layer(colour="red"), 422, "unknown_field", "모르는 항목"),
    ({**layer(), "budget": 1}, 422, "unknown_field", "모르는 항목"),
    ({**layer(), "seconds": 10**6}, 422, "bad_parameter", "seconds"),
    ({**layer(), "years": -1}, 422, "bad_parameter", "years"),
    ({**layer(), "name": "가/나"}, 422, "bad_parameter", "계획 이름"),
    ({**layer(), "name": "compare"}, 422, "bad_parameter", "계획 이름"),
    ({**layer(), "settings": {"reach": 0}}, 422, "bad_parameter", "settings.reach"),
    ({**layer(), "settings": {"at": "어제"}}, 422, "bad_time", "날짜와 시각"),
    ({**layer(), "settings": {"who": "외계인"}}, 422, "bad_who", "대상"),
    ({**layer(), "settings": {"need": ["li"]}}, 422, "bad_parameter", "settings.need"),
    ({**layer(), "settings": {"weight": {"lit": 2}}}, 422, "bad_parameter", "weight"),
    ({"layers": [CCTV, CCTV]}, 422, "bad_parameter", "같은 층이 두 번"),
    ({"layers": [CCTV] * 50}, 422, "bad_parameter", "목록"),
]

BAD_EDITS = [
    ({"layers": []}, 422, "bad_parameter", "layers가 없습니다"),
    (sites({}), 422, "bad_position", "하나로"),
    (sites({"id": "a", "x": 1}), 422, "bad_position", "하나로"),
    (sites({"lon": 126.9}), 422, "bad_position", "유한한 숫자"),
    (sites({"lon": 36.89, "lat": 125.6}), 422, "bad_position", "유한한 숫자"),
    (sites({"x": 1, "y": 2}), 422, "bad_position", "유한한 숫자"),
    (sites({"lon": "126", "lat": "37"}), 422, "bad_position", "유한한 숫자"),
    (sites({"lon": 126.9, "lat": 37.5}), 422, "bad_position", "자치구 밖"),
    (sites({"id": "없는 번호"}), 422, "unknown_site", "1번째 자리"),
    (sites({"id": "cctv:없음"}), 422, "unknown_site", "1번째 자리"),
    (sites({"id": "import:1"}), 422, "unknown_site", "1번째 자리"),
    (sites({"id": "a", "colour": 1}), 422, "unknown_field", "layers[0].sites[0]"),
    (sites(*[{"id": "a"}] * 2001), 422, "bad_parameter", "2,000개"),
    (sites() | {"draft": "위조"}, 422, "bad_parameter", "draft"),
    (sites() | {"draft": "Zm9yZ2Vk" * 20}, 422, "plan_draft", "내준 계획"),
    (sites() | {"draft": "x"}, 422, "plan_draft", "내준 계획"),
    ({"layers": [{"layer": "emergency_bell", "sites": []}]}, 422, "bad_setting", "채우는 필요가 없어"),
    ({"layers": [{"layer": "patrol_zone", "sites": [{"x": 832_000, "y": 1_878_900}]}]}, 422, "unknown_site", "면으로"),
    (
        {"layers": [{"layer": "safe_house", "sites": [{"x": 830_700, "y": 1_878_900}]}]},
        (422, 409), ("siting_cost", "no_data"), "",
    ),
]  # fmt: skip


def refused(answer, status, code, words):
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), problem
    assert problem["code"] in (code if isinstance(code, tuple) else (code,)), problem
    assert words in problem["title"], problem
    assert problem["hint"]


@pytest.mark.parametrize(("body", "status", "code", "words"), BAD_PLANS, ids=[str(b[0])[:60] for b in BAD_PLANS])
def test_plans_that_cannot_be(service, body, status, code, words):
    content = body if isinstance(body, str) else json.dumps(body)
    answer = service.post(PLANS, role="planner", content=content, headers={"content-type": "application/json"})
    refused(answer, status, code, words)


@pytest.mark.parametrize(("body", "status", "code", "words"), BAD_EDITS, ids=[str(b[0])[:60] for b in BAD_EDITS])
def test_edits_that_cannot_be(service, body, status, code, words):
    refused(service.post(EVALUATE, role="planner", json=body), status, code, words)


def test_an_unknown_layer_names_the_nearest(service):
    assert "cctv" in service.post(PLANS, role="planner", json=layer(layer="cctb")).json()["hint"]
    assert "cctv" in service.post(PLANS, role="planner", json=layer(candidates=["cctvs"])).json()["hint"]


def test_what_is_no_json_or_too_long(service):
    refused(service.post(PLANS, role="planner", content=b"{}"), 415, "content_type", "application/json")
    huge = json.dumps({"draft": "a" * 1_100_000})
    headers = {"content-type": "application/json"}
    for path in (EVALUATE, "/v1/plans/file", "/v1/districts/99999/map"):
        refused(service.post(path, role="planner", content=huge, headers=headers), 413, "too_large", "바이트")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PLANS), ("POST", EVALUATE), ("GET", "/v1/plans"), ("GET", "/v1/plans/a"), ("PUT", "/v1/plans/a"),
        ("DELETE", "/v1/plans/a"), ("GET", "/v1/plans/compare"), ("POST", "/v1/plans/file"),
        ("POST", "/v1/districts/99999/map"),
    ],
)  # fmt: skip
def test_only_planners(service, method, path):
    refused(service.request(method, path), 401, "key", "열쇠")


def test_names_and_comparisons_that_are_none(service):
    for method in ("GET", "DELETE"):
        refused(service.request(method, "/v1/plans/없음", role="planner"), 404, "unknown_plan", "계획이 없습니다")
    refused(service.get("/v1/plans/compare", role="planner", params={"name": "하나"}), 422, "bad_parameter", "2개에서")
    many = {"name": ["a"] * 7}
    refused(service.get("/v1/plans/compare", role="planner", params=many), 422, "bad_parameter", "6개까지")
    refused(service.get("/v1/plans", role="planner", params={"district": "없는구"}), 404, "unknown_district", "자치구")
    asked = {"edition": "internal", "plan": "없음"}
    refused(service.get("/v1/districts/99999/map", role="planner", params=asked), 404, "unknown_plan", "")


def test_too_many_candidates_and_too_much_at_once(sample_store, tmp_path):
    limits = {"plan_candidates": 20, "plans_waiting": 0, "per_key": 1}
    with serving(sample_store, tmp_path, limits=limits) as small:
        refused(small.post(PLANS, role="planner", json=layer()), 422, "plan_limits", "후보지가")
        with small.services.access.doing(small.services.access.require(f"Bearer {small.keys['planner']}".encode(), 0)):
            refused(small.post(PLANS, role="planner", json=layer()), 429, "key_busy", "동시에")
