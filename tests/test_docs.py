"""What the documents say is there."""

import importlib
import pkgutil
import re
import shlex
from pathlib import Path

import pytest
import typer

import geo
import layers
import layers.importing
import maps
from cli import app
from geo.errors import AnsimError

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_command_lines_use_what_exists(page):
    commands = typer.main.get_command(app).commands
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = re.findall(r"^(?:\.venv/bin/)?ansim (.+)$", text, flags=re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        name, *words = shlex.split(line)
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line
    made = set(re.findall(r"^make (\w+)", text, flags=re.MULTILINE))
    assert made <= set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_every_error_is_listed():
    for room in (geo, layers, layers.importing, maps):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    listed = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    left = AnsimError.__subclasses__()
    assert left
    while left:
        error = left.pop()
        left += error.__subclasses__()
        assert f"`{error.__module__}.{error.__name__}`" in listed
        assert f"`{error.code}`" in listed
