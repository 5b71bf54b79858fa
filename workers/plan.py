"""Decides what is proposed now: few, small, the most valuable first, and a reason for all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, takewhile

from codemods.model import Applicability, Category, Finding
from codemods.registry import Improvement
from workers import patch
from workers.config import Config, Limits
from workers.model import Candidate, Past, Plan, Reason, State, Withheld, is_answered, key_of

ORDER = (
    Category.SECURITY,
    Category.RELIABILITY,
    Category.LIFECYCLE,
    Category.UPGRADE,
    Category.OPERABILITY,
    Category.SPEED,
    Category.HYGIENE,
)
"""The categories, the most valuable first."""


def make(  # noqa: PLR0913 -- the step's inputs, each of them a value
    findings: Iterable[Finding],
    catalogue: Mapping[str, Improvement],
    config: Config,
    past: Sequence[Past],
    now: datetime,
    *,
    everything: bool = False,
) -> Plan:
    """Return what to propose now and what not, with reasons; ``everything`` ignores the limits of pace.

    ``past`` are our earlier pull requests of this repository, ``now`` is UTC.
    """
    grouped = list(_grouped(findings))
    candidates = [_completed(c, grouped) for g in grouped for c in _parts(g, catalogue, config.limits)]
    room = _Room(config.limits, past, now)
    accepted: list[Candidate] = []
    later = [_advice(f, config) for group in grouped for f in group if not f.changes]
    for candidate in sorted(candidates, key=_rank):
        reason = _refusal(candidate, config, past)
        if reason is None and _is_fixed_by(accepted, candidate.targets):
            reason = Reason.FIX_FIRST
        if reason is None and not everything:
            reason = room.refusal(candidate)
        if reason is None:
            accepted.append(candidate)
        else:
            later.append(_withheld(candidate, reason))
    return Plan(tuple(accepted), tuple(later))


def _completed(candidate: Candidate, grouped: Sequence[Sequence[Finding]]) -> Candidate:
    """Return a candidate with the places of what it moves that stay as they are."""
    targets = set(filter(None, candidate.targets))
    about = (f for group in grouped if group[0].improvement == candidate.improvement for f in group)
    return replace(candidate, left=tuple(f for f in about if not f.changes and f.target in targets))


def _is_fixed_by(accepted: Sequence[Candidate], targets: Sequence[str]) -> bool:
    """Say whether something urgent about a target is proposed; what is urgent comes first in the order."""
    urgent = {target for c in accepted if c.urgent for target in c.targets if target}
    return not urgent.isdisjoint(targets)


def _grouped(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Return the findings that belong to one proposal: of one improvement, about one target or group."""
    ordered = sorted(findings, key=lambda f: (f.improvement, f.about, f.path, f.line))
    for _, group in groupby(ordered, key=lambda f: (f.improvement, f.about)):
        yield list(group)


def _parts(
    findings: Sequence[Finding], catalogue: Mapping[str, Improvement], limits: Limits
) -> Iterator[Candidate]:
    """Return one candidate, or several where one would be too large to review.

    What has a target is one change by nature (every mention of a library moves together) and is not split.
    """
    edited = [f for f in findings if f.changes]
    if not edited:
        return
    first = edited[0]
    about = catalogue[first.improvement].about
    batches = [edited] if first.target else list(_batches(edited, limits))
    for part, batch in enumerate(batches, start=1):
        yield Candidate(
            key=key_of(first.improvement, first.about, part),
            improvement=first.improvement,
            title=first.title or about.title,
            category=about.category,
            applicability=about.applicability,
            findings=tuple(batch),
            minutes=about.minutes * len(batch),
            part=part,
            urgent=about.urgent,
        )


def _batches(findings: Sequence[Finding], limits: Limits) -> Iterator[list[Finding]]:
    batch: list[Finding] = []
    files = lines = 0
    for _, group in groupby(findings, key=lambda f: f.path):
        of_file = list(group)
        size = sum(patch.count([of_file[0].edit])) if of_file[0].edit else 0
        if batch and (files + 1 > limits.files or lines + size > limits.lines):
            yield batch
            batch, files, lines = [], 0, 0
        batch += of_file
        files, lines = files + 1, lines + size
    yield batch


def _rank(candidate: Candidate) -> tuple[object, ...]:
    unsafe = candidate.applicability is not Applicability.SAFE
    return (
        not candidate.urgent,
        unsafe,
        ORDER.index(candidate.category),
        len(candidate.edits),
        candidate.key,
    )


def _refusal(candidate: Candidate, config: Config, past: Sequence[Past]) -> Reason | None:
    """Return why a candidate is not wanted, whatever the pace."""
    whole = key_of(candidate.improvement, candidate.findings[0].about)
    answered = list(takewhile(lambda p: p.state is State.CLOSED, (p for p in past if p.key == whole)))
    named = {name for p in answered for name in p.answers}
    if not config.enabled_for(whole):
        return Reason.DISABLED
    if candidate.applicability is Applicability.UNSAFE and not config.unsafe:
        return Reason.UNSAFE
    if answered and is_answered(candidate.answers, named):
        return Reason.DECLINED
    return None


class _Room:
    """How many more pull requests fit, and which are there already."""

    def __init__(self, limits: Limits, past: Sequence[Past], now: datetime) -> None:
        self.open = {p.key for p in past if p.state is State.OPEN}
        self.spare = limits.open - len(self.open)
        today = sum(p.opened.date() == now.date() for p in past)
        # Whichever is more, so that it does not matter how often a day is planned.
        self.new = max(limits.first - len(past), limits.per_day - today)

    def refusal(self, candidate: Candidate) -> Reason | None:
        """Return why a wanted candidate waits, or None and take its place; an urgent one takes it anyhow."""
        if candidate.key in self.open:
            return None
        if candidate.part > 1:
            return Reason.FIRST_PART
        if self.spare <= 0 and not candidate.urgent:
            return Reason.OPEN_LIMIT
        if self.new <= 0 and not candidate.urgent:
            return Reason.DAY_LIMIT
        self.spare -= 1
        self.new -= 1
        return None


def _advice(finding: Finding, config: Config) -> Withheld:
    key, title = key_of(finding.improvement, finding.target), finding.title or finding.message
    if not config.enabled_for(key):
        return Withheld(key, finding.improvement, title, Reason.DISABLED, Reason.DISABLED.value)
    sentence = f"`{finding.path}:{finding.line}`: {finding.message}"
    return Withheld(key, finding.improvement, title, Reason.ADVICE, sentence)


def _withheld(candidate: Candidate, reason: Reason) -> Withheld:
    return Withheld(candidate.key, candidate.improvement, candidate.title, reason, reason.value)
