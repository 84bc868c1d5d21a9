"""Processes that do the heavy work, so that it cannot slow the phones: few, bounded, and ended when unwanted."""

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from api.child import WorkerFaultError
from api.errors import BusyError, MemoryLimitError, TimeLimitError

Progress = Callable[..., None]
_START = "from api.child import main; main({memory_mb}, {nice})"


class WorkerPool:
    """Up to ``size`` processes, each doing one job at a time; they start when needed and stay.

    Parameters
    ----------
    waiting
        Jobs that may wait for a process; more are refused.
    memory_mb
        What a process may take beyond its start (on Linux); 0: no limit.
    nice
        Added to the niceness of the processes (not on Windows).
    """

    def __init__(self, size: int, *, waiting: int, memory_mb: int = 0, nice: int = 5) -> None:
        self._start = _START.format(memory_mb=memory_mb, nice=nice)
        self._free = asyncio.Semaphore(size)
        self._most = size + waiting
        self._jobs = 0
        self._idle: list[asyncio.subprocess.Process] = []
        self._busy: set[asyncio.subprocess.Process] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, function: str, *arguments: Any, seconds: float, progress: Progress | None = None) -> Any:  # noqa: ANN401
        """Do ``module:function(*arguments, tell=…)`` in a process and return what it returns.

        Cancelled, or over its time (counted from its start), the process is ended.

        Raises
        ------
        BusyError, TimeLimitError, MemoryLimitError
        AnsimError
            As the function raised it.
        WorkerFaultError
            The function failed otherwise, or the process died.
        """
        if self._jobs >= self._most:
            raise BusyError("지금은 작업이 많습니다", "잠시 뒤 다시 하십시오")
        self._jobs += 1
        try:
            async with self._free:
                process = await self._process()
                self._busy.add(process)
                try:
                    async with asyncio.timeout(seconds):
                        answer = await _ask(process, (function, arguments), progress)
                except BaseException as error:
                    self._end(process)
                    if isinstance(error, TimeoutError):
                        raise TimeLimitError(f"{seconds:g}초 안에 끝나지 않았습니다", "조건을 줄이십시오") from None
                    raise
                finally:
                    self._busy.discard(process)
                if answer[0] == "memory":
                    self._end(process)  # what it still holds is not known
                else:
                    self._idle.append(process)
        finally:
            self._jobs -= 1
        return _value(answer)

    async def close(self) -> None:
        """End every process, and wait until they are gone."""
        for process in (*self._idle, *self._busy):
            self._end(process)
        self._idle.clear()
        await asyncio.gather(*self._ending)

    def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        # Reads what is left in its pipes to the end, or they would stay open.
        waiting = asyncio.create_task(_gone(process))
        self._ending.add(waiting)
        waiting.add_done_callback(self._ending.discard)

    async def _process(self) -> asyncio.subprocess.Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
        # -P: a folder named like one of ours, where the service was started, must not be taken for it.
        path = os.pathsep.join(part for part in sys.path if part)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", self._start,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip


async def _ask(process: asyncio.subprocess.Process, job: tuple[str, Any], progress: Progress | None) -> tuple[Any, ...]:
    data = pickle.dumps(job)
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    try:
        process.stdin.write(len(data).to_bytes(8, "big") + data)
        await process.stdin.drain()
        while True:
            length = int.from_bytes(await process.stdout.readexactly(8), "big")
            message: tuple[Any, ...] = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - our own child
            if message[0] != "progress":
                return message
            if progress is not None:
                progress(*message[1:])
    except (asyncio.IncompleteReadError, ConnectionError):
        raise WorkerFaultError("the process died") from None


def _value(answer: tuple[Any, ...]) -> Any:  # noqa: ANN401
    match answer:
        case ("done", value):
            return value
        case ("refused", error):
            raise error
        case ("memory",):
            raise MemoryLimitError("메모리 한도를 넘었습니다", "파일이나 조건을 줄이십시오")
        case (_, what):
            raise WorkerFaultError(what)
    raise AssertionError


async def _gone(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is not None:
        with suppress(ConnectionError):
            await process.stdout.read()
    await process.wait()
