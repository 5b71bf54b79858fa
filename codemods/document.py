"""A YAML file read only to locate: nodes with byte offsets, never written back by a dumper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate, chain, islice, pairwise
from typing import Any, Literal, NamedTuple

import yaml

from codemods import splices

LARGEST = 256 * 1024
"""Bytes of the largest YAML file that is read; what people write is a hundred times smaller."""
DEEPEST = 60
"""Levels of nesting that are followed."""

_BOM = b"\xef\xbb\xbf"
_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_KEEPS_BREAKS = re.compile(rb"[|>]\d?\+")
_BEFORE_KEY = re.compile(rb" *(?:- +)*\Z")


class Invalid(Exception):  # noqa: N818 -- an answer about a file, not a fault of ours
    """A file that is no YAML mapping; its text says where and why."""


class Pair(NamedTuple):
    """A key of a mapping and its value."""

    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of YAML at bytes ``start`` to ``end``; blank lines and comments behind it are not part of it.

    ``text`` is a scalar's value before any type is read into it: ``on`` stays ``on``. ``style`` is a scalar's
    first mark (``|``, ``>``, a quote, or ``""`` for a plain one); ``flow`` tells a collection in brackets.
    """

    kind: Literal["scalar", "sequence", "mapping", "alias"]
    start: int
    end: int
    text: str = ""
    style: str = ""
    flow: bool = False
    items: tuple[Node, ...] = ()
    pairs: tuple[Pair, ...] = ()

    def pair(self, key: str) -> Pair | None:
        """Return a mapping's pair of this key; None when there is none, or when this is no mapping."""
        return next((p for p in self.pairs if p.key.text == key), None)

    def get(self, key: str) -> Node | None:
        """Return the value of a mapping's key, or None."""
        found = self.pair(key)
        return found.value if found else None

    def walk(self) -> Iterator[Node]:
        """Yield this node and all within it, keys too, in the order of the file."""
        yield self
        for child in chain(self.items, *self.pairs):
            yield from child.walk()


@dataclass(frozen=True)
class Document:
    """A parsed YAML file and its bytes; ``root`` is its mapping, ``path`` where it lies in the tree.

    It is ``plain`` when it has no anchors, aliases, merge keys, tags or keys after a question mark: then each
    thing stands where it acts, and only there.
    """

    data: bytes
    root: Node
    plain: bool = True
    path: str = ""

    def written(self, node: Node) -> int | None:
        """Return the byte where a scalar's text stands as it is, None where it is escaped or folded."""
        text = node.text.encode()
        start = node.end - len(text) - (node.style in {"'", '"'})
        there = start >= node.start and self.data[start : start + len(text)] == text
        return start if node.kind == "scalar" and node.style not in {"|", ">"} and there else None


def read(data: bytes, path: str = "") -> Document:
    """Parse a YAML file; Invalid when it is none, holds several documents, or says a key twice.

    The path is only for those who ask the document for it.
    """
    if len(data) > LARGEST:
        raise Invalid(f"it is larger than {LARGEST // 1024} KiB")
    bom = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[bom:].decode()
    except UnicodeDecodeError as error:
        line = splices.line_of(data, bom + error.start)
        raise Invalid(f"line {line}: it is not UTF-8") from error
    if odd := _ODD_BREAK.search(text):
        line = text[: odd.start()].count("\n") + 1
        raise Invalid(f"line {line}: a line break that not all readers see")
    return replace(_parsed(data, text, bom), path=path)


def several(data: bytes) -> Iterator[Document]:
    """Yield the documents of a file, each at its bytes; those that `read` refuses are passed over."""
    if len(data) > LARGEST:
        return
    ends = [m.start() for m in islice(_NEXT.finditer(data), _MOST)]
    for start, end in pairwise([0, *ends, len(data)]):
        # What comes before is blanked and not cut away, so that each byte keeps its place.
        with suppress(Invalid):
            yield read(data[:start].translate(_BLANK) + data[start:end])


_NEXT = re.compile(rb"^---(?=\s)", re.MULTILINE)
_BLANK = bytes(c if c == ord("\n") else ord(" ") for c in range(256))
_MOST = 100
"""Documents of one file that are told apart; what comes behind is passed over as a whole."""


