"""Traces: how long each delivery, job, scan and publication takes, told to whom the operator names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from workers import logs

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

_WHERE = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

log = logs.get(__name__)


@contextmanager
def span(name: str, delivery: object = None, **about: str | int | None) -> Iterator[None]:
    """Measure what is done inside, or each call of what this decorates; nothing at all where nobody listens.

    What serves one ``delivery`` (its GUID) is one trace. No words of an error go along: there may be a
    secret in them.
    """
    tracer = _tracer()
    if tracer is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 -- only where somebody listens

    known = {f"kotsu.{key}": value for key, value in about.items() if value is not None}
    known |= {"kotsu.delivery": str(delivery)} if delivery else {}
    context = _context(str(delivery)) if delivery else None
    begun = tracer.start_as_current_span(
        name, context, attributes=known, record_exception=False, set_status_on_exception=False
    )
    with begun as current:
        try:
            yield
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def _context(delivery: str) -> Context:
    """Return the place of a delivery, which each process computes by itself: no message carries it."""
    from opentelemetry import trace  # noqa: PLC0415 -- as above

    digest = hashlib.sha256(delivery.encode()).digest()
    numbers = int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])
    place = trace.SpanContext(
        *numbers, is_remote=True, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(place))


@cache
def _tracer() -> Tracer | None:
    """Return what measures in this process, None where nobody listens."""
    return _made(os.environ)


def _made(environment: Mapping[str, str]) -> Tracer | None:
    if not any(environment.get(name) for name in _WHERE):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 -- as above
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 -- as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 -- as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 -- as above
    except ImportError:
        log.warning("no traces are sent: install kotsu-app[otel], or unset OTEL_EXPORTER_OTLP_ENDPOINT")
        return None
    about = {"service.name": environment.get("OTEL_SERVICE_NAME") or "kotsu"}
    provider = TracerProvider(resource=Resource.create({**about, "service.version": version("kotsu-app")}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("kotsu")
