"""The receiver: verify a delivery, record it, answer, and only then hint the worker."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app import payload
from app.hints import Hints
from app.metrics import Metrics
from app.recorder import Recorder
from workers import logs, tracing
from workers.identity import Identity
from workers.ledger import Recorded, Unavailable
from workers.messages import Event

PATH = "/webhooks/github"
LIMIT = 25 * 1024 * 1024
"""The bytes of a body; GitHub sends no more."""
_BODY_SECONDS = 10.0
_LARGE = 1024 * 1024
_LARGE_AT_ONCE = 2

_EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,100}")
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_JSON = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)

Headers = Mapping[bytes, Sequence[str]]
"""What was given for each name, in small letters."""

log = logs.get("app.receive")


class Refused(Exception):  # noqa: N818 -- an answer, not an error of ours
    """The delivery is not taken: status, the words of the answer, and the outcome that is counted."""

    def __init__(self, status: int, words: str, outcome: str) -> None:
        super().__init__(words)
        self.status, self.words, self.outcome = status, words, outcome


_ANYBODYS = ("unsigned", "unknown-app")
_UNKNOWN = (503, "Nobody set up the App here yet: run `kotsu setup`. Redeliver it later.\n", "unknown-app")
_UNSIGNED = (401, "The signature does not match.\n", "unsigned")


@dataclass(frozen=True, slots=True)
class Receiver:
    """What the receiver needs: the recorder, who the App is, the hints and the counters."""

    recorder: Recorder
    identity: Identity
    hints: Hints
    metrics: Metrics
    large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LARGE_AT_ONCE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one delivery: 202 when it is recorded, now or before."""
        answer = await self._received(_headers(scope), receive)
        await answer(scope, receive, send)

    async def _received(self, headers: Headers, receive: Receive) -> Response:
        name = ""
        try:
            expected = _signature(headers)
            secrets = await self._secrets()
            _accepted_form(headers)
            name, guid = _names(headers)
            body = await self._body(receive, expected, secrets)
            with tracing.span("delivery", guid, event=name):
                return await self._answer(name, guid, body)
        except Refused as refusal:
            self.metrics.delivery(name if refusal.outcome not in _ANYBODYS else "", refusal.outcome)
            log.warning("delivery refused", status=refusal.status, outcome=refusal.outcome)
            return PlainTextResponse(refusal.words, refusal.status)
        except ClientDisconnect:
            self.metrics.delivery("", "disconnected")
            return PlainTextResponse("", 400)

    async def _secrets(self) -> Sequence[str]:
        """Return the secrets that hold now; where they are stored, they are read again each few seconds."""
        known = await self.identity.soon()
        if not known.webhook_secrets:
            raise Refused(*_UNKNOWN)
        return known.webhook_secrets

    async def _body(self, receive: Receive, expected: str, secrets: Sequence[str]) -> bytearray:
        """Read the body while its signature is computed; a slow or a long one ends here."""
        signatures = [hmac.new(secret.encode(), digestmod=hashlib.sha256) for secret in secrets]
        body = bytearray()
        held = False
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                async for chunk in _chunks(receive):
                    if len(body) + len(chunk) > LIMIT:
                        raise Refused(413, "The body is larger than 25 MB.\n", "too-large")
                    if not held and len(body) + len(chunk) > _LARGE:
                        held = await self.large.acquire()
                    body += chunk
                    for signature in signatures:
                        signature.update(chunk)
        except TimeoutError:
            raise Refused(408, "The body did not arrive in time.\n", "slow") from None
        finally:
            if held:
                self.large.release()
        # Every secret is compared, so that the time says nothing about which one it was.
        matches = [hmac.compare_digest(signature.hexdigest(), expected) for signature in signatures]
        if not any(matches):
            raise Refused(*_UNSIGNED)
        return body

    async def _answer(self, name: str, guid: str, body: bytearray) -> Response:
        """Record the delivery; the hint goes out behind the answer."""
        try:
            event, recorded = await self.recorder.record(name, guid, body)
        except payload.Malformed as error:
            raise Refused(400, f"{error}\n", "malformed") from None
        except (Unavailable, TimeoutError) as error:
            with logs.about(delivery=guid, event=name):
                log.error("delivery not recorded", error=str(error))  # noqa: TRY400 -- no bug of ours
            words = "The delivery could not be recorded. Redeliver it later.\n"
            raise Refused(503, words, "unavailable") from None
        if recorded.new and recorded.job_id is not None:
            self.hints.give(recorded.job_id)
        self.metrics.delivery(name, _outcome(event, recorded))
        return JSONResponse({"delivery": guid, "job": recorded.job_id}, 202)


@dataclass(frozen=True, slots=True)
class Door:
    """Lets deliveries in before anything else looks at a request: a burst pays for each step."""

    app: ASGIApp
    receiver: Receiver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; all but deliveries are others' concern."""
        is_delivery = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        await (self.receiver if is_delivery else self.app)(scope, receive, send)


def _headers(scope: Scope) -> Headers:
    found: dict[bytes, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, []).append(value.decode("latin-1"))
    return found


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _outcome(event: Event, recorded: Recorded) -> str:
    if not recorded.new:
        return "repeated"
    return "recorded" if event.kind is not None else "ignored"


def _signature(headers: Headers) -> str:
    """Return the signature's digits; anything but one well-formed SHA-256 signature is none."""
    given = headers.get(b"x-hub-signature-256", ())
    matched = _SIGNATURE.fullmatch(given[0]) if len(given) == 1 else None
    if matched is None:
        raise Refused(*_UNSIGNED)
    return matched[1]


def _accepted_form(headers: Headers) -> None:
    """Refuse early what is not plain JSON of a bounded length."""
    if not _JSON.fullmatch(headers.get(b"content-type", ("",))[0].strip()):
        words = "Set the App's webhook content type to application/json (GitHub > your App > Webhook).\n"
        raise Refused(415, words, "content-type")
    if headers.get(b"content-encoding", ("identity",))[0].strip().lower() != "identity":
        raise Refused(415, "Send the body without Content-Encoding; GitHub does.\n", "content-encoding")
    length = headers.get(b"content-length", ("0",))[0]
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise Refused(400, "Content-Length is not a number.\n", "malformed")
    if int(length) > LIMIT:
        raise Refused(413, "The body is larger than 25 MB.\n", "too-large")


def _names(headers: Headers) -> tuple[str, str]:
    """Return the event's name and the delivery's GUID."""
    found = []
    for header, shape in (("X-GitHub-Event", _EVENT), ("X-GitHub-Delivery", _DELIVERY)):
        given = headers.get(header.lower().encode(), ())
        if len(given) != 1 or not shape.fullmatch(given[0]):
            raise Refused(400, f"The header {header} is missing or malformed.\n", "malformed")
        found.append(given[0])
    return found[0], found[1]
