"""Tells source that is nested or chained too deeply before a parser meets it.

The native parser of libcst recurses: a thousand nested brackets, or some thousand terms of one sum, overflow
its stack and end the whole process, and below that its time grows with the square. So this looks at the text
alone, once, and cheaply: at brackets, at separators, and at the strings that may hold either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

DEEPEST = 100
"""Nested brackets at most; what people write has fewer than twenty."""
LONGEST = 1000
"""Words and signs of one expression at most, without those between brackets of its own."""
_BRANCHES = 1500

_SIGN = re.compile(r"""#[^\r\n]*|\r\n?|[,;\n]|[(\[{]|[)\]}]|'''|\"""|'|\"""")
# Each part is unrolled, so that a string without an end costs no more than one with an end.
_END = {
    "'": re.compile(r"[^\\'\r\n]*(?:\\(?:\r\n|[\s\S])[^\\'\r\n]*)*'"),
    '"': re.compile(r'[^\\"\r\n]*(?:\\(?:\r\n|[\s\S])[^\\"\r\n]*)*"'),
    "'''": re.compile(r"[^\\']*(?:(?:\\[\s\S]|'(?!''))[^\\']*)*'''"),
    '"""': re.compile(r'[^\\"]*(?:(?:\\[\s\S]|"(?!""))[^\\"]*)*"""'),
}
_FORMATTED = re.compile(r"(?i:\b(?:[ft]|[ft]r|r[ft]))\Z")
_PIECE = re.compile(r"\w+|[^\w\s]")
_BRACKET = re.compile(r"[(\[{)\]}]")
_ESCAPED = re.compile(r"\{\{|\}\}")
_FIELD = re.compile(r"\{[^{}]*")

_Measure = Callable[[str], int]
_Sign = tuple[str, str, str]


@lru_cache(maxsize=4)
def too_deep(text: str) -> bool:
    """Say whether Python source is nested or chained so deeply that parsing it is not safe."""
    if text.count("elif") > _BRANCHES:
        return True
    # The number of characters is a bound of the number of words and signs, and costs nothing.
    return _beyond(text, len) and _beyond(text, lambda gap: len(_PIECE.findall(gap)))


def _beyond(text: str, measure: _Measure) -> bool:
    """Say whether brackets nest beyond `DEEPEST`, or an expression measures more than `LONGEST`."""
    chains = [0]
    for gap, sign, fields in _signs(text):
        chains[-1] += measure(gap)
        if chains[-1] > LONGEST:
            return True
        if sign in "([{":
            chains[-1] += 1
            chains.append(0)
        elif sign in ")]}":
            del chains[max(1, len(chains) - 1) :]
        elif sign in ",;" or (sign[0] in "\r\n" and len(chains) == 1 and not gap.endswith("\\")):
            chains[-1] = 0
        elif sign[0] in "'\"":
            chains[-1] += 1
            if fields and _within(fields, len(chains), measure):
                return True
        if len(chains) > DEEPEST:
            return True
    return False


def _within(fields: str, level: int, measure: _Measure) -> bool:
    """Say the same of what stands in a formatted string."""
    longest = max(map(measure, _FIELD.findall(fields)), default=0)
    return longest > LONGEST or level + _nested(fields) > DEEPEST


def _nested(fields: str) -> int:
    level = deepest = 0
    for sign in _BRACKET.findall(fields):
        level = level + 1 if sign in "([{" else max(0, level - 1)
        deepest = max(deepest, level)
    return deepest


def _signs(text: str) -> Iterator[_Sign]:
    """Yield (the text before it, sign, the content where it opens a formatted string) of each sign."""
    position = 0
    while found := _SIGN.search(text, position):
        gap, sign, fields = text[position : found.start()].strip(), found[0], ""
        position = found.end()
        if sign[0] in "'\"":
            end = _END[sign].match(text, position)
            position, first = end.end() if end else position, position
            if _FORMATTED.search(gap[-3:]):
                if not end or text.count("{", first, position) != text.count("}", first, position):
                    position = _field_end(text, first, sign)
                fields = _ESCAPED.sub("", text[first:position])
        yield gap, sign, fields


def _field_end(text: str, position: int, quote: str) -> int:
    """Return where a formatted string ends whose fields hold quotes themselves, as of Python 3.12."""
    level = 0
    while position < len(text):
        sign = text[position]
        if level == 0 and text.startswith(quote, position):
            return position + len(quote)
        if level == 0 and (sign == "\\" or text.startswith("{{", position)):
            position += 1
        elif sign in "{}":
            level = max(0, level + (1 if sign == "{" else -1))
        elif level and sign in "'\"" and (end := _END[sign].match(text, position + 1)):
            position = end.end() - 1
        position += 1
    return position
