"""Lets what is proposed rest on how long workflows took: the numbers it writes, and what its text shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from codemods import engine, migrating
from codemods.model import Facts, Finding, Tree
from codemods.registry import Improvement
from workers import claims, timings
from workers.model import Candidate, Past, State, part_of
from workers.runs import Ran

_ASKED = "durations"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pull request's text says of how long jobs take, and what it claims of them in its metadata."""

    text: str = ""
    claim: list[list[str]] = field(default_factory=list)


NOTHING = Shown()


@dataclass
class Evidence:
    """The past of the workflows that proposals are about, asked for once.

    It ends with the day before a proposal was opened, else with yesterday: what runs meanwhile is no reason
    to write an open pull request again. ``examine`` runs an improvement over a workflow.
    """

    ask: timings.Ask
    past: Sequence[Past]
    now: datetime
    examine: migrating.Examine = migrating.here
    measured: set[str] = field(default_factory=set)
    known: dict[tuple[str, datetime], Sequence[Ran]] = field(default_factory=dict)

    def is_missing(self, candidate: Candidate, improvement: Improvement) -> bool:
        """Say whether a candidate is to rest on evidence, and does not do so yet."""
        return _rests(improvement) and candidate.key not in self.measured

    def applied(
        self,
        candidate: Candidate,
        improvement: Improvement,
        asked: Facts,
        tree: Tree,
        findings: list[Finding],
    ) -> list[Finding]:
        """Return the findings as they are where it is known how long the jobs of a candidate's files took."""
        self.measured.add(candidate.key)
        anew: dict[str, tuple[Finding, ...]] = {}
        paths = frozenset(edit.path for edit in candidate.edits[: timings.FILES])
        for path, runs in self._runs(candidate, paths).items():
            if told := timings.jobs(runs):
                wanted = ((improvement.module.__name__, replace(asked, durations=told)),)
                (examined,) = self.examine([engine.Task(path, tree.read(path), wanted)])
                # One that fails has failed before, and keeps what it found without evidence.
                if improvement.id in examined.findings:
                    anew[path] = examined.findings[improvement.id]
        left = [f for f in findings if f.improvement != improvement.id or f.path not in anew]
        return [*left, *(f for found in anew.values() for f in found)]

    def shown(self, candidate: Candidate, improvement: Improvement) -> Shown:
        """Return what a candidate's text says of how long its jobs take."""
        fast = claims.is_about_speed(improvement)
        if not fast and not _rests(improvement):
            return NOTHING
        places = timings.concerned(candidate, steps=fast)
        known = self._runs(candidate, frozenset(place.path for place in places))
        places = claims.made(places, known) if fast else places
        table = timings.section(places, known)
        if not table:
            return NOTHING
        promise = (
            f"\n\nAfter the merge the next {claims.AFTER} runs are compared with these, and this text will "
            "say what came of it."
        )
        head = "### How long it takes\n\n"
        return Shown(f"{head}{table}{promise}" if fast else head + table, claims.said(places) if fast else [])

    def _runs(self, candidate: Candidate, paths: frozenset[str]) -> Mapping[str, Sequence[Ran]]:
        until = self._until(candidate)
        for path in sorted(paths):
            if (path, until) not in self.known:
                self.known[path, until] = self.ask(path, until)
        return {path: self.known[path, until] for path in sorted(paths)}

    def _until(self, candidate: Candidate) -> datetime:
        id_ = candidate.improvement
        opened = (p.opened for p in self.past if p.state is State.OPEN and part_of(p.key, id_))
        moment = min(opened, default=self.now).astimezone(UTC)
        return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _rests(improvement: Improvement) -> bool:
    return improvement.kind == "workflows" and _ASKED in improvement.about.asks
