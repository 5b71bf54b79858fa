"""Compose has not looked at `version` since 2020, and warns of it at each command.

The number once chose among formats; there is one since, and what the file may say depends on the Compose
that reads it. Newcomers take the number for something that has to be right.

Left alone are a key that a comment explains, files that only Docker Swarm would read as they are (it
knows the key, and needs none since Docker 23), and those without services: the oldest format had no other
keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import composed, document
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Remove the obsolete version of Compose files",
    category=Category.HYGIENE,
    applicability=Applicability.UNSAFE,
    risk="Compose before 1.27 of 2020 takes a file without it for one of its oldest format.",
    references=("https://docs.docker.com/reference/compose-file/version-and-name/",),
    needles=(b"version",),
    minutes=1,
    pattern=rb"(?m)^(?:\xef\xbb\xbf)?[\"']?version[\"']?[ \t]*:",
)

_NUMBER = re.compile(r"[23](?:\.\d+)?")
_ABOUT_IT = re.compile(rb"version|compose|format|schema", re.IGNORECASE)
_COMMENTS = re.compile(rb"(?:#[^\n]*(?:\n|\Z))*")
_BLANK = re.compile(rb"(?:[ \t]*\r?\n)+")


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the removal of the key, and of what belongs to it."""
    pair, services = file.root.pair("version"), file.root.get("services")
    if pair is None or services is None or not services.pairs or file.root.flow or composed.for_swarm(file):
        return
    span = _lines(file.data, pair) if _NUMBER.fullmatch(pair.value.text) else None
    if span:
        yield Splice(*span, b"", "Compose does not read it")


def _lines(data: bytes, pair: document.Pair) -> tuple[int, int] | None:
    """Return the bytes of the key's line, with blank lines that part it; None where more stands on it."""
    start, stop = document.line_start(data, pair.key.start), data.find(b"\n", pair.value.end)
    end = len(data) if stop < 0 else stop + 1
    if data[start : pair.key.start].strip() or data[pair.value.end : end].strip():
        return None
    behind = _COMMENTS.match(data, end)
    if _ABOUT_IT.search(_above(data, start)) or (behind and _ABOUT_IT.search(behind[0])):
        return None
    if not data[end:].strip():
        return len(data[:start].rstrip()), pair.value.end
    before = data[:start].removeprefix(b"\xef\xbb\xbf")
    blank = _BLANK.match(data, end)
    parted = not before.strip() or before.endswith((b"\n\n", b"\n\r\n"))
    return start, blank.end() if blank and parted else end


def _above(data: bytes, start: int) -> bytes:
    """Return the comment in the line above, or nothing."""
    line = data[document.line_start(data, max(start - 1, 0)) : start]
    return line if line.startswith(b"#") else b""
