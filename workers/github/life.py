"""What we do to a pull request between its first day and its last: it becomes a draft, or ready."""

from __future__ import annotations

from dataclasses import dataclass

from workers.github.client import Client


@dataclass(frozen=True, slots=True)
class Life:
    """The pull requests of one repository, each by its name for GraphQL."""

    client: Client

    def ready(self, node: str) -> None:
        """Take a pull request out of draft."""
        self._redraw("markPullRequestReadyForReview", node)

    def draft(self, node: str) -> None:
        """Make a pull request a draft."""
        self._redraw("convertPullRequestToDraft", node)

    def _redraw(self, mutation: str, node: str) -> None:
        text = f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) "
        self.client.query(text + "{ pullRequest { isDraft } } }", {"input": {"pullRequestId": node}})
