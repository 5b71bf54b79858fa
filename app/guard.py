"""The guard of the pages: which host is asked, who may post, how often, and what a browser may do."""

from __future__ import annotations

import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.identity import Identity
from workers.settings import Settings

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_LONGEST_FORM = 64 * 1024
_MOST_FIELDS = 100
_BUCKETS = 10_000
_LONGEST_ID = 18


class Refused(Exception):  # noqa: N818 -- an answer, not an error of ours
    """A request that the pages do not serve: a status, and what to do in words."""

    def __init__(self, status: int, words: str, wait: float = 0.0) -> None:
        super().__init__(words)
        self.status, self.words, self.wait = status, words, wait


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request in only for a host of ours, and dresses each answer."""

    app: ASGIApp
    identity: Identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = await self.identity.soon()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if given.public_url.startswith("https://"):
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        if not _is_ours(Headers(scope=scope).get("host", ""), given):
            words = "These pages have another address: set KOTSU_PUBLIC_URL to the one that people use.\n"
            await PlainTextResponse(words, 421)(scope, receive, dressed)
            return
        await self.app(scope, receive, dressed)


def is_loopback(host: str) -> bool:
    """Tell whether a server that is bound to this address is reached from its own machine only."""
    return host in _LOOPBACK


def is_local(request: Request) -> bool:
    """Tell whether a request was made at this machine, and by no proxy for somebody else."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return request.client is not None and is_loopback(request.client.host) and is_loopback(host)


def _is_ours(host: str, given: Settings) -> bool:
    """Tell whether a Host header names us: a page of somebody else's may lead a browser to our address."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or bool(given.public_url and host == urlsplit(given.public_url).netloc)


def client(request: Request) -> str:
    """Return the address of whoever asks, ``""`` where there is none."""
    return request.client.host if request.client else ""


def keep(  # noqa: PLR0913 -- what a cookie is, each by its name
    response: Response, name: str, value: str, *, seconds: int | None, secure: bool, path: str = "/"
) -> None:
    """Let a browser keep a value for so long, or until it is closed; no script and no other site has it."""
    response.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax")


def numbered(given: str) -> int:
    """Return the id of a row that an address names; Refused where no row can have it."""
    if not (given.isascii() and given.isdecimal() and len(given) <= _LONGEST_ID):
        raise Refused(404, "There is nothing here.")
    return int(given)


async def form(request: Request, csrf: str) -> Mapping[str, str]:
    """Return the fields of a form of ours; Refused when it comes from anywhere else."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    ours = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if site not in ("same-origin", "none") or not ours:
        raise Refused(403, "This form was sent from another site, and nothing was done.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise Refused(413, "The form is too large.")
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Refused(413, "The form has too many fields.") from None
    found = {name: values[-1] for name, values in fields.items()}
    if not hmac.compare_digest(found.get("csrf", "").encode(), csrf.encode()):
        raise Refused(403, "This form is too old, or was not ours: go back, reload the page and try again.")
    return found


@dataclass(slots=True)
class Limit:
    """So many requests at once, and one more after each ``seconds``, for each who asks."""

    burst: int
    seconds: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, who: str) -> None:
        """Count a request; Refused when it is one too many."""
        now = time.monotonic()
        left, since = self._left.pop(who, (float(self.burst), now))
        left = min(left + (now - since) / self.seconds, float(self.burst))
        enough = left >= 1
        self._left[who] = (left - 1 if enough else left, now)
        while len(self._left) > _BUCKETS:
            self._left.popitem(last=False)
        if not enough:
            wait = math.ceil((1 - left) * self.seconds)
            raise Refused(429, f"That was too often: try again in {wait} s.", wait)
