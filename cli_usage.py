"""What is wrong with the words of a command, in Korean: the parser says it in English."""

import re
from typing import Any

_QUOTED = re.compile(r"'([^']*)'")
_LIMITS = {
    "less than or equal to": "이하여야",
    "greater than or equal to": "이상이어야",
    "less than": "미만이어야",
    "greater than": "보다 커야",
}
_LIMIT = re.compile(rf"Input should be ({'|'.join(_LIMITS)}) (\S+)$")
_KINDS = {
    "valid integer": "정수가 아닙니다",
    "valid number": "숫자가 아닙니다",
    "finite number": "숫자가 아닙니다",
    "valid boolean": "예/아니요 값이 아닙니다",
}


def usage_in_korean(error: Any) -> str:  # noqa: ANN401 - the parser's classes of error are its own
    """Return one line: what is wrong with the command's words, and where to look.

    Parameters
    ----------
    error
        What the parser raised. An unknown one is said as such, with its own words left out.
    """
    kind, said = type(error).__name__, " ".join(str(error.format_message()).split())
    quoted = _QUOTED.findall(said)
    where = quoted[0] if quoted else ""
    near: list[str] = []
    match kind:
        case "NoSuchOption":
            what, near = f"모르는 선택지입니다: {error.option_name}", sorted(error.possibilities or ())
        case "MissingParameter":
            what = f"{where}: {'선택지가' if where.startswith('-') else '값이'} 빠졌습니다"
        case "BadOptionUsage":
            lacks = "requires" in said
            what = f"{error.option_name}: {'값이 빠졌습니다' if lacks else '값을 받지 않는 선택지입니다'}"
        case "BadParameter":
            what = f"{where}: {_wrong_value(str(error.message))}"
        case _ if said.startswith("No such command"):
            what, near = f"모르는 명령입니다: {where}", quoted[1:]
        case _ if said.startswith("Missing command"):
            what = "명령이 빠졌습니다"
        case _ if extra := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)$", said):
            what = f"남는 말이 있습니다: {extra[1]} (띄어 쓴 이름은 따옴표로 묶습니다)"
        case _:
            what = "명령을 알아듣지 못했습니다"
    guess = f"혹시 {', '.join(near)}? " if near else ""
    return f"{what} → {guess}쓰는 법: {_command(error)} --help"


def _wrong_value(said: str) -> str:
    if limit := _LIMIT.search(said):
        return f"{limit[2]} {_LIMITS[limit[1]]} 합니다"
    return next((words for known, words in _KINDS.items() if known in said), "쓸 수 없는 값입니다")


def _command(error: Any) -> str:  # noqa: ANN401
    """Return the command as it is typed; of its path the first word is the program's file."""
    context = getattr(error, "ctx", None)
    return " ".join(["ansim", *(context.command_path.split()[1:] if context is not None else ())])
