"""Sign-in: through the App's own OAuth, so that nobody has a password here."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import guard
from app.guard import Limit, Refused
from app.visitors import Visitor, Visitors
from workers import logs
from workers.people import PeopleError
from workers.sealing import SealError

PATH, BACK = "/signin", "/signin/callback"
_SECONDS = 600
_COOKIE = "kotsu-signin"
_BYTES = 32

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The way to GitHub and back."""

    visitors: Visitors
    limit: Limit = field(default_factory=lambda: Limit(burst=10, seconds=6.0))

    async def leave(self, request: Request) -> Response:
        """Send the browser to GitHub; what it must bring back stays with it, sealed."""
        self.limit.take(guard.client(request))
        if self.visitors.people is None or self.visitors.seal is None:
            raise Refused(404, "Nobody signs in here: set KOTSU_GITHUB_CLIENT_ID.")
        state, verifier = secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES)
        kept = json.dumps([state, verifier, own_path(request.query_params.get("next", ""))])
        address = self.visitors.people.asked(state, verifier, f"{self.visitors.address}{BACK}")
        response = RedirectResponse(address, 302)
        sealed = self.visitors.seal.sealed(kept)
        guard.keep(response, _COOKIE, sealed, seconds=_SECONDS, secure=self.visitors.secure, path=PATH)
        return response

    async def come_back(self, request: Request) -> Response:
        """Take the browser back from GitHub, if it is the one that left."""
        self.limit.take(guard.client(request))
        return await run_in_threadpool(self._come_back, request)

    def _come_back(self, request: Request) -> Response:
        people, seal = self.visitors.people, self.visitors.seal
        if people is None or seal is None:
            raise Refused(404, "Nobody signs in here.")
        try:
            state, verifier, to = json.loads(seal.opened(request.cookies.get(_COOKIE, ""), _SECONDS))
        except SealError:
            raise Refused(400, "This sign-in took too long, or began elsewhere: begin again.") from None
        brought = request.query_params.get("state", "")
        if not hmac.compare_digest(brought.encode(), state.encode()):
            raise Refused(400, "This sign-in began elsewhere: begin again.")
        code = request.query_params.get("code", "")
        if not code:
            raise Refused(403, "GitHub did not sign you in: you may begin again.")
        consent = people.exchanged(code, verifier, f"{self.visitors.address}{BACK}")
        logs.redact_passing(consent.token)
        person = people.who(consent.token)
        response = RedirectResponse(to, 303)
        self.visitors.welcome(response, person, consent, seal)
        response.delete_cookie(_COOKIE, path=PATH)
        self.visitors.book.audit.note(person.login, "sign-in", self.visitors.clock())
        return response

    async def part(self, request: Request) -> Response:
        """Sign out."""
        visitor = await run_in_threadpool(self._known, request)
        response = RedirectResponse("/", 303)
        if visitor is not None:
            await guard.form(request, visitor.csrf)
            await run_in_threadpool(self.visitors.part, request, response)
        return response

    def _known(self, request: Request) -> Visitor | None:
        try:
            return self.visitors.of(request)
        except PeopleError:
            return None


def own_path(wanted: str) -> str:
    """Return a path of ours to go on to, the front page for anything that leads elsewhere."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\", PATH))
    return wanted if plain and wanted.isprintable() and "\\" not in wanted else "/"
