"""A public git host on loopback: real repositories behind the real ``git http-backend``, and its faults."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from demo.github import git, smart_http
from demo.loopback import Answer, Loopback, Request

_PATH = re.compile(r"/(?P<name>[\w./-]+?)/(?P<rest>info/refs|git-upload-pack)")


class Forge(Loopback):
    """Serves the bare repositories of a folder; ``faults`` answer in the place of some."""

    def __init__(self, root: Path) -> None:
        super().__init__(self._answer)
        self.root = root
        self.asked: list[Request] = []
        self.faults: dict[str, Callable[[Request], Answer]] = {}
        self.lock = threading.Lock()

    def address(self, name: str) -> str:
        return f"git+{self.url}/{name}"

    def tag(self, name: str, tag: str, day: str, *, annotated: str = "", again: bool = False) -> str:
        """Tag a new commit of a day, with a tag of a day of its own where one is given; return the commit."""
        folder = self.root / name
        if not folder.exists():
            folder.mkdir(parents=True)
            self._git(folder, day, "init", "--quiet", "--bare", ".")
            git.run(folder, "config", "uploadpack.allowFilter", "true")
        blob = git.write_blob(folder, f"{name} {tag}\n".encode() * 1000)
        tree = git.write_tree(folder, None, [git.Entry("100644", "blob", blob, "action.yml")])
        commit = self._git(folder, day, "commit-tree", "-m", tag, tree)
        force = ("--force",) if again else ()
        if annotated:
            self._git(folder, annotated, "tag", *force, "-a", "-m", tag, tag, commit)
        else:
            self._git(folder, day, "tag", *force, tag, commit)
        return commit

    def _git(self, folder: Path, day: str, *arguments: str) -> str:
        person = {f"GIT_{who}_{what}": "ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        days = {f"GIT_{who}_DATE": f"{day}T12:00:00Z" for who in ("AUTHOR", "COMMITTER")}
        environment = {**git.ENVIRONMENT, **person, **days}
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def _answer(self, request: Request) -> Answer:
        with self.lock:
            self.asked.append(request)
        found = _PATH.fullmatch(request.path)
        if found is None:
            return Answer(404)
        if fault := self.faults.get(found["name"]):
            return fault(request)
        if not (self.root / found["name"]).is_dir():
            return Answer(401, b"no", {"WWW-Authenticate": 'Basic realm="GitHub"'})
        return smart_http.backend(self.root / found["name"], f"/{found['rest']}", request)


def slow(_: Request) -> Answer:
    time.sleep(3)
    return Answer(404)
