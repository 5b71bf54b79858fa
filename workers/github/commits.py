"""Commits of one repository through the API: read, compared, and written so that GitHub signs ours."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workers.github.client import Client, understood

_MOST = 100
_SUBJECTS = 50
_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class File:
    """A file as a commit shall hold it; without ``data`` and ``sha`` it is removed.

    ``mode`` is git's; ``sha`` names what GitHub has already: a blob, or a submodule's commit.
    """

    path: str
    mode: str
    data: bytes | None = None
    sha: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a commit, and when (ISO 8601)."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as GitHub shows it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: Person
    committer: Person

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a head has that a base has not, the oldest first; ``fork`` is where they part.

    There may be more ``commits`` than are listed: then it is not ``complete``.
    """

    fork: str
    commits: tuple[Commit, ...]
    complete: bool


class Commits:
    """The commits of the repository whose API begins at ``root``."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root

    @understood
    def read(self, sha: str) -> Commit:
        """Return a commit."""
        return of(self._client.get(f"{self._root}/git/commits/{sha}"))

    @understood
    def newest(self) -> Sequence[Commit]:
        """Return the newest commits of the default branch, a hundred at most, the newest first."""
        return [_listed(found) for found in self._client.get(f"{self._root}/commits", {"per_page": _MOST})]

    @understood
    def ahead(self, base: str, head: str) -> Ahead:
        """Return what a commit has that another has not; GoneError where they have no common history."""
        found = self._client.get(f"{self._root}/compare/{base}...{head}", {"per_page": _MOST})
        listed = tuple(map(_listed, found["commits"]))
        complete = int(found["total_commits"]) == len(listed)
        return Ahead(str(found["merge_base_commit"]["sha"]), listed, complete)

    @understood
    def write(
        self,
        parent: str,
        message: str,
        files: Sequence[File],
        *,
        tree: str = "",
        by: tuple[Person, Person] | None = None,
    ) -> Commit:
        """Write a commit onto another; GitHub signs it as the App's, but for one that is ``by`` somebody.

        ``by`` are author and committer. Without ``files`` it has the ``tree`` that is given.
        """
        entries = [self._entry(file) for file in files]
        if entries:
            made = self._client.post(f"{self._root}/git/trees", {"base_tree": parent, "tree": entries})
            tree = str(made["sha"])
        body: dict[str, Any] = {"message": message, "tree": tree, "parents": [parent]}
        if by:
            body |= {role: _said(who) for role, who in zip(("author", "committer"), by, strict=True)}
        return of(self._client.post(f"{self._root}/git/commits", body))

    def _entry(self, file: File) -> Mapping[str, Any]:
        entry = {"path": file.path, "mode": file.mode, "type": "blob"}
        if file.sha:
            return {**entry, "type": "commit" if file.mode == _SUBMODULE else "blob", "sha": file.sha}
        if file.data is None:
            return {**entry, "sha": None}
        try:
            return {**entry, "content": file.data.decode()}
        except UnicodeDecodeError:
            packed = base64.b64encode(file.data).decode()
            body = {"content": packed, "encoding": "base64"}
            return {**entry, "sha": self._client.post(f"{self._root}/git/blobs", body)["sha"]}


def of(found: Mapping[str, Any]) -> Commit:
    """Read a commit as git has it."""
    return Commit(
        sha=str(found["sha"]),
        tree=str(found["tree"]["sha"]),
        parents=tuple(str(p["sha"]) for p in found["parents"]),
        message=str(found["message"]),
        author=_person(found.get("author")),
        committer=_person(found.get("committer")),
    )


def subjects(commits: Sequence[Commit]) -> list[str]:
    """Return the subjects of commits that are no merges, fifty at most."""
    plain = [commit.message for commit in commits if len(commit.parents) < 2]  # noqa: PLR2004 -- a merge
    return [" ".join(text.strip().partition("\n\n")[0].splitlines()) for text in plain[:_SUBJECTS]]


def _listed(found: Mapping[str, Any]) -> Commit:
    """Read a commit as lists carry it."""
    return of({**found["commit"], "sha": found["sha"], "parents": found["parents"]})


def _person(found: Mapping[str, Any] | None) -> Person:
    said = found or {}
    return Person(*(str(said.get(part) or "") for part in ("name", "email", "date")))


def _said(who: Person) -> Mapping[str, str]:
    return {"name": who.name, "email": who.email, "date": who.date}
