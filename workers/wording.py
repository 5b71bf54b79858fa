"""What the texts of kotsu.yml may hold, and the sentence that a wrong value gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import ErrorDetails

from codemods.model import STEPS, Applicability, Category
from workers.located import Node, shown
from workers.weekdays import minutes

_TRICKS = frozenset("$`<>\"'\\{}|;&")
"""What shells, workflows and Markdown give a meaning to: no path, label or login needs it."""
_LONGEST_GLOB, _LONGEST_LABEL, _LONGEST_NAME = 200, 50, 200
_SPAN = re.compile(r"([0-2][0-9]:[0-5][0-9])-([0-2][0-9]:[0-5][0-9])")
_TAG = re.compile(r"[A-Z][A-Z0-9_-]{1,29}")
_DAY = 24 * 60  # minutes
_FEW = 12
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?")
"""A login, or a team as `organisation/team`."""
_PLAIN = r"[^\u0000-\u001f\u007f$`<>\u0022'\\{}|;&"  # _TRICKS again, for editors that read the schema


def _glob(text: str) -> str:
    if not text or len(text) > _LONGEST_GLOB:
        raise ValueError(f"a glob has 1 to {_LONGEST_GLOB} characters")
    if "\\" in text:
        raise ValueError(f"`{shown(text)}` has a backslash: write / between folders")
    if text.startswith(("/", "~")) or re.match(r"[A-Za-z]:", text):
        raise ValueError(f"`{shown(text)}` must start at the root of the repository: write it without / or ~")
    if not {".", ".."}.isdisjoint(text.split("/")):
        raise ValueError(f"`{shown(text)}` must stay in the repository: write it without . and .. as folders")
    if text.startswith("!"):
        raise ValueError(f"`{shown(text)}` takes back another glob, which is not supported")
    if set("{}") & set(text) and "$" not in text:
        raise ValueError(f"`{shown(text)}` has braces, which are not supported: write one line for each")
    return _harmless(text)


def _label(text: str) -> str:
    if not text.strip() or text != text.strip() or len(text) > _LONGEST_LABEL:
        raise ValueError(f"a label has 1 to {_LONGEST_LABEL} characters, and no space around them")
    if "," in text:
        raise ValueError(f"`{shown(text)}` has a comma: write one line for each label")
    return _harmless(text)


def _reviewer(text: str) -> str:
    if text.startswith("@"):
        raise ValueError(f"`{shown(text)}` starts with @: write the name without it")
    if not LOGIN.fullmatch(text):
        raise ValueError(
            f"`{shown(text)}` is neither a login nor a team: write `login` or `organisation/team`"
        )
    return text


def _name(text: str) -> str:
    if not text.strip() or text != text.strip() or len(text) > _LONGEST_NAME:
        raise ValueError(f"a name has 1 to {_LONGEST_NAME} characters, and no space around them")
    return _harmless(text)


def tag(text: str) -> str:
    """Return a tag; ValueError where it is none."""
    if not _TAG.fullmatch(text):
        raise ValueError(f"`{shown(text)}` is no tag: write a word in capitals, as TODO")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"`{shown(text)}` is no time zone: write a name such as Europe/Berlin") from None
    return text


def _hours(text: str) -> str:
    found = _SPAN.fullmatch(text)
    if found is None or not 0 <= minutes(found[1]) < minutes(found[2]) <= _DAY:
        raise ValueError(f"`{shown(text)}` is no span of a day: write it as 09:00-17:00")
    return text


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"`{shown(value)}` is no day: write it as 2026-12-31") from None


def _known(what: str, words: Sequence[str], text: str) -> str:
    if text not in words:
        raise ValueError(f"`{shown(text)}` is no {what}: {nearest(text, words)}")
    return text


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _harmless(text: str) -> str:
    if bad := next((c for c in text if c in _TRICKS or not c.isprintable()), None):
        character = f"U+{ord(bad):04X}" if bad == "`" or not bad.isprintable() else f"`{bad}`"
        raise ValueError(f"`{shown(text)}` has the character {character}, which is not allowed here")
    return text


_ONE_GLOB = {"type": "string", "maxLength": _LONGEST_GLOB, "pattern": rf"^(?![/~!]){_PLAIN}]+$"}
Glob = Annotated[str, AfterValidator(_glob), WithJsonSchema(_ONE_GLOB)]
Label = Annotated[
    str,
    AfterValidator(_label),
    WithJsonSchema({"type": "string", "maxLength": _LONGEST_LABEL, "pattern": rf"^{_PLAIN},]+$"}),
]
Reviewer = Annotated[
    str, AfterValidator(_reviewer), WithJsonSchema({"type": "string", "pattern": f"^{LOGIN.pattern}$"})
]
Name = Annotated[
    str,
    AfterValidator(_name),
    WithJsonSchema({"type": "string", "maxLength": _LONGEST_NAME, "pattern": rf"^{_PLAIN}]+$"}),
]
"""A name as others give it, of a check or a distribution; `*` may stand for anything."""
Tag = Annotated[str, AfterValidator(tag), WithJsonSchema({"type": "string", "pattern": f"^{_TAG.pattern}$"})]
"""What a comment begins with that is a promise."""
_ONE = {"type": "string", "maxLength": _LONGEST_NAME, "pattern": rf"^{_PLAIN}]+$"}
Patterns = Annotated[
    tuple[Name, ...],
    BeforeValidator(_several),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]}),
]
"""One name or several, where `*` may stand for anything."""
_ANY_OF: Sequence[str] = (Applicability.SAFE, Applicability.UNSAFE)
_CATEGORIES: Sequence[str] = tuple(map(str, Category))


def _enumerated(words: Sequence[str]) -> WithJsonSchema:
    one = {"type": "string", "enum": [str(word) for word in words]}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]})


Globs = Annotated[
    tuple[Glob, ...],
    BeforeValidator(_several),
    WithJsonSchema({"anyOf": [_ONE_GLOB, {"type": "array", "items": _ONE_GLOB}]}),
]
"""One glob or several."""
Categories = Annotated[
    tuple[Annotated[str, AfterValidator(partial(_known, "category", _CATEGORIES))], ...],
    BeforeValidator(_several),
    _enumerated(_CATEGORIES),
]
Applicabilities = Annotated[
    tuple[Annotated[str, AfterValidator(partial(_known, "applicability", _ANY_OF))], ...],
    BeforeValidator(_several),
    _enumerated(_ANY_OF),
]
Steps = Annotated[
    tuple[Annotated[str, AfterValidator(partial(_known, "step of a version", STEPS))], ...],
    BeforeValidator(_several),
    _enumerated(STEPS),
]
Zone = Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string"})]
Hours = Annotated[
    str, AfterValidator(_hours), WithJsonSchema({"type": "string", "pattern": f"^{_SPAN.pattern}$"})
]
Date = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]

_MUST_BE = {
    "bool_type": "true or false",
    "date_type": "a day such as 2026-12-31",
    "dict_type": "a mapping",
    "int_type": "a whole number",
    "string_type": "text",
    "tuple_type": "a list",
    "model_type": "a mapping",
}
_SAID = {
    "greater_than_equal": "{name} must be at least {ge}",
    "less_than_equal": "{name} must be at most {le}",
    "literal_error": "{name} must be {expected}, not {value}",
    "missing": "{name} is missing",
    "too_long": "{name} has more than {max_length} items",
}


def sentence(detail: ErrorDetails, name: str, node: Node) -> tuple[str, str]:
    """Return what is wrong with a value and what to write instead (perhaps ""); ``name`` says which value."""
    kind, about = detail["type"], detail.get("ctx", {})
    if kind in _MUST_BE:
        return f"{name} must be {_MUST_BE[kind]}, not {described(node)}", _instead(kind, node)
    if kind in _SAID:
        words = _SAID[kind].format(name=name, value=described(node), **about)
        return words.replace("'", "`"), ""
    message, _, suggestion = str(about.get("error", detail["msg"])).partition(": ")
    return message, suggestion


def described(node: Node) -> str:
    """Return a value in words, as it was written and as YAML reads it."""
    if node.value is None:
        return "empty"
    if isinstance(node.value, dict | tuple):
        return "a mapping" if isinstance(node.value, dict) else "a list"
    if isinstance(node.value, bool) and node.text.lower() not in {"true", "false"}:
        return f"`{node.text}` (YAML reads it as {str(node.value).lower()})"
    return f"`{shown(node.text)}`"


def _instead(kind: str, node: Node) -> str:
    if node.value is None:
        return "write a value or remove the line"
    if kind == "string_type" and isinstance(node.value, int | float):
        return f'put it in quotes, "{shown(node.text)}"'
    if kind == "tuple_type" and isinstance(node.value, str):
        return f"write [{shown(node.text)}]"
    return ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the question "did you mean", or all that is known where nothing is near and they are few."""
    names = list(known)
    if near := get_close_matches(name.lower().replace("_", "-")[:_LONGEST_GLOB], names, n=1):
        return f'did you mean "{near[0]}"?'
    return f"known are {', '.join(names)}" if len(names) <= _FEW else ""
