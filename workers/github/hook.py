"""What GitHub has for the App itself: who installed it, and what it told us."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from workers.github.client import Client, GoneError, each_understood, understood

_PAGE = 100
_MOST_PAGES = 30
_CURSOR = re.compile(r"[?&]cursor=([^&>]+)[^>]*>; *rel=\"next\"")
_FINE = range(200, 300)
_NOBODY = frozenset({0, 502, 503, 504})
"""The answers of a receiver that was not there, or could not record just then."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The App as it is registered; ``settings`` is where that is changed, ``now`` is GitHub's clock."""

    id: int
    slug: str
    page: str
    settings: str
    permissions: Mapping[str, str]
    events: frozenset[str]
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Installed:
    """The App on one account; ``page`` is where its owner says what it may do there."""

    id: int
    account: str
    suspended: bool
    page: str = ""
    permissions: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """Where webhooks go: ``kind`` is json or form, ``checked`` whether certificates are."""

    url: str
    kind: str
    secret: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One attempt to deliver a webhook; those of one event have the same ``guid``.

    ``refused`` says that it was not the first attempt, and that the next one would be answered alike.
    """

    id: int
    guid: str
    at: datetime
    taken: bool
    refused: bool
    status: int = 0


@dataclass(frozen=True, slots=True)
class Hook:
    """Questions that the App asks in its own name."""

    client: Client

    @understood
    def registered(self) -> Registered:
        """Return the App as GitHub knows it."""
        found, now = self.client.dated("/app")
        owner, parts = found.get("owner") or {}, urlsplit(str(found["html_url"]))
        within = f"/organizations/{owner.get('login')}" if owner.get("type") == "Organization" else ""
        settings = f"{parts.scheme}://{parts.netloc}{within}/settings/apps/{found['slug']}"
        return Registered(
            int(found["id"]),
            str(found["slug"]),
            str(found["html_url"]),
            settings,
            dict(found.get("permissions") or {}),
            frozenset(found.get("events") or ()),
            now,
        )

    @understood
    def target(self) -> Target:
        """Return where webhooks go."""
        found = self.client.get("/app/hook/config")
        return Target(
            str(found.get("url") or ""),
            str(found.get("content_type") or "form"),
            bool(found.get("secret")),
            str(found.get("insecure_ssl") or "0") == "0",
        )

    def sign_with(self, secret: str) -> None:
        """Let GitHub sign webhooks with this secret from now on."""
        self.client.patch("/app/hook/config", {"secret": secret})

    @each_understood
    def installations(self) -> Iterator[Installed]:
        """Return every installation."""
        for found in self.client.pages("/app/installations"):
            account = found.get("account") or {}
            name = str(account.get("login") or account.get("slug") or "")
            yield Installed(
                int(found["id"]),
                name,
                bool(found.get("suspended_at")),
                str(found.get("html_url") or ""),
                dict(found.get("permissions") or {}),
                frozenset(found.get("events") or ()),
            )

    def is_gone(self, installation_id: int) -> bool:
        """Say whether an installation is not there any more."""
        try:
            self.client.get(f"/app/installations/{installation_id}")
        except GoneError:
            return True
        return False

    @each_understood
    def deliveries(self, after: int) -> Iterator[Told]:
        """Return attempts newest first, down to the one with this number, as far as GitHub keeps them."""
        query: dict[str, object] = {"per_page": _PAGE}
        for _ in range(_MOST_PAGES):
            found, link = self.client.linked("/app/hook/deliveries", query)
            for one in found:
                if int(one["id"]) <= after:
                    return
                status = int(one.get("status_code") or 0)
                yield Told(
                    id=int(one["id"]),
                    guid=str(one["guid"]),
                    at=datetime.fromisoformat(one["delivered_at"]),
                    taken=status in _FINE,
                    refused=bool(one.get("redelivery")) and status not in _NOBODY,
                    status=status,
                )
            # Only the cursor is taken from the link: an address in an answer is not followed.
            cursor = _CURSOR.search(link)
            if cursor is None:
                return
            query["cursor"] = unquote(cursor[1])

    def redeliver(self, delivery_id: int) -> None:
        """Ask for another attempt."""
        self.client.post(f"/app/hook/deliveries/{delivery_id}/attempts", None)
