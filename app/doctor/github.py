"""The checks of the App on GitHub: who it is, what it may do and hear, and whether webhooks arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from urllib.parse import urlsplit

from app.doctor import needs
from app.doctor.findings import Finding, Patient, fine, note, skipped, wrong
from app.doctor.foundations import clocks
from workers import logs, private_key
from workers.github import App, GitHubError, GoneError, LockedOutError
from workers.github.hook import Installed, Registered, Target

_PATH = "/webhooks/github"
_LAST = 50
"""Deliveries that are looked at, the newest."""
_MOST = 20
"""Installations whose tokens are tried; each costs three requests."""
_LITTLE = 0.1
"""The share of an hour's requests below which work will soon wait."""


def app(patient: Patient) -> Iterator[Finding]:
    """Find an App that GitHub does not know, clocks that differ, and what it may not do or hear."""
    with _door(patient) as door:
        if isinstance(door, Finding):
            yield door
            return
        try:
            found = door.hook.registered()
        except GitHubError as error:
            yield _said_no(error)
            return
        yield fine(f"GitHub knows the App as {found.slug}")
        if found.now is not None:
            # What GitHub says has whole seconds.
            yield clocks("GitHub", found.now, datetime.now(UTC))
        yield from permitted(found, listens=not patient.settings.poll)


def _said_no(error: GitHubError) -> Finding:
    if isinstance(error, LockedOutError | GoneError):
        return wrong(
            f"GitHub does not let the App in: {error}",
            "compare KOTSU_GITHUB_APP_ID and the private key with the App's page, and KOTSU_GITHUB_API_URL "
            "with where that is",
        )
    return wrong(
        f"GitHub does not answer: {error}",
        "see that KOTSU_GITHUB_API_URL is right and can be reached (HTTPS_PROXY, SSL_CERT_FILE)",
    )


@contextmanager
def _door(patient: Patient) -> Iterator[App | Finding]:
    """Open GitHub as the App, or say why that cannot be."""
    given = patient.settings
    if not given.app_id or not given.private_key:
        yield skipped("this process has no App's number and private key")
        return
    if private_key.unusable(given.private_key):
        yield skipped("the private key has to be right first")
        return
    door = App(
        given.github_api_url, given.app_id, given.private_key, redact=logs.redact_passing, pace=given.pace
    )
    try:
        yield door
    finally:
        door.close()


def permitted(found: Registered, *, listens: bool = True) -> Iterator[Finding]:
    """Find which permissions and events the App lacks, and which it does not need."""
    page = f"{found.settings}/permissions"
    grant = f"grant it on {page}, and accept it where the App is installed"
    lacking = list(needs.lacking(found.permissions))
    for name, level in lacking:
        says = f"the App lacks {name}: {level}: {needs.LOST_PERMISSIONS[name]}"
        yield wrong(says, grant) if name in needs.NEEDED else note(says, grant)
    unheard = list(needs.unheard(found.events)) if listens else []
    for name in unheard:
        yield note(
            f"the App is not told of {name}: {needs.LOST_EVENTS[name]}", f"subscribe to the event on {page}"
        )
    if more := sorted(f"{name}: {level}" for name, level in needs.needless(found.permissions)):
        yield note(f"the App may do more than it needs ({', '.join(more)})", f"take that away on {page}")
    if not lacking and not unheard:
        yield fine("the App has every permission and event that it uses")


def installations(patient: Patient) -> Iterator[Finding]:
    """Find where the App is installed with less than it asks for, suspended, or out of requests."""
    with _door(patient) as door:
        if isinstance(door, Finding):
            yield door
            return
        try:
            registered = door.hook.registered()
            found = list(door.hook.installations())
        except GitHubError as error:
            yield skipped(f"GitHub has to answer first ({error})")
            return
        if not found:
            yield note("the App is installed nowhere yet", f"install it: {registered.page}/installations/new")
        for one in found:
            yield from accepted(one, registered)
        for one in [one for one in found if not one.suspended][:_MOST]:
            yield _left(door, one)


def accepted(found: Installed, registered: Registered) -> Iterator[Finding]:
    """Find what one installation was not granted of what the App asks for."""
    if found.suspended:
        yield note(
            f"the App is suspended on {found.account}", f"nothing is done there until {found.page} ends it"
        )
        return
    for name, level in needs.lacking(found.permissions):
        if name in dict(needs.lacking(registered.permissions)):
            continue  # it is told once, of the App
        says = f"{found.account} has not granted {name}: {level}: {needs.LOST_PERMISSIONS[name]}"
        fix = f"an owner accepts it on {found.page}"
        yield wrong(says, fix) if name in needs.NEEDED else note(says, fix)


def _left(door: App, found: Installed) -> Finding:
    try:
        left, limit = door.left(found.id)
    except GitHubError as error:
        return wrong(f"no token for {found.account}: {error}", f"see {found.page}")
    if left < limit * _LITTLE:
        return note(
            f"{found.account} has {left} of {limit} requests left in this hour", "its work waits for the next"
        )
    return fine(
        f"{found.account} has {left} of {limit} requests left" if limit else f"{found.account} has no limit"
    )


def webhook(patient: Patient) -> Iterator[Finding]:
    """Find webhooks that go elsewhere, in another form, without a secret, or do not arrive."""
    if patient.settings.poll:
        yield fine(f"no webhook is needed: GitHub is asked each {patient.settings.poll} s (KOTSU_POLL)")
        return
    with _door(patient) as door:
        if isinstance(door, Finding):
            yield door
            return
        try:
            page = door.hook.registered().settings
            target = door.hook.target()
            statuses = [told.status for told in islice(door.hook.deliveries(0), _LAST)]
        except GitHubError as error:
            yield skipped(f"GitHub has to answer first ({error})")
            return
        yield from addressed(target, page)
        yield from arrived(statuses, f"{page}/advanced")


def addressed(found: Target, page: str) -> Iterator[Finding]:
    """Find what is wrong with the App's webhook settings."""
    if not found.url:
        yield wrong(
            "the App tells nobody of anything", f"set its webhook on {page} to https://YOUR-HOST{_PATH}"
        )
        return
    findings = []
    if urlsplit(found.url).path.rstrip("/") != _PATH:
        findings.append(wrong(f"webhooks go to {found.url}", f"its path has to be {_PATH}: {page}"))
    if found.kind != "json":
        fix = f"set the content type to application/json: {page}"
        findings.append(wrong(f"webhooks come as {found.kind}", fix))
    if not found.secret:
        findings.append(wrong("webhooks are not signed", f"set the secret of KOTSU_WEBHOOK_SECRET: {page}"))
    if not found.checked:
        says = "GitHub does not check the certificate of the receiver"
        findings.append(wrong(says, f"enable SSL verification: {page}"))
    yield from findings or [fine(f"webhooks go to {found.url}")]


def arrived(statuses: Sequence[int], page: str) -> Iterator[Finding]:
    """Find whether deliveries were taken, by how the receiver answered, the newest first (0: it did not)."""
    failed = [status for status in statuses if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES]
    if not statuses:
        yield note("GitHub has delivered nothing yet", "push to a repository with the App, and look again")
    elif failed and failed[0] == statuses[0]:
        said = f"answered {failed[0]}" if failed[0] else "did not answer"
        yield wrong(
            f"the last delivery did not arrive: the receiver {said}",
            f"see that `kotsu serve` runs and that your proxy leads to it; {page} has each delivery",
        )
    elif failed:
        yield note(f"{len(failed)} of the last {len(statuses)} deliveries failed at first", f"see {page}")
    else:
        yield fine(f"the last {len(statuses)} deliveries arrived")
