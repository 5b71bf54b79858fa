"""What a commit says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Written:
    """A commit's message, and the addresses of its author and of its committer."""

    message: str
    author: str
    committer: str


def of(found: Mapping[str, Any]) -> Written:
    """Read a commit as git has it."""
    author, committer = (str((found[role] or {}).get("email")) for role in ("author", "committer"))
    return Written(str(found["message"]), author, committer)
