"""The local GitHub says what GitHub says, to githubkit and to plain requests."""

from __future__ import annotations

import base64
from typing import Any

from githubkit import AppInstallationAuthStrategy, GitHub

from demo.github import LocalGitHub
from demo.github.state import Installation
from tests.demo.client import FILES, REPO, Client


def test_githubkit_opens_a_pull_request_whose_commit_is_verified(
    github: LocalGitHub, installation: Installation
) -> None:
    auth = AppInstallationAuthStrategy(str(github.world.app.id), github.private_key, installation.id)
    with GitHub(auth, base_url=github.api_url) as kit:
        head = kit.rest.git.get_ref("acme", "widgets", "heads/main").json()["object"]["sha"]
        blob = kit.rest.git.create_blob("acme", "widgets", data={"content": "x = 2\n"}).json()["sha"]
        entries = [{"path": "src/a.py", "mode": "100644", "type": "blob", "sha": blob}]
        data: Any = {"base_tree": head, "tree": entries}
        tree = kit.rest.git.create_tree("acme", "widgets", data=data).json()["sha"]
        data = {"message": "fix: x", "tree": tree, "parents": [head]}
        commit = kit.rest.git.create_commit("acme", "widgets", data=data).json()
        data = {"ref": "refs/heads/kotsu/x", "sha": commit["sha"]}
        kit.rest.git.create_ref("acme", "widgets", data=data)
        data = {"title": "fix: x", "head": "kotsu/x", "base": "main", "body": "Because."}
        pull = kit.rest.pulls.create("acme", "widgets", data=data).json()
    assert commit["verification"]["verified"] is True
    assert commit["author"]["name"] == "kotsu[bot]"
    assert (pull["additions"], pull["deletions"], pull["changed_files"], pull["mergeable"]) == (1, 1, 1, True)


