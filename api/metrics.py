"""What is counted: requests by route template, method and status, how long they took, the data version."""

from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0)


class Metrics:
    """The counters of one worker."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ansim_requests", "Requests answered", ("route", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "ansim_request_seconds", "Time to answer", ("route",), buckets=_BUCKETS, registry=self._registry
        )
        self.data_version = Gauge("ansim_data_version", "Data version being served", registry=self._registry)
        self.swaps = Counter("ansim_swaps", "Data versions taken into service", registry=self._registry)
        # A template, a known method, a status: few, all ours.
        self._count = lru_cache(maxsize=1_024)(self._requests.labels)
        self._time = lru_cache(maxsize=256)(self._seconds.labels)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._count(route, method, str(status)).inc()
        self._time(route).observe(seconds)

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)
