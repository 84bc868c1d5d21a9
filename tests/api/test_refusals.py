"""What cannot be answered: status, code and words of each; and nothing of what was sent in them."""

import json

import pytest

from api.body import Fields
from api.errors import BadParameterError
from api.keys import Role, create_key
from api.parameters import number, whole
from tests.api.conftest import NOW, book_of, serving

HERE = {"lat": 37.5665, "lon": 126.978}


def near(**fields):
    return json.dumps({**HERE, **fields})


BAD_BODIES = [
    ('{"lat": NaN, "lon": 126.9}', 400, "bad_json", "JSON이 아닙니다"),
    ('{"lat": 1e999, "lon": 126.9}', 400, "bad_json", "JSON이 아닙니다"),
    ('{"lat": Infinity, "lon": 126.9}', 400, "bad_json", "JSON이 아닙니다"),
    ('{"lat": "북", "lon": 126.9}', 422, "bad_position", "유한한 숫자"),
    ('{"lat": "37.5", "lon": 126.9}', 422, "bad_position", "유한한 숫자"),
    ('{"lat": true, "lon": 126.9}', 422, "bad_position", "유한한 숫자"),
    ('{"lat": null, "lon": 126.9}', 422, "bad_position", "유한한 숫자"),
    ('{"lon": 126.9}', 422, "bad_position", "유한한 숫자"),
    ("{}", 422, "bad_position", "유한한 숫자"),
    ("", 400, "bad_json", "JSON이 아닙니다"),
    ("{", 400, "bad_json", "JSON이 아닙니다"),
    ("[]", 400, "bad_json", "JSON 객체가 아닙니다"),
    ('"37.5,126.9"', 400, "bad_json", "JSON 객체가 아닙니다"),
    (near(lat=126.978, lon=37.5665), 422, "bad_position", "바뀌었습니다"),
    (near(lat=35.68, lon=139.69), 422, "bad_position", "대한민국 밖"),
    (near(lat=1e308), 422, "bad_position", "대한민국 밖"),
    (near(lat=int("9" * 400)), 400, "bad_json", "JSON이 아닙니다"),
    (near(radius_m=0), 422, "bad_radius", "0보다 크고 2000 이하"),
    (near(radius_m=-5), 422, "bad_radius", "0보다 크고 2000 이하"),
    (near(radius_m=10**9), 422, "bad_radius", "0보다 크고 2000 이하"),
    (near(radius_m="500"), 422, "bad_radius", "0보다 크고 2000 이하"),
    (near(limit=0), 422, "bad_limit", "1에서 50 사이"),
    (near(limit=10**9), 422, "bad_limit", "1에서 50 사이"),
    (near(limit=2.5), 422, "bad_limit", "1에서 50 사이"),
    (near(limit=True), 422, "bad_limit", "1에서 50 사이"),
    (near(layers=["safe_hous"]), 422, "unknown_layer", "모르는 층"),
    (near(layers=[]), 422, "unknown_layer", "목록"),
    (near(layers="cctv"), 422, "unknown_layer", "목록"),
    (near(layers=[["cctv"]]), 422, "unknown_layer", "목록"),
    (near(layers=["patrol_zone"]), 403, "staff_layer", "직원만"),
    (near(open_at="어제"), 422, "bad_time", "날짜와 시각"),
    (near(open_at="2025-12-24"), 422, "bad_time", "날짜와 시각"),
    (near(open_at=5), 422, "bad_time", "날짜와 시각"),
    (near(open_at="9999-12-24T23:00"), 422, "bad_time", "날짜와 시각"),
    (near(position=1), 422, "unknown_field", "모르는 항목"),
]


@pytest.mark.parametrize(("body", "status", "code", "words"), BAD_BODIES, ids=[b[0][:50] for b in BAD_BODIES])
def test_bad_questions(service, body, status, code, words):
    answer = service.post("/v1/nearby", content=body, headers={"content-type": "application/json"})
    check(answer, status, code, words)


def check(answer, status, code, words):
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert answer.status_code == status, said
    assert said["code"] == code
    assert words in said["title"]
    assert said["hint"]
    assert said["status"] == answer.status_code
    assert said["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_hint_names_the_nearest_layer(service):
    said = service.post("/v1/nearby", json={**HERE, "layers": ["safe_hous"]}).json()
    assert "safe_house" in said["hint"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "FOO37.5665"])
