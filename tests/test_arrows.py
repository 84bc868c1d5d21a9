"""Which room may use which: the arrows of the design, held."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLI = tuple(path.stem for path in sorted(ROOT.glob("cli*.py")))
ROOMS = ("geo", "layers", "maps", "data", "api", *CLI, "bench", "tests")
MAY_USE = {
    "geo": {"geo"},
    "layers": {"layers", "geo.crs", "geo.dates", "geo.grid", "geo.errors", "geo.model", "geo.plans", "geo.proposals"},
    "maps": {"maps", "geo", "layers.catalog", "layers.qgis", "layers.states", "layers.holdings", "layers.programmes"},
    "data": {"data", "geo.crs", "geo.grid"},
    "api": {"api", "geo", "layers", "maps"},
    "cli": {"geo", "layers", "maps", "data", *CLI, "api.commands"},
}
IO_OF_OTHERS = {"sqlite3", "pyogrio", "geopandas", "folium", "fastapi", "sqlalchemy", "httpx", "requests", "typer"}


def files(room):
    return sorted(ROOT.glob("cli*.py")) if room == "cli" else sorted((ROOT / room).rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", MAY_USE)
def test_arrows_go_one_way(room):
    for path in files(room):
        for name in imported(path):
            if name.split(".")[0] in ROOMS:
                allowed = any(name == a or name.startswith(a + ".") for a in MAY_USE[room])
                assert allowed, f"{path.relative_to(ROOT)} may not import {name}"


def test_geo_does_no_input_or_output():
    for path in files("geo"):
        names = {name.split(".")[0] for name in imported(path)}
        assert not names & IO_OF_OTHERS, path
        calls = {
            n.func.id
            for n in ast.walk(ast.parse(path.read_text()))
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        assert "open" not in calls, path


@pytest.mark.parametrize("path", [p for room in MAY_USE for p in files(room)], ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_machine_path_or_registry_host_is_named():
    words = ("/work" + "/", "pypi" + ".org", "files.python" + "hosted")
    for path in ROOT.rglob("*"):
        if path.suffix in {".py", ".toml", ".txt", ".md"} and not {".venv", ".git", "build"} & set(path.parts):
            text = path.read_text(encoding="utf-8")
            assert not any(word in text for word in words), path


def test_every_command_module_is_packaged_and_typed():
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert sorted(said["setuptools"]["py-modules"]) == list(CLI)
    assert set(CLI) <= {*said["mypy"]["modules"]}
