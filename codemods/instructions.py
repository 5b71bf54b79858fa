"""Reads a Dockerfile as BuildKit does: its instructions, each with its place in the bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from codemods.source import Source

LARGEST = 64 * 1024
"""Bytes of the largest Dockerfile that is judged; what people write is a tenth of it."""

_PLAIN = bytes(c if c < 0x80 else 0xFF for c in range(256))  # noqa: PLR2004 -- where ASCII ends
"""Makes one letter of each byte that is not ASCII: places stay, and none of them is taken for a space."""
_BOM = "\xff\xff\xff"
_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z]+)[ \t]*=([^\r\n]*)\r?\Z")
_KEYWORD = re.compile(r"[ \t]*([^ \t]+)")
_FLAG = re.compile(r"[ \t]*(--[^\s\"']+)(?=\s|\Z)")
_GOES_ON = re.compile(r"(?:(?<=[^\\])|\A)\\[ \t]*\Z")
_DOCUMENT = re.compile(
    r"\\.|\"(?:\\.|[^\"\\])*\"|'[^']*'|(?<!\S)\d*<<(?P<tabs>-?)(?P<quote>[\"']?)(?P<end>[^\s<\"']+)(?P=quote)(?!\S)",
    re.DOTALL,
)
_NAMES = frozenset(
    (
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
        *("MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
    )
)
_WITH_DOCUMENTS = frozenset(("RUN", "COPY", "ADD"))
_IGNORED = re.compile(r"#[ \t]*hadolint[ \t]+(global[ \t]+)?ignore[ \t]*=[ \t]*([\w, \t]+)", re.IGNORECASE)
_SKIPPED = re.compile(r"skip=([\w,]+)")
_OF_TEMPLATES = re.compile(
    r"\{\{|\{%|<%|^@|^%%|\$\(\(|^[ \t]*#[ \t]*(?:include|if|define)[ \t]", re.MULTILINE
)
_TEMPLATE = re.compile(
    r"\.(?:dockerignore|j2|jinja2?|template|tmpl|tpl|in|erb|mustache|m4|md|py|js)\Z", re.IGNORECASE
)


class Word(NamedTuple):
    """Some letters without white space, from byte ``start`` to ``end`` of the file."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its ``name`` in capitals, its flags, and what stands behind them.

    Bytes ``start`` to ``end`` are it without white space, comments and line breaks behind it. ``text`` is
    what the bytes from ``at`` say, with as many letters: comments and the marks that let a line go on are
    spaces in it, and so are the line breaks. ``lines`` is how many line breaks it has; ``documented``
    says that a document (``<<END``) belongs to it, ``broken`` that a word of it goes on in another line.
    ``ignored`` are the rules of linters that a comment silences for it.
    """

    name: str
    start: int
    end: int
    at: int
    text: str
    flags: tuple[Word, ...] = ()
    lines: int = 0
    documented: bool = False
    broken: bool = False
    ignored: frozenset[str] = field(default_factory=frozenset)

    @property
    def words(self) -> tuple[Word, ...]:
        """What stands behind the flags, split at white space; quotes are letters like any others."""
        found = re.finditer(r"[^ \t\r\n]+", self.text)
        return tuple(Word(m[0], self.at + m.start(), self.at + m.end()) for m in found)

    @property
    def arguments(self) -> Sequence[str] | None:
        """The strings of its exec form, None where it is not written in that form."""
        try:
            found = json.loads(self.text) if self.text.lstrip().startswith("[") else None
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) and all(isinstance(word, str) for word in found) else None

    def flag(self, name: str) -> Word | None:
        """Return the value of its first flag of that name, with its place."""
        begin = f"--{name}="
        found = next((f for f in self.flags if f.text.startswith(begin)), None)
        return found and Word(found.text[len(begin) :], found.start + len(begin), found.end)


def of(source: Source) -> tuple[Instruction, ...]:
    """Return the instructions of a Dockerfile; none of what a program fills in, or nobody can build."""
    is_large = len(source.data) > LARGEST
    if is_large or _TEMPLATE.search(source.path) or _OF_TEMPLATES.search(source.text):
        return ()
    found = read(source.data)
    return found if all(one.name in _NAMES for one in found) else ()


def read(data: bytes) -> tuple[Instruction, ...]:
    """Return the instructions of a Dockerfile; none where a backtick escapes, or NUL bytes stand in it."""
    text = data.translate(_PLAIN).decode("latin-1")
    directives = _directives(text)
    if "\0" in text or directives.get("escape", "\\") != "\\":
        return ()
    skipped = _SKIPPED.search(directives.get("check", ""))
    everywhere = set(skipped[1].split(",")) if skipped else set()
    found = list(_instructions(text, data.startswith(b"\xef\xbb\xbf"), everywhere))
    return tuple(replace(one, ignored=one.ignored | everywhere) for one in found)


def _directives(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.removeprefix(_BOM).split("\n", 8)[:8]:
        said = _DIRECTIVE.match(line)
        if said is None:
            break
        found[said[1].lower()] = said[2].strip(" \t")
    return found


def _instructions(text: str, bom: bool, everywhere: set[str]) -> Iterator[Instruction]:  # noqa: FBT001 -- private
    """Yield the instructions; what comments silence in the whole file comes into ``everywhere``."""
    lines, ignored = _Lines(text, 3 if bom else 0), frozenset[str]()
    while (line := lines.next()) is not None:
        plain = line.strip(" \t\r")
        if plain.startswith("#"):
            if said := _IGNORED.match(plain):
                codes = frozenset(re.findall(r"\w+", said[2]))
                everywhere |= codes if said[1] else frozenset()
                ignored |= codes
        elif plain:
            if found := _instruction(lines, line):
                yield replace(found, ignored=ignored)
            ignored = frozenset()


class _Lines:
    """The lines of a text, one after the other; ``start`` is where the last one began."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.start, self.following = text, start, start

    def next(self) -> str | None:
        """Return the next line without its line break, None behind the last one."""
        if self.following > len(self.text) or (self.following == len(self.text) and self.following):
            return None
        self.start = self.following
        end = self.text.find("\n", self.start)
        end = len(self.text) if end < 0 else end
        self.following = end + 1
        return self.text[self.start : end]


