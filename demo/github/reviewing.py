"""What people do about the review of a pull request: they answer, ask others, and stop a merge."""

from __future__ import annotations

from dataclasses import dataclass

from demo.github import mergeability, moves, webhooks
from demo.github.shapes import issues, timeline
from demo.github.state import Issue, Pull, Repository, Review, World


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The people of the stand-in, as far as they review."""

    world: World

    def collaborators(self, full_name: str, *logins: str, permission: str = "write") -> None:
        """Let people into a repository."""
        with self.world.lock:
            repository = self._repository(full_name)
            for login in logins:
                self.world.account(login)
                repository.collaborators[login.lower()] = permission

    def review(
        self, full_name: str, number: int, state: str = "approved", *, who: str = "ada-example"
    ) -> Review:
        """Review it (``approved``, ``changes_requested``, ``commented``); whoever was asked has answered."""
        with self.world.lock:
            repository, issue, pull = self._found(full_name, number)
            account = self.world.account(who)
            made = moves.review(self.world, issue, account, state)
            pull.reviewers = [other for other in pull.reviewers if other is not account]
            shape = timeline.review(self.world, repository, issue, made)
            told = {
                "action": "submitted",
                "review": shape,
                "pull_request": issues.full_pull(self.world, repository, issue),
            }
            webhooks.happened(self.world, "pull_request_review", repository, account, told)
            if pull.auto_merge and mergeability.state(repository, issue) in mergeability.READY:
                moves.merge(self.world, repository, issue, *pull.auto_merge)
            return made

    def dismiss(self, full_name: str, number: int, review: Review, *, who: str = "ada-example") -> None:
        """Take a review's weight away."""
        with self.world.lock:
            _, issue, pull = self._found(full_name, number)
            pull.reviews[pull.reviews.index(review)].state = "dismissed"
            moves.record(self.world, issue, "review_dismissed", self.world.account(who), str(review.id))

    def ask(self, full_name: str, number: int, login: str, *, who: str = "ada-example") -> None:
        """Ask somebody for a review."""
        with self.world.lock:
            repository, issue, pull = self._found(full_name, number)
            asked, account = self.world.account(login), self.world.account(who)
            pull.reviewers.append(asked)
            moves.record(self.world, issue, "review_requested", account, asked)
            webhooks.pull(self.world, repository, issue, "review_requested", account)

    def unask(self, full_name: str, number: int, login: str, *, who: str = "") -> None:
        """Take back that somebody was asked; without ``who`` they do it themselves."""
        with self.world.lock:
            repository, issue, pull = self._found(full_name, number)
            asked, account = self.world.account(login), self.world.account(who or login)
            pull.reviewers.remove(asked)
            moves.record(self.world, issue, "review_request_removed", account, asked)
            webhooks.pull(self.world, repository, issue, "review_request_removed", account)

    def stop_merging(self, full_name: str, number: int, *, who: str = "ada-example") -> None:
        """Tell GitHub not to merge it by itself."""
        with self.world.lock:
            repository, issue, pull = self._found(full_name, number)
            pull.auto_merge = None
            moves.record(self.world, issue, "auto_merge_disabled", self.world.account(who))
            webhooks.pull(self.world, repository, issue, "auto_merge_disabled", self.world.account(who))

    def run_queue(self, full_name: str) -> None:
        """Merge what is in the merge queue."""
        with self.world.lock:
            repository = self._repository(full_name)
            queue = self.world.account("github-merge-queue[bot]", "Bot")
            for issue in repository.pulls:
                if issue.pull and issue.pull.queued:
                    moves.merge(self.world, repository, issue, queue)

    def _repository(self, full_name: str) -> Repository:
        repository = self.world.find(full_name)
        if repository is None:
            raise KeyError(full_name)
        return repository

    def _found(self, full_name: str, number: int) -> tuple[Repository, Issue, Pull]:
        repository = self._repository(full_name)
        issue = repository.issues[number]
        if issue.pull is None:
            raise KeyError(number)
        return repository, issue, issue.pull
