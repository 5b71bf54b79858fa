"""Git's own objects through the API: refs, blobs, trees and commits that GitHub signs."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from demo.github import access, git, moves
from demo.github.call import Call, RefusedError, Reply, Route, invalid, missing
from demo.github.routes.contents import empty
from demo.github.shapes import commits
from demo.github.shapes.accounts import node
from demo.github.state import Json

_MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}
_MOST_ENTRIES = 100_000
_WORKFLOWS = ".github/workflows/"


def show_ref(call: Call) -> Reply:
    """Return a ref."""
    _filled(call)
    name = f"refs/{call.values['ref']}"
    sha = git.resolve(call.repository.folder, name)
    if sha is None:
        raise missing()
    return Reply(200, commits.ref(call.world, call.repository, name, sha))


def list_refs(call: Call) -> Reply:
    """Return the refs whose names begin so."""
    _filled(call)
    start = f"refs/{call.values['ref']}"
    found = {n: s for n, s in git.refs(call.repository.folder, "refs/").items() if n.startswith(start)}
    return Reply(200, [commits.ref(call.world, call.repository, name, sha) for name, sha in found.items()])


def create_ref(call: Call) -> Reply:
    """Make a branch or a tag."""
    _filled(call)
    name, sha = str(call.body.get("ref", "")), str(call.body.get("sha", ""))
    if not name.startswith("refs/") or name.count("/") < 2:  # noqa: PLR2004 -- refs/heads/name
        raise RefusedError(422, "Reference name must start with 'refs/' and contain at least two slashes.")
    if git.resolve(call.repository.folder, name):
        raise RefusedError(422, "Reference already exists")
    _move(call, name, sha)
    return Reply(201, commits.ref(call.world, call.repository, name, sha))


def update_ref(call: Call) -> Reply:
    """Move a ref; without force only forward."""
    _filled(call)
    name, sha = f"refs/{call.values['ref']}", str(call.body.get("sha", ""))
    before = git.resolve(call.repository.folder, name)
    if before is None:
        raise RefusedError(422, "Reference does not exist")
    known = git.kind(call.repository.folder, sha) == "commit"
    if known and not call.body.get("force") and not git.is_ancestor(call.repository.folder, before, sha):
        raise RefusedError(422, "Update is not a fast forward")
    _move(call, name, sha)
    return Reply(200, commits.ref(call.world, call.repository, name, sha))


def delete_ref(call: Call) -> Reply:
    """Delete a ref; the pull requests that come from it are closed."""
    _filled(call)
    name = f"refs/{call.values['ref']}"
    if git.resolve(call.repository.folder, name) is None:
        raise RefusedError(422, "Reference does not exist")
    moves.move_ref(call.world, call.repository, name, None, call.who)
    return Reply(204)


def _move(call: Call, name: str, sha: str) -> None:
    if git.kind(call.repository.folder, sha) != "commit":
        raise RefusedError(422, "Object does not exist")
    try:
        git.run(call.repository.folder, "check-ref-format", name)
    except git.GitRefusedError as error:
        raise RefusedError(422, f"{name} is not a valid ref name.") from error
    moves.move_ref(call.world, call.repository, name, sha, call.who)


def create_blob(call: Call) -> Reply:
    """Store a blob."""
    _filled(call)
    text, encoding = call.body.get("content"), call.body.get("encoding", "utf-8")
    if not isinstance(text, str):
        raise invalid("Blob", "missing_field", "content")
    try:
        data = base64.b64decode(text) if encoding == "base64" else text.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise RefusedError(422, "content is not valid Base64") from error
    sha = git.write_blob(call.repository.folder, data)
    return Reply(201, {"sha": sha, "url": f"{commits.root(call.world, call.repository)}/git/blobs/{sha}"})


def show_blob(call: Call) -> Reply:
    """Return a blob in Base64."""
    _filled(call)
    sha = call.values["file_sha"]
    if git.kind(call.repository.folder, sha) != "blob":
        raise missing()
    data = git.blob(call.repository.folder, sha)
    url = f"{commits.root(call.world, call.repository)}/git/blobs/{sha}"
    text = base64.encodebytes(data).decode()
    shape = {"sha": sha, "node_id": node("B", call.repository.id), "size": len(data), "url": url}
    return Reply(200, {**shape, "content": text, "encoding": "base64"})


def show_tree(call: Call) -> Reply:
    """Return a tree, with everything below it when asked."""
    _filled(call)
    folder, name = call.repository.folder, call.values["tree_sha"]
    sha = call.repository.branch(name) or name
    kind = git.kind(folder, sha)
    if kind not in ("tree", "commit"):
        raise missing()
    root = git.run(folder, "rev-parse", f"{sha}^{{tree}}").decode().strip()
    return Reply(200, _tree(call, root, git.tree(folder, root, recursive=bool(call.query.get("recursive")))))


def create_tree(call: Call) -> Reply:
    """Store a tree: a base and what changes in it."""
    _filled(call)
    folder, base = call.repository.folder, call.body.get("base_tree")
    if base and git.kind(folder, base) not in ("tree", "commit"):
        raise RefusedError(404, "Not Found")
    entries = [_entry(call, item) for item in call.body.get("tree") or ()]
    if not entries:
        raise RefusedError(422, "Invalid tree info")
    if any(e.path.startswith(_WORKFLOWS) for e in entries) and call.token:
        access.require(call.world, call.token, call.repository, "workflows:write")
    try:
        sha = git.write_tree(folder, base, entries)
    except git.GitRefusedError as error:
        raise RefusedError(422, "GitRPC::BadObjectState") from error
    return Reply(201, _tree(call, sha, git.tree(folder, sha)))


def _entry(call: Call, item: Json) -> git.Entry:
    path, mode = str(item.get("path", "")), str(item.get("mode", "100644"))
    if (
        not path
        or path.startswith("/")
        or mode not in _MODES
        or {"..", ".", ".git", ""} & set(path.split("/"))
    ):
        raise RefusedError(
            422, "tree.path contains a malformed path component" if path else "Invalid tree info"
        )
    if "content" in item:
        sha: str | None = git.write_blob(call.repository.folder, str(item["content"]).encode())
    else:
        sha = item.get("sha")
        if sha is not None and git.kind(call.repository.folder, sha) is None:
            raise RefusedError(422, f"tree.sha {sha} is not a valid {item.get('type', 'blob')}")
    return git.Entry(mode, _MODES[mode], sha, path)


def _tree(call: Call, sha: str, entries: list[git.Entry]) -> Json:
    base = f"{commits.root(call.world, call.repository)}/git"
    listed = []
    for entry in entries[:_MOST_ENTRIES]:
        shape: Json = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        if entry.kind != "commit":
            shape["url"] = f"{base}/{entry.kind}s/{entry.sha}"
        listed.append({**shape, "size": entry.size} if entry.kind == "blob" else shape)
    return {
        "sha": sha,
        "url": f"{base}/trees/{sha}",
        "tree": listed,
        "truncated": len(entries) > _MOST_ENTRIES,
    }


def create_commit(call: Call) -> Reply:
    """Store a commit; when it names no author it is the bot's, and GitHub signs it."""
    _filled(call)
    folder, tree = call.repository.folder, str(call.body.get("tree", ""))
    parents = call.body.get("parents") or []
    if not call.body.get("message"):
        raise invalid("Commit", "missing_field", "message")
    if git.kind(folder, tree) != "tree":
        raise RefusedError(422, "Tree SHA does not exist")
    if any(git.kind(folder, parent) != "commit" for parent in parents):
        raise RefusedError(422, "Parent SHA does not exist or is not a commit object")
    bot = git.Person(
        call.who.login, f"{call.who.id}+{call.who.login}@users.noreply.github.com", call.world.now()
    )
    author = _person(call.body.get("author"), bot)
    committer = _person(call.body.get("committer"), author)
    sha = git.write_commit(folder, tree, parents, call.body["message"], (author, committer))
    if author is bot and committer is bot:
        call.repository.signed.add(sha)
    return Reply(201, commits.git_commit(call.world, call.repository, sha))


