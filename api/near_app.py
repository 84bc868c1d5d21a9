"""``POST /v1/nearby``, as plain ASGI: the way phones take, so nothing is on it that need not be.

The position lives in the local variables of one call: nothing here keeps, logs or quotes it.
"""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import orjson

from api.access import Access
from api.errors import BusyError, ContentTypeError, MethodError
from api.frame import App, Receive, Scope, Send, answer_problem
from api.keys import Role
from api.late import Late
from api.live import Live
from api.near_data import CLOSED, OPEN, UNKNOWN, NearData, Place
from api.question import DEFAULT_LIMIT, DEFAULT_RADIUS_M, Allowed, Question, read_question
from api.settings import Limits
from geo.errors import AnsimError
from geo.kernels import Bytes, Ints
from geo.nearest_index import Ask, Texts, near_joined
from geo.transverse import place_in_metres
from layers.catalog import Catalog
from layers.hours import SEOUL

PATH = "/v1/nearby"
COUNTED_WITHIN_M = 100.0
WALK_M_PER_S = 1.1
_COUNTED = {"lamps": "lit", "cameras": "watched"}  # word in the answer: the need the layers supply
_JSON = b"application/json"
_HEADERS = [(b"content-type", _JSON), (b"cache-control", b"no-store"), (b"vary", b"accept-encoding")]
_PACKED = [*_HEADERS, (b"content-encoding", b"gzip")]
_SAID_KEPT = 4_096
_SMALLEST_PACKED = 1_000  # bytes; a smaller answer is not compressed


