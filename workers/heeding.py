"""Reads what people said and did at a pull request, and which reviews are about what it proposes now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workers import history, marker
from workers.conversation import Conversation, Did, Happened
from workers.github import Pull, Repo
from workers.history import History

_MOST = 5
"""How many commits that are gone from the branch are looked at; who reviewed older ones is asked again."""


def read(repo: Repo, pull: Pull) -> Conversation:
    """Return all that happened at a pull request of ours.

    GitHub may write another commit to a review when a branch was written anew, though nobody has looked at
    it. So the body says since when it proposes what it does (`marker.changed`), and what was reviewed before
    was something else; so was what was reviewed on a commit that says another `Kotsu-Change`.
    """
    talk = repo.reviews.talk(pull.number)
    since = marker.changed(marker.metadata(pull.body))
    reviews = [event for event in talk.events if event.did is Did.REVIEWED and event.person]
    old = [event for event in reviews if since and event.at < since]
    elsewhere = _elsewhere(talk, pull, (event for event in reviews if event not in old))
    alike = _alike(repo, talk, list(dict.fromkeys(event.commit for event in elsewhere)))
    other = [event for event in elsewhere if event.commit not in alike]
    return replace(talk, changed_at=since, outdated=frozenset(event.number for event in (*old, *other)))


def _elsewhere(talk: Conversation, pull: Pull, reviews: Iterator[Happened]) -> list[Happened]:
    """Return the reviews of commits that are not on the branch any more, the newest first."""
    here = {event.commit for event in talk.events if event.did is Did.COMMITTED} | {pull.head_sha, ""}
    return [event for event in reviews if event.commit not in here][::-1]


def _alike(repo: Repo, talk: Conversation, commits: Sequence[str]) -> set[str]:
    """Return the commits that are known to change what the branch does now."""
    said = (history.change(event.text) for event in talk.events if event.did is Did.COMMITTED)
    now = next(filter(None, said), "")
    then = {sha: history.of(repo.commits, talk.ground, sha) for sha in commits[:_MOST]} if now else {}
    return {sha for sha, branch in then.items() if isinstance(branch, History) and branch.change == now}