def _person(given: Json | None, default: git.Person) -> git.Person:
    if not given:
        return default
    date = datetime.fromisoformat(given["date"]) if given.get("date") else default.date
    return git.Person(given["name"], given["email"], date)


def show_commit(call: Call) -> Reply:
    """Return a commit of the git database."""
    _filled(call)
    sha = call.values["commit_sha"]
    if git.kind(call.repository.folder, sha) != "commit":
        raise missing()
    return Reply(200, commits.git_commit(call.world, call.repository, sha))


def _filled(call: Call) -> None:
    if not git.refs(call.repository.folder):
        raise empty()


_ROOT = "/repos/{owner}/{repo}/git"
ROUTES = (
    Route("GET", f"{_ROOT}/ref/{{ref}}", "contents:read", show_ref),
    Route("GET", f"{_ROOT}/matching-refs/{{ref}}", "contents:read", list_refs),
    Route("POST", f"{_ROOT}/refs", "contents:write", create_ref),
    Route("PATCH", f"{_ROOT}/refs/{{ref}}", "contents:write", update_ref),
    Route("DELETE", f"{_ROOT}/refs/{{ref}}", "contents:write", delete_ref),
    Route("POST", f"{_ROOT}/blobs", "contents:write", create_blob),
    Route("GET", f"{_ROOT}/blobs/{{file_sha}}", "contents:read", show_blob),
    Route("GET", f"{_ROOT}/trees/{{tree_sha}}", "contents:read", show_tree),
    Route("POST", f"{_ROOT}/trees", "contents:write", create_tree),
    Route("POST", f"{_ROOT}/commits", "contents:write", create_commit),
    Route("GET", f"{_ROOT}/commits/{{commit_sha}}", "contents:read", show_commit),
)
