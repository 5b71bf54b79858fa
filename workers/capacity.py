"""Decides for whom there is room now: the repository's limits, its team's budget and the organisation's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workers import hours
from workers.evaluation import learning
from workers.evaluation.learning import Liked
from workers.evaluation.pausing import Paused
from workers.model import Candidate, Past, State, Wait, Withheld
from workers.purses import Price, Purse, Whose
from workers.reasons import Reason

if TYPE_CHECKING:  # the web process reads the ledger and no kotsu.yml, whose schema takes 12 MB
    from workers.config import Config
    from workers.hours import Hours
    from workers.wants import Budget

DAY = timedelta(days=1)
"""After how long a repository is looked at by itself: releases, weaknesses and the date move on."""
_LONGEST, _SHORTEST = 56, 14
_DOUBLES = 7
_EXACT = 10_000

Rank = tuple[int, int, str]
"""Whose turn it is; the lowest goes first."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A pull request of another repository, or one that a worker is about to open, as budgets see it."""

    price: Price
    opened: datetime
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """What waits in another repository for a budget that both share; ``name`` settles ties."""

    price: Price
    value: int
    since: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Outside:
    """What the ledger knows beside the pull requests of this repository.

    ``spent`` and ``claims`` are those of the installation's other repositories; ``since`` says when what
    waits in this one began to, by key, and ``place`` is what names of claims from here begin with.
    ``pauses`` are those that hold now, here or for a team, and ``liked`` says what people there merge.
    """

    spent: tuple[Spent, ...] = ()
    claims: tuple[Claim, ...] = ()
    pauses: tuple[Paused, ...] = ()
    liked: Liked = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    place: str = ""


