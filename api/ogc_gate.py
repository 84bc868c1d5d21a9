"""What may be asked of ``/ogc``: checked before tipg sees it, and its errors and the database's in our words.

tipg passes ``nan``, calls any function of the database that a filter names, and a filter of 2,000 brackets ends the
process; here each parameter is known and bounded, or refused.
"""

import asyncio
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, urlencode

from api import parameters
from api.access import Access
from api.answers import PUBLIC
from api.errors import (
    BadParameterError,
    BusyError,
    MethodError,
    NoSuchPathError,
    NotReadyError,
    TimeLimitError,
    UnknownCollectionError,
    UnknownItemError,
)
from api.frame import App, Message, Receive, Scope, Send, answer_problem
from api.keys import Role
from api.settings import Limits
from geo.errors import AnsimError
from layers.hours import BadTimeError
from layers.store import StoreError

PREFIX = "/ogc"
MOST_FEATURES = 1_000
_MOST_OFFSET = 10_000_000
_MOST_FILTER, _MOST_DEEP = 2_000, 20
_DEEPEST_ZOOM = 22
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_KNOWN = frozenset({
    "f", "ids", "datetime", "bbox", "bbox-crs", "crs", "properties", "filter", "filter-lang", "filter-crs",
    "geom-column", "limit", "offset", "bbox-only", "simplify", "sortby",
})  # fmt: skip
# The operators of CQL2; tipg hands every other name to the database as a function.
_OPERATORS = frozenset({
    "and", "or", "not", "=", "<>", "<", ">", "<=", ">=", "like", "between", "in", "isNull", "casei", "+", "-", "*", "/",
    "s_intersects", "s_within", "s_contains", "s_disjoint", "s_equals", "s_touches", "s_crosses", "s_overlaps",
})  # fmt: skip
_COLLECTION = re.compile(rf"{PREFIX}/collections/([^/]+)(/.*)?")
_TILE = re.compile(r"/tiles/[^/]+/([^/]+)/([^/]+)/([^/]+)")

Catalog = Mapping[str, Any]