def test_a_commit_with_an_author_of_its_own_is_not_signed(client: Client) -> None:
    head = client.call("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    tree = client.call("GET", f"{REPO}/git/commits/{head}").json()["tree"]["sha"]
    author = {"name": "Ada", "email": "ada@example.com"}
    made = client.call("POST", f"{REPO}/git/commits", message="x", tree=tree, parents=[head], author=author)
    assert made.json()["verification"]["verified"] is False


def test_a_tree_can_delete_move_and_mark_executable(client: Client) -> None:
    head = client.call("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    entries = [
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
        {"path": "bin/run", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
    ]
    tree = client.call("POST", f"{REPO}/git/trees", base_tree=head, tree=entries).json()["sha"]
    listed = client.call("GET", f"{REPO}/git/trees/{tree}?recursive=1").json()["tree"]
    modes = {e["path"]: e["mode"] for e in listed if e["type"] == "blob"}
    assert modes == {".github/workflows/ci.yml": "100644", "bin/run": "100755", "src/a.py": "100644"}


def test_refs_are_created_once_and_moved_forward_only(client: Client) -> None:
    first = client.branch("kotsu/x")
    main = client.call("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    again = client.call("POST", f"{REPO}/git/refs", ref="refs/heads/kotsu/x", sha=first)
    assert (again.status_code, again.json()["message"]) == (422, "Reference already exists")
    back = client.call("PATCH", f"{REPO}/git/refs/heads/kotsu/x", sha=main)
    assert (back.status_code, back.json()["message"]) == (422, "Update is not a fast forward")
    assert client.call("PATCH", f"{REPO}/git/refs/heads/kotsu/x", sha=main, force=True).status_code == 200
    assert client.call("DELETE", f"{REPO}/git/refs/heads/kotsu/x").status_code == 204
    assert client.call("GET", f"{REPO}/git/ref/heads/kotsu/x").status_code == 404


def test_pull_requests_are_refused_as_github_refuses_them(client: Client) -> None:
    client.branch("kotsu/x")
    main = client.call("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    client.call("POST", f"{REPO}/git/refs", ref="refs/heads/same", sha=main)
    assert client.pull("kotsu/x").status_code == 201
    said = [client.pull(head).json()["errors"][0] for head in ("kotsu/x", "same", "missing")]
    assert said[0]["message"] == "A pull request already exists for acme:kotsu/x."
    assert said[1]["message"] == "No commits between main and same"
    assert (said[2]["field"], said[2]["code"]) == ("head", "invalid")
    client.branch("kotsu/y")
    assert client.pull("kotsu/y", title="x" * 257).status_code == 422


def test_lists_are_filtered_and_come_in_pages(client: Client) -> None:
    for name in ("a", "b", "c"):
        client.branch(f"kotsu/{name}")
        client.pull(f"kotsu/{name}")
    found = client.call("GET", f"{REPO}/pulls?head=acme:kotsu/b&state=all").json()
    assert [p["number"] for p in found] == [2]
    first = client.call("GET", f"{REPO}/pulls?per_page=2")
    assert [p["number"] for p in first.json()] == [3, 2]
    rest = client.http.get(first.links["next"]["url"])
    assert [p["number"] for p in rest.json()] == [1]
    assert "next" not in rest.links


def test_labels_comments_reviewers_and_checks_stay(client: Client) -> None:
    sha = client.branch("kotsu/x")
    client.pull("kotsu/x")
    assert client.call("POST", f"{REPO}/labels", name="kotsu", color="0e8a16").status_code == 201
    again = client.call("POST", f"{REPO}/labels", name="Kotsu", color="0e8a16")
    assert again.json()["errors"][0]["code"] == "already_exists"
    client.call("POST", f"{REPO}/issues/1/labels", labels=["kotsu", "new"])
    made = client.call("POST", f"{REPO}/issues/1/comments", body="Hello").json()["id"]
    client.call("PATCH", f"{REPO}/issues/comments/{made}", body="Good bye")
    assert [c["body"] for c in client.call("GET", f"{REPO}/issues/1/comments").json()] == ["Good bye"]
    assert (
        client.call("POST", f"{REPO}/pulls/1/requested_reviewers", reviewers=["stranger"]).status_code == 422
    )
    client.hub.find("acme/widgets").collaborators["ada"] = "write"
    asked = client.call("POST", f"{REPO}/pulls/1/requested_reviewers", reviewers=["ada"]).json()
    assert [r["login"] for r in asked["requested_reviewers"]] == ["ada"]
    assert [lb["name"] for lb in asked["labels"]] == ["kotsu", "new"]
    output = {"title": "kotsu.yml is broken", "summary": "Line 3."}
    run = client.call("POST", f"{REPO}/check-runs", name="kotsu", head_sha=sha, status="in_progress").json()[
        "id"
    ]
    client.call("PATCH", f"{REPO}/check-runs/{run}", conclusion="failure", output=output)
    found = client.call("GET", f"{REPO}/commits/kotsu/x/check-runs").json()
    assert [(c["name"], c["conclusion"]) for c in found["check_runs"]] == [("kotsu", "failure")]
    assert client.call("GET", f"{REPO}/commits/{sha}/status").json()["total_count"] == 0


def test_an_issue_is_opened_found_and_closed(client: Client) -> None:
    made = client.call("POST", f"{REPO}/issues", title="Kotsu: dashboard", body="-", labels=["kotsu"]).json()
    found = client.call("GET", f"{REPO}/issues?labels=kotsu").json()
    assert [i["number"] for i in found] == [made["number"]]
    closed = client.call("PATCH", f"{REPO}/issues/{made['number']}", state="closed").json()
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")


def test_files_and_commits_are_shown_without_git(client: Client) -> None:
    shown = client.call("GET", f"{REPO}/contents/src/a.py").json()
    assert base64.b64decode(shown["content"]) == b"x = 1\n"
    assert [e["name"] for e in client.call("GET", f"{REPO}/contents/src").json()] == ["a.py"]
    assert client.call("GET", f"{REPO}/contents/none.py").status_code == 404
    raw = client.http.get(f"{REPO}/contents/src/a.py", headers={"Accept": "application/vnd.github.raw+json"})
    assert raw.content == b"x = 1\n"
    listed = client.call("GET", f"{REPO}/commits?per_page=5").json()
    assert [c["commit"]["message"] for c in listed] == ["fix: paint them", "feat: add widgets"]
    client.branch("kotsu/x")
    compared = client.call("GET", f"{REPO}/compare/main...kotsu/x").json()
    assert (compared["status"], [f["filename"] for f in compared["files"]]) == ("ahead", ["src/a.py"])
    assert client.call("GET", f"{REPO}/branches/main").json()["name"] == "main"


def test_blame_is_answered_through_graphql(client: Client) -> None:
    query = (
        'query($o: String!, $sha: String!) { repository(owner: $o, name: "widgets") {'
        " object(expression: $sha) {"
        ' ... on Commit { a: blame(path: "src/a.py") { ranges { startingLine endingLine commit'
        " { authoredDate author { name } } } } } } } }"
    )
    answer = client.call(
        "POST", f"{client.hub.url}/api/graphql", query=query, variables={"o": "acme", "sha": "main"}
    )
    commit = {"authoredDate": "2024-01-08T09:00:00Z", "author": {"name": "Ada Example"}}
    ranges = [{"startingLine": 1, "endingLine": 1, "commit": commit}]
    assert answer.json() == {"data": {"repository": {"object": {"a": {"ranges": ranges}}}}}


def test_a_link_shows_its_target_only_inside_the_repository(github: LocalGitHub) -> None:
    links = {"in": b"src/a.py", "out": b"/etc/passwd", "up": b"../../x"}
    modes = dict.fromkeys(links, "120000")
    github.repository("acme/widgets", FILES | links, modes=modes)
    client = Client(github)
    with client.http:
        client.use(client.token(github.install("acme")))
        assert base64.b64decode(client.call("GET", f"{REPO}/contents/in").json()["content"]) == b"x = 1\n"
        assert client.call("GET", f"{REPO}/contents/out").json()["type"] == "symlink"
        assert client.call("GET", f"{REPO}/contents/up").json()["target"] == "../../x"


def test_an_unchanged_answer_costs_nothing(client: Client) -> None:
    tag = client.call("GET", REPO).headers["etag"]
    again = client.http.get(REPO, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_empty_archived_and_renamed_repositories_say_so(client: Client) -> None:
    client.hub.repository("acme/empty")
    assert client.call("GET", "/repos/acme/empty/git/ref/heads/main").status_code == 409
    client.hub.archive("acme/widgets")
    refused = client.call("POST", f"{REPO}/issues", title="x")
    assert refused.json()["message"] == "Repository was archived so is read-only."
    client.hub.rename("acme/widgets", "sprockets")
    moved = client.call("GET", REPO)
    assert moved.status_code == 301
    assert client.http.get(moved.headers["location"]).json()["full_name"] == "acme/sprockets"
