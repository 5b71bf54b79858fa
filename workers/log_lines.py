"""Keeps what is said while a job is done, a short line each and without secrets, for whoever looks later."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workers.redaction import clean

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

_LONGEST = 300
"""Characters of one value; only its first line is kept, as source code and diffs have more."""
_KNOWN = frozenset({"event", "level", "logger", "timestamp", "exc_info", "job", "delivery", "repository"})
"""What every line of a job has, and what is told in another way."""
_ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what was ``said`` at a moment, and ``about`` what, as JSON has it."""

    at: datetime
    level: str
    said: str
    about: Mapping[str, object]


_kept: ContextVar[deque[Line] | None] = ContextVar("kept", default=None)


@contextmanager
def kept(most: int) -> Iterator[deque[Line]]:
    """Keep the last lines that are said inside, by this thread; they can be read at any time."""
    lines: deque[Line] = deque(maxlen=most)
    before = _kept.set(lines)
    try:
        yield lines
    finally:
        _kept.reset(before)


def note(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep a line where somebody wants it, and hand it on as it is: a step of the pipe of logs."""
    lines = _kept.get()
    if lines is not None:
        about = {name: _plain(value) for name, value in line.items() if name not in _KNOWN}
        told = line.get("exc_info")
        error = sys.exception() if told is True else told
        if isinstance(error, BaseException):
            # What an error says may be somebody's code.
            about[_ERROR] = type(error).__name__
        at = datetime.fromisoformat(str(line["timestamp"]))
        lines.append(Line(at, str(line["level"]), str(_plain(line["event"])), about))
    return line


def _plain(value: object) -> object:
    """Return a value as JSON has it; a text without secrets, and of that the first line."""
    if value is None or isinstance(value, bool | int):
        return value
    first = clean(str(value)).strip().partition("\n")[0]
    words = "".join(c if c.isprintable() else " " for c in first)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
