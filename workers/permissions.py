"""What the App asks GitHub for: each permission and event, with its reason and what is lost without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission at a ``level``, read or write: ``why`` it is asked for, what is ``lost`` without."""

    level: str
    why: str
    lost: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """An event that GitHub tells the App of: ``why``, and what is ``lost`` without."""

    why: str
    lost: str


PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        "metadata": Permission("read", "every App has it", "no repository can be seen"),
        "contents": Permission(
            "write",
            "to read the default branch, and to write branches below `kotsu/`",
            "nothing can be read or proposed",
        ),
        "pull_requests": Permission(
            "write", "to open them, and to learn what became of them", "nothing can be proposed"
        ),
        "issues": Permission(
            "write",
            "labels, comments and reactions belong to issues, and so does the dashboard",
            "there are no labels, answers to commands, or dashboards",
        ),
        "checks": Permission(
            "write",
            "to compare checks with those of the base, and to say what a kotsu.yml brings, or what is wrong "
            "with it",
            "checks are not compared, and mistakes in kotsu.yml are not shown",
        ),
        "statuses": Permission(
            "read",
            "what reports no checks but statuses, such as Jenkins; without it that does not count",
            "checks that report statuses do not count",
        ),
        "actions": Permission(
            "read",
            "the log of a failing job, and how long jobs take; without it its annotations and its summary "
            "are kept, and no proposal rests on evidence",
            "no log of a failing job is shown, and nothing rests on how long jobs take",
        ),
        "workflows": Permission(
            "write",
            "to change files in `.github/workflows`; without it GitHub refuses those proposals",
            "nothing is proposed for workflows",
        ),
        "members": Permission(
            "read",
            "to ask teams for a review, and whether a team whose budget a repository names has access to it; "
            "without it people alone are asked, and no budget is doubted",
            "no team is asked for a review",
        ),
    }
)
EVENTS: Mapping[str, Subscription] = MappingProxyType(
    {
        "push": Subscription("to look at what was merged", "changes are seen minutes late"),
        "pull_request": Subscription(
            "to learn what became of ours", "what became of pull requests is seen late"
        ),
        "pull_request_review": Subscription("to hear reviewers", "reviews are seen late"),
        "repository": Subscription(
            "to follow new names, and archived ones", "new names and archived repositories are seen late"
        ),
        "check_suite": Subscription("to know when checks have ended", "what becomes green is seen late"),
        "status": Subscription("the same of statuses", "what statuses report is seen late"),
        "issue_comment": Subscription("to hear `/kotsu` in comments", "commands in comments are not heard"),
        "issues": Subscription("to see boxes of the dashboard", "boxes on the dashboard are seen late"),
    }
)
"""GitHub tells each App of its installations, and refuses a manifest that asks for that."""
