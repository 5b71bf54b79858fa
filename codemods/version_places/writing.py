"""Writes another version into the places of a file: raises what is below a floor, adds a new one to lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from codemods.document import line_start
from codemods.model import Splice
from codemods.pythons import Minor
from codemods.version_places.model import NEWEST_PYPY, Place, Role, Row, written

_COMMA = re.compile(rb"[ \t]*,?[ \t]*(?:#[^\r\n]*)?[ \t]*\r?")
_NEXT_COMMA = re.compile(rb"[ \t]*,")
_DASHES = re.compile(rb"[ \t]*(?:-[ \t]+)?")
_BEGINS = (b":", b"[", b"(")
_OPENING = (b"[", b"(", b"{")
_MOVED = (Role.DECLARED, Role.TARGET, Role.RUNS)


def raised(
    data: bytes, places: Sequence[Place], floor: Minor, patch: str = ""
) -> tuple[list[Splice], list[tuple[Place, str]]]:
    """Return the splices after which no place of a file is below a floor, and what stays, with the reason.

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
    if why := _stuck(members, below, floor):
        return [], why
    becomes = _becoming(row, first, below, floor)
    moved = [p for p in members if p.index in becomes and p.minor == first[p.index].minor]
    twins = _twins(data, row, moved, floor, patch) if row.moves else set()
    gone = (below - becomes) | twins
    if len(gone) == len(row.elements):
        return ([], "nothing else is in its list") if row.holder is None else ([Splice(*row.holder, b"")], "")
    taken = taken_out(data, row, gone)
    if gone and (row.broken or taken is None):
        return [], row.broken or "a comment stands within its list"
    return [*(_replaced(p, floor, patch) for p in moved if p.index not in twins), *(taken or ())], ""


def _stuck(members: Sequence[Place], below: Collection[int], floor: Minor) -> str:
    """Return why the elements below a floor cannot be edited, ``""`` when they can."""
    if any(p.kin == "pypy" and p.index in below for p in members) and floor > NEWEST_PYPY:
        return f"there is no PyPy of Python {floor[0]}.{floor[1]}"
    return next((p.stuck for p in members if p.stuck and p.index in below), "")


def _becoming(row: Row, first: Mapping[int, Place], below: Collection[int], floor: Minor) -> set[int]:
    """Return the elements that become the floor: the highest below it where it would be missing, or all."""
    becomes: set[int] = set()
    for kin in ("", "pypy"):
        movable = [first[i] for i in below if first[i].kin == kin]
        above = [p.minor for p in first.values() if p.kin == kin and p.minor >= floor]
        missing = floor not in above if not kin else not above
        emptied = len(below) == len(row.elements) and row.holder is None
        if row.moves:
            becomes |= {p.index for p in movable}
        elif movable and missing and (row.keeps or emptied):
            highest = max(p.minor for p in movable)
            becomes |= {p.index for p in movable if p.minor == highest}
    return becomes


def _twins(data: bytes, row: Row, moved: Sequence[Place], floor: Minor, patch: str) -> set[int]:
    """Return the elements that would become the same as another one."""
    texts: dict[bytes, int] = {}
    twins: set[int] = set()
    indexes = {p.index for p in moved}
    for index in sorted(range(len(row.elements)), key=lambda i: i in indexes):
        inside = [p for p in moved if p.index == index]
        text = b" ".join(_text(data, row.elements[index], inside, floor, patch).split())
        if text in texts and index in indexes:
            twins.add(index)
        texts.setdefault(text, index)
    return twins


def _text(
    data: bytes, span: tuple[int, int], inside: Sequence[Place], version: Minor, patch: str = ""
) -> bytes:
    """Return an element's text with another version in its places."""
    text, position = b"", span[0]
    for place in inside:
        text += data[position : place.start] + written(place, version, patch)
        position = place.end
    return text + data[position : span[1]]


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
    """Return the bytes of whole lines, with the break before them at the end of a file.

    A blank line below goes too where there is one above, or where the list begins.
    """
    above = data[line_start(data, max(first - 1, 0)) : first]
    below = data[end : data.find(b"\n", end) + 1]
    if first and below.isspace() and (above.isspace() or above.rstrip().endswith(_BEGINS)):
        return first, end + len(below)
    if data[first:end].endswith(b"\n") or not first:
        return first, end
    return first - (2 if data[:first].endswith(b"\r\n") else 1), end


def added(
    data: bytes, places: Sequence[Place], before: Minor, version: Minor, wanted: Callable[[Place], bool]
) -> list[Splice]:
    """Return the splices that put a version behind the one ``before`` it, in each list that has that.

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
                splices += _beside(data, row, index, inside, version, first)
    return splices


def _beside(  # noqa: PLR0913, PLR0917 -- where it stands, and what it is
    data: bytes,
    row: Row,
    index: int,
    inside: Sequence[Place],
    version: Minor,
    first: Mapping[int, Place],
) -> list[Splice]:
    start, end = row.elements[index]
    # What a line maps to a version holds more than what is about it, and that has its line already.
    stop = inside[-1].end if len(inside) > 1 else end
    text = _text(data, (start, stop), inside, version)
    lines, falls = _lines(data, start, end), _falls(index, first)
    if lines and falls:
        return _above(data, row, index, text, lines)
    if lines:
        return _below(data, row, index, text, lines)
    separator = _separator(data, row, index)
    if not separator:
        return []
    return [Splice(start, start, text + separator)] if falls else [Splice(end, end, separator + text)]


def _falls(index: int, first: Mapping[int, Place]) -> bool:
    """Say whether the versions of a list stand from the highest down."""
    before, behind = first.get(index - 1), first.get(index + 1)
    if before is not None:
        return before.minor > first[index].minor
    return behind is not None and behind.minor < first[index].minor


def _above(data: bytes, row: Row, index: int, text: bytes, lines: tuple[int, int]) -> list[Splice]:
    """Return the splice of a line of its own above that of an element, which is not the last one."""
    start, end = row.elements[index]
    ending = b"\r\n" if b"\r\n" in data[lines[0] : lines[1]] else b"\n"
    comma = b"," if _NEXT_COMMA.match(data, end) else b""
    return [Splice(lines[0], lines[0], data[lines[0] : start] + text + comma + ending)]


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
