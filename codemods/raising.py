"""Raises the lowest Python of a repository in every place at once, or says what is in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from codemods import inventory, lifecycles, pythons, splices
from codemods.model import Edit, Tree
from codemods.pythons import Minor
from codemods.version_places import everywhere, writing
from codemods.version_places.model import Place, Role

_RELOCKING = frozenset({"uv"})
"""The tools that write a lock file again for another lowest Python and leave all versions as they are."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What becomes of a repository: the file after it, and words, for each place below the new floor.

    ``obstacles`` are the places that cannot follow, each with the reason: then nothing may be edited, for a
    version in some places only would be a contradiction. ``told`` are words that a person has to change,
    ``locks`` the lock files that repeat what is declared, which their tools can write again.
    """

    floor: Minor
    moved: tuple[tuple[Place, str, Edit], ...] = ()
    obstacles: tuple[tuple[Place, str], ...] = ()
    told: tuple[Place, ...] = ()
    locks: tuple[str, ...] = ()


def due(places: Sequence[Place], today: date, days: int) -> tuple[Minor, Minor] | None:
    """Return the lowest Python of a repository and the one to raise it to, if it ends within so many days."""
    lowest, alive = everywhere.floor(places), lifecycles.lowest(today, days)
    return (lowest, alive) if lowest and alive and lowest < alive else None


def ends(lowest: Minor) -> date:
    """Return the day on which a Python gets its last fix; one that is not known ended with the next one."""
    calendar = lifecycles.pythons()
    return calendar[min((m for m in calendar if m >= lowest), default=max(calendar))].ends


def raised(tree: Tree, places: Sequence[Place], floor: Minor, tools: Collection[str] = frozenset()) -> Raised:
    """Return what becomes of a repository whose lowest Python is raised to a floor.

    ``tools`` are those that can write their lock files here.
    """
    patch = lifecycles.pythons()[floor].patch
    moved: list[tuple[Place, str, Edit]] = []
    obstacles = [(p, p.stuck) for p in places if p.role is Role.UNKNOWN]
    capped = f"nothing from {pythons.text(floor)} on would be left"
    obstacles += [(p, capped) for p in places if p.role is Role.CAP and p.minor <= floor]
    for path, here in everywhere.by_path(places).items():
        data = tree.read(path)
        made, left = writing.raised(data, here, floor, patch)
        obstacles += left
        if made:
            edit = Edit(path, data, splices.apply(data, made))
            starts = {splice.start for splice in made}
            below = [p for p in here if p.minor < floor and p.role not in {Role.TOLD, Role.CAP}]
            moved += [(p, _words(p, floor, starts), edit) for p in below]
    locked = dict(_locked(tree, [place for place, _, _ in moved]))
    written = [path for path in locked if _tool(tree, path) in (_RELOCKING & set(tools))]
    obstacles += [
        (place, f"`{path}` would have to be written again with it")
        for path, place in locked.items()
        if path not in written
    ]
    told = tuple(p for p in places if p.role is Role.TOLD and p.minor < floor)
    return Raised(floor, tuple(moved), tuple(obstacles), told, tuple(written))


def _words(place: Place, floor: Minor, starts: set[int]) -> str:
    old, new = pythons.text(place.minor), pythons.text(floor)
    return f"{place.what}: {old} → {new}" if place.start in starts else f"{place.what}: {old} goes"


def _locked(tree: Tree, places: Sequence[Place]) -> Iterator[tuple[str, Place]]:
    """Yield each lock file that repeats a declaration, with that."""
    locks = {m.path: m.locks for m in inventory.read(tree).manifests if m.locks}
    for place in places:
        if place.role is Role.DECLARED or "Pipfile" in place.what:
            yield from ((path, place) for path in locks.get(place.path, ()))


def _tool(tree: Tree, path: str) -> str:
    found = (m.lock.tool for m in inventory.read(tree).manifests if m.path == path and m.lock)
    return next(found, "")
