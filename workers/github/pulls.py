"""Pull requests as GitHub shows them, by themselves and in its lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workers.github.client import understood
from workers.github.reviews import requested


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request; ``state`` is ``open``, ``merged`` or ``closed``, labels are in lower case.

    ``base`` is the branch that it asks into, ``author`` the login that opened it, ``node`` its name for
    GraphQL; ``requested`` are asked for a review and have not answered (see `reviews.requested`). GitHub
    finds out late whether it is ``mergeable``, and a list never says: until then it is None. ``word`` is
    GitHub's for how it stands: ``clean``, ``unstable`` and ``has_hooks`` can be merged, ``blocked`` misses a
    review or a check, ``behind`` the newest base, ``dirty`` conflicts, ``unknown`` is not known yet.
    ``enabled_by`` is who told GitHub to merge it by itself, ``""`` where nobody did. The base stood on
    ``base_sha`` when the head was pushed last. It was ``merged_by`` somebody as the commit ``merged_sha``.
    """

    number: int
    url: str
    state: str
    title: str
    body: str
    head_sha: str
    branch: str
    created: datetime
    closed: datetime | None
    labels: frozenset[str] = frozenset()
    draft: bool = False
    base: str = ""
    author: str = ""
    node: str = ""
    requested: tuple[str, ...] = ()
    mergeable: bool | None = None
    word: str = "unknown"
    enabled_by: str = ""
    base_sha: str = ""
    merged_by: str = ""
    merged_sha: str = ""

    @property
    def is_told_by_us(self) -> bool:
        """Whether it was us who told GitHub to merge it by itself."""
        return bool(self.enabled_by) and self.enabled_by == self.author


@understood
def whole(found: Mapping[str, Any]) -> Pull:
    """Read a pull request."""
    merged = bool(found.get("merged_at"))
    if not merged and found["state"] not in ("open", "closed"):
        raise ValueError(f"a pull request that is {found['state']}")
    return Pull(
        number=int(found["number"]),
        url=str(found["html_url"]),
        state="merged" if merged else str(found["state"]),
        title=str(found["title"]),
        body=str(found.get("body") or ""),
        head_sha=str(found["head"]["sha"]),
        branch=str(found["head"]["ref"]),
        created=datetime.fromisoformat(found["created_at"]),
        closed=datetime.fromisoformat(found["closed_at"]) if found.get("closed_at") else None,
        labels=frozenset(str(label["name"]).lower() for label in found.get("labels") or ()),
        draft=bool(found.get("draft")),
        base=str(found["base"]["ref"]),
        author=str((found.get("user") or {}).get("login") or ""),
        node=str(found.get("node_id") or ""),
        requested=requested(found),
        mergeable=found.get("mergeable"),
        word=str(found.get("mergeable_state") or "unknown"),
        enabled_by=str(((found.get("auto_merge") or {}).get("enabled_by") or {}).get("login") or ""),
        base_sha=str(found["base"].get("sha") or ""),
        merged_by=str((found.get("merged_by") or {}).get("login") or ""),
        # Of one that is open or was closed it names a commit that GitHub has only tried.
        merged_sha=str(found.get("merge_commit_sha") or "") if merged else "",
    )


@understood
def listed(found: Mapping[str, Any]) -> Pull:
    """Read a pull request as a list of issues has it; old servers do not say there what was merged."""
    about, state = found["pull_request"], str(found["state"])
    if state == "closed":
        state = "merged" if about.get("merged_at") else "closed" if "merged_at" in about else ""
    return Pull(
        number=int(found["number"]),
        url=str(found["html_url"]),
        state=state,
        title=str(found["title"]),
        body=str(found.get("body") or ""),
        head_sha="",
        branch="",
        created=datetime.fromisoformat(found["created_at"]),
        closed=datetime.fromisoformat(found["closed_at"]) if found.get("closed_at") else None,
        author=str((found.get("user") or {}).get("login") or ""),
    )
