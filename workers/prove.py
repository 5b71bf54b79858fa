"""Proves that what is proposed can be installed; what cannot is withheld, with who is in the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from packaging.version import Version

from codemods import domains, inventory, pythons, versions
from codemods.domains import Domain
from codemods.manifests.model import Lock, Requirement, Role
from codemods.model import Edit, Facts, Finding, Release, Tree
from workers import renew, resolver
from workers.bench import Bench, Changed
from workers.lockers.model import RefusedError
from workers.sandbox import NoAnswerError

_ROUNDS = 5
"""How many releases of one distribution, and how many lines without wheels, are tried at most."""
_AT_A_TIME = 4
"""How many questions are asked side by side: most of the time of each is waiting."""
_LOWEST = (3, 7)
_UNKNOWN = ((3, 12), (3, 11), (3, 10), (3, 13), (3, 9), (3, 8), (3, 14))
"""Where a project declares no Python: the first of these that its requirements resolve on."""

_DEPENDS = re.compile(
    r"(?<![\w.=<>~!-])([a-z0-9][a-z0-9._-]*?)((?:==|[<>~!]=?)\S+)?"
    r" depends? on ([a-z0-9][a-z0-9._-]*)([<>=!~]\S*)?"
)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One change of some distributions: its findings, the version tried, and why it fails (``""``: not).

    ``wanted`` is the specifier that is in the way, where it is one alone; ``path`` the lock file that could
    not be written.
    """

    findings: tuple[Finding, ...]
    version: Version | None = None
    sentence: str = ""
    blockers: tuple[str, ...] = ()
    verdict: str = ""
    wanted: str = ""
    path: str = ""

    def holds_others(self) -> bool:
        """Say whether it fails in one lock file, and other files would change as well."""
        return bool(self.path) and any(f.changes and f.path != self.path for f in self.findings)


