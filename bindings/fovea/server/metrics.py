"""What Prometheus is told: counts and times by route, no scope and no text."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300)


disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Of one app."""

    def __init__(self, open_scopes: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter("fovea_requests", "Requests that were answered.", ("route", "method", "status"),
                                registry=self._registry)
        self.seconds = Histogram("fovea_request_seconds", "From a request's head to the end of its answer.",
                                 ("route", "method"), buckets=_SECONDS, registry=self._registry)
        self.running = Gauge("fovea_requests_running", "Requests that are under way.", registry=self._registry)
        self.pages = Counter("fovea_pages_written", "Pages that requests wrote.", registry=self._registry)
        self.refused = Counter("fovea_refused", "Requests that were refused before they reached a memory.", ("why",),
                               registry=self._registry)
        Gauge("fovea_scopes_open", "Scopes whose memories are open.", registry=self._registry).set_function(open_scopes)

    def text(self) -> bytes:
        return generate_latest(self._registry)
