"""What we say on a pull request: one remark of each kind, which is changed rather than repeated."""

from __future__ import annotations

from typing import Any

from workers.github.client import Client, understood


class Remarks:
    """The pull requests of the repository whose API begins at ``root``, as things to talk about."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root

    @understood
    def say(self, number: int, kind: str, text: str, about: str = "") -> None:
        """Say something, once for each ``kind`` and what it is ``about``; about something else it changes.

        A remark that is changed tells nobody: whoever follows the pull request heard of it once.
        """
        mark = f"<!-- kotsu-{kind}: "
        body = f"{mark}{about} -->\n{text}"
        said = next((c for c in self._ours(number) if str(c.get("body")).startswith(mark)), None)
        if said is None:
            self._client.post(f"{self._root}/issues/{number}/comments", {"body": body})
        elif not str(said["body"]).startswith(f"{mark}{about} -->"):
            self._client.patch(f"{self._root}/issues/comments/{said['id']}", {"body": body})

    def _ours(self, number: int) -> list[Any]:
        found = self._client.pages(f"{self._root}/issues/{number}/comments")
        return [c for c in found if str((c.get("user") or {}).get("login") or "").endswith("[bot]")]
