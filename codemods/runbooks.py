"""Finds what a repository writes down for those who run it: sections, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from codemods import places, project
from codemods.model import Tree

_FILE = re.compile(
    r"(?:(?:docs?|\.github)/)?releas(?:e|ing)\.md"
    r"|(?:operations|operating|deploy(?:ment|ing)?)\.md"
    r"|(?:[^/]+/)*(?:runbook[^/]*\.md|runbooks/[^/]+\.md)|(?:docs?/)?(?:operations|ops)/[^/]+\.md",
    re.IGNORECASE,
)
"""What is written for those who run a thing; pages about deployment in a documentation are for its users."""
_WITH_SECTIONS = re.compile(r"(?:README|CONTRIBUTING)\.md")
_OPERATIONS = re.compile(
    r"(?:how to )?(?:run ?book|on[- ]call|operat(?:ions?|ing)|maintenance|deploy(?:ments?|ing)?"
    r"|releas(?:e|ing))(?: (?:process|procedures?|tasks|guide|steps|runbook))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:step )?\d+(?:\.\d+)*[.):]?\s+", re.IGNORECASE)
_LARGEST = 256 * 1024
_PROMPTED = frozenset(("console", "shell-session", "shellsession", "terminal", ""))
_SCRIPTS = frozenset(("sh", "bash", "shell", "zsh"))
_MARKS = str.maketrans("", "", "`*_")
_COMMENT = re.compile(r"#+\s*(\S.*?)[\s.:]*")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a block, on one line; ``said`` is the comment above it, ``line`` counts from 1."""

    text: str
    said: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading and above the next one, at lines ``start`` to ``end`` (from 0).

    ``title`` has no number before it; ``prose`` is all that is no code, ``blocks`` are the commands.
    """

    path: str
    title: str
    level: int
    start: int
    end: int
    prose: str
    blocks: tuple[tuple[Command, ...], ...]


def is_runbook(path: str) -> bool:
    """Say whether a whole file is written for those who run what is in the repository."""
    return bool(_FILE.fullmatch(path)) and project.is_own(path)


def is_about_operations(title: str) -> bool:
    """Say whether a heading, without its number, is one above what is done to run something."""
    return bool(_OPERATIONS.fullmatch(title))


def all_of(tree: Tree) -> Iterator[Section]:
    """Yield every section that is about operations, in the order of paths and lines."""
    for path in tree.paths():
        if is_runbook(path) or _WITH_SECTIONS.fullmatch(path):
            yield from of(path, tree.read(path))


def of(path: str, data: bytes) -> Sequence[Section]:
    """Return the sections of a Markdown file that are about operations: of a runbook all of them.

    With such a section come those below it. There are none in what is no UTF-8, or very large.
    """
    said = text(data)
    if said is None or places.is_generated(path, data):
        return ()
    lines = said.split("\n")
    tokens = MarkdownIt("commonmark").parse(said)
    heads = [n for n, t in enumerate(tokens) if t.type == "heading_open" and not t.level and t.map]
    found, within = [], 0 if is_runbook(path) else 7
    for place, head in enumerate(heads):
        last = place + 1 == len(heads)
        inside = tokens[head + 3 :] if last else tokens[head + 3 : heads[place + 1]]
        end = len(lines) if last else (tokens[heads[place + 1]].map or [0])[0]
        section = _section(path, tokens[head], tokens[head + 1].content, inside, end)
        if section.level <= within and not is_runbook(path):
            within = 7
        if within == 7 and section.level > 1 and is_about_operations(section.title):  # noqa: PLR2004 -- no heading is that deep
            within = section.level
        if within < 7:  # noqa: PLR2004 -- as above
            found.append(section)
    return found


def text(data: bytes) -> str | None:
    """Return a text as Markdown numbers its lines, None where that is not certain."""
    try:
        said = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    return None if len(said) > _LARGEST or "\r" in said or "\0" in said else said


def _section(path: str, head: Token, title: str, inside: Sequence[Token], end: int) -> Section:
    start = (head.map or [0])[0]
    blocks = [
        tuple(commands(t.info.strip().lower(), t.content, t.map[0] + 2))
        for t in inside
        if t.type == "fence" and t.map
    ]
    prose = "\n".join(t.content for t in inside if t.type in {"inline", "html_block"})
    plain = "".join(c for c in title if c.isascii() or c.isalnum()).translate(_MARKS).strip()
    level = int(head.tag[1:])
    return Section(
        path, _NUMBERED.sub("", plain).strip(" :"), level, start, end, prose, tuple(filter(None, blocks))
    )


def commands(language: str, code: str, line: int) -> Iterator[Command]:
    """Yield the commands of a block that begins at a line; those that go on below come as one line."""
    lines = code.split("\n")
    prompted = any(text.startswith("$ ") for text in lines)
    if language not in (_PROMPTED if prompted else _SCRIPTS) and not (prompted and language in _SCRIPTS):
        return
    said, at = "", 0
    while at < len(lines):
        first, text = at, lines[at].strip()
        while text.endswith("\\") and at + 1 < len(lines):
            at += 1
            text = f"{text[:-1].rstrip()} {lines[at].strip()}"
        at += 1
        comment = _COMMENT.fullmatch(text)
        if comment or not text:
            said = comment[1] if comment else ""
        elif not prompted or text.startswith("$ "):
            yield Command(text.removeprefix("$ ").strip(), said, line + first)
            said = ""