def _instruction(lines: _Lines, first: str) -> Instruction | None:
    """Return the instruction that a line begins, read to its end; None where it begins with no word."""
    begin, parts = lines.start, list[str]()
    open_word, broken = False, False
    line: str | None = first
    while line is not None:
        code = line.removesuffix("\r")
        plain = code.strip(" \t")
        if parts and (not plain or plain.startswith("#")):
            parts.append(" " * len(line))
        else:
            broken = broken or (open_word and line[0] not in " \t")
            going = _GOES_ON.search(code)
            kept = code[: going.start()] if going else code
            parts.append(kept.ljust(len(line)))
            if not going:
                break
            open_word = kept[-1:] not in {"", " ", "\t"}
        line = lines.next()
    whole = " ".join(parts)
    keyword = _KEYWORD.match(whole)
    return _made(lines, keyword, begin, whole, broken) if keyword else None


def _made(lines: _Lines, keyword: re.Match[str], begin: int, whole: str, broken: bool) -> Instruction:  # noqa: FBT001 -- private
    flags, place = [], keyword.end()
    while found := _FLAG.match(whole, place):
        flags.append(Word(found[1], begin + found.start(1), begin + found.end(1)))
        place = found.end()
    place += len(whole) - place - len(whole[place:].lstrip(" \t"))
    text = whole[place:].rstrip(" \t")
    name = keyword[1].upper()
    instruction = Instruction(
        name,
        begin + keyword.start(1),
        begin + (place + len(text) if text else len(whole[:place].rstrip(" \t"))),
        begin + place,
        text,
        tuple(flags),
        lines.text.count("\n", begin, begin + place + len(text)),
        broken=broken,
    )
    if name not in _WITH_DOCUMENTS or "<<" not in text:
        return instruction
    ends = [(m["end"], bool(m["tabs"])) for m in _DOCUMENT.finditer(text) if m["end"]]
    for end, tabs in ends:
        _skip(lines, end, tabs)
    return replace(instruction, documented=bool(ends))


def _skip(lines: _Lines, end: str, tabs: bool) -> None:  # noqa: FBT001 -- private
    while (line := lines.next()) is not None:
        plain = line.removesuffix("\r")
        if (plain.lstrip("\t") if tabs else plain) == end:
            return