def _parsed(data: bytes, text: str, bom: int) -> Document:
    try:
        return _Reader(data, text, bom).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Invalid(f"line {line}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise Invalid(f"it is no YAML: {' '.join(str(error).split())}") from error


class _Reader:
    """Builds the nodes of one file from the parser's events, which come one by one and expand nothing."""

    def __init__(self, data: bytes, text: str, bom: int) -> None:
        self.data, self.bom, self.plain = data, bom, True
        self.offset = _offsets(text, bom)
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)

    def document(self) -> Document:
        """Read the one document of the file."""
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise Invalid("it is empty")
        root = self.node(next(self.events), 0)
        if root.kind != "mapping":
            raise Invalid("its top level is no mapping")
        next(self.events)
        if isinstance(event := next(self.events), yaml.DocumentStartEvent):
            raise Invalid(f"line {_line(event)}: a second document")
        return Document(self.data, root, self.plain)

    def node(self, event: Any, depth: int) -> Node:  # noqa: ANN401 -- the events of PyYAML have no types
        """Read the node that an event opens, to its end."""
        if depth > DEEPEST:
            raise Invalid(f"line {_line(event)}: nested too deeply")
        self.plain = self.plain and not (event.anchor or getattr(event, "tag", None))
        start, end = self.offset(event.start_mark.index), self.offset(event.end_mark.index)
        if isinstance(event, yaml.AliasEvent):
            return Node("alias", start, end)
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            end = _end_of_block(self.data, start, end) if style in {"|", ">"} else end
            return Node("scalar", start, end, text=event.value, style=style)
        if isinstance(event, yaml.SequenceStartEvent):
            items, end = self.items(depth)
            return Node("sequence", start, end, flow=bool(event.flow_style), items=items)
        pairs, end = self.pairs(bool(event.flow_style), depth)
        return Node("mapping", start, end, flow=bool(event.flow_style), pairs=pairs)

    def items(self, depth: int) -> tuple[tuple[Node, ...], int]:
        """Read a sequence's items; return them and the byte behind the sequence."""
        found = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.node(event, depth + 1))
        return tuple(found), self.end(event, found[-1:])

    def pairs(self, flow: bool, depth: int) -> tuple[tuple[Pair, ...], int]:  # noqa: FBT001 -- private
        """Read a mapping's pairs; return them and the byte behind the mapping."""
        found: dict[str, Pair] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if key.kind != "scalar":
                raise Invalid(f"line {_line(event)}: a key that is no word")
            if key.text in found:
                raise Invalid(f"line {_line(event)}: the key {key.text!r} is there already")
            found[key.text] = Pair(key, self.node(next(self.events), depth + 1))
            self.plain = self.plain and key.text != "<<" and (flow or self.opens_line(key))
        return tuple(found.values()), self.end(event, [p.value for p in found.values()][-1:])

    def opens_line(self, key: Node) -> bool:
        """Say whether nothing but spaces and the dashes of sequences stands before a key."""
        return bool(_BEFORE_KEY.match(self.data[line_start(self.data, key.start) : key.start]))

    def end(self, event: Any, last: Sequence[Node]) -> int:  # noqa: ANN401 -- see node
        """Return where a collection ends: with its bracket, or with the last thing in it."""
        closed = event.start_mark.index != event.end_mark.index
        return last[0].end if last and not closed else self.offset(event.end_mark.index)


def _line(event: Any) -> int:  # noqa: ANN401 -- see node
    return int(event.start_mark.line) + 1


def _offsets(text: str, bom: int) -> Callable[[int], int]:
    """Return the function from a character's index to its byte in the file."""
    if text.isascii():
        return bom.__add__
    return list(accumulate((len(c.encode()) for c in text), initial=bom)).__getitem__


def _end_of_block(data: bytes, start: int, end: int) -> int:
    """Return where a block scalar ends, without the line breaks that are not part of its value."""
    if _KEEPS_BREAKS.match(data, start):
        return end - len(_break_before(data, end))
    return start + len(data[start:end].rstrip(b"\r\n"))


def line_start(data: bytes, offset: int) -> int:
    """Return the byte at which the line of a byte starts, behind the BOM of the file's first line."""
    bom = len(_BOM) if data.startswith(_BOM) else 0
    return max(data.rfind(b"\n", 0, offset) + 1, bom)


def line_end(data: bytes, offset: int) -> int:
    """Return the byte at which the line of a byte ends, before its line break."""
    end = data.find(b"\n", offset)
    return len(data) if end < 0 else end - data.endswith(b"\r", 0, end)


def _break_before(data: bytes, offset: int) -> bytes:
    return next((b for b in (b"\r\n", b"\n") if data.endswith(b, 0, offset)), b"")
