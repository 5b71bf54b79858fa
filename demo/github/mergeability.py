"""Whether a pull request can be merged, in GitHub's own words for it."""

from __future__ import annotations

from demo.github import git
from demo.github.state import Issue, Pull, Repository, World

READY = ("clean", "unstable")
"""The words for what can be merged."""


def is_late(world: World, repository: Repository, issue: Issue) -> bool:
    """Say whether nobody knows yet, as nobody has asked since either side moved; now GitHub finds out."""
    if issue.pull is None or not world.lazy:
        return False
    before, issue.pull.judged = issue.pull.judged, (_base(repository, issue.pull), issue.pull.head_sha)
    return before != issue.pull.judged


def _base(repository: Repository, pull: Pull) -> str:
    return repository.branch(pull.base) or pull.base_sha


def state(repository: Repository, issue: Issue) -> str:
    """Return GitHub's word for how a pull request stands: one that is not open is ``unknown``."""
    pull = issue.pull
    if pull is None or issue.state != "open":
        return "unknown"
    base = _base(repository, pull)
    if git.merged_tree(repository.folder, base, pull.head_sha) is None:
        return "dirty"
    if pull.draft:
        return "draft"
    if repository.merging.strict and not git.is_ancestor(repository.folder, base, pull.head_sha):
        return "behind"
    if not _is_approved(repository, pull):
        return "blocked"
    newest = {check.name: check for check in repository.checks if check.head_sha == pull.head_sha}
    return "unstable" if any(c.conclusion == "failure" for c in newest.values()) else "clean"


def _is_approved(repository: Repository, pull: Pull) -> bool:
    """Say whether as many people approve as the branch asks for, and nobody objects where it asks."""
    opinions = {r.author.login: r.state for r in pull.reviews if r.state != "commented"}
    approvals = sum(opinion == "approved" for opinion in opinions.values())
    wanted = repository.merging.approvals
    return not wanted or (approvals >= wanted and "changes_requested" not in opinions.values())
