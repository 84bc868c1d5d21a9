"""The link of the service is said when it answers, not before."""

import http.server
import queue
import threading

import pytest

from api.opening import READING, say_when_ready
from tests.api.conftest import PATIENCE_S
from tests.ports import free_port


@pytest.fixture
def serving():
    """serving(statuses) -> port: answers each question with the next status, the last again and again."""
    running = []

    def start(statuses, port=0):
        left = list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server.server_address[1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_the_link_waits_until_the_service_is_ready(serving):
    said = queue.Queue()
    port = free_port()
    say_when_ready("0.0.0.0", port, said.put, patience_s=600)  # noqa: S104 - all addresses: asked at loopback
    with pytest.raises(queue.Empty):
        said.get(timeout=0.4)  # nobody listens
    serving([503, 503, 200], port)
    assert said.get(timeout=PATIENCE_S) == ""
    assert said.empty()


def test_after_some_seconds_the_link_is_said_with_why_it_is_not_ready(serving):
    said = queue.Queue()
    say_when_ready("127.0.0.1", serving([503]), said.put, patience_s=0.3)
    assert said.get(timeout=PATIENCE_S) == READING
