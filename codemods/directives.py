"""Finds the directives of servers' configurations, and each of their words in the bytes of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from codemods.model import Splice
from codemods.tls import Policy, weak

_DECIDES = re.compile(
    rb"\{%|<%|<\?|^[ \t]*@if\b"
    rb"|\{\{[-~]?\s*(?:[#/^]|(?:if|else|end|range|with|template|include|define)\b)",
    re.MULTILINE,
)
_MEANT = re.compile(
    r"legacy|\bold(?:er)? +(?!config)\w|backward|compatib|\bxp\b|\bie ?\d|java ?[5-8]|android ?\d"
    r"|windows ?(?:\d|xp|vista|phone|server)|(?:need|require)[sd]? (?:by|for)|\bterminal|\bscanner|\bprinter"
    r"|(?:needs?|requires?|wants?) (?:it|this)\b|\bfirmware|speaks? only|only (?:speaks?|knows?|supports?)\b"
    r"|still (?:use|need|require|speak)|\bkeep\b|(?:don't|do not) (?:change|remove|touch|disable|drop)",
    re.IGNORECASE,
)
_OLD = re.compile(
    r"(?<![a-z])(?:old|legacy|compat|weak|insecure|vulnerable|badssl|honeypot|testssl|sslyze)(?![a-z])"
    r"|(?:tls|ssl)[-_]?v?1[-_.]?[01](?!\d)|sslv[23]",
    re.IGNORECASE,
)
"""What is called so is for old clients, or for programs that look for old servers."""
_FOR_OLD = re.compile(
    rb"@SECLEVEL=[01]"
    rb"|^(?:\xef\xbb\xbf)?[ \t]*(?:server_name|ServerName|frontend|listen)[ \t]"
    rb"[^;\n]*?(?<![A-Za-z])(?:old|legacy|compat|badssl)(?![A-Za-z])",
    re.MULTILINE,
)
_NGINX = re.compile(
    rb"(?P<space>\s+)|(?P<comment>#[^\n]*)|(?P<end>[;{}])"
    rb"|(?P<word>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?:\$\{[^}\s]*\}|\\.|[^\s;{}\\])+)",
    re.DOTALL,
)
_WORD = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\S+")


_LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Word:
    """One word: bytes ``start`` to ``end``, quotes included; ``text`` is without them."""

    start: int
    end: int
    text: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Directive:
    """A name and its arguments; ``remarks`` are the comments behind it and right above it.

    ``sections`` are the names of the sections in which it stands, the outermost first.
    """

    name: Word
    arguments: tuple[Word, ...]
    remarks: str
    sections: tuple[str, ...] = ()

    @property
    def meant(self) -> bool:
        """Whether a comment says that somebody wants it just so."""
        return speaks_of_clients(self.remarks)

    @property
    def texts(self) -> tuple[str, ...]:
        """The arguments without their quotes."""
        return tuple(word.text for word in self.arguments)


def decided(data: bytes) -> bool:
    """Say whether a template decides which parts of a file there are: then nothing can be told of it.

    The same goes for a file that is larger than any that people write.
    """
    return len(data) > _LARGEST or _DECIDES.search(data) is not None


def for_old(path: str, data: bytes) -> bool:
    """Say whether a file as a whole is for clients that know nothing newer.

    Its name says so, or that of a server in it; or it lowers OpenSSL's level, without which no old version
    is spoken today. The lists of ciphers in it are for them as well.
    """
    return bool(_OLD.search(path) or _FOR_OLD.search(data))


def wanted(found: Iterable[Directive]) -> Sequence[Directive]:
    """Return the directives, or none of them where a comment says of one that somebody wants it just so.

    What the others say of versions and of ciphers would be wrong for whom that one is.
    """
    every = tuple(found)
    return () if any(one.meant for one in every) else every


def nginx(data: bytes) -> Iterator[Directive]:
    """Yield the directives of nginx that end with a semicolon, and have no comment among their words."""
    words: list[Word] = []
    remarked = False
    for found in _NGINX.finditer(data, _start(data)):
        if found["word"]:
            words.append(_word(found["word"], found.start()))
        elif found["end"] == b";" and words and not remarked:
            yield Directive(words[0], tuple(words[1:]), _around(data, words[0].start, found.end()))
        remarked = remarked or bool(found["comment"] and words)
        if found["end"]:
            words, remarked = [], False


def apache(data: bytes) -> Iterator[Directive]:
    """Yield Apache's directives that stand in one line, with the sections around them in small letters."""
    sections: list[str] = []
    goes_on = False
    for start, line in _lines(data):
        goes_on, was = line.rstrip().endswith(b"\\"), goes_on
        words = [_word(m[0], start + m.start()) for m in _WORD.finditer(line)]
        if not words or was or goes_on or words[0].text.startswith("#"):
            continue
        name = words[0].text.lower()
        if name.startswith("</"):
            del sections[-1:]
        elif name.startswith("<"):
            sections.append(name.strip("<>"))
        else:
            yield Directive(words[0], tuple(words[1:]), _around(data, start, words[-1].end), tuple(sections))


