"""Pages of the portals' APIs saved to files: 서울 열린데이터광장 and data.go.kr, as JSON and as XML.

The services name their parts differently (``svc/row``, ``response/body/items/item``, ``data``, ``records``), so the
table is looked for as what it is everywhere: the largest list of flat records.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from layers.importing.encoding import decode
from layers.importing.errors import PortalError, UnreadableFileError, UnsafeFileError
from layers.importing.raw import Raw
from layers.importing.tabular import raw_of_records

_TOTALS = ("list_total_count", "totalCount", "matchCount", "total_count")
_CODES = ("CODE", "resultCode", "returnReasonCode")
_MESSAGES = ("MESSAGE", "resultMsg", "returnAuthMsg", "errMsg")
_FINE = frozenset({"", "0", "00", "000", "0000", "INFO-000", "INFO-0", "200", "NORMAL_CODE", "NORMAL_SERVICE"})
_DEEPEST = 60  # levels of nesting; the portals use five
_LEAF = "#text"

Node = Any  # a value of parsed JSON: dict, list or text


def read_json(data: bytes, file: str, encoding: str | None = None) -> Raw:
    """Read a saved JSON page: an object of a portal, or a plain list of objects. Numbers stay as written.

    Raises
    ------
    PortalError
        The portal answered with an error, or with no rows.
    UnreadableFileError
        It is no JSON, or holds no list of records.
    """
    text, found = decode(data, file, encoding)
    try:
        page = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(
            f"{file}: JSON으로 읽을 수 없습니다 (잘렸거나 손상됨)", "다시 내려받으십시오"
        ) from error
    return _read(page, file, found)


def read_xml(data: bytes, file: str, encoding: str | None = None) -> Raw:
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
    return _read({_tag(root): _plain(root, 0, file)}, file, found)


def _read(page: Node, file: str, encoding: str) -> Raw:
    nodes = list(_walk(page, file))
    lists = [node for node in nodes if isinstance(node, list)]
    lists += [
        [value] for node in nodes if isinstance(node, dict) for key, value in node.items() if _one_row(key, value)
    ]
    records = [[row for row in found if isinstance(row, dict)] for found in lists]
    rows: Sequence[Mapping[str, Node]] = max(records, key=_area, default=[])
    facts = [node for node in nodes if isinstance(node, dict) and not any(node is row for row in rows[:1])]
    if not rows:
        raise _refusal(facts, file)
    total = next((int(v) for fact in facts for v in _of(fact, _TOTALS) if v.isdigit()), None)
    note = ""
    if total is not None and total > len(rows):
        note = (
            f"incomplete: 전체 {total:,}건 가운데 {len(rows):,}건만 있는 쪽입니다. "
            "나머지 쪽도 받아 --mode append로 더하십시오"
        )
    return raw_of_records([{key: _cell(value) for key, value in row.items()} for row in rows], file, note, encoding)


def _area(rows: Sequence[Mapping[str, Node]]) -> tuple[int, int]:
    """Return the cells of a table, and its width: a list of the columns' names is as large as one row of them."""
    width = len(rows[0]) if rows else 0
    return len(rows) * width, width


def _one_row(key: str, value: Node) -> bool:
    """Say whether a lone object stands where a list of one would."""
    return key.lower() in {"row", "item", "record"} and isinstance(value, dict)


def _walk(page: Node, file: str) -> Iterator[Node]:
    """Give every object and list of a page, rows of the tables but the first left out, outermost first."""
    level = [page]
    for _ in range(_DEEPEST):
        below: list[Node] = []
        for node in level:
            if isinstance(node, dict):
                yield node
                below += [value for value in node.values() if isinstance(value, dict | list)]
            elif isinstance(node, list):
                yield node
                below += [value for value in node[:1] if isinstance(value, dict | list)]
        if not below:
            return
        level = below
    raise UnreadableFileError(f"{file}: 너무 깊이 겹쳐 있습니다", "표가 들어 있는 쪽을 주십시오")


def _refusal(facts: Sequence[Mapping[str, Node]], file: str) -> PortalError | UnreadableFileError:
    """Return the error of a page without rows: what the portal itself said, where it said something."""
    codes = [text for fact in facts for text in _of(fact, _CODES)]
    words = [text for fact in facts for text in _of(fact, _MESSAGES)]
    if any(code not in _FINE for code in codes):
        said = " ".join(dict.fromkeys([*codes, *words]))[:200]
        return PortalError(
            f"{file}: 자료가 아니라 포털의 오류 응답입니다 ({said})", "인증키와 요청 주소를 확인하고 다시 받으십시오"
        )
    if codes or any(_of(fact, _TOTALS) for fact in facts):
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
    if depth > _DEEPEST:
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
