"""What a library offers by name: values, and how one of its names leads to another."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

_DEEPEST = 30
_MOST_BASES = 500
_KNOWN_BASES = frozenset(
    (
        *("abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol", "enum.Enum"),
        *("typing.TypedDict", "typing_extensions.TypedDict", "enum.IntEnum", "enum.IntFlag", "enum.Flag"),
    )
)
"""Bases of the standard library that give a class no public names."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function, and whether a call has to give it.

    ``kind`` is ``/`` (by position alone), ``=`` (by name, too), ``*=`` (by name alone), ``*`` or ``**``.
    """

    name: str
    kind: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """What one name of a module or a class is.

    ``kind`` is ``value``, ``alias``, ``function``, ``method`` (of an object or a class, its first parameter
    left out) or ``class``. ``target`` is what an alias stands for, dotted. ``takes`` are the parameters, None
    where nobody can tell. ``bases`` are as the module writes them. ``open``: a class may have more names than
    can be read.
    """

    kind: str
    target: str = ""
    takes: tuple[Parameter, ...] | None = None
    bases: tuple[str, ...] = ()
    members: Mapping[str, Thing] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its names, and the modules whose names it takes with a star.

    ``typed`` are names that only type checkers see, ``exported`` what ``__all__`` says (None: nothing).
    ``open``: it may have more names than can be read.
    """

    names: Mapping[str, Thing]
    stars: tuple[str, ...] = ()
    typed: frozenset[str] = frozenset()
    exported: tuple[str, ...] | None = None
    open: bool = False


OPAQUE = Module({}, open=True)
"""A module that is there and cannot be read: a compiled one, or no Python that this one knows."""


class Answer(Enum):
    """What is said of a name that leads to nothing that can be looked at."""

    MISSING = "it is not there"
    UNKNOWN = "nobody can tell"
    FOREIGN = "it is there, and another library's"


@dataclass(frozen=True, slots=True)
class Found:
    """What a name leads to in the end: a thing and the module that writes it, or a module (thing None)."""

    module: str
    thing: Thing | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """What one release offers: its modules by dotted name."""

    modules: Mapping[str, Module]
    tops: frozenset[str] = field(init=False)
    _answers: dict[str, Found | Answer] = field(default_factory=dict, init=False, repr=False)
    _lines: dict[tuple[str, int], tuple[Found | str, ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Note the first parts of all modules' names."""
        object.__setattr__(self, "tops", frozenset(name.partition(".")[0] for name in self.modules))

    def find(self, name: str, depth: int = 0) -> Found | Answer:
        """Return what a dotted name leads to."""
        if name not in self._answers:
            # What leads in circles meets this, and is worked out once.
            self._answers[name] = Answer.UNKNOWN
            self._answers[name] = self._find(name, depth)
        return self._answers[name]

    def _find(self, name: str, depth: int) -> Found | Answer:
        if name in self.modules:
            return Found(name)
        above, _, last = name.rpartition(".")
        if not above or depth > _DEEPEST:
            return Answer.UNKNOWN if above else Answer.FOREIGN
        holder = self.find(above, depth + 1)
        if isinstance(holder, Answer):
            return holder
        if holder.thing is None:
            return self.named(holder.module, last, depth)
        if holder.thing.kind == "class":
            return self.member(holder, last)
        return Answer.UNKNOWN

    def named(self, module: str, name: str, depth: int = 0) -> Found | Answer:
        """Return what a name of one module leads to."""
        known = self.modules[module]
        if (thing := known.names.get(name)) is not None:
            return self._followed(module, thing, depth)
        if f"{module}.{name}" in self.modules:
            return Found(f"{module}.{name}")
        return self._starred(module, name, depth)

    def _starred(self, module: str, name: str, depth: int) -> Found | Answer:
        """Return what a name of a module leads to that it can only have from another one's, with a star."""
        waiting, seen, is_open = [module], set[str](), False
        while waiting:
            one = waiting.pop(0)
            source = self.modules.get(one, OPAQUE)
            hidden = source.exported is not None and not source.open and name not in source.exported
            if one in seen or (hidden and one != module):
                continue
            seen.add(one)
            if name in source.names:
                return self._followed(one, source.names[name], depth)
            is_open |= source.open
            waiting += source.stars
        return Answer.UNKNOWN if is_open else Answer.MISSING

    def _followed(self, module: str, thing: Thing, depth: int) -> Found | Answer:
        if thing.kind != "alias":
            return Found(module, thing)
        if thing.target.partition(".")[0] not in self.tops:
            return Answer.FOREIGN
        found = Answer.UNKNOWN if depth > _DEEPEST else self.find(thing.target, depth + 1)
        # An import that fails would be a broken release: there is something that was not understood.
        return Answer.UNKNOWN if found is Answer.MISSING else found

    def member(self, owner: Found, name: str) -> Found | Answer:
        """Return what a class has by a name, its own or inherited."""
        is_open = False
        for one in self.lineage(owner):
            if isinstance(one, str):
                base = getattr(builtins, one, None)
                if base is not None and hasattr(base, name):
                    return Answer.FOREIGN
                is_open |= base is None and one not in _KNOWN_BASES
            elif one.thing and name in one.thing.members:
                return Found(one.module, one.thing.members[name])
            else:
                is_open |= one.thing is None or one.thing.open
        return Answer.UNKNOWN if is_open else Answer.MISSING

    def lineage(self, owner: Found) -> tuple[Found | str, ...]:
        """Return a class and what it inherits from, the nearest first; a foreign class as its dotted name."""
        key = (owner.module, id(owner.thing))
        if key not in self._lines:
            self._lines[key] = tuple(self._lineage(owner))
        return self._lines[key]

    def _lineage(self, owner: Found) -> Iterator[Found | str]:
        waiting, seen = [owner], set[tuple[str, int]]()
        while waiting:
            one = waiting.pop(0)
            if (key := (one.module, id(one.thing))) in seen:
                continue
            seen.add(key)
            if len(seen) > _MOST_BASES:
                yield "?"
                return
            yield one
            for base in one.thing.bases if one.thing else ():
                found = self._base(one.module, base)
                if isinstance(found, Found) and found.thing and found.thing.kind == "class":
                    waiting.append(found)
                else:
                    yield found if isinstance(found, str) else "?"

    def _base(self, module: str, written: str) -> Found | str:
        first, _, rest = written.partition(".")
        known = self.modules[module].names.get(first)
        if known is None:
            return written if hasattr(builtins, first) and not rest else "?"
        if known.kind == "alias":
            dotted = f"{known.target}.{rest}" if rest else known.target
            found = self.find(dotted)
            return found if isinstance(found, Found) else dotted if found is Answer.FOREIGN else "?"
        found = self.find(f"{module}.{written}")
        return found if isinstance(found, Found) else "?"