NOTHING = Outside()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether there is room: no ``reason``, or one with a sentence and when it may change by itself."""

    reason: Reason | None = None
    sentence: str = ""
    after: datetime | None = None
    overdraft: bool = False


def team(config: Config, reviewers: Sequence[str], owner: str) -> str:
    """Return the team whose budget a proposal costs: the one that is named, else its only reviewer.

    ``reviewers`` are those of the proposal, as a rule may name others than the rest of kotsu.yml. Who has no
    budget, or none for this repository, is not charged: other repositories would read it in the ledger.
    """
    asked = reviewers or ((owner,) if owner else ())
    whose = config.capacity.team or (asked[0] if len(asked) == 1 else "")
    return whose if whose.lower() in {name.lower() for name in config.capacity.teams} else ""


def patience(value: int) -> timedelta:
    """Return how long something may wait while others get in: two weeks to eight, by its value."""
    return timedelta(days=max(_SHORTEST, _LONGEST - value // 2))


def rank(price: Price, value: int, since: datetime, now: datetime, name: str) -> Rank:
    """Return whose turn it is: what has used up half of its patience, then the most worth for a minute.

    Of the former the nearest deadline comes first; of the latter each week adds as much worth as there was
    at first.
    """
    waited, most = max(timedelta(), now - since), patience(value)
    if 2 * waited >= most:
        return 0, int((since + most).timestamp()), name
    return 1, -(value * _EXACT * (_DOUBLES + waited.days) // (_DOUBLES * max(1, price.cost))), name


def look_again(withheld: Iterable[Withheld], now: datetime, past: Iterable[Past] = ()) -> datetime:
    """Return when a repository is to be looked at: as soon as there may be room, and each day.

    What was closed up to a moment (``past``) comes back at that moment, not at the next daily look.
    """
    moments = [w.wait.after for w in withheld if w.wait and w.wait.after]
    moments += [p.until for p in past if p.state is State.CLOSED and p.until and p.until > now]
    return min([now + DAY, *(max(now, moment) for moment in moments)])


class Room:
    """What one repository may open now; each candidate that is let in takes its place."""

    def __init__(self, config: Config, past: Sequence[Past], now: datetime, outside: Outside) -> None:
        self.hours = hours.of(config.capacity)
        self.now, self.outside = now, outside
        self.open = {p.key for p in past if p.state is State.OPEN}
        # Out of hours it is decided who comes in when they begin.
        self.opens = self.hours.opens(now)
        self.moment = self.opens or now
        self.purses = [
            *_own(config, past, self.hours, self.moment),
            *shared(config, [*_spent(past), *outside.spent], self.hours, self.moment),
        ]
        ranked = ((rank(c.price, c.value, c.since, now, c.name), c) for c in outside.claims)
        self.claims = sorted(ranked, key=lambda ranked: ranked[0], reverse=True)

    def rank(self, candidate: Candidate) -> Rank:
        """Return whose turn it is: what is urgent comes first, then see `rank`."""
        if candidate.urgent:
            return -1, -candidate.value, candidate.key
        price = Price(candidate.team, candidate.cost)
        name = self.outside.place + candidate.key
        return rank(price, candidate.value, self._since(candidate), self.now, name)

    def admit(self, candidate: Candidate, turn: Rank, *, hurried: bool = False) -> Verdict:
        """Say whether a wanted candidate gets in, and take its place; ask in the order of ranks.

        What somebody wants now (``hurried``) gets in like what is urgent.
        """
        hurried = hurried or candidate.urgent
        if candidate.key in self.open:
            return Verdict(overdraft=candidate.overdraft)
        self._set_aside(turn)
        price = Price(candidate.team, candidate.cost)
        mine = [purse for purse in self.purses if purse.pays(price)]
        lacking = [purse for purse in mine if purse.lacks(price)]
        if lacking and not hurried:
            verdict = _refused(lacking[0], price, self.hours, self.moment)
            # Nobody takes what one whose patience ends does not find enough of.
            mine = lacking if turn[0] <= 0 else []
        elif self.opens == self.now or hurried:
            verdict = Verdict(overdraft=any(purse.overdraws(price) for purse in mine))
        else:
            words = Reason.OUT_OF_HOURS.value + _when(self.opens, self.hours)
            verdict = Verdict(Reason.OUT_OF_HOURS, words, self.opens)
        for purse in mine:
            purse.take(price)
        return verdict

    def wait(self, candidate: Candidate, verdict: Verdict) -> Wait:
        """Return how a candidate waits that found no room."""
        price = (candidate.cost, candidate.value, candidate.team)
        return Wait(self._since(candidate), verdict.after, *price)

    def _since(self, candidate: Candidate) -> datetime:
        return self.outside.since.get(candidate.key, self.now)

    def _set_aside(self, turn: Rank) -> None:
        """Leave to other repositories what those who come before have a claim to."""
        while self.claims and self.claims[-1][0] < turn:
            ahead, claim = self.claims.pop()
            mine = [purse for purse in self.purses if purse.is_shared and purse.pays(claim.price)]
            lacking = [purse for purse in mine if purse.lacks(claim.price)]
            if lacking:
                mine = lacking if ahead[0] <= 0 else []
            for purse in mine:
                purse.take(claim.price, aside=True)


def fits(config: Config, price: Price, spent: Sequence[Spent], now: datetime) -> Verdict:
    """Say whether the shared budgets still have room for one more: another worker may have been faster."""
    when = hours.of(config.capacity)
    lacking = (p for p in shared(config, spent, when, now) if p.pays(price) and p.lacks(price))
    purse = next(lacking, None)
    return Verdict() if purse is None else _refused(purse, price, when, now)


def shared(config: Config, spent: Sequence[Spent], when: Hours, now: datetime) -> list[Purse]:
    """Return what is left of the budgets of teams and of the organisation."""
    capacity = config.capacity
    teams = [
        _purse(Whose.TEAM, budget, [s for s in spent if s.price.team.lower() == name.lower()], when, now)
        for name, budget in capacity.teams.items()
    ]
    for name, purse in zip(capacity.teams, teams, strict=True):
        purse.team = name
    return [*teams, _purse(Whose.ORGANISATION, capacity.organisation, spent, when, now)]


def _own(config: Config, past: Sequence[Past], when: Hours, now: datetime) -> Iterator[Purse]:
    """Yield what the repository itself allows: `limits`, the first weeks, `capacity`."""
    limits, capacity = config.limits, config.capacity
    opened, pace = sum(p.state is State.OPEN for p in past), learning.pace(past)
    begins = when.day(now, pace.days - 1)
    recent = sorted((p.opened for p in past if p.opened >= begins), reverse=True)
    # Whichever is more, so that it does not matter how often a day is planned.
    new = max(limits.first - len(past), limits.per_day - len(recent))
    until = None
    if pace.days > 1 and 0 < limits.per_day <= len(recent):
        until = when.next_day(recent[limits.per_day - 1], pace.days)
    yield Purse(Whose.LIMITS, limits.open - opened, new, pace=pace, until=until)
    ends = min((p.opened for p in past), default=now) + timedelta(days=capacity.gentle)
    if now < ends:
        yield Purse(Whose.GENTLE, max(1, limits.first) - opened, until=when.opens(ends))
    yield _purse(Whose.REPOSITORY, capacity, _spent(past), when, now)


def _spent(past: Iterable[Past]) -> list[Spent]:
    return [Spent(Price(p.team, p.cost), p.opened, p.state is State.OPEN) for p in past]


def _purse(whose: Whose, budget: Budget, spent: Sequence[Spent], when: Hours, now: datetime) -> Purse:
    day, week = when.day(now), when.week(now)
    recent = [s.price.cost for s in spent if s.opened >= week]
    whole = budget.minutes_per_week
    return Purse(
        whose,
        None if budget.open is None else budget.open - sum(s.is_open for s in spent),
        None if budget.per_day is None else budget.per_day - sum(s.opened >= day for s in spent),
        None if whole is None else whole - sum(recent),
        whole or 0,
        touched=any(recent),
    )


def _refused(purse: Purse, price: Price, when: Hours, now: datetime) -> Verdict:
    what = purse.lacks(price)
    after = purse.until if purse.whose is Whose.GENTLE else None
    if what == "per-day":
        after = purse.until or when.next_day(now)
    elif what == "minutes":
        after = when.next_week(now)
    return Verdict(purse.reason(what), purse.says(what, price) + _when(after, when), after)


def _when(after: datetime | None, when: Hours) -> str:
    return f" It may change after {when.said(after)}." if after else ""
