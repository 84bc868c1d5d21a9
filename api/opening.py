"""Saying the address of the service once it answers: a link that was said too early opens a browser's error page."""

import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

_LOOK_EVERY_S = 0.1
_TIMEOUT_S = 2.0
PATIENCE_S = 5.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a service of all addresses is asked
READING = "자료를 아직 읽고 있습니다. 쪽은 열리고, 다 읽으면 저절로 보입니다."


def say_when_ready(host: str, port: int, say: Callable[[str], None], *, patience_s: float = PATIENCE_S) -> None:
    """Call ``say("")`` once ``/ready`` answers 200; after ``patience_s`` of listening only, ``say(READING)``.

    Works beside, in a thread that ends with the process. Says nothing while nobody listens.
    """

    def look() -> None:
        since = 0.0
        while True:
            status = _status(_ANY.get(host, host), port)
            if status == 200:
                say("")
                return
            since = since or (time.monotonic() if status else 0.0)
            if since and time.monotonic() - since >= patience_s:
                say(READING)
                return
            time.sleep(_LOOK_EVERY_S)

    threading.Thread(target=look, name="say-when-ready", daemon=True).start()


def _status(host: str, port: int) -> int:
    """Return the answer's status, 0 where nobody answers."""
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
