"""What is new in repositories, in one question about fifty: for where GitHub cannot tell us by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from workers.github.client import Client, RefusedError, understood
from workers.github.talk import Said, said_of

_TOGETHER = 50
_PAGE = 100
_NEWEST = "(first: 1, orderBy: {field: UPDATED_AT, direction: DESC})"
_ABOUT = "{ nodes { number updatedAt state comments { totalCount } } }"


@dataclass(frozen=True, slots=True)
class Asked:
    """A repository that is asked about, with those of its branches whose checks matter."""

    owner: str
    name: str
    branches: Sequence[str] = ()

    @property
    def root(self) -> str:
        """Its path."""
        return f"/repos/{quote(self.owner)}/{quote(self.name)}"


@dataclass(frozen=True, slots=True)
class Seen:
    """How a repository stands: ``newest`` is when anything was said or done there last, ``""`` for never.

    ``last`` tells two moments apart that have the same second; ``checks`` are commit and state by branch.
    """

    newest: str = ""
    last: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """An issue or a pull request where something happened."""

    number: int
    is_pull: bool
    body: str


@dataclass(frozen=True, slots=True)
class News:
    """Questions about all repositories of one installation."""

    client: Client

    @understood
    def survey(self, asked: Mapping[int, Asked]) -> Mapping[int, Seen]:
        """Return how repositories stand, by their numbers; those that cannot be seen are left out."""
        found: dict[int, Seen] = {}
        items = sorted(asked.items())
        for start in range(0, len(items), _TOGETHER):
            some = dict(items[start : start + _TOGETHER])
            try:
                found |= self._surveyed(some, checks=True)
            except RefusedError:
                # Where checks may not be read, the rest can be.
                found |= self._surveyed(some, checks=False)
        return found

    def _surveyed(self, asked: Mapping[int, Asked], *, checks: bool) -> Mapping[int, Seen]:
        fields = " ".join(_question(id_, one, checks=checks) for id_, one in asked.items())
        told = self.client.query(f"query {{ {fields} }}", {}) or {}
        return {id_: _seen(told[f"r{id_}"], one) for id_, one in asked.items() if told.get(f"r{id_}")}

    @understood
    def touched(self, asked: Asked, since: str) -> Sequence[Touched]:
        """Return issues and pull requests where anything happened since a moment, that moment included."""
        found = self._all(
            f"{asked.root}/issues", {"state": "all", "sort": "updated", "direction": "asc"}, since
        )
        return [
            Touched(int(f["number"]), bool(f.get("pull_request")), str(f.get("body") or "")) for f in found
        ]

    @understood
    def said(self, asked: Asked, since: str) -> Sequence[Said]:
        """Return comments that were written since a moment, that moment included."""
        query = {"sort": "created", "direction": "asc"}
        return [said_of(f) for f in self._all(f"{asked.root}/issues/comments", query, since)]

    def _all(self, path: str, query: Mapping[str, Any], since: str) -> Iterator[Mapping[str, Any]]:
        yield from self.client.pages(path, query={**query, **({"since": since} if since else {})})


def _question(id_: int, asked: Asked, *, checks: bool) -> str:
    heads = [
        f"b{number}: object(expression: {json.dumps(f'refs/heads/{branch}')}) "
        "{ ... on Commit { oid statusCheckRollup { state } } }"
        for number, branch in enumerate(asked.branches if checks else ())
    ]
    where = f"repository(owner: {json.dumps(asked.owner)}, name: {json.dumps(asked.name)})"
    both = f"issues{_NEWEST} {_ABOUT} pullRequests{_NEWEST} {_ABOUT}"
    return f"r{id_}: {where} {{ {both} {' '.join(heads)} }}"


def _seen(told: Mapping[str, Any], asked: Asked) -> Seen:
    nodes = [
        node for kind in ("issues", "pullRequests") for node in (told.get(kind) or {}).get("nodes") or ()
    ]
    newest = max((datetime.fromisoformat(n["updatedAt"]) for n in nodes), default=None)
    checks = {}
    for number, branch in enumerate(asked.branches):
        head = told.get(f"b{number}") or {}
        state = (head.get("statusCheckRollup") or {}).get("state")
        if state:
            checks[branch] = f"{head['oid']} {state}"
    return Seen(f"{newest:%Y-%m-%dT%H:%M:%SZ}" if newest else "", json.dumps(nodes, sort_keys=True), checks)
