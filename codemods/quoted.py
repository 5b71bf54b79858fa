"""Quotes what a comment says: short, and neither mentions nor secrets survive."""

from __future__ import annotations

import re

_LONGEST = 100
_SECRET = re.compile(
    r"(?i:\b(?:password|passwd|secret|token|api[_-]?key)\b\s*[=:]\s*)\S+|(?<=://)[^\s/@]+(?=@)"
    r"|\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|sk-|pypi-|AKIA)[\w-]{8,}"
    r"|(?<![\w/-])(?=[\w+-]*\d)(?=[\w+-]*[A-Za-z])[\w+-]{32,}"
)


def without_secrets(text: str) -> str:
    """Return foreign text with an ellipsis where a password or a token may stand."""
    return _SECRET.sub("…", text)


def span(text: str) -> str:
    """Return foreign text as one short span of code of Markdown."""
    plain = "".join(c if c.isprintable() else " " for c in without_secrets(text)).replace("`", "'")
    short = " ".join(plain.split()) or " "
    return f"`{short if len(short) <= _LONGEST else short[: _LONGEST - 1] + '…'}`"