class OgcGate:
    """Middleware of the application; everything but ``/ogc`` passes it untouched."""

    def __init__(self, app: App, access: Access, limits: Limits, catalog: Callable[[], Catalog | None]) -> None:
        self._app = app
        self._access = access
        self._limits = limits
        self._catalog = catalog
        self._asking = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not (scope["path"] + "/").startswith(PREFIX + "/"):
            await self._app(scope, receive, send)
            return
        kept = _Kept(scope, send)
        self._asking += 1
        try:
            self._let_in(scope)
            async with asyncio.timeout(self._limits.ogc_s * 2):
                check(scope, self._catalog())
                await self._app(scope, receive, kept)
            await kept.send_on()
        except AnsimError as error:
            await answer_problem(scope, send, error)
        except Exception as error:
            known = in_our_words(error)
            if known is None or kept.streaming:
                raise
            await answer_problem(scope, send, known)
        finally:
            self._asking -= 1
            path = getattr(scope.get("route"), "path", "")
            scope["ansim.route"] = path if path.startswith(PREFIX) else PREFIX + path  # the template, never the address

    def _let_in(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        self._access.require(headers.get(b"authorization"), Role.PUBLIC)
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodError("이 주소에서 쓸 수 없는 방법입니다", "GET으로 물으십시오")
        if self._asking > self._limits.ogc_at_once:
            raise BusyError("지금은 묻는 사람이 많습니다", "잠시 뒤 다시 하십시오")


class _Kept:
    """Holds an answer back until it is whole, gives it an ETag, and sends 304 where the caller has it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._asked = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
        self._send = send
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self.streaming = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._parts.append(message.get("body", b""))

    async def send_on(self) -> None:
        if self._start is None:
            return
        self.streaming = True
        body, start = b"".join(self._parts), self._start
        if start["status"] == 200:
            etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
            known = [(b"etag", etag.encode()), (b"cache-control", PUBLIC.encode()), (b"vary", b"Authorization")]
            if etag in [tag.strip() for tag in self._asked.split(",")]:
                start, body = {**start, "status": 304, "headers": known}, b""
            else:
                start = {**start, "headers": [*start["headers"], *known]}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def check(scope: Scope, catalog: Catalog | None) -> None:
    """Make of the request what tipg may have: JSON only, every parameter known and bounded.

    Raises
    ------
    NotReadyError, NoSuchPathError, UnknownCollectionError, BadParameterError, BadTimeError
    """
    if catalog is None:
        raise NotReadyError("자료를 읽고 있습니다", "잠시 뒤 다시 하십시오")
    if not scope["path"].isprintable():  # the end of a line: routes overlook it, the patterns here do not
        raise NoSuchPathError("그런 주소가 없습니다", "/openapi.json에서 주소를 확인하십시오")
    match = _COLLECTION.fullmatch(scope["path"])
    collection = _collection(match[1], catalog) if match else None
    rest = (match[2] or "") if match else ""
    columns = [] if collection is None else [column.name for column in collection.properties]
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) != len(pairs):
        raise BadParameterError("같은 항목이 두 번 있습니다", "하나만 쓰십시오")
    for name in asked:
        if name not in _KNOWN and name not in columns:
            near = get_close_matches(name[:40], [*_KNOWN, *columns], n=3, cutoff=0.3) or sorted(_KNOWN)
            raise BadParameterError("모르는 항목이 있습니다", f"혹시 {', '.join(near)}?")
    if any("\x00" in value for value in asked.values()):
        raise BadParameterError("물은 것에 읽을 수 없는 값이 있습니다", "글자를 확인하십시오")
    _check_values(asked, rest, columns)
    if tile := _TILE.fullmatch(rest):
        _check_tile(*tile.groups())
    # Nothing here has a time of its own: by the standard all of it is then selected.
    kept = {name: value for name, value in asked.items() if name not in {"datetime", "crs", "bbox-crs", "filter-crs"}}
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept"]
    scope["query_string"] = urlencode(kept).encode()


def _collection(name: str, catalog: Catalog) -> Any:  # noqa: ANN401 - tipg's
    if name not in catalog["collections"]:
        near = get_close_matches(name[:40], catalog["collections"], n=3, cutoff=0.3) or sorted(catalog["collections"])
        raise UnknownCollectionError("모르는 층이거나 공개하지 않는 층입니다", f"혹시 {', '.join(near)}?")
    return catalog["collections"][name]


def _check_values(asked: Mapping[str, str], rest: str, columns: list[str]) -> None:
    of_items, of_queryables = rest.startswith("/items"), rest == "/queryables"
    formats = ("geojson", "geojsonseq") if of_items else ("schemajson",) if of_queryables else ("json",)
    checks: dict[str, Callable[[str], object]] = {
        "f": lambda text: parameters.one_of("f", text, formats),
        "limit": lambda text: parameters.whole("limit", text, 1, MOST_FEATURES),
        "offset": lambda text: parameters.whole("offset", text, 0, _MOST_OFFSET),
        "simplify": lambda text: parameters.number("simplify", text, 0.0, 1.0),
        "bbox": _check_bbox,
        "datetime": _check_datetime,
        "properties": lambda text: _check_names("properties", text, columns) if text else None,
        "sortby": lambda text: _check_names("sortby", text, columns),
        "filter": lambda text: _check_filter(text, columns),
        "filter-lang": lambda text: parameters.one_of("filter-lang", text, ("cql2-text", "cql2-json")),
        "geom-column": lambda text: parameters.one_of("geom-column", text, ("geom", "none")),
        "bbox-only": lambda text: parameters.one_of("bbox-only", text, ("true", "false")),
        **dict.fromkeys(("crs", "bbox-crs", "filter-crs"), lambda text: parameters.one_of("crs", text, (CRS84,))),
    }
    for name, text in asked.items():
        if name in checks:
            checks[name](text)


def _check_bbox(text: str) -> None:
    hint = "예: bbox=126.9,37.4,127.0,37.5 (서, 남, 동, 북; WGS84)"
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5], numbers[2], numbers[5]]
    if len(numbers) not in {4, 6} or not all(math.isfinite(number) for number in numbers):
        raise BadParameterError("bbox는 유한한 숫자 네 개여야 합니다", hint)
    west, south, east, north = numbers[:4]
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadParameterError("bbox가 뒤집혔거나 경위도의 범위를 벗어났습니다", hint)


def box_ring(bbox: list[float]) -> list[list[float]]:
    """Return the ring of a checked bbox (lon, lat), with a corner every 0.01 degree: a bend of 2 cm in between."""
    west, south, east, north = bbox[:4] if len(bbox) == 4 else (*bbox[:2], *bbox[3:5])
    steps = min(max(math.ceil((east - west) / 0.01), 1), 100)
    along = [west + (east - west) * i / steps for i in range(steps + 1)]
    return [*([lon, south] for lon in along), *([lon, north] for lon in reversed(along)), [west, south]]


def _check_datetime(text: str) -> None:
    ends = text.split("/")
    try:
        for end in ends:
            if end not in {"", ".."}:
                datetime.fromisoformat(end)
    except ValueError:
        ends = []
    if len(ends) not in {1, 2} or (len(ends) == 1 and ends[0] in {"", ".."}):
        raise BadTimeError("날짜와 시각이 아닙니다", "예: 2025-12-24T23:00:00+09:00")


def _check_names(what: str, text: str, columns: list[str]) -> None:
    for name in text.split(","):
        parameters.one_of(what, name.strip().lstrip("+-") if what == "sortby" else name.strip(), tuple(columns))


def _check_filter(text: str, columns: list[str]) -> None:
    """Refuse what is no CQL2, what names another function or column, and what is too long or too deep to be read."""
    from cql2 import Expr  # noqa: PLC0415 - an extra of the installation

    bad = BadParameterError("filter를 읽을 수 없습니다", f"CQL2, {_MOST_FILTER}자까지. 예: filter=district='11620'")
    if len(text) > _MOST_FILTER or _depth(text) > _MOST_DEEP:
        raise bad
    try:
        read = Expr(text)
        read.to_sql()  # says whether each operator has as many arguments as it takes
        nodes: list[tuple[Any, int]] = [(read.to_json(), 0)]
    except Exception:  # noqa: BLE001 - the parser raises bare exceptions, which quote the text
        raise bad from None
    while nodes:
        node, deep = nodes.pop()
        if deep > 4 * _MOST_DEEP:  # NOT NOT NOT …
            raise bad
        if isinstance(node, dict):
            if node.get("op", "and") not in _OPERATORS:
                raise BadParameterError("filter에 쓸 수 없는 함수가 있습니다", f"{', '.join(sorted(_OPERATORS))}")
            if node.get("property", "geom") not in {*columns, "geom"}:
                raise BadParameterError("filter에 모르는 열이 있습니다", f"{', '.join(columns)} 중 하나")
            nodes += [(value, deep + 1) for value in node.values()]
        elif isinstance(node, list):
            nodes += [(value, deep + 1) for value in node]
        elif isinstance(node, float) and not math.isfinite(node):
            raise bad


def _depth(text: str) -> int:
    deep = most = 0
    for letter in text:
        deep += (letter in "([{") - (letter in ")]}")
        most = max(most, deep)
    return most


def _check_tile(z: str, x: str, y: str) -> None:
    zoom = parameters.whole("z", z, 0, _DEEPEST_ZOOM)
    for name, text in (("x", x), ("y", y)):
        parameters.whole(name, text, 0, 2 ** (zoom + 1) - 1)


def in_our_words(error: Exception) -> AnsimError | None:
    """Return the error to answer for one of tipg's or the database's; None for a fault of the program."""
    import asyncpg  # noqa: PLC0415 - an extra of the installation
    from tipg import errors  # noqa: PLC0415

    bad = BadParameterError("물은 것에 읽을 수 없는 값이 있습니다", "/openapi.json에서 형식을 확인하십시오")
    away = StoreError("데이터베이스를 쓸 수 없습니다", "잠시 뒤 다시 하십시오")
    table: Iterable[tuple[type[Exception] | tuple[type[Exception], ...], AnsimError]] = (
        (errors.NotFound, UnknownItemError("그런 것이 없습니다", "items에서 id를 확인하십시오")),
        (errors.MissingCollectionCatalog, NotReadyError("자료를 읽고 있습니다", "잠시 뒤 다시 하십시오")),
        (errors.TiPgError, bad),
        (asyncpg.QueryCanceledError, TimeLimitError("제때 끝나지 않았습니다", "범위나 조건을 줄이십시오")),
        ((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError), away),
        ((asyncpg.DataError, asyncpg.SyntaxOrAccessError, asyncpg.InternalServerError), bad),
        (TimeoutError, TimeLimitError("제때 끝나지 않았습니다", "범위나 조건을 줄이십시오")),
        ((asyncpg.PostgresError, asyncpg.InterfaceError, OSError), away),
    )
    return next((known for kinds, known in table if isinstance(error, kinds)), None)
