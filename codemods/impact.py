"""Judges what changes in a library mean for the code of one repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from codemods import engine, places, reexports, resolved
from codemods.boundaries import Boundary, Change, Impact, Place, Used
from codemods.model import Tree
from codemods.reexports import Reexports, Sources
from codemods.resolved import Use

_KEYWORD = re.compile(r"(.+)\((\w+)=\)")
_WORD = re.compile(rb"[A-Za-z_]\w*")

Uses = Mapping[str, tuple[Use, ...]]
"""What each file uses of a library, by path."""


def judge(
    before: Tree,
    after: Tree,
    boundary: Boundary,
    *,
    compared: bool = False,
    sources: Sources | None = None,
) -> Impact:
    """Return what of a library's changes a repository notices, ``before`` and ``after`` it was migrated.

    ``compared`` says that the changes are all there are by name. Only files in which all words of a change
    stand are parsed. ``sources`` are shared by all libraries of a scan.
    """
    sources = sources or Sources()
    unread: dict[str, str] = {}
    wanted = [*boundary.changes, *(_named(name, boundary) for note in boundary.notes for name in note.uses)]
    old = uses(before, boundary, wanted, unread, sources)
    changed = {p for p in old if after.identity(p) != before.identity(p)}
    anew = uses(after, boundary, wanted, unread, sources, changed.__contains__) if changed else {}
    new: Uses = {**old, **dict.fromkeys(changed, ()), **anew}
    noticed, still = _places(wanted, old), _places(wanted, new)
    used = [Used(c, noticed[c], still.get(c, ())) for c in boundary.changes if c in noticed]
    notes = tuple(
        n for n in boundary.notes if not n.uses or any(_named(name, boundary) in noticed for name in n.uses)
    )
    return Impact(tuple(used), len(boundary.changes) - len(used), notes, tuple(sorted(unread)), compared)


def _named(name: str, boundary: Boundary) -> Change:
    """Return a name of which somebody wants to know whether it is used, as a change of no content."""
    return Change(name, boundary.notes[0].at, "")


def uses(  # noqa: PLR0913, PLR0917 -- what is looked for, and what is known already
    tree: Tree,
    boundary: Boundary,
    wanted: Collection[Change],
    unread: dict[str, str],
    sources: Sources,
    which: Callable[[str], bool] = lambda _: True,
) -> Uses:
    """Return what the Python files of a tree use of a library, where one of the changes may be meant.

    ``unread`` learns which files are none.
    """
    files, modules = dict(_files(tree)) if wanted else {}, boundary.modules
    roots = {module.partition(".")[0].encode() for module in modules}
    telling = {path: data for path, data in files.items() if any(root in data for root in roots)}
    imported = (
        {path: sources.of(tree.identity(path), data) for path, data in files.items()} if telling else {}
    )
    taken = frozenset().union(*imported.values())
    names = frozenset(_parted(change)[0] for change in wanted)
    handed = reexports.read(telling.items(), names, taken)
    words = _Words(wanted, handed, standard=boundary.standard)
    found = {}
    for path, data in files.items():
        if which(path) and words.may_be_in(data, imported.get(path, frozenset()), known=path in telling):
            try:
                follow, meant = partial(_handed, handed, path), partial(_is_of, names)
                with engine.no_garbage():
                    module = engine.module(path, data)
                    standard = boundary.standard
                    found[path] = tuple(resolved.of(module, modules, follow, meant, standard=standard))
            except (engine.Unreadable, RecursionError) as error:
                unread[path] = str(error)
    return found


def _is_of(names: Collection[str], name: str) -> bool:
    """Say whether a name is one of some, or lies in one."""
    parts = name.split(".")
    return any(".".join(parts[:length]) in names for length in range(1, len(parts) + 1))


def _handed(handed: Reexports, path: str, name: str) -> str | None:
    return handed.of(name, path) if handed.by_path else None


def _files(tree: Tree) -> Iterator[tuple[str, bytes]]:
    for path in tree.paths():
        if path.endswith((".py", ".pyi")) and not places.is_foreign(path):
            yield path, tree.read(path)


class _Words:
    """The words of changes: a file that lacks one of a change's cannot mean it.

    Nor can one that does not import its module, if that is ``standard``, or replaces it by ``patch``.
    """

    def __init__(self, wanted: Iterable[Change], handed: Reexports, *, standard: bool) -> None:
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

    def may_be_in(self, data: bytes, imported: Collection[bytes], *, known: bool) -> bool:
        """Say whether a file may mean one of the changes; ``known``: the library's name stands in it.

        ``imported`` are the words of its imports.
        """
        taken = self._handed.taken(imported)
        if not (known or taken):
            return False
        words = frozenset(_WORD.findall(data))
        if not taken.isdisjoint(words):
            return True
        is_open = not self._standard or b"patch" in words
        return known and any(
            needed <= words and (is_open or top in imported)
            for last in self._last & words
            for top, needed in self._whole[last]
        )


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


def _places(wanted: Iterable[Change], found: Uses) -> Mapping[Change, tuple[Place, ...]]:
    """Return the places that meet each change, of those that any meets."""
    by_name: dict[str, list[_Wanted]] = {}
    for change in dict.fromkeys(wanted):
        name, keyword = _parted(change)
        by_name.setdefault(name, []).append(_Wanted(change, name, keyword))
    met: dict[Change, dict[Place, None]] = {}
    for path, several in found.items():
        for use in several:
            for one, exact in _above(use.name, by_name):
                if one.met(use, exact=exact):
                    met.setdefault(one.change, {})[Place(path, use.line)] = None
    return {change: tuple(spots) for change, spots in met.items()}


def _above(name: str, by_name: Mapping[str, Sequence[_Wanted]]) -> Iterator[tuple[_Wanted, bool]]:
    """Yield what is said of a name, and of everything that it lies in."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        for one in by_name.get(".".join(parts[:length]), ()):
            yield one, length == len(parts)
