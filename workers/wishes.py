"""Says which wishes of people are left: what they asked for, and neither got nor were refused for good."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from workers.answered import Word
from workers.model import State
from workers.reasons import LASTING, Reason

_UNSURE = frozenset({Reason.ADVICE.id})
"""What is said of an upgrade where the index failed."""


class _Row(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def word(self) -> str: ...


class _Kept(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def reason(self) -> str: ...


Row = TypeVar("Row", bound=_Row)


def said(rows: Sequence[Row]) -> Mapping[str, Row]:
    """Return the closed pull requests in whose place people want another, by key.

    ``rows`` are all of a repository, the newest first: once there is a newer one, the wish is fulfilled.
    """
    newest = {row.key: row for row in reversed(rows)}
    return {k: r for k, r in newest.items() if r.state == State.CLOSED and r.word == Word.WANTED}


def left(
    wanted: Iterable[str], opened: Collection[str], kept: Iterable[_Kept], *, is_sure: bool
) -> frozenset[str]:
    """Return the keys of ``wanted`` to go on wanting after a scan that withheld ``kept``.

    What was not found is forgotten only where the scan ``is_sure`` of what it has not found.
    """
    reasons = {row.key: row.reason for row in kept}
    over = LASTING | {""} if is_sure else LASTING - _UNSURE
    return frozenset(key for key in wanted if key not in opened and reasons.get(key, "") not in over)
