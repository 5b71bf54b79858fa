"""Branches of one repository that move only from where they were read: nobody's push is overwritten."""

from __future__ import annotations

from urllib.parse import quote

from workers.github.client import Client, GitHubError, GoneError, RefusedError, understood

NOWHERE = "0" * 40
"""Where a branch stands that is not there."""
_MOVE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
_TOO_OLD = "this GitHub cannot move a branch from where it was read and from nowhere else (`updateRefs`)"


class Branches:
    """The branches of the repository whose API begins at ``root``; ``node`` is its identity in GraphQL."""

    def __init__(self, client: Client, root: str, node: str) -> None:
        self._client, self._root, self._node = client, root, node

    @understood
    def stands(self, name: str) -> str:
        """Return the commit that a branch stands on, `NOWHERE` when it is not there."""
        try:
            found = self._client.get(f"{self._root}/git/ref/heads/{quote(name)}")
        except GoneError:
            return NOWHERE
        return str(found["object"]["sha"])

    def move(self, name: str, before: str, after: str) -> bool:
        """Point a branch to another commit; false, and nothing is done, where it stands elsewhere by now.

        GitHub compares and moves in one step. Where its answer is lost, the branch itself tells what became
        of it. RefusedError where GitHub says no, or is too old to compare.
        """
        update = {"name": f"refs/heads/{name}", "beforeOid": before, "afterOid": after, "force": True}
        try:
            self._client.change(_MOVE, {"input": {"repositoryId": self._node, "refUpdates": [update]}})
        except GitHubError as error:
            stands = self.stands(name)
            if stands == before and "updaterefs" in str(error).lower():
                raise RefusedError(_TOO_OLD) from None
            if stands == before:
                raise
            return stands == after
        return True

    def delete(self, name: str, before: str) -> bool:
        """Delete a branch; false, and nothing is done, where it stands elsewhere by now."""
        return self.move(name, before, NOWHERE)
