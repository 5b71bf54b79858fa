"""Opens pull requests: one branch and one pull request for each key, found again rather than made twice."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from workers import campaigns
from workers.github import File, GitHubError, PassingError, Pull, Repo
from workers.ledger import ProposalRow
from workers.model import Proposal, is_answered

_METADATA = re.compile(r"\A<!-- kotsu: (\{.*?\}) -->")
_TRAILER = "Kotsu-Key"
_MOST = 10_000


class Asked(Enum):
    """What a person asked to be done with a pull request of ours."""

    NOTHING = 0
    REBASE = 1
    """Build it anew on the newest base; commits of people are kept."""
    RECREATE = 2
    """Make it as if it were new, whatever happened to it."""


class LeftAloneError(Exception):
    """A branch or pull request that is not ours to write; the text is the sentence people read."""


@dataclass(frozen=True, slots=True)
class Base:
    """What a proposal is written onto: the branch by name, its commit, and the modes of the files."""

    branch: str
    commit: str
    modes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """A proposal's pull request; ``notes`` are what could not be done around it."""

    pull: Pull
    created: bool
    notes: tuple[str, ...] = ()


def find(repo: Repo, proposal: Proposal) -> Pull | None:
    """Return the newest pull request of a proposal's branch: GitHub knows it even when we forgot."""
    return repo.pull_of(proposal.branch)


def open(  # noqa: A001 -- reads as publish.open
    repo: Repo, base: Base, proposal: Proposal, row: ProposalRow | None, *, asked: Asked = Asked.NOTHING
) -> Published:
    """Open the proposal's pull request, or bring the one that is open up to date.

    ``row`` is what the ledger knows of the open one, ``asked`` what somebody wants of it. LeftAloneError
    where a person's commit is in the way, or a person has said no.
    """
    known = find(repo, proposal)
    if known is not None and known.state == "open":
        return _update(repo, base, proposal, known, row, asked=asked)
    if known is not None and known.state == "closed" and _is_answered(proposal, known):
        raise LeftAloneError(f"#{known.number} was closed without merging, and that is an answer")
    commit = repo.commit(base.commit, _message(proposal), _files(proposal, base))
    if not repo.create_branch(proposal.branch, commit):
        _take_over(repo, proposal, commit, known)
    pull = repo.create_pull(proposal.branch, base.branch, proposal.title, proposal.body)
    if pull is None:
        pull = find(repo, proposal)
        if pull is None:
            raise PassingError(f"GitHub says that {proposal.branch} has a pull request, and lists none")
    return Published(pull, created=True, notes=_dress(repo, proposal, pull))


def _is_answered(proposal: Proposal, closed: Pull) -> bool:
    if metadata(closed.body).get("word") == campaigns.WORD:
        return False
    return is_answered(proposal.answers, answers(metadata(closed.body)))


def _update(  # noqa: PLR0913 -- all that is known of it
    repo: Repo, base: Base, proposal: Proposal, pull: Pull, row: ProposalRow | None, *, asked: Asked
) -> Published:
    settled = row is not None and row.head_sha == pull.head_sha
    dressed = row is not None and bool(row.digest)
    if asked is not Asked.NOTHING or not settled or metadata(pull.body).get("digest") != proposal.digest:
        if not _is_ours(repo, pull.head_sha):
            raise LeftAloneError(f"#{pull.number} has commits that are not ours")
        commit = repo.commit(base.commit, _message(proposal), _files(proposal, base))
        repo.move_branch(proposal.branch, commit)
        repo.update_pull(pull.number, proposal.title, proposal.body)
        # GitHub is late to show a branch's new head on its pull request; we know it.
        pull = replace(pull, title=proposal.title, body=proposal.body, head_sha=commit)
    return Published(pull, created=False, notes=() if dressed else _dress(repo, proposal, pull))


def _take_over(repo: Repo, proposal: Proposal, commit: str, known: Pull | None) -> None:
    """Reuse a branch that an interrupted run or an earlier pull request left behind."""
    head = repo.branch(proposal.branch)
    merged = known is not None and known.state == "merged" and known.head_sha == head
    if head is not None and not merged and not _is_ours(repo, head):
        raise LeftAloneError(f"the branch {proposal.branch} has commits that are not ours")
    repo.move_branch(proposal.branch, commit)


def _is_ours(repo: Repo, commit: str) -> bool:
    """Say whether we wrote a commit: somebody who amends one of ours becomes its committer."""
    written = repo.written(commit)
    ours = "[bot]@" in written.author
    unchanged = written.committer == written.author or written.committer.startswith("noreply@")
    return ours and unchanged and f"\n{_TRAILER}: " in written.message


def _message(proposal: Proposal) -> str:
    return f"{proposal.title}\n\n{_TRAILER}: {proposal.key}\n"


def _files(proposal: Proposal, base: Base) -> list[File]:
    return [File(e.path, base.modes.get(e.path, "100644"), e.after) for e in proposal.edits]


def _dress(repo: Repo, proposal: Proposal, pull: Pull) -> tuple[str, ...]:
    """Add labels and reviewers; a pull request without them is still worth having."""
    notes = []
    labels = [name for name in proposal.labels if name.lower() not in pull.labels]
    steps = ((repo.label, labels), (repo.request_review, proposal.reviewers))
    for step, names in steps:
        try:
            if names:
                step(pull.number, names)
        except PassingError:
            raise
        except GitHubError as error:
            notes.append(str(error))
    return tuple(notes)


def metadata(body: str) -> Mapping[str, object]:
    """Return what a pull request of ours says of itself in the comment at the front of its body."""
    found = _METADATA.match(body)
    try:
        said = json.loads(found[1]) if found else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def answers(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return the weaknesses that a pull request of ours says it fixes, each by one name."""
    return _names(about.get("answers"))


def marks(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return the marks of the files that a pull request of ours says it changes."""
    return tuple(name for name in _names(about.get("files")) if name.isalnum())


def parts(about: Mapping[str, object]) -> int:
    """Return how many parts there were when a pull request of ours was written; 1 is the whole."""
    said = about.get("parts")
    return said if isinstance(said, int) and 1 < said <= _MOST else 1


def _names(said: object) -> tuple[str, ...]:
    return tuple(name for name in said if isinstance(name, str)) if isinstance(said, list) else ()
