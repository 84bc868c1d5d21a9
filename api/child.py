"""The other end of :mod:`api.workers`: a process that does one job after another, told and telling by pipe.

A message is its length (8 bytes, big-endian) and a pickle. In: ``("module:function", arguments)``. Out:
``("progress", …)`` any number of times, then one of ``("done", value)``, ``("refused", AnsimError)``,
``("memory",)``, ``("fault", what)``.
"""

import importlib
import os
import pickle
import sys
from typing import Any, BinaryIO

from geo.errors import AnsimError


class WorkerFaultError(Exception):
    """A fault of the program in a worker process; its text says what and where, as :func:`describe_fault` does."""


def describe_fault(error: BaseException) -> str:
    """Return the kinds of an error and its causes, and where they arose; never their texts.

    A text may quote what was asked, a position among it.
    """
    if isinstance(error, WorkerFaultError):
        return str(error)
    parts = []
    link: BaseException | None = error
    while link is not None:
        frames = []
        trace = link.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")  # noqa: PTH119
            trace = trace.tb_next
        parts.append(f"{type(link).__name__} at {' > '.join(frames[-12:])}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return " | because of ".join(parts)


def main(memory_mb: int, nice: int) -> None:
    """Do jobs until the pipe closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not speak into the pipe
    _limit(memory_mb, nice)
    while True:
        job = _receive(sys.stdin.buffer)
        if job is None:
            return
        _send(answers, _done(job, answers))


def _done(job: tuple[str, tuple[Any, ...]], answers: BinaryIO) -> tuple[Any, ...]:
    name, arguments = job
    try:
        module, _, function = name.partition(":")
        work = getattr(importlib.import_module(module), function)
        return ("done", work(*arguments, tell=lambda *told: _send(answers, ("progress", *told))))
    except AnsimError as error:
        return ("refused", error)
    except MemoryError:
        return ("memory",)
    except Exception as error:  # noqa: BLE001 - the parent answers for it
        return ("fault", describe_fault(error))


def _limit(memory_mb: int, nice: int) -> None:
    if sys.platform == "win32":
        return
    os.nice(nice)
    if memory_mb and sys.platform == "linux":
        import resource  # noqa: PLC0415 - not everywhere

        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
            now = int(stream.read().split()[0]) * resource.getpagesize()
        # Compiled code and threads reserve address space they never use: half a gigabyte is left for that.
        most = now + (memory_mb + 512) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _receive(stream: BinaryIO) -> Any:  # noqa: ANN401 - whatever was sent, None at the end
    head = stream.read(8)
    if len(head) < 8:
        return None
    return pickle.loads(stream.read(int.from_bytes(head, "big")))  # noqa: S301 - from our own parent


def _send(stream: BinaryIO, message: tuple[Any, ...]) -> None:
    data = pickle.dumps(message)
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()
