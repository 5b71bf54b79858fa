"""What happens to a pull request between its first day and its last: drafts, reviews, comments, the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.github.client import Client

_DRAFTED = frozenset({"ready_for_review", "convert_to_draft", "converted_to_draft"})


@dataclass(frozen=True, slots=True)
class Past:
    """What people did: ``drafted`` by whom it was made a draft or ready last (a login, ``""``: nobody).

    ``seen`` says whether a person wrote a review or said something, unless it was a command to us;
    ``reopened`` whether one opened it again. ``comments`` are ours.
    """

    drafted: str = ""
    seen: bool = False
    reopened: bool = False
    comments: tuple[str, ...] = ()


NOTHING = Past()


@dataclass(frozen=True, slots=True)
class Life:
    """The pull requests of one repository."""

    client: Client
    root: str

    def past(self, number: int, author: str) -> Past:
        """Return what happened to a pull request that ``author`` (we) opened, as its timeline tells."""
        drafted, seen, reopened, comments = "", False, False, []
        for event in self.client.pages(f"{self.root}/issues/{number}/timeline"):
            name, who = event.get("event"), event.get("actor") or event.get("user") or {}
            if name in _DRAFTED:
                drafted = str(who.get("login") or "")
            seen = seen or (_is_person(who) and (name == "reviewed" or _is_talk(event)))
            reopened = reopened or (_is_person(who) and name == "reopened")
            if name == "commented" and who.get("login") == author:
                comments.append(str(event.get("body") or ""))
        return Past(drafted, seen, reopened, tuple(comments))

    def ready(self, node: str) -> None:
        """Take a pull request out of draft."""
        self._redraw("markPullRequestReadyForReview", node)

    def draft(self, node: str) -> None:
        """Make a pull request a draft."""
        self._redraw("convertPullRequestToDraft", node)

    def _redraw(self, mutation: str, node: str) -> None:
        text = f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) "
        self.client.query(text + "{ pullRequest { isDraft } } }", {"input": {"pullRequestId": node}})


def _is_talk(event: Mapping[str, Any]) -> bool:
    return event.get("event") == "commented" and not str(event.get("body") or "").startswith("/kotsu")


def _is_person(who: Mapping[str, Any]) -> bool:
    return bool(who) and who.get("type") != "Bot"
