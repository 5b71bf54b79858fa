"""The web process: the receiver and the pages by which it is watched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import api, guard, hints
from app.access import Access
from app.api import Api
from app.measuring import Measuring
from app.metrics import CONTENT_TYPE, Metrics
from app.pages import Pages
from app.receive import PATH, Door, Receiver
from app.recorder import PATIENCE, Recorder
from app.setup import SetUp
from app.signin import SignIn
from app.visitors import Visitors
from workers import ledger, logs, settings
from workers.identity import Identity
from workers.settings import Settings

Send = Callable[[int], bool]


def create_app() -> Starlette:
    """Build the application from the environment: ``uvicorn --factory app.main:create_app``."""
    given = settings.read()
    logs.redact(*given.secrets)
    logs.set_up()
    return create(given)


def create(
    given: Settings, *, send: Send | None = None, clock: Callable[[], datetime] | None = None
) -> Starlette:
    """Build the application; ``send`` hints the worker, by Celery unless told otherwise.

    What it has to know of the App may be stored later (`workers.identity`); until then it takes no delivery.
    Raise `SettingsError` where half of a client is set. Nothing is read from the database yet, and FastAPI is
    loaded with the first request for the API: what takes deliveries has no use for it.
    """
    if given.client_id:
        settings.required(given, "client_secret", "public_url")
    book = ledger.open(given.database_url, PATIENCE)
    metrics = Metrics()
    hinting = hints.Hints(send or hints.celery(given.broker_url), metrics)
    now = clock or ledger.clock(book)
    recorder = Recorder(book, now)
    known = Identity(given, book)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        hinting.close()
        recorder.close()
        book.close()

    app = Starlette(lifespan=lifespan)
    app.add_middleware(Door, receiver=Receiver(recorder, known, hinting, metrics))
    app.add_route(PATH, _only_deliveries, methods=["POST"])
    visitors = Visitors(book, known, now)
    access = Access(given.api_token, book, visitors)
    app.router.routes.append(Route(f"{api.PATH}/{{path:path}}", Api(book, access, now)))
    _watch(app, given, metrics, access)
    # Whatever has no route of its own is the pages', and a wrong method on one that has stays that.
    app.router.default = _pages(visitors, hinting).routed()
    return app


async def _only_deliveries(_request: Request) -> Response:
    """Stand for what the door takes, so that any other method is told which one there is."""
    return Response(status_code=404)


def _pages(visitors: Visitors, hinting: hints.Hints) -> Pages:
    """Return the pages; people sign in where the App's client is known."""
    book, clock = visitors.book, visitors.clock
    set_up = SetUp(visitors.identity, book, clock)
    return Pages(book, visitors, SignIn(visitors), set_up, hinting.give, clock)


def _watch(app: Starlette, given: Settings, metrics: Metrics, access: Access) -> None:
    """Add the pages that say whether everything runs."""
    book = access.book
    measuring = Measuring(book, access.visitors.clock)

    def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    def readyz(_request: Request) -> Response:
        database = _database(book)
        # A broker that is down costs seconds, a receiver that is taken out of service costs deliveries.
        state = {"database": database, "broker": _broker(given)}
        return JSONResponse(state, 200 if database == "ready" else 503)

    def measures(request: Request) -> Response:
        try:
            is_let_in = guard.is_local(request) or access.sees_all(request)
        except ledger.Unavailable:
            words = "The ledger cannot say whose token this is: try again in a moment.\n"
            return PlainTextResponse(words, 503)
        if not is_let_in:
            words = "Measures are for this machine, or with the API token: Authorization: Bearer …\n"
            return PlainTextResponse(words, 401, {"WWW-Authenticate": "Bearer"})
        return Response(metrics.render(measuring.measured()), media_type=CONTENT_TYPE)

    for path, answer in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", measures)):
        app.add_route(path, answer, methods=["GET"])


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
