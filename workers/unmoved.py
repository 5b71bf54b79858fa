"""Says why a branch that people wrote to stays as it is: which commit is in the way, and where."""

from __future__ import annotations

import re

from workers import inert
from workers.rebuild import Cause
from workers.replay import Place, Stuck

_SUBJECT, _LINE, _LINES = 100, 200, 20


def sentence(said: Stuck | str) -> str:
    """Return one line without Markdown."""
    if isinstance(said, str):
        return f"The branch cannot be read: {said}."
    return f"Commit {said.commit.sha[:9]} cannot come along: {said.why}"


def remark(cause: Cause, said: Stuck | str, host: str) -> str:
    """Return the comment for people; ``host`` is the GitHub that will show it."""
    first = f"This pull request would be built anew, as {cause.value}, but others have written to its branch."
    last = "So the branch stays as it is."
    if isinstance(said, str):
        return f"{first} And {said}. {last}"
    subject = inert.markdown(said.commit.subject[:_SUBJECT], host, 2 * _SUBJECT)
    text = f"{first} {last}\n\nIn the way is commit {said.commit.sha[:9]} ({subject}). {said.why}"
    return f"{text}\n\n{_place(said.place)}" if said.place else text


def _place(place: Place) -> str:
    code = _plain(place.path)
    where = f"{_fence(code, 1)} {code} {_fence(code, 1)}"
    if not place.lines:
        return f"It is about {where}."
    numbers = f"line {place.first}" if place.first == place.last else f"lines {place.first} to {place.last}"
    shown = [_plain(line)[:_LINE] for line in place.lines[:_LINES]]
    shown += ["…"] if len(place.lines) > _LINES else []
    quoted = "\n".join(shown)
    fence = _fence(quoted, 3)
    return f"It is about {numbers} of {where}:\n\n{fence}diff\n{quoted}\n{fence}"


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _fence(text: str, least: int) -> str:
    return "`" * max(least, max(map(len, re.findall("`+", text)), default=0) + 1)
