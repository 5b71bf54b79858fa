"""One repository on GitHub, opened with a token that opens no other."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from workers.github.blame import blame
from workers.github.branches import NOWHERE, Branches
from workers.github.checks import Checks
from workers.github.client import Client, GoneError, RefusedError, each_understood, understood
from workers.github.commits import Commit, Commits, File, subjects
from workers.github.heads import Heads
from workers.github.known import Known
from workers.github.life import Life
from workers.github.merges import Merges
from workers.github.pulls import Pull, listed, whole
from workers.github.remarks import Remarks
from workers.github.reviews import Reviews
from workers.github.sides import Sides
from workers.github.statements import Statements
from workers.github.talk import Talk
from workers.github.teams import Teams
from workers.messages import LEFT, Repository
from workers.model import Blame, Note
from workers.sparing import Left

_NEWEST = 100
_PAGES = 10
_NOTES = 50


@dataclass(frozen=True, slots=True)
class About:
    """What GitHub says of a repository; ``skipped`` is the sentence why it is left alone, ``""`` if not.

    ``node`` is its identity in GraphQL.
    """

    repository: Repository
    skipped: str
    node: str = ""


class Repo:
    """One repository; ``home`` is where people look at this GitHub, ``token`` mints what lets git read it."""

    def __init__(self, client: Client, about: About, token: _Mint, api_url: str, app_id: int = 0) -> None:
        self._client, self.about, self.token, self._app_id = client, about, token, app_id
        self._root = f"/repos/{quote(about.repository.owner)}/{quote(about.repository.name)}"
        self.clone_url = _clone_url(api_url, about.repository.full_name)
        self.home = _clone_url(api_url, "").removesuffix("/.git")
        self._newest: Sequence[Commit] = ()

    @property
    def reviews(self) -> Reviews:
        """Who looks at pull requests, and who is asked to."""
        return Reviews(self._client, self._root, self.owner, self.request_review)

    @property
    def merges(self) -> Merges:
        """How pull requests are merged here."""
        return Merges(self._client, self._root, self.about.repository)

    @property
    def known(self) -> Known:
        """Answers that may still hold."""
        return self._client.known

    @property
    def left(self) -> Collection[Left]:
        """What is left of its installation's budgets, as GitHub said last."""
        return self._client.left

    @property
    def owner(self) -> str:
        """The account that the repository belongs to."""
        return self.about.repository.owner

    @property
    def checks(self) -> Checks:
        """What checks say of its commits."""
        return Checks(self._client, self._root, self._app_id)

    @property
    def life(self) -> Life:
        """Its pull requests, to be made drafts or ready."""
        return Life(self._client)

    @property
    def talk(self) -> Talk:
        """What is said here: comments, reactions, issues."""
        return Talk(self._client, self._root, self.home)

    @property
    def teams(self) -> Teams:
        """What teams have to do with it."""
        return Teams(self._client, self.about.repository)

    @property
    def branches(self) -> Branches:
        """Its branches, to be moved."""
        return Branches(self._client, self._root, self.about.node)

    @property
    def commits(self) -> Commits:
        """Its commits."""
        return Commits(self._client, self._root)

    @property
    def remarks(self) -> Remarks:
        """What we say on its pull requests."""
        return Remarks(self._client, self._root)

    @property
    def sides(self) -> Sides:
        """The branches beside pull requests."""
        return Sides(self._client, self._root)

    @property
    def statements(self) -> Statements:
        """What we say about commits."""
        return Statements(self._client, self._root)

    @property
    def heads(self) -> Heads:
        """What is known of commits on the default branch."""
        return Heads(self._client, self._root)

    def branch(self, name: str) -> str | None:
        """Return the commit a branch stands on, None when it is not there or the repository is empty."""
        stands = self.branches.stands(name)
        return None if stands == NOWHERE else stands

    def file(self, path: str, revision: str = "") -> bytes | None:
        """Return a file at a revision (``""``: the default branch), None when it is not there."""
        at = f"?ref={quote(revision, safe='')}" if revision else ""
        return content(self._client, f"{self._root}/contents/{quote(path)}{at}")

    def newest(self) -> Sequence[Commit]:
        """Return the newest commits of the default branch, the newest first; GitHub is asked once."""
        self._newest = self._newest or self.commits.newest()
        return self._newest

    def subjects(self) -> list[str]:
        """Return the subjects of the newest commits, the newest first."""
        return subjects(self.newest())

    def commit(self, base: str, message: str, files: Sequence[File]) -> str:
        """Write a commit onto another and return its id; GitHub signs it as the App's."""
        return self.commits.write(base, message, files).sha

    def create_branch(self, name: str, commit: str) -> bool:
        """Create a branch; false, and nothing is done, when it is there already."""
        try:
            self._client.post(f"{self._root}/git/refs", {"ref": f"refs/heads/{name}", "sha": commit})
        except RefusedError as error:
            if "already exists" in str(error):
                return False
            raise
        return True

    @understood
    def pull_of(self, branch: str) -> Pull | None:
        """Return the newest pull request from a branch, whatever its state."""
        query = {"head": f"{self.owner}:{branch}", "state": "all", "sort": "created", "direction": "desc"}
        found = self._client.get(f"{self._root}/pulls", {**query, "per_page": 10})
        return whole(found[0]) if found else None

    @understood
    def pulls(self, prefix: str) -> list[Pull]:
        """Return the newest hundred pull requests from branches of this repository with a prefix."""
        query = {"state": "all", "sort": "created", "direction": "desc", "per_page": _NEWEST}
        found = self._client.get(f"{self._root}/pulls", query)
        own = f"{self.owner}:{prefix}"
        return [whole(p) for p in found if str(p["head"].get("label") or "").startswith(own)]

    @each_understood
    def pulls_by(self, author: str) -> Iterator[Sequence[Pull]]:
        """Yield the pull requests that somebody opened, the newest first, a page at a time: ten at most.

        It is a list of issues: head, branch and base are ``""``, and so is a state that it does not tell.
        """
        query = {"creator": author, "state": "all", "sort": "created", "direction": "desc"}
        for page in range(1, _PAGES + 1):
            more = {"per_page": _NEWEST, "page": page}
            found = self._client.get(f"{self._root}/issues", {**query, **more})
            yield [listed(f) for f in found if f.get("pull_request")]
            if len(found) < _NEWEST:
                return

    def pull(self, number: int) -> Pull:
        """Return one pull request."""
        return whole(self._client.get(f"{self._root}/pulls/{number}"))

    def create_pull(
        self, branch: str, base: str, title: str, body: str, *, draft: bool = False
    ) -> Pull | None:
        """Open a pull request, a draft where there can be some; None when one from the branch is open."""
        wanted = {"title": title, "head": branch, "base": base, "body": body, "maintainer_can_modify": True}
        wanted |= {"draft": True} if draft else {}
        try:
            return whole(self._client.post(f"{self._root}/pulls", wanted, paced=True))
        except RefusedError as error:
            if "already exists" in str(error):
                return None
            if draft and "draft" in str(error).lower():
                # Private repositories have none on some plans.
                return self.create_pull(branch, base, title, body)
            raise

    def update_pull(self, number: int, title: str, body: str) -> None:
        """Write a pull request's title and body."""
        self._client.patch(f"{self._root}/pulls/{number}", {"title": title, "body": body})

    def label(self, number: int, names: Sequence[str]) -> None:
        """Put labels on a pull request; those that are missing are created."""
        for name in names:
            try:
                self._client.get(f"{self._root}/labels/{quote(name, safe='')}")
            except GoneError:
                self._create_label(name)
        self._client.post(f"{self._root}/issues/{number}/labels", {"labels": list(names)})

    def _create_label(self, name: str) -> None:
        about = {"name": name, "color": "6f8f72", "description": "Small improvements, proposed by Kotsu"}
        try:
            self._client.post(f"{self._root}/labels", about)
        except RefusedError as error:
            if "already" not in str(error):
                raise

    def request_review(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask people (logins) and teams (``organisation/team``) for a review.

        RefusedError names the teams of other organisations: GitHub takes a team's name alone, and would ask
        our own one that has the same.
        """
        people = [r for r in reviewers if "/" not in r]
        named = [r.partition("/") for r in reviewers if "/" in r]
        teams = [team for home, _, team in named if home.lower() == self.owner.lower()]
        if people or teams:
            body = {"reviewers": people, "team_reviewers": teams}
            self._client.post(f"{self._root}/pulls/{number}/requested_reviewers", body)
        if strangers := [f"{home}/{team}" for home, _, team in named if home.lower() != self.owner.lower()]:
            raise RefusedError(f"{', '.join(strangers)}: no team of {self.owner}")

    @understood
    def notes(self, address: str) -> Sequence[Note]:
        """Return the newest release notes of another repository that everybody can read, newest first.

        Of a repository that is not on this GitHub there are none: here that name may be another's.
        """
        match = _REPOSITORY.fullmatch(address.removeprefix(self.home))
        if not address.startswith(self.home) or match is None:
            return ()
        path = f"/repos/{quote(match[1])}/{quote(match[2])}/releases"
        found = self._client.get(path, {"per_page": _NOTES})
        return [_note(f) for f in found if not f["draft"] and str(f["html_url"]).startswith(f"{self.home}/")]

    @understood
    def blame(self, commit: str, path: str) -> Sequence[Blame]:
        """Return who wrote which lines of a file, as of a commit."""
        return blame(self._client, self.about.repository, commit, path)


_Mint = Callable[[], str]
_REPOSITORY = re.compile(r"/([A-Za-z0-9][A-Za-z0-9-]{0,38})/(?!\.{1,2}$)([A-Za-z0-9._-]{1,100})")


@understood
def content(client: Client, path: str) -> bytes | None:
    """Return a file's bytes through the API, None when it is not there or no file."""
    try:
        found = client.get(path)
    except GoneError:
        return None
    is_file = isinstance(found, dict) and found.get("encoding") == "base64"
    return base64.b64decode(found["content"]) if is_file else None


@understood
def about_of(found: Mapping[str, Any], installation_id: int) -> About:
    """Read a repository, and why it would be left alone."""
    repository = Repository(
        id=int(found["id"]),
        owner=str(found["owner"]["login"]),
        name=str(found["name"]),
        default_branch=str(found.get("default_branch") or ""),
        installation_id=installation_id,
    )
    skipped = next((words for flag, words in LEFT.items() if found.get(flag)), "")
    return About(repository, skipped, str(found.get("node_id") or ""))


@understood
def _note(found: Mapping[str, Any]) -> Note:
    day = str(found.get("published_at") or "")[:10]
    return Note(str(found["tag_name"]), str(found.get("body") or ""), str(found["html_url"]), day)


def _clone_url(api_url: str, full_name: str) -> str:
    """Return where git finds a repository: beside the API's address, without its path."""
    parts = urlsplit(api_url)
    host = parts.netloc.removeprefix("api.") if parts.netloc == "api.github.com" else parts.netloc
    return urlunsplit((parts.scheme, host, f"/{full_name}.git", "", ""))
