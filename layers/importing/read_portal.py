"""Pages of the portals' APIs saved to files: 서울 열린데이터광장 and data.go.kr, as JSON and as XML.

Where the tables stand in them, :mod:`layers.importing.portal_tables` finds.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from layers.importing.encoding import decode
from layers.importing.errors import PortalError, UnreadableFileError, UnsafeFileError
from layers.importing.portal_tables import DEEPEST, TOTALS, Table, tables_of
from layers.importing.raw import Page, Raw
from layers.importing.tabular import raw_of_records

_CODES = ("CODE", "resultCode", "returnReasonCode")
_MESSAGES = ("MESSAGE", "resultMsg", "returnAuthMsg", "errMsg")
_FINE = frozenset({"", "0", "00", "000", "0000", "INFO-000", "INFO-0", "200", "NORMAL_CODE", "NORMAL_SERVICE"})
_LEAF = "#text"

Node = Any  # a value of parsed JSON: dict, list or text
Tells = Callable[[Raw], bool]


def read_json(data: bytes, file: str, encoding: str | None = None, tells: Tells = lambda _raw: False) -> list[Raw]:
    """Read a saved JSON page: an object of a portal, or a plain list of objects. Numbers stay as written.

    Parameters
    ----------
    tells
        Says whether a table is one of ours. Of a file with several such tables (services saved together) each comes
        by itself, named ``파일.json[서비스]``; else there is one, the largest. Pages of one table are one.

    Raises
    ------
    PortalError
        The portal answered with an error, or with no rows.
    UnreadableFileError
        It is no JSON, or holds no list of records.
    """
    text, found = decode(data, file, encoding)
    try:
        page = _parsed(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(
            f"{file}: JSON으로 읽을 수 없습니다 (잘렸거나 손상됨)", "다시 내려받으십시오"
        ) from error
    return _read(page, file, found, tells)


def read_xml(data: bytes, file: str, encoding: str | None = None, tells: Tells = lambda _raw: False) -> list[Raw]:
    """Read a saved XML page. Entities and document types are refused: no page of a portal has any.

    Raises
    ------
    PortalError, UnreadableFileError
        As :func:`read_json`.
    UnsafeFileError
        There is a document type or an entity in it.
    """
    text, found = decode(data, file, encoding)
    text = text.lstrip()
    if text.startswith("<?xml"):  # its encoding is known by now, and expat reads no cp949
        text = text.partition("?>")[2]
    try:
        root = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise UnsafeFileError(
            f"{file}: XML에 DTD나 엔티티가 들어 있어 읽지 않습니다", "원본을 다시 내려받으십시오"
        ) from error
    except (ParseError, ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{file}: XML로 읽을 수 없습니다 (잘렸거나 손상됨)", "다시 내려받으십시오") from error
    return _read({_tag(root): _plain(root, 0, file)}, file, found, tells)


def _parsed(text: str) -> Node:
    """Return a JSON value, or the list of those that stand one a line. Raises ValueError, RecursionError."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        try:
            return [json.loads(line, parse_float=str, parse_int=str, parse_constant=str) for line in lines]
        except json.JSONDecodeError:
            raise error from None


def _read(page: Node, file: str, encoding: str, tells: Tells) -> list[Raw]:
    tables, facts = tables_of(page, file)
    if not tables:
        raise _refusal(facts, file)
    raws = [(table, _raw(table, file, encoding)) for table in tables]
    told = [(table, raw) for table, raw in raws if tells(raw)] if len(raws) > 1 else raws
    if len(told) < 2:
        return [told[0][1] if told else max(raws, key=lambda one: one[0].area)[1]]
    return [replace(raw, file=f"{file}[{name}]", part=name) for (_, raw), name in zip(told, _names(told), strict=True)]


def _names(told: Sequence[tuple[Table, Raw]]) -> list[str]:
    """Return a name for each table, none twice."""
    names = [table.service or "/".join(table.path) for table, _ in told]
    return [name if names.count(name) == 1 else f"{name} {i}" for i, name in enumerate(names, start=1)]


def _raw(table: Table, file: str, encoding: str) -> Raw:
    rows = [{key: _cell(value) for key, value in row.items()} for row in table.rows]
    raw = raw_of_records(rows, file, incomplete_note(table.total, len(rows)), encoding)
    return replace(raw, page=Page("/".join(table.path), table.total))


def incomplete_note(total: int | None, rows: int) -> str:
    """Return what the planner must know of pages that hold fewer rows than there are, '' where they hold all."""
    if total is None or total <= rows:
        return ""
    return (
        f"incomplete: 전체 {total:,}건 가운데 {rows:,}건만 있는 쪽입니다. "
        "나머지 쪽도 받아 함께 주거나 --mode append로 더하십시오"
    )


def _refusal(facts: Sequence[Mapping[str, Node]], file: str) -> PortalError | UnreadableFileError:
    """Return the error of a page without rows: what the portal itself said, where it said something."""
    codes = [text for fact in facts for text in _of(fact, _CODES)]
    words = [text for fact in facts for text in _of(fact, _MESSAGES)]
    if any(code not in _FINE for code in codes):
        said = " ".join(dict.fromkeys([*codes, *words]))[:200]
        return PortalError(
            f"{file}: 자료가 아니라 포털의 오류 응답입니다 ({said})", "인증키와 요청 주소를 확인하고 다시 받으십시오"
        )
    if codes or any(_of(fact, TOTALS) for fact in facts):
        return PortalError(f"{file}: 포털이 자료 0건으로 답했습니다", "쪽 번호와 조건을 확인하고 다시 받으십시오")
    return UnreadableFileError(f"{file}: 행이 될 목록이 없습니다", "포털에서 받은 쪽을 그대로 저장한 파일을 주십시오")


def _of(fact: Mapping[str, Node], keys: Sequence[str]) -> list[str]:
    return [str(fact[key]).strip() for key in keys if isinstance(fact.get(key), str) and str(fact[key]).strip()]


def _cell(value: Node) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, dict) and not value:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _plain(element: Element, depth: int, file: str) -> Node:
    """Return an element as JSON would hold it: its text, or an object in which repeated children are lists."""
    if depth > DEEPEST:
        raise UnreadableFileError(f"{file}: 너무 깊이 겹쳐 있습니다", "표가 들어 있는 쪽을 주십시오")
    own: dict[str, Node] = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    text = (element.text or "").strip()
    if not len(element):
        return {**own, _LEAF: text} if own and text else own or text
    often = Counter(_tag(child) for child in element)
    for child in element:
        tag, value = _tag(child), _plain(child, depth + 1, file)
        if often[tag] > 1:
            own.setdefault(tag, [])
            if isinstance(own[tag], list):
                own[tag].append(value)
        else:
            own[tag] = value
    return own


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
