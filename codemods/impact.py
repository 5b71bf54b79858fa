"""Judges what changes in a library mean for the code of one repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from packaging.version import Version

from codemods import engine, places, reexports, resolved, touched
from codemods.boundaries import Boundary, Change, Impact, Place, Used
from codemods.model import Tree
from codemods.reexports import Reexports, Sources
from codemods.resolved import Use
from codemods.touched import Stride

_KEYWORD = re.compile(r"(.+)\((\w+)=\)")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_PATCHES = frozenset(name.encode() for name in resolved.PATCHES)

Uses = Mapping[str, tuple[Use, ...]]
"""What each file uses of a library, by path."""


def judge(  # noqa: PLR0913 -- what is judged, and what is known of it already
    before: Tree,
    after: Tree,
    boundary: Boundary,
    *,
    compared: bool = False,
    sources: Sources | None = None,
    strides: Sequence[Stride] = (),
) -> Impact:
    """Return what of a library's changes a repository notices, ``before`` and ``after`` it was migrated.

    A use is a place, a line of a file, that does something with what changed. An import is one only where
    nothing else in its file uses what it brings. What migrations changed (``strides``, in their order) is
    counted as a reader of the diff counts it: a use whose statement changed, the import where that alone had
    to, and a statement that no name tells as a use of what its migration is about.

    ``compared`` says that the changes are all there are by name. Only files in which all words of a change
    stand are parsed. ``sources`` are shared by all libraries of a scan.
    """
    noted = {name for note in boundary.notes for name in note.uses}
    # Modules of the standard library have common words for names, which in an import may mean another.
    brought = frozenset() if boundary.standard else noted.intersection(boundary.modules)
    asked = [_named(name, boundary) for name in sorted(noted - brought)]
    reading = _Reading(boundary, [*boundary.changes, *asked], brought, sources or Sources())
    old = reading.uses(before)
    changed = {p for p in old if after.identity(p) != before.identity(p)}
    # What a file takes from another one may be something else now.
    again = changed | (reading.taking if changed else set())
    new: Uses = {**old, **dict.fromkeys(again, ()), **(reading.uses(after, again) if again else {})}
    noticed, still = _places(boundary.changes, old), _places(boundary.changes, new)
    edited = {path: touched.lines(before.read(path), after.read(path)) for path in changed}
    used = [_used(c, noticed[c], still.get(c, _NOWHERE), edited) for c in boundary.changes if c in noticed]
    concerned = {change.name for change in _places(asked, old)} | reading.imported
    notes = tuple(n for n in boundary.notes if not n.uses or not concerned.isdisjoint(n.uses))
    unused, unread = len(boundary.changes) - len(used), tuple(sorted(reading.unread))
    return Impact((*used, *_beside(strides, used)), unused, notes, unread, compared)


def _used(change: Change, noticed: _Met, still: _Met, edited: Mapping[str, Collection[int]]) -> Used:
    return Used(change, noticed.own, still.own, noticed.rewritten(still, edited))


def _named(name: str, boundary: Boundary) -> Change:
    """Return a name of which somebody wants to know whether it is used, as a change of no content."""
    return Change(name, boundary.notes[0].at, "")


def _beside(strides: Sequence[Stride], used: Iterable[Used]) -> Iterator[Used]:
    """Yield what migrations changed beside the places of names, as a change of its own for each of them."""
    told: dict[str, set[int]] = {}
    for place in (place for one in used for place in one.before):
        told.setdefault(place.path, set()).add(place.line)
    found: dict[str, list[Place]] = {}
    for path, own in groupby(sorted(strides, key=lambda s: s.path), key=lambda s: s.path):
        for line, migration in touched.beside(list(own), told.get(path, ())):
            found.setdefault(migration, []).append(Place(path, line))
    for migration, spots in sorted(found.items()):
        whole = Change(migration, Version("0"), "is rewritten", by=migration)
        yield Used(whole, tuple(spots), (), tuple(spots))


@dataclass
class _Reading:
    """What is looked for in trees, and what is learned of them.

    ``unread`` are files that are no Python; those ``taking`` use what other modules ``handed`` on. Of the
    library's modules that it is asked whether anything ``brought``, some are ``imported`` somewhere.
    """

    boundary: Boundary
    wanted: Sequence[Change]
    brought: Collection[str]
    sources: Sources
    unread: dict[str, str] = field(default_factory=dict)
    taking: set[str] = field(default_factory=set)
    handed: Reexports = field(default_factory=Reexports)
    imported: set[str] = field(default_factory=set)

    def uses(self, tree: Tree, which: Collection[str] | None = None) -> Uses:
        """Return what Python files (None: all) of a tree use, where one of the changes may be meant."""
        files = dict(_files(tree)) if self.wanted or self.brought else {}
        roots = {module.partition(".")[0].encode() for module in self.boundary.modules}
        telling = {path for path, data in files.items() if any(root in data for root in roots)}
        imported = {p: self.sources.of(tree.identity(p), d) for p, d in files.items()} if telling else {}
        self.imported |= {m for m in self.brought if any(map(_parts(m).issubset, imported.values()))}
        names = frozenset(_parted(change)[0] for change in self.wanted)
        self.handed = reexports.keeping(self.handed, reexports.read(files, telling, names, imported), files)
        words = _Words(self.wanted, names, self.handed, standard=self.boundary.standard)
        found = {}
        for path, data in files.items():
            is_asked = which is None or path in which
            if is_asked and words.may_be_in(data, imported.get(path, frozenset()), known=path in telling):
                try:
                    found[path] = self._read(path, data, names)
                except (engine.Unreadable, RecursionError) as error:
                    self.unread[path] = str(error)
        return found

    def _read(self, path: str, data: bytes, names: frozenset[str]) -> tuple[Use, ...]:
        follow, meant = partial(self._follow, path), partial(_is_of, names)
        modules, standard = self.boundary.modules, self.boundary.standard
        with engine.no_garbage():
            return tuple(resolved.of(engine.module(path, data), modules, follow, meant, standard=standard))

    def _follow(self, path: str, name: str) -> str | None:
        found = self.handed.of(name, path) if self.handed.by_path else None
        if found is not None:
            self.taking.add(path)
        return found


def _parts(module: str) -> frozenset[bytes]:
    return frozenset(part.encode() for part in module.split("."))


def _is_of(names: Collection[str], name: str) -> bool:
    """Say whether a name is one of some, or lies in one."""
    parts = name.split(".")
    return any(".".join(parts[:length]) in names for length in range(1, len(parts) + 1))


def _files(tree: Tree) -> Iterator[tuple[str, bytes]]:
    for path in tree.paths():
        if path.endswith((".py", ".pyi")) and not places.is_foreign(path):
            yield path, tree.read(path)


class _Words:
    """The words of changes: a file that lacks one of a change's cannot mean it.

    Nor can one that does not import its module, if that is ``standard``, or replaces it by ``patch``.
    """

    def __init__(
        self, wanted: Iterable[Change], names: Collection[str], handed: Reexports, *, standard: bool
    ) -> None:
        self._handed, self._standard = handed, standard
        self._whole: dict[bytes, list[tuple[bytes, frozenset[bytes]]]] = {}
        self._last: set[bytes] = set()
        for change in wanted:
            name, keyword = _parted(change)
            top, *parts = name.split(".")
            given = [keyword] if keyword and change.lacks is None else []
            needed = frozenset(part.encode() for part in (*parts, *given))
            last = (given or parts or [name])[-1].encode()
            self._whole.setdefault(last, []).append((top.encode(), needed))
            self._last.add(last)
        self._beyond: dict[bytes, list[frozenset[bytes]]] = {}
        for local, full in {pair for by in handed.by_path.values() for pair in by.items()}:
            self._beyond.setdefault(local.encode(), []).extend(_rest(full, names))
        own = ((p, n) for p, by in handed.by_path.items() for n, full in by.items() if _is_of(names, full))
        exact = {(reexports.stem(path), name.encode()) for path, name in own}
        quoted = rb"|".join(sorted(rb"%s\.%s" % tuple(map(re.escape, pair)) for pair in exact))
        self._quoted = re.compile(rb"\b(?:%s)\b" % quoted) if quoted else None

    def may_be_in(self, data: bytes, imported: Collection[bytes], *, known: bool) -> bool:
        """Say whether a file may mean one of the changes; ``known``: the library's name stands in it.

        ``imported`` are the words of its imports.
        """
        taken = self._handed.taken(imported)
        if self._quoted and self._quoted.search(data):
            return True
        if not (known or taken):
            return False
        words = frozenset(_WORD.findall(data))
        if any(needed <= words for local in taken & words for needed in self._beyond[local]):
            return True
        is_open = not self._standard or not _PATCHES.isdisjoint(words)
        return known and any(
            needed <= words and (is_open or top in imported)
            for last in self._last & words
            for top, needed in self._whole[last]
        )


def _rest(full: str, names: Collection[str]) -> Iterator[frozenset[bytes]]:
    """Yield the words that stand behind a name, in turn, where it means one of some others."""
    if _is_of(names, full):
        yield frozenset()
        return
    for name in names:
        if name.startswith(f"{full}."):
            yield frozenset(part.encode() for part in name.removeprefix(f"{full}.").split("."))


def _parted(change: Change) -> tuple[str, str]:
    """Return the dotted name that a change is about, and the keyword (``""``: none)."""
    keyed = _KEYWORD.fullmatch(change.name)
    return (keyed[1], keyed[2]) if keyed else (change.name, "")


@dataclass(frozen=True)
class _Wanted:
    """One change: the dotted name that it is about, and the keyword (``""``: none)."""

    change: Change
    name: str
    keyword: str

    def met(self, use: Use, *, exact: bool) -> bool:
        """Say whether a use of the name, or (not ``exact``) of something in it, meets the change.

        Code that only tries to import what changed is ready for it.
        """
        if use.tried and _is_of({self.name}, use.tried):
            return False
        if self.change.beyond is not None:
            return exact and use.placed is not None and use.placed > self.change.beyond
        if self.change.lacks is not None:
            return exact and self._lacks(use, self.change.lacks)
        return exact and self.keyword in (use.keywords or ()) if self.keyword else True

    def _lacks(self, use: Use, position: int) -> bool:
        if use.keywords is None or use.placed is None or self.keyword in use.keywords:
            return False
        return position < 0 or use.placed <= position


@dataclass(frozen=True)
class _Met:
    """The places that meet a change: those that use it, and those that only import it."""

    using: Mapping[Place, None] = field(default_factory=dict)
    bringing: Mapping[Place, None] = field(default_factory=dict)

    @property
    def own(self) -> tuple[Place, ...]:
        """Those that count: an import does where nothing in its file uses it."""
        paths = {place.path for place in self.using}
        alone = [place for place in self.bringing if place.path not in paths]
        return tuple(sorted((*self.using, *alone), key=lambda place: (place.path, place.line)))

    def rewritten(self, still: _Met, edited: Mapping[str, Collection[int]]) -> tuple[Place, ...]:
        """Return those that an edit changed; ``still`` is what meets the change afterwards."""
        found: list[Place] = []
        for path, lines in edited.items():
            own, left = ([p for p in met.own if p.path == path] for met in (self, still))
            gone = len(own) - len(left)
            here = [place for place in own if place.line in lines]
            imports = [p for p in self.bringing if p.path == path and p.line in lines]
            found += (here or imports[:1])[: max(0, gone)]
        return tuple(found)


_NOWHERE = _Met()


def _places(wanted: Iterable[Change], found: Uses) -> Mapping[Change, _Met]:
    """Return the places that meet each change, of those that any meets; each meets what is said closest."""
    by_name: dict[str, list[_Wanted]] = {}
    for change in dict.fromkeys(wanted):
        name, keyword = _parted(change)
        by_name.setdefault(name, []).append(_Wanted(change, name, keyword))
    met: dict[Change, tuple[dict[Place, None], dict[Place, None]]] = {}
    for path, several in found.items():
        for use in several:
            for one in _closest(use, by_name):
                met.setdefault(one.change, ({}, {}))[use.brings][Place(path, use.line)] = None
    return {change: _Met(*spots) for change, spots in met.items()}


def _closest(use: Use, by_name: Mapping[str, Sequence[_Wanted]]) -> Sequence[_Wanted]:
    """Return what of the things said of a name a use meets, or of the next one that it lies in."""
    parts = use.name.split(".")
    for length in range(len(parts), 0, -1):
        said, exact = by_name.get(".".join(parts[:length]), ()), length == len(parts)
        if found := [one for one in said if one.met(use, exact=exact)]:
            return found
    return ()
