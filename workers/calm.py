"""Makes a line that others wrote safe beside our own words: it pings, closes, embeds and breaks nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

_SPANS = re.compile(r"((?<![\\`])(?:`[^`]+`|``[^`](?:[^`]|(?<!`)`(?!`))*``)(?!`))")
_LINKING = re.compile(
    r"[@#\uff20\uff03](?=\w)|\](?=\((?!https://))|(?<![^\W_])GH(?=-\d)"
    r"|(?<![^\W_])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=:?\s+https?:)",
    re.IGNORECASE,
)


def code(text: str) -> str:
    """Return a path or a name as a span of code, in a table's cell too, whatever characters it has."""
    plain = _printable(text).replace("|", "\\|") or " "
    fence = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def line(text: str) -> str:
    """Keep a line of Markdown inside of its table cell, and from pinging, closing or embedding anything."""
    plain = _printable(" ".join(text.replace("\\|", "|").replace("|", "\\|").split()))
    # GitHub leaves alone what is in a span of code.
    return "".join(part if number % 2 else _inert(part) for number, part in enumerate(spans(plain)))


def spans(text: str) -> Sequence[str]:
    """Return a line in parts, of which every second is a span of code with its backticks."""
    return _SPANS.split(text)


def title(text: str) -> str:
    """Return the words of a title, which is a commit's subject too: nobody is called, nothing is closed."""
    return _LINKING.sub("\\g<0>\u200b", _printable(" ".join(text.split())))


def data(said: Mapping[str, object]) -> str:
    """Return JSON that can stand in a comment of HTML, which ends where a text in it says so."""
    return json.dumps(said).replace(">", "\\u003e")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _inert(text: str) -> str:
    # A lone backtick must not begin or end another span than those that were seen here.
    text = text.replace("<", "&lt;").replace("![", "!\u200b[").replace("`", "&#96;")
    text = text.replace("~~~", "&#126;&#126;&#126;")
    return _LINKING.sub("\\g<0>\u200b", text)
