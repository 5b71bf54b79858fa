"""Finds what could be better in a tree: every improvement over every file that can be a hit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from codemods import engine, places
from codemods.model import Edit, Facts, Finding, Problem, Tree
from codemods.registry import Improvement
from workers.config import Config
from workers.model import Discovery

Catalogue = Mapping[str, Improvement]
Spread = Callable[
    [Callable[[engine.Task], engine.Examined], Iterable[engine.Task]], Iterable[engine.Examined]
]
"""How tasks are spread over processes: ``map``, or the ``imap`` of a pool; the order does not matter."""


class Memory(Protocol):
    """Results of earlier scans by blob: text to text, bounded by whoever keeps it."""

    def recall(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return what is remembered of these keys."""

    def remember(self, items: Mapping[str, str]) -> None:
        """Keep these items."""


class Forgetful:
    """A memory that remembers nothing: each scan is the first."""

    def recall(self, keys: Sequence[str]) -> Mapping[str, str]:  # noqa: ARG002 -- the shape of Memory
        """Return nothing."""
        return {}

    def remember(self, items: Mapping[str, str]) -> None:
        """Forget."""


def select(
    catalogue: Catalogue, config: Config, only: Sequence[str] = (), skip: Sequence[str] = ()
) -> Catalogue:
    """Return the improvements that kotsu.yml and the selection of a command leave."""
    return {
        id_: improvement
        for id_, improvement in catalogue.items()
        if config.runs(id_) and (not only or id_ in only) and id_ not in skip
    }


def ask(tree: Tree, catalogue: Catalogue) -> frozenset[str]:
    """Return the names of the distributions whose releases the improvements want to know."""
    rules = [i.module for i in catalogue.values() if i.kind == "dependencies"]
    return frozenset(name for rule in rules for name in rule.ask(tree))


def _survey(improvement: Improvement, tree: Tree, facts: Facts) -> tuple[list[Finding], list[Problem]]:
    """Run an improvement over the whole tree; as with single files, one that fails becomes a problem."""
    try:
        return list(improvement.module.find(tree, facts)), []
    except Exception as error:  # noqa: BLE001 -- a bug in one improvement must not cost the scan
        message = f"{improvement.id} failed: {type(error).__name__}: {error}"
        return [], [Problem(".", 1, message)]


