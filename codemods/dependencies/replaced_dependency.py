"""A distribution that nobody looks after any more gets no fixes, and one day it does not even install.

Packages are renamed, merged into another one, taken up by the standard library, or given up. Nothing breaks
on that day; later there is no wheel for a new Python, no fix for an advisory, or the old name refuses to
install. This knows such distributions, each with the page that says so.

Where the new distribution is imported as the old one was, its name is all that changes. A backport goes when
every Python of the project has the module and nothing imports the backport. Where code would have to change
too, or a line says more than a name, you only read what took its place and where it is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from codemods import inventory, pythons, removals, replacements, splices, uses, versions
from codemods.manifests import addresses
from codemods.manifests.model import Change, Manifest, Requirement, Role
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Splice, Tree
from codemods.replacements import Kind, Replacement

ABOUT = About(
    title="Replace distributions that have come to their end",
    category=Category.LIFECYCLE,
    applicability=Applicability.UNSAFE,
    risk="Another package may look for the old one without asking for it: let the tests decide.",
    references=(
        "https://packaging.python.org/en/latest/specifications/name-normalization/",
        "https://docs.python.org/3/whatsnew/index.html",
    ),
    needles=(),
    minutes=5,
    asks=("floor", "pythons"),
)

_ID = "replaced-dependency"
_SHOWN = 3
_BOM = b"\xef\xbb\xbf"
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_VARIABLE = re.compile(r"\b(?!(?:and|or|not|in)\b)[a-z_]+")
_PYTHONS = frozenset({"python_version", "python_full_version"})


@dataclass(frozen=True, slots=True)
class _Line:
    """One requirement in its file, and the Pythons of the project that it is read on."""

    manifest: Manifest
    requirement: Requirement
    scope: tuple[pythons.Minor, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What comes of a line: ``splices`` with ``words`` about them, or without any, why nothing is edited."""

    line: _Line
    words: str = ""
    splices: tuple[Splice, ...] = ()


@dataclass(frozen=True, slots=True)
class _World:
    """What all lines are judged by; ``known`` are the replacements by their old name."""

    tree: Tree
    facts: Facts
    inventory: inventory.Inventory
    known: Mapping[str, Replacement] = field(default_factory=replacements.known)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: what is known does not come from an index."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return what would be renamed or removed, and what a person should know of."""
    world = _World(tree, facts, inventory.read(tree))
    for name, declared in sorted(world.inventory.by_name().items()):
        entry = world.known.get(name)
        if entry is not None:
            yield from _judge(world, entry, [_line(facts, m, r) for m, r in declared if not _is_written(m)])


def _is_written(manifest: Manifest) -> bool:
    """Say whether a tool has written a file: what stands there was asked for somewhere else."""
    return manifest.lock is not None or bool(manifest.sealed and manifest.path.endswith(".txt"))


def _line(facts: Facts, manifest: Manifest, requirement: Requirement) -> _Line:
    marked = pythons.marked(requirement.marker)
    return _Line(manifest, requirement, tuple(m for m in facts.pythons if m in marked))


def _judge(world: _World, entry: Replacement, lines: Sequence[_Line]) -> Iterator[Finding]:
    unread = [line for line in lines if _is_unread(world, entry, line)]
    live = [line for line in lines if line not in unread and _is_due(world, entry, line)]
    asked = [line for line in live if line.requirement.role is not Role.CONSTRAINT]
    outcomes = [_removed(world, line, "no Python of this project reads its line") for line in unread]
    if entry.kind is Kind.SAME_IMPORT and asked:
        outcomes += _renamed(world, entry, live)
    elif entry.kind is Kind.STDLIB and not entry.keep:
        outcomes += _dropped(world, entry, asked)
    else:
        outcomes += [_Outcome(line) for line in asked[:1]]
    yield from _proposed(world, entry, [o for o in outcomes if o.splices])
    yield from (_advice(world, entry, o) for o in [o for o in outcomes if not o.splices][:1])


def _is_unread(world: _World, entry: Replacement, line: _Line) -> bool:
    """Say whether a backport's marker admits none of the Pythons that the project declares."""
    if entry.kind is not Kind.STDLIB or world.facts.floor is None or line.scope:
        return False
    # Only of markers about Pythons alone is it certain that nothing else, such as a platform, counts.
    return set(_VARIABLE.findall(_TEXT.sub("", line.requirement.marker))) <= _PYTHONS


def _is_due(world: _World, entry: Replacement, line: _Line) -> bool:
    """Say whether what an entry waits for has come for a line."""
    if entry.since is None:
        return True
    name, version = entry.since
    if name == replacements.PYTHON:
        needed = (version.major, version.minor)
        # A marker that ends below the newest Python says itself where the old one is needed.
        is_open = line.scope[-1:] == world.facts.pythons[-1:]
        return world.facts.floor is not None and is_open and min(line.scope, default=(0, 0)) >= needed
    declared = [r.clauses for m, r in world.inventory.by_name().get(name, ()) if not _is_written(m)]
    floors = [versions.floor(clauses) for clauses in declared if clauses]
    return bool(declared) and all(floor is not None and floor >= version for floor in floors)


