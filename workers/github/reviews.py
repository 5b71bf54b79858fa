"""Who looks at a pull request: what was said and done there, and who is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from workers.conversation import Conversation, Did, Happened, is_by_a_person
from workers.github.client import Client, GitHubError, GoneError, PassingError, RefusedError, understood

_PAGE = 100
_MOST = 1000
_WRITERS = frozenset({"admin", "write"})


class Reviews:
    """What a repository's reviewers are told and asked; ``ask`` is the request itself."""

    def __init__(
        self, client: Client, root: str, owner: str, ask: Callable[[int, Sequence[str]], None]
    ) -> None:
        self._client, self._root, self._owner, self._ask = client, root, owner, ask

    @understood
    def talk(self, number: int) -> Conversation:
        """Return what was said and done at a pull request, as its timeline tells, if the App may read it."""
        try:
            found = list(islice(self._client.pages(f"{self._root}/issues/{number}/timeline"), _MOST))
        except RefusedError:
            return Conversation(whole=False)
        made = [item for item in found if item.get("event") == "committed"]
        ground = next((str(parent["sha"]) for item in made[:1] for parent in item.get("parents") or ()), "")
        events = tuple(_sorted(self._happened(item) for item in found))
        return Conversation(events, len(found) < _MOST, ground)

    def _happened(self, item: Mapping[str, Any]) -> Happened | None:
        did = _KINDS.get(str(item.get("event")))
        if did is Did.COMMITTED:
            return _commit(item)
        who = item.get("user") or item.get("actor") or {}
        moment = item.get("submitted_at") or item.get("created_at")
        if did is None or not moment or _is_bot(item.get("requested_reviewer") or {}):
            return None
        review = item.get("dismissed_review") or {}
        return Happened(
            did,
            str(who.get("login") or "ghost"),
            datetime.fromisoformat(moment),
            person=not _is_bot(who),
            name=self._name(item),
            text=str(item.get("body") or ""),
            number=int(review.get("review_id") or item.get("id") or 0),
            commit=str(item.get("commit_id") or ""),
        )

    def _name(self, item: Mapping[str, Any]) -> str:
        if team := item.get("requested_team"):
            return f"{self._owner}/{team['slug']}"
        person = item.get("requested_reviewer") or item.get("assignee") or {}
        return str(person.get("login") or item.get("state") or "").lower()

    def ask(self, number: int, names: Sequence[str]) -> Mapping[str, str]:
        """Ask people and teams for a review; return who could not be asked, each with GitHub's words.

        One stranger spoils the whole request, and GitHub does not say who: the others are asked one by one.
        """
        try:
            self._ask(number, names)
        except PassingError:
            raise
        except GitHubError as error:
            if len(names) == 1:
                return {names[0]: str(error)}
            return {name: words for one in names for name, words in self.ask(number, [one]).items()}
        return {}

    @understood
    def writes(self, login: str) -> bool:
        """Say whether a person may write here: only such people can do something about a pull request."""
        try:
            found = self._client.get(f"{self._root}/collaborators/{quote(login, safe='')}/permission")
        except (GoneError, RefusedError):
            return False
        return found.get("permission") in _WRITERS

    @understood
    def patches(self, number: int) -> Mapping[str, str]:
        """Return the hunks of each file that a pull request changes and that was there before."""
        found = self._client.get(f"{self._root}/pulls/{number}/files", {"per_page": _PAGE})
        return {
            str(file.get("previous_filename") or file["filename"]): str(file["patch"])
            for file in found
            if file.get("patch") and file["status"] != "added"
        }


def requested(pull: Mapping[str, Any]) -> tuple[str, ...]:
    """Return who is asked and has not answered: logins, and teams as ``organisation/team``."""
    people = [str(who["login"]) for who in pull.get("requested_reviewers") or () if not _is_bot(who)]
    owner = str(((pull["base"].get("repo") or {}).get("owner") or {}).get("login") or "")
    return (*people, *(f"{owner}/{team['slug']}" for team in pull.get("requested_teams") or ()))


def _is_bot(who: Mapping[str, Any]) -> bool:
    """Say whether it is no person: a bot that is asked for a review asks nobody's time."""
    return who.get("type") == "Bot" or str(who.get("login")).endswith("[bot]")


def _commit(item: Mapping[str, Any]) -> Happened:
    author, committer = item.get("author") or {}, item.get("committer") or {}
    addresses = str(author.get("email") or ""), str(committer.get("email") or "")
    return Happened(
        Did.COMMITTED,
        addresses[0],
        datetime.fromisoformat(committer["date"]),
        person=is_by_a_person(*addresses),
        name=addresses[1],
        text=str(item.get("message") or ""),
        commit=str(item.get("sha") or ""),
    )


def _sorted(found: Iterator[Happened | None]) -> list[Happened]:
    return sorted((happened for happened in found if happened), key=lambda happened: happened.at)


_KINDS: Mapping[str, Did] = {
    "commented": Did.COMMENTED,
    "reviewed": Did.REVIEWED,
    "review_dismissed": Did.DISMISSED,
    "committed": Did.COMMITTED,
    "review_requested": Did.ASKED,
    "review_request_removed": Did.UNASKED,
    "unassigned": Did.UNASKED,
    "convert_to_draft": Did.DRAFTED,
    "converted_to_draft": Did.DRAFTED,
    "ready_for_review": Did.READIED,
    "closed": Did.CLOSED,
    "reopened": Did.REOPENED,
    "auto_merge_disabled": Did.UNMERGED,
}
