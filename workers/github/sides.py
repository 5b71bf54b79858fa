"""The branches beside pull requests, on which parts of a group are tried: made, heard, and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from workers.github.client import Client, GitHubError, GoneError, PassingError, RefusedError
from workers.heard import Ran

_EXCERPT = 2_000
_ENDED = "completed"


class Sides:
    """What is asked and done around trials in one repository; ``root`` is its path in the API."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Return the branches whose names begin so, with the commits that they stand on."""
        found = self._client.get(f"{self._root}/git/matching-refs/heads/{quote(prefix)}")
        return {str(f["ref"]).removeprefix("refs/heads/"): str(f["object"]["sha"]) for f in found}

    def delete(self, branch: str) -> None:
        """Delete a branch; one that is not there is deleted."""
        try:
            self._client.delete(f"{self._root}/git/refs/heads/{quote(branch)}")
        except GoneError:
            return
        except RefusedError as error:
            if "does not exist" not in str(error):
                raise

    def ran(self, commit: str) -> list[Ran]:
        """Return the newest checks and statuses of a commit; what we may not read is not there."""
        return [*self._checks(commit), *self._statuses(commit)]

    def _checks(self, commit: str) -> Iterator[Ran]:
        try:
            found = list(self._client.pages(f"{self._root}/commits/{commit}/check-runs", inside="check_runs"))
        except PassingError:
            raise
        except GitHubError:
            return
        yield from (_ran(run) for run in found)

    def _statuses(self, commit: str) -> Iterator[Ran]:
        try:
            found = self._client.get(f"{self._root}/commits/{commit}/status")["statuses"]
        except PassingError:
            raise
        except GitHubError:
            return
        for status in found:
            conclusion = "" if status["state"] == "pending" else str(status["state"])
            words = str(status.get("description") or "")
            yield Ran(str(status["context"]), conclusion, str(status.get("target_url") or ""), words)

    def say(self, number: int, mark: str, text: str) -> None:
        """Write a comment on a pull request, once: ``mark`` begins it, and tells that it is there."""
        path = f"{self._root}/issues/{number}/comments"
        if not any(str(c.get("body") or "").startswith(mark) for c in self._client.pages(path)):
            self._client.post(path, {"body": f"{mark}\n{text}"})

    def close(self, number: int, body: str) -> None:
        """Close a pull request, with what its body says from now on."""
        self._client.patch(f"{self._root}/pulls/{number}", {"state": "closed", "body": body})


def _ran(found: Mapping[str, Any]) -> Ran:
    output = found.get("output") or {}
    said = "\n".join(str(output[part]) for part in ("title", "summary", "text") if output.get(part))
    conclusion = str(found.get("conclusion") or "") if found["status"] == _ENDED else ""
    url = str(found.get("html_url") or found.get("details_url") or "")
    return Ran(str(found["name"]), conclusion, url, said[:_EXCERPT])
