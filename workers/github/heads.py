"""What is known of the default branch: when a file was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workers.github.client import Client


@dataclass(frozen=True, slots=True)
class Heads:
    """Questions about commits of one repository; ``root`` is its path in the API."""

    client: Client
    root: str

    def changed(self, path: str) -> datetime | None:
        """Return when a file of the default branch was written last; None where that is not known."""
        found = self.client.get(f"{self.root}/commits", {"path": path, "per_page": 1})
        try:
            return datetime.fromisoformat(found[0]["commit"]["committer"]["date"])
        except (LookupError, TypeError, ValueError):
            return None
