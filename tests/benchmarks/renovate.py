"""Lays what Kotsu sees and proposes beside what Renovate does, over the projects of projects.toml.

Run it as ``python tests/benchmarks/renovate.py FOLDER [--resolve] [--every] [PROJECT …]``: the folder keeps
the projects, Renovate itself and what it said (for a day). Renovate runs with a configuration that widens its
patterns to all the files it can read; the facts that it sees by default are counted beside. GitHub and
registries are not asked. With ``--resolve`` each single update of a compiled set is also put before uv.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import corpus
import ours
import resolving
import theirs
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from codemods import inventory

_WORKERS = 2
_OTHERS = frozenset({"python-version", "github-runners", "node-version", "deb"})
_LISTED = frozenset({"pypi", "unknown"})
_INTERPRETERS = re.compile(r"actions/\w+-versions|containerbase/.*|python/cpython|docker/buildx")
"""What Renovate calls an interpreter or a tool by the repository that builds it."""


@dataclass
class Table:
    """What came out for one project; each list holds lines for people."""

    project: corpus.Project
    default: int = 0
    facts: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    proposals: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)
    complaints: tuple[str, ...] = ()
    theirs: resolving.Count = field(default_factory=resolving.Count)
    ours: resolving.Count = field(default_factory=resolving.Count)


def compared(project: corpus.Project, folder: Path, *, resolve: bool) -> Table:
    """Return the table of one project."""
    root = corpus.brought(project, folder)
    table = Table(project, default=len(theirs.stored(root, folder, configured=False).facts))
    told = theirs.stored(root, folder, configured=True)
    mine = ours.run(root, folder)
    table.complaints = mine.problems
    _lay_facts(table, told, mine)
    _lay_proposals(table, told, mine)
    if resolve and project.compiled:
        table.theirs = resolving.theirs(root, told.facts, mine.project.pythons, folder)
        table.ours = resolving.ours(root, mine.proposals, mine.project.pythons, folder)
    return table


def _lay_facts(table: Table, told: theirs.Run, mine: ours.Run) -> None:
    """Count what both see, and name what only Renovate does."""
    seen = list(mine.seen())
    left = Counter((s.path, s.name) for s in seen if s.form != "reference")
    addresses = Counter((s.path, s.name.removesuffix(".git")) for s in seen if s.form == "reference")
    private = {(m.path, name) for m in mine.inventory.manifests for name in (*m.private, m.own)}
    specifiers = {(s.path, s.name, _plain(s.value)) for s in seen}
    matched = 0
    for fact in told.facts:
        key = (fact.path, fact.name)
        if fact.kind in _OTHERS or _INTERPRETERS.fullmatch(fact.name) or not fact.name:
            table.facts["others"] += 1
        elif inventory.is_sample(fact.path):
            table.facts["samples"] += 1
        elif left[key] > 0:
            left[key] -= 1
            matched += 1
            # Carets are read as the ranges that they stand for.
            is_plain = fact.kind == "pypi" and not re.match(r"[\^~]\d|\d", fact.value)
            if is_plain and (*key, _plain(fact.value)) not in specifiers:
                value = " or ".join(v for path, name, v in specifiers if (path, name) == key)
                table.otherwise.append(f"{fact.path}: {fact.name} {fact.value!r}, kotsu: {value!r}")
        elif address := _address(addresses, fact):
            addresses[address] -= 1
            matched += 1
        elif key in private:
            table.facts["from elsewhere"] += 1
        else:
            table.missing.append(
                f"{fact.manager} {fact.path}: {fact.name} {fact.value!r} [{fact.skipped or fact.kind}]"
            )
    table.facts["renovate"] = len(told.facts)
    table.facts["both"] = matched
    table.facts["kotsu"] = len(seen)
    table.facts["only kotsu"] = len(seen) - matched


def _address(addresses: Counter[tuple[str, str]], fact: theirs.Fact) -> tuple[str, str] | None:
    """Return the reference of Kotsu's that is what a fact of Renovate's names, None without one."""
    name = fact.name.removesuffix(".git").lower()
    return next(
        (
            k
            for k, n in addresses.items()
            if n > 0 and k[0] == fact.path and k[1].lower().endswith(f"/{name}")
        ),
        None,
    )


def _plain(value: str) -> str:
    """Return a specifier in one order and without blanks; what is none, as it stands."""
    try:
        return ",".join(sorted(str(s) for s in SpecifierSet(value.strip(" ()").removeprefix("*"))))
    except InvalidSpecifier:
        return value.replace(" ", "")


def _lay_proposals(table: Table, told: theirs.Run, mine: ours.Run) -> None:
    """Count which proposals agree, and explain those that do not."""
    values = {key: value for p in mine.proposals for key, value in p.values.items()}
    locked = {name: version for p in mine.proposals for name, version in p.locked.items()}
    known: set[tuple[str, str]] = set()
    for fact in told.facts:
        key = (fact.path, fact.name)
        if not fact.proposed or fact.kind not in _LISTED or inventory.is_sample(fact.path) or key in known:
            continue
        known.add(key)
        value, version = fact.proposed[-1]
        mine_value = values.get(key) or locked.get(fact.name, "")
        if mine_value and _plain(mine_value).removeprefix("==") in {
            _plain(value).removeprefix("=="),
            version,
        }:
            table.proposals["same"] += 1
            continue
        kind = "different" if mine_value else "only theirs"
        table.proposals[kind] += 1
        reason = _difference(mine, fact, mine_value) if mine_value else _reason(mine, fact, version)
        table.proposals[f"{kind}, unexplained"] += "UNEXPLAINED" in reason
        table.differing.append(
            f"{kind}: {fact.path}: {fact.name} {fact.value or fact.locked} -> {value} ({version}): {reason}"
        )
    only = sorted(set(values) - known)
    table.proposals["only ours"] = len(only)
    table.differing += [f"only ours: {path}: {name} -> {values[path, name]}" for path, name in only]


def _reason(mine: ours.Run, fact: theirs.Fact, version: str) -> str:
    """Return why Kotsu does not propose what Renovate does."""
    here = [s for s in mine.seen() if (s.path, s.name) == (fact.path, fact.name)]
    sentences = mine.withheld.get(fact.name, ())
    if said := next((s for s in sentences if fact.path in s), next(iter(sentences), "")):
        return said
    if fact.name in mine.inventory.private:
        return "a path, an address or the project itself provides it"
    if not here:
        return "UNEXPLAINED: not seen"
    if proposal := next((p for p in mine.proposals if p.name == fact.name), None):
        return f"moves elsewhere only: {', '.join(proposal.files)}"
    is_compiled = any(m.path == fact.path and m.lock and m.lock.sources for m in mine.inventory.manifests)
    if is_compiled or all(_admits(s.value, version) for s in here):
        return (
            "compiled: it moves with what needs it" if is_compiled else "what is declared admits it already"
        )
    return "UNEXPLAINED: no sentence"


def _difference(mine: ours.Run, fact: theirs.Fact, value: str) -> str:
    """Return what Kotsu proposes instead, and why."""
    asked, version = fact.proposed[-1]
    proposal = next((p for p in mine.proposals if p.name == fact.name), None)
    if proposal is None:
        changed = (p.name for p in mine.proposals if fact.path in p.files)
        along = next(changed, "another")
        return f"kotsu: {value}, along with {along}"
    lines = proposal.body.splitlines()
    held = (line for line in lines if line.startswith("|") and f"(`{fact.name}` is held" in line)
    said = next((line for line in lines if version in line), next(held, ""))
    if _admits(value, version) and not fact.value.startswith("=="):
        said = "both admit it; the floor stays" if "<" in value + asked else "both admit it"
    return f"kotsu: {value}: {said or 'UNEXPLAINED: not said'}"


def _admits(value: str, version: str) -> bool:
    try:
        return SpecifierSet(value).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False


def _lines(table: Table, *, every: bool) -> Iterator[str]:
    """Yield what is printed of one project."""
    facts, said = table.facts, table.proposals
    yield f"\n## {table.project.name} {table.project.version} — {table.project.why}"
    yield (
        f"facts: Renovate {facts['renovate']} (by default {table.default}), Kotsu {facts['kotsu']},"
        f" both {facts['both']}, only Kotsu {facts['only kotsu']}, missing in Kotsu {len(table.missing)},"
        f" samples {facts['samples']}, from elsewhere {facts['from elsewhere']},"
        f" interpreters, runners and Debian packages {facts['others']}"
    )
    yield from (f"  missing: {line}" for line in table.missing)
    yield from (f"  read otherwise: {line}" for line in table.otherwise)
    yield "proposals: " + (", ".join(f"{n} {count}" for n, count in sorted(said.items()) if count) or "none")
    yield from (f"  {line}" for line in (table.differing if every else _grouped(table.differing)))
    yield from (f"  could not read: {line}" for line in table.complaints)
    if table.theirs.asked or table.ours.asked:
        yield f"resolved: Renovate's {table.theirs.said()}; Kotsu's {table.ours.said()}"


def _grouped(lines: Sequence[str]) -> Iterator[str]:
    """Yield the first of the lines that differ in names and numbers only, and how many more there are."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        kind, _, rest = line.partition(": ")
        reason = re.sub(r"`[^`]*`|\d[\w.]*|kotsu: .*", "…", rest.partition("): ")[2])
        groups.setdefault(f"{kind} {reason}", []).append(line)
    for group in sorted(groups.values(), key=len, reverse=True):
        yield f"{len(group)} x {group[0]}"


