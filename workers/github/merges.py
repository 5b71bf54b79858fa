"""How pull requests are merged: at once, by GitHub when all it wants is there, or through a queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workers.github.client import Client, GitHubError, GoneError, RefusedError, understood
from workers.messages import Repository


@dataclass(frozen=True, slots=True)
class Ways:
    """How a repository lets pull requests be merged: the allowed methods, and whether GitHub may wait."""

    methods: tuple[str, ...]
    waits: bool


class Merges:
    """What can be asked of GitHub about merging."""

    def __init__(self, client: Client, root: str, repository: Repository) -> None:
        self._client, self._root, self._repository = client, root, repository

    @understood
    def ways(self) -> Ways:
        """Return how the repository lets pull requests be merged; one commit stays one where that may be."""
        found = self._client.get(self._root)
        allowed = {
            "squash": found.get("allow_squash_merge", True),
            "rebase": found.get("allow_rebase_merge", True),
            "merge": found.get("allow_merge_commit", True),
        }
        return Ways(tuple(m for m, is_so in allowed.items() if is_so), bool(found.get("allow_auto_merge")))

    def merge(self, number: int, head: str, methods: tuple[str, ...]) -> str:
        """Merge a pull request if it stands on exactly this head; return ``""``, or why it was refused.

        A rule of the branch can allow fewer methods than the repository does: the next one is tried then.
        """
        words = "no method of merging is allowed"
        for method in methods:
            body = {"sha": head, "merge_method": method}
            try:
                self._client.put(f"{self._root}/pulls/{number}/merge", body)
            except RefusedError as error:
                words = str(error)
                if "method" not in words.lower() and "allowed" not in words.lower():
                    return words
            else:
                return ""
        return words

    @understood
    def queue(self, branch: str, number: int) -> tuple[bool, bool]:
        """Return whether a branch has a merge queue, and whether the pull request is in it."""
        known = self._repository
        variables = {"owner": known.owner, "name": known.name, "branch": branch, "number": number}
        try:
            found = (self._client.query(_QUEUE, variables) or {}).get("repository") or {}
        except GitHubError:
            # An older GitHub Enterprise Server knows no queues.
            return False, False
        return bool(found.get("mergeQueue")), bool((found.get("pullRequest") or {}).get("isInMergeQueue"))

    def enqueue(self, node: str, head: str) -> None:
        """Put a pull request into the merge queue if it stands on exactly this head."""
        self._mutate("enqueuePullRequest", {"pullRequestId": node, "expectedHeadOid": head})

    def enable(self, node: str, head: str, method: str) -> None:
        """Tell GitHub to merge when all it wants is there (``""``: by the queue's method)."""
        chosen = {"mergeMethod": method.upper()} if method else {}
        self._mutate("enablePullRequestAutoMerge", {"pullRequestId": node, "expectedHeadOid": head, **chosen})

    def disable(self, node: str) -> None:
        """Tell GitHub not to merge by itself any more."""
        self._mutate("disablePullRequestAutoMerge", {"pullRequestId": node})

    def _mutate(self, name: str, given: Mapping[str, Any]) -> None:
        kind = name[0].upper() + name[1:]
        text = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ clientMutationId }} }}"
        self._client.change(text, {"input": given})

    @understood
    def before(self, number: int) -> str:
        """Return the commit that stood on the branch before a merged pull request came, ``""`` if unknown."""
        try:
            merged = self._client.get(f"{self._root}/pulls/{number}").get("merge_commit_sha")
            found = self._client.get(f"{self._root}/git/commits/{merged}") if merged else {}
        except (GoneError, RefusedError):
            return ""
        return next((str(parent["sha"]) for parent in found.get("parents") or ()), "")


_QUEUE = """
query($owner: String!, $name: String!, $branch: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) { id }
    pullRequest(number: $number) { isInMergeQueue }
  }
}
"""
