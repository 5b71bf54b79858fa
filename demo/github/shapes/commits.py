"""How refs, commits and files look in GitHub's JSON."""

from __future__ import annotations

import base64

from demo.github import git
from demo.github.shapes.accounts import moment, node, user
from demo.github.state import Account, Json, Repository, World

_LARGEST = 1_000_000  # bytes of a file whose content still comes along


def root(world: World, repository: Repository) -> str:
    """Return the API address of a repository."""
    return f"{world.api}/repos/{repository.full_name}"


def person(who: git.Person) -> Json:
    """Return the author or committer of a commit."""
    return {"name": who.name, "email": who.email, "date": moment(who.date)}


def verification(world: World, repository: Repository, sha: str) -> Json:
    """Return what GitHub says of a commit's signature: its own commits for an App carry one."""
    signed = sha in repository.signed
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----\n\nstand-in\n-----END PGP SIGNATURE-----\n"
        if signed
        else None,
        "payload": f"commit {sha}" if signed else None,
        "verified_at": moment(world.now()) if signed else None,
    }


def ref(world: World, repository: Repository, name: str, sha: str) -> Json:
    """Return a ref; ``name`` is the full one."""
    base = root(world, repository)
    return {
        "ref": name,
        "node_id": node("REF", repository.id),
        "url": f"{base}/git/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{base}/git/commits/{sha}"},
    }


def git_commit(world: World, repository: Repository, sha: str) -> Json:
    """Return a commit of the git database."""
    found, base = git.commit(repository.folder, sha), root(world, repository)
    html = f"{world.url}/{repository.full_name}/commit"
    return {
        "sha": sha,
        "node_id": node("C", repository.id),
        "url": f"{base}/git/commits/{sha}",
        "html_url": f"{html}/{sha}",
        "author": person(found.author),
        "committer": person(found.committer),
        "message": found.message,
        "tree": {"sha": found.tree, "url": f"{base}/git/trees/{found.tree}"},
        "parents": [
            {"sha": p, "url": f"{base}/git/commits/{p}", "html_url": f"{html}/{p}"} for p in found.parents
        ],
        "verification": verification(world, repository, sha),
    }


def account_of(world: World, who: git.Person) -> Account | None:
    """Return whose commit it is: the part of a no-reply address before the at sign."""
    name, _, host = who.email.partition("@")
    return world.account(name.rpartition("+")[2]) if host == "users.noreply.github.com" else None


def commit(world: World, repository: Repository, found: git.Commit) -> Json:
    """Return a commit as lists of commits carry it."""
    base = root(world, repository)
    html = f"{world.url}/{repository.full_name}/commit"
    author, committer = account_of(world, found.author), account_of(world, found.committer)
    return {
        "sha": found.sha,
        "node_id": node("C", repository.id),
        "commit": {
            "author": person(found.author),
            "committer": person(found.committer),
            "message": found.message,
            "tree": {"sha": found.tree, "url": f"{base}/git/trees/{found.tree}"},
            "url": f"{base}/git/commits/{found.sha}",
            "comment_count": 0,
            "verification": verification(world, repository, found.sha),
        },
        "url": f"{base}/commits/{found.sha}",
        "html_url": f"{html}/{found.sha}",
        "comments_url": f"{base}/commits/{found.sha}/comments",
        "author": user(world, author) if author else None,
        "committer": user(world, committer) if committer else None,
        "parents": [
            {"sha": p, "url": f"{base}/commits/{p}", "html_url": f"{html}/{p}"} for p in found.parents
        ],
    }


def files(world: World, repository: Repository, before: str, after: str) -> list[Json]:
    """Return the files that differ between two commits."""
    words = {"A": "added", "M": "modified", "D": "removed", "T": "changed"}
    base, html = root(world, repository), f"{world.url}/{repository.full_name}"
    return [
        {
            "sha": after,
            "filename": path,
            "status": words[letter],
            "additions": added,
            "deletions": removed,
            "changes": added + removed,
            "blob_url": f"{html}/blob/{after}/file",
            "raw_url": f"{html}/raw/{after}/file",
            "contents_url": f"{base}/contents/file?ref={after}",
            "patch": git.patch(repository.folder, before, after, path),
        }
        for path, letter, added, removed in git.changes(repository.folder, before, after)
    ]


def content(world: World, repository: Repository, entry: git.Entry, data: bytes, revision: str) -> Json:
    """Return a file as ``GET /repos/{owner}/{repo}/contents/{path}`` does."""
    html = f"{world.url}/{repository.full_name}"
    url = f"{root(world, repository)}/contents/{entry.path}?ref={revision}"
    links = {
        "git": f"{root(world, repository)}/git/blobs/{entry.sha}",
        "html": f"{html}/blob/{revision}/{entry.path}",
    }
    return {
        "type": "file",
        "encoding": "base64" if len(data) <= _LARGEST else "none",
        "size": len(data),
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "content": base64.encodebytes(data).decode() if len(data) <= _LARGEST else "",
        "sha": entry.sha,
        "url": url,
        "git_url": links["git"],
        "html_url": links["html"],
        "download_url": f"{html}/raw/{revision}/{entry.path}",
        "_links": {**links, "self": url},
    }
