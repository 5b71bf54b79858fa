"""Decides what is proposed now: few, small, the most valuable first, and a reason for all the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from codemods.model import Applicability, Category, Finding
from codemods.registry import Improvement
from workers import answered, campaigns, capacity, cost, parts, rules
from workers.campaigns import Turn
from workers.capacity import Outside, Rank, Room, Verdict
from workers.config import Config, Limits
from workers.evaluation import learning, pausing
from workers.model import Candidate, Past, Plan, State, Wait, Wanted, Withheld, key_of, part_of
from workers.owners import Owners
from workers.reasons import Reason

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
    outside: Outside = capacity.NOTHING,
    turns: Sequence[Turn] = (),
) -> Plan:
    """Return what to propose now and what not, with reasons; ``everything`` ignores the limits of pace.

    ``past`` are our earlier pull requests of this repository, ``now`` is UTC, ``owners`` say whose a file is,
    ``wanted`` is what people asked of single keys, ``outside`` what other repositories take of the budgets
    that they share with this one, ``turns`` what campaigns let happen here.
    """
    grouped = list(_grouped(findings))
    found = (_series(group, catalogue, config, past, owners=owners, now=now) for group in grouped)
    series = [[_liked(candidate, outside) for candidate in some] for some in found]
    room, queue = Room(config, past, now, outside), _Queue(config.limits, past)
    accepted: list[Candidate] = []
    later = [_advice(f, config) for group in grouped for f in group if not f.changes]
    waiting: list[Candidate] = []
    standing = [candidate for some in series for candidate in some if candidate.key in room.open]
    for rank, candidate in _ranked(series, room, turns):
        barred = _refusal(candidate, config, past, now, wanted)
        barred = barred or _paused(candidate, config, outside, room, wanted)
        barred = barred or _early(candidate, accepted, turns, room)
        barred = barred or _doubled(candidate, [*standing, *accepted], catalogue)
        if barred is not None:
            later.append(_withheld(candidate, *barred))
            continue
        verdict = Verdict(overdraft=candidate.overdraft)
        if not everything:
            hurried = candidate.key in wanted.now
            if not queue.take(candidate) and not hurried:
                waiting.append(candidate)
                continue
            verdict = room.admit(candidate, rank, hurried=hurried)
        if verdict.reason is None:
            accepted.append(_completed(replace(candidate, overdraft=verdict.overdraft), grouped))
        else:
            wait = room.wait(candidate, verdict)
            later.append(_withheld(candidate, verdict.reason, verdict.sentence, wait))
    return Plan(tuple(accepted), (*later, *_waiting(waiting, config.limits)))


def _ranked(
    series: Iterable[Sequence[Candidate]], room: Room, turns: Sequence[Turn]
) -> Iterator[tuple[Rank, Candidate]]:
    """Yield all candidates in their turn; the parts of a series stay together, where the first in turn is.

    What a campaign is about comes right after what is urgent.
    """
    ranked = []
    for some in filter(None, series):
        led = campaigns.turn_of(turns, some[0].key) is not None and not some[0].urgent
        ranks = [(0, 0, candidate.key) if led else room.rank(candidate) for candidate in some]
        new = [r for r, candidate in zip(ranks, some, strict=True) if candidate.key not in room.open]
        ranked.append((min(new or ranks), some))
    for rank, some in sorted(ranked, key=lambda pair: pair[0]):
        yield from ((rank, candidate) for candidate in some)


def _completed(candidate: Candidate, grouped: Sequence[Sequence[Finding]]) -> Candidate:
    """Return a candidate with the places of what it moves that stay as they are."""
    targets = set(filter(None, candidate.targets))
    about = (f for group in grouped if group[0].improvement == candidate.improvement for f in group)
    return replace(candidate, left=tuple(f for f in about if not f.changes and f.target in targets))


def _paused(
    candidate: Candidate, config: Config, outside: Outside, room: Room, wanted: Wanted
) -> tuple[Reason, str] | None:
    """Return why something pauses: all that is new where a person paused the repository, else what few want.

    The latter does not where kotsu.yml wants it here, nor where it is urgent; neither does what is asked for.
    """
    if candidate.key in room.open or candidate.key in wanted.now:
        return None
    if whole := pausing.whole(outside.pauses):
        return Reason.REPOSITORY_PAUSED, pausing.sentence(whole)
    if candidate.urgent or config.insists_on(key_of(candidate.improvement, candidate.findings[0].about)):
        return None
    pause = pausing.barring(outside.pauses, candidate.improvement, candidate.team)
    return (Reason.PAUSED, pausing.sentence(pause)) if pause else None


def _early(
    candidate: Candidate, accepted: Sequence[Candidate], turns: Sequence[Turn], room: Room
) -> tuple[Reason, str] | None:
    """Return what a wanted candidate has to wait for before its turn comes at all."""
    if _is_fixed_by(accepted, candidate.targets):
        return Reason.FIX_FIRST, ""
    turn = campaigns.turn_of(turns, candidate.key)
    if turn and not turn.is_open and candidate.key not in room.open:
        return Reason.CAMPAIGN, turn.sentence
    return None


def _doubled(
    candidate: Candidate, others: Sequence[Candidate], catalogue: Mapping[str, Improvement]
) -> tuple[Reason, str] | None:
    """Return what a candidate has to wait for as it changes the same code: a migration goes once.

    It goes by itself, or rides with an upgrade: whichever is proposed first. So it is with two improvements
    of which each would be wrong beside the other. What is open goes on, and what is urgent waits for nobody.
    """
    if candidate.urgent or any(other.key == candidate.key for other in others):
        return None
    paths, kept_off = {edit.path for edit in candidate.edits}, _kept_off(candidate, catalogue)
    for other in others:
        is_same = other.improvement in kept_off or candidate.improvement in _kept_off(other, catalogue)
        if is_same and not paths.isdisjoint(edit.path for edit in other.edits):
            return Reason.SAME_CODE, f"`{other.key}` changes the same code, and comes first."
    return None


def _kept_off(candidate: Candidate, catalogue: Mapping[str, Improvement]) -> set[str]:
    """Return the improvements that may not change at the same time what a candidate changes."""
    return {f.rides for f in candidate.findings} | set(catalogue[candidate.improvement].about.clashes)


def _is_fixed_by(accepted: Sequence[Candidate], targets: Sequence[str]) -> bool:
    """Say whether something urgent about a target is proposed; what is urgent comes first in the order."""
    urgent = {target for c in accepted if c.urgent for target in c.targets if target}
    return not urgent.isdisjoint(targets)


def _grouped(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Return the findings that belong to one proposal: of one improvement, about one target or group."""
    ordered = sorted(findings, key=lambda f: (f.improvement, f.about, f.path, f.line))
    for _, group in groupby(ordered, key=lambda f: (f.improvement, f.about)):
        yield list(group)


