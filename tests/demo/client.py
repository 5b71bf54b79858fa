"""The App, by hand: one token and plain requests."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt

from demo.github import LocalGitHub
from demo.github.state import Installation

FILES = {"README.md": b"Widgets\n", "src/a.py": b"x = 1\n", ".github/workflows/ci.yml": b"on: push\n"}
REPO = "/repos/acme/widgets"


class Client:
    """The App, by hand: one token, plain requests."""

    def __init__(self, hub: LocalGitHub) -> None:
        self.hub = hub
        self.http = httpx.Client(base_url=hub.api_url, headers={"User-Agent": "kotsu-tests"})

    def app(self, **claims: Any) -> dict[str, str]:
        now = int(time.time())
        whole = {"iss": str(self.hub.world.app.id), "iat": now - 30, "exp": now + 540, **claims}
        return {"Authorization": f"Bearer {jwt.encode(whole, self.hub.private_key, 'RS256')}"}

    def token(self, installation: Installation, **narrowed: Any) -> str:
        url = f"/app/installations/{installation.id}/access_tokens"
        return str(self.http.post(url, headers=self.app(), json=narrowed).json()["token"])

    def use(self, token: str) -> Client:
        self.http.headers["Authorization"] = f"Bearer {token}"
        return self

    def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        return self.http.request(method, path, json=body or None)

    def branch(self, name: str, content: str = "x = 2\n", path: str = "src/a.py") -> str:
        """Commit one file to a new branch, the way the App does it; return the commit."""
        head = self.call("GET", f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
        entry = {"path": path, "mode": "100644", "type": "blob", "content": content}
        tree = self.call("POST", f"{REPO}/git/trees", base_tree=head, tree=[entry]).json()["sha"]
        commit = self.call("POST", f"{REPO}/git/commits", message="fix: x", tree=tree, parents=[head]).json()
        self.call("POST", f"{REPO}/git/refs", ref=f"refs/heads/{name}", sha=commit["sha"])
        return str(commit["sha"])

    def pull(self, head: str, title: str = "fix: x") -> httpx.Response:
        return self.call("POST", f"{REPO}/pulls", title=title, head=head, base="main", body="Because.")
