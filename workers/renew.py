"""Lets the tools write lock files again, and looks at what they have made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from packaging.version import Version

from codemods import inventory, locks, versions
from codemods.locks import Moved
from codemods.manifests.model import Lock, Manifest
from codemods.model import Edit, Finding, Tree
from workers.bench import Bench, Changed
from workers.lockers.model import Task
from workers.sandbox import NoAnswerError

_TOLD = 6
"""How many others that a lock file moves along are named."""


def renewed(bench: Bench, tree: Changed, findings: Sequence[Finding]) -> tuple[Changed, tuple[Finding, ...]]:
    """Let the tools write lock files again; returns the tree and the findings with what they have made.

    RefusedError has the words of a tool that finds no solution, NoAnswerError a sentence for people.
    """
    asked: dict[str, dict[str, Version]] = {}
    for refresh in (f.refresh for f in findings if f.refresh):
        asked.setdefault(refresh.path, {})[refresh.name] = refresh.version
    companions: dict[str, Sequence[Moved]] = {}
    manifests = {m.path: m for m in bench.known.manifests}
    for path in sorted(asked, key=lambda p: len(_sources(manifests[p]))):  # what others are made of, first
        manifest, wanted = manifests[path], asked[path]
        files = [path, *(p for p in _sources(manifest) if p in manifests)]
        task = Task(
            manifest, {p: bench.tree.read(p) for p in files}, {p: tree.read(p) for p in files}, wanted
        )
        if task.before == task.after and not any(locks.versions(task.lock, name) for name in wanted):
            continue
        data = bench.solver.refresh(task)
        after = inventory.writing(path).read(path, data).lock or Lock("")
        moved = locks.moved(task.lock, after)
        for name, version in wanted.items():
            if locks.versions(after, name) not in ([version], []):
                raise NoAnswerError(f"the tool that writes `{path}` does not take {version}")
        companions[path] = [m for m in moved if m.name not in wanted]
        tree = Changed(tree.tree, tree.those, {**tree.files, path: data})
    _check_age(bench, [m for moved in companions.values() for m in moved])
    made = (_made(bench.tree, tree, f, companions) for f in findings)
    return tree, tuple(f for f in made if f)


def _sources(manifest: Manifest) -> Sequence[str]:
    return manifest.lock.sources if manifest.lock else ()


def _check_age(bench: Bench, moved: Sequence[Moved]) -> None:
    """Refuse what a lock file would take along before it is old enough."""
    age = bench.facts.release_age
    if age <= 0:
        return
    fresh = {m.name: m.after for m in moved if m.after}
    answers = bench.lookup(frozenset(fresh))
    terms = versions.Terms(bench.facts.today, age, prereleases=True)
    for name, text in fresh.items():
        known = {str(r.version): r for r in answers[name].releases} if name in answers else {}
        for version in text.split(", "):
            words = versions.refusal(known[version], terms) if version in known else "is not on the index"
            if words:
                raise NoAnswerError(f"it would take `{name}` {version} along, which {words}")


def _made(
    before: Tree, after: Changed, finding: Finding, companions: Mapping[str, Sequence[Moved]]
) -> Finding | None:
    """Return a finding about a lock file with the edit that a tool has made, and what else that moves.

    None where the tool has left the file as it is.
    """
    if finding.refresh is None:
        return finding
    path = finding.refresh.path
    if before.read(path) == after.read(path):
        return None
    along = ", ".join(map(_told, companions[path][:_TOLD]))
    more = f" and {len(companions[path]) - _TOLD} more" if len(companions[path]) > _TOLD else ""
    message = f"{finding.message}, and with it {along}{more}" if along else finding.message
    return replace(
        finding, message=message, edit=Edit(path, before.read(path), after.read(path)), refresh=None
    )


def _told(moved: Moved) -> str:
    if not moved.before:
        return f"`{moved.name}` {moved.after} (new)"
    return f"`{moved.name}` {moved.before} → {moved.after}" if moved.after else f"`{moved.name}` (removed)"
