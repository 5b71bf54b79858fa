"""Writes another version into the places of one file: raises what is below a floor, adds a new one to lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from codemods.document import line_start
from codemods.model import Splice
from codemods.pythons import Minor
from codemods.version_places.model import Place, Role, Row, written

_COMMA = re.compile(rb"[ \t]*,?[ \t]*(?:#[^\r\n]*)?[ \t]*\r?")
_NEXT_COMMA = re.compile(rb"[ \t]*,")
_DASHES = re.compile(rb"[ \t]*(?:-[ \t]+)?")
_OPENING = (b"[", b"(", b"{")
_MOVED = (Role.DECLARED, Role.TARGET, Role.RUNS)


def raised(
    data: bytes, places: Sequence[Place], floor: Minor, patch: str = ""
) -> tuple[list[Splice], list[tuple[Place, str]]]:
    """Return the splices after which no place of a file is below a floor, and the places that stay, with the reason.

    A list keeps what is above; where it has to hold the lowest Python and does not, the highest of those
    below becomes it.
    """
    splices: list[Splice] = []
    left: list[tuple[Place, str]] = []
    for place in places:
        if place.role in _MOVED and place.minor < floor:
            if place.stuck:
                left.append((place, place.stuck))
            else:
                splices.append(_replaced(place, floor, patch))
    for row, members in rows(places):
        made, why = _raised(data, row, members, floor, patch)
        splices += made
        if why:
            left.append((min(members, key=lambda p: p.minor), why))
    return splices, left


def rows(places: Iterable[Place]) -> Iterator[tuple[Row, list[Place]]]:
    """Yield each list with the versions in it."""
    inside = [(p.row, p) for p in places if p.row is not None and p.role is Role.LISTED]
    ordered = sorted(inside, key=lambda pair: (pair[0].elements, pair[1].index, pair[1].start))
    for _, members in groupby(ordered, key=lambda pair: pair[0].elements):
        listed = list(members)
        yield listed[0][0], [place for _, place in listed]


def heads(members: Sequence[Place]) -> Mapping[int, Place]:
    """Return by element the version that it is about: the first one in it."""
    first: dict[int, Place] = {}
    for place in members:
        first.setdefault(place.index, place)
    return first


def _raised(
    data: bytes, row: Row, members: Sequence[Place], floor: Minor, patch: str
) -> tuple[list[Splice], str]:
    first = heads(members)
    below = {index for index, place in first.items() if place.minor < floor}
    if not below:
        return [], ""
    if stuck := next((p.stuck for p in members if p.stuck and p.index in below), ""):
        return [], stuck
    movable = [first[i] for i in below if not first[i].kin]
    has_floor = any(p.minor == floor and not p.kin for p in first.values())
    emptied = len(below) == len(row.elements)
    becomes: set[int] = set()
    if movable and not has_floor and (row.keeps or (emptied and row.holder is None)):
        highest = max(p.minor for p in movable)
        becomes = {p.index for p in movable if p.minor == highest}
    splices = [_replaced(p, floor, patch) for p in members if p.index in becomes and p.minor == first[p.index].minor]
    gone = below - becomes
    if len(gone) == len(row.elements):
        if row.holder is None:
            return [], "nothing else is in its list"
        return [Splice(*row.holder, b"")], ""
    if gone and row.broken:
        return [], row.broken
    taken = taken_out(data, row, gone)
    return ([*splices, *taken], "") if taken is not None else ([], "a comment stands within its list")


def _replaced(place: Place, version: Minor, patch: str) -> Splice:
    return Splice(place.start, place.end, written(place, version, patch))


def taken_out(data: bytes, row: Row, gone: set[int]) -> list[Splice] | None:
    """Return the splices that take elements out of a list, None where a comment would be lost."""
    spans = row.elements
    alone = {i for i in gone if _lines(data, *spans[i])}
    splices = [Splice(*_whole(data, *_lines(data, *spans[i])), b"") for i in sorted(alone)]  # type: ignore[misc]  # not None
    inline = sorted(gone - alone)
    for _, run in groupby(enumerate(inline), key=lambda pair: pair[1] - pair[0]):
        indexes = [i for _, i in run]
        first, last = indexes[0], indexes[-1]
        if last + 1 < len(spans):
            start, end = spans[first][0], spans[last + 1][0]
        else:
            start, end = spans[first - 1][1], spans[last][1]
        if b"#" in data[spans[last][1] : end] or b"#" in data[start : spans[first][0]]:
            return None
        splices.append(Splice(start, end, b""))
    return splices


def _lines(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return the lines that an element has to itself, None where something else stands on them."""
    first = line_start(data, start)
    last = data.find(b"\n", end)
    last = len(data) if last < 0 else last
    is_alone = _DASHES.fullmatch(data[first:start]) and _COMMA.fullmatch(data[end:last])
    return (first, min(last + 1, len(data))) if is_alone else None


