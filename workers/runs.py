"""The values of CI's past: what GitHub says of one run of a workflow, of its jobs and of their steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_RAN = frozenset({"success", "failure", "timed_out", "neutral"})


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step that passed, and how many seconds it took."""

    name: str
    seconds: int


@dataclass(frozen=True, slots=True)
class JobRun:
    """One job that ended, by the name that people see: ``test (3.13)``.

    ``seconds`` it ran, without the time it waited for a machine; ``labels`` are what it asked of the machine,
    ``hosted`` says that the machine was GitHub's. ``skipped`` it never ran. ``steps`` are the longest; it
    ``began`` at a moment, None where nobody remembers it.
    """

    name: str
    passed: bool
    seconds: int
    skipped: bool = False
    hosted: bool = True
    labels: tuple[str, ...] = ()
    steps: tuple[StepRun, ...] = ()
    began: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a workflow as lists have it; each ``attempt`` counts from 1, and the last one is meant.

    ``event`` is GitHub's word for what began it, ``conclusion`` for how it ended, ``branch`` its head's.
    """

    id: int
    attempt: int
    event: str
    branch: str
    conclusion: str
    created: datetime

    @property
    def is_whole(self) -> bool:
        """Whether its jobs could run to their ends: nobody cancelled it, and something ran at all."""
        return self.conclusion in _RAN

    @property
    def key(self) -> str:
        """What it is remembered by: when it runs again, its jobs are others."""
        return f"{self.id}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class Ran:
    """A run with its jobs."""

    run: Run
    jobs: tuple[JobRun, ...]
