"""Adds up what workflows cost in a month: minutes of machines, and what GitHub asks for them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from workers.runs import JobRun, Ran

DAYS = 30
"""The days before now that count as a month."""
SAMPLE = 10
"""Runs of a workflow of which the jobs are looked at: the others are taken to be like them."""
_DATA = Path(__file__).with_suffix(".toml")
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Spent:
    """What one workflow took in a month: whole ``runs``, and minutes as they are billed.

    ``own`` are minutes on machines that are not GitHub's. ``usd`` is what the others cost in a private
    repository once the minutes of its plan are used up; None where the price of some is not known. A clock
    began ``scheduled`` of the runs.
    """

    path: str
    runs: int
    minutes: int
    own: int
    usd: float | None
    sampled: int
    scheduled: int = 0

    def as_json(self) -> Mapping[str, object]:
        """Return it in the shape that the API promises."""
        return {
            "path": self.path,
            "runs": self.runs,
            "scheduled": self.scheduled,
            "minutes": self.minutes,
            "own-minutes": self.own,
            "usd": self.usd,
            "sampled": self.sampled,
        }


def key(repository: int) -> str:
    """Return under which key it is remembered what a repository's workflows cost."""
    return f"minutes:{repository}"


def wish(repository: int) -> str:
    """Return under which key it is remembered that somebody wants to know that."""
    return f"minutes-wanted:{repository}"


def parts(repository: int) -> str:
    """Return under which key it is remembered which parts of them open proposals save."""
    return f"minutes-saved:{repository}"


def saved(workflows: Sequence[Mapping[str, Any]], told: Sequence[Sequence[Any]]) -> Mapping[str, int]:
    """Return the minutes between which a proposal saves so much, in the shape that the API promises.

    ``workflows`` are as `Spent.as_json` has them, ``told`` as a body's metadata have savings: a path, and
    two parts of 1.
    """
    spent = {row["path"]: row["minutes"] + row["own-minutes"] for row in workflows}
    ends = (sum(spent.get(row[0], 0) * row[end] for row in told) for end in (1, 2))
    return dict(zip(("from", "to"), map(round, ends), strict=True))


def of(path: str, runs: int, sample: Sequence[Ran], scheduled: int = 0) -> Spent:
    """Return what so many runs of a workflow took, if they are like those of a sample."""
    share = runs / len(sample) if sample else 0
    ran = [job for one in sample for job in one.jobs if not job.skipped]
    hosted = [job for job in ran if job.hosted]
    prices = [rate(job) for job in hosted]
    known = [price * _billed(job) for price, job in zip(prices, hosted, strict=True) if price is not None]
    return Spent(
        path,
        runs,
        minutes=round(share * sum(map(_billed, hosted))),
        own=round(share * sum(_billed(job) for job in ran if not job.hosted)),
        usd=round(share * sum(known), 2) if len(known) == len(hosted) else None,
        sampled=len(sample),
        scheduled=scheduled,
    )


def rate(job: JobRun) -> float | None:
    """Return what a minute of a job's machine costs in US dollars, None where its label tells no price."""
    for pattern, usd in _rates():
        if any(fnmatchcase(label.lower(), pattern) for label in job.labels):
            return usd
    return None


def _billed(job: JobRun) -> int:
    return max(ceil(job.seconds / _MINUTE), 1)


@cache
def _rates() -> tuple[tuple[str, float], ...]:
    rows = tomllib.loads(_DATA.read_text("utf-8"))["rates"]
    return tuple((str(row["label"]), float(row["usd"])) for row in rows)