def test_a_position_is_asked_by_post_only(service, method):
    answer = service.request(method, "/v1/nearby", params=HERE)
    check(answer, 405, "method", "주소에 담지 않습니다")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("headers", "status", "code", "words"),
    [
        ({"content-type": "text/plain"}, 415, "content_type", "application/json"),
        ({"content-type": ""}, 415, "content_type", "application/json"),
        ({"content-type": "application/x-www-form-urlencoded"}, 415, "content_type", "application/json"),
        ({"content-encoding": "gzip"}, 415, "content_type", "압축"),
        ({"authorization": "Bearer ansim_00000000_wrong"}, 401, "key", "모르는 열쇠"),
        ({"authorization": "Basic abc"}, 401, "key", "모르는 열쇠"),
        ({"authorization": "Bearer"}, 401, "key", "모르는 열쇠"),
        ({f"x-{i}": "1" for i in range(100)}, 431, "headers", "머리글"),
        ({"x-long": "1" * 20_000}, 431, "headers", "머리글"),
    ],
    ids=str,
)
def test_bad_headers(service, headers, status, code, words):
    sent = {"content-type": "application/json", **headers}
    check(service.post("/v1/nearby", content=near(), headers=sent), status, code, words)


def test_a_huge_body_is_refused_by_its_length_and_by_its_bytes(service):
    sent = {"content-type": "application/json"}
    check(service.post("/v1/nearby", content=b" " * 20_000, headers=sent), 413, "too_large", "16,384바이트")

    async def chunks():
        for _ in range(30):
            yield b" " * 1_000

    check(service.post("/v1/nearby", content=chunks(), headers=sent), 413, "too_large", "16,384바이트")


GAPS = "/v1/districts/99999/gaps"
BAD_ADDRESSES = [
    ("/v1/bundles/없는구", {}, 404, "unknown_district", "모르는 자치구"),
    ("/v1/districts/관학구/gaps", {}, 404, "unknown_district", "모르는 자치구"),
    ("/v1/districts/99999/nothing", {}, 404, "no_such_path", "주소"),
    ("/nothing", {}, 404, "no_such_path", "주소"),
    (GAPS, {"at": "언젠가"}, 422, "bad_time", "날짜와 시각"),
    (GAPS, {"at": "2025-13-01T23:00"}, 422, "bad_time", "날짜와 시각"),
    (GAPS, {"who": "아이"}, 422, "bad_who", "대상을 알 수 없거나"),
    (GAPS, {"threshold": "0"}, 422, "bad_parameter", "threshold"),
    (GAPS, {"threshold": "nan"}, 422, "bad_parameter", "threshold"),
    (GAPS, {"threshold": "반"}, 422, "bad_parameter", "threshold"),
    (GAPS, {"reach": "inf"}, 422, "bad_parameter", "reach"),
    (GAPS, {"reach": "1e9"}, 422, "bad_parameter", "reach"),
    (GAPS, {"reach": "-1"}, 422, "bad_parameter", "reach"),
    (GAPS, {"dense_share": "2"}, 422, "bad_parameter", "dense_share"),
    (GAPS, {"dense": "best"}, 422, "bad_parameter", "dense"),
    (GAPS, {"combine": "max"}, 422, "bad_parameter", "combine"),
    (GAPS, {"need": "light"}, 422, "bad_parameter", "need"),
    (GAPS, {"weight": "lit"}, 422, "bad_parameter", "weight"),
    (GAPS, {"weight": "lit=2"}, 422, "bad_parameter", "weight"),
    (GAPS, {"weight": "light=0.2"}, 422, "bad_parameter", "weight"),
    (GAPS, {"include_partial": "1"}, 422, "bad_parameter", "include_partial"),
    (GAPS, {"format": "pdf"}, 422, "bad_parameter", "format"),
    (GAPS, {"stability": "1000000"}, 422, "bad_parameter", "stability"),
    (GAPS, {"stability": "1.5"}, 422, "bad_parameter", "정수"),
    (GAPS, {"stability": "1e1"}, 422, "bad_parameter", "stability"),
    (GAPS, {"stability": "١"}, 422, "bad_parameter", "stability"),
    (GAPS, {"stability": "1_0"}, 422, "bad_parameter", "stability"),
    (GAPS, {"reach": "1e0"}, 422, "bad_parameter", "0.1에서 10 사이"),
    (GAPS, {"reach": "１"}, 422, "bad_parameter", "reach"),
    ("/v1/districts/99999/cells", {"format": "xlsx"}, 422, "bad_parameter", "format"),
    ("/v1/districts/99999/map", {"edition": "mine"}, 422, "bad_parameter", "edition"),
    ("/v1/imports/0123456789abcdef", {}, 403, "role", "할 수 없습니다"),
]


