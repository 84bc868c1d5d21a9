"""The log tells a file everything and a person at a terminal what went wrong."""

import io

import orjson
import pytest

from api.journal import Journal


class Stream(io.BytesIO):
    def __init__(self, *, terminal):
        super().__init__()
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.mark.parametrize("terminal", [False, True])
def test_what_went_well_is_not_written_to_a_terminal(terminal):
    stream = Stream(terminal=terminal)
    journal = Journal(stream)
    journal.write("info", "started")
    journal.request("a", "/ready", "GET", 503, "not_ready", 0.001)
    journal.request("b", "/v1/nearby", "POST", 200, "", 0.001)
    journal.request("c", "/v1/plans", "POST", 500, "fault", 0.001)
    journal.write("warning", "store_away")
    journal.flush()
    said = [
        (line["level"], line.get("request_id") or line["event"])
        for line in map(orjson.loads, stream.getvalue().splitlines())
    ]
    faults = [("warning", "c"), ("warning", "store_away")]
    assert said == (faults if terminal else [("info", "started"), ("info", "a"), ("info", "b"), *faults])
