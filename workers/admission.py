"""Keeps a place in the shared budgets for each pull request before it opens: no minute is spent twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from workers import capacity, cost
from workers.config import Config
from workers.evaluation import pausing
from workers.ledger import ProposalRow, WithheldRow
from workers.messages import Repository
from workers.model import CONFIGURE, Proposal, Wait, Withheld
from workers.purses import Price
from workers.reasons import Reason
from workers.world import World


def refused(  # noqa: PLR0913 -- what is proposed where, and what is known of it
    here: World,
    place: Repository,
    config: Config,
    proposal: Proposal,
    row: ProposalRow | None = None,
    *,
    hurried: bool = False,
) -> Withheld | None:
    """Keep a place for a proposal, or return how it waits: another worker was faster since it was planned.

    So was whoever paused the repository since then: what is open already (``row``) goes on, but no branch of
    before becomes a pull request.

    What is urgent, or ``hurried`` by who asked for it, is planned again at once, for it may go beyond the
    budget, and then has to say so.
    """
    about = (proposal.key, proposal.improvement, proposal.title)
    pause = here.book.pauses.wholes().get(place.id)
    is_begun = row is not None and (row.number > 0 or pause is None or row.opened_at >= pause.since)
    if pause is not None and not (hurried or is_begun):
        return Withheld(*about, Reason.REPOSITORY_PAUSED, pausing.sentence(pause))
    if row is not None or proposal.key == CONFIGURE:
        return None
    now, price = here.clock(), Price(proposal.team, proposal.cost)
    # What went beyond a budget was meant to.
    judge = _always if proposal.overdraft else partial(_judge, config, price, now)
    verdict = here.book.spending.reserve(
        place.installation_id, place.id, proposal.key, price, now=now, judge=judge
    )
    if verdict.reason is None:
        return None
    since = {row.key: row.since for row in here.book.withheld(place.id)}.get(proposal.key) or now
    value = cost.value(proposal.category, proposal.applicability, proposal.minutes)
    wait = Wait(since, now if hurried or proposal.urgent else verdict.after, price.cost, value, price.team)
    return Withheld(*about, verdict.reason, verdict.sentence, wait=wait)


def rows(withheld: Iterable[Withheld], now: datetime) -> list[WithheldRow]:
    """Return what is withheld as the ledger keeps it."""
    return [_row(w, now) for w in withheld]


def _row(withheld: Withheld, now: datetime) -> WithheldRow:
    said = (withheld.key, withheld.improvement, withheld.title, withheld.reason.id, withheld.sentence)
    row, wait = WithheldRow(*said, withheld.targets), withheld.wait
    if wait is None:
        return row
    return replace(row, since=wait.since, seen=now, cost=wait.cost, value=wait.value, team=wait.team)


def _always(_: Sequence[capacity.Spent]) -> capacity.Verdict:
    return capacity.Verdict()


def _judge(config: Config, price: Price, now: datetime, spent: Sequence[capacity.Spent]) -> capacity.Verdict:
    return capacity.fits(config, price, spent, now)
