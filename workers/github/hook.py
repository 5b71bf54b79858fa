"""What GitHub has for the App itself: who installed it, and what it told us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from workers.github.client import Client, GoneError

_PAGE = 100
_MOST_PAGES = 30
_CURSOR = re.compile(r"[?&]cursor=([^&>]+)[^>]*>; *rel=\"next\"")
_FINE = range(200, 300)
_NOBODY = frozenset({0, 502, 503, 504})
"""The answers of a receiver that was not there, or could not record just then."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The App on one account."""

    id: int
    account: str
    suspended: bool


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


@dataclass(frozen=True, slots=True)
class Hook:
    """Questions that the App asks in its own name."""

    client: Client

    def installations(self) -> Iterator[Installed]:
        """Return every installation."""
        for found in self.client.pages("/app/installations"):
            account = found.get("account") or {}
            name = str(account.get("login") or account.get("slug") or "")
            yield Installed(int(found["id"]), name, bool(found.get("suspended_at")))

    def is_gone(self, installation_id: int) -> bool:
        """Say whether an installation is not there any more."""
        try:
            self.client.get(f"/app/installations/{installation_id}")
        except GoneError:
            return True
        return False

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
                )
            # Only the cursor is taken from the link: an address in an answer is not followed.
            cursor = _CURSOR.search(link)
            if cursor is None:
                return
            query["cursor"] = unquote(cursor[1])

    def redeliver(self, delivery_id: int) -> None:
        """Ask for another attempt."""
        self.client.post(f"/app/hook/deliveries/{delivery_id}/attempts", None)