def _series(  # noqa: PLR0913 -- the step's inputs
    findings: Sequence[Finding],
    catalogue: Mapping[str, Improvement],
    config: Config,
    past: Sequence[Past],
    *,
    owners: Owners,
    now: datetime,
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
        divided = parts.divided(edited, config.limits, owners, opened)
    made = (
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
            urgent=about.urgent or _is_lapsed(about.category, part.findings, now),
        )
        for part in divided
    )
    return [_priced(candidate, config, opened.get(candidate.part)) for candidate in made]


def _is_lapsed(category: Category, findings: Iterable[Finding], now: datetime) -> bool:
    """Say whether something is left behind that gets no fixes any more."""
    today = now.date().isoformat()
    return category is Category.LIFECYCLE and any(f.ends and f.ends <= today for f in findings)


def _priced(candidate: Candidate, config: Config, opened: Past | None) -> Candidate:
    """Return a candidate with what it costs; what is open has cost already what it did."""
    spots, applicability = len(candidate.findings), candidate.applicability
    value = cost.value(candidate.category, applicability, candidate.minutes)
    if opened is not None and opened.cost:
        paid = replace(candidate, cost=opened.cost, team=opened.team, overdraft=opened.overdraft)
        return replace(paid, value=value)
    moved = [edit for stride in candidate.strides if stride.rides for edit in stride.edits]
    minutes = cost.minutes(candidate.edits, spots, applicability, candidate.upgrades, moved)
    reviewers = rules.wishes(config, rules.about(candidate)).reviewers
    whose = capacity.team(config, reviewers, candidate.owner)
    return replace(candidate, value=value, cost=minutes, team=whose)


def _liked(candidate: Candidate, outside: Outside) -> Candidate:
    """Return a candidate with what it is worth to those who see it, by what they merged before."""
    counts = outside.liked.get((candidate.improvement, candidate.team.lower()), (0, 0))
    return replace(candidate, value=learning.worth(candidate.value, *counts))


def _refusal(
    candidate: Candidate, config: Config, past: Sequence[Past], now: datetime, wanted: Wanted
) -> tuple[Reason, str] | None:
    """Return why a candidate is not wanted, whatever the pace, with a sentence where it has its own."""
    whole = key_of(candidate.improvement, candidate.findings[0].about)
    about = rules.about(candidate)
    wished, doubt = rules.wishes(config, about), rules.doubt(config, about)
    if not (config.enabled_for(whole) and wished.enabled):
        return (Reason.POLICY if config.forbids(whole) else Reason.DISABLED), ""
    if doubt:
        words = f"`{doubt.place}` has a mistake that may be about it: it waits until the file is mended."
        return Reason.BROKEN_CONFIGURATION, words
    if candidate.applicability is Applicability.UNSAFE and not wished.unsafe:
        return (Reason.POLICY if config.forbids("unsafe") else Reason.UNSAFE), ""
    opened = any(p.key == candidate.key and p.state is State.OPEN for p in past)
    if not opened and any(part_of(key, whole) for key in wanted.never):
        return Reason.DECLINED, "Somebody said never to propose it."
    answer = answered.refusal(candidate, past, now)
    is_rest = answer is not None and answer[0] is not Reason.DECLINED
    return None if is_rest and candidate.key in wanted.now else answer


class _Queue:
    """Which parts of a series may be open: nobody overtakes a part that waits."""

    def __init__(self, limits: Limits, past: Sequence[Past]) -> None:
        self.open = {p.key for p in past if p.state is State.OPEN}
        self.limit = limits.series
        self.taken: dict[str, int] = {}

    def take(self, candidate: Candidate) -> bool:
        """Say whether another part may be open, and take the turn."""
        if candidate.key in self.open:
            return True
        whole = key_of(candidate.improvement, candidate.findings[0].about)
        taken = self.taken.get(whole, sum(bool(part_of(key, whole)) for key in self.open))
        self.taken[whole] = taken + 1
        return taken < self.limit


def _advice(finding: Finding, config: Config) -> Withheld:
    key, title = key_of(finding.improvement, finding.target), finding.title or finding.message
    if not config.enabled_for(key):
        reason = Reason.POLICY if config.forbids(key) else Reason.DISABLED
        sentence = reason.value
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


def _withheld(candidate: Candidate, reason: Reason, sentence: str, wait: Wait | None = None) -> Withheld:
    title = candidate.title + candidate.number
    targets = tuple(filter(None, candidate.targets))
    words = sentence or reason.value
    return Withheld(candidate.key, candidate.improvement, title, reason, words, targets, wait)
