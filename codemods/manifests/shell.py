"""Finds the requirements that a literal command line installs; what a shell would expand is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<blank>[ \t]+|\\\r?\n)"
    r"|(?P<comment>(?<![^\s;&|()])#[^\n]*)"
    r"|(?P<end>\r?\n|[;&|()]+)"
    r"|(?P<word>(?:[^\s\"'\\;&|()]|\"[^\"\n]*\"|'[^'\n]*'|\\[^\r\n])+)"
)
_PYTHON = re.compile(r"(?:.*/)?python(?:3(?:\.\d+)?)?(?:\.exe)?")
_PIP = re.compile(r"(?:.*/)?pip(?:3(?:\.\d+)?)?(?:\.exe)?")
_INSTALLS = (("uv", "pip", "install"), ("uv", "tool", "install"), ("pipx", "install"))
_BEFORE = frozenset({"sudo", "exec", "time", "!", "if", "then", "else", "do", "{", "while", "until"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_EXPANDED = re.compile(r"[$`\\*?{}~]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command without the quotes around it, from ``start``; with them it ends at ``end``."""

    text: str
    start: int
    end: int
    literal: bool


def installed(text: str) -> Iterator[Word]:
    """Yield the literal words behind the commands that install: names, and options among them."""
    for command in commands(text):
        yield from (word for word in _arguments(command) if word.literal)


def commands(text: str) -> Iterator[Sequence[Word]]:
    """Yield simple commands until one is met that cannot be read: an open quote, or a document within."""
    words: list[Word] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or (found["word"] and found["word"].startswith("<<")):
            return
        position = found.end()
        if found["word"]:
            words.append(_word(found["word"], found.start()))
        elif found["end"]:
            yield words
            words = []
    yield words


def _word(written: str, start: int) -> Word:
    quoted = len(written) > 1 and written[0] in "\"'" and written[0] == written[-1]
    inner = written[1:-1] if quoted else written
    odd = '"' in inner or "'" in inner if not quoted else written[0] in inner
    # Without quotes these are redirections.
    literal = not odd and (not _EXPANDED.search(inner.replace("~=", "")) or written[0] == "'")
    literal = literal and (quoted or not re.search(r"[<>]", inner))
    return Word(inner, start + quoted, start + len(written), literal)


def _arguments(command: Sequence[Word]) -> Sequence[Word]:
    """Return what stands behind the verb of a command that installs, nothing of any other command."""
    words = called(command)
    if installs(words):
        return words[2:]
    texts = tuple(w.text for w in words[:3])
    return next((words[len(verb) :] for verb in _INSTALLS if texts[: len(verb)] == verb), ())


def called(command: Sequence[Word]) -> Sequence[Word]:
    """Return a command from its program on: no keywords, assignments and ``python -m`` before it."""
    words = list(command)
    while words and (words[0].text in _BEFORE or _ASSIGNMENT.fullmatch(words[0].text)):
        words.pop(0)
    as_module = [w.text for w in words[1:2]] == ["-m"] and _PYTHON.fullmatch(words[0].text)
    return words[2:] if as_module else words


def is_pip(word: Word) -> bool:
    """Say whether a program is pip, by whatever path."""
    return bool(_PIP.fullmatch(word.text))


def installs(words: Sequence[Word]) -> bool:
    """Say whether a program that is `called` is pip, told to install."""
    return [w.text for w in words[1:2]] == ["install"] and is_pip(words[0])
