"""The planner's own file of rules (TOML): the parts of the score, their weights, and the limits of the shortlist."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.errors import AnsimError
from geo.proposals import Limits, Part

WHATS = ("households", "uncovered", "cover", "table", "inside")
_PART = {
    "name", "weight", "what", "need", "within_m", "better", "low", "high", "file", "column", "area", "encoding",
    "outside", "key",
}  # fmt: skip
_TOP = {"part", "shortlist", "duplicates"}
_SHORTLIST = {"size", "most_per_district", "least_per_district"}
_NAN = float("nan")


class RulesError(AnsimError):
    """The file of rules cannot be read, or says something that makes no sense."""

    code = "proposal_rules"


@dataclass(frozen=True)
class Table:
    """Where the values of a part come from: a file of dong or polygons, or a stored area.

    Attributes
    ----------
    column, key
        The column of the number; of a table of dong the column that names the dong, '' for the usual names.
    outside
        Value of what no polygon holds, and no row names; None: no data.
    area
        Id or name of an area of the catalog, in place of a file.
    """

    file: Path | None = None
    column: str = ""
    key: str = ""
    encoding: str | None = None
    outside: float | None = None
    area: str = ""


@dataclass(frozen=True)
class Rules:
    """What a file of rules says. ``tables``: part name to where it is read from; ``near_m``: duplicates so close."""

    parts: tuple[Part, ...]
    tables: Mapping[str, Table] = field(default_factory=dict)
    limits: Limits | None = None
    near_m: float = 0.0


def read_rules(path: Path) -> Rules:
    """Read a file of rules; files named in it stand beside it.

    Raises
    ------
    RulesError
        It is not there or no TOML; a key is unknown, missing or of the wrong kind; two parts have one name.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RulesError(
            f"{path}: 규칙 파일을 열 수 없습니다 ({error.strerror})", "경로와 이름을 확인하십시오"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(
            f"{path.name}: 규칙 파일을 읽을 수 없습니다 ({error})",
            "utf-8로 저장했는지, 글자를 따옴표로 묶었는지 보십시오",
        ) from error
    where = path.name
    _known(said, _TOP, where)
    listed = said.get("part", [])
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise RulesError(f"{where}: 점수 항목이 없습니다", "[[part]] 아래에 name, what, weight를 적으십시오")
    parts: list[Part] = []
    tables: dict[str, Table] = {}
    for number, one in enumerate(listed, start=1):
        part, table = _part(one, f"{where} [[part]] {number}", path.parent)
        if part.name in {other.name for other in parts}:
            raise RulesError(f"{where}: 항목 이름이 두 번 있습니다 ({part.name})", "이름을 다르게 하십시오")
        parts.append(part)
        if table is not None:
            tables[part.name] = table
    near = _section(said, "duplicates", {"within_m"}, where)
    return Rules(tuple(parts), tables, _limits(said, where), _number(near, "within_m", f"{where} [duplicates]", 0.0))


def _part(said: Mapping[str, Any], where: str, folder: Path) -> tuple[Part, Table | None]:
    _known(said, _PART, where)
    name, what = _text(said, "name", where), _text(said, "what", where)
    where = f"{where} ({name})"
    if what not in WHATS:
        raise RulesError(f"{where}: what = {what!r}은(는) 모르는 것입니다", f"{', '.join(WHATS)} 중 하나")
    better = said.get("better", "more")
    if better not in {"more", "less"}:
        raise RulesError(f"{where}: better는 more 또는 less입니다", '많을수록 점수가 높으면 "more"')
    if "weight" not in said:
        raise RulesError(f"{where}: weight가 없습니다", "가중치는 프로그램이 정하지 않습니다. 0보다 큰 수를 적으십시오")
    weight = _number(said, "weight", where, _NAN)
    within = _number(said, "within_m", where, 300.0)
    low, high = (_number(said, end, where, _NAN) for end in ("low", "high"))
    if not weight > 0 or not within > 0 or low >= high:
        raise RulesError(f"{where}: weight와 within_m은 0보다, high는 low보다 커야 합니다", "값을 고치십시오")
    table = _table(said, what, where, folder) if what in {"table", "inside"} else None
    return Part(name, weight, what, _source(said, what), within, better, low, high), table


def _source(said: Mapping[str, Any], what: str) -> str:
    if what in {"table", "inside"}:
        return " ".join(str(said[key]) for key in ("file", "area", "column") if said.get(key))
    return "" if what == "households" else str(said.get("need", "combined"))


def _table(said: Mapping[str, Any], what: str, where: str, folder: Path) -> Table:
    file, area = said.get("file"), said.get("area")
    if (file is None) == (area is None):
        raise RulesError(f"{where}: file이나 area 가운데 하나가 있어야 합니다", '예: file = "5대범죄.csv"')
    if what == "table" and (file is None or not said.get("column")):
        raise RulesError(f"{where}: 수가 든 파일과 열이 없습니다", '예: file = "5대범죄.csv", column = "발생건수"')
    outside = None if "outside" not in said else _number(said, "outside", where, _NAN)
    return Table(
        None if file is None else folder / str(file), str(said.get("column", "")), str(said.get("key", "")),
        said.get("encoding"), outside, str(area or ""),
    )  # fmt: skip


def _limits(said: Mapping[str, Any], where: str) -> Limits | None:
    if "shortlist" not in said:
        return None
    found = _section(said, "shortlist", _SHORTLIST, where)
    numbers = {key: found[key] for key in _SHORTLIST & found.keys()}
    if "size" not in numbers or any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in numbers.values()):
        raise RulesError(f"{where} [shortlist]: size와 자치구별 한도는 0 이상의 정수입니다", "예: size = 44")
    return Limits(numbers["size"], numbers.get("most_per_district"), numbers.get("least_per_district", 0))


def _section(said: Mapping[str, Any], name: str, keys: set[str], where: str) -> Mapping[str, Any]:
    found = said.get(name, {})
    if not isinstance(found, dict):
        raise RulesError(
            f"{where}: [{name}]은 표여야 합니다", f"[{name}] 아래에 {', '.join(sorted(keys))}를 적으십시오"
        )
    _known(found, keys, f"{where} [{name}]")
    return found


def _known(said: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in said:
        if key not in keys:
            raise RulesError(f"{where}: 모르는 항목입니다: {key}", f"{', '.join(sorted(keys))} 중 하나")


def _text(said: Mapping[str, Any], key: str, where: str) -> str:
    found = said.get(key)
    if not isinstance(found, str) or not found.strip():
        raise RulesError(f"{where}: {key}가 없습니다", f'예: {key} = "…"')
    return found.strip()


def _number(said: Mapping[str, Any], key: str, where: str, default: float) -> float:
    found = said.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise RulesError(f"{where}: {key}는 수여야 합니다", f"예: {key} = 30")
    return float(found)
