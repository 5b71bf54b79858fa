"""Finds every string of a TOML file by its place in the bytes; the file must be valid already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]

_BLANK = " \t\r\n"
_BARE_END = ",]}#\n"
_TRIPLE = 3


@dataclass(frozen=True, slots=True)
class Literal:
    """A string value: its path of keys and indexes, the bytes between its quotes, and the text there.

    ``raw`` is the text as the file writes it, but for escaped quotes behind a semicolon; ``escaped`` when it
    may mean another one.
    """

    path: Path
    start: int
    end: int
    raw: str
    escaped: bool


def find(text: str, position: int = 0) -> Iterator[Literal]:
    """Return the string values of a document in which one character is one byte, in the order of the file."""
    scanner = _Scanner(text, position)
    table: Path = ()
    seen: Counter[Path] = Counter()
    while scanner.skip():
        if scanner.peek("["):
            is_array = scanner.peek("[[")
            scanner.at += 2 if is_array else 1
            table = _rooted(scanner.key(), seen)
            if is_array:
                table = (*table, seen[table])
                seen[table[:-1]] += 1
            scanner.at += 2 if is_array else 1
        else:
            yield from scanner.pair(table)


def _rooted(key: Path, seen: Counter[Path]) -> Path:
    """Return a table's full path: a part that is an array of tables means its newest element."""
    path: Path = ()
    for number, part in enumerate(key, start=1):
        path = (*path, part)
        if seen[path] and number < len(key):
            path = (*path, seen[path] - 1)
    return path


class _Scanner:
    """A place in a valid TOML text."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def skip(self, also: str = "") -> bool:
        """Go past blanks and comments; say whether anything is left."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                self.at = self._find("\n", self.at)
            elif self.text[self.at] in _BLANK or self.text[self.at] in also:
                self.at += 1
            else:
                return True
        return False

    def _find(self, text: str, start: int) -> int:
        found = self.text.find(text, start)
        return len(self.text) if found < 0 else found

    def key(self) -> Path:
        parts: list[str] = []
        while True:
            self.skip()
            if self.text[self.at] in "\"'":
                parts.append(self.string(()).raw)
            else:
                start = self.at
                while self.text[self.at] not in " \t.=]":
                    self.at += 1
                parts.append(self.text[start : self.at])
            self.skip()
            if not self.peek("."):
                return tuple(parts)
            self.at += 1

    def pair(self, table: Path) -> Iterator[Literal]:
        key = self.key()
        self.at += 1
        yield from self.value((*table, *key))

    def value(self, path: Path) -> Iterator[Literal]:
        self.skip()
        if self.text[self.at] in "\"'":
            yield self.string(path)
        elif self.peek("["):
            yield from self._items(path)
        elif self.peek("{"):
            self.at += 1
            while self.skip(",") and not self.peek("}"):
                yield from self.pair(path)
            self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in _BARE_END:
                self.at += 1

    def _items(self, path: Path) -> Iterator[Literal]:
        self.at += 1
        index = 0
        while self.skip(",") and not self.peek("]"):
            yield from self.value((*path, index))
            index += 1
        self.at += 1

    def string(self, path: Path) -> Literal:
        quote = self.text[self.at]
        mark = quote * _TRIPLE if self.peek(quote * _TRIPLE) else quote
        start = end = self.at + len(mark)
        while not self.text.startswith(mark, end):
            end += 2 if quote == '"' and self.text[end] == "\\" else 1
        while len(mark) == _TRIPLE and self.text.startswith(quote, end + _TRIPLE):
            end += 1
        self.at = end + len(mark)
        raw = _unquoted(self.text[start:end])
        return Literal(path, start, end, raw, "\\" in raw or len(mark) == _TRIPLE or not raw.isascii())


def _unquoted(raw: str) -> str:
    """Return a string with the quotes of its environment marker, behind all versions, plain."""
    head, semicolon, marker = raw.partition(";")
    plain = marker.replace('\\"', '"')
    return raw if "\\" in head or "\\" in plain else head + semicolon + plain
