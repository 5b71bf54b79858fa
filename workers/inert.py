"""Makes Markdown of others safe to quote: it pings, closes, links back, embeds and breaks out of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain

_RAW = 4
"""How many characters of the original are read for each one that may be shown."""
_CUT = "\n\n…"
_FENCE = re.compile(r"(?P<indent>\s*)(?:(?P<ticks>`{3,})(?P<language>[^`]*)|(?P<waves>~{3,})(?P<other>.*))")
_LANGUAGES = frozenset(
    {
        *("bash", "cfg", "console", "diff", "html", "ini", "javascript", "json", "pycon", "python", "py"),
        *("rst", "rust", "sh", "shell", "sql", "text", "toml", "typescript", "xml", "yaml", "yml"),
    }
)
_SPAN = re.compile(r"(?<!`)(`{1,9})(?!`)((?:(?!(?<!`)\1(?!`)).){1,300})(?<!`)\1(?!`)")
_COMMENT = re.compile(r"<!--[^<>]{0,400}-->")
_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|figure|font|h[1-6]|hr|i|img|ins|kbd|"
    r"li|ol|p|picture|pre|s|samp|small|source|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul|"
    r"video)(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,500})>", re.IGNORECASE)
_ESCAPE = re.compile(r"(?<!\\)\\++(?=[!-/:-@\[-`{-~]|$)")
_IMAGE = re.compile(r"(?<!!)!++(?=\[)")
_BOX = re.compile(r"\[[ xX]\](?=\s|$)")
_LINK = re.compile(r"\](?=\((?![^\s()\"'`]*\)))")
_OPEN_ADDRESS = re.compile(r"(?:://|www\.)\S*\Z", re.IGNORECASE)
_GITHUB = re.compile(
    r"(?:[a-z]{1,20}:)?//(?:[^\s/]{0,99}@)?(?:www\.)?github\.com(?![\w-]|\.\w)|\bwww\.github\.com",
    re.IGNORECASE,
)
_LINKING = re.compile(
    r"[@\uff20](?=\w)|[#\uff03](?=\d)|(?<![^\W_])GH(?=-\d)|(?<![^\W_])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=[:\s])",
    re.IGNORECASE,
)
_HEADING = re.compile(r" {0,3}#{1,6}(?=\s|$)")
_RULE = re.compile(r"[\s>|:=-]*")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", "`": "&#96;"})


def markdown(text: str, home: str, longest: int) -> str:
    """Return at most so many characters of a text; ``home`` is the host of the GitHub that will show it.

    Links to github.com go by the host that causes no mention there, those to another ``home`` are text.
    """
    taken = text[: longest * _RAW]
    lines = taken.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    plain = _COMMENT.sub("", "".join(c for c in lines if c == "\n" or c.isprintable()))
    shown, is_all = _fitted(_pieces(plain, home), longest - len(_CUT))
    written = re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip("\n")
    return written if not written or (is_all and taken == text) else written + _CUT


def address(url: str) -> str:
    """Return an address by which what it leads to on github.com is not told that it was mentioned."""
    return _GITHUB.sub("https://redirect.github.com", url)


@dataclass(slots=True)
class _Code:
    """A block of code: how it was opened, and its lines."""

    mark: str
    indent: int
    language: str
    lines: list[str] = field(default_factory=list)

    def is_closed_by(self, line: str) -> bool:
        """Say whether a line ends the block."""
        bare = line.strip()
        return bare.startswith(self.mark) and not bare.strip(self.mark[0])

    def add(self, line: str) -> None:
        """Add a line as it would stand at the margin."""
        self.lines.append(line[min(self.indent, len(line) - len(line.lstrip())) :])

    def written(self, lines: int) -> str:
        """Return so many of the lines, within a fence that none of them closes."""
        return "\n".join([f"{self._fence}{self.language}", *self.lines[:lines], self._fence])

    def fitting(self, room: int) -> int:
        """Return how many of the lines can be written in less than so many characters."""
        sizes = accumulate((len(line) + 1 for line in self.lines), initial=len(self.written(0)))
        return sum(size < room for size in sizes) - 1

    @property
    def _fence(self) -> str:
        runs = (len(run) for line in self.lines for run in re.findall("`+", line))
        return "`" * max(3, max(runs, default=0) + 1)


def _pieces(text: str, home: str) -> Iterator[str | _Code]:
    """Yield lines that are safe, and blocks of code as they are."""
    code: _Code | None = None
    for line in text.split("\n"):
        if code is None and (found := _FENCE.fullmatch(line)):
            said = (found["language"] or found["other"] or "").strip().lower()
            mark = found["ticks"] or found["waves"]
            code = _Code(mark, len(found["indent"]), said if said in _LANGUAGES else "")
        elif code is None:
            yield _line(line, home)
        elif code.is_closed_by(line):
            yield code
            code = None
        else:
            code.add(line)
    if code:
        yield code


def _fitted(pieces: Iterable[str | _Code], longest: int) -> tuple[list[str], bool]:
    """Return the pieces that there is room for, of code its first lines, and whether that is all."""
    shown: list[str] = []
    room = longest
    for piece in pieces:
        written = piece if isinstance(piece, str) else piece.written(len(piece.lines))
        if len(written) >= room:
            some = piece.fitting(room) if isinstance(piece, _Code) else 0
            return [*shown, piece.written(some)] if isinstance(piece, _Code) and some > 0 else shown, False
        shown.append(written)
        room -= len(written) + 1
    return shown, True


def _line(line: str, home: str) -> str:
    """Return one line outside of blocks of code; its own spans of code stay as they are."""
    parts = _SPAN.split(line)
    texts = [_text(part, home) for part in parts[::3]]
    spans = [f"{mark}{inner}{mark}" for mark, inner in zip(parts[1::3], parts[2::3], strict=True)]
    # An address goes on up to a blank, and would take the beginning of the code with it.
    apart = [f"{text} " if _OPEN_ADDRESS.search(text) else text for text in texts[:-1]]
    written = "".join(chain.from_iterable(zip([*apart, texts[-1]], [*spans, ""], strict=True)))
    if _RULE.fullmatch(written):
        # What underlines a heading or makes a table of the lines around it: in a table, `|` ends code.
        return ""
    found = _HEADING.match(written)
    return f"####{written[found.end() :]}" if found else written


def _text(text: str, home: str) -> str:
    """Return words without a span of code."""
    text = _TAG.sub("", _AUTOLINK.sub(r"\1 ", _ESCAPE.sub("", text)))
    text = re.sub(r"\[\^+", "[", _IMAGE.sub("", text))
    text = _LINK.sub("]\u200b", _BOX.sub("\u2610", text)).replace("$$", "$\u200b$")
    text = address(text)
    if home.lower() != "github.com":
        text = re.sub(rf"(?:[a-z]{{1,20}}:)?/{{2,}}{re.escape(home)}", home, text, flags=re.IGNORECASE)
    # The entities come last: they hold what is looked for before.
    return _LINKING.sub("\\g<0>\u200b", text).translate(_ENTITIES).replace("~~~", "&#126;&#126;&#126;")
