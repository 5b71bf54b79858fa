"""The GitHub App: who we are, and the tokens we work with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property, partial
from typing import Any
from urllib.parse import quote

from workers import permissions
from workers.github.client import (
    Client,
    GitHubError,
    GoneError,
    PassingError,
    RefusedError,
    each_understood,
    understood,
)
from workers.github.hook import Hook
from workers.github.known import Known
from workers.github.news import News
from workers.github.pace import Pace
from workers.github.repo import About, Repo, about_of, content
from workers.github.signing import Signing

PERMISSIONS = {name: wanted.level for name, wanted in permissions.PERMISSIONS.items()}
_NEEDED = ("contents", "pull_requests")
"""Without these nothing can be proposed; without the others something is left out."""
_READ = dict.fromkeys(("checks", "contents", "issues", "metadata", "pull_requests", "statuses"), "read")
"""What is read of many repositories at once."""
_TOGETHER = 50


class App:
    """The GitHub App: mints tokens, each for one repository, and opens repositories with them.

    ``redact`` hears of every token, ``pace`` is the seconds between two creations of an installation;
    ``place`` asks for one among all processes, see `Pace`.
    """

    def __init__(  # noqa: PLR0913 -- who it is, where, and what it needs of the process
        self,
        api_url: str,
        app_id: int,
        private_key: str,
        *,
        redact: Callable[[str], None],
        pace: float,
        place: Callable[[int, float], float] | None = None,
    ) -> None:
        self._place = place
        self._api_url, self._redact, self._pace, self._id = api_url, redact, pace, app_id
        self._paces: dict[int, Pace] = {}
        self._client = Client(Signing(app_id, private_key), api_url, Pace(0))

    @property
    def hook(self) -> Hook:
        """What GitHub has for the App itself."""
        return Hook(self._client)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @cached_property
    @understood
    def login(self) -> str:
        """The login under which what we write appears."""
        return f"{self._client.get('/app')['slug']}[bot]"

    @each_understood
    def repositories(self, installation_id: int) -> Iterator[About]:
        """Return every repository that an installation may see."""
        token = self._token(installation_id, {"permissions": {"metadata": "read"}})
        with self._with(token, installation_id) as client:
            for found in client.pages("/installation/repositories", inside="repositories"):
                yield about_of(found, installation_id)

    @contextmanager
    def open(self, installation_id: int, repository_id: int, known: Known | None = None) -> Iterator[Repo]:
        """Open one repository, for the length of the context, with a token that opens no other.

        Git gets one of its own, once it is asked for, that can only read; it ends by itself within the hour,
        as to revoke it would be one request more. ``known`` are answers that may still hold. GoneError when
        the installation or the repository is not there, or not for us.
        """
        narrowed = {"repository_ids": [repository_id]}

        def mint() -> str:
            return self._permitted(installation_id, narrowed)

        @cache
        def reading() -> str:
            return self._token(installation_id, {**narrowed, "permissions": {"contents": "read"}})

        with self._with(mint(), installation_id, mint, known) as client:
            try:
                about = about_of(client.get(f"/repositories/{repository_id}"), installation_id)
                yield Repo(client, about, reading, self._api_url, self._id)
            finally:
                client.revoke()

    @understood
    def heads(self, installation_id: int, names: Mapping[int, tuple[str, str]]) -> Mapping[int, str]:
        """Return the newest commits of default branches by repository, of owners and names.

        Those that are empty have none.
        """
        token = self._token(installation_id, {"permissions": {"contents": "read", "metadata": "read"}})
        found: dict[int, str] = {}
        with self._with(token, installation_id) as client:
            for some in _batched(sorted(names.items())):
                fields = "".join(
                    f"r{id_}: repository(owner: {json.dumps(owner)}, name: {json.dumps(name)}) "
                    '{ object(expression: "HEAD") { oid } } '
                    for id_, (owner, name) in some
                )
                told = client.query(f"query {{ {fields} }}", {}) or {}
                objects = {id_: (told.get(f"r{id_}") or {}).get("object") or {} for id_, _ in some}
                found |= {id_: str(one["oid"]) for id_, one in objects.items() if one.get("oid")}
        return found

    @contextmanager
    def news(self, installation_id: int) -> Iterator[News]:
        """Ask what is new in all repositories of an installation, with a token that can only read."""
        token = self._permitted(installation_id, {}, _READ)
        with self._with(token, installation_id) as client:
            try:
                yield News(client)
            finally:
                client.revoke()

    @understood
    def organisation_file(
        self, installation_id: int, owner: str, paths: Sequence[str], known: Known | None = None
    ) -> tuple[str, bytes] | None:
        """Return the first of these files of the organisation's `.github` repository, with its path.

        None when there is none to see.
        """
        narrowed = {"repositories": [".github"], "permissions": {"contents": "read"}}
        try:
            token = self._token(installation_id, narrowed)
        except (GoneError, RefusedError):
            return None
        root = f"/repos/{quote(owner)}/.github"
        with self._with(token, installation_id, None, known) as client:
            for path in _listed(client, root, paths):
                data = content(client, f"{root}/contents/{quote(path)}")
                if data is not None:
                    return path, data
        return None

    @understood
    def left(self, installation_id: int) -> tuple[int, int]:
        """Return how many requests an installation has left of how many; (0, 0) where nobody counts."""
        token = self._token(installation_id, {"permissions": {"metadata": "read"}})
        with self._with(token, installation_id) as client:
            try:
                core = client.get("/rate_limit")["resources"]["core"]
            except GoneError:  # so GitHub Enterprise Server says that it has no limits
                return 0, 0
            finally:
                client.revoke()
        return int(core["remaining"]), int(core["limit"])

    def _with(
        self,
        token: str,
        installation_id: int,
        renew: Callable[[], str] | None = None,
        known: Known | None = None,
    ) -> Client:
        place = partial(self._place, installation_id) if self._place else None
        pace = self._paces.setdefault(installation_id, Pace(self._pace, place))
        return Client(token, self._api_url, pace, renew, known)

    def _permitted(
        self, installation_id: int, narrowed: Mapping[str, Any], wanted: Mapping[str, str] = PERMISSIONS
    ) -> str:
        """Mint a token with everything that we use, or with as much of it as was granted.

        GoneError where that is not enough for anything.
        """
        try:
            return self._token(installation_id, {**narrowed, "permissions": wanted})
        except RefusedError:
            found = self._client.get(f"/app/installations/{installation_id}")
        granted = found.get("permissions") or {}
        reached = {
            name: "read" if "read" in (level, granted[name]) else level
            for name, level in wanted.items()
            if name in granted
        }
        if missing := [name for name in _NEEDED if reached.get(name) != wanted[name]]:
            words = ", ".join(missing)
            raise GoneError(f"The installation was not granted what Kotsu needs: write access to {words}.")
        return self._token(installation_id, {**narrowed, "permissions": reached})

    def _token(self, installation_id: int, narrowed: Mapping[str, Any]) -> str:
        path = f"/app/installations/{installation_id}/access_tokens"
        token = str(self._client.post(path, narrowed)["token"])
        self._redact(token)
        return token


def _listed(client: Client, root: str, paths: Sequence[str]) -> Sequence[str]:
    """Return those of some files that a repository has.

    A list that did not change costs nothing; to hear anew each time that a file is missing does.
    """
    try:
        found = client.get(f"{root}/git/trees/HEAD", {"recursive": 1})
    except GitHubError as error:
        if isinstance(error, PassingError):
            raise
        return ()
    names = {one.get("path") for one in found.get("tree") or ()}
    return paths if found.get("truncated") else [path for path in paths if path in names]


def _batched(items: Sequence[tuple[int, tuple[str, str]]]) -> Iterator[Sequence[tuple[int, tuple[str, str]]]]:
    for start in range(0, len(items), _TOGETHER):
        yield items[start : start + _TOGETHER]
