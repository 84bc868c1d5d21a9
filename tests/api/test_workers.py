"""Work in a process beside: what it gives, what ends it, how much may wait; and a caller who leaves."""

import asyncio
import sys

import pytest

from api.child import WorkerFaultError
from api.errors import BusyError, MemoryLimitError, TimeLimitError
from api.workers import WorkerPool
from geo.errors import NoDataError
from tests.api.conftest import PATIENCE_S, serving, wait_for

REAL_PROCESSES = True


def with_pool(work, *, size=1, waiting=4, memory_mb=0):
    async def run():
        pool = WorkerPool(size, waiting=waiting, memory_mb=memory_mb, nice=0)
        try:
            return await work(pool)
        finally:
            await pool.close()

    return asyncio.run(run())


def job(pool, name, *arguments, seconds=600.0, **more):
    return pool.run(f"tests.api.jobs:{name}", *arguments, seconds=seconds, **more)


def test_it_returns_tells_and_stays():
    async def work(pool):
        told = []
        assert await job(pool, "double", 21, progress=lambda *done: told.append(done)) == 42
        assert told == [(1, 2), (2, 2)]
        return await job(pool, "pid"), await job(pool, "pid")

    first, second = with_pool(work)
    assert first == second


def test_its_errors_come_over():
    async def work(pool):
        first = await job(pool, "pid")
        with pytest.raises(NoDataError) as refused:
            await job(pool, "refuse")
        assert (refused.value.message, refused.value.hint) == ("없습니다", "가져오십시오")
        with pytest.raises(WorkerFaultError) as fault:
            await job(pool, "fail")
        assert "ValueError at" in str(fault.value)
        assert "37.5" not in str(fault.value)  # its text might quote a position
        assert await job(pool, "pid") == first
        with pytest.raises(WorkerFaultError):
            await job(pool, "die")
        assert await job(pool, "pid") != first

    with_pool(work)


def test_over_its_time_it_is_ended():
    async def work(pool):
        with pytest.raises(TimeLimitError):
            await asyncio.wait_for(job(pool, "sleep", 3_600, seconds=0.5), PATIENCE_S)
        assert await job(pool, "double", 1) == 2

    with_pool(work)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_over_its_memory_it_is_refused():
    async def work(pool):
        assert await job(pool, "eat", 50) == 50 * 2**20
        with pytest.raises(MemoryLimitError):
            await job(pool, "eat", 4_000)

    with_pool(work, memory_mb=200)


def test_only_so_much_may_wait():
    async def work(pool):
        tasks = [asyncio.create_task(job(pool, "sleep", 3_600)) for _ in range(3)]
        await asyncio.sleep(0.2)
        with pytest.raises(BusyError):
            await job(pool, "pid")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await job(pool, "double", 2) == 4  # the cancelled one's process was ended

    with_pool(work, waiting=2)


async def leave(app, path, key, accept=b"*/*", body=b""):
    """Ask, and be gone half a second later; return what was answered."""
    sent = []
    asked = asyncio.Event()

    async def receive():
        if not asked.is_set():
            asked.set()
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.sleep(0.5)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = [
        (b"authorization", b"Bearer " + key.encode()),
        (b"accept", accept),
        (b"content-type", b"application/json"),
    ]
    method = "POST" if body else "GET"
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path, "root_path": "",
        "raw_path": path.encode(), "query_string": b"stability=500", "headers": headers, "server": ("ansim", 80),
        "client": ("127.0.0.1", 1), "asgi": {"version": "3.0", "spec_version": "2.3"},
    }  # fmt: skip
    try:
        await asyncio.wait_for(app(scope, receive, send), PATIENCE_S)
    except asyncio.CancelledError:
        sent.append("cancelled")
    return sent


@pytest.mark.parametrize("accept", [b"*/*", b"text/event-stream"])
def test_when_the_caller_leaves_the_work_ends(sample_store, tmp_path, accept):
    with serving(sample_store, tmp_path) as service:
        pool = service.services.analysis
        sent = service.call(leave, service.app, "/v1/districts/99999/gaps", service.keys["planner"], accept)
        assert not any(
            b"FeatureCollection" in one.get("body", b"") for one in sent if one != "cancelled"
        )  # not its end
        wait_for(lambda: not pool._busy and pool._jobs == 0)
        assert '"event":"fault"' not in service.log


def test_one_key_cannot_take_everything(sample_store, tmp_path):
    with serving(sample_store, tmp_path, limits={"per_key": 1}) as service:
        access = service.services.access
        key = next(k for k in access._book.all_keys() if k.role == "planner")
        with access.doing(key):
            answer = service.get("/v1/districts/99999/gaps", role="planner")
            assert (answer.status_code, answer.json()["code"]) == (429, "key_busy")
            assert answer.headers["retry-after"] == "2"
            assert service.get("/v1/districts/99999/coverage", role="admin").status_code == 200
        assert service.get("/v1/districts/99999/coverage", role="planner").status_code == 200


def test_an_analysis_over_its_time(sample_store, tmp_path):
    with serving(sample_store, tmp_path, limits={"analysis_s": 0.05}) as service:
        answer = service.get("/v1/districts/99999/gaps", role="planner")
        assert (answer.status_code, answer.json()["code"]) == (503, "time_limit")
        assert answer.headers["retry-after"] == "30"
