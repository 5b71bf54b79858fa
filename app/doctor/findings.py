"""What a check finds: that something is fine, or what is wrong with it and the exact way to fix it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workers.settings import Settings


class State(StrEnum):
    """How something stands: a note is worth knowing and fails nothing, what is skipped could not be asked."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing, without a period at its end, and what to do about it."""

    state: State
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the settings, the ``mistakes`` in them, and the environment that they are from."""

    settings: Settings
    mistakes: Sequence[str]
    environment: Mapping[str, str]
    now: datetime


def fine(says: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(State.FINE, says)


def note(says: str, fix: str = "") -> Finding:
    """Return what is worth knowing."""
    return Finding(State.NOTE, says, fix)


def wrong(says: str, fix: str) -> Finding:
    """Return what has to be fixed."""
    return Finding(State.WRONG, says, fix)


def skipped(says: str) -> Finding:
    """Return why something was not asked."""
    return Finding(State.SKIPPED, says)
