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

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_CSP = b"default-src 'none'; frame-ancestors 'none'"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UPLOADS = "/v1/imports"
_PLANS = re.compile(r"/v1/plans/.+|/v1/districts/[^/]+/(plans|plans/evaluate|map)")  # a plan is handed back to them


class Frame:
    """The outermost layer. What it notes of a request: the route's template, method, status, time, error code."""

    def __init__(self, app: App, journal: Journal, metrics: Metrics, limits: Limits) -> None:
        self._app = app
        self._journal = journal
        self._metrics = metrics
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        scope["ansim.id"] = request_id = os.urandom(8).hex()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *SECURITY,
                    (b"content-security-policy", scope.get("ansim.csp", _CSP)),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), sending)
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
        most = left = self._most(scope["path"])
        size, declared = 0, False
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"content-length" and value.isdigit():
                declared = True
                if int(value) > most:
                    raise too_large(most)
            if name == b"content-encoding" and value.lower() != b"identity":
                raise ContentTypeError("압축한 본문은 받지 않습니다", "압축하지 말고 보내십시오")
        if len(scope["headers"]) > self._limits.headers or size > self._limits.header_bytes:
            raise HeadersError("요청 머리글이 너무 많거나 깁니다", "필요 없는 머리글을 빼십시오")
        if declared:
            return receive  # the server reads no more than that

        async def receiving() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise too_large(most)
            return message

        return receiving

    def _most(self, path: str) -> int:
        """Return how long a body may be at an address."""
        if path.startswith(UPLOADS):
            return self._limits.upload_bytes
        return self._limits.plan_bytes if _PLANS.fullmatch(path) else self._limits.body_bytes

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("ansim.route") or getattr(scope.get("route"), "path", None) or "(none)"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.answered(route, method, status, seconds)
        fields = {"request_id": scope["ansim.id"], "route": route, "method": method, "status": status}
        code = scope.get("ansim.code")
        if code:
            fields["code"] = code
        level = "info" if status < 500 else "warning"
        self._journal.write(level, "request", **fields, ms=round(seconds * 1000, 2))


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
