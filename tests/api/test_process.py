"""A real ``ansim serve``: started while the database is away, and ended while it is asked; where its key goes."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.api.conftest import PATIENCE_S, SAMPLE, wait_for
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
HERE = {"lat": 37.5, "lon": 126.9}


class Process:
    """A service in a process: ``said`` is its standard output so far, ``err`` where the other goes."""

    def __init__(self, process, port, err):
        self.process, self.port, self._err = process, port, err
        self.said = [process.stdout.readline(), process.stdout.readline()]
        assert self.said[0], self.err
        self.key_file = Path(self.said[1].rpartition(": ")[2].strip())
        self.link = self.key_file.read_text(encoding="utf-8").strip()

    @property
    def err(self):
        return self._err.read_text(encoding="utf-8")

    def ask(self, path, body=None, *, method=None, staff=False, more=None):
        """Return status, headers and body."""
        headers = {"content-type": "application/json"} | (more or {})
        if staff:
            headers["authorization"] = f"Bearer {self.link.partition('#key=')[2]}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def begin(self, path, **headers):
        """Ask as staff, and return the connection before anything is answered."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request(
            "GET", path, headers=headers | {"authorization": f"Bearer {self.link.partition('#key=')[2]}"}
        )
        return connection

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_S)


@contextmanager
def process_of(store, folder, *options):
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIM_")}
    env |= {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "ANSIM_POLL_S": "0.2",
    }
    env.setdefault("NUMBA_CACHE_DIR", str(Path.home() / ".cache" / "ansim-map" / "kernels"))
    err = folder / f"err-{port}.txt"
    with err.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from cli import main; main()", "serve", "--port", str(port), "--store", str(store),
             *options],
            cwd=folder, stdout=subprocess.PIPE, stderr=log, env=env, text=True,
        )  # fmt: skip
    try:
        yield Process(process, port, err)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ready(served):
    status, _, body = served.ask("/ready")
    return status == 200 and json.loads(body)


BELLS = (SAMPLE / "안전비상벨위치정보.csv").read_bytes()
FORM = (
    b'--x\r\ncontent-disposition: form-data; name="files"; filename="bells.csv"\r\n\r\n' + BELLS + b"\r\n--x\r\n"
    b'content-disposition: form-data; name="layer"\r\n\r\nemergency_bell\r\n--x--\r\n'
)


def upload(served):
    return served.ask("/v1/imports", FORM, staff=True, more={"content-type": "multipart/form-data; boundary=x"})


def test_started_while_the_database_is_away(server, sample_copies, tmp_path):
    store = sample_copies()
    name = store.rpartition("/")[2]
    with process_of(store, tmp_path) as first:
        wait_for(lambda: ready(first))
        assert first.stop() == 0
    (kept,) = (tmp_path / "cache" / "ansim-map" / "serve").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    server.run(
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    with process_of(store, tmp_path) as second:
        assert "※" in second.err
        assert "저장해 둔 자료로 엽니다" in second.err
        assert "Traceback" not in second.err
        wait_for(lambda: ready(second))
        assert ready(second)["store"] is False
        assert second.ask("/v1/nearby", HERE)[0] == 200
        for path in ("/v1/bundles/99999", "/v1/districts/99999/map", "/v1/layers"):
            assert second.ask(path)[0] == 200, path
        # The key of the run is known without the database; other keys cannot be looked up: not "unknown", but later.
        assert second.ask("/v1/districts/99999/states", staff=True)[0] == 200
        sent = {"authorization": "Bearer ansim_12345678_other"}
        for status, headers, body in (
            upload(second),
            second.ask("/v1/plans/none", method="DELETE", staff=True),
            second.ask("/v1/districts/99999/states", more=sent),
            second.ask("/v1/nearby", HERE, more=sent),
        ):
            assert (status, json.loads(body)["code"]) == (503, "store"), body
            assert headers["Retry-After"] == "30"
            assert name not in body.decode()
        server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        wait_for(lambda: ready(second)["store"])
        assert upload(second)[0] == 201
        # The list of keys is read every second: what it does not hold is unknown from then on, and no longer "later".
        wait_for(lambda: second.ask("/v1/districts/99999/states", more=sent)[0] == 401)
        assert second.stop() == 0


def test_without_a_kept_version_it_says_what_is_wrong(server, sample_copies, tmp_path):
    store = sample_copies()
    name = store.rpartition("/")[2]
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "serve", "--store", store],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.fixture(scope="module")
def served(sample_store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("process")
    with process_of(sample_store, folder) as running:
        wait_for(lambda: ready(running))
        yield running


def test_no_secret_is_printed_where_nobody_reads_at_a_terminal(served):
    secret = served.link.partition("#key=")[2]
    assert secret.startswith("ansim_session_")
    assert secret not in "".join(served.said) + served.err
    assert str(served.key_file) in served.said[1]
    assert stat.S_IMODE(served.key_file.stat().st_mode) == 0o600
    assert json.loads(served.ask("/v1/me", staff=True)[2])["role"] == "admin"


def test_ended_while_it_is_asked(served):
    """SIGTERM under load: what has been asked is answered whole, a stream ends with its result, then it is gone."""
    assert served.ask("/v1/districts/99999/gaps", staff=True)[0] == 200  # the process that analyses is up
    stopping, answers, broken = threading.Event(), [], []

    def phone():
        while True:
            connection = HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
            try:
                connection.connect()
            except OSError:
                return  # it listens no more
            try:
                connection.request("POST", "/v1/nearby", json.dumps(HERE), {"content-type": "application/json"})
                answer = connection.getresponse()
                answers.append((answer.status, len(json.loads(answer.read())["points"])))
            except (OSError, ValueError) as error:
                # A connection that the system took on, and nobody accepted any more, was never a request.
                if not stopping.is_set():
                    broken.append(error)
                return
            finally:
                connection.close()

    with ThreadPoolExecutor(8) as pool:
        phones = [pool.submit(phone) for _ in range(4)]
        slow = served.begin("/v1/districts/99999/gaps?stability=60")
        stream = served.begin("/v1/districts/99999/gaps?stability=61", accept="text/event-stream")
        begun = stream.getresponse()  # that it has begun; what was sent before it is with the service, too
        whole = pool.submit(lambda: slow.getresponse().read())
        events = pool.submit(begun.read)
        wait_for(lambda: len(answers) > 20)
        stopping.set()
        assert served.stop() == 0
        assert json.loads(whole.result(PATIENCE_S))["type"] == "FeatureCollection"
        body = events.result(PATIENCE_S)
        assert (begun.status, begun.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        assert body.rstrip().rpartition(b"event: ")[2].startswith(b"result\n")
        for one in phones:
            one.result(PATIENCE_S)
        for connection in (slow, stream):
            connection.close()
    assert not broken
    assert {status for status, _ in answers} == {200}
    assert not served.key_file.exists()
    assert "Traceback" not in served.err
