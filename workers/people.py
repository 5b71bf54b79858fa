"""The people's door to GitHub: they sign in there, and GitHub says what each of them may do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    import httpx

_SECONDS = 10.0
_PAGE, _MOST_PAGES = 100, 50
_LONGEST = 8 * 3600
_LEVELS = ("pull", "triage", "push", "maintain", "admin")
_PUBLIC_API = "api."


class PeopleError(Exception):
    """GitHub did not say who somebody is, or what they may do; the text is the sentence people read."""


class HiddenError(PeopleError):
    """GitHub shows this to nobody now, or not to this person: it is not there, or not for them."""


class UnknownError(PeopleError):
    """GitHub does not know the person's token any more: they sign in again."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The token by which the App may ask in a person's name, and for how many seconds."""

    token: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Person:
    """An account of GitHub."""

    id: int
    login: str


def home(api_url: str) -> str:
    """Return the address of GitHub's pages, from that of its API."""
    parts = urlsplit(api_url)
    if parts.netloc.startswith(_PUBLIC_API) and not parts.path:
        return f"{parts.scheme}://{parts.netloc.removeprefix(_PUBLIC_API)}"
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class People:
    """GitHub as people meet it through the App."""

    api_url: str
    client_id: str
    client_secret: str

    def asked(self, state: str, verifier: str, redirect: str) -> str:
        """Return where a browser goes to sign in; it comes back to ``redirect`` with the ``state``."""
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self.client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{home(self.api_url)}/login/oauth/authorize?{urlencode(query)}"

    def exchanged(self, code: str, verifier: str, redirect: str) -> Consent:
        """Return the consent that a code stands for; it is good once."""
        given = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect,
        }
        address = f"{home(self.api_url)}/login/oauth/access_token"
        with _client() as client:
            said = _json(client, "POST", address, data=given, headers={"Accept": "application/json"})
        token = said.get("access_token") if isinstance(said, dict) else None
        if not isinstance(token, str) or not token:
            reason = said.get("error") if isinstance(said, dict) else None
            raise PeopleError(f"GitHub did not accept the sign-in ({str(reason or 'no token')[:60]}).")
        lasts = said.get("expires_in")
        return Consent(token, min(int(lasts), _LONGEST) if isinstance(lasts, int) else _LONGEST)

    def who(self, token: str) -> Person:
        """Return whose token it is."""
        with _client() as client:
            said = _json(client, "GET", f"{self.api_url}/user", headers=_as(token))
        return Person(int(said["id"]), str(said["login"]))

    def rights(self, token: str) -> Mapping[int, str]:
        """Return what somebody may do in each repository that they and the App can see, by its id.

        The words are ``pull``, ``triage``, ``push``, ``maintain`` and ``admin``.
        """
        found: dict[int, str] = {}
        with _client() as client:
            for installation in _pages(client, f"{self.api_url}/user/installations", token, "installations"):
                address = f"{self.api_url}/user/installations/{int(installation['id'])}/repositories"
                # One that is suspended, or that asks for a sign-in of its own, hides itself and no other.
                with suppress(HiddenError):
                    for repository in _pages(client, address, token, "repositories"):
                        given = repository.get("permissions") or {}
                        if level := next((name for name in reversed(_LEVELS) if given.get(name) is True), ""):
                            found[int(repository["id"])] = level
        return found


def at_least(level: str, wanted: str) -> bool:
    """Tell whether somebody who may do this may do that."""
    return level in _LEVELS and _LEVELS.index(level) >= _LEVELS.index(wanted)


def _client() -> httpx.Client:
    import httpx  # noqa: PLC0415 -- the web process may have pages and nobody who signs in

    return httpx.Client(timeout=_SECONDS, follow_redirects=False, headers={"User-Agent": "kotsu"})


def _as(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}


def _pages(client: httpx.Client, address: str, token: str, inside: str) -> Iterator[Any]:
    for number in range(1, _MOST_PAGES + 1):
        query = {"per_page": str(_PAGE), "page": str(number)}
        items = _json(client, "GET", address, params=query, headers=_as(token))[inside]
        yield from items
        if len(items) < _PAGE:
            return


def _json(client: httpx.Client, method: str, address: str, **arguments: Any) -> Any:  # noqa: ANN401 -- JSON
    import httpx  # noqa: PLC0415 -- as above

    try:
        response = client.request(method, address, **arguments)
    except httpx.HTTPError as error:
        raise PeopleError(f"GitHub did not answer ({type(error).__name__}): try again.") from None
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise UnknownError("GitHub does not know this sign-in any more: sign in again.")
    if response.status_code in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND):
        raise HiddenError(f"GitHub answered with {response.status_code}: it is not there, or not for you.")
    try:
        response.raise_for_status()
        return response.json()
    except (httpx.HTTPStatusError, ValueError, RecursionError):
        raise PeopleError(f"GitHub answered with {response.status_code}: try again later.") from None
