"""``POST /v1/nearby``, as plain ASGI: the way phones take, so nothing is on it that need not be.

The position lives in the local variables of one call: nothing here keeps, logs or quotes it.
"""

import asyncio
import zlib
from collections.abc import Callable
from datetime import datetime

import numpy as np
import orjson

from api.access import Access
from api.errors import BusyError, ContentTypeError, MethodError, SlowBodyError
from api.frame import App, Receive, Scope, Send, answer_problem
from api.keys import Role
from api.live import Live
from api.near_data import CLOSED, OPEN, UNKNOWN, NearData
from api.question import Allowed, Question, read_question
from api.settings import Limits
from geo.crs import to_metres
from geo.errors import AnsimError
from geo.nearest_index import Ask, near
from layers.catalog import Catalog
from layers.hours import SEOUL

PATH = "/v1/nearby"
COUNTED_WITHIN_M = 100.0
WALK_M_PER_S = 1.1
_COUNTED = {"lamps": "lit", "cameras": "watched"}  # word in the answer: the need the layers supply
_SMALLEST_PACKED = 1_000  # bytes; a smaller answer is not compressed


def walk_minutes(distance_m: int) -> int:
    """Return the whole minutes, rounded up, of so many metres in a straight line at 1.1 m/s."""
    return -int(-distance_m // (WALK_M_PER_S * 60))


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
        # How an object ends, by open state and metres: all of them, so that none tells of a question.
        self._ends = [
            [_end(state, metres) for metres in range(limits.radius_m + 2)] for state in (OPEN, CLOSED, UNKNOWN)
        ]
        self._asking = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        scope["ansim.route"] = PATH
        more: tuple[tuple[bytes, bytes], ...] = ()
        self._asking += 1
        try:
            if scope["method"] != "POST":
                more = ((b"allow", b"POST"),)
                raise MethodError("위치는 주소에 담지 않습니다: 주소는 기록에 남습니다", "POST 본문으로 물으십시오")
            if self._asking > self._limits.public_at_once:
                raise BusyError("지금은 묻는 사람이 많습니다", "잠시 뒤 다시 하십시오")
            packed = self._check(scope)
            question = read_question(await self._body(receive), self._allowed)
            body = self._answer(self._live.near, question)
        except AnsimError as error:
            await answer_problem(scope, send, error, more)
            return
        finally:
            self._asking -= 1
        headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"vary", b"accept-encoding"),
        ]
        if packed and len(body) >= _SMALLEST_PACKED:
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

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
        if kind.split(b";", 1)[0].strip().lower() != b"application/json":
            raise ContentTypeError("본문은 application/json이어야 합니다", "Content-Type: application/json")
        return packed

    async def _body(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        more = True
        try:
            async with asyncio.timeout(self._limits.body_s):
                while more:
                    message = await receive()
                    parts.append(message.get("body", b""))
                    more = message.get("more_body", False)
        except TimeoutError:
            raise SlowBodyError("본문이 제때 오지 않았습니다", "다시 하십시오") from None
        return b"".join(parts)

    def _answer(self, data: NearData, question: Question) -> bytes:
        now = self._clock()
        at = (question.open_at or now).astimezone(SEOUL).replace(second=0, microsecond=0)
        x, y = (float(metres) for metres in to_metres(np.array(question.lon), np.array(question.lat)))
        numbers = tuple(data.layer_number[layer] for layer in question.layers)
        counted = tuple(data.layer_number[layer] for layer in self._counted_layers)
        ask = Ask(numbers, question.radius_m, question.limit, counted, COUNTED_WITHIN_M)
        found = near(data.index, x, y, ask, now.toordinal())
        place = data.place_of(x, y)
        points: list[bytes] = []
        states = data.open_states(found.row, at)
        for start, state, metres in zip(data.encoded(found.row), states, found.distance_m.tolist(), strict=True):
            points += (start, self._ends[state][metres])
        absent = [layer for layer in question.layers if place is None or layer in place.no_data]
        hidden = {layer: n for layer, n in zip(question.layers, found.hidden.tolist(), strict=True) if n}
        rest = orjson.dumps({
            "counts": self._counts(found.devices.tolist(), place.no_data if place else frozenset(data.layers)),
            "no_data": absent,
            "hidden_as_old": hidden,
            "district": None if place is None else {"code": place.district.code, "name": place.district.name},
            "open_at": at,
            "data_version": data.version,
        })  # fmt: skip
        return b'{"points":[' + b"".join(points)[:-1] + b"]," + rest[1:]

    def _counts(self, found: list[int], absent: frozenset[str]) -> dict[str, int | None]:
        """Return lamps and cameras within 100 m; None where nothing is known of them there."""
        counts: dict[str, int | None] = {"within_m": int(COUNTED_WITHIN_M)}
        for word, layers in self._counted.items():
            count = sum(found[: len(layers)])
            found = found[len(layers) :]
            counts[word] = count if count or not absent.issuperset(layers) else None
        return counts


def _end(state: str, metres: int) -> bytes:
    minutes = walk_minutes(metres)
    words = {"distance_m": metres, "walk_minutes": minutes, "walk": f"약 {minutes}분, 직선거리 기준", "open": state}
    return b"," + orjson.dumps(words)[1:] + b","
