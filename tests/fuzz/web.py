"""What comes over the web, fuzzed: deliveries with any body and headers, and requests for any page."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet
from starlette.applications import Starlette

from app import main
from app.api import PATH
from tests.codemods import mutations
from tests.fuzz import values
from tests.fuzz.target import Target
from workers import ledger
from workers.messages import Kind, Repository
from workers.settings import Settings

_SECRET = "canary-of-the-fuzzing"
_EXAMPLES = Path(__file__).parents[2] / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
_TOKEN = "canary-token-of-the-fuzzing"
_NOW = datetime(2026, 11, 26, tzinfo=UTC)
_UNAVAILABLE, _ERROR = 503, 500


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; ``headers`` may name one several times."""

    method: str
    path: str
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Web:
    app: Starlette
    runner: asyncio.Runner

    def ask(self, asked: Asked) -> None:
        """Let the application answer; AssertionError where it says that this is its own fault."""
        status = self.runner.run(self._answered(asked))
        assert status < _ERROR or status == _UNAVAILABLE, f"{asked.method} {asked.path}: {status}"

    async def _answered(self, asked: Asked) -> int:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": asked.method,
            "scheme": "http",
            "path": asked.path,
            "raw_path": asked.path.encode("utf-8", "replace"),
            "query_string": asked.query,
            "root_path": "",
            "headers": list(asked.headers),
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 8_000),
        }
        status, sent = 0, False

        async def receive() -> Mapping[str, Any]:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)

        await self.app(scope, receive, send)  # type: ignore[arg-type]  # more exact than what starlette wants
        return status


@cache
def _payloads() -> Sequence[tuple[str, Any]]:
    groups = json.loads(_EXAMPLES.read_text("utf-8"))
    return [(group["name"], example) for group in groups for example in group["examples"]]


_TEXTS = (
    *(
        b"",
        b"push",
        b"application/json",
        b"text/html",
        b"sha256=",
        b"sha256=" + b"0" * 64,
        b"\xff\xfe",
        b"a" * 9_000,
    ),
    *(
        b"localhost",
        b"[",
        b"[::1]",
        b"[::1",
        b"127.0.0.1:99999",
        b"evil.test",
        b"http://[",
        b"null",
        b"../..",
        b"%",
    ),
    *(
        b"kotsu=x",
        b"__Host-kotsu=y; kotsu=z",
        b"Bearer x",
        b"Bearer " + _TOKEN.encode(),
        b"Basic Og==",
        b"-1",
        b"1e9",
    ),
    *(
        b"203.0.113.7",
        b"for=x;host=y",
        b"chunked",
        b"gzip",
        b"cross-site",
        b"none",
        b"https://localhost",
        b"a=b&a=c",
    ),
)
_NAMES = (
    *(
        b"host",
        b"origin",
        b"cookie",
        b"authorization",
        b"content-type",
        b"content-length",
        b"content-encoding",
    ),
    *(b"x-github-event", b"x-github-delivery", b"x-hub-signature-256", b"x-hub-signature", b"sec-fetch-site"),
    *(
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-real-ip",
        b"transfer-encoding",
        b"accept",
        b"range",
    ),
)


def _headers(first: Mapping[bytes, bytes], dice: Random) -> Sequence[tuple[bytes, bytes]]:
    """Return headers of which some are missing, other ones, or there twice."""
    found = list(first.items())
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        way = dice.randrange(3)
        if way == 0 and found:
            found.pop(dice.randrange(len(found)))
        elif way == 1 and found:
            at = dice.randrange(len(found))
            found[at] = found[at][0], mutations.strange(found[at][1], _TEXTS, dice)
        else:
            found.append((dice.choice(_NAMES), dice.choice(_TEXTS)))
    return found


def _delivery(dice: Random) -> Asked:
    name, payload = dice.choice(_payloads())
    body = values.written(values.changed(payload, dice, [p for _, p in dice.sample(_payloads(), 3)]), dice)
    signature = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
    told = {
        b"host": b"localhost",
        b"content-type": b"application/json",
        b"content-length": str(len(body)).encode(),
        b"x-github-event": name.encode(),
        b"x-github-delivery": str(dice.random()).encode(),
        b"x-hub-signature-256": f"sha256={signature}".encode(),
    }
    headers = _headers(told, dice) if dice.random() < 0.3 else list(told.items())
    return Asked("POST", "/webhooks/github", b"", headers, body)


