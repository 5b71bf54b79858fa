"""Tells of what was found where it stands: proposed, or withheld with one reason and one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

from workers import calm
from workers.model import Stage

_RUNS = re.compile(r"[-_.]+")
STAGES: Mapping[str, str] = MappingProxyType(
    {
        Stage.BRANCH: "its branch waits for checks before it becomes a pull request",
        Stage.DRAFT: "it waits for its checks",
        Stage.READY: "it waits for a review",
        Stage.RED: "its checks fail because of it, so nobody is asked",
        Stage.HELD: "a person made it a draft, so it is left alone",
    }
)
"""What an open pull request waits for."""


def waits_for(row: Proposed) -> str:
    """Return what an open pull request waits for, as the end of a sentence."""
    stuck = (row.failure or {}).get("stuck")
    if stuck and row.stage in (Stage.DRAFT, Stage.READY):
        return f"it waits for {calm.line(stuck)}"
    return STAGES.get(row.stage, "it is open")


class Found(Protocol):
    """What is known of one thing that was found, proposed or not."""

    @property
    def key(self) -> str:
        """Its identity."""

    @property
    def improvement(self) -> str:
        """The improvement's id."""

    @property
    def title(self) -> str:
        """What people read of it."""


class Proposed(Found, Protocol):
    """What has a pull request: its number, its page, its stage, and ``name==version`` of what moves.

    Of a branch without a pull request the number is negative, and means nothing to people.
    """

    @property
    def number(self) -> int:
        """The pull request's number, negative where there is only a branch so far."""

    @property
    def url(self) -> str:
        """The pull request's page."""

    @property
    def stage(self) -> str:
        """Where it stands on its way to a reviewer."""

    @property
    def versions(self) -> tuple[str, ...]:
        """What it moves to."""

    @property
    def overdraft(self) -> bool:
        """Whether it went beyond a limit or a budget."""

    @property
    def failure(self) -> Mapping[str, str] | None:
        """What its checks said, or which required one is missing."""


class Kept(Found, Protocol):
    """What has none: the reason's id, the sentence, and what it is about."""

    @property
    def reason(self) -> str:
        """The reason's id."""

    @property
    def sentence(self) -> str:
        """The sentence that people read."""

    @property
    def targets(self) -> tuple[str, ...]:
        """What it is about, such as the members of a group."""


P = TypeVar("P", bound=Proposed)
K = TypeVar("K", bound=Kept)


def where(number: int, key: str) -> str:
    """Return a link to a pull request that leaves no mark on its page; what is only a branch is named."""
    branch = calm.code(f"kotsu/{key}")
    return f"[#\u200b{number}](../pull/{number})" if number > 0 else f"the branch {branch}"


def proposed_about(rows: Iterable[P], name: str) -> Sequence[P]:
    """Return the open pull requests about a name: an improvement, a key, or a target such as `django`."""
    return [row for row in rows if _concerns(row, name, (v.partition("==")[0] for v in row.versions))]


def kept_about(rows: Iterable[K], name: str) -> Sequence[K]:
    """Return what is withheld about a name: an improvement, a key, or a target such as `django`."""
    return [row for row in rows if _concerns(row, name, row.targets)]


def _concerns(row: Found, name: str, targets: Iterable[str]) -> bool:
    names = (row.key, row.improvement, row.key.partition("/")[2], *targets)
    wanted = _plain(name)
    return bool(wanted) and wanted in {_plain(n) for n in names}


def _plain(name: str) -> str:
    """Return a name as package indexes compare it."""
    return _RUNS.sub("-", name.strip()).lower()


def as_json(repository: str, proposed: Iterable[Proposed], kept: Iterable[Kept]) -> Mapping[str, object]:
    """Return what is open and what is withheld, for scripts; ``repository`` is its full name."""
    return {
        "version": 1,
        "repository": repository,
        "open": [
            {
                "key": row.key,
                "improvement": row.improvement,
                "title": row.title,
                "number": row.number if row.number > 0 else None,
                "url": row.url,
                "stage": str(row.stage),
                "waits": waits_for(row),
            }
            for row in proposed
        ],
        "withheld": [
            {
                "key": row.key,
                "improvement": row.improvement,
                "title": row.title,
                "reason": row.reason,
                "sentence": row.sentence,
            }
            for row in kept
        ],
    }
