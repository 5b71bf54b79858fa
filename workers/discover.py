"""Finds what could be better in a tree: every improvement over every file that can be a hit."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import islice
from typing import Any, Protocol

from codemods import engine, places, registry
from codemods.model import Facts, Finding, Problem, Tree
from codemods.registry import Improvement
from workers import errands, rules, visible
from workers.config import Config
from workers.errands import Spread
from workers.model import Discovery

Catalogue = Mapping[str, Improvement]


class Memory(Protocol):
    """Results of earlier scans by blob: text to text, bounded by whoever keeps it."""

    def recall(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return what is remembered of these keys."""

    def remember(self, items: Mapping[str, str]) -> None:
        """Keep these items."""


def select(
    catalogue: Catalogue, config: Config, only: Sequence[str] = (), skip: Sequence[str] = ()
) -> Catalogue:
    """Return the improvements that kotsu.yml and the selection of a command leave.

    One that does not run by default runs where kotsu.yml or the command names it.
    """
    return {
        id_: improvement
        for id_, improvement in catalogue.items()
        if config.runs(id_, by_default=improvement.about.default or id_ in only)
        and (not only or id_ in only)
        and id_ not in skip
    }


def ask(tree: Tree, catalogue: Catalogue) -> frozenset[str]:
    """Return the names of the distributions whose releases the improvements want to know."""
    rules = [i.module for i in catalogue.values() if i.kind in registry.TREES]
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
    paths: frozenset[str] | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Discovery:
    """Run every improvement over the tree; ``progress`` hears how many of how many files were looked at.

    Given ``paths``, improvements that look at single files look at these.
    """
    asked = {id_: rules.facts(facts, i, config) for id_, i in catalogue.items()}
    catalogue = {id_: i for id_, i in catalogue.items() if i.about.alone and engine.applies(i, asked[id_])}
    scan = _Scan(tree, catalogue, asked, config, memory)
    if paths is not None:
        scan.wanted = {path: ids for path, ids in scan.wanted.items() if path in paths}
    findings: list[Finding] = []
    problems: list[Problem] = []
    for examined in spread(errands.EXAMINE, scan.tasks()):
        findings += [f for found in examined.findings.values() for f in found]
        problems += examined.problems
        scan.learn(examined)
        progress(scan.seen, scan.total)
    scan.keep()
    findings += scan.remembered
    for id_, improvement in catalogue.items():
        if improvement.kind in registry.TREES:
            found, failed = _survey(improvement, tree, asked[id_])
            findings += [f for f in found if not config.ignored(f.path, id_)]
            problems += failed
    findings, unseen = visible.sifted(findings)
    problems += unseen
    order = sorted(findings, key=lambda f: (f.improvement, f.target, f.path, f.line))
    return Discovery(tuple(order), tuple(sorted(problems, key=lambda p: (p.path, p.line))), scan.total)


