"""Writes what an upgrade means for the code of the repository: what changed, what was done, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from codemods.boundaries import PYTHON, Impact, Note, Used
from codemods.model import Upgrade
from workers import calm, inert
from workers.model import Candidate

_ROWS = 40
_PLACES = 5
_WHY = 1_500
_ROOM = 24_000
"""Characters for all sections: a body that is too long is refused by GitHub, whoever wrote so much of it."""
_CUT = "… and more, for which there is no room here."
_LIMIT = (
    "Names are followed through imports, through modules of this repository as well, and to objects that are "
    "made where they are used. What is reached in other ways, such as methods of an argument, is not seen."
)


def sections(candidate: Candidate) -> Iterator[str]:
    """Yield a section for each upgrade, and each other Python, whose impact is known; while there is room."""
    room = _ROOM
    for text in _written(candidate):
        fitting = text if len(text) <= room else _beginning(text, room)
        yield fitting
        room -= len(fitting)
        if fitting != text:
            return


def _beginning(text: str, room: int) -> str:
    """Return the first lines of a section: each of them stands for itself, in a quotation too."""
    sizes = accumulate(len(line) + 1 for line in text.split("\n"))
    count = sum(size + len(_CUT) < room for size in sizes)
    return "\n".join([*text.split("\n")[:count], "", _CUT])


def _written(candidate: Candidate) -> Iterator[str]:
    for upgrade in candidate.ways:
        if upgrade.impact is not None and _says_something(upgrade.impact):
            yield "\n\n".join(_parts(upgrade, upgrade.impact))
        if upgrade.brought or upgrade.remarks:
            yield "\n\n".join(_brought(upgrade))


def _brought(upgrade: Upgrade) -> Iterator[str]:
    """Yield the parts about migrations that a release brings itself: their words are its makers'."""
    yield f"### Migrations that {calm.line(upgrade.name)} {upgrade.after} brings"
    if upgrade.brought:
        yield "Its makers wrote them, and they ran where nothing else can be done: please read the diff."
    yield from upgrade.remarks
    for one in upgrade.brought[:_ROWS]:
        words = f"{calm.code(one.id)}: {calm.line(one.title)}. {calm.line(one.risk)}"
        why = inert.markdown(one.why, "github.com", _WHY)
        yield words + "".join(f"\n> {line}" for line in why.split("\n"))


def _says_something(impact: Impact) -> bool:
    return bool(impact.unused or impact.compared or not impact.is_harmless)


def _parts(upgrade: Upgrade, impact: Impact) -> Iterator[str]:
    is_python = upgrade.name == PYTHON
    name = "Python" if is_python else calm.line(upgrade.name)
    yield f"### What {name} {upgrade.after} changes for this repository"
    if impact.used or impact.unused or impact.compared:
        yield sentence(impact)
    if impact.uncompared:
        yield f"The names of both releases were not compared: {calm.line(impact.uncompared)}."
    if left := [used for used in impact.used if used.after]:
        rows = [_row(used) for used in left[:_ROWS]]
        more = [f"- … and {len(left) - _ROWS} more"] if len(left) > _ROWS else []
        yield "For you:\n\n" + "\n".join(rows + more)
    if impact.lowest is not None:
        still = "still runs this code" if is_python else "can still be installed here"
        yield f"{name} {impact.lowest} {still}, so what that version needs was not rewritten."
    if impact.notes:
        yield "What no name shows:\n\n" + "\n".join(map(_note, impact.notes))
    if impact.unread:
        yield "Not judged: " + ", ".join(calm.code(path) for path in impact.unread[:_ROWS]) + "."
    if impact.used or impact.unused or impact.compared:
        yield _LIMIT


def sentence(impact: Impact) -> str:
    """Return the counts in a sentence or two; they agree with the diff: see `codemods.impact.judge`."""
    counted = [used for used in impact.used if used.rewritten or used.after]
    if not counted:
        if not impact.compared:
            return f"It uses none of the {_count(impact.unused, 'API')} known to have changed."
        return f"It uses nothing that changed by name ({_count(impact.unused, 'name')} did)."
    done = {place for used in counted for place in used.rewritten}
    left = {place for used in counted for place in used.after}
    files = len({place.path for place in (*done, *left)})
    said = f"{_count(len(done) + len(left), 'use')} of {_count(len(counted), 'changed API')}"
    said += f" in {_count(files, 'file')}; {len(done)} rewritten, {len(left)} for you"
    return said + (f"; {_count(impact.unused, 'changed API')} you do not use." if impact.unused else ".")


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'s' * (number != 1)}"


def _row(used: Used) -> str:
    """Return a line about one change: what it is, and the first of the places that still meet it."""
    change, spots = used.change, used.after
    where = ", ".join(calm.code(f"{place.path}:{place.line}") for place in spots[:_PLACES])
    where += f" and {len(spots) - _PLACES} more" if len(spots) > _PLACES else ""
    words = f"{calm.code(change.name)} {calm.line(change.what)}".rstrip(".")
    more = f" {calm.line(change.hand)}" if change.hand else ""
    guide = f" ([more]({inert.address(change.url)}))" if change.url else ""
    return f"- {where}: {words}.{more}{guide}"


def _note(note: Note) -> str:
    return f"- {calm.line(note.text)} ([source]({inert.address(note.url)}))"
