"""What is wrong with a catalog, in one Korean line: which table, which entry, and what to write instead."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from layers.catalog_specs import AreaSpec, Cost, FormSpec, LayerSpec, Marker, Method, NeedSpec, Programme

# By the first word of where a fault lies, or by the name of the table inside a table.
_ENTRIES: Mapping[str, type] = {
    "method": Method, "needs": NeedSpec, "layers": LayerSpec, "areas": AreaSpec, "forms": FormSpec,
    "marker": Marker, "programme": Programme,
    "cost_once_krw": Cost, "cost_existing_pole_krw": Cost, "cost_year_krw": Cost,
}  # fmt: skip
_WORDS: Mapping[str, str] = {
    "string_type": '글자("…")여야 합니다',
    "string_too_short": "비어 있습니다",
    "string_too_long": "{max_length}자까지만 쓸 수 있습니다",
    "float_type": "숫자여야 합니다",
    "int_type": "정수여야 합니다",
    "int_from_float": "정수여야 합니다",
    "finite_number": "유한한 숫자여야 합니다",
    "bool_type": "true 또는 false여야 합니다",
    "tuple_type": '목록(["…"])이어야 합니다',
    "dataclass_type": "표({{ … }})여야 합니다",
    "dict_type": "표({{ … }})여야 합니다",
    "mapping_type": "표({{ … }})여야 합니다",
    "greater_than_equal": "{ge:g} 이상이어야 합니다",
    "less_than_equal": "{le:g} 이하여야 합니다",
}
_PATTERNS: Mapping[str, tuple[str, str]] = {
    "id": ("이름은 영문 소문자, 숫자, 밑줄이어야 합니다", "예: [layer.support_center]"),
    "colour": ("색은 #과 여섯 자리 16진수여야 합니다", '예: colour = "#0072B2"'),
}
_LONGEST = 60

Fault = tuple[str, str, str]  # where, what is wrong, what to do ('' where only an example helps)


def first_fault(error: ValidationError, tables: Mapping[str, Any]) -> Fault:
    """Return the first of the faults, and in its words how many more there are.

    Parameters
    ----------
    error
        Of validating a ``layers.catalog.Catalog``.
    tables
        The tables as they were read, for the ids of forms.
    """
    faults = error.errors(include_url=False)
    where, said, hint = _fault(faults[0], tables)
    return where, said + (f" (그 밖에 {len(faults) - 1}가지)" if len(faults) > 1 else ""), hint


def _fault(fault: Mapping[str, Any], tables: Mapping[str, Any]) -> Fault:
    kind, path = str(fault["type"]), [str(part) for part in fault["loc"] if part != "[key]"]
    table, entry = _place(path, tables)
    name, given = entry[-1] if entry else "", _short(fault.get("input"))
    where, within = f"{table} {'.'.join(entry)}".rstrip(), f"{table} {'.'.join(entry[:-1])}".rstrip()
    if kind == "missing":
        return within, f"{name}이(가) 없습니다", ""
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        owner = _ENTRIES.get(entry[-2] if len(entry) > 1 else path[0], Cost)
        allowed = ", ".join(field.name for field in fields(owner) if field.name != "id" or owner is FormSpec)
        return within, f"모르는 항목 {name.removesuffix('=')!r}", f"쓸 수 있는 항목: {allowed}"
    if kind == "value_error":
        return where, str(fault["ctx"]["error"]), ""
    if kind == "literal_error":
        allowed = str(fault["ctx"]["expected"]).replace(" or ", ", ").replace("'", "")
        what = "모르는 열 항목" if "columns" in entry else "모르는 값"
        return where, f"{what} {given}", f"{allowed} 중 하나"
    if kind == "string_pattern_mismatch":
        return (where, *_PATTERNS.get(name, ("쓸 수 없는 글자가 있습니다", "줄바꿈 없이 글자를 쓰십시오")))
    words = _WORDS.get(kind, "쓸 수 없는 값입니다").format(**fault.get("ctx", {}))
    return where, f"{words}: {given}", ""


def _place(path: list[str], tables: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the table as it is written in the file, and the rest of the way to the fault."""
    if path[0] == "method":
        return "[method]", path[1:]
    if path[0] == "forms":
        form = tables["form"][int(path[1])]
        name = form.get("id") if isinstance(form, dict) else None
        return f"[[form]] {_short(name) if name else f'{int(path[1]) + 1}번째'}", path[2:]
    return f"[{path[0].removesuffix('s')}.{path[1]}]", path[2:]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
