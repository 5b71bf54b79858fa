"""What teams of an organisation have access to, as far as GitHub tells us."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from workers.github.client import Client, GoneError, RefusedError
from workers.messages import Repository


@dataclass(frozen=True, slots=True)
class Teams:
    """Questions about teams and one repository."""

    client: Client
    repository: Repository

    def has_access(self, team: str) -> bool | None:
        """Say whether a team (``organisation/team``) has access to the repository; None where nobody knows.

        Who may not see a team hears the same as who asks for one without access.
        """
        home, _, slug = team.partition("/")
        path = f"/orgs/{quote(home, safe='')}/teams/{quote(slug, safe='')}"
        place = f"{quote(self.repository.owner, safe='')}/{quote(self.repository.name, safe='')}"
        try:
            if self.client.is_there(f"{path}/repos/{place}"):
                return True
            self.client.get(path)
        except (GoneError, RefusedError):
            return None
        return False
