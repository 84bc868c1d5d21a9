"""The log: one JSON object a line. Route templates and statuses only: never a path, a query, a header or a body."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

_FLUSH_S = 0.5
_MOST_LINES = 1_000


class Journal:
    """Writes lines to a binary stream (standard error unless another is given).

    What went well is written when :meth:`flush` is called, within half a second; the rest at once.
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream: BinaryIO = stream or sys.stderr.buffer
        self._lines: list[bytes] = []

    def write(self, level: str, event: str, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Write a line: time (UTC), level, event and the fields."""
        line = {"time": datetime.now(UTC), "level": level, "event": event, **fields}
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        if level != "info" or len(self._lines) >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        lines, self._lines = self._lines, []
        self._stream.write(b"".join(lines))
        self._stream.flush()

    async def keep_flushing(self) -> None:
        """Flush again and again; never ends by itself."""
        while True:
            await asyncio.sleep(_FLUSH_S)
            self.flush()
