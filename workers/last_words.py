"""Says who closed a pull request, and what they said of it at the end, from the conversation there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from workers import commands
from workers.answered import Word
from workers.conversation import Conversation, Did, Happened

LONGEST = 300
"""Characters of what somebody said that are kept."""
_NEAR = timedelta(days=1)
"""How long before the end something may have been said to be about it."""
_PEOPLES = frozenset({Word.IGNORE, Word.NEVER, Word.SNOOZE, Word.SPLIT})
"""The words that only people say; it is us who close then."""
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BLANK = re.compile(r"\n[ \t]*\n")


def read(talk: Conversation, word: str) -> tuple[str, str]:
    """Return the login of whoever closed it, and why in their words, as plain text in one line.

    ``word`` is what the pull request says of its end. What is not known is ``""``; what was said stays what
    others wrote, to be quoted like that.
    """
    closed = talk.closed
    if closed is None:
        return "", ""
    said = [e for e in talk.events if e.did in (Did.COMMENTED, Did.REVIEWED) and e.at >= closed.at - _NEAR]
    if word in _PEOPLES:
        told = next(_commands(said, word), None)
        return (told.who, _paragraph(told.text)) if told else (closed.who, f"/kotsu {word}")
    own = (_paragraph(event.text) for event in reversed(said) if event.who == closed.who)
    return closed.who, next(filter(None, own), "")


def _commands(said: list[Happened], word: str) -> Iterator[Happened]:
    """Yield the comments of people that gave a command, the last first."""
    for event in reversed(said):
        told = commands.spoken(event.text) if event.person and event.did is Did.COMMENTED else None
        if told is not None and told.partition(" ")[0].lower() == word:
            yield event


def _paragraph(text: str) -> str:
    """Return the first paragraph that is no quotation, in one line."""
    plain = _HIDDEN.sub("", text.replace("\r\n", "\n"))
    for part in _BLANK.split(plain):
        own = " ".join(line for line in part.split("\n") if not line.lstrip().startswith(">"))
        words = " ".join("".join(c if c.isprintable() else " " for c in own).split())
        if words:
            return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"
    return ""
