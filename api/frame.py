"""Round every request: its id, a log line, counters, security headers, limits, and the answer to a fault."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from api.child import describe_fault
from api.errors import ContentTypeError, HeadersError, TooLargeError, fault, problem
from api.journal import Journal
from api.metrics import Metrics
from api.settings import Limits
from geo.errors import AnsimError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Answered = Callable[[Scope, Receive], Awaitable[tuple[list[tuple[bytes, bytes]], bytes]]]  # headers and body of a 200

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_OF_DATA = (*SECURITY, _POLICY)
_IDS = 256  # drawn at once
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UPLOADS = "/v1/imports"
# A plan is handed back to these.
_PLANS = re.compile(r"/v1/plans/.+|/v1/districts/[^/]+/(plans|plans/evaluate|map|report)")
_LONG = (UPLOADS, "/v1/plans/", "/v1/districts/")  # no other address takes a long body


class Frame:
    """The outermost layer. What it notes of a request: the route's template, method, status, time, error code."""

    def __init__(
        self, app: App, journal: Journal, metrics: Metrics, limits: Limits, posts: dict[str, Answered] | None = None
    ) -> None:
        """Make it. ``posts``: what answers POST at an address by itself, with no more layers between."""
        self._app = app
        self._posts = posts or {}
        self._journal = journal
        self._metrics = metrics
        self._limits = limits
        self._ids: list[str] = []

    def _new_id(self) -> str:
        if not self._ids:
            drawn = os.urandom(8 * _IDS).hex()
            self._ids = [drawn[i : i + 16] for i in range(0, len(drawn), 16)]
        return self._ids.pop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        scope["ansim.id"] = request_id = self._new_id()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                csp = scope.get("ansim.csp")
                policy = _POLICY if csp is None else (b"content-security-policy", csp)
                message["headers"] = [
                    *message["headers"], *SECURITY, policy, (b"x-request-id", request_id.encode())
                ]  # fmt: skip
            await send(message)

        try:
            receiving = self._limited(scope, receive)
            answered = self._posts.get(scope["path"]) if scope["method"] == "POST" else None
            if answered is None:
                await self._app(scope, receiving, sending)
                return
            scope["ansim.route"] = scope["path"]
            headers, body = await answered(scope, receiving)
            status = 200
            headers += (*_OF_DATA, (b"x-request-id", request_id.encode()))
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        except AnsimError as error:
            if not status:
                await answer_problem(scope, sending, error)
        except asyncio.CancelledError:
            status = status or 499
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence
            self._journal.write("error", "fault", request_id=request_id, what=describe_fault(error))
            if not status:
                await answer_problem(scope, sending, fault())
        finally:
            self._note(scope, status or 499, perf_counter() - started)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Return ``receive``, raising where the body grows over its limit.

        Raises HeadersError, TooLargeError, ContentTypeError for what the headers say already.
        """
        most = self._most(scope["path"])
        size, declared = 0, False
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"content-length":
                if value.isdigit():
                    declared = True
                    if int(value) > most:
                        raise too_large(most)
            elif name == b"content-encoding" and value.lower() != b"identity":
                raise ContentTypeError("압축한 본문은 받지 않습니다", "압축하지 말고 보내십시오")
        if len(scope["headers"]) > self._limits.headers or size > self._limits.header_bytes:
            raise HeadersError("요청 머리글이 너무 많거나 깁니다", "필요 없는 머리글을 빼십시오")
        return receive if declared else _no_more(most, receive)  # the server reads no more than what is declared

    def _most(self, path: str) -> int:
        """Return how long a body may be at an address."""
        if not path.startswith(_LONG):
            return self._limits.body_bytes
        if path.startswith(UPLOADS):
            return self._limits.upload_bytes
        return self._limits.plan_bytes if _PLANS.fullmatch(path) else self._limits.body_bytes

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("ansim.route") or getattr(scope.get("route"), "path", None) or "(none)"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.answered(route, method, status, seconds)
        self._journal.request(scope["ansim.id"], route, method, status, scope.get("ansim.code", ""), seconds)


def _no_more(most: int, receive: Receive) -> Receive:
    """Return ``receive``, raising TooLargeError where the body grows over so many bytes."""
    left = most

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise too_large(most)
        return message

    return receiving


def too_large(most: int) -> TooLargeError:
    """Return the error for a body over its limit."""
    return TooLargeError(f"본문이 {most:,}바이트를 넘습니다", "나누어 보내십시오")


async def answer_problem(
    scope: Scope, send: Send, error: AnsimError, more: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send an error as problem+json."""
    scope["ansim.code"] = error.code
    status, body, headers = problem(error, scope["ansim.id"])
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *more]})
    await send({"type": "http.response.body", "body": body})
