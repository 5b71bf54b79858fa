"""Reads a small YAML file into plain values that know the line and column they stand at.

Only what a configuration needs: one document of mappings, lists and scalars. Aliases, tags, deep nesting and
large files are refused before anything is built, so that no file of a stranger costs much time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import yaml
from yaml.resolver import Resolver

LARGEST = 256 * 1024
"""Bytes of the largest file that is read."""
DEEPEST = 10
"""Mappings and lists inside one another at most."""
MOST = 10_000
"""Scalars, mappings and lists of one file at most (their beginnings and ends count)."""

Value = str | int | float | bool | None | tuple["Value", ...] | dict[str, "Value"]

_PARSER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # forty times as fast where libyaml is there
_RESOLVER = Resolver()
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN = 60


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong with a file and where: line and column count from 1, ``suggestion`` may be empty."""

    line: int
    column: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        """Return the mistake as one line, the way compilers say it."""
        said = f"{self.message}: {self.suggestion}" if self.suggestion else self.message
        return f"{self.line}:{self.column}: {said}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands; ``text`` is a scalar as written.

    ``inside`` holds the nodes of a mapping by key, or of a list by number, and ``keys`` where each key
    stands. Keys are always text: ``on`` and ``1`` are the keys "on" and "1".
    """

    value: Value
    line: int
    column: int
    text: str = ""
    inside: Mapping[str | int, Node] = field(default_factory=dict)
    keys: Mapping[str | int, tuple[int, int]] = field(default_factory=dict)


def shown(text: str) -> str:
    """Return a stranger's text as it can stand in a message: short, one line, no escapes, no backticks."""
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "".join(c if c.isprintable() and c != "`" else "�" for c in short)


class _Refused(Exception):  # noqa: N818 -- it never leaves this module: `read` returns its mistake
    """Ends the reading at the first thing that is not allowed."""

    def __init__(self, event: yaml.Event, message: str, suggestion: str = "") -> None:
        line, column = _place(event)
        super().__init__(message)
        self.mistake = Mistake(line, column, message, suggestion)


def read(data: bytes | str) -> Node | Mistake:
    """Return the one document of a file (an empty file is an empty mapping), or the first mistake in it."""
    text = _decode(data)
    if isinstance(text, Mistake):
        return text
    try:
        return _document(iter(yaml.parse(text, Loader=_PARSER)))
    except _Refused as refused:
        return refused.mistake
    except yaml.MarkedYAMLError as error:
        return _explain(error, text)
    except yaml.YAMLError as error:
        return Mistake(1, 1, f"not YAML: {error}")


def _decode(data: bytes | str) -> str | Mistake:
    if len(data) > LARGEST:
        return Mistake(1, 1, f"larger than {LARGEST // 1024} KiB, which no configuration needs")
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        return Mistake(*_position(before, len(before)), "not UTF-8", "save the file with this encoding")
    text = text.removeprefix("\ufeff")
    if found := _FORBIDDEN.search(text):
        message = f"the character U+{ord(found[0]):04X} is not allowed"
        return Mistake(*_position(text, found.start()), message, "remove it")
    return text


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _explain(error: yaml.MarkedYAMLError, text: str) -> Mistake:
    """Turn a parser's error into a mistake that lies within the file."""
    lines = text.splitlines() or [""]
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if line >= len(lines):
        line, column = len(lines) - 1, len(lines[-1])
    if lines[line][column : column + 1] == "\t":
        return Mistake(line + 1, column + 1, "a tab in front of a key or an item", "write spaces")
    message = f"not YAML: {error.problem or error.context}"
    begins = error.context_mark
    if error.context and begins and begins.line < line:
        message += f" ({error.context} that begins on line {begins.line + 1})"
    return Mistake(line + 1, column + 1, message)


def _document(events: Iterator[yaml.Event]) -> Node:
    events = _bounded(events)
    next(events)
    if isinstance(next(events), yaml.StreamEndEvent):
        return Node({}, 1, 1)
    first = next(events)
    root = _node(first, events, 1)
    next(events)
    if not isinstance(second := next(events), yaml.StreamEndEvent):
        raise _Refused(second, "a second document", "keep one and remove the line `---`")
    return Node({}, 1, 1) if root.value is None else root


def _bounded(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    yield from islice(events, MOST)
    if (event := next(events, None)) is not None:
        raise _Refused(event, f"more than {MOST} values, which no configuration needs")


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    if isinstance(event, yaml.AliasEvent):
        raise _Refused(
            event, f"the alias `*{shown(event.anchor or '')}`", "write the value out, aliases are not read"
        )
    if tag := getattr(event, "tag", None):
        raise _Refused(event, f"the tag `{shown(tag.replace(_TAG, '!!'))}`", "remove it, tags are not read")
    if isinstance(event, yaml.ScalarEvent):
        value = _scalar(event.value) if event.implicit[0] else event.value
        return Node(value, *_place(event), event.value)
    if depth > DEEPEST:
        raise _Refused(event, f"nested more than {DEEPEST} deep")
    build = _mapping if isinstance(event, yaml.MappingStartEvent) else _sequence
    return build(event, events, depth)


def _sequence(start: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    items: list[Node] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_node(event, events, depth + 1))
    return Node(tuple(i.value for i in items), *_place(start), inside=dict(enumerate(items)))


def _mapping(start: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    inside: dict[str | int, Node] = {}
    keys: dict[str | int, tuple[int, int]] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if isinstance(event, yaml.CollectionStartEvent):
            raise _Refused(event, "a key that is not text")
        key = _node(event, events, depth + 1)
        if key.text in inside:
            raise _Refused(
                event, f'key "{shown(key.text)}" a second time', f"it stands on line {keys[key.text][0]}"
            )
        keys[key.text] = key.line, key.column
        inside[key.text] = _node(next(events), events, depth + 1)
    value = {str(name): node.value for name, node in inside.items()}
    return Node(value, *_place(start), inside=inside, keys=keys)


def _scalar(text: str) -> Value:
    """Return what a plain scalar means: YAML 1.1's words for true and false, decimal numbers, and text."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).removeprefix(_TAG)  # type: ignore[no-untyped-call]
    if tag == "null":
        return None
    if tag == "bool":
        return yaml.SafeLoader.bool_values[text.lower()]
    if tag == "int" and _INTEGER.fullmatch(text):
        return int(text)
    return _float(text) if tag == "float" else text


def _float(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:  # 1:30.5, .inf, .nan: nothing here is measured in them
        return text
