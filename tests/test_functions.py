"""No function is so long that it must be scrolled: 50 lines of code at most, its docstring aside."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST = 50
LONGER = {  # compiled loop nests: a call in the innermost loop would cost what the kernel is there to save
    ("geo/siting/kernels.py", "anneal"),
    ("geo/siting/kernels.py", "lazy_greedy"),
    ("geo/siting/flat_kernels.py", "anneal"),
    ("geo/siting/flat_kernels.py", "cover_all"),
}
NOT_OURS = {".venv", "build", "dist"}
MODULES = [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in NOT_OURS]


def functions(path):
    """Give the name of every function of a module, and its lines without decorators and docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
            said = text.end_lineno - text.lineno + 1 if text else 0
            yield node.name, node.end_lineno - node.lineno + 1 - said


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_functions_stay_short(path):
    where = path.relative_to(ROOT).as_posix()
    assert {name: n for name, n in functions(path) if n > MOST and (where, name) not in LONGER} == {}


def test_no_exception_is_left_that_is_none():
    found = {(p.relative_to(ROOT).as_posix(), name) for p in MODULES for name, n in functions(p) if n > MOST}
    assert found == LONGER
