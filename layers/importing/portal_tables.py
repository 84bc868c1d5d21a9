"""The tables in a parsed page of a portal: lists of flat records, wherever they stand.

The services name their parts differently (``svc/row``, ``response/body/items/item``, ``data``, ``records``), and a
saved file may hold several services, or several pages of one. So a table is looked for as what it is everywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers.importing.errors import UnreadableFileError

TOTALS = ("list_total_count", "totalCount", "matchCount", "total_count")
DEEPEST = 60  # levels of nesting; the portals use five
_SAYS_NOTHING = frozenset({
    "response", "body", "items", "item", "data", "records", "record", "row", "rows", "result", "results", "list",
})  # fmt: skip

Node = Any  # a value of parsed JSON: dict, list or text
Path = tuple[str, ...]  # the names of the objects down to a node; places in lists are left out
Record = Mapping[str, Node]


@dataclass
class Table:
    """Records of one kind.

    Attributes
    ----------
    path
        Where they stand: of two pages of one service, the same.
    rows
        The records, of all pages of the file, in file order.
    total
        How many there are in all, as the portal says; None where it does not.
    """

    path: Path
    rows: list[Record] = field(default_factory=list)
    total: int | None = None

    @property
    def service(self) -> str:
        """The lowest name that tells its service; '' where no part of its path does."""
        return next((name for name in reversed(self.path) if name.lower() not in _SAYS_NOTHING), "")

    @property
    def columns(self) -> frozenset[str]:
        """The names of all its columns."""
        return frozenset(key for row in self.rows for key in row)

    @property
    def area(self) -> tuple[int, int]:
        """Its cells, and its width: a list of the columns' names is as large as one row of them."""
        width = len(self.rows[0])
        return len(self.rows) * width, width


def tables_of(page: Node, file: str) -> tuple[list[Table], list[Record]]:
    """Return the tables of a page in file order, and the objects that are no rows: what else the portal said.

    Raises
    ------
    UnreadableFileError
        It is nested too deep for a page.
    """
    found, facts = _search(page, (), 0, file)
    merged: dict[tuple[Path, frozenset[str]], Table] = {}
    for table in found:
        merged.setdefault((table.path, table.columns), Table(table.path)).rows.extend(table.rows)
    tables = _one_a_path(list(merged.values()))
    for table in tables:
        table.total = _total_of(table.path, facts)
    return tables, [fact for _, fact in facts]


def _one_a_path(tables: Sequence[Table]) -> list[Table]:
    """Join tables of one path whose columns overlap: a portal may leave out a key that has no value."""
    joined: list[Table] = []
    for table in tables:
        own = table.columns
        same = next((t for t in joined if t.path == table.path and 2 * len(t.columns & own) > len(own)), None)
        if same is None:
            joined.append(table)
        else:
            same.rows.extend(table.rows)
    return joined


def _search(node: Node, path: Path, depth: int, file: str) -> tuple[list[Table], list[tuple[Path, Record]]]:
    if depth > DEEPEST:
        raise UnreadableFileError(f"{file}: 너무 깊이 겹쳐 있습니다", "표가 들어 있는 쪽을 주십시오")
    tables: list[Table] = []
    facts: list[tuple[Path, Record]] = []
    if isinstance(node, list):
        rows = [row for row in node if isinstance(row, dict)]
        for value in (value for value in node if _holds(value)):
            inner, said = _search(value, path, depth + 1, file)
            tables += inner
            facts += said
        own = [Table(path, list(rows))] if rows and any(rows) else []
        # A list of pages holds larger tables than itself; what lies within rows is part of them.
        if own and own[0].area >= (sum(table.area[0] for table in tables), 0):
            return own, []
        return tables, facts
    if isinstance(node, dict):
        facts.append((path, node))
        for key, value in node.items():
            if isinstance(value, dict) and key.lower() in {"row", "item", "record"}:
                value = [value]  # noqa: PLW2901 - a lone object stands where a list of one would
            if isinstance(value, dict | list):
                inner, said = _search(value, (*path, key), depth + 1, file)
                tables += inner
                facts += said
    return tables, facts


def _holds(value: Node) -> bool:
    """Say whether there may be a table within a member of a list."""
    if isinstance(value, dict):
        return any(isinstance(inner, dict | list) for inner in value.values())
    return isinstance(value, list)


def _total_of(path: Path, facts: Sequence[tuple[Path, Record]]) -> int | None:
    """Return the number of rows that the object nearest above a table says there are."""
    said = [(len(at), total) for at, fact in facts if path[: len(at)] == at for total in _totals(fact)]
    return max(said)[1] if said else None


def _totals(fact: Record) -> Iterator[int]:
    for key in TOTALS:
        text = str(fact.get(key, "")).strip()
        if text.isascii() and text.isdigit():
            yield int(text)
