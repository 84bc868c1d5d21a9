"""Bodies that do not arrive in time: one timer for all of them, since one for each costs more than the answer."""

import asyncio
from time import monotonic
from typing import Any

from api.errors import SlowBodyError


class Late:
    """Ends what waits longer than ``seconds`` (and at most half as long again)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[Any, float] = {}
        self._ended: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """Wait in this block for no longer than allowed."""
        self._waiting[asyncio.current_task()] = monotonic()
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds / 2, self._look, loop)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Raise SlowBodyError where it took too long."""
        task: Any = asyncio.current_task()
        self._waiting.pop(task, None)
        if kind is asyncio.CancelledError and task in self._ended:
            self._ended.discard(task)
            task.uncancel()
            raise SlowBodyError("본문이 제때 오지 않았습니다", "다시 하십시오") from None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        over, self._timer = monotonic() - self._seconds, None
        for task, since in list(self._waiting.items()):
            if since <= over:
                self._waiting.pop(task)
                self._ended.add(task)
                task.cancel()
        if self._waiting:
            self._timer = loop.call_later(self._seconds / 2, self._look, loop)
