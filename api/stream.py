"""A long piece of work for a caller who may leave: ended then, and its progress told where asked for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.child import describe_fault
from api.errors import fault, problem
from api.journal import Journal
from geo.errors import AnsimError

_T = TypeVar("_T")
EVENTS = "text/event-stream"
_BEAT_S = 15.0
Progress = Callable[..., None]


def wants_events(request: Request) -> bool:
    """Return whether the caller asked for server-sent events."""
    return EVENTS in request.headers.get("accept", "")


async def while_there(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Return what the work returns; end it when the caller leaves (CancelledError then)."""
    task = asyncio.create_task(work)
    left = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        return await task
    finally:
        for one in (task, left):
            one.cancel()
        with suppress(asyncio.CancelledError):
            await left


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def events(
    request: Request,
    journal: Journal,
    work: Callable[[Progress], Awaitable[bytes]],
    names: tuple[str, ...] = ("done", "total"),
) -> StreamingResponse:
    """Return a stream: ``progress`` events, then ``result`` (the work's JSON) or ``error`` (a problem).

    ``names`` are of what the work tells, in order.
    """
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    request_id = request.scope.get("ansim.id", "")

    def tell(*told: object) -> None:
        queue.put_nowait(_event("progress", orjson.dumps(dict(zip(names, told, strict=True)))))

    async def run() -> None:
        try:
            queue.put_nowait(_event("result", await work(tell)))
        except AnsimError as error:
            queue.put_nowait(_event("error", problem(error, request_id)[1]))
        except Exception as error:  # noqa: BLE001 - the stream has begun: the frame can no longer answer
            journal.write("error", "fault", request_id=request_id, what=describe_fault(error))
            queue.put_nowait(_event("error", problem(fault(), request_id)[1]))
        queue.put_nowait(None)

    async def stream() -> AsyncIterator[bytes]:
        task = asyncio.create_task(run())
        try:
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), _BEAT_S)
                except TimeoutError:
                    event = b": still there\n\n"  # or a proxy closes the connection
                if event is None:
                    return
                yield event
        finally:  # also when the caller leaves
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return StreamingResponse(stream(), media_type=EVENTS, headers={"cache-control": "no-store"})


def _event(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
