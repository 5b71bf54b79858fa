"""Tells people what the ledger knows of a name, or of one pull request."""

from __future__ import annotations

from collections.abc import Iterator

from workers import calm, whynot
from workers.commands import LONGEST
from workers.ledger import Ledger, ProposalRow
from workers.model import State
from workers.world import World

_MOST = 20


def about(book: Ledger, repository_id: int, name: str) -> str:
    """Return one line for each thing that was found about a name, in Markdown."""
    lines = [
        f"- {calm.line(row.title)}: proposed in {whynot.where(row.number, row.key)}, {whynot.waits_for(row)}."
        for row in whynot.proposed_about(book.proposals(repository_id, State.OPEN), name)
    ]
    lines += [
        f"- {calm.line(row.title)} ({calm.code(row.key)}): `{row.reason}`: {calm.line(row.sentence)}"
        for row in whynot.kept_about(book.withheld(repository_id), name)
    ]
    shown = calm.code(name[:LONGEST])
    if not lines:
        return f"Nothing about {shown} is proposed or withheld{_when(book, repository_id)}."
    rest = [f"- … and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return "\n".join([f"About {shown}:", "", *lines[:_MOST], *rest])


def of(here: World, row: ProposalRow) -> str:
    """Return what one pull request is, why it is there, what it costs, and what it waits for."""
    return "\n".join(f"- {line}" for line in _said(here, row))


def _said(here: World, row: ProposalRow) -> Iterator[str]:
    yield f"What: {calm.line(row.title)} ({calm.code(row.key)})."
    improvement = here.catalogue.get(row.improvement)
    if improvement is not None:
        first = " ".join(improvement.rationale.partition("\n\n")[0].split())
        yield f"Why: {calm.line(first)}"
        yield f"Kind: {improvement.about.category}, {improvement.about.applicability}."
    if row.cost:
        team = f" of {calm.code(row.team)}'s time" if row.team else ""
        beyond = ", beyond the budget" if row.overdraft else ""
        yield f"Cost: about {row.cost} minutes of review{team}{beyond}."
    if row.state == State.OPEN:
        yield f"Now: {whynot.waits_for(row)}."
    else:
        until = f" until {row.until:%Y-%m-%d}" if row.until else ""
        yield f"Now: it is {row.state}{f' ({calm.line(row.word)}{until})' if row.word else ''}."


def _when(book: Ledger, repository_id: int) -> str:
    done = next((scan for scan in book.scans(repository_id) if scan.finished), None)
    return f", as of {done.finished:%Y-%m-%d}" if done and done.finished else ""
