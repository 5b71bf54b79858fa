"""What people do in conversations: tick boxes, edit what was said, give rights, clean up."""

from __future__ import annotations

from dataclasses import dataclass

from demo.github import moves, webhooks
from demo.github.shapes import issues
from demo.github.state import Comment, Issue, Repository, World


@dataclass(frozen=True, slots=True)
class People:
    """The people who look at a repository in their browsers."""

    world: World

    def grant(self, full_name: str, who: str, level: str = "write") -> None:
        """Make somebody a collaborator: ``read``, ``triage``, ``write``, ``maintain`` or ``admin``."""
        with self.world.lock:
            self.world.account(who)
            self._find(full_name).collaborators[who.lower()] = level

    def edit(self, full_name: str, number: int, body: str, *, who: str = "ada-example") -> None:
        """Write the body of an issue or a pull request."""
        with self.world.lock:
            found = self._find(full_name)
            issue = found.issues[number]
            issue.body = body
            moves.edited(self.world, found, issue, self.world.account(who))

    def tick(self, full_name: str, number: int, box: str, *, who: str = "ada-example") -> None:
        """Tick the box whose line holds some words; KeyError when there is none."""
        lines = (self._find(full_name).issues[number].body or "").split("\n")
        place = next((n for n, line in enumerate(lines) if box in line and "- [ ] " in line), None)
        if place is None:
            raise KeyError(box)
        lines[place] = lines[place].replace("- [ ] ", "- [x] ", 1)
        # A browser sends the line ends of forms.
        self.edit(full_name, number, "\r\n".join(line.rstrip("\r") for line in lines), who=who)

    def edit_comment(self, full_name: str, comment: Comment, body: str, *, who: str = "ada-example") -> None:
        """Write a comment anew."""
        with self.world.lock:
            found = self._find(full_name)
            issue = next(i for i in found.issues.values() if comment in i.comments)
            before, comment.body = comment.body, body
            comment.edited = True
            payload = {
                "action": "edited",
                "changes": {"body": {"from": before}},
                "issue": issues.issue(self.world, found, issue),
                "comment": issues.comment(self.world, found, issue, comment),
            }
            webhooks.happened(self.world, "issue_comment", found, self.world.account(who), payload)

    def reopen(self, full_name: str, number: int, *, who: str = "ada-example") -> None:
        """Open a closed issue or pull request again."""
        with self.world.lock:
            found = self._find(full_name)
            moves.reopen(self.world, found, found.issues[number], self.world.account(who))

    def issues(self, full_name: str) -> list[Issue]:
        """Return the issues that are no pull requests, oldest first."""
        return [issue for issue in self._find(full_name).issues.values() if issue.pull is None]

    def delete(self, full_name: str, number: int) -> None:
        """Delete an issue for good; its number is never given again."""
        with self.world.lock:
            self._find(full_name).issues[number].gone = True

    def _find(self, full_name: str) -> Repository:
        found = self.world.find(full_name)
        if found is None:
            raise KeyError(full_name)
        return found
