"""Lets what is proposed rest on how long workflows took: the numbers it writes, and what its text shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from codemods import engine, migrating
from codemods.durations import Lasted
from codemods.model import Applicability, Facts, Finding, Tree
from codemods.registry import Improvement
from workers import claims, savings, timings
from workers.model import Candidate, Past, State, part_of
from workers.runs import Ran

_ASKED = "durations"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pull request's text says of how long jobs take, and in its metadata what it claims and saves."""

    text: str = ""
    claim: list[list[str]] = field(default_factory=list)
    saving: list[list[object]] = field(default_factory=list)


NOTHING = Shown()


@dataclass
class Evidence:
    """The past of the workflows that proposals are about, asked for once.

    It ends with the day before a proposal was opened, else with yesterday: what runs meanwhile is no reason
    to write an open pull request again. ``branch`` is the default one. ``examine`` runs an improvement over
    a workflow.
    """

    ask: timings.Ask
    past: Sequence[Past]
    now: datetime
    branch: str = ""
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

    def advice(
        self, improvement: Improvement, asked: Facts, tree: Tree, paths: Iterable[str]
    ) -> list[Finding]:
        """Return what there is to say of a repository's workflows where it is known how long their jobs took.

        GitHub is asked about those of which something would be said if their jobs took an hour, once a week.
        One is enough to think of.
        """
        read = ((path, tree.read(path)) for path in paths)
        told = [(path, data) for path, data in read if engine.concerns(improvement.about, data)]
        slow = [
            (p, data) for p, data in told if self._said(improvement, asked, p, data, timings.supposed(data))
        ]
        monday = _midnight(self.now - timedelta(days=self.now.weekday()))
        for path, data in slow[: timings.FILES]:
            if found := self._said(improvement, asked, path, data, timings.jobs(self.ask(path, monday))):
                return [found[0]]
        return []

    def _said(
        self, improvement: Improvement, asked: Facts, path: str, data: bytes, told: Mapping[str, Lasted]
    ) -> tuple[Finding, ...]:
        """Return what is found in a file whose jobs take so long."""
        wanted = ((improvement.module.__name__, replace(asked, durations=told)),)
        (examined,) = self.examine([engine.Task(path, data, wanted)])
        return examined.findings.get(improvement.id, ())

    def shown(self, candidate: Candidate, improvement: Improvement) -> Shown:
        """Return what a candidate's text says of how long its jobs take, and of what it saves."""
        fast = claims.is_about_speed(improvement)
        if not fast and not _rests(improvement):
            return NOTHING
        places = timings.concerned(candidate, steps=fast)
        known = self._runs(candidate, frozenset(place.path for place in places))
        saved = self._saved(candidate, improvement, places)
        less = savings.section(improvement.id, saved)
        places = claims.made(places, known) if fast else places
        table = timings.section(places, known)
        if not table:
            return Shown(less, [], savings.said(saved))
        promise = (
            f"\n\nAfter the merge the next {claims.AFTER} runs are compared with these, and this text will "
            "say what came of it."
        )
        text = f"### How long it takes\n\n{table}{promise if fast else ''}"
        claim = claims.said(places) if fast else []
        return Shown("\n\n".join(filter(None, [text, less])), claim, savings.said(saved))

    def _saved(
        self, candidate: Candidate, improvement: Improvement, places: Sequence[timings.Place]
    ) -> list[savings.Saving]:
        """Return what a candidate saves of each workflow, where that can be told."""
        if not savings.is_counted(improvement.id):
            return []
        edits = {edit.path: edit.before or b"" for edit in candidate.edits[: timings.FILES]}
        found = []
        for path, runs in self._runs(candidate, frozenset(edits)).items():
            titles = tuple(place.title for place in places if place.path == path)
            past = savings.Past(path, edits[path], titles, runs, self._until(candidate), self.branch)
            found.append(savings.of(improvement.id, past))
        return [one for one in found if one]

    def _runs(self, candidate: Candidate, paths: frozenset[str]) -> Mapping[str, Sequence[Ran]]:
        until = self._until(candidate)
        for path in sorted(paths):
            if (path, until) not in self.known:
                self.known[path, until] = self.ask(path, until)
        return {path: self.known[path, until] for path in sorted(paths)}

    def _until(self, candidate: Candidate) -> datetime:
        id_ = candidate.improvement
        opened = (p.opened for p in self.past if p.state is State.OPEN and part_of(p.key, id_))
        return _midnight(min(opened, default=self.now))


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def advises(improvement: Improvement) -> bool:
    """Say whether all that an improvement says rests on how long jobs took."""
    return _rests(improvement) and improvement.about.applicability is Applicability.ADVICE


def _rests(improvement: Improvement) -> bool:
    return improvement.kind == "workflows" and _ASKED in improvement.about.asks
