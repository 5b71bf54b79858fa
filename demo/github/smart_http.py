"""Git over HTTP: the real ``git http-backend``, behind the same tokens as the API."""

from __future__ import annotations

import re
import subprocess
from http import HTTPStatus
from pathlib import Path

from demo.github import access, git, moves
from demo.github.call import RefusedError
from demo.github.state import Repository, World
from demo.loopback import Answer, Request

_PATH = re.compile(
    r"/(?P<owner>[^/]+)/(?P<name>[^/]+?)(\.git)?/(?P<rest>info/refs|git-(upload|receive)-pack)"
)


def is_git(request: Request) -> bool:
    """Return whether a request is one of the git protocol."""
    return _PATH.fullmatch(request.path) is not None


def answer(world: World, request: Request) -> Answer:
    """Return what git says, or why it may not."""
    match = _PATH.fullmatch(request.path)
    if match is None:
        return Answer(404)
    full_name = f"{match['owner']}/{match['name']}"
    with world.lock:
        former = world.find_former(full_name)
        if former and world.find(full_name) is None:
            target = f"{world.url}/{former.full_name}.git/{match['rest']}?{request.query}"
            return Answer(301, headers={"Location": target.rstrip("?")})
        try:
            repository = _admit(world, request, full_name)
        except RefusedError as refused:
            challenge = (
                {"WWW-Authenticate": 'Basic realm="GitHub"'}
                if refused.status == HTTPStatus.UNAUTHORIZED
                else {}
            )
            return Answer(refused.status, str(refused).encode(), {"Content-Type": "text/plain", **challenge})
    if not request.path.endswith("git-receive-pack"):
        return backend(repository.folder, f"/{match['rest']}", request)
    with world.lock:
        return _receive(world, repository, request)


def _admit(world: World, request: Request, full_name: str) -> Repository:
    token = access.admit_token(world, access.credential(request.headers))
    repository = world.find(full_name)
    if repository is None or not access.sees(world, token, repository):
        raise RefusedError(404, "Repository not found.")
    writes = "git-receive-pack" in request.path or "git-receive-pack" in request.query
    if repository.disabled or (writes and repository.archived):
        raise RefusedError(
            403, "Repository access blocked" if repository.disabled else "This repository was archived"
        )
    if not access.permits(token, f"contents:{'write' if writes else 'read'}"):
        raise RefusedError(403, "Write access to repository not granted." if writes else "Access denied.")
    return repository


def _receive(world: World, repository: Repository, request: Request) -> Answer:
    before = git.refs(repository.folder)
    answered = backend(repository.folder, "/git-receive-pack", request)
    after = git.refs(repository.folder)
    for ref in sorted(before.keys() | after.keys()):
        if before.get(ref) != after.get(ref):
            moves.ref_moved(world, repository, ref, before.get(ref), world.app.bot)
    return answered


def backend(folder: Path, path: str, request: Request) -> Answer:
    """Return what ``git http-backend`` says of a repository; ``path`` is the part behind its address."""
    environment = git.ENVIRONMENT | {
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": request.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_USER": "x-access-token",
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(
        ["git", "http-backend"],  # noqa: S607 -- whichever git the machine has
        input=request.body,
        env=environment,
        capture_output=True,
        check=False,
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0]) if head else 500
    return Answer(status, body, headers)
