"""Files and commits as the API shows them, without the git protocol."""

from __future__ import annotations

import posixpath

from demo.github import git
from demo.github.call import Call, RefusedError, Reply, Route, missing, page
from demo.github.shapes import commits
from demo.github.state import Repository

_LINK = "120000"


def show_content(call: Call) -> Reply:
    """Return a file, or the list of a folder."""
    repository, path = call.repository, call.values["path"].strip("/")
    revision = call.query.get("ref") or repository.default_branch
    sha = resolve(repository, revision)
    found = git.tree(repository.folder, sha, path) if sha else []
    if not found or sha is None:
        raise missing()
    if found[0].kind == "tree":
        inside = git.tree(repository.folder, sha, f"{path}/")
        return Reply(200, [_brief(call, entry, revision) for entry in inside])
    return _file(call, found[0], sha, revision)


def _file(call: Call, entry: git.Entry, sha: str, revision: str) -> Reply:
    repository = call.repository
    data = git.blob(repository.folder, entry.sha or "")
    if entry.mode == _LINK:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), data.decode()))
        inside = [] if target.startswith(("..", "/")) else git.tree(repository.folder, sha, target)
        if not inside or inside[0].mode == _LINK or inside[0].kind != "blob":
            shape = commits.content(call.world, repository, entry, data, revision)
            del shape["content"], shape["encoding"]
            return Reply(200, {**shape, "type": "symlink", "target": data.decode()})
        data = git.blob(repository.folder, inside[0].sha or "")
    if "raw" in call.request.headers.get("accept", ""):
        return Reply(
            200, raw=data, headers={"Content-Type": "application/vnd.github.raw+json; charset=utf-8"}
        )
    return Reply(200, commits.content(call.world, repository, entry, data, revision))


def _brief(call: Call, entry: git.Entry, revision: str) -> dict[str, object]:
    shape = commits.content(call.world, call.repository, entry, b"", revision)
    del shape["content"], shape["encoding"]
    return {**shape, "type": "dir" if entry.kind == "tree" else "file", "size": max(entry.size, 0)}


def list_commits(call: Call) -> Reply:
    """Return the commits of a branch, newest first."""
    repository, query = call.repository, call.query
    if not git.refs(repository.folder):
        raise empty()
    sha = resolve(repository, query.get("sha") or repository.default_branch)
    if sha is None:
        raise missing()
    named = ("author", "since", "until")
    options = [f"--{name}={query[name]}" for name in named if query.get(name)]
    found = git.log(repository.folder, sha, limit=1000, options=options, path=query.get("path", ""))
    return page(call, [commits.commit(call.world, repository, c) for c in found])


def show_commit(call: Call) -> Reply:
    """Return one commit with the files that it changed."""
    repository = call.repository
    if not git.refs(repository.folder):
        raise empty()
    sha = resolve(repository, call.values["ref"])
    if sha is None:
        raise RefusedError(422, f"No commit found for SHA: {call.values['ref']}")
    found = git.commit(repository.folder, sha)
    files = commits.files(call.world, repository, found.parents[0], sha) if found.parents else []
    stats = {"additions": sum(f["additions"] for f in files), "deletions": sum(f["deletions"] for f in files)}
    shape = commits.commit(call.world, repository, found)
    return Reply(200, {**shape, "stats": {**stats, "total": sum(stats.values())}, "files": files})


def compare(call: Call) -> Reply:
    """Return what one commit has that another has not."""
    repository = call.repository
    names = call.values["basehead"].split("...")
    ends = [resolve(repository, name.rpartition(":")[2]) for name in names]
    fork = git.merge_base(repository.folder, ends[0] or "", ends[-1] or "") if all(ends) else None
    if len(ends) != 2 or fork is None or ends[0] is None or ends[1] is None:  # noqa: PLR2004 -- from and to
        raise missing()
    ahead = git.log(repository.folder, f"{ends[0]}..{ends[1]}", limit=250)
    behind = git.log(repository.folder, f"{ends[1]}..{ends[0]}", limit=250)
    words = {
        (False, False): "identical",
        (True, False): "ahead",
        (False, True): "behind",
        (True, True): "diverged",
    }
    html = f"{call.world.url}/{repository.full_name}/compare/{call.values['basehead']}"
    listed = [commits.commit(call.world, repository, c) for c in reversed(ahead)]
    url = f"{commits.root(call.world, repository)}/compare/{call.values['basehead']}"
    shape = {
        "url": url,
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": commits.commit(call.world, repository, git.commit(repository.folder, ends[0])),
        "merge_base_commit": commits.commit(call.world, repository, git.commit(repository.folder, fork)),
        "status": words[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": listed,
        "files": commits.files(call.world, repository, fork, ends[1]),
    }
    return Reply(200, shape)


def resolve(repository: Repository, revision: str) -> str | None:
    """Return the commit that a branch, a tag or an id names."""
    return repository.branch(revision) or git.resolve(repository.folder, revision)


def empty() -> RefusedError:
    """Return the refusal of a repository without a commit."""
    return RefusedError(409, "Git Repository is empty.")


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}/contents/{path}", "contents:read", show_content),
    Route("GET", "/repos/{owner}/{repo}/commits", "contents:read", list_commits),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}", "contents:read", show_commit),
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead}", "contents:read", compare),
)