def _renamed(world: _World, entry: Replacement, lines: Sequence[_Line]) -> list[_Outcome]:
    """Return the new name in every place, or in none and the first reason why."""
    change, said = Change((), name=entry.new), f"`{entry.old}` → `{entry.new}`"
    outcomes = []
    for line in lines:
        if reason := _held(line) or _unlike(world, entry, line):
            return [_Outcome(line, reason)]
        data, written = world.tree.read(line.manifest.path), inventory.writing(line.manifest.path)
        outcomes.append(_Outcome(line, said, tuple(written.write(data, line.requirement, change))))
    return outcomes


def _unlike(world: _World, entry: Replacement, line: _Line) -> str:
    """Return why a line does not mean the same under the new name, ``""`` when it does."""
    requirement = line.requirement
    if entry.new in world.inventory.private:
        return f"`{entry.new}` does not come from an index here"
    if any(r.name == entry.new for r in line.manifest.requirements):
        return f"`{requirement.path}` asks for `{entry.new}` too"
    if requirement.extras or requirement.hashes:
        return "its extras or hashes are those of the old one"
    if not entry.carries(requirement.clauses):
        return f"`{requirement.specifier}` would say something else of `{entry.new}`"
    return ""


def _dropped(world: _World, entry: Replacement, lines: Sequence[_Line]) -> list[_Outcome]:
    """Return the backport taken out of each line, or advice about the first where something may need it."""
    if not lines:
        return []
    if not entry.is_shadowed and uses.find(world.tree, entry.imports, entry.traces):
        return [_Outcome(lines[0])]
    nobody = "its module is the standard library's" if entry.is_shadowed else "nothing imports it"
    bounded = [x for x in lines if versions.is_bounded(x.requirement.clauses)]
    if bounded:
        specifier = bounded[0].requirement.specifier
        return [_Outcome(bounded[0], f"`{specifier}` may be there for another package")]
    return [_removed(world, line, nobody) for line in lines]


def _removed(world: _World, line: _Line, why: str) -> _Outcome:
    """Return a line taken out of its file, or why it stays."""
    requirement = line.requirement
    if reason := _held(line):
        return _Outcome(line, reason)
    data = world.tree.read(requirement.path)
    splice = removals.line(data, requirement)
    if splice is None:
        return _Outcome(line, f"`{requirement.path}` says more on that line than its name")
    if not splices.apply(data, [splice]).removeprefix(_BOM).strip():
        return _Outcome(line, f"`{requirement.path}` holds nothing else")
    return _Outcome(line, f"`{requirement.name}` goes: {why}", (splice,))


def _held(line: _Line) -> str:
    """Return why a line may not be edited, ``""`` when it may."""
    manifest, requirement = line.manifest, line.requirement
    foreign = [i for i in manifest.indexes if not addresses.is_same(i, addresses.PYPI)]
    if manifest.sealed:
        return manifest.sealed
    if manifest.locks and requirement.role is not Role.BUILD:
        return f"`{manifest.locks[0]}` would have to be refreshed with it"
    if requirement.hold:
        return f"it is held by {requirement.hold}"
    if foreign:
        return f"it may come from {foreign[0]}"
    if requirement.named is None:
        return f"names in `{requirement.path}` are not edited yet"
    return ""


def _proposed(world: _World, entry: Replacement, outcomes: Sequence[_Outcome]) -> Iterator[Finding]:
    """Return the findings of what is edited; those in one file share its edit."""
    verb = f"Replace {entry.old} by {entry.new}" if entry.kind is Kind.SAME_IMPORT else f"Drop {entry.old}"
    by_path: dict[str, list[_Outcome]] = {}
    for outcome in outcomes:
        by_path.setdefault(outcome.line.manifest.path, []).append(outcome)
    for path, here in by_path.items():
        data = world.tree.read(path)
        edit = Edit(path, data, splices.apply(data, (s for o in here for s in o.splices)))
        for outcome in here:
            message = f"{outcome.words}. {entry.why} ([source]({entry.source}))"
            yield Finding(_ID, path, outcome.line.requirement.line, message, edit, entry.old, verb)


_HEADS = {
    Kind.SAME_IMPORT: "`{old}` is called `{new}` now.",
    Kind.OTHER_IMPORT: "`{old}` gave way to `{new}`, which is no drop-in.",
    Kind.STDLIB: "Since Python {since}, `{new}` of the standard library does what `{old}` is for.",
    Kind.DEAD: "`{old}` has come to its end.",
}


def _advice(world: _World, entry: Replacement, outcome: _Outcome) -> Finding:
    """Return what a person should know of a distribution, at its first line that stays as it is."""
    requirement = outcome.line.requirement
    since = entry.since[1] if entry.since else ""
    parts = [_HEADS[entry.kind].format(old=entry.old, new=entry.new, since=since), entry.why]
    if not outcome.words:
        parts.append(_places(uses.find(world.tree, entry.imports, entry.traces)))
    else:
        parts.append(f"Not edited: {outcome.words}.")
    message = " ".join([*filter(None, parts), f"([source]({entry.source}))"])
    return Finding(_ID, requirement.path, requirement.line, message, target=entry.old)


def _places(found: Sequence[uses.Use]) -> str:
    if not found:
        return ""
    shown = ", ".join(f"`{use.path}:{use.line}`" for use in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"Used in {shown}{more}."
