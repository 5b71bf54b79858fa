"""Decides what is proposed now: few, small, the most valuable first, and a reason for all the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, groupby

from codemods.model import Applicability, Category, Finding
from codemods.registry import Improvement
from workers import answered, parts, rules
from workers.config import Config, Limits
from workers.model import Candidate, Past, Plan, Reason, State, Wanted, Withheld, key_of, part_of
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
NOTHING = Wanted()


def make(  # noqa: PLR0913 -- the step's inputs, each of them a value
    findings: Iterable[Finding],
    catalogue: Mapping[str, Improvement],
    config: Config,
    past: Sequence[Past],
    now: datetime,
    *,
    everything: bool = False,
    owners: Owners = _NOBODY,
    wanted: Wanted = NOTHING,
) -> Plan:
    """Return what to propose now and what not, with reasons; ``everything`` ignores the limits of pace.

    ``past`` are our earlier pull requests of this repository, ``now`` is UTC, ``owners`` say whose a file is,
    ``wanted`` is what people asked of single keys.
    """
    grouped = list(_grouped(findings))
    series = [_series(group, catalogue, config.limits, past, owners) for group in grouped]
    room = _Room(config.limits, past, now)
    accepted: list[Candidate] = []
    later = [_advice(f, config) for group in grouped for f in group if not f.changes]
    waiting: list[Candidate] = []
    ranked = sorted((some for some in series if some), key=lambda some: _rank(some[0]))
    for candidate in chain.from_iterable(ranked):
        reason, sentence = _refusal(candidate, config, past, now, wanted) or (None, "")
        if reason is None and _is_fixed_by(accepted, candidate.targets):
            reason = Reason.FIX_FIRST
        if reason is None and not everything:
            reason = room.refusal(candidate, hurried=candidate.key in wanted.now)
        if reason is None:
            accepted.append(_completed(candidate, grouped))
        elif reason is Reason.SERIES_LIMIT:
            waiting.append(candidate)
        else:
            later.append(_withheld(candidate, reason, sentence or reason.value))
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
            owners=owners.among(f.path for f in part.findings),
            urgent=about.urgent,
        )
        for part in divided
    ]


def _rank(candidate: Candidate) -> tuple[object, ...]:
    unsafe = candidate.applicability is not Applicability.SAFE
    return (
        not candidate.urgent,
        unsafe,
        ORDER.index(candidate.category),
        len(candidate.edits),
        candidate.key,
    )


def _refusal(
    candidate: Candidate, config: Config, past: Sequence[Past], now: datetime, wanted: Wanted
) -> tuple[Reason, str] | None:
    """Return why a candidate is not wanted, whatever the pace, with a sentence where it has its own."""
    whole = key_of(candidate.improvement, candidate.findings[0].about)
    about = rules.about(candidate)
    wished, doubt = rules.wishes(config, about), rules.doubt(config, about)
    if not (config.enabled_for(whole) and wished.enabled):
        return Reason.DISABLED, ""
    if doubt:
        words = f"`{doubt.place}` has a mistake that may be about it: it waits until the file is mended."
        return Reason.BROKEN_CONFIGURATION, words
    if candidate.applicability is Applicability.UNSAFE and not wished.unsafe:
        return Reason.UNSAFE, ""
    opened = any(p.key == candidate.key and p.state is State.OPEN for p in past)
    if not opened and any(part_of(key, whole) for key in wanted.never):
        return Reason.DECLINED, "Somebody said never to propose it."
    answer = answered.refusal(candidate, past, now)
    is_rest = answer is not None and answer[0] is not Reason.DECLINED
    return None if is_rest and candidate.key in wanted.now else answer


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

    def refusal(self, candidate: Candidate, *, hurried: bool = False) -> Reason | None:
        """Return why a wanted candidate waits, or None and take its place.

        An urgent one takes it anyhow, and so does one that somebody wants now (``hurried``).
        """
        if candidate.key in self.open:
            return None
        if not self._has_turn(candidate) and not hurried:
            return Reason.SERIES_LIMIT
        if self.spare <= 0 and not candidate.urgent and not hurried:
            return Reason.OPEN_LIMIT
        if self.new <= 0 and not candidate.urgent and not hurried:
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
        reason, sentence = Reason.DISABLED, Reason.DISABLED.value
    else:
        reason, sentence = Reason.ADVICE, f"`{finding.path}:{finding.line}`: {finding.message}"
    return Withheld(key, finding.improvement, title, reason, sentence, tuple(filter(None, [finding.target])))


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
    targets = tuple(filter(None, candidate.targets))
    return Withheld(candidate.key, candidate.improvement, title, reason, sentence, targets)
