"""What is counted: requests by route template, method and status, how long they took, the data version."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client import Counter as Total
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0)


class _Requests(Collector):
    """Requests, counted in plain numbers: Prometheus' own counters cost more than the rest of the frame."""

    def __init__(self) -> None:
        self.buckets: dict[tuple[str, str, int], list[int]] = {}  # by route, method and status: a number a bucket
        self.seconds: dict[str, float] = {}

    def collect(self) -> Iterable[Metric]:
        """Return the two families."""
        requests = CounterMetricFamily("ansim_requests", "Requests answered", labels=("route", "method", "status"))
        by_route: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BUCKETS) + 1))
        for (route, method, status), numbers in list(self.buckets.items()):
            requests.add_metric((route, method, str(status)), sum(numbers))
            by_route[route] = [a + b for a, b in zip(by_route[route], numbers, strict=True)]
        seconds = HistogramMetricFamily("ansim_request_seconds", "Time to answer", labels=("route",))
        for route, numbers in by_route.items():
            edges = [*(f"{edge:g}" for edge in _BUCKETS), "+Inf"]
            seconds.add_metric((route,), list(zip(edges, accumulate(numbers), strict=True)), self.seconds[route])
        return requests, seconds


class Metrics:
    """The counters of one worker."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = _Requests()
        self._registry.register(self._requests)
        self.data_version = Gauge("ansim_data_version", "Data version being served", registry=self._registry)
        self.swaps = Total("ansim_swaps", "Data versions taken into service", registry=self._registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        counted = self._requests
        kind = (route, method, status)
        numbers = counted.buckets.get(kind)
        if numbers is None:
            numbers = counted.buckets[kind] = [0] * (len(_BUCKETS) + 1)
            counted.seconds.setdefault(route, 0.0)
        numbers[bisect_left(_BUCKETS, seconds)] += 1
        counted.seconds[route] += seconds

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)
