"""What is said in one repository: comments, reactions, issues, and who may tell us to do something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from codemods.mentions import Mention, Progress, Ticket
from workers.github.client import Client, GoneError, RefusedError, each_understood, understood

_PAGE = 100
_MOST_PAGES = 20
_PUBLIC = "https://github.com"
_WRITERS = frozenset({"admin", "maintain", "write"})


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: who wrote it, and whether that is a person who has left it as it was written first."""

    id: int
    number: int
    who: str
    body: str
    by_person: bool
    edited: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that is no pull request; ``state`` is ``open`` or ``closed``."""

    number: int
    state: str
    title: str
    body: str
    author: str


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversations of a repository; ``root`` is its path, ``home`` the address of the server's pages."""

    client: Client
    root: str
    home: str

    @understood
    def comment(self, comment_id: int) -> Said | None:
        """Return one comment, None when it is gone."""
        try:
            return said_of(self.client.get(f"{self.root}/issues/comments/{comment_id}"))
        except GoneError:
            return None

    @each_understood
    def comments(self, number: int) -> Iterator[Said]:
        """Return the comments of an issue or a pull request, the oldest first."""
        for page in self._pages(f"{self.root}/issues/{number}/comments", {}):
            yield said_of(page)

    def say(self, number: int, text: str) -> None:
        """Write a comment."""
        self.client.post(f"{self.root}/issues/{number}/comments", {"body": text}, paced=True)

    def react(self, comment_id: int, content: str) -> None:
        """React to a comment (``eyes``, ``+1``, ``confused``); the same twice is once."""
        self.client.post(f"{self.root}/issues/comments/{comment_id}/reactions", {"content": content})

    @understood
    def may_write(self, login: str) -> bool:
        """Say whether somebody may write to the repository; who is no collaborator may not."""
        try:
            found = self.client.get(f"{self.root}/collaborators/{quote(login, safe='')}/permission")
        except GoneError:
            return False
        return str(found.get("permission")) in _WRITERS or str(found.get("role_name")) in _WRITERS

    @understood
    def issue(self, number: int) -> Issue | None:
        """Return an issue, None when it was deleted or is a pull request."""
        try:
            found = self.client.get(f"{self.root}/issues/{number}")
        except GoneError:
            return None
        return None if found.get("pull_request") else _issue(found)

    @understood
    def ticket(self, mention: Mention) -> Ticket | None:
        """Return what became of an issue that a text names; None where nobody here may know.

        A number that was never given here is one of another tracker, and nobody here knows of that. Those of
        other repositories are read as public ones of github.com: no other server knows these.
        """
        if mention.repository and self.home != _PUBLIC:
            return None
        root = f"/repos/{mention.repository}" if mention.repository else self.root
        try:
            return _ticket(self.client.get(f"{root}/issues/{mention.number}"))
        except GoneError as error:
            # Of somebody else's repository, what is private is not there either.
            return Ticket(Progress.GONE) if error.deleted and not mention.repository else None

    @each_understood
    def issues_of(self, author: str) -> Iterator[Issue]:
        """Return the issues that somebody opened, in any state, the oldest first.

        RefusedError where they, and their pull requests, are more than can be read: what is missing would
        be taken for never opened.
        """
        query = {"creator": author, "state": "all", "sort": "created", "direction": "asc"}
        for count, found in enumerate(self._pages(f"{self.root}/issues", query), 1):
            if not found.get("pull_request"):
                yield _issue(found)
            if count == _PAGE * _MOST_PAGES:
                raise RefusedError(f"{author} opened {count} issues and pull requests, or more")

    @understood
    def create_issue(self, title: str, body: str) -> Issue:
        """Open an issue."""
        return _issue(self.client.post(f"{self.root}/issues", {"title": title, "body": body}, paced=True))

    def update_issue(self, number: int, body: str, *, state: str = "") -> None:
        """Write an issue's body, and open or close it where ``state`` says so."""
        more = {"state": state} if state else {}
        self.client.patch(f"{self.root}/issues/{number}", {"body": body, **more})

    def close_pull(self, number: int, body: str) -> None:
        """Close a pull request, and write its body with the same request."""
        self.client.patch(f"{self.root}/pulls/{number}", {"body": body, "state": "closed"})

    def reopen_pull(self, number: int, body: str) -> None:
        """Open a closed pull request again; RefusedError where its branch is gone or was written anew."""
        self.client.patch(f"{self.root}/pulls/{number}", {"body": body, "state": "open"})

    def write_pull(self, number: int, body: str) -> None:
        """Write a pull request's body."""
        self.client.patch(f"{self.root}/pulls/{number}", {"body": body})

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        for page in range(1, _MOST_PAGES + 1):
            items = self.client.get(path, {**query, "per_page": _PAGE, "page": page})
            yield from items
            if len(items) < _PAGE:
                return


def said_of(found: Mapping[str, Any]) -> Said:
    """Read a comment."""
    author = found.get("user") or {}
    is_person = author.get("type") == "User" and not found.get("performed_via_github_app")
    return Said(
        id=int(found["id"]),
        number=int(str(found["issue_url"]).rpartition("/")[2]),
        who=str(author.get("login") or ""),
        body=str(found.get("body") or ""),
        by_person=is_person,
        edited=found["created_at"] != found["updated_at"],
    )


@understood
def _ticket(found: Mapping[str, Any]) -> Ticket:
    pull = found.get("pull_request")
    if found["state"] == "open":
        return Ticket(Progress.OPEN, pull=bool(pull))
    done = bool(pull.get("merged_at")) if pull else found.get("state_reason") in {None, "completed"}
    return Ticket(Progress.DONE if done else Progress.DROPPED, str(found["closed_at"])[:10], pull=bool(pull))


def _issue(found: Mapping[str, Any]) -> Issue:
    return Issue(
        number=int(found["number"]),
        state=str(found["state"]),
        title=str(found["title"]),
        body=str(found.get("body") or ""),
        author=str((found.get("user") or {}).get("login") or ""),
    )
