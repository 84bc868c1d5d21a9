"""What the documents say is there: links, commands, errors, and the code they show."""

import importlib
import os
import pkgutil
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer

import api
import data
import geo
import layers
import maps
from cli import app
from geo.errors import AnsimError

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "data" / "sample" / "README.md"]
READMES = ["README.md", "README.ko.md"]


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def fenced(page, language):
    """Return the code blocks of a page: those of one language, '' for blocks that name none."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", read(page), flags=re.MULTILINE | re.DOTALL)
    return [text for named, text in blocks if named == language]


def shell_lines(page):
    """Return the command lines of a page's blocks, comments and ways to the command left out."""
    lines = "".join([*fenced(page, "sh"), *fenced(page, "")]).splitlines()
    return [re.sub(r"^\.venv[/\\](?:bin|Scripts)[/\\]", "", line.strip()) for line in lines if line.strip()]


def errors():
    for room in (geo, layers, maps, api, data):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    found, left = [], [AnsimError]
    while left:
        error = left.pop()
        found.append(error)
        left += error.__subclasses__()
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a copy of the sample, in which a page's code runs as it would on a planner's machine."""
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "sample")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(page):
    """Run a page's Python blocks in order, in one namespace; an error names the page's own line."""
    text, names = read(page), {"__name__": page}
    for block in fenced(page, "python"):
        before = text[: text.index(block)].count("\n")
        exec(compile("\n" * before + block, str(ROOT / page), "exec"), names)  # noqa: S102 - our own pages
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", READMES)
def test_command_lines_use_what_exists(page):
    commands = typer.main.get_command(app).commands
    lines = [shlex.split(line, comments=True, posix="\\" not in line) for line in shell_lines(page)]
    ours = [line for line in lines if line[0] == "ansim"]
    assert {line[1] for line in ours} >= {"import", "layers", "gaps", "map"}
    for _, name, *words in ours:
        assert name in commands, name
        # click reads the words as it would a planner's: unknown options, missing values and arguments raise.
        commands[name].make_context(name, list(words))
    made = {word for line in lines if line[0] == "make" for word in line[1:] if "=" not in word}
    assert {"demo", "test"} <= made
    assert made <= set(re.findall(r"^(\w+):", read("Makefile"), flags=re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_words_in_the_text_are_commands_and_options(page):
    commands = typer.main.get_command(app).commands
    not_yet = {"sites"}
    for name in re.findall(r"`ansim (\w+)", page.read_text(encoding="utf-8")):
        assert name in commands or name in not_yet, name
    within = [inner for command in commands.values() for inner in getattr(command, "commands", {}).values()]
    options = {
        opt
        for command in [*commands.values(), *within]
        for parameter in command.params
        for opt in (*parameter.opts, *parameter.secondary_opts)
    }
    elsewhere = {"--help", "--json", "--no-index", "--find-links"}
    said = set(re.findall(r"(?<![\w-])`(--[a-z][a-z-]+)", page.read_text(encoding="utf-8")))
    assert said <= options | elsewhere, said - options - elsewhere


def test_every_error_is_listed_with_its_code():
    rows = re.findall(r"^\| `(\w+)` \| `([\w.]+)` \| (.+) \| (.*) ?\|$", read("docs/errors.md"), flags=re.MULTILINE)
    listed = {(where, code) for code, where, _, _ in rows}
    found = {(f"{error.__module__}.{error.__name__}", error.code) for error in errors()}
    assert found == listed
    assert len({code for _, code in found}) == len(found)


def test_the_cookbook_runs(folder):
    names = run("docs/cookbook.md")
    assert names["result"].gaps
    for made in ("report.json", "map.html", "public.html", "gaps.xlsx", "cells.parquet"):
        assert (folder / made).stat().st_size > 0


def test_the_worked_example_is_what_the_code_says(folder):
    names = run("docs/how-numbers-are-computed.md")
    exact = np.pi * (15**2 + 15 * 30 + 30**2) / 3 / 100**2
    assert names["lit"] == pytest.approx(exact, abs=0.0005)
    assert names["combined"] == pytest.approx([0.3 * exact / 0.44, (1 - 0.8 * (1 - 0.3 * exact)) / 0.44], abs=0.0005)
    assert names["gap"].tolist() == [True, False]
    text = read("docs/how-numbers-are-computed.md")
    example = text[text.index("## A worked example") : text.index("```python")]
    for said in (
        f"`lit` is {names['lit'][0]:.3f}",
        f"= {names['combined'][0]:.3f}.",
        f"= {names['combined'][1]:.3f}.",
        f"= {names['uncovered']:.1f} uncovered",
        f"`lit` {names['shares'][0]:.3f}",
        f"= {names['shares'][1]:.3f}",
        f"= {names['shares'][2]:.3f}.",
    ):
        assert said in example, said


def test_the_numbers_of_the_method_are_those_of_the_catalog():
    catalog = importlib.import_module("layers.catalog").load_catalog()
    table = read("docs/how-numbers-are-computed.md")
    for need in catalog.needs.values():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{need.id}`"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        detour = catalog.method.detour if need.walked else 1.0
        assert cells[0] == f"`{need.id}` {need.name}"
        assert cells[1].split(", ") == [layer.id for layer in catalog.layers_of(need.id)]
        assert cells[2].startswith(f"{need.full_m:g} to {need.none_m:g}")
        assert [float(word) for word in cells[3].split(" to ")] == pytest.approx(
            [need.full_m / detour, need.none_m / detour], abs=0.05
        )
        assert float(re.match(r"[\d.]+", cells[4])[0]) == need.weight


def test_no_page_names_a_place_on_somebodys_machine():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp|Users)/", text), page.name
        assert os.fspath(ROOT) not in text


def test_decisions_stand_once_each_in_order_of_number():
    numbers = [int(one) for one in re.findall(r"(?m)^### (\d+)\. ", (ROOT / "docs/decisions.md").read_text("utf-8"))]
    assert numbers == sorted(set(numbers))
