"""What GraphQL alone can change: drafts, and branches only where they stand as expected."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.client import REPO, Client

MOVE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
NOWHERE = "0" * 40


def mutate(client: Client, query: str, **given: Any) -> dict[str, Any]:
    url = f"{client.hub.url}/api/graphql"
    found: dict[str, Any] = client.call("POST", url, query=query, variables={"input": given}).json()
    return found


def move(client: Client, **update: Any) -> dict[str, Any]:
    repository = client.call("GET", REPO).json()["node_id"]
    return mutate(client, MOVE, repositoryId=repository, refUpdates=[{"name": "refs/heads/b", **update}])


def tip(client: Client) -> str | None:
    return client.hub.find("acme/widgets").branch("b")


def test_a_branch_moves_from_where_it_is_expected(client: Client) -> None:
    first, other = client.branch("b"), client.branch("other", "x = 3\n")
    assert move(client, beforeOid=first, afterOid=other, force=True) == {
        "data": {"updateRefs": {"clientMutationId": None}}
    }
    assert tip(client) == other


@pytest.mark.parametrize(
    ("before", "force", "words"),
    [("other", True, "cannot be updated"), ("first", False, "fast forward"), (NOWHERE, True, "cannot")],
)
def test_a_branch_that_stands_elsewhere_stays(
    client: Client, before: str, *, force: bool, words: str
) -> None:
    known = {"first": client.branch("b"), "other": client.branch("other", "x = 3\n"), NOWHERE: NOWHERE}
    found = move(client, beforeOid=known[before], afterOid=known["other"], force=force)
    assert words in found["errors"][0]["message"]
    assert tip(client) == known["first"]


def test_a_branch_is_created_only_where_there_is_none_and_deleted(client: Client) -> None:
    other = client.branch("other")
    assert "errors" not in move(client, beforeOid=NOWHERE, afterOid=other)
    assert tip(client) == other
    assert "errors" not in move(client, beforeOid=other, afterOid=NOWHERE)
    assert tip(client) is None


def test_a_pull_request_becomes_a_draft_and_ready_again(client: Client) -> None:
    client.branch("b")
    number = client.pull("b").json()["number"]
    for name, draft in (("convertPullRequestToDraft", True), ("markPullRequestReadyForReview", False)):
        node = client.call("GET", f"{REPO}/pulls/{number}").json()["node_id"]
        query = f"mutation($input: X!) {{ {name}(input: $input) {{ pullRequest {{ isDraft }} }} }}"
        assert mutate(client, query, pullRequestId=node) == {
            "data": {name: {"pullRequest": {"isDraft": draft}}}
        }
        assert client.call("GET", f"{REPO}/pulls/{number}").json()["draft"] is draft


def test_what_the_app_may_not_do_is_refused(client: Client) -> None:
    found = mutate(client, MOVE, repositoryId="R_nobody", refUpdates=[])
    assert "Could not resolve" in found["errors"][0]["message"]
    (installation,) = client.hub.world.installations.values()
    client.use(client.token(installation, permissions={"contents": "read"}))
    repository = client.call("GET", REPO).json()["node_id"]
    found = mutate(client, MOVE, repositoryId=repository, refUpdates=[])
    assert found["errors"][0]["type"] == "FORBIDDEN"