def proven(bench: Bench, asked: Sequence[Sequence[str]], findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, those about these distributions replaced by what can be installed.

    ``asked`` are the distributions of each proposal. Those of a group that cannot move together move one by
    one. A distribution that cannot move alone moves with the one that holds it, where neither can alone; else
    it moves as far as the resolver agrees, or stays, and a finding without an edit says why.
    """
    replaced: dict[str, tuple[Finding, ...]] = {}
    _ = bench.paths  # read once, before many ask
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        for names, judged in zip(asked, threads.map(partial(_judged, bench, findings), asked), strict=True):
            if replaced.keys().isdisjoint(names):
                replaced |= judged
    kept = [f for f in findings if f.improvement != bench.improvement.id or f.target not in replaced]
    return [*kept, *chain.from_iterable(replaced.values())]


def _judged(
    bench: Bench, findings: Sequence[Finding], names: Sequence[str]
) -> Mapping[str, tuple[Finding, ...]]:
    """Return the findings for some names, by name, and for those that move with them (none of their own)."""
    if len(names) == 1:
        return {n: _kept(findings, n, found) for n, found in _alone(bench, names[0]).items()}
    tried = _try(bench, names, {})
    if tried.sentence:
        return {n: found for name in names for n, found in _alone(bench, name).items()}
    first = next(f for f in findings if f.target in names and f.group)
    group = (replace(f, group=first.group, title=first.title) for f in _with_verdict(tried))
    return {names[0]: tuple(group), **dict.fromkeys(names[1:], ())}


def _kept(before: Sequence[Finding], name: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings for a name in its group: the last one that is left of it stays there."""
    group = next((f.group for f in before if f.target == name), "")
    return tuple(replace(f, group=group) if f.changes else f for f in findings)


def _alone(bench: Bench, name: str) -> Mapping[str, tuple[Finding, ...]]:
    """Return the findings for a name, and for those that move with it (none of their own).

    A lock file that keeps all the others from moving is left out, with the reason.
    """
    unwritten: dict[str, str] = {}
    while True:
        here = replace(bench, facts=replace(bench.facts, unwritten=unwritten)) if unwritten else bench
        judged, failed = _as_far(here, name)
        moves = any(f.changes for found in judged.values() for f in found)
        if moves or failed is None or failed.path in unwritten or not failed.holds_others():
            return judged
        unwritten[failed.path] = failed.sentence


def _as_far(bench: Bench, name: str) -> tuple[Mapping[str, tuple[Finding, ...]], _Tried | None]:
    """Return the findings for a name that moves as far as it can, and the first try if that has failed."""
    refused: dict[Version, str] = {}
    first: _Tried | None = None
    for _ in range(_ROUNDS):
        tried = _try(bench, (name,), {name: refused})
        if not tried.sentence:
            return {name: _with_verdict(tried)}, first
        first = first or tried
        for other in tried.blockers:
            if not _try(bench, (other,), {}).sentence:
                continue  # It can go first, by itself: each pull request stays small.
            both = _try(bench, (name, other), {name: refused})
            if not both.sentence and both.findings:
                return {name: _as_one(both, name, other), other: ()}, first
        if tried.version is None:
            break
        refused |= _refused(tried, bench.facts.releases[name].releases)
    return {name: (_said(tried, name, urgent=bench.improvement.about.urgent),)}, first


def _refused(tried: _Tried, releases: Sequence[Release]) -> Mapping[Version, str]:
    """Return the version that was tried, and all others that the same one is in the way of."""
    alike = [r.version for r in releases if not versions.admits_text(tried.wanted, r.version)]
    return dict.fromkeys((v for v in (tried.version, *alike) if v), tried.sentence)


def _with_verdict(tried: _Tried) -> tuple[Finding, ...]:
    return tuple(
        replace(f, message=f"{f.message} ({tried.verdict})") if f.edit and tried.verdict else f
        for f in tried.findings
    )


def _as_one(tried: _Tried, name: str, other: str) -> tuple[Finding, ...]:
    title = f"Upgrade {name} and {other} together"
    return tuple(replace(f, target=name, title=title) for f in _with_verdict(tried))


def _said(tried: _Tried, name: str, *, urgent: bool) -> Finding:
    """Return a refusal as a finding without an edit; of what is urgent it says what stays undone."""
    first = next((f for f in tried.findings if f.changes), tried.findings[0])
    undone = first.title if urgent and first.title else f"`{name}`"
    return replace(first, edit=None, refresh=None, message=f"{undone}: {tried.sentence}", title="")


def _try(bench: Bench, names: Sequence[str], refused: Mapping[str, Mapping[Version, str]]) -> _Tried:
    """Move some distributions, one after the other, and ask whether the result still resolves."""
    tree, found = Changed(bench.tree, bench.paths), []
    for name in names:
        releases = {n: r for n, r in bench.facts.releases.items() if n == name}
        facts = replace(bench.facts, releases=releases, refused=refused)
        fresh = list(bench.improvement.module.find(tree, facts))
        if name != names[0] and not any(f.changes for f in fresh):
            return _Tried((), sentence=f"`{name}` does not move")
        found += fresh
        tree = Changed(bench.tree, bench.paths, {**tree.files, **_after(fresh)})
    findings = tuple(_onto(bench.tree, tree, f) for f in found)
    try:
        tree, findings = renew.renewed(bench, tree, findings)
        return _asked(bench, names, tree, findings) if tree.files else _Tried(findings)
    except RefusedError as error:
        return _unlocked(bench, names, tree, findings, error)
    except NoAnswerError as error:
        return _Tried(findings, sentence=str(error), path=error.path)


def _unlocked(
    bench: Bench, names: Sequence[str], tree: Changed, findings: tuple[Finding, ...], error: RefusedError
) -> _Tried:
    """Return why a lock file cannot be written again, with who is in the way."""
    words, path = str(error), error.path
    version = next((f.refresh.version for f in findings if f.refresh and f.refresh.path == path), None)
    declared = inventory.read(tree)
    found = domains.of(declared, names[0])
    domain = next(iter(found.values()), None) or _written_from(path, declared)
    sentence, blockers = _explained(words, names[0], domain, domain.label)
    known = tuple(b for b in blockers if b in bench.facts.releases and b not in names)
    return _Tried(findings, version, sentence, known, wanted=_wish(words, names[0]), path=path)


def _written_from(path: str, found: inventory.Inventory) -> Domain:
    """Return what a lock file has and what it is written from, as if it were one set of requirements."""
    lock = next((m.lock for m in found.manifests if m.path == path and m.lock), Lock(""))
    entries = (Requirement(e.name, path, e.line, (), Role.INSTALL) for e in lock.locked)
    sources = (r for m in found.manifests if m.path in lock.sources for r in m.requirements)
    return Domain(path, path, "", "", (*entries, *sources))


def _after(findings: Iterable[Finding]) -> Mapping[str, bytes]:
    return {f.edit.path: f.edit.after for f in findings if f.edit and f.edit.after is not None}


def _onto(before: Tree, after: Changed, finding: Finding) -> Finding:
    """Return a finding whose edit leads from the first tree to the last in one step."""
    if finding.edit is None:
        return finding
    path = finding.edit.path
    return replace(finding, edit=Edit(path, before.read(path), after.read(path)))


def _asked(bench: Bench, names: Sequence[str], tree: Tree, findings: tuple[Finding, ...]) -> _Tried:
    old, new = bench.known, inventory.read(tree)
    before = {k: d for n in names for k, d in domains.of(old, n).items()}
    after = {k: d for n in names for k, d in domains.of(new, n).items()}
    on: set[pythons.Minor] = set()
    left: set[str] = set()
    written = {m.path for m in new.manifests if m.locks}
    for label, domain in after.items():
        # What a lock file is written from was resolved by the tool that wrote it.
        if domain.path in written:
            continue
        if label in before and before[label].requirements + before[label].constraints != (
            domain.requirements + domain.constraints
        ):
            ran, without, words = _compared(bench, before[label], domain, names[0])
            on |= ran
            left |= without
            if words:
                sentence, blockers = _explained(words, names[0], domain, label)
                version = _version(new, names[0], bench.facts)
                known = tuple(b for b in blockers if b in bench.facts.releases and b not in names)
                return _Tried(findings, version, sentence, known, wanted=_wish(words, names[0]))
    return _Tried(findings, verdict=_verdict(on, left))


def _verdict(on: set[pythons.Minor], left: set[str]) -> str:
    if not on:
        return ""
    names, have = ", ".join(f"`{n}`" for n in sorted(left)), "has" if len(left) == 1 else "have"
    without = f", without {names}, which {have} no wheel" if left else ""
    return f"resolves on Python {' and '.join(map(pythons.text, sorted(on)))}{without}"


def _compared(
    bench: Bench, before: Domain, after: Domain, name: str
) -> tuple[set[pythons.Minor], set[str], str]:
    """Ask on the lowest and the highest Python that the unchanged set resolves on.

    Returns these Pythons, the names left out because they have no wheel, and the resolver's words.
    """
    on: set[pythons.Minor] = set()
    left: set[str] = set()
    for order in _orders(bench.facts.pythons):
        standing = _standing(bench, before, order, name)
        if isinstance(standing, str):
            return on, left, standing
        minor, without = standing
        on.add(minor)
        left |= without
        asked = after.requirements, after.constraints, pythons.text(minor), frozenset(without)
        if words := bench.solver.resolve(*asked):
            return on, left, words
    return on, left, ""


def _orders(declared: Sequence[pythons.Minor]) -> Iterator[Sequence[pythons.Minor]]:
    known = sorted(m for m in declared if m >= _LOWEST)
    if not known:
        yield _UNKNOWN
        return
    yield known
    if len(known) > 1:
        yield known[::-1]


def _standing(
    bench: Bench, before: Domain, order: Sequence[pythons.Minor], name: str
) -> tuple[pythons.Minor, set[str]] | str:
    """Return the first Python that a set resolves on as it is, and what had to be left out for it."""
    first = ""
    for minor in order:
        left: set[str] = set()
        for _ in range(_ROUNDS):
            asked = before.requirements, before.constraints, pythons.text(minor), frozenset(left)
            words = bench.solver.resolve(*asked)
            if not words:
                return minor, left
            alone = resolver.lacking(words) - {name} - left
            if not alone:
                break
            left |= alone
        first = first or words
    return f"unchanged: {first}"


def _version(found: inventory.Inventory, name: str, facts: Facts) -> Version | None:
    """Return the release that a tree's requirements lead to, the newest of them."""
    releases = facts.releases[name].releases if name in facts.releases else ()
    declared = [r for _, r in found.by_name().get(name, ())]
    used = [v for r in declared if (v := versions.in_use(r.clauses, releases))]
    return max(used, default=None)


def _explained(words: str, name: str, domain: Domain, label: str) -> tuple[str, tuple[str, ...]]:
    """Return a resolver's refusal as a sentence that names who is in the way, and their names."""
    said = [(m[1], _exact(m[2]), m[3], (m[4] or "").rstrip(",.")) for m in _DEPENDS.finditer(words)]
    declared = {r.name: r for r in domain.lines}
    others = tuple(dict.fromkeys(n for a, _, b, _ in said for n in (a, b) if n != name and n in declared))
    if words.startswith("unchanged: "):
        lacking = min(resolver.lacking(words), default="")
        why = f" (`{lacking}` has no wheel)" if lacking else ""
        return f"the requirements of `{label}` do not resolve as they are{why}, so nothing can be proven", ()
    for depending, version, needed, specifier in said:
        if needed == name:
            place = f" in `{declared[depending].path}`" if depending in declared else ""
            return f"`{depending}`{version}{place} wants `{name}{specifier}`", others
    for depending, version, needed, specifier in said:
        if depending == name and needed in declared:
            line = declared[needed]
            has = f"and `{line.path}` has `{needed}{line.specifier}`"
            return f"`{name}`{version} wants `{needed}{specifier}`, {has}", others
    if resolver.lacking(words):
        return "it has no wheel, and nothing is built to read what it needs", ()
    return f"it does not resolve with the other requirements of `{label}`", others


def _wish(words: str, name: str) -> str:
    """Return the one specifier that a resolver's refusal has for a name, ``""`` where it has none or more."""
    wishes = {(m[4] or "").rstrip(",.") for m in _DEPENDS.finditer(words) if m[3] == name}
    return wishes.pop() if len(wishes) == 1 else ""


def _exact(specifier: str | None) -> str:
    """Return the version of a pin with a blank before it, ``""`` of anything else."""
    return f" {specifier[2:]}" if specifier and specifier.startswith("==") else ""