def haproxy(data: bytes) -> Iterator[Directive]:
    """Yield the lines of HAProxy's configuration, each with the keyword of the section in which it stands."""
    section = ""
    for start, line in _lines(data):
        found = [_word(m[0], start + m.start()) for m in _WORD.finditer(line)]
        count = next((n for n, word in enumerate(found) if word.text.startswith("#")), len(found))
        words = found[:count]
        if not words:
            continue
        if line[:1].strip():
            section = words[0].text
        remarks = _around(data, start, words[-1].end)
        yield Directive(words[0], tuple(words[1:]), remarks, (section,))


def _word(written: bytes, start: int) -> Word:
    text = written.decode("utf-8", "replace")
    quote = text[0] if text[0] in "\"'" and text[-1] == text[0] and len(text) > 1 else ""
    return Word(start, start + len(written), text[1:-1] if quote else text, quote)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its first byte, without its end and without a byte order mark."""
    start = _start(data)
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield start, data[start:end].rstrip(b"\r")
        start = end + 1


def _start(data: bytes) -> int:
    return 3 if data.startswith(b"\xef\xbb\xbf") else 0


def _around(data: bytes, start: int, end: int) -> str:
    """Return the rest of the line behind a directive, and the lines of comments right above it.

    Of a line that is long, and of many of them, only what is near.
    """
    stop = data.find(b"\n", end, end + _NEAR)
    said = [data[end : end + _NEAR if stop < 0 else stop]]
    above = data.rfind(b"\n", max(start - _NEAR, 0), start)
    while above > 0 and len(said) <= _LINES:
        begin = data.rfind(b"\n", 0, above) + 1
        line = data[begin:above].strip(b"\xef\xbb\xbf \t\r")
        if not line.startswith(b"#"):
            break
        said.append(line)
        above = begin - 1
    return b"\n".join(line for line in said if b"#" in line).decode("utf-8", "replace")


def stronger(word: Word, policy: Policy, said: str) -> Iterator[Splice]:
    """Yield the policy's ciphers in place of a list that lets in some that nobody should use.

    What is ``said`` stands before the names of these.
    """
    words = weak(word.text) if policy.ciphers else ()
    if words:
        new = f"{word.quote}{policy.ciphers}{word.quote}"
        yield Splice(word.start, word.end, new.encode(), f"{said} {', '.join(f'`{w}`' for w in words[:3])}")


_NEAR = 400
_LINES = 20


def meant(data: bytes, start: int, end: int) -> bool:
    """Say whether a comment behind these bytes, or right above them, says that somebody wants it just so."""
    return speaks_of_clients(_around(data, start, end))


def speaks_of_clients(remarks: str) -> bool:
    """Say whether a comment names who needs what is old, or asks to leave it."""
    return bool(_MEANT.search(remarks))