def _total(tables: Sequence[Table]) -> Iterator[str]:
    """Yield the table over all projects, as Markdown."""
    heads = "Renovate by default, Renovate, Kotsu, both, missing, same, different, only theirs"
    heads += ", only ours, unexplained"
    yield f"\n| project | {heads.replace(', ', ' | ')} |"
    yield "|---|" + "---:|" * (heads.count(",") + 1)
    sums: Counter[int] = Counter()
    for table in tables:
        facts, said = table.facts, table.proposals
        unexplained = said["only theirs, unexplained"] + said["different, unexplained"]
        row = (
            table.default,
            facts["renovate"],
            facts["kotsu"],
            facts["both"],
            len(table.missing),
            said["same"],
        )
        row += (said["different"], said["only theirs"], said["only ours"], unexplained)
        sums.update(dict(enumerate(row)))
        yield f"| {table.project.name} | " + " | ".join(map(str, row)) + " |"
    yield "| all | " + " | ".join(str(sums[i]) for i in range(len(row))) + " |"
    for who, counts in (("Renovate", [t.theirs for t in tables]), ("Kotsu", [t.ours for t in tables])):
        yield f"{who}'s updates of compiled sets: {sum(counts, resolving.Count()).said()}"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--resolve", action="store_true", help="ask uv about updates of compiled sets")
    parser.add_argument("--every", action="store_true", help="list every difference, not one of each kind")
    given = parser.parse_intermixed_args()
    tables = []
    with ThreadPoolExecutor(_WORKERS) as threads:
        chosen = corpus.projects(frozenset(given.projects))
        folder = given.folder.resolve()
        theirs.installed(folder)
        for table in threads.map(lambda p: compared(p, folder, resolve=given.resolve), chosen):
            sys.stdout.write("\n".join(_lines(table, every=given.every)) + "\n")
            sys.stdout.flush()
            tables.append(table)
    sys.stdout.write("\n".join(_total(tables)) + "\n")


if __name__ == "__main__":
    main()
