"""Who wrote which lines of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from workers.github.client import Client
from workers.messages import Repository
from workers.model import Blame

_BLAME = """
query($owner: String!, $name: String!, $commit: String!, $path: String!) {
  repository(owner: $owner, name: $name) {
    object(expression: $commit) {
      ... on Commit {
        blame(path: $path) {
          ranges { startingLine endingLine commit { authoredDate author { name user { login } } } }
        }
      }
    }
  }
}
"""


def blame(client: Client, known: Repository, commit: str, path: str) -> Sequence[Blame]:
    """Return who wrote which lines of a repository's file, as of a commit."""
    variables = {"owner": known.owner, "name": known.name, "commit": commit, "path": path}
    found = ((client.query(_BLAME, variables) or {}).get("repository") or {}).get("object") or {}
    return [
        Blame(
            first=r["startingLine"],
            last=r["endingLine"],
            author=r["commit"]["author"]["name"] or "unknown",
            day=date.fromisoformat(r["commit"]["authoredDate"][:10]),
            login=(r["commit"]["author"].get("user") or {}).get("login") or "",
        )
        for r in (found.get("blame") or {}).get("ranges", ())
    ]
