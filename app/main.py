"""The web process: the receiver and the pages by which it is watched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app import api, hints
from app.metrics import CONTENT_TYPE, Metrics
from app.receive import Receiver
from app.recorder import PATIENCE, Recorder
from workers import ledger, logs, settings
from workers.settings import Settings

Send = Callable[[int], bool]


def create_app() -> FastAPI:
    """Build the application from the environment: ``uvicorn --factory app.main:create_app``."""
    given = settings.read()
    logs.redact(*given.secrets)
    logs.set_up()
    return create(given)


def create(
    given: Settings, *, send: Send | None = None, clock: Callable[[], datetime] | None = None
) -> FastAPI:
    """Build the application; ``send`` hints the worker, by Celery unless told otherwise.

    Raise `SettingsError` without a webhook secret. Nothing is read from the database yet.
    """
    settings.required(given, "webhook_secrets")
    book = ledger.open(given.database_url, PATIENCE)
    metrics = Metrics()
    hinting = hints.Hints(send or hints.celery(given.broker_url), metrics)
    recorder = Recorder(book, clock or _now)
    receiver = Receiver(recorder, given.webhook_secrets, hinting, metrics)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        hinting.close()
        recorder.close()
        book.close()

    app = FastAPI(title="Kotsu", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    # A burst pays for each step; what FastAPI does around a route is a tenth of an answer, and not used here.
    app.add_route("/webhooks/github", receiver.receive, methods=["POST"])
    if given.api_token:
        for path, answer in api.routes(book, given.api_token).items():
            app.add_api_route(path, answer, methods=["GET"], response_model=None)
    _watch(app, given, book, metrics)
    return app


def _watch(app: FastAPI, given: Settings, book: ledger.Ledger, metrics: Metrics) -> None:
    """Add the pages that say whether everything runs."""

    def healthz() -> Response:
        return JSONResponse({"status": "alive"})

    def readyz() -> Response:
        database = _database(book)
        # A broker that is down costs seconds, a receiver that is taken out of service costs deliveries.
        state = {"database": database, "broker": _broker(given)}
        return JSONResponse(state, 200 if database == "ready" else 503)

    def measures() -> Response:
        return Response(metrics.render(_tally(book)), media_type=CONTENT_TYPE)

    def page() -> Response:
        return HTMLResponse(_page(given), headers={"Content-Security-Policy": "default-src 'none'"})

    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", measures), ("/", page)):
        app.add_api_route(path, answer, methods=["GET"], response_model=None)


def _now() -> datetime:
    return datetime.now(UTC)


def _database(book: ledger.Ledger) -> str:
    """Say in words whether deliveries can be recorded."""
    try:
        revision = book.revision()
    except ledger.Unavailable as error:
        return f"unavailable: {error}"
    return ledger.unfit(revision) or "ready"


def _broker(given: Settings) -> str:
    if given.embedded:
        return "embedded"
    from workers import queue  # noqa: PLC0415 -- loads Celery, which a process that starts does not need

    return "reachable" if queue.reachable(given.broker_url) else "unreachable: jobs wait for the sweep"


def _tally(book: ledger.Ledger) -> ledger.Tally | None:
    try:
        return book.tally(_now())
    except ledger.Unavailable:
        return None


def _page(given: Settings) -> str:
    """Write the plain page for people who open the address in a browser."""
    worker = "inside of this process" if given.embedded else "as processes of their own"
    database = given.database_url.partition(":")[0].partition("+")[0]
    lines = (
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'><title>Kotsu</title></head><body>",
        f"<h1>Kotsu {_version()}</h1>",
        f"<p>The receiver runs. Workers run {worker}; the ledger is {escape(database)}.</p>",
        "<ul><li><code>POST /webhooks/github</code>: where GitHub delivers",
        "<li><a href='/healthz'>/healthz</a>: alive",
        "<li><a href='/readyz'>/readyz</a>: able to record and to enqueue",
        "<li><a href='/metrics'>/metrics</a>: measures for Prometheus</ul></body></html>",
    )
    return "\n".join(lines) + "\n"


def _version() -> str:
    return escape(version("kotsu-app"))