def run(  # noqa: PLR0913 -- the step's inputs, each of them a value
    tree: Tree,
    catalogue: Catalogue,
    facts: Facts,
    config: Config,
    *,
    memory: Memory | None = None,
    spread: Spread = map,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Discovery:
    """Run every improvement over the tree; ``progress`` hears how many of how many files were looked at."""
    memory = memory or Forgetful()
    asked = {id_: facts.only(i.about, config.options(id_)) for id_, i in catalogue.items()}
    catalogue = {id_: i for id_, i in catalogue.items() if engine.applies(i.about, asked[id_])}
    scan = _Scan(tree, catalogue, asked, config, memory)
    findings = list(scan.remembered())
    problems: list[Problem] = []
    todo = scan.tasks()
    for examined in spread(engine.examine, todo):
        findings += [f for found in examined.findings.values() for f in found]
        problems += examined.problems
        scan.learn(examined)
        progress(scan.seen, scan.total)
    scan.keep()
    for id_, improvement in catalogue.items():
        if improvement.kind == "dependencies":
            found, failed = _survey(improvement, tree, asked[id_])
            findings += [f for f in found if not config.ignored(f.path, id_)]
            problems += failed
    order = sorted(findings, key=lambda f: (f.improvement, f.target, f.path, f.line))
    return Discovery(tuple(order), tuple(sorted(problems, key=lambda p: (p.path, p.line))), scan.total)


class _Scan:
    """What one scan has to look at: files whose results are not remembered, with who wants to see them."""

    def __init__(
        self, tree: Tree, catalogue: Catalogue, asked: Mapping[str, Facts], config: Config, memory: Memory
    ) -> None:
        self.tree, self.catalogue, self.asked, self.config, self.memory = (
            tree,
            catalogue,
            asked,
            config,
            memory,
        )
        self.marks = {id_: _mark(i, asked[id_]) for id_, i in catalogue.items()}
        self.wanted = {path: ids for path in tree.paths() if (ids := self._wanted(path))}
        self.seen, self.total = 0, len(self.wanted)
        self.known = self._recall()
        self.learned: dict[str, str] = {}

    def _wanted(self, path: str) -> tuple[str, ...]:
        kinds = engine.kinds_of(path)
        if not kinds or places.is_foreign(path):
            return ()
        test = places.is_test(path)
        return tuple(
            id_
            for id_, improvement in self.catalogue.items()
            if improvement.kind in kinds
            and (improvement.about.tests or not test)
            and not self.config.ignored(path, id_)
        )

    def _key(self, path: str) -> str:
        place = hashlib.sha256(path.encode()).hexdigest()[:16]
        return f"{self.tree.identity(path)}:{place}"

    def _recall(self) -> dict[str, dict[str, object]]:
        if isinstance(self.memory, Forgetful):
            return {}
        found = self.memory.recall([self._key(path) for path in self.wanted])
        return {key: json.loads(text) for key, text in found.items()}

    def _missing(self, path: str) -> tuple[str, ...]:
        known = self.known.get(self._key(path), {}) if self.known else {}
        return tuple(id_ for id_ in self.wanted[path] if self.marks[id_] not in known)

    def remembered(self) -> Iterator[Finding]:
        """Return the findings of earlier scans that still hold."""
        for path, ids in self.wanted.items() if self.known else ():
            known = self.known.get(self._key(path), {})
            for id_ in ids:
                if result := known.get(self.marks[id_]):
                    yield from _revive(path, id_, result, self.tree.read(path))

    def tasks(self) -> Iterator[engine.Task]:
        """Return a task for each file that a needle of an improvement stands in."""
        for path in self.wanted:
            self.seen += 1
            missing = self._missing(path)
            if not missing:
                continue
            data = self.tree.read(path)
            modules = {self.catalogue[id_].module.__name__: id_ for id_ in missing}
            needed = () if places.is_generated(path, data) else engine.needed(data, tuple(modules))
            if needed:
                yield engine.Task(path, data, tuple((m, self.asked[modules[m]]) for m in needed))
            if not isinstance(self.memory, Forgetful):
                self._note(path, {id_: () for m, id_ in modules.items() if m not in needed})

    def learn(self, examined: engine.Examined) -> None:
        """Note what came of a task, so that the next scan need not repeat it."""
        if not isinstance(self.memory, Forgetful) and not examined.problems:
            self._note(examined.path, examined.findings)

    def _note(self, path: str, found: Mapping[str, Sequence[Finding]]) -> None:
        known = self.known.setdefault(self._key(path), {})
        known |= {self.marks[id_]: _settle(findings) for id_, findings in found.items()}
        current = {self.marks[id_] for id_ in self.wanted[path]}
        self.learned[self._key(path)] = json.dumps({m: r for m, r in known.items() if m in current})

    def keep(self) -> None:
        """Hand what was learned to the memory."""
        if self.learned:
            self.memory.remember(self.learned)


def _mark(improvement: Improvement, facts: Facts) -> str:
    """Return a digest of an improvement's code and of the facts it asked for."""
    return hashlib.sha256(f"{improvement.fingerprint}{facts!r}".encode()).hexdigest()[:16]


def _settle(findings: Sequence[Finding]) -> list[object]:
    """Return findings as JSON; an edit becomes the one span in which the file differs."""
    return [[f.line, f.message, _span(f.edit) if f.edit else None] for f in findings]


def _span(edit: Edit) -> list[object]:
    before, after = edit.before or b"", edit.after or b""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    return [start, len(before) - end, after[start : len(after) - end].decode("latin-1")]


def _common(one: bytes, other: bytes) -> int:
    """Return the length of the common prefix."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _revive(path: str, id_: str, result: object, data: bytes) -> Iterator[Finding]:
    edit = None
    for line, message, span in result:  # type: ignore[attr-defined]
        if span and edit is None:
            start, end, text = span
            edit = Edit(path, data, data[:start] + text.encode("latin-1") + data[end:])
        finding = Finding(id_, path, line, message, edit)
        yield finding if span else replace(finding, edit=None)
