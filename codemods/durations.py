"""How long something took, over and over: the few figures that say it, and the time limit that follows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

ENOUGH = 10
"""Runs of which the slowest says how slow the next ones may be."""
_SPARE, _LEAST = 3, 10
LONGEST = 360
"""Minutes after which GitHub itself stops a job on one of its machines."""
_MINUTE = 60
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Lasted:
    """How many seconds something took in so many runs: the median, what nine of ten kept below, the most.

    ``step`` is that of its steps which took the longest, as GitHub shows it (``""``: nobody knows), and
    ``step_median`` what that took.
    """

    runs: int
    median: float
    ninety: float
    slowest: float
    step: str = ""
    step_median: float = 0

    @property
    def sentence(self) -> str:
        """The figures in words, as they follow a colon."""
        plural = f"{self.runs} runs" if self.runs > 1 else "run"
        return f"over the last {plural}: median {said(self.median)}, slowest {said(self.slowest)}"


def of(seconds: Iterable[float]) -> Lasted | None:
    """Return the figures of some durations, None where there are none.

    The ninth tenth is the lowest of them that at least nine of ten do not exceed.
    """
    ordered = sorted(seconds)
    if not ordered:
        return None
    ninth = ordered[ceil(len(ordered) * 9 / 10) - 1]
    return Lasted(len(ordered), median(ordered), ninth, ordered[-1])


def together(some: Sequence[Lasted]) -> Lasted | None:
    """Return the figures of a job of which each row of a matrix has its own: those of the slowest row."""
    if not some:
        return None
    return Lasted(
        max(one.runs for one in some),
        max(one.median for one in some),
        max(one.ninety for one in some),
        max(one.slowest for one in some),
        *max((one.median, one.step, one.step_median) for one in some)[1:],
    )


def limit(lasted: Lasted, default: int) -> int | None:
    """Return the time limit in minutes for a job, three times its slowest success; None where none helps.

    Of few runs the slowest says little: then the limit is no lower than the ``default``.
    """
    minutes = max(_LEAST, ceil(_SPARE * lasted.slowest / _MINUTE))
    if lasted.runs < ENOUGH:
        minutes = max(minutes, default)
    return minutes if minutes < LONGEST else None


def rows(title: str, known: Mapping[str, Lasted]) -> Iterator[Lasted]:
    """Yield the figures of a job, of each row of its matrix; ``title`` is its name, else its id.

    GitHub shows ``test`` as ``test (3.13, windows)`` where there is a matrix.
    """
    shown = shown_as(title)
    yield from (known[name] for name in sorted(known) if shown.fullmatch(name))


def shown_as(title: str) -> re.Pattern[str]:
    """Return the pattern of the names under which GitHub shows a job of a title, expressions and all."""
    first, *more = _EXPRESSION.split(title)
    if not more:
        return re.compile(re.escape(first) + r"(?: \(.*\))?", re.DOTALL)
    # Each word is taken where it comes first and not sought again, as a title may have a hundred expressions.
    between = "".join(f"(?>.*?{re.escape(word)})" for word in more[:-1])
    return re.compile(f"{re.escape(first)}{between}.*{re.escape(more[-1])}", re.DOTALL)


def names_itself(title: str) -> bool:
    """Say whether a title has words of its own: what is an expression alone may be any job's."""
    return bool(_EXPRESSION.sub("", title).strip())


def said(seconds: float) -> str:
    """Return a time as people say it: ``45 s``, ``1 min 20 s``, ``11 min``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < 10 * _MINUTE:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h" + (f" {minutes} min" if minutes else "")
