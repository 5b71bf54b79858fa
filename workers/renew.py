"""Lets the tools write lock files again, and looks at what they have made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from packaging.version import Version

from codemods import inventory, locks, versions, weaknesses
from codemods.locks import Moved
from codemods.manifests.model import Lock, Manifest
from codemods.model import Edit, Finding, Tree
from workers.bench import Bench, Changed
from workers.lockers.model import RefusedError, Task
from workers.sandbox import NoAnswerError

_TOLD = 6
"""How many others that a lock file moves along are named."""


def renewed(bench: Bench, tree: Changed, findings: Sequence[Finding]) -> tuple[Changed, tuple[Finding, ...]]:
    """Let the tools write lock files again; returns the tree and the findings with what they have made.

    RefusedError has the words of a tool that finds no solution, NoAnswerError a sentence for people.
    """
    asked: dict[str, dict[str, Version]] = {}
    for refresh in (f.refresh for f in findings if f.refresh):
        asked.setdefault(refresh.path, {}).update({refresh.name: refresh.version} if refresh.name else {})
    companions: dict[str, Sequence[Moved]] = {}
    young: set[str] = set()
    manifests = {m.path: m for m in bench.known.manifests}
    for path in sorted(asked, key=lambda p: len(_sources(manifests[p]))):  # what others are made of, first
        manifest, wanted = manifests[path], asked[path]
        files = [path, *(p for p in _sources(manifest) if p in manifests)]
        task = Task(
            manifest, {p: bench.tree.read(p) for p in files}, {p: tree.read(p) for p in files}, wanted
        )
        if task.before == task.after and not any(locks.versions(task.lock, name) for name in wanted):
            continue
        try:
            data = _written(bench, task)
            companions[path] = _along(task, data)
            _check_weakness(bench, companions[path])
            young |= _young(bench, companions[path])
        except (RefusedError, NoAnswerError) as error:
            error.path = path
            raise
        tree = Changed(tree.tree, tree.those, {**tree.files, path: data})
    made = (_made(bench.tree, tree, f, companions, young) for f in findings)
    return tree, tuple(f for f in made if f)


def beside(bench: Bench, findings: Sequence[Finding]) -> list[Finding]:
    """Let the tools write the lock files again that repeat what an improvement edits.

    Where one does not, nothing is edited, and its reason is all that is left.
    """
    own = [f for f in findings if f.improvement == bench.improvement.id and f.changes]
    others = [f for f in findings if f not in own]
    edited = {f.edit.path: f.edit.after for f in own if f.edit and f.edit.after is not None}
    try:
        _, made = renewed(bench, Changed(bench.tree, bench.paths, edited), own)
    except (RefusedError, NoAnswerError) as error:
        message = f"{own[0].title}: {error}"
        return [*others, replace(own[0], edit=None, refresh=None, title="", message=message)]
    return [*others, *made]


def _sources(manifest: Manifest) -> Sequence[str]:
    return manifest.lock.sources if manifest.lock else ()


def _lock(task: Task, data: bytes) -> Lock:
    return inventory.writing(task.path).read(task.path, data).lock or Lock("")


def _along(task: Task, data: bytes) -> Sequence[Moved]:
    """Return what moves in a lock file that nobody asked to move."""
    return [m for m in locks.moved(task.lock, _lock(task, data)) if m.name not in task.versions]


def _written(bench: Bench, task: Task) -> bytes:
    """Return a lock file as its tool writes it again, with nothing taken back to an older release.

    What is urgent waits for nobody's age; where releases that are old enough do as well, they are taken.
    """
    data = bench.solver.refresh(task)
    while back := {m.name: Version(m.before) for m in _along(task, data) if _goes_back(m)}:
        task = replace(task, versions={**task.versions, **back})
        data = bench.solver.refresh(task)
    for name, version in task.versions.items():
        if locks.versions(_lock(task, data), name) not in ([version], []):
            raise NoAnswerError(f"the tool that writes `{task.path}` does not take {version}")
    if older := _older(bench, _along(task, data)) if bench.improvement.about.urgent else {}:
        aged = replace(task, versions={**task.versions, **older})
        with suppress(RefusedError, NoAnswerError):
            other = bench.solver.refresh(aged)
            return data if any(map(_goes_back, _along(aged, other))) else other
    return data


def _goes_back(moved: Moved) -> bool:
    old, new = versions.parsed(moved.before), versions.parsed(moved.after)
    return old is not None and new is not None and new < old


def _older(bench: Bench, along: Sequence[Moved]) -> Mapping[str, Version]:
    """Return for what is too young the newest release that is old enough, and not behind the one in use."""
    answers = bench.lookup(frozenset(m.name for m in along if m.after))
    found: dict[str, Version] = {}
    for moved in along:
        new, old = versions.parsed(moved.after), versions.parsed(moved.before)
        releases = answers[moved.name].releases if moved.name in answers else ()
        terms = _terms(bench, moved)
        aged = [r.version for r in releases if not versions.refusal(r, terms)]
        fitting = [v for v in aged if new and v < new and (old is None or v >= old)]
        if new and new not in aged and (best := versions.best(fitting)):
            found[moved.name] = best
    return found


def _terms(bench: Bench, moved: Moved) -> versions.Terms:
    facts, used = bench.facts, versions.parsed(moved.before)
    ages = facts.ages(moved.name)
    return versions.Terms(facts.today, facts.release_age, prereleases=True, ages=ages, use=used)


def _check_weakness(bench: Bench, moved: Sequence[Moved]) -> None:
    """Refuse what a lock file would take along into a published weakness."""
    for new in moved:
        version = versions.parsed(new.after)
        known = bench.facts.advisories.get(new.name, ())
        if version and (found := weaknesses.entered(known, versions.parsed(new.before), version)):
            words = f"is affected by {weaknesses.named(found)}"
            raise NoAnswerError(f"it would take `{new.name}` {version} along, which {words}")


def _young(bench: Bench, moved: Sequence[Moved]) -> frozenset[str]:
    """Return what a lock file takes along before it is old enough: refused where that is not urgent."""
    young: set[str] = set()
    fresh = {m.name: m for m in moved if m.after and any(bench.facts.ages(m.name).values())}
    answers = bench.lookup(frozenset(fresh)) if fresh else {}
    for name, new in fresh.items():
        known = {str(r.version): r for r in answers[name].releases} if name in answers else {}
        terms = _terms(bench, new)
        for version in new.after.split(", "):
            words = versions.refusal(known[version], terms) if version in known else "is not on the index"
            if not words:
                continue
            ageless = replace(terms, age=0, ages={})
            is_only_young = version in known and not versions.refusal(known[version], ageless)
            if not (is_only_young and bench.improvement.about.urgent):
                raise NoAnswerError(f"it would take `{name}` {version} along, which {words}")
            young.add(name)
    return frozenset(young)


def _made(
    before: Tree,
    after: Changed,
    finding: Finding,
    companions: Mapping[str, Sequence[Moved]],
    young: Collection[str],
) -> Finding | None:
    """Return a finding about a lock file with the edit that a tool has made, and what else that moves.

    None where the tool has left the file as it is.
    """
    if finding.refresh is None:
        return finding
    path = finding.refresh.path
    if before.read(path) == after.read(path):
        return None
    moved = sorted(companions[path], key=lambda m: m.name not in young)
    along = ", ".join(_told(m, is_young=m.name in young) for m in moved[:_TOLD])
    more = f" and {len(moved) - _TOLD} more" if len(moved) > _TOLD else ""
    message = f"{finding.message}, and with it {along}{more}" if along else finding.message
    return replace(
        finding, message=message, edit=Edit(path, before.read(path), after.read(path)), refresh=None
    )


def _told(moved: Moved, *, is_young: bool) -> str:
    skips = " (skips the release age)" if is_young else ""
    if not moved.before:
        return f"`{moved.name}` {moved.after} (new{', skips the release age' if is_young else ''})"
    return (
        f"`{moved.name}` {moved.before} → {moved.after}{skips}"
        if moved.after
        else f"`{moved.name}` (removed)"
    )