class _Scan:
    """What one scan has to look at: files whose results are not remembered, with who wants to see them.

    Files are taken a batch at a time, so that a large tree needs no more memory than a small one.
    """

    def __init__(
        self,
        tree: Tree,
        catalogue: Catalogue,
        asked: Mapping[str, Facts],
        config: Config,
        memory: Memory | None,
    ) -> None:
        self.tree, self.catalogue, self.asked, self.config = tree, catalogue, asked, config
        self.memory = memory
        self.marks = {id_: _mark(i, asked[id_]) for id_, i in catalogue.items()}
        self.ids = {i.module.__name__: id_ for id_, i in catalogue.items()}
        self._picky = frozenset(id_ for id_ in catalogue if config.globs(id_))
        self._readers: dict[tuple[tuple[str, ...], bool], tuple[str, ...]] = {}
        self._alike: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.wanted = {path: ids for path in tree.paths() if (ids := self._wanted(path))}
        self._silences: dict[tuple[str, ...], str] = {}
        self.seen = 0
        self.remembered: list[Finding] = []
        self._begun: dict[str, _Results] = {}
        self._learned: dict[str, str] = {}

    @property
    def total(self) -> int:
        """How many files there are to look at."""
        return len(self.wanted)

    def _wanted(self, path: str) -> tuple[str, ...]:
        kinds = engine.kinds_of(path)
        if not kinds or places.is_foreign(path):
            return ()
        test = places.is_test(path)
        if (kinds, test) not in self._readers:
            everyone = self.catalogue.items()
            suited = (id_ for id_, i in everyone if i.kind in kinds and (i.about.tests or not test))
            self._readers[kinds, test] = tuple(suited)
        readers = self._readers[kinds, test]
        if self._picky.isdisjoint(readers):
            return readers
        ids = tuple(i for i in readers if i not in self._picky or not self.config.ignored(path, i))
        # One tuple serves all files of a kind: a large tree would hold millions of the same.
        return self._alike.setdefault(ids, ids)

    def _key(self, path: str) -> str:
        place = hashlib.sha256(path.encode()).hexdigest()[:16]
        return f"{self.tree.identity(path)}:{place}"

    def tasks(self) -> Iterator[engine.Task]:
        """Yield a task for each file that may be a hit; what is remembered of the others is taken over."""
        waiting = iter(self.wanted)
        while batch := list(islice(waiting, _BATCH)):
            keys = {path: self._key(path) for path in batch} if self.memory else {}
            known = self.memory.recall(list(keys.values())) if self.memory else {}
            for path in batch:
                self.seen += 1
                text = known.get(keys[path], "") if known else ""
                if not text or text != self._silence(self.wanted[path]):
                    yield from self._look(path, _results(text))

    def _silence(self, ids: tuple[str, ...]) -> str:
        """Return what is remembered of a file in which none of these improvements finds anything."""
        if ids not in self._silences:
            self._silences[ids] = _written(dict.fromkeys((self.marks[id_] for id_ in ids), ()))
        return self._silences[ids]

    def _look(self, path: str, results: _Results) -> Iterator[engine.Task]:
        """Take over the findings that still hold, and yield a task for who has not seen the file yet."""
        ids = self.wanted[path]
        for id_ in ids:
            if result := results.get(self.marks[id_]):
                self.remembered += _revived(path, id_, result, self.tree.read(path))
        missing = [self.catalogue[id_].module.__name__ for id_ in ids if self.marks[id_] not in results]
        if not missing:
            return
        data = self.tree.read(path)
        needed = () if places.is_generated(path, data) else engine.needed(data, missing)
        silent = {self.marks[self.ids[m]]: () for m in missing if m not in needed}
        if needed:
            self._begun[path] = {**results, **silent}
            yield engine.Task(path, data, tuple((m, self.asked[self.ids[m]]) for m in needed))
        else:
            self._note(path, {**results, **silent})

    def learn(self, examined: engine.Examined) -> None:
        """Note what came of a task, so that the next scan need not repeat it."""
        results = self._begun.pop(examined.path, {})
        if not examined.problems:
            found = {self.marks[id_]: _settled(f) for id_, f in examined.findings.items()}
            self._note(examined.path, {**results, **found})

    def _note(self, path: str, results: _Results) -> None:
        if self.memory is None:
            return
        current = {self.marks[id_] for id_ in self.wanted[path]}
        self._learned[self._key(path)] = _written({m: r for m, r in results.items() if m in current})
        if len(self._learned) >= _BATCH:
            self.keep()

    def keep(self) -> None:
        """Hand what was learned to the memory."""
        if self._learned and self.memory:
            self.memory.remember(self._learned)
        self._learned = {}


_BATCH = 1_000
"""Files whose results are recalled, or remembered, at a time."""
_MARK = 8
"""Characters of a mark: 48 bits, for the few dozen improvements that look at one file."""

_Results = Mapping[str, Sequence[Any]]
"""What improvements found in one file: by the mark of each a list of findings as JSON, often an empty one."""


def _mark(improvement: Improvement, facts: Facts) -> str:
    """Return a digest of an improvement's code and of the facts it asked for, the same in each process."""
    said = {f.name: getattr(facts, f.name) for f in fields(facts)}
    said |= {name: sorted(value) for name, value in said.items() if isinstance(value, frozenset)}
    digest = hashlib.sha256(f"{improvement.fingerprint}{said!r}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_MARK]


def _written(results: _Results) -> str:
    """Return results as text; most improvements find nothing in most files, and their marks are one word."""
    silent = "".join(sorted(mark for mark, found in results.items() if not found))
    return json.dumps({"": silent, **{mark: found for mark, found in sorted(results.items()) if found}})


def _results(text: str) -> _Results:
    """Read what `_written` wrote; none in what it did not write."""
    told = json.loads(text) if text else {}
    silent = told.pop("", "")
    return {**{silent[n : n + _MARK]: () for n in range(0, len(silent), _MARK)}, **told}


def _settled(findings: Sequence[Finding]) -> list[object]:
    """Return findings as JSON; an edit becomes the one span in which the file differs."""
    return [[f.line, f.message, errands.span(f.edit) if f.edit else None] for f in findings]


def _revived(path: str, id_: str, result: Sequence[Any], data: bytes) -> Iterator[Finding]:
    edit = None
    for line, message, span in result:
        if span and edit is None:
            edit = errands.edited(path, data, span)
        finding = Finding(id_, path, line, message, edit)
        yield finding if span else replace(finding, edit=None)
