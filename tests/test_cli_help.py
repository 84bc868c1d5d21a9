"""The help of every command is Korean, whole, and fits a terminal."""

import re
from importlib.metadata import version

import pytest
import typer
from rich.cells import cell_len

import cli
from cli_help import in_korean
from tests.test_cli import ansim

ENGLISH = re.compile(
    r"usage|options?\b|arguments?\b|commands?\b|show this message|default|required|env var|list\[|\bstr\b|\bpath\b",
    re.IGNORECASE,
)


def commands(command, words=()):
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


ALL = dict(commands(in_korean(typer.main.get_command(cli.app))))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_is_korean_and_names_everything(words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    command = ALL[words]
    context = typer.Context(command, info_name=" ".join(["ansim", *words]))
    text = command.get_help(context)
    assert text.startswith(f"쓰는 법: {' '.join(['ansim', *words])} [선택지]")
    values = r"--[\w-]+|ANSIM_\w+|low, default, high|기본: default"  # words to type
    assert not ENGLISH.findall(re.sub(values, "", text)), text
    for param in command.params:
        for name in (*param.opts, *param.secondary_opts) if param.param_type_name == "option" else ():
            assert name in text
    for name, below in getattr(command, "commands", {}).items():
        assert re.search(rf"^  {name} +\S", text, re.MULTILINE), name
        assert below.help, name
    assert max(map(cell_len, text.splitlines())) <= 80


def test_help_as_it_is_asked_for(tmp_path):
    said = ansim("import", "--help", cwd=tmp_path)
    assert "쓰는 법: ansim import [선택지] 파일..." in said
    assert "[기본: replace]" in said
    assert "--max-size <수>" in said
    assert ansim("plans", cwd=tmp_path).startswith("쓰는 법: ansim plans")


def test_commands_stand_in_the_order_of_the_work(tmp_path):
    listed = re.findall(r"^  ([a-z]+) +\S", ansim(cwd=tmp_path).partition("명령:")[2], re.MULTILINE)
    assert listed[:4] == ["demo", "import", "forget", "locate"]
    assert set(listed) == {words[0] for words in ALL if words}


def test_version_is_that_of_the_package(tmp_path):
    assert ansim("--version", cwd=tmp_path) == f"안심지도 {version('ansim-map')}\n"
