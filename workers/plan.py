"""Decides what is proposed now: few, small, the most valuable first, and a reason for all the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, groupby, takewhile

from codemods.model import Applicability, Category, Finding
from codemods.registry import Improvement
from workers import campaigns, parts
from workers.campaigns import Turn
from workers.config import Config, Limits
from workers.model import Candidate, Past, Plan, Reason, State, Withheld, is_answered, key_of, part_of
from workers.owners import Owners

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
_NOBODY = Owners()


def make(  # noqa: PLR0913 -- the step's inputs, each of them a value
    findings: Iterable[Finding],
    catalogue: Mapping[str, Improvement],
    config: Config,
    past: Sequence[Past],
    now: datetime,
    *,
    everything: bool = False,
    owners: Owners = _NOBODY,
    turns: Sequence[Turn] = (),
) -> Plan:
    """Return what to propose now and what not, with reasons; ``everything`` ignores the limits of pace.

    ``past`` are our earlier pull requests of this repository, ``now`` is UTC, ``owners`` say whose a file is,
    ``turns`` what campaigns let happen here.
    """
    grouped = list(_grouped(findings))
    series = [_series(group, catalogue, config.limits, past, owners) for group in grouped]
    room = _Room(config.limits, past, now)
    accepted: list[Candidate] = []
    later = [_advice(f, config) for group in grouped for f in group if not f.changes]
    waiting: list[Candidate] = []
    ranked = sorted((some for some in series if some), key=lambda some: _rank(some[0], turns))
    for candidate in chain.from_iterable(ranked):
        reason = _refusal(candidate, config, past)
        if reason is None and _is_fixed_by(accepted, candidate.targets):
            reason = Reason.FIX_FIRST
        turn = campaigns.turn_of(turns, candidate.key)
        if reason is None and turn and not turn.is_open and candidate.key not in room.open:
            later.append(_withheld(candidate, Reason.CAMPAIGN, turn.sentence))
            continue
        if reason is None and not everything:
            reason = room.refusal(candidate)
        if reason is None:
            accepted.append(_completed(candidate, grouped))
        elif reason is Reason.SERIES_LIMIT:
            waiting.append(candidate)
        else:
            later.append(_withheld(candidate, reason, reason.value))
    return Plan(tuple(accepted), (*later, *_waiting(waiting, config.limits)))


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


def _series(
    findings: Sequence[Finding],
    catalogue: Mapping[str, Improvement],
    limits: Limits,
    past: Sequence[Past],
    owners: Owners,
) -> list[Candidate]:
    """Return one candidate, or several where one would be too large to review.

    What has a target is one change by nature (every mention of a library moves together) and is not split.
    """
    edited = [f for f in findings if f.changes]
    if not edited:
        return []
    first = edited[0]
    about = catalogue[first.improvement].about
    whole = key_of(first.improvement, first.about)
    opened = {part_of(p.key, whole): p for p in past if p.state is State.OPEN and part_of(p.key, whole)}
    divided = [parts.Part(1, 1, tuple(edited), "")]
    if not first.target:
        divided = parts.divided(edited, limits, owners, opened)
    return [
        Candidate(
            key=key_of(first.improvement, first.about, part.number),
            improvement=first.improvement,
            title=first.title or about.title,
            category=about.category,
            applicability=about.applicability,
            findings=part.findings,
            minutes=about.minutes * len(part.findings),
            part=part.number,
            parts=part.total,
            owner=part.owner,
            urgent=about.urgent,
        )
        for part in divided
    ]


def _rank(candidate: Candidate, turns: Sequence[Turn]) -> tuple[object, ...]:
    unsafe = candidate.applicability is not Applicability.SAFE
    return (
        not candidate.urgent,
        campaigns.turn_of(turns, candidate.key) is None,
        unsafe,
        ORDER.index(candidate.category),
        len(candidate.edits),
        candidate.key,
    )


def _refusal(candidate: Candidate, config: Config, past: Sequence[Past]) -> Reason | None:
    """Return why a candidate is not wanted, whatever the pace."""
    whole = key_of(candidate.improvement, candidate.findings[0].about)
    # Whoever says no to one part has seen what the others are: they are not asked about each.
    series = {candidate.key, *(p.key for p in past if part_of(p.key, whole))}
    answered = [no for key in series for no in _answers(past, key)]
    named = {name for no in answered for name in no.answers}
    own = next((p.state for p in past if p.key == candidate.key), None)
    if not config.enabled_for(whole):
        return Reason.DISABLED
    if candidate.applicability is Applicability.UNSAFE and not config.unsafe:
        return Reason.UNSAFE
    if answered and own is not State.OPEN and is_answered(candidate.answers, named):
        return Reason.DECLINED
    return None


def _answers(past: Sequence[Past], key: str) -> Iterator[Past]:
    """Return the pull requests of a key that were closed since one of it was merged."""
    mine = (p for p in past if p.key == key and p.word != campaigns.WORD)
    return takewhile(lambda p: p.state is State.CLOSED, mine)


class _Room:
    """How many more pull requests fit, and which are there already."""

    def __init__(self, limits: Limits, past: Sequence[Past], now: datetime) -> None:
        self.open = {p.key for p in past if p.state is State.OPEN}
        self.spare = limits.open - len(self.open)
        today = sum(p.opened.date() == now.date() for p in past)
        # Whichever is more, so that it does not matter how often a day is planned.
        self.new = max(limits.first - len(past), limits.per_day - today)
        self.limit = limits.series
        self.turns: dict[str, int] = {}

    def refusal(self, candidate: Candidate) -> Reason | None:
        """Return why a wanted candidate waits, or None and take its place; an urgent one takes it anyhow."""
        if candidate.key in self.open:
            return None
        if not self._has_turn(candidate):
            return Reason.SERIES_LIMIT
        if self.spare <= 0 and not candidate.urgent:
            return Reason.OPEN_LIMIT
        if self.new <= 0 and not candidate.urgent:
            return Reason.DAY_LIMIT
        self.spare -= 1
        self.new -= 1
        return None

    def _has_turn(self, candidate: Candidate) -> bool:
        """Say whether another part may be open, and take the turn: nobody overtakes a part that waits."""
        whole = key_of(candidate.improvement, candidate.findings[0].about)
        taken = self.turns.get(whole, sum(bool(part_of(key, whole)) for key in self.open))
        self.turns[whole] = taken + 1
        return taken < self.limit


def _advice(finding: Finding, config: Config) -> Withheld:
    key, title = key_of(finding.improvement, finding.target), finding.title or finding.message
    if not config.enabled_for(key):
        return Withheld(key, finding.improvement, title, Reason.DISABLED, Reason.DISABLED.value)
    sentence = f"`{finding.path}:{finding.line}`: {finding.message}"
    return Withheld(key, finding.improvement, title, Reason.ADVICE, sentence)


def _waiting(candidates: Sequence[Candidate], limits: Limits) -> Iterator[Withheld]:
    """Yield the parts that wait for others, each with how many there are of its kind."""
    counts = Counter(candidate.improvement for candidate in candidates)
    for candidate in candidates:
        count = counts[candidate.improvement]
        words = (
            f"{count} part{'s' * (count > 1)} of it wait{'s' * (count == 1)} until an earlier one is merged"
        )
        sentence = f"{words}: `limits.series` allows {limits.series} at a time."
        yield _withheld(candidate, Reason.SERIES_LIMIT, sentence)


def _withheld(candidate: Candidate, reason: Reason, sentence: str) -> Withheld:
    title = candidate.title + candidate.number
    return Withheld(candidate.key, candidate.improvement, title, reason, sentence)
