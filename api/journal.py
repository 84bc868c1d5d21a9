"""The log: one JSON object a line. Route templates and statuses only: never a path, a query, a header or a body."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

_FLUSH_S = 0.5
_MOST_LINES = 1_000
_Request = tuple[float, str, str, str, int, str, float]


class Journal:
    """Writes lines to a binary stream (standard error unless another is given).

    What went well is written when :meth:`flush` is called, within half a second; the rest at once. On a terminal what
    went well is not written: a person reads there, and looks for the address.
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream: BinaryIO = stream or sys.stderr.buffer
        self._faults_only = self._stream.isatty()
        self._lines: list[bytes] = []
        self._requests: list[_Request] = []

    def write(self, level: str, event: str, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Write a line: time (UTC), level, event and the fields."""
        if self._faults_only and level == "info":
            return
        self._encode()  # in the order things happened
        line = {"time": datetime.now(UTC), "level": level, "event": event, **fields}
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        if level != "info" or len(self._lines) >= _MOST_LINES:
            self.flush()

    def request(self, request_id: str, route: str, method: str, status: int, code: str, seconds: float) -> None:
        """Note an answered request; ``code`` of its error, '' without one. A warning from status 500 on.

        That it is not ready yet is none: pages ask until it is.
        """
        if self._faults_only and (status < 500 or code == "not_ready"):
            return
        self._requests.append((time.time(), request_id, route, method, status, code, seconds))
        if (status >= 500 and code != "not_ready") or len(self._requests) >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        self._encode()
        lines, self._lines = self._lines, []
        if lines:
            self._stream.write(b"".join(lines))
            self._stream.flush()

    async def keep_flushing(self) -> None:
        """Flush again and again; never ends by itself."""
        while True:
            await asyncio.sleep(_FLUSH_S)
            self.flush()

    def _encode(self) -> None:
        """Make lines of the requests that wait: many at once, since a line costs as much as a question."""
        requests, self._requests = self._requests, []
        second, day, lines = 0, "", list[str]()
        said: dict[tuple[str, str, int, str], tuple[str, str]] = {}  # few kinds of lines, of which there are many
        for at, request_id, route, method, status, code, seconds in requests:
            if int(at) != second:
                second = int(at)
                day = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            kind = (route, method, status, code)
            words = said.get(kind)
            if words is None:
                # Nothing here needs escaping: templates, our own words and numbers.
                level = "info" if status < 500 or code == "not_ready" else "warning"
                more = f'"code":"{code}",' if code else ""
                words = said[kind] = (
                    f'"level":"{level}","event":"request","request_id":"',
                    f'","route":"{route}","method":"{method}","status":{status},{more}"ms":',
                )
            lines.append(
                f'{{"time":"{day}.{int((at - second) * 1e6):06d}+00:00",{words[0]}{request_id}{words[1]}'
                f"{seconds * 1000:.2f}}}\n"
            )
        if lines:
            self._lines.append("".join(lines).encode())
