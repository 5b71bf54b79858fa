"""Tells how bash reads each character of a script: as a command, within quotes, or as a comment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_EXPRESSION = re.compile(r"\$\{\{(?:[^$}]|\}(?!\})|\$(?!\{\{))*\}\}")
_PARAMETER = re.compile(r"\$\{(?!\{)[^{}\"'`$\\]*\}")
_BACKQUOTED = re.compile(r"`[^`\\\n]*`")
_UNREAD = re.compile(r"`|\$'|\$\"|(?<!<)<<(?!<)|\$?\(\(|\$\{(?!\{)|\$\[")

LONGEST = 20_000
"""Characters of the longest script that is read; what people write is a hundred times shorter."""


class Kind(Enum):
    """How a character is read; from where a script is too much for this reader, all are `UNREAD`."""

    PLAIN = "plain"
    DOUBLE = "double"
    SINGLE = "single"
    COMMENT = "comment"
    ESCAPED = "escaped"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Place:
    """How one character is read, and within how many double quotes and ``$(…)`` it stands."""

    kind: Kind
    depth: int


def places(script: str) -> list[Place]:
    """Return how each character of a script is read; an expression of GitHub is read as its first one.

    A quote itself belongs to what is outside of it, the marks of ``$(…)`` to what is within, and what stands
    between backquotes is not read. Here documents, arithmetic, quotes within ``${…}`` and ``case`` within
    ``$(…)`` end the reading.
    """
    reader = _Reader(script)
    while reader.at < len(script) <= LONGEST:
        if not reader.step():
            break
    return reader.found + [Place(Kind.UNREAD, 0)] * (len(script) - len(reader.found))


class _Reader:
    """Goes through a script once; ``nested`` are the double quotes and ``$(`` that are open."""

    def __init__(self, script: str) -> None:
        self.script, self.found, self.nested = script, list[Place](), list[str]()

    @property
    def at(self) -> int:
        return len(self.found)

    def take(self, kind: Kind, end: int) -> None:
        self.found += [Place(kind, len(self.nested))] * (min(end, len(self.script)) - self.at)

    def step(self) -> bool:
        """Read one thing; False for what cannot be read."""
        within = self.nested[-1:] == ['"']
        kind = Kind.DOUBLE if within else Kind.PLAIN
        if whole := _EXPRESSION.match(self.script, self.at) or _PARAMETER.match(self.script, self.at):
            self.take(kind, whole.end())
            return True
        if whole := _BACKQUOTED.match(self.script, self.at):
            self.take(Kind.UNREAD, whole.end())
            return True
        if _UNREAD.match(self.script, self.at) and not (within and self.script[self.at] in "<("):
            return False
        character = self.script[self.at]
        if character == "\\":
            self.take(kind, self.at + 1)
            self.take(Kind.ESCAPED, self.at + 1)
        elif self.script.startswith("$(", self.at):
            self.nested.append("(")
            self.take(Kind.PLAIN, self.at + 2)
        elif within and character == '"':
            self.nested.pop()
            outside = Kind.DOUBLE if self.nested[-1:] == ['"'] else Kind.PLAIN
            self.take(outside, self.at + 1)
        elif within:
            self.take(kind, self.at + 1)
        else:
            return self._plain(character)
        return True

    def _plain(self, character: str) -> bool:
        if character == "'":
            return self._single()
        if self.nested and self.script.startswith("case", self.at) and self._opens_word():
            # Its patterns end with brackets that close nothing.
            return False
        if character == '"' or (character == "(" and self.nested):
            self.take(Kind.PLAIN, self.at + 1)
            self.nested.append(character)
        elif character == ")" and self.nested:
            self.take(Kind.PLAIN, self.at + 1)
            self.nested.pop()
        elif character == "#" and self._opens_word():
            end = self.script.find("\n", self.at)
            self.take(Kind.COMMENT, len(self.script) if end < 0 else end)
        else:
            self.take(Kind.PLAIN, self.at + 1)
        return True

    def _opens_word(self) -> bool:
        return self.at == 0 or self.script[self.at - 1] in " \t\r\n;&|()"

    def _single(self) -> bool:
        end = self.script.find("'", self.at + 1)
        opened = self.script.rfind("${{", self.at, max(end, 0))
        if end < 0 or (opened >= 0 and self.script.find("}}", opened, end) < 0):
            return False
        self.take(Kind.PLAIN, self.at + 1)
        self.take(Kind.SINGLE, end)
        self.take(Kind.PLAIN, end + 1)
        return True
