"""The branches beside pull requests, on which parts of a group are tried."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from workers.github.client import Client, understood


class Sides:
    """The branches of one repository, by how their names begin; ``root`` is its path in the API."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root

    @understood
    def branches(self, prefix: str) -> Mapping[str, str]:
        """Return the branches whose names begin so, with the commits that they stand on."""
        found = self._client.get(f"{self._root}/git/matching-refs/heads/{quote(prefix)}")
        return {str(f["ref"]).removeprefix("refs/heads/"): str(f["object"]["sha"]) for f in found}
