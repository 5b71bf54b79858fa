"""The boxes that people tick in our texts: how they are written, read, and emptied again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BOX = re.compile(
    r"^([ \t]*- \[)([ xX])(\] <!-- kotsu:([a-z]{1,20})(?: ([^\s<>]{1,300}))? -->)", re.MULTILINE
)
_ODD = re.compile(r"--|[\s<>]")


@dataclass(frozen=True, slots=True)
class Box:
    """What a box asks for, and of which key where its text is about several."""

    verb: str
    key: str = ""

    @property
    def can_be_written(self) -> bool:
        """Whether it fits into a comment of HTML: a key that a path names may hold anything."""
        return not _ODD.search(self.key)

    def __str__(self) -> str:
        """Return the empty box as Markdown; words follow it."""
        return f"- [ ] <!-- kotsu:{' '.join(filter(None, (self.verb, self.key)))} -->"

    @property
    def on(self) -> str:
        """The same, ticked."""
        return str(self).replace("[ ]", "[x]", 1)


_MARK = "<!-- kotsu-boxes -->"
FOOTER = (
    f"{_MARK}\n"
    f"{Box('rebase')} Build it anew on the newest base\n"
    f"{Box('snooze')} Close it, and propose it again in 30 days\n"
    f"{Box('never')} Close it, and never propose it again\n\n"
    "Or write a comment: `/kotsu help` tells what can be said.\n"
)
"""The boxes of a pull request, the last that its body says."""


def footer(body: str) -> str:
    """Return the part of a pull request's body that has its boxes, ``""`` without one.

    Release notes are quoted before it, and code in them may look like anything.
    """
    found = body.rpartition(_MARK)
    is_ours = bool(found[1]) and not any(sign in found[2] for sign in ("```", "~~~", "</"))
    return found[2] if is_ours else ""


def ticked(text: str) -> Sequence[Box]:
    """Return the boxes that are ticked in a text of ours, each once."""
    found = (Box(m[4], m[5] or "") for m in _BOX.finditer(text) if m[2] != " ")
    return tuple(dict.fromkeys(found))


def emptied(text: str) -> str:
    """Return a text of ours with all its boxes empty."""
    return _BOX.sub(r"\1 \3", text)