def _whole(data: bytes, first: int, end: int) -> tuple[int, int]:
    """Return the bytes of whole lines; those of the last line of a file, with the break before it."""
    if data[first:end].endswith(b"\n") or not first:
        return first, end
    return first - (2 if data[:first].endswith(b"\r\n") else 1), end


def added(
    data: bytes, places: Sequence[Place], before: Minor, version: Minor, wanted: Callable[[Place], bool]
) -> list[Splice]:
    """Return the splices that put a version behind the one ``before`` it, in each list of a file that has that.

    A list that holds the version already, or none before, stays as it is.
    """
    splices: list[Splice] = []
    for row, members in rows(places):
        first = heads(members)
        if row.broken or not row.keeps or any(p.minor == version and not p.kin for p in first.values()):
            continue
        for index, place in first.items():
            if place.minor == before and not place.kin and not place.stuck and wanted(place):
                inside = [p for p in members if p.index == index and p.minor == before]
                splices += _beside(data, row, index, inside, version)
    return splices


def _beside(data: bytes, row: Row, index: int, inside: Sequence[Place], version: Minor) -> list[Splice]:
    start, end = row.elements[index]
    text, position = b"", start
    for place in inside:
        text += data[position : place.start] + written(place, version)
        position = place.end
    text += data[position:end]
    if lines := _lines(data, start, end):
        return _below(data, row, index, text, lines)
    separator = _separator(data, row, index)
    return [Splice(end, end, separator + text)] if separator else []


def _separator(data: bytes, row: Row, index: int) -> bytes:
    spans = row.elements
    if index:
        return data[spans[index - 1][1] : spans[index][0]]
    if len(spans) > 1:
        return data[spans[0][1] : spans[1][0]]
    opening = data[: spans[0][0]].rstrip()[-1:]
    return {b"{": b",", b"[": b", ", b"(": b", "}.get(opening, b"")


def _below(data: bytes, row: Row, index: int, text: bytes, lines: tuple[int, int]) -> list[Splice]:
    """Return the splices of a line of its own behind that of an element."""
    start, end = row.elements[index]
    first, last = lines
    ending = b"\r\n" if b"\r\n" in data[first:last] or data[:first].endswith(b"\r\n") else b"\n"
    has_comma = bool(_NEXT_COMMA.match(data, end))
    others = any(_NEXT_COMMA.match(data, e) for _, e in row.elements)
    with_commas = others or data[: row.elements[0][0]].rstrip().endswith(_OPENING)
    comma = b"," if with_commas and has_comma else b""
    fresh = data[first:start] + text + comma
    behind = [Splice(end, end, b",")] if with_commas and not has_comma else []
    if data[first:last].endswith(b"\n"):
        return [*behind, Splice(last, last, fresh + ending)]
    # Two splices at one byte would have no order.
    return [Splice(last, last, (b"," if behind else b"") + ending + fresh)]
