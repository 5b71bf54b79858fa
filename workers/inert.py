"""Makes Markdown of others safe to quote: it pings, closes, links back, embeds and breaks out of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

_RAW = 4
"""How many characters of the original are read for each one that may be shown."""
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
    taken = text[: longest * _RAW].replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    plain = _COMMENT.sub("", "".join(c for c in taken if c == "\n" or c.isprintable()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_fitting(_pieces(plain, home), longest))).strip("\n")


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

    def written(self, longest: int) -> str:
        """Return the first lines, within a fence that none of them closes."""
        runs = (len(run) for line in self.lines for run in re.findall("`+", line))
        fence = "`" * max(3, max(runs, default=0) + 1)
        head, shown = f"{fence}{self.language}", [""]
        room = longest - len(head) - len(fence) - 2
        for line in self.lines:
            room -= len(line) + 1
            if room < 0:
                break
            shown.append(line)
        return "\n".join([head, *shown[1:], fence]) if len(shown) > 1 else ""


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


def _fitting(pieces: Iterator[str | _Code], longest: int) -> Iterator[str]:
    """Yield pieces while there is room; of a block of code as many lines as there is room for."""
    room = longest
    for piece in pieces:
        written = piece if isinstance(piece, str) else piece.written(room - 1)
        if len(written) >= room:
            return
        yield written
        room -= len(written) + 1


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
    text = _GITHUB.sub("https://redirect.github.com", text)
    if home.lower() != "github.com":
        text = re.sub(rf"(?:[a-z]{{1,20}}:)?/{{2,}}{re.escape(home)}", home, text, flags=re.IGNORECASE)
    # The entities come last: they hold what is looked for before.
    return _LINKING.sub("\\g<0>\u200b", text).translate(_ENTITIES).replace("~~~", "&#126;&#126;&#126;")
