"""A source file with its comments and the promises in them, each with its place in the bytes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from codemods import lexing
from codemods.debts import TAGS

_PYTHON = (".py", ".pyi")
_BY_END: tuple[tuple[tuple[str, ...], Callable[[str], lexing.Spans | None]], ...] = (
    (_PYTHON, lexing.python),
    ((".yml", ".yaml"), lexing.yaml_text),
    ((".toml",), lexing.toml),
    ((".cfg", ".ini"), lexing.lines),
    ((".sh", ".bash"), lexing.shell),
    ((".js", ".mjs", ".cjs"), lexing.told_by("javascript")),
    ((".jsx",), lexing.told_by("jsx")),
    ((".ts", ".mts", ".cts", ".tsx"), lexing.told_by("typescript")),
    ((".css",), lexing.told_by("css")),
    ((".sql",), lexing.told_by("sql")),
    ((".html", ".htm", ".j2", ".jinja"), lexing.told_by("html+jinja")),
    ((".md",), lexing.markdown),
)
_REQUIREMENTS = re.compile(
    r"(?:^|/)(?:[\w.-]*(?:requirements|constraints)[\w.-]*|requirements/[\w.-]+)\.(?:txt|in)$"
)
_CONTAINER = re.compile(r"(?:^|/)(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$|\.dockerfile$")

_WORDS = frozenset(("BUG", "OPTIMIZE"))
"""Tags that are words too: alone they open a sentence like any other."""
_OPEN = r"(?:[#;!:]+|/{2,}!?|/\*+!?|\*+|-{2,}|<!-{2,}|\{\#-?)"
_OPENING = re.compile(_OPEN)
_UNFINISHED = re.compile(r"[^.!?:;)\]]\s*$")


@cache
def _tag(tags: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(tag) + (r"(?=\s?[(\[:])" if tag in _WORDS else "") for tag in tags)
    return re.compile(
        rf"""(?:^{_OPEN}?\s*(?:[-*@]\s?)?|\#\s*|(?<=[.;!?)\]]\s)(?=\w+\s?[(\[:]))
        (?P<tag>{words})(?![\w/\\]|[.-]\w)
        (?:\s?\((?P<owner>[^()\n]{{1,80}})\)|(?P<bracket>\[[^][\n]{{1,80}}\]))?
        \s*(?:[:;,\uff1a]|\.+|[-\u2013\u2014](?=\s))?\s*""",
        re.VERBOSE,
    )


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: bytes ``start`` to ``end`` without the line's end.

    ``text`` starts with the sign that opens it; ``line`` counts from 1, ``column`` (in characters) from 0;
    ``alone`` says that nothing but white space stands before it, ``indentation`` is that white space.
    """

    start: int
    end: int
    text: str
    line: int
    column: int
    alone: bool
    indentation: str


@dataclass(frozen=True, slots=True)
class Todo:
    """A promise in a comment: its tag, who owes it (in parentheses), its ``[condition]``, and its text.

    Bytes ``start`` to ``end`` are its first comment and those that go on with it, ``comments``; ``text`` is
    all of them in one line. ``whole`` is false where its comments may say more than it: something stands
    before it, which is left out, or a comment follows that may still be part of it.
    """

    start: int
    end: int
    line: int
    tag: str
    owner: str
    condition: str
    text: str
    comments: tuple[Comment, ...]
    whole: bool

    @property
    def alone(self) -> bool:
        """Whether it stands on lines of its own."""
        return self.comments[0].alone

    @property
    def indentation(self) -> str:
        """The white space before it, where it stands alone."""
        return self.comments[0].indentation


@dataclass(frozen=True)
class Source:
    """A text file and its comments; ``text`` is ``data`` decoded, without a byte order mark."""

    path: str
    data: bytes
    text: str

    @property
    def is_python(self) -> bool:
        """Whether it is a Python file."""
        return is_python(self.path)

    @cached_property
    def widths(self) -> str | None:
        """``"utf-8"``, or ``"one byte"`` for each character; None where bytes cannot be counted."""
        body = len(self.data) - self.offset
        if len(self.text.encode("utf-8", "replace")) == body and self.data.endswith(self.text.encode()):
            return "utf-8"
        return "one byte" if len(self.text) == body else None

    @property
    def offset(self) -> int:
        """The bytes before the text: a byte order mark or none."""
        return _offset(self.data)

    def width(self, text: str) -> int:
        """Return how many bytes a part of the text takes."""
        return len(text.encode()) if self.widths == "utf-8" else len(text)

    @cached_property
    def _spans(self) -> lexing.Spans | None:
        return _lexer(self.path)(self.text) if self.widths else None

    @property
    def is_told_apart(self) -> bool:
        """Whether comments can be told apart from text."""
        return self._spans is not None

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """All comments in their order; none where they cannot be told apart from text."""
        return tuple(_comments(self, self._spans)) if self._spans else ()

    @cached_property
    def todos(self) -> tuple[Todo, ...]:
        """All TODOs in their order, each with the comments that go on with it."""
        return self.tagged(TAGS)

    def tagged(self, tags: tuple[str, ...]) -> tuple[Todo, ...]:
        """Return the comments that begin with one of these tags, each with those that go on with it."""
        return tuple(_todos(self.comments, _tag(tags)))


def is_python(path: str) -> bool:
    """Say whether a file of such a path is one of Python."""
    return path.endswith(_PYTHON)


def examples() -> Iterator[str]:
    """Yield a path of each kind of file that is read in a way of its own."""
    yield from (f"x{ends[0]}" for ends, _ in _BY_END)


def readable(path: str) -> bool:
    """Say whether comments of such a file can be told apart from its text."""
    return _lexer(path) is not _nothing


def read(path: str, data: bytes, text: str) -> Source:
    """Return a file whose comments are read when somebody asks for them."""
    return Source(path, data, text)


def span(data: bytes, comments: Sequence[Comment]) -> tuple[int, int]:
    """Return the bytes that go with comments: whole lines where the first has its line to itself.

    Else they begin with the white space before the first and end with the last.
    """
    first, last = comments[0], comments[-1]
    if not first.alone:
        return len(data[: first.start].rstrip(b" \t")), last.end
    start = max(data.rfind(b"\n", 0, first.start) + 1, _offset(data))
    return start, data.find(b"\n", last.end) + 1 or len(data)


def _offset(data: bytes) -> int:
    return 3 if data.startswith(b"\xef\xbb\xbf") else 0


def _nothing(_text: str) -> lexing.Spans | None:
    return None


def _lexer(path: str) -> Callable[[str], lexing.Spans | None]:
    name = posixpath.basename(path)
    for ends, lexer in _BY_END:
        if name.endswith(ends):
            return lexer
    if _REQUIREMENTS.search(path):
        return lexing.words
    return lexing.lines if _CONTAINER.search(path) else _nothing


def _comments(source: Source, spans: Sequence[tuple[int, int]]) -> Iterator[Comment]:
    text = source.text
    byte, line, position = source.offset, 1, 0
    for start, end in spans:
        byte += source.width(text[position:start])
        line += text.count("\n", position, start)
        size = source.width(text[start:end])
        before = text[max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1 : start]
        alone = not before.strip()
        indentation = before if alone else ""
        yield Comment(byte, byte + size, text[start:end], line, len(before), alone, indentation)
        byte, position = byte + size, end


def _todos(comments: Sequence[Comment], tag: re.Pattern[str]) -> Iterator[Todo]:
    for position, comment in enumerate(comments):
        if found := tag.search(comment.text):
            following = _following(comments, position, tag)
            last = position + len(following) - 1
            more = _goes_on(comments[last : last + 2], tag)
            yield _todo(found, following, whole=not more and found.start() == 0)


def _todo(found: re.Match[str], comments: Sequence[Comment], *, whole: bool) -> Todo:
    first, *more = comments
    said = [first.text[found.end() :], *(_said(c) for c in more)]
    first = _from(first, found.start())
    return Todo(
        first.start,
        comments[-1].end,
        first.line,
        found["tag"],
        (found["owner"] or "").strip(),
        (found["bracket"] or "")[1:-1].strip(),
        " ".join(" ".join(said).split()),
        (first, *more),
        whole,
    )


def _from(comment: Comment, place: int) -> Comment:
    """Return the part of a comment from one of its characters on, which something stands before."""
    if not place:
        return comment
    text, before = comment.text[place:], comment.text[:place]
    of_utf_8 = len(comment.text.encode()) == comment.end - comment.start
    start = comment.start + len(before.encode() if of_utf_8 else before)
    return Comment(
        start, comment.end, text, comment.line, comment.column + place, alone=False, indentation=""
    )


def _following(comments: Sequence[Comment], position: int, tag: re.Pattern[str]) -> Sequence[Comment]:
    """Return a TODO's first comment, and those right below that are deeper or finish its sentence."""
    first = comments[position]
    margin = _margin(first)
    end = position + 1
    while end < len(comments):
        above, below = comments[end - 1 : end + 1]
        if not _below(above, below) or below.column != first.column or tag.search(below.text):
            break
        deeper = _margin(below) > margin
        finishes = bool(_UNFINISHED.search(above.text)) and _said(below)[:1].islower()
        if not _said(below) or not (deeper or finishes):
            break
        end += 1
    return comments[position:end]


def _goes_on(comments: Sequence[Comment], tag: re.Pattern[str]) -> bool:
    """Say whether right below the first of these comments stands one with words that are no TODO's."""
    if len(comments) == 1:
        return False
    last, after, *_ = comments
    near = _below(last, after) and after.column == last.column
    return near and bool(_said(after)) and not tag.search(after.text)


def _below(above: Comment, below: Comment) -> bool:
    return below.alone and below.line == above.line + 1


def _margin(comment: Comment) -> int:
    body = _body(comment)
    return len(body) - len(body.lstrip())


def _said(comment: Comment) -> str:
    return _body(comment).strip()


def _body(comment: Comment) -> str:
    opening = _OPENING.match(comment.text)
    return comment.text[opening.end() if opening else 0 :]