_PATHS = (
    *(
        "/",
        "/jobs",
        "/activity",
        "/improvements",
        "/runway",
        "/todo",
        "/configuration",
        "/health",
        "/healthz",
        "/readyz",
        "/metrics",
        "/signin",
        "/signin/callback",
        "/signout",
    ),
    *("/repositories/acme/shop", "/repositories/acme/shop/scan", "/jobs/1/retry", "/static/style.css"),
    *("/improvements/bare-except", "/improvements/bare-except/resume", "/configuration/acme/shop"),
    *("/activity/runs/1", "/runway.json", "/todo.csv", "/improvements/bare-except/improvement.json"),
    *("/api/v1/repositories/acme/shop/plan", "/api/v1/repositories/acme/shop/debt"),
    *("/api/v1/repositories/acme/shop/minutes", "/nowhere", "//", "/static/../pages/base.html"),
)
_QUERIES = (
    b"",
    b"after=acme/a",
    b"before=7",
    b"about=django",
    b"next=/jobs",
    b"before=2026-11-26T12:00:00+00:00~PULL~7&source=look",
    b"within=30&ends-from=7&team=x",
    b"code=x&state=y",
    b"error=no&state=z",
)
_FORMS = (b"csrf=" + b"0" * 64, b"a=b&" * 200, b"csrf=%ff%fe", b"csrf", b"{}", b"=&=&;", b"x" * 70_000)
_METHODS = ("GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "OPTIONS", "\u00dc")
_PIECES = (
    "0",
    "-1",
    "9" * 30,
    "..",
    "\u00fc",
    "\0",
    "%2f",
    "'",
    '"',
    "<b>",
    "a" * 2_000,
    "\n",
    " ",
    ";",
    "shop",
)


def _page(dice: Random) -> Asked:
    parts = dice.choice(_PATHS).split("/")
    for _ in range(dice.choice((0, 0, 1, 2))):
        parts[dice.randrange(len(parts))] = dice.choice(_PIECES)
    query = mutations.strange(dice.choice(_QUERIES), [*_QUERIES, *_FORMS], dice)
    method = dice.choice(_METHODS)
    body = mutations.strange(dice.choice(_FORMS), _FORMS, dice) if method == "POST" else b""
    told = {b"host": b"localhost", b"content-type": b"application/x-www-form-urlencoded"}
    told |= {b"authorization": b"Bearer " + _TOKEN.encode()} if dice.random() < 0.5 else {}
    told |= {b"origin": b"http://localhost", b"cookie": b"kotsu=x"} if dice.random() < 0.5 else {}
    return Asked(method, "/".join(parts), query, _headers(told, dice), body)


_VALUES = (
    *("0", "1", "-1", "2", "100", "101", "9223372036854775807", "9223372036854775808", "9" * 30, "1e3", "x"),
    *(
        "acme/shop",
        "ACME/shop",
        "a" * 400,
        "open",
        "merged",
        "team",
        "true",
        "no",
        "",
        "\0",
        "\u00fc",
        "%",
        "NaN",
    ),
    *("2026-11-26", "2026-11-26T00:00:00+14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
)


def _operations(web: _Web) -> Sequence[tuple[str, Sequence[str]]]:
    """Return the paths that the API's own description has, and the parameters of each."""
    described = web.runner.run(_described(web.app))
    return [
        (path, [one["name"] for one in methods["get"].get("parameters", ()) if one["in"] == "query"])
        for path, methods in sorted(described["paths"].items())
    ]


async def _described(app: Starlette) -> Any:
    parts: list[bytes] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        parts.append(message.get("body", b""))

    path = f"{PATH}/openapi.json"
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await app(scope | {"raw_path": path.encode(), "root_path": ""}, receive, send)  # type: ignore[arg-type]  # as above
    return json.loads(b"".join(parts))


def _called(operations: Sequence[tuple[str, Sequence[str]]], dice: Random) -> Asked:
    """Return a call that the API describes, with values that it does not expect."""
    path, parameters = dice.choice(operations)
    for name in ("owner", "name", "page"):
        right = {"owner": "acme", "name": "shop", "page": "overview"}[name]
        given = right if dice.random() < 0.7 else dice.choice(_PIECES)
        path = path.replace(f"{{{name}}}", given)
    names = [dice.choice([*parameters, "after", "nothing"]) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
    query = urlencode([(name, dice.choice(_VALUES)) for name in names]).encode()
    token = b"Bearer " + _TOKEN.encode()
    return Asked("GET", path, query, [(b"host", b"localhost"), (b"authorization", token)], b"")


@contextmanager
def _served(folder: Path, **more: Any) -> Iterator[_Web]:
    url = f"sqlite:///{folder / 'kotsu.db'}"
    ledger.migrate(url)
    given = Settings(folder, url, webhook_secrets=(_SECRET,), api_token=_TOKEN, **more)
    with asyncio.Runner() as runner:
        app = main.create(given, send=lambda _: True, clock=lambda: _NOW)
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        book = ledger.open(url)
        book.upsert_repository(Repository(1, "acme", "shop", "main", 7), _NOW)
        book.enqueue(Kind.SCAN, "scan/1", _NOW, repository_id=1)
        book.close()
        try:
            yield _Web(app, runner)
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


@contextmanager
def receiving(folder: Path) -> Iterator[Target]:
    """Make a receiver ready."""
    with _served(folder) as web:
        yield Target(_delivery, web.ask)


@contextmanager
def showing(folder: Path) -> Iterator[Target]:
    """Make the pages ready for whoever sits at the machine."""
    with _served(folder) as web:
        yield Target(_page, web.ask)


@contextmanager
def telling(folder: Path) -> Iterator[Target]:
    """Make the API ready for a script that sees everything."""
    with _served(folder) as web:
        operations = _operations(web)
        yield Target(lambda dice: _called(operations, dice), web.ask)


@contextmanager
def guarding(folder: Path) -> Iterator[Target]:
    """Make the pages ready for people who sign in; GitHub cannot be reached."""
    client = {
        "client_id": "Iv1.fuzz",
        "client_secret": _SECRET,
        "encryption_keys": (Fernet.generate_key().decode(),),
    }
    where = {"public_url": "https://localhost", "github_api_url": "http://127.0.0.1:9"}
    with _served(folder, **client, **where) as web:
        yield Target(_page, web.ask)


TARGETS = {
    "deliveries": receiving,
    "pages without sign-in": showing,
    "pages behind sign-in": guarding,
    "api": telling,
}
