"""The set-up's pages: what the App asks for, the way to GitHub and back, and a list of what is done."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import guard, invitation
from app.guard import Limit, Refused
from app.invitation import Invitation
from workers import identity, logs, registering, sealing
from workers.identity import Identity
from workers.ledger import Ledger, Standing
from workers.ledger.marks import RECONCILED
from workers.people import home
from workers.permissions import EVENTS, PERMISSIONS
from workers.registering import Registered, RegisteringError
from workers.settings import GITHUB, Settings, SettingsError

PATH = "/setup"
_WHO = "whoever runs this server"
_SECONDS = 2 * 3600
_UNINVITED = (
    "Run `kotsu setup` where this server runs: it prints an address that is good once, for half an hour."
)
_THERE = "The App is there already: `kotsu setup --again` makes another one in its place."
_UNREACHED = (
    "GitHub has to reach this server to tell it what happens: set KOTSU_PUBLIC_URL to its address, such as "
    "https://kotsu.example.org, and start it again. Where GitHub cannot reach it, set KOTSU_POLL=60 instead."
)

log = logs.get(__name__)
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SetUp:
    """The steps of the set-up, for the one browser that opened the address.

    What GitHub has ``handed_out`` for a code it does not hand out again: it is kept until it is stored.
    """

    identity: Identity
    book: Ledger
    clock: Callable[[], datetime]
    limit: Limit = field(default_factory=lambda: Limit(burst=20, seconds=3.0))
    handed_out: dict[str, Registered] = field(default_factory=dict)

    def open(self, request: Request) -> Response:
        """Let the first browser that brings the address go on."""
        if request.method != "GET":  # a preview of the link must not use it up
            raise Refused(405, "Open this address in a browser.")
        key = invitation.opened(self.book, request.path_params["token"], self.clock())
        if key is None:
            raise Refused(404, f"This address is not good (any more). {_UNINVITED}")
        response = RedirectResponse(PATH, 303)
        secure = self._is_secure()
        guard.keep(response, _cookie(secure=secure), key, seconds=_SECONDS, secure=secure)
        return response

    def show(self, request: Request) -> Response | Values:
        """Show what is next: whose App it is to be, the App itself, or what is done."""
        current, known = self.identity.now(), self._stored()
        found = self._invited(request)
        if found is None:
            if current.app_id:  # GitHub sends everybody here who installs the App
                return RedirectResponse("/", 303)
            raise Refused(403, _UNINVITED)
        if found.is_done:
            return {"stage": "done", "steps": list(self._steps(current, known)), "page": _page(known)}
        self._must_be_free(found, current)
        asked = request.query_params.get("organization", found.organization or None)
        if asked is None:
            return {"stage": "choose"}
        return self._offered(request, current, asked.strip())

    def _offered(self, request: Request, current: Settings, organization: str) -> Values:
        if organization and not registering.is_account(organization):
            raise Refused(400, "GitHub has no organisation of this name.")
        listens = not current.poll
        given = registering.manifest(_address(request, current), organization, listens=listens)
        return {
            "stage": "create",
            "organization": organization,
            "blocked": _UNREACHED if listens and not _is_reached(current) else "",
            "action": registering.destination(
                current.github_api_url, organization, invitation.state(self._key(request))
            ),
            "manifest": json.dumps(given),
            "permissions": PERMISSIONS,
            "events": EVENTS if listens else {},
            "poll": current.poll,
        }

    def create(self, request: Request) -> Response:
        """Take what GitHub hands out for the App, once."""
        found, current = self._invited(request), self.identity.now()
        brought = request.query_params.get("state", "")
        mine = invitation.state(self._key(request))
        if found is None or not hmac.compare_digest(brought.encode(), mine.encode()):
            raise Refused(400, f"This step began elsewhere, and nothing was done. {_UNINVITED}")
        if found.is_done:
            return RedirectResponse(PATH, 303)
        self._must_be_free(found, current)
        made = self._handed_out(current, request.query_params.get("code", ""))
        identity.store(self.identity.given, self.book, made.values, self.clock())
        self.handed_out.clear()
        self.identity.forget()
        invitation.end(self.book, found, self.clock())
        self.book.audit.note(_WHO, "set-up", self.clock(), target=made.slug)
        log.info("App stored", app=made.id, slug=made.slug)
        return RedirectResponse(PATH, 303)

    def _handed_out(self, current: Settings, code: str) -> Registered:
        """Return the App of a code, asked for once though the ledger may fail behind it."""
        if code not in self.handed_out:
            try:
                self.handed_out[code] = registering.exchanged(current.github_api_url, code)
            except RegisteringError as error:
                raise Refused(502, str(error)) from None
        return self.handed_out[code]

    def headers(self) -> Mapping[str, str]:
        """Return what a browser may do with these pages beside what it may do with all: post to GitHub.

        GitHub is told our host, as it would take a form without any for one of somebody who hides.
        """
        policy = guard.POLICY.replace("form-action 'self'", f"form-action 'self' {home(self._api())}")
        return {"Content-Security-Policy": policy, "Referrer-Policy": "strict-origin"}

    def _steps(self, current: Settings, known: Mapping[str, str]) -> Iterator[tuple[bool, str]]:
        """Return what there is to be done, and whether it is."""
        yield bool(current.app_id), f"The App {known.get(identity.SLUG, '')} is made."
        places = sum(row.state == Standing.ACTIVE for row in self.book.installations())
        yield places > 0, f"It is installed on {places} account{'s' * (places != 1)}."
        if current.poll:
            yield self.book.marks.read(RECONCILED)[1] is not None, "GitHub was asked what is new."
        else:
            yield self.book.marks.is_told(), "The first delivery has arrived."
        rows = self.book.repositories()
        scanned = any(scan.finished for row in rows for scan in self.book.scans(row.id, 1))
        yield scanned, "The first repository was looked at."
        yield sum(self.book.tally(self.clock()).proposals.values()) > 0, "The first pull request is open."

    def _must_be_free(self, found: Invitation, current: Settings) -> None:
        if identity.is_begun(self.identity.given):
            raise Refused(409, "The environment names an App (KOTSU_GITHUB_APP_ID …), and has the last word.")
        if current.app_id and not found.again:
            raise Refused(409, _THERE)
        try:
            sealing.seal(self.identity.given)
        except SettingsError as error:  # before GitHub hands out what could not be kept
            raise Refused(409, str(error)) from None

    def _stored(self) -> Mapping[str, str]:
        try:
            return identity.stored(self.identity.given, self.book)
        except SettingsError as error:
            raise Refused(500, str(error)) from None

    def _invited(self, request: Request) -> Invitation | None:
        key = self._key(request)
        return invitation.of(self.book, key, self.clock()) if key else None

    def _key(self, request: Request) -> str:
        return request.cookies.get(_cookie(secure=self._is_secure()), "")

    def _is_secure(self) -> bool:
        return self.identity.now().public_url.startswith("https://")

    def _api(self) -> str:
        return self.identity.now().github_api_url


def _cookie(*, secure: bool) -> str:
    return "__Host-kotsu-setup" if secure else "kotsu-setup"


def _page(known: Mapping[str, str]) -> str:
    return f"{known[identity.PAGE]}/installations/new" if known.get(identity.PAGE) else ""


def _address(request: Request, current: Settings) -> str:
    """Return our address as GitHub sends browsers back to it; the guard has looked at the host."""
    return current.public_url or f"http://{request.headers.get('host', '')}"


def _is_reached(current: Settings) -> bool:
    """Tell whether GitHub may reach us: no public one reaches this machine's own address."""
    host = urlsplit(current.public_url).hostname or ""
    return bool(host) and not (guard.is_loopback(host) and current.github_api_url == GITHUB)
