"""Compares what two releases of a library offer by name, and tells what code can notice of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from codemods.boundaries import Boundary, Change
from codemods.interface import Answer, Found, Interface, Parameter

MOST = 20_000
"""Changes beyond which two releases are two libraries."""
_ASIDE = frozenset(("tests", "conftest", "_vendor", "vendor", "vendored", "_vendored", "extern"))
_ASIDE_ON_TOP = frozenset(("test", "docs", "doc", "examples", "example", "benchmarks", "scripts", "setup"))
_UNKNOWN = "Look for what took its place."


def between(old: Interface, new: Interface, at: Version, url: str = "") -> Boundary | None:
    """Return what is gone or called in another way in the newer of two releases, None where that is too much.

    Names are those that a program can write, with every path that leads to a thing; what begins with an
    underscore, tests and copies of other libraries are left out, and so is what nobody can tell.
    """
    comparison = _Comparison(old, new, at, url)
    found: list[Change] = []
    for change in comparison.changes():
        found.append(change)
        if len(found) > MOST:
            return None
    return Boundary(roots(old), tuple(found))


def roots(interface: Interface) -> tuple[str, ...]:
    """Return the names that code imports a distribution by; of a namespace the parts that are its own."""
    public = sorted(name for name in interface.modules if _is_public(name))
    return tuple(name for name in public if not any(name.startswith(f"{other}.") for other in public))


def _is_public(module: str) -> bool:
    first, *more = module.split(".")
    parts = (first, *more)
    return not (
        first in _ASIDE_ON_TOP
        or any(part in _ASIDE or part.startswith(("_", "test_")) for part in parts)
        or not all(part.isidentifier() for part in parts)
    )


@dataclass(frozen=True)
class _Comparison:
    """Two releases, and where things are now by their own name."""

    old: Interface
    new: Interface
    at: Version
    url: str
    homes: Mapping[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        homes: dict[str, list[str]] = {}
        for name, module in self.new.modules.items():
            if _is_public(name):
                for thing, known in module.names.items():
                    if known.kind in {"class", "function"}:
                        homes.setdefault(thing, []).append(f"{name}.{thing}")
        object.__setattr__(self, "homes", homes)

    def changes(self) -> Iterator[Change]:
        """Yield what changed, module by module; below what is gone nothing more is said."""
        gone: list[str] = []
        for name in sorted(filter(_is_public, self.old.modules)):
            if any(name.startswith(f"{other}.") for other in gone):
                continue
            answer = self.new.find(name)
            if answer in (Answer.MISSING, Answer.FOREIGN) and self._is_own(name):
                gone.append(name)
                yield self._change(name, "is gone", _UNKNOWN)
            elif isinstance(answer, Found) and answer.thing is None:
                yield from self._module(name, answer.module)

    def _is_own(self, name: str) -> bool:
        # What is foreign in the new release because its first part is gone is gone as well.
        return self.new.find(name) is Answer.MISSING or name.partition(".")[0] not in self.new.tops

    def _module(self, module: str, now: str) -> Iterator[Change]:
        for name in self._names(module):
            before, after = self.old.named(module, name), self.new.named(now, name)
            full = f"{module}.{name}"
            if full in self.old.modules or before in (Answer.UNKNOWN, Answer.MISSING):
                continue
            if before is Answer.FOREIGN and name not in (self.old.modules[module].exported or ()):
                continue
            if after is Answer.MISSING:
                yield self._change(full, "is gone", self._moved(name))
            elif isinstance(before, Found) and isinstance(after, Found):
                yield from self._thing(full, before, after)

    def _names(self, module: str) -> list[str]:
        known = self.old.modules[module]
        names = {*known.names, *(n for star in known.stars for n in self._starred(star))}
        return sorted(n for n in names - known.typed if not n.startswith("_"))

    def _starred(self, star: str) -> Iterator[str]:
        source = self.old.modules.get(star)
        if source is not None:
            yield from source.exported if source.exported is not None else source.names

    def _thing(self, name: str, before: Found, after: Found) -> Iterator[Change]:
        old, new = before.thing, after.thing
        if old is None or new is None:
            return
        if old.kind == new.kind == "function":
            yield from self._calls(name, old.takes, new.takes)
        elif old.kind == new.kind == "class":
            yield from self._calls(name, self._built(self.old, before), self._built(self.new, after))
            yield from self._members(name, before, after)

    def _members(self, name: str, before: Found, after: Found) -> Iterator[Change]:
        own = (one.thing for one in self.old.lineage(before) if isinstance(one, Found) and one.thing)
        for member in sorted({m for thing in own for m in thing.members if not m.startswith("_")}):
            old, new = self.old.member(before, member), self.new.member(after, member)
            if new is Answer.MISSING:
                yield self._change(f"{name}.{member}", "is gone", _UNKNOWN)
                continue
            pair = [
                a.thing for a in (old, new) if isinstance(a, Found) and a.thing and a.thing.kind == "method"
            ]
            if len(pair) == 2:  # noqa: PLR2004 -- of both releases
                yield from self._keywords(f"{name}.{member}", pair[0].takes, pair[1].takes)

    @staticmethod
    def _built(interface: Interface, owner: Found) -> tuple[Parameter, ...] | None:
        """Return what a class is called with, None where nobody can tell."""
        for one in interface.lineage(owner):
            if isinstance(one, str) or one.thing is None:
                return () if one == "object" else None
            if {"__init__", "__new__"} & one.thing.members.keys():
                return one.thing.takes
            if one.thing.open or (one.thing.takes is None and not one.thing.bases):
                return None
        return None

    def _calls(
        self, name: str, old: tuple[Parameter, ...] | None, new: tuple[Parameter, ...] | None
    ) -> Iterator[Change]:
        yield from self._keywords(name, old, new)
        if old is None or new is None:
            return
        limits = [
            None if any(p.kind == "*" for p in takes) else sum(p.kind in {"/", "="} for p in takes)
            for takes in (old, new)
        ]
        if limits[1] is not None and (limits[0] is None or limits[0] > limits[1]):
            what = f"takes {limits[1] or 'no'} argument{'s' * (limits[1] != 1)} by position"
            yield self._change(name, what, "Give the others by name.", beyond=limits[1])

    def _keywords(
        self, name: str, old: tuple[Parameter, ...] | None, new: tuple[Parameter, ...] | None
    ) -> Iterator[Change]:
        """Yield the keywords that are gone, and those that have to be given now."""
        if old is None or new is None or any(p.kind == "**" for p in old):
            return
        before, after = ({p.name: p for p in takes if p.kind in {"=", "*="}} for takes in (old, new))
        renamed: set[str] = set()
        if not any(p.kind == "**" for p in new):
            for index, known in enumerate(old):
                if known.name not in before or known.name in after or known.name.startswith("_"):
                    continue
                here = new[index] if index < len(new) and known.kind == "=" == new[index].kind else None
                is_renamed = here is not None and here.name not in before
                renamed |= {here.name} if here and is_renamed else set()
                words = f"is called `{here.name}`" if here and is_renamed else "is gone"
                hand = (
                    f"Give it as `{here.name}`."
                    if here and is_renamed
                    else "Leave it out, or say it in another way."
                )
                yield self._change(f"{name}({known.name}=)", words, hand)
        for index, wanted in enumerate(new):
            known_too = wanted.name in before and before[wanted.name].required
            if (
                wanted.required
                and wanted.kind in {"=", "*="}
                and not known_too
                and wanted.name not in renamed
            ):
                place = index if wanted.kind == "=" else None
                if place is None or place >= len(old) or old[place].kind != "/":
                    yield self._change(
                        f"{name}({wanted.name}=)",
                        "has to be given",
                        "Give it.",
                        lacks=-1 if place is None else place,
                    )

    def _moved(self, name: str) -> str:
        homes = self.homes.get(name, ())
        return f"There is `{homes[0]}` now." if len(homes) == 1 else _UNKNOWN

    def _change(
        self, name: str, what: str, hand: str, *, beyond: int | None = None, lacks: int | None = None
    ) -> Change:
        return Change(name, self.at, what, hand=hand, url=self.url, beyond=beyond, lacks=lacks)
