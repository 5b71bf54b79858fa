"""Reviews and merges as GitHub has them: who answered, what is missing, and what may wait for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.client import REPO, Client

NAME = "acme/widgets"


def mutate(client: Client, name: str, **given: Any) -> dict[str, Any]:
    url = f"{client.hub.url}/api/graphql"
    query = f"mutation($input: X!) {{ {name}(input: $input) {{ clientMutationId }} }}"
    found: dict[str, Any] = client.call("POST", url, query=query, variables={"input": given}).json()
    return found


def pulled(client: Client) -> dict[str, Any]:
    client.branch("b")
    number = client.pull("b").json()["number"]
    found: dict[str, Any] = client.call("GET", f"{REPO}/pulls/{number}").json()
    return found


def words(found: dict[str, Any]) -> str:
    return str(found["errors"][0]["message"])


def test_the_timeline_tells_what_happened_in_order(client: Client) -> None:
    number = pulled(client)["number"]
    reviewing = client.hub.reviewing
    reviewing.collaborators(NAME, "ada", "bob")
    client.call("POST", f"{REPO}/pulls/{number}/requested_reviewers", reviewers=["ada"])
    reviewing.unask(NAME, number, "ada")
    reviewing.ask(NAME, number, "bob", who="ada")
    client.hub.comment(NAME, number, "Hm.")
    review = reviewing.review(NAME, number, "changes_requested", who="bob")
    reviewing.dismiss(NAME, number, review, who="ada")
    client.hub.draft(NAME, number)
    found = client.call("GET", f"{REPO}/issues/{number}/timeline").json()
    assert [item["event"] for item in found] == [
        "committed",
        "review_requested",
        "review_request_removed",
        "review_requested",
        "commented",
        "reviewed",
        "review_dismissed",
        "convert_to_draft",
    ]
    assert next(item for item in found if item["event"] == "reviewed")["state"] == "dismissed"
    assert client.call("GET", f"{REPO}/pulls/{number}").json()["requested_reviewers"] == []


def test_only_the_head_that_is_meant_is_merged_and_only_as_the_repository_allows(client: Client) -> None:
    pull = pulled(client)
    address = f"{REPO}/pulls/{pull['number']}/merge"
    assert client.call("PUT", address, sha="0" * 40).status_code == 409
    merging = client.hub.find(NAME).merging
    merging.methods = {"squash"}
    assert client.call("PUT", address, merge_method="merge").status_code == 405
    merging.queue = True
    assert "queue" in client.call("PUT", address, merge_method="squash").json()["message"]
    merging.queue = False
    done = client.call("PUT", address, merge_method="squash", sha=pull["head"]["sha"])
    assert done.json()["merged"] is True


@pytest.mark.parametrize(
    ("setting", "state"), [({"approvals": 1}, "blocked"), ({"strict": True}, "behind"), ({}, "clean")]
)
def test_what_the_branch_asks_for_is_said_in_a_word(
    client: Client, setting: dict[str, Any], state: str
) -> None:
    pull = pulled(client)
    client.hub.push(NAME, {"other.txt": b"x"})
    for name, value in setting.items():
        setattr(client.hub.find(NAME).merging, name, value)
    address = f"{REPO}/pulls/{pull['number']}"
    assert client.call("GET", address).json()["mergeable_state"] == state
    expected = 200 if state == "clean" else 405
    assert client.call("PUT", f"{address}/merge").status_code == expected


def test_github_waits_only_where_it_may_and_has_something_to_wait_for(client: Client) -> None:
    pull = pulled(client)
    merging, given = client.hub.find(NAME).merging, {"pullRequestId": pull["node_id"]}
    assert "not allowed" in words(mutate(client, "enablePullRequestAutoMerge", **given))
    merging.waits = True
    assert "clean status" in words(mutate(client, "enablePullRequestAutoMerge", **given))
    merging.approvals = 1
    other = {**given, "expectedHeadOid": "0" * 40}
    assert "didn't match" in words(mutate(client, "enablePullRequestAutoMerge", **other))
    assert "errors" not in mutate(client, "enablePullRequestAutoMerge", **given, mergeMethod="SQUASH")
    shape = client.call("GET", f"{REPO}/pulls/{pull['number']}").json()
    assert shape["auto_merge"]["merge_method"] == "squash"
    assert "errors" not in mutate(client, "disablePullRequestAutoMerge", **given)
    assert "not enabled" in words(mutate(client, "disablePullRequestAutoMerge", **given))
    mutate(client, "enablePullRequestAutoMerge", **given)
    client.hub.reviewing.review(NAME, pull["number"])
    assert client.call("GET", f"{REPO}/pulls/{pull['number']}").json()["merged"] is True


def test_the_queue_takes_only_what_is_ready(client: Client) -> None:
    pull = pulled(client)
    merging, given = client.hub.find(NAME).merging, {"pullRequestId": pull["node_id"]}
    assert "No merge queue" in words(mutate(client, "enqueuePullRequest", **given))
    merging.queue, merging.approvals = True, 1
    assert "not ready" in words(mutate(client, "enqueuePullRequest", **given))
    merging.approvals = 0
    assert "errors" not in mutate(client, "enqueuePullRequest", **given)
    client.hub.reviewing.run_queue(NAME)
    assert client.call("GET", f"{REPO}/pulls/{pull['number']}").json()["merged"] is True
