"""Tells comments apart from strings and code, language by language, without judging the syntax.

Each function takes a file's text and returns the spans of its comments as (start, end) in characters, or
``None`` where strings and comments cannot be told apart with certainty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pygments.lexers
import yaml
from markdown_it import MarkdownIt
from pygments.token import Comment

Spans = list[tuple[int, int]]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CODE = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
      | (?P<prefix>(?<!\w)(?:[bu]|[ft]r?|r[bft]?|[bu]r))?(?P<quote>\"{3}|'{3}|["'])
      | (?P<bracket>[][(){}:])""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = ('"""', "'''", '"', "'")
_ESCAPE = r"\\(?:\r\n|.)"
_ESCAPE_IN_FORMATTED = r"\\(?:\r\n|[^{}]|(?=[{}]))"


def _text(quote: str, apart: str, *escapes: str) -> str:
    """Return a pattern of the text in such quotes: neither the quotes nor what stands ``apart``, but escapes.

    No two of its branches begin alike, so that a text without an end costs one pass.
    """
    lone = (f"{quote[0]}(?!{quote[1:]})",) if len(quote) > 1 else ()
    line_end = "" if lone else r"\r\n"
    plain = rf"[^\\{apart}{quote[0]}{line_end}]*"
    return f"{plain}(?:(?:{'|'.join((*escapes, *lone))}){plain})*"


_REST = {q: re.compile(_text(q, "", _ESCAPE) + q, re.DOTALL) for q in _QUOTES}
"""The rest of a string after its opening quotes."""

_LITERAL = {
    (q, raw): re.compile(_text(q, "{}", *named, _ESCAPE_IN_FORMATTED, r"\{\{", r"\}\}"), re.DOTALL)
    for q in _QUOTES
    for raw, named in ((False, (r"\\N\{[^{}]*\}",)), (True, ()))
}
"""What a formatted string says up to its next field or its end."""

_FORMAT = {q: re.compile(_text(q, "{}", _ESCAPE_IN_FORMATTED), re.DOTALL) for q in _QUOTES}
"""What stands after the colon of a field."""


@dataclass
class _Field:
    """A replacement field that is being read: that of which string, and whether in another field's format."""

    quote: str
    raw: bool
    nested: bool
    brackets: int = 0


class _UnclearError(Exception):
    """Strings and comments cannot be told apart."""


def python(text: str) -> Spans | None:
    """Find Python's comments, by the rules of 3.12 for formatted strings, which earlier ones obey too."""
    try:
        return list(_python(text))
    except _UnclearError:
        return None


def _python(text: str) -> Iterator[tuple[int, int]]:
    fields: list[_Field] = []
    position = 0
    while found := _CODE.search(text, position):
        position = found.end()
        if found["comment"]:
            yield found.span()
        elif quote := found["quote"]:
            prefix = (found["prefix"] or "").lower()
            if "f" in prefix or "t" in prefix:
                position = _literal(text, position, _Field(quote, "r" in prefix, nested=False), fields)
            else:
                position = _end(_REST[quote], text, position)
        elif fields:
            position = _bracket(found["bracket"], text, position, fields)
    if fields:
        raise _UnclearError


def _bracket(bracket: str, text: str, position: int, fields: list[_Field]) -> int:
    """Follow a bracket or a colon within a field; return where reading goes on."""
    field = fields[-1]
    if bracket in "([{":
        field.brackets += 1
    elif bracket == ":":
        return position if field.brackets else _format(text, position, fields)
    elif field.brackets:
        field.brackets -= 1
    elif bracket == "}":
        fields.pop()
        return _after_field(text, position, field, fields)
    else:
        raise _UnclearError
    return position


def _after_field(text: str, position: int, field: _Field, fields: list[_Field]) -> int:
    return _format(text, position, fields) if field.nested else _literal(text, position, field, fields)


def _literal(text: str, position: int, field: _Field, fields: list[_Field]) -> int:
    """Pass over a formatted string's text; return the place after its end, or within its next field."""
    position = _end(_LITERAL[field.quote, field.raw], text, position)
    if text.startswith(field.quote, position):
        return position + len(field.quote)
    if not text.startswith("{", position):
        raise _UnclearError
    fields.append(_Field(field.quote, field.raw, nested=False))
    return position + 1


def _format(text: str, position: int, fields: list[_Field]) -> int:
    """Pass over the format of the field that is open; return the place after it, or within a nested field."""
    field = fields[-1]
    position = _end(_FORMAT[field.quote], text, position)
    if text.startswith("{", position):
        fields.append(_Field(field.quote, field.raw, nested=True))
        return position + 1
    if not text.startswith("}", position):
        raise _UnclearError
    fields.pop()
    return _after_field(text, position + 1, field, fields)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    if found is None:
        raise _UnclearError
    return found.end()


