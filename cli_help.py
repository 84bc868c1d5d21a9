"""The help of every command, in Korean: the parser's own is half English, whatever the language of the words in it."""

import shutil
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console

from cli_words import say

_WIDEST = 100
_NARROWEST = 50
_INDENT = 2
_KINDS = {"int": "정수", "float": "수", "Path": "경로", "list[Path]": "경로"}
_ORDER = (
    "demo", "import", "forget", "locate", "layers", "gaps", "map", "sites", "explain", "plans", "report", "proposals",
    "serve", "keys", "db",
)  # fmt: skip
_HELP = "이 도움말을 보이고 끝냅니다."


def add_version(app: typer.Typer) -> None:
    """Give the command ``--version``, which says which version this is and ends."""

    def shown(asked: bool) -> None:
        if asked:
            say(Console(), f"안심지도 {version('ansim-map')}")
            raise typer.Exit

    @app.callback()
    def first(
        number: Annotated[bool, typer.Option("--version", is_eager=True, callback=shown, help="판 번호")] = False,
    ) -> None:
        pass


def in_korean(command: Any) -> Any:  # noqa: ANN401 - the parser's classes are its own
    """Give a command, and all below it, help in Korean; return it.

    Parameters
    ----------
    command
        What ``typer.main.get_command`` makes.
    """

    def get_help(context: Any) -> str:  # noqa: ANN401
        return help_text(command, context)

    command.get_help = get_help
    for below in getattr(command, "commands", {}).values():
        in_korean(below)
    return command


def _place(named: tuple[str, Any]) -> int:
    """Return where a command stands in the help: in the order of the work; others as they were added, after these."""
    return _ORDER.index(named[0]) if named[0] in _ORDER else len(_ORDER)


def help_text(command: Any, context: Any) -> str:  # noqa: ANN401
    """Return the help of a command: how it is written, what it does, its arguments, options and commands."""
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))
    named: list[tuple[str, str]] = []
    options: list[tuple[str, str]] = []
    for param in command.get_params(context):
        is_option = param.param_type_name == "option"
        (options if is_option else named).append(_row(param, context, is_option=is_option))
    below = dict(sorted(getattr(command, "commands", {}).items(), key=_place))
    words = [*context.command_path.split(), "[선택지]", *(_name(p) for p in command.params if not _is_option(p))]
    lines = [f"쓰는 법: {' '.join([*words, *(['명령 …'] if below else [])])}", ""]
    said = (command.help or "").split("\f")[0].strip()
    if said:
        lines += [*(f"{' ' * _INDENT}{line}" for line in _wrapped(said, width - _INDENT)), ""]
    lines += _section("인자", named, width)
    lines += _section("선택지", options, width)
    shown = [(name, _short(one)) for name, one in below.items() if not one.hidden]
    lines += _section("명령", shown, width)
    return "\n".join(lines).rstrip()


def _row(param: Any, context: Any, *, is_option: bool) -> tuple[str, str]:  # noqa: ANN401
    """Return what a parameter is called, and what is said of it."""
    if "--help" in param.opts:
        return "--help", _HELP
    name = _name(param)
    if is_option:
        names = " / ".join(filter(None, [", ".join(param.opts), ", ".join(param.secondary_opts)]))
        name = names if getattr(param, "is_flag", False) else f"{names} {_kind(param)}"
    return name, "  ".join(filter(None, [param.help or "", _notes(param, context)]))


def _notes(param: Any, context: Any) -> str:  # noqa: ANN401
    """Return what a parameter may be and what it is unless given, in brackets."""
    notes = []
    if getattr(param, "multiple", False) or param.nargs == -1:
        said = param.help or ""
        notes += [] if "여러 번" in said or not _is_option(param) else ["여러 번 가능"]
    if param.required:
        notes.append("필수")
    default = param.get_default(context, call=False)
    given = default not in (None, "", (), [], False) and not callable(default)
    if given and not getattr(param, "is_flag", False):
        notes.append(f"기본: {default}")
    elif given and param.secondary_opts:
        notes.append(f"기본: {param.opts[0]}")
    least, most = (getattr(param, side, None) for side in ("min", "max"))
    if least is not None or most is not None:
        notes.append(f"{'' if least is None else least}–{'' if most is None else most}")
    if param.envvar:
        notes.append(f"환경변수 {param.envvar}")
    return f"[{'; '.join(notes)}]" if notes else ""


def _kind(param: Any) -> str:  # noqa: ANN401
    if param.metavar:
        return f"<{param.metavar}>"
    return f"<{_KINDS.get(str(param.bare_type()), '글')}>"


def _name(param: Any) -> str:  # noqa: ANN401
    return str(param.metavar or param.name)


def _is_option(param: Any) -> bool:  # noqa: ANN401
    return bool(param.param_type_name == "option")


def _short(command: Any) -> str:  # noqa: ANN401
    """Return the first sentence of a command's help."""
    said = " ".join((command.help or "").split("\f")[0].split())
    end = said.find(". ")
    return said if end < 0 else said[: end + 1]


def _section(title: str, rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Return a heading and two columns; a name too long stands on a line of its own."""
    listed = list(rows)
    if not listed:
        return []
    first = min(max(cell_len(name) for name, _ in listed), 28) + _INDENT
    lines = [f"{title}:"]
    for name, said in listed:
        wrapped = list(_wrapped(said, width - first - 2 * _INDENT)) or [""]
        lead = f"{' ' * _INDENT}{name}"
        if cell_len(name) + _INDENT > first:
            lines.append(lead)
            lead = ""
        lines.append(lead + " " * (first + _INDENT - cell_len(lead)) + wrapped[0])
        lines += [" " * (first + _INDENT) + line for line in wrapped[1:]]
    return [line.rstrip() for line in [*lines, ""]]


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield lines of at most so many cells (a Hangul letter is two), broken between words; blank lines stay."""
    for part in text.split("\n\n"):
        line = ""
        for word in part.split():
            if line and cell_len(line) + 1 + cell_len(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield line