@pytest.mark.parametrize(("path", "query", "status", "code", "words"), BAD_ADDRESSES, ids=str)
def test_bad_addresses(service, path, query, status, code, words):
    check(service.get(path, params=query, role="planner"), status, code, words)


def test_numbers_are_told_as_they_are_read_and_typed():
    for text in ("1e3", "٣", "0", "1000001", "three", "5" * 400):
        with pytest.raises(BadParameterError, match=r"1에서 1,000,000 사이의 숫자") as raised:
            whole("limit", text, 1, 1_000_000)
        assert raised.value.hint == "예: limit=10"
    with pytest.raises(BadParameterError, match="정수"):
        whole("limit", "10.0", 1, 1_000_000)
    assert (whole("limit", "1000", 1, 1_000_000), number("simplify", "1e-05", 0, 1)) == (1_000, 1e-05)
    with pytest.raises(BadParameterError, match=r"0에서 1,000,000 사이의 숫자"):
        Fields({"n": -1}, ("n",)).whole("n", 0, 1_000_000)


def test_unknown_districts_are_told_the_nearest(service):
    assert "안심구(99999)" in service.get("/v1/bundles/안심").json()["hint"]


def test_a_closed_service_wants_a_key(sample_store, tmp_path):
    with serving(sample_store, tmp_path, public=False) as closed:
        public = ("/v1/districts", "/v1/bundles/99999", "/v1/layers", "/v1/me", "/v1/city", "/v1/city/table")
        drawn = tuple(f"/v1/districts/99999/{what}" for what in ("map", "ground", "view"))
        for path in public + drawn:
            check(closed.get(path), 401, "key", "열쇠가 필요합니다")
        check(closed.post("/v1/nearby", json=HERE), 401, "key", "열쇠가 필요합니다")
        assert closed.post("/v1/nearby", json=HERE, role="planner").status_code == 200


def test_before_the_first_data(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.api.conftest.wait_for", lambda *_, **__: None)
    monkeypatch.setattr("api.live.stamp_of", lambda *_: (_ for _ in ()).throw(ValueError("down")))
    with serving(tmp_path / "none.gpkg", tmp_path) as early:
        for answer in (early.get("/ready"), early.post("/v1/nearby", json=HERE), early.get("/v1/districts")):
            check(answer, 503, "not_ready", "읽고 있습니다")
            assert answer.headers["retry-after"] == "2"
        assert early.get("/health").json() == {"status": "ok"}


def test_an_empty_store_knows_nothing(tmp_path):
    with serving(tmp_path / "none.gpkg", tmp_path) as empty:
        found = empty.post("/v1/nearby", json=HERE).json()
        assert found["points"] == []
        assert len(found["no_data"]) == 4
        assert empty.get("/v1/districts").json()["districts"] == []
        check(empty.get("/v1/bundles/11620"), 409, "no_data", "경계")


def test_security_headers_and_no_cors(service):
    for path in ("/health", "/v1/districts", "/nothing"):
        answer = service.get(path, headers={"origin": "https://somewhere.example"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'; frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers


def test_cors_for_those_named(sample_store, tmp_path):
    with serving(sample_store, tmp_path, cors=("https://app.example",)) as named:
        for origin, allowed in (("https://app.example", True), ("https://other.example", False)):
            answer = named.post("/v1/nearby", json=HERE, headers={"origin": origin})
            assert (answer.headers.get("access-control-allow-origin") == origin) == allowed
        asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
        assert named.request("OPTIONS", "/v1/nearby", headers=asked).status_code == 200


def test_a_key_of_the_public_sees_what_the_public_sees(sample_store, tmp_path):
    with serving(sample_store, tmp_path, public=False) as closed:
        with book_of(sample_store, tmp_path / "keys.json") as book:
            key = {"authorization": f"Bearer {create_key(book, Role.PUBLIC, '앱', NOW)}"}
        shown = closed.get("/v1/layers", headers=key)
        assert {layer["visibility"] for layer in shown.json()["layers"]} == {"public"}
        everything = closed.get("/v1/layers", role="planner").json()["layers"]
        assert "patrol_zone" in {layer["layer"] for layer in everything}
        for path in ("map", "ground", "view"):
            asked = closed.get(f"/v1/districts/99999/{path}", params={"edition": "internal"}, headers=key)
            check(asked, 403, "role", "직원만")
        check(closed.get("/v1/districts/99999/states", headers=key), 403, "role", "할 수 없습니다")
