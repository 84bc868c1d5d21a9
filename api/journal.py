"""The log: one JSON object a line. Route templates and statuses only: never a path, a query, a header or a body."""

import sys
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson


class Journal:
    """Writes lines to a binary stream (standard error unless another is given)."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream: BinaryIO = stream or sys.stderr.buffer

    def write(self, level: str, event: str, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Write a line: time (UTC), level, event and the fields."""
        now = datetime.now(UTC)
        self._stream.write(orjson.dumps({"time": now, "level": level, "event": event, **fields}) + b"\n")
        self._stream.flush()
