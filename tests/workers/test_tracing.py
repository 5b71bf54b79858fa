"""Traces: one for what serves one delivery, without a word of an error, and nothing where nobody listens."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from tests.app.serving import Server, serving
from tests.app.test_events import push
from tests.road import Road
from workers import tracing
from workers.messages import Kind, scan_key

SECRET = "canary-in-an-error"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What a collector would hear of this process."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", lambda: provider.get_tracer("kotsu"))
    yield exporter
    provider.shutdown()


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    with serving(sqlite_url) as running:
        yield running


def named(told: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [one for one in told.get_finished_spans() if one.name == name]
    return found


def trace_of(one: ReadableSpan) -> int:
    assert one.context
    return one.context.trace_id


def test_a_delivery_that_is_signed_is_measured(told: InMemorySpanExporter, server: Server) -> None:
    assert server.post(push()).status_code == 202
    found = named(told, "delivery").attributes or {}
    assert (found["kotsu.event"], found["kotsu.delivery"]) == ("push", "guid-1")


def test_what_serves_a_delivery_is_in_its_trace(told: InMemorySpanExporter, road: Road) -> None:
    repository = road.add()
    with tracing.span("delivery", "guid-1"):
        pass
    road.enqueue(Kind.SCAN, scan_key(repository.id), delivery="guid-1")
    road.run()
    delivery, job, scan = (named(told, name) for name in ("delivery", "job scan", "scan"))
    opened = [one for one in told.get_finished_spans() if one.name == "publish"]
    assert {trace_of(one) for one in (job, scan, *opened)} == {trace_of(delivery)}
    assert (job.attributes or {})["kotsu.repository"] == repository.id
    assert job.context
    assert all(one.parent == job.context for one in (scan, *opened))
    assert len(opened) == len(road.keys())


def test_other_deliveries_are_other_traces(told: InMemorySpanExporter) -> None:
    for guid in ("guid-1", "guid-2", "guid-1", None):
        with tracing.span("delivery", guid):
            pass
    first, second, again, alone = map(trace_of, told.get_finished_spans())
    assert first == again
    assert len({first, second, alone}) == 3


def test_what_is_not_signed_is_in_no_trace(told: InMemorySpanExporter, server: Server) -> None:
    server.post(push(), secret="wrong")
    assert told.get_finished_spans() == ()


def test_an_error_is_named_and_not_quoted(told: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=SECRET), tracing.span("job scan", "guid-1"):
        raise ValueError(SECRET)
    (found,) = told.get_finished_spans()
    assert (found.status.status_code, found.status.description) == (StatusCode.ERROR, "ValueError")
    assert SECRET not in found.to_json()


def test_where_nobody_listens_work_is_done_as_ever_and_nothing_is_loaded() -> None:
    code = (
        "import sys; from workers import tracing\n"
        "with tracing.span('job', 'guid-1', job=1): print('done')\n"
        "print([name for name in sys.modules if 'opentelemetry' in name])"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=kept)
    assert done.stdout.split("\n")[:2] == ["done", "[]"]


def test_where_somebody_listens_the_sdk_is_set_up() -> None:
    code = (
        "from workers import tracing\n"
        "tracer = tracing._tracer()\n"
        "with tracing.span('job', 'guid-1', job=1): print(type(tracer).__module__)\n"
    )
    given = {
        **os.environ,
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_BSP_EXPORT_TIMEOUT": "1",
    }
    given |= {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=given)
    assert done.stdout.strip() == "opentelemetry.sdk.trace"


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert tracing._made({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}) is None
    assert "kotsu-app[otel]" in written.getvalue()
