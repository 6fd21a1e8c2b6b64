"""Traces of requests, by OpenTelemetry's own libraries, where an endpoint for them is configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

import fovea

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter


def install(app: FastAPI, endpoint: str, exporter: SpanExporter | None = None) -> Callable[[], None]:
    """endpoint: of OTLP over HTTP; exporter: in its place. Returns what sends the rest at the end.

    Spans have no query strings: conditions and scopes stand there.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise fovea.Unsupported(f"--traces needs {error.name}: pip install 'fovea[traces]'") from error
    provider = TracerProvider(resource=Resource.create({"service.name": "fovea-server",
                                                        "service.version": fovea.__version__}))
    made = exporter or OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(made))

    def without_query(span: Any, scope: dict[str, Any]) -> None:
        if span.is_recording():
            for name in ("http.url", "url.full", "http.target", "url.query"):
                if name in (span.attributes or {}):
                    span.set_attribute(name, scope["path"])

    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider, server_request_hook=without_query,
                                       excluded_urls="healthz,readyz,metrics")
    return provider.shutdown
