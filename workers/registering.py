"""Registers the App: the manifest that a browser takes to GitHub, and the exchange for the App's secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from workers import identity
from workers.people import home
from workers.permissions import EVENTS, PERMISSIONS

WEBHOOKS, CREATED, SIGNED_IN, SETUP = "/webhooks/github", "/setup/created", "/signin/callback", "/setup"
"""The paths of ours that GitHub is told."""
_SECONDS = 10.0
_LONGEST_NAME = 34
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})")
_CODE = re.compile(r"[0-9A-Za-z_-]{1,200}")


class RegisteringError(Exception):
    """GitHub did not hand out the App's secrets; the text is the sentence people read."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A new App, as GitHub tells of it once; ``page`` is where people find it."""

    id: int
    slug: str
    page: str
    values: Mapping[str, str]


def is_account(name: str) -> bool:
    """Tell whether an organisation may be called so."""
    return _ACCOUNT.fullmatch(name) is not None


def manifest(address: str, organization: str, *, listens: bool) -> Mapping[str, Any]:
    """Return the App as it is to be; ``address`` is ours, ``listens`` whether GitHub can reach it.

    A webhook that is not active needs an address too, so there is none where nobody listens.
    """
    told = {
        "hook_attributes": {"url": f"{address}{WEBHOOKS}", "active": True},
        "default_events": sorted(EVENTS),
    }
    return {
        "name": f"Kotsu {organization}".strip()[:_LONGEST_NAME],
        "url": address,
        "description": "Opens small, reviewable improvement pull requests.",
        "public": False,
        "redirect_url": f"{address}{CREATED}",
        "callback_urls": [f"{address}{SIGNED_IN}"],
        "setup_url": f"{address}{SETUP}",
        "default_permissions": {name: wanted.level for name, wanted in PERMISSIONS.items()},
        **(told if listens else {}),
    }


def destination(api_url: str, organization: str, state: str) -> str:
    """Return where a browser posts the manifest; without an organisation the App is the person's own."""
    within = f"/organizations/{quote(organization)}" if organization else ""
    return f"{home(api_url)}{within}/settings/apps/new?{urlencode({'state': state})}"


def exchanged(api_url: str, code: str) -> Registered:
    """Return the App that a code stands for; it is good once, and for an hour."""
    import httpx  # noqa: PLC0415 -- as in `workers.people`

    if not _CODE.fullmatch(code):
        raise RegisteringError("GitHub sends no such code: begin again with `kotsu setup`.")
    headers = {"Accept": "application/vnd.github+json", "User-Agent": "kotsu"}
    try:
        with httpx.Client(timeout=_SECONDS, follow_redirects=False, headers=headers) as client:
            response = client.post(f"{api_url}/app-manifests/{code}/conversions")
    except httpx.HTTPError as error:
        raise RegisteringError(
            f"GitHub did not answer ({type(error).__name__}): reload this page to try again."
        ) from None
    if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
        raise RegisteringError(
            "GitHub does not know this code (any more): it is good once, and for an hour. Delete the App "
            "there if it was made, and begin again with `kotsu setup --again`."
        )
    if response.status_code != httpx.codes.CREATED:
        raise RegisteringError(f"GitHub answered with {response.status_code}: reload this page to try again.")
    try:
        return _read(response.json())
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise RegisteringError("GitHub's answer has a shape that is not known here: report this.") from None


def _read(said: Any) -> Registered:  # noqa: ANN401 -- JSON
    values = {
        "app_id": str(int(said["id"])),
        "private_key": str(said["pem"]),
        "webhook_secrets": str(said["webhook_secret"] or ""),
        "client_id": str(said["client_id"]),
        "client_secret": str(said["client_secret"]),
        identity.SLUG: str(said["slug"]),
        identity.PAGE: str(said["html_url"]),
    }
    return Registered(int(said["id"]), values[identity.SLUG], values[identity.PAGE], values)
