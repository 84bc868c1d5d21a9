"""Ports for servers of the tests: below those that the system lends to connections.

A port that ``bind(0)`` gave is one of those: before the server takes it, or while it is stopped, a connection of
anybody may have it, and one that is tried again and again on a server that is down may even meet itself.
"""

import os
import random
import socket
from pathlib import Path

LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST, USUAL_LENT = 15_000, 32_768
WORKERS = 8  # of one run: each looks among ports of its own


def free_port():
    """Return a port of 127.0.0.1 that nobody listens on, and that no connection is given."""
    above = int(LENT.read_text().split()[0]) if LENT.exists() else USUAL_LENT
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % WORKERS
    ports = range(FIRST + own, max(above, FIRST + 1_000), WORKERS)
    for port in random.SystemRandom().sample(ports, len(ports)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port")
