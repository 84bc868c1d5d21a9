"""What plans say of themselves has a line in the book of phrases, whichever model made them."""

import ast
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from geo.plans import Measured
from geo.siting.wider import wider_words
from layers.catalog import load_catalog
from maps.english import speaker
from maps.plan_text import measured_words
from tests.maps.factory import district_result
from tests.maps.test_english import HANGUL
from tests.maps.test_report import plan_of

ROOT = Path(__file__).parents[2]
PLACE = "Ansim"  # for what is a name
MATCHED = {"한전", "설치형태"}  # words and a column looked for in the rows of files, as are texts with |
# Of errors and of progress, which files never hold.
ERRORS = {"clash.py", "limits.py", "model.py", "plan.py", "proving.py", "target.py"}
UNWRITTEN = ("Error", "require_plan", "_tell", "Group", "Floor", "_share")


@pytest.fixture(scope="module")
def say():
    return speaker(load_catalog(), "en")


def unwritten(node):
    """Say whether what stands in a node is raised, told while working, or said in both languages already."""
    if isinstance(node, ast.Tuple):
        texts = [one for one in node.elts if isinstance(one, ast.JoinedStr) or as_text(one)]
        return len(texts) > 1 and any(not HANGUL.search(ast.unparse(one)) for one in texts)
    called = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(UNWRITTEN)
    if isinstance(node, ast.Expr):  # a docstring
        return not isinstance(node.value, ast.Call)
    return called or isinstance(node, ast.Raise)


def as_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def sentences(node):
    """Yield the texts with Hangul in code, with each way to fill their places."""
    if unwritten(node):
        return
    if as_text(node) and HANGUL.search(node.value):
        yield [node.value]
    elif isinstance(node, ast.JoinedStr):
        texts = ["".join(one) for one in product(*(filled(part) for part in node.values))]
        yield [text for text in texts if HANGUL.search(text)] or [""]
    else:
        for child in ast.iter_child_nodes(node):
            yield from sentences(child)


def filled(part):
    """Return what may stand in a place of a text: a figure, a share, a name, or what a condition chooses."""
    if as_text(part):
        return [part.value]
    if isinstance(part.value, ast.IfExp):
        return [one.value for one in (part.value.body, part.value.orelse)]
    shape = ast.unparse(part.format_spec) if part.format_spec else ""
    return ["12.0%"] if "%" in shape else ["12"] if shape else ["12", PLACE]


def test_every_sentence_of_plans_has_a_line(say):
    files = [*(ROOT / "geo/siting").glob("*.py"), ROOT / "layers/candidates.py", ROOT / "layers/replacing.py"]
    found = [
        (path.name, texts)
        for path in sorted(files)
        if path.name not in ERRORS
        for texts in sentences(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 30
    said = [texts for _, texts in found if any(not HANGUL.search(say(text)) for text in texts)]
    assert [one for one in found if one[1] not in said and "|" not in one[1][0] and one[1][0] not in MATCHED] == []


def test_what_a_wider_look_gains_is_said(say):
    assert say(wider_words(1526.2, 1319.0)).startswith("Candidates on a grid lie in gap areas alone: ")
    assert not HANGUL.search(say(wider_words(1526.2, 1319.0)))
    assert "+1,526.2 households (this plan +1,319.0)" in say(wider_words(1526.2, 1319.0))


@pytest.mark.parametrize(
    ("name", "unit", "better", "english"),
    [
        ("목표 40.0%에 드는 비용", "원", "down", "cost of reaching 40.0%: KRW 88 | lower bound KRW 90"),
        ("목표 40.0%에 드는 개소", "곳", "down", "sites for reaching 40.0%: 88 | lower bound 90"),
        (
            "한 번 닿는 가구 x 0.7 + 두 번 닿는 가구 x 0.3", "가구", "up",
            "households covered once x 0.7 + covered twice x 0.3: 12.0 → 88.0 households | bound 90.0 households",
        ),
        (
            "수용량 안에서 닿는 가구", "가구", "up",
            "households covered within capacity 12.0 households → 88.0 households | bound 90.0 households",
        ),
        (
            "모든 층의 종합 도달", "가구분", "up",
            "combined cover of all layers 12.0 households → 88.0 households | bound 90.0 households",
        ),
    ],
)  # fmt: skip
def test_what_a_model_measures_is_said(say, name, unit, better, english):
    layer = replace(
        plan_of(district_result(facilities=40)).layers[0], measured=Measured(name, unit, better, 12.0, 88.0, 90.0)
    )
    assert say(measured_words(layer)) == f"{english} | gap 5.00%"
