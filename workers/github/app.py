"""The GitHub App: who we are, and the tokens we work with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import quote

from githubkit import AppAuthStrategy

from workers.github.client import Client, GoneError, RefusedError
from workers.github.repo import About, Repo, about_of, content

_PERMISSIONS = {
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
_OPTIONAL = {"actions": "read", "members": "read", "statuses": "read", "workflows": "write"}
"""What it can do without: job logs, teams as reviewers, commit statuses, changes to workflow files."""
_LEVELS = ("read", "write", "admin")


class App:
    """The GitHub App: mints tokens, each for one repository, and opens repositories with them.

    ``redact`` hears of every token, ``pace`` is the seconds between two pull requests.
    """

    def __init__(
        self,
        api_url: str,
        app_id: int,
        private_key: str,
        *,
        redact: Callable[[str], None],
        pace: float,
    ) -> None:
        self._api_url, self._redact, self._pace, self._id = api_url, redact, pace, app_id
        self._client = Client(AppAuthStrategy(app_id, private_key), api_url, pace)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @cached_property
    def login(self) -> str:
        """The login under which what we write appears."""
        return f"{self._client.get('/app')['slug']}[bot]"

    def repositories(self, installation_id: int) -> Iterator[About]:
        """Return every repository that an installation may see."""
        token = self._token(installation_id, {"permissions": {"metadata": "read"}})
        with self._with(token) as client:
            for found in client.pages("/installation/repositories", inside="repositories"):
                yield about_of(found, installation_id)

    @contextmanager
    def open(self, installation_id: int, repository_id: int) -> Iterator[Repo]:
        """Open one repository, for the length of the context, with a token that opens no other.

        GoneError when the installation or the repository is not there, or not for us.
        """
        narrowed = {"repository_ids": [repository_id]}
        whole = {**_PERMISSIONS, **_OPTIONAL}
        try:
            token = self._token(installation_id, {**narrowed, "permissions": whole})
        except RefusedError:
            granted = {**_PERMISSIONS, **self._granted(installation_id)}
            token = self._token(installation_id, {**narrowed, "permissions": granted})
        with self._with(token) as client:
            about = about_of(client.get(f"/repositories/{repository_id}"), installation_id)
            yield Repo(client, about, token, self._api_url, self._id)

    def organisation_file(
        self, installation_id: int, owner: str, paths: Sequence[str]
    ) -> tuple[str, bytes] | None:
        """Return the first of these files of the organisation's `.github` repository, with its path.

        None when there is none to see.
        """
        narrowed = {"repositories": [".github"], "permissions": {"contents": "read"}}
        try:
            token = self._token(installation_id, narrowed)
        except (GoneError, RefusedError):
            return None
        with self._with(token) as client:
            for path in paths:
                data = content(client, f"/repos/{quote(owner)}/.github/contents/{quote(path)}")
                if data is not None:
                    return path, data
        return None

    def _granted(self, installation_id: int) -> Mapping[str, str]:
        """Return what an installation has of the permissions that are not needed."""
        found = self._client.get(f"/app/installations/{installation_id}").get("permissions") or {}
        return {
            name: level
            for name, level in _OPTIONAL.items()
            if found.get(name) in _LEVELS[_LEVELS.index(level) :]
        }

    def _with(self, token: str) -> Client:
        return Client(token, self._api_url, self._pace)

    def _token(self, installation_id: int, narrowed: Mapping[str, Any]) -> str:
        path = f"/app/installations/{installation_id}/access_tokens"
        token = str(self._client.post(path, narrowed)["token"])
        self._redact(token)
        return token
