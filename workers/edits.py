"""Finds out what people changed in a pull request of ours before it ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workers import git, history, logs, replay, snapshot
from workers.github import GitHubError, LimitedError, LockedOutError, Pull, Repo
from workers.history import History, Kind
from workers.redaction import clean

LONGEST = 20_000
"""Characters of a diff that are kept."""
_LARGEST = 8 * 1024**2
"""Bytes of a diff that is read."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Our commit and what it was made on, and the branch with the newest commit of the base in it."""

    own: str
    ground: str
    head: str
    base: str


def made(repo: Repo, store: Path, pull: Pull, written: str) -> str | None:
    """Return what people changed as a unified diff, cut where it is long, ``""`` for nothing.

    ``written`` is our newest commit as the ledger knows it, ``store`` the repository's mirror. None where
    nobody can tell. A merge of the base, or a rebase onto it, is no change; GitHub is asked twice at most.
    """
    if pull.head_sha == written:
        return ""
    try:
        sides = _sides(repo, pull, written)
        return sides if sides is None or isinstance(sides, str) else _diff(repo, store, sides)
    except (LimitedError, LockedOutError):
        raise
    except (GitHubError, git.GitError, snapshot.TooLargeError) as error:
        log.info("edits of people not known", number=pull.number, reason=str(error))
        return None


def _sides(repo: Repo, pull: Pull, written: str) -> _Sides | str | None:
    """Return what is to be compared; ``""`` where nobody else wrote anything, None where nobody can say."""
    branch = history.of(repo.commits, pull.base_sha, pull.head_sha)
    if not isinstance(branch, History) or not branch.steps:
        return None
    if branch.is_ours:
        return ""
    brought = [step.merged for step in branch.steps if step.kind is Kind.MERGE]
    base = brought[-1] if brought else branch.ground
    own = [step.commit.sha for step in branch.steps if step.kind is Kind.OURS]
    if own:
        return _Sides(own[-1], branch.ground, pull.head_sha, base)
    # Somebody wrote our commit again: as it was is known by its name alone.
    before = history.of(repo.commits, pull.base_sha, written) if written else ""
    return _Sides(written, before.ground, pull.head_sha, base) if isinstance(before, History) else None


def _diff(repo: Repo, store: Path, sides: _Sides) -> str | None:
    """Return how the branch differs from our change on the base that it stands on; None in a conflict."""
    moved = (sides.ground, sides.base) if sides.base != sides.ground else ()
    snapshot.more(store, repo.clone_url, (sides.own, sides.head, *moved), repo.token())
    tree = f"{sides.own}^{{tree}}"
    if moved:
        tree, clash = replay.merged(store, sides.ground, sides.base, sides.own)
        if clash:
            return None
    told = ("diff-tree", "-p", *replay.PLAIN, tree, f"{sides.head}^{{tree}}")
    return _cut(clean(git.run(store, *told, largest=_LARGEST).decode("utf-8", "replace")))


def _cut(diff: str) -> str:
    # A database takes no zero, and git calls only what has one near its beginning binary.
    whole = diff.replace("\0", "\ufffd")
    if len(whole) <= LONGEST:
        return whole
    return whole[: whole.rfind("\n", 0, LONGEST) + 1] or whole[:LONGEST]
