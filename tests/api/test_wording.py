"""What a caller over HTTP is told speaks of the request's fields, never of the command line's options."""

import ast
import json
import re
from pathlib import Path

import orjson
import pytest

from api.errors import problem
from api.import_form import of_all
from api.plan_question import _LAYER, _PLAN, SETTINGS
from api.wording import in_request_words
from geo.errors import NoDataError
from layers.importing.options import OF_A_FILE

ROOT = Path(__file__).parents[2]
# Said at the command alone: its tables, proposals (no route), a store's own name (said in other words over HTTP).
COMMAND_ONLY = re.compile(r"(layers|geo|maps)/(postgis/|.*terminal|.*proposal|gpkg_|geopackage|store)")
FIELDS = {
    *_LAYER,
    *_PLAN,
    *SETTINGS,
    *of_all.__annotations__,
    *OF_A_FILE,
    "confirm",
    "force",
    "edition",
    "plan",
    "cost.once_krw",
}
MOST = "--[a-z]|ansim (import|sites|gaps|map|plans|serve|layers)"


def messages():
    """Every Korean text of a raise or a constant in the analysis and the imports, a placeholder as the word cctv."""
    for path in (path for room in ("geo", "layers", "maps") for path in sorted((ROOT / room).rglob("*.py"))):
        name = path.relative_to(ROOT).as_posix()
        if COMMAND_ONLY.match(name):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "cctv" for part in node.values)
                text = "".join(str(part) for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
                text = node.value
            else:
                continue
            if re.search(MOST, text) and re.search("[가-힣]", text):
                yield name, text


def test_no_message_that_may_reach_a_caller_is_left_with_an_option():
    found = list(messages())
    assert len(found) > 60
    for name, text in found:
        said = in_request_words(text)
        assert not re.search(MOST, said), (name, text, said)
        # An option alone has become a field of some request.
        for option in re.findall(r"--([a-z][a-z-]*)", text):
            if option not in {"cost", "max-size", "catalog", "out", "layers", "name"}:
                assert any(re.search(rf"\b{re.escape(field)}\b", said, re.ASCII) for field in FIELDS), (name, said)


@pytest.mark.parametrize(
    ("said_at_the_command", "over_http"),
    [
        ("예: --who 여성,20-39 또는 --who 65+", "예: who=여성,20-39 또는 who=65+"),
        ("--within district 로 자치구 전체를 보십시오", "within=district 로 자치구 전체를 보십시오"),
        ("--budget cctv=원 또는 --count cctv=수", "budget_krw=원 또는 count=수"),
        ("맞으면 --confirm을 주십시오", "맞으면 confirm=true를 주십시오"),
        ("옮기기(--move)와 개소 수(--count)는", "옮기기(moves)와 개소 수(count)는"),
        ("경계부터: ansim import 행정동경계.geojson", "경계부터: POST /v1/imports"),
        ("ansim import 파일 --layer park", "POST /v1/imports, layer=park"),
        ('--column lat="열 이름" --column lon="열 이름"을', "column=lat=열 이름 column=lon=열 이름을"),
        ("ansim layers로 저장된 자료를 확인하십시오", "GET /v1/imports/stored로 저장된 자료를 확인하십시오"),
        (
            "지도로 보십시오: ansim map 관악구 --plan 첫 계획",
            "지도로 보십시오: GET /v1/districts/관악구/map, plan=첫 계획",
        ),
        ("예: --stability 200", "예: stability=200"),
        ("--stability 없이 계획하거나", "stability 없이 계획하거나"),
        ("--seconds를 늘리십시오", "seconds를 늘리십시오"),
        ("--max-size를 늘리거나 나누어 주십시오", "나누어 올리십시오"),
        ("가-나--다: 그대로", "가-나--다: 그대로"),
    ],
)
def test_by_example(said_at_the_command, over_http):
    assert in_request_words(said_at_the_command) == over_http


def test_a_problem_is_said_so():
    _, body, _ = problem(NoDataError("자료가 없습니다", "--include-partial을 쓰십시오"), "1")
    assert orjson.loads(body)["hint"] == "include_partial=true를 쓰십시오"


def test_over_http(service):
    """Errors of the analysis, of candidates, of money and of an import, as a caller gets them."""
    plans = "/v1/districts/99999/plans"
    money = {"layer": "cctv", "budget_krw": 100_000_000, "candidates": ["grid:200"], "within": "district"}
    bodies = [
        {"layers": [{**money, "budget_krw": None}]}, {"layers": [{**money, "moves": 1, "count": 2}]},
        {"layers": [{**money, "target": 0.5, "twice": 0.5}]}, {"layers": [{**money, "fewest": True}]},
        {"layers": [{**money, "layer": "safe_house", "candidates": ["building"]}]},
        {"layers": [money], "budget_krw": 1_000_000}, {"layers": [money], "settings": {"who": "39-20"}},
        {"layers": [{**money, "capacity": 0}]},
    ]  # fmt: skip
    answers = [service.post(plans, role="planner", json={**body, "seconds": 2}) for body in bodies]
    for form in ({"layer": "없음"}, {"crs": "EPSG:1"}, {"encoding": "없음"}, {"column": "lat=없음"}, {"mode": "x"}):
        files = {"files": ("a.csv", "이름,위도,경도\n가,37,127\n".encode())}
        answers.append(service.post("/v1/imports", role="admin", data=form, files=files))
    for answer in answers:
        assert answer.status_code in {409, 422}, (answer.text, [x for x in service.log.splitlines() if "fault" in x])
        assert "--" not in json.dumps(answer.json()), answer.text
        assert "ansim " not in answer.text
