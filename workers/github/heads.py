"""What is known of a commit on the default branch: whether it is green, and when a file was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workers.github.client import Client, GitHubError, PassingError

_RED = frozenset({"failure", "timed_out", "startup_failure"})
_OURS = "Kotsu"


class Checked(StrEnum):
    """What the checks of a commit come to."""

    GREEN = "green"
    RED = "red"
    WAITING = "waiting"
    NONE = "none"
    """Nothing is checked there, or we may not see it."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Questions about commits of one repository; ``root`` is its path in the API."""

    client: Client
    root: str

    def checked(self, commit: str) -> Checked:
        """Return what the checks and statuses of a commit come to, without our own."""
        try:
            runs = self.client.get(f"{self.root}/commits/{commit}/check-runs", {"per_page": 100})[
                "check_runs"
            ]
            status = self.client.get(f"{self.root}/commits/{commit}/status")
        except PassingError:
            raise
        except GitHubError:
            return Checked.NONE
        theirs = [run for run in runs if not str(run.get("name") or "").startswith(_OURS)]
        states = [str(one.get("state")) for one in status.get("statuses") or ()]
        if any(run.get("conclusion") in _RED for run in theirs) or {"failure", "error"} & set(states):
            return Checked.RED
        if any(run.get("status") != "completed" for run in theirs) or "pending" in states:
            return Checked.WAITING
        return Checked.GREEN if theirs or states else Checked.NONE

    def changed(self, path: str) -> datetime | None:
        """Return when a file of the default branch was written last; None where that is not known."""
        found = self.client.get(f"{self.root}/commits", {"path": path, "per_page": 1})
        try:
            return datetime.fromisoformat(found[0]["commit"]["committer"]["date"])
        except (LookupError, TypeError, ValueError):
            return None