_TOML = re.compile(
    r"""(?:\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
    r"""|(?P<comment>\#[^\r\n]*)|(?P<unclear>["'])""",
    re.DOTALL,
)
_QUOTED = r"""\\.|'[^']*'|"(?:\\.|[^"\\])*\""""
_COMMAND = rf"""\$\((?:{_QUOTED}|\((?:{_QUOTED}|[^()"'\\])*\)|[^()"'\\])*\)"""
_SHELL = re.compile(
    rf"""\\.|\$?'[^']*'|"(?:\\.|{_COMMAND}|\$(?!\()|[^"\\$])*"|(?<=[\s;&|(])(?P<comment>\#[^\r\n]*)"""
    r"""|(?<!<)<<-?[ \t]*(?P<q>["']?)(?P<word>\w+)(?P=q)[^\n]*\n(?s:.*?)^\t*(?P=word)\r?$"""
    r"""|(?P<unclear>["']|(?<!<)<<(?!<))""",
    re.DOTALL | re.MULTILINE,
)


_WORD = re.compile(r"(?<!\S)#[^\r\n]*")


def toml(text: str) -> Spans | None:
    """Find TOML's comments."""
    return _found(_TOML, text)


def shell(text: str) -> Spans | None:
    """Find a shell script's comments; what stands in here-documents is text."""
    # A leading newline lets a comment on the first line have white space before it, as all others have.
    spans = _found(_SHELL, "\n" + text)
    return None if spans is None else [(start - 1, end - 1) for start, end in spans]


def words(text: str) -> Spans:
    """Find the comments of formats where ``#`` opens one at the start of a line or after white space."""
    return [m.span() for m in _WORD.finditer(text)]


def lines(text: str) -> Spans:
    """Find the comments of formats where they have a line of their own."""
    return [m.span(1) for m in re.finditer(r"^[ \t]*([#;][^\r\n]*)", text, re.MULTILINE)]


def yaml_text(text: str) -> Spans | None:
    """Find YAML's comments; what stands in scalars, block scalars too, is text."""
    try:
        scalars = [
            (token.start_mark.index, token.end_mark.index)
            for token in yaml.scan(text, Loader=_LOADER)
            if isinstance(token, yaml.ScalarToken)
        ]
    except yaml.YAMLError:
        return None
    spans: Spans = []
    position = 0
    for start, end in [*scalars, (len(text), len(text))]:
        while found := _WORD.search(text, position, start):
            spans.append(found.span())
            position = found.end()
        position = max(position, end)
    return spans


def markdown(text: str) -> Spans:
    """Find the comments of HTML that stand in Markdown as blocks of their own, line by line."""
    starts = [0, *(m.end() for m in re.finditer(r"\r\n?|\n", text)), len(text)]
    blocks = [t.map for t in MarkdownIt("commonmark").parse(text) if t.type == "html_block" and t.map]
    inside = [(starts[first], starts[min(last, len(starts) - 1)]) for first, last in blocks]
    found = [m.span() for start, end in inside for m in _HTML.finditer(text[:end], start)]
    return _by_line(text, found)


def told_by(name: str) -> Callable[[str], Spans | None]:
    """Return who finds the comments of a language that Pygments calls so, line by line."""
    return partial(_highlighted, name)


_HTML = re.compile(r"<!--.*?-->", re.DOTALL)
_LINE = re.compile(r"\S[^\r\n]*")
_CLOSING = re.compile(r"[ \t]*(?:\*+/|--+>|-?#\})?[ \t]*$")
_NO_COMMENTS = frozenset((Comment.Hashbang, Comment.Preproc, Comment.PreprocFile))
_PAIRS = (("/*", "*/"), ("<!--", "-->"), ("{#", "#}"))
_LARGEST, _LONGEST = 512 * 1024, 5_000
"""Characters of a text, and of a line in it: what is longer was made by a tool, and would take too long."""


def _highlighted(name: str, text: str) -> Spans | None:
    if len(text) > _LARGEST or max(map(len, text.split("\n"))) > _LONGEST or _is_endless(text):
        return None
    lexer = pygments.lexers.get_lexer_by_name(name)
    spans: Spans = []
    for start, kind, said in lexer.get_tokens_unprocessed(text):
        if Comment not in kind.split() or _NO_COMMENTS.intersection(kind.split()):
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], start + len(said))
        else:
            spans.append((start, start + len(said)))
    return _by_line(text, spans)


def _is_endless(text: str) -> bool:
    """Say whether the last comment may have no end: each of those before it would be read up to the end."""
    last = ((text.rfind(start), text.rfind(end)) for start, end in _PAIRS)
    return any(start > end for start, end in last)


def _by_line(text: str, spans: Spans) -> Spans:
    """Return each comment as its lines, without what closes it."""
    lines: Spans = []
    for start, end in spans:
        for found in _LINE.finditer(text, start, end):
            said = _CLOSING.sub("", found[0])
            lines += [(found.start(), found.start() + len(said))] if said else []
    return lines


def _found(pattern: re.Pattern[str], text: str) -> Spans | None:
    spans = []
    for found in pattern.finditer(text):
        if found["unclear"]:
            return None
        if found["comment"]:
            spans.append(found.span("comment"))
    return spans