def walk_minutes(distance_m: int) -> int:
    """Return the whole minutes, rounded up, of so many metres in a straight line at 1.1 m/s."""
    return -int(-distance_m // (WALK_M_PER_S * 60))


_OfPlace = tuple[bytes, tuple[bytes, ...]]  # of district and layers; words where nothing is counted


class _Minute(NamedTuple):
    """What is the same for everybody who asks about a minute."""

    data: NearData
    at: datetime
    until: datetime
    said: bytes
    usual: Ask
    texts: Texts


class NearApp:
    """Answers ``POST /v1/nearby`` from the near data; everything else goes on to ``app``."""

    def __init__(
        self, app: App, live: Live, access: Access, catalog: Catalog, limits: Limits, clock: Callable[[], datetime]
    ) -> None:
        self._app = app
        self._live = live
        self._access = access
        self._limits = limits
        self._clock = clock
        points = [spec for spec in catalog.layers.values() if spec.geometry == "point"]
        public = frozenset(spec.id for spec in points if spec.visibility == "public")
        staff = frozenset(spec.id for spec in catalog.layers.values() if spec.visibility == "staff")
        self._allowed = Allowed(float(limits.radius_m), limits.per_layer, public, staff)
        self._counted = {
            word: tuple(spec.id for spec in points if need in spec.supplies and spec.id in public)
            for word, need in _COUNTED.items()
        }
        self._counted_layers = tuple(layer for layers in self._counted.values() for layer in layers)
        ends = list(accumulate(len(layers) for layers in self._counted.values()))
        self._counted_at = list(pairwise([0, *ends]))
        self._ends = _ends(limits.radius_m)
        self._longest_end = int(np.diff(self._ends[1]).max())
        self._late = Late(limits.body_s)
        self._said: dict[tuple[str | None, tuple[str, ...]], _OfPlace] = {}
        self._said_of: NearData | None = None
        self._now: _Minute | None = None
        self._asking = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        scope["ansim.route"] = PATH
        more: tuple[tuple[bytes, bytes], ...] = ()
        try:
            if scope["method"] != "POST":
                more = ((b"allow", b"POST"),)
                raise MethodError("위치는 주소에 담지 않습니다: 주소는 기록에 남습니다", "POST 본문으로 물으십시오")
            headers, body = await self.answered(scope, receive)
        except AnsimError as error:
            await answer_problem(scope, send, error, more)
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answered(self, scope: Scope, receive: Receive) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Return headers and body of the answer to a question. Raises AnsimError for one that is refused."""
        self._asking += 1
        try:
            if self._asking > self._limits.public_at_once:
                raise BusyError("지금은 묻는 사람이 많습니다", "잠시 뒤 다시 하십시오")
            packed = self._check(scope)
            with self._late:
                message = await receive()
                asked = message.get("body", b"")
                if message.get("more_body", False):
                    asked = await _whole(asked, receive)
            body = self._answer(self._live.near, read_question(asked, self._allowed))
        finally:
            self._asking -= 1
        headers = _HEADERS
        if packed and len(body) >= _SMALLEST_PACKED:
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
            headers = _PACKED
        return [*headers, (b"content-length", b"%d" % len(body))], body

    def _check(self, scope: Scope) -> bool:
        """Check key and content type; return whether the answer may be packed."""
        kind, packed, authorization = b"", False, None
        for name, value in scope["headers"]:
            if name == b"content-type":
                kind = value
            elif name == b"accept-encoding":
                packed = b"gzip" in value
            elif name == b"authorization":
                authorization = value
        self._access.require(authorization, Role.PUBLIC)
        if kind != _JSON and kind.split(b";", 1)[0].strip().lower() != _JSON:
            raise ContentTypeError("본문은 application/json이어야 합니다", "Content-Type: application/json")
        return packed

    def _answer(self, data: NearData, question: Question) -> bytes:
        now, minute = self._clock(), self._now
        if question.open_at is not None:
            minute = self._minute(data, question.open_at.astimezone(SEOUL))
        elif minute is None or minute.data is not data or not minute.at <= now < minute.until:
            minute = self._now = self._minute(data, now)
        lon, lat, radius_m, layers, limit, _ = question
        place = place_in_metres(lon, lat)
        ask = minute.usual
        if layers is not self._allowed.default or radius_m != ask.radius_m or limit != ask.limit:
            ask = ask._replace(layers=data.numbers_of(layers), radius_m=radius_m, limit=limit)
        today, longest = now.toordinal(), data.longest + self._longest_end
        points, found = near_joined(data.index, minute.texts, place, ask, today, longest)
        asked, said = len(layers), len(layers) + len(ask.counted)
        if points is None:
            data.settle(found[said:], minute.at, minute.texts.states)
            points = near_joined(data.index, minute.texts, place, ask, today, longest)[0] or b""
        numbers = found[:said].tolist()
        hidden = numbers[:asked]
        where, nothing = self._of_place(data, data.place_of(*place), layers)
        lamps, cameras = nothing
        if any(numbers[asked:]):
            lamps, cameras = [
                b"%d" % count if (count := sum(numbers[asked + first : asked + end])) else none
                for (first, end), none in zip(self._counted_at, nothing, strict=True)
            ]
        return b'{"points":[%b],"counts":{"within_m":%d,"lamps":%b,"cameras":%b},%b"hidden_as_old":%b,%b}' % (
            points, COUNTED_WITHIN_M, lamps, cameras, where,
            orjson.dumps({layer: n for layer, n in zip(layers, hidden, strict=True) if n}) if any(hidden) else b"{}",
            minute.said,
        )  # fmt: skip

    def _minute(self, data: NearData, moment: datetime) -> "_Minute":
        at = moment.replace(second=0, microsecond=0)
        said = _inside({"open_at": at, "data_version": data.version})
        texts = Texts(*data.points, data.states(at), *self._ends)
        counted = data.numbers_of(self._counted_layers)
        usual = Ask(data.numbers_of(self._allowed.default), DEFAULT_RADIUS_M, DEFAULT_LIMIT, counted, COUNTED_WITHIN_M)
        return _Minute(data, at, at + timedelta(minutes=1), said, usual, texts)

    def _of_place(self, data: NearData, place: Place | None, layers: tuple[str, ...]) -> "_OfPlace":
        """Return what is the same for everybody in a district who asks for these layers; never of a position."""
        if data is not self._said_of or len(self._said) >= _SAID_KEPT:
            self._said, self._said_of = {}, data
        key = (None if place is None else place.district.code, layers)
        said = self._said.get(key)
        if said is None:
            absent = frozenset(data.layers) if place is None else place.no_data
            told: dict[str, object] = {
                "no_data": [layer for layer in layers if layer in absent],
                "district": None if place is None else {"code": place.district.code, "name": place.district.name},
            }
            nothing = tuple(b"null" if absent.issuperset(layers) else b"0" for layers in self._counted.values())
            said = self._said[key] = _inside(told) + b",", nothing
        return said


async def _whole(begun: bytes, receive: Receive) -> bytes:
    """Return a body that comes in several parts."""
    parts, more = [begun], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _inside(told: dict[str, object]) -> bytes:
    """Return the inside of a JSON object."""
    return orjson.dumps(told)[1:-1]


def _ends(radius_m: int) -> tuple[Bytes, Ints]:
    """Return how an object ends by open state and metres, all of them: none tells of a question."""
    texts = [_end(state, metres) for state in (OPEN, CLOSED, UNKNOWN) for metres in range(radius_m + 2)]
    begins = np.cumsum([0, *(len(text) for text in texts)], dtype=np.int64)
    return np.frombuffer(bytearray(b"".join(texts)), np.uint8), begins


def _end(state: str, metres: int) -> bytes:
    minutes = walk_minutes(metres)
    words = {"distance_m": metres, "walk_minutes": minutes, "walk": f"약 {minutes}분, 직선거리 기준", "open": state}
    return b"," + orjson.dumps(words)[1:]
