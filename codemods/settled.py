"""Says whether an issue is done, and whether what was done about it has arrived here."""

from __future__ import annotations

from codemods.clauses import Closed, Confidence
from codemods.mentions import Progress, Ticket
from codemods.model import Facts, plain


def is_done(condition: Closed, facts: Facts) -> bool | None:
    """Say whether an issue is done and its fix in use; None where the facts do not tell.

    Where a workaround is only named beside an issue, one of this repository proves nothing: the workaround
    may be what closed it.
    """
    ticket = facts.issues.get(str(condition.issue))
    if ticket is None or not _is_meant(condition, ticket):
        return None
    if ticket.progress is not Progress.DONE:
        return False
    guessed = condition.confidence is Confidence.GUESSED
    if ticket.own or not condition.issue.repository:
        return None if guessed else True
    if ticket.arrived is None and condition.confidence is Confidence.STATED:
        return True
    return ticket.arrived


def because(condition: Closed, facts: Facts) -> str:
    """Return in words why a condition that is due is due."""
    ticket = facts.issues[str(condition.issue)]
    name = _distribution(str(condition.issue))
    words = f"now that {shown(condition)} is closed ({ticket.closed})"
    return (
        f"{words} and `{name}` {facts.dependencies[name]} is newer" if name in facts.dependencies else words
    )


def why_not(condition: Closed, facts: Facts) -> str:
    """Return in words what a condition that is not due waits for."""
    ticket = facts.issues.get(str(condition.issue))
    if ticket is None:
        return f"waits for {shown(condition)}, which was not asked for"
    if not _is_meant(condition, ticket):
        return f"waits for {shown(condition)}, which is a pull request here and no issue"
    if ticket.progress is Progress.OPEN:
        return f"waits for {shown(condition)}, which is open"
    name, closed = _distribution(str(condition.issue)), f"{shown(condition)} is closed ({ticket.closed})"
    if name in facts.dependencies:
        return f"{closed}, but `{name}` {facts.dependencies[name]} is older"
    return f"{closed}; whether its fix is in use here cannot be told"


def _is_meant(condition: Closed, ticket: Ticket) -> bool:
    """Say whether it is what the words name; what stands in brackets is a grammar, and means GitHub's."""
    return condition.confidence is Confidence.STATED or ticket.is_meant(condition.issue, condition.words)


def shown(condition: Closed) -> str:
    """Return an issue as code, so that no page of GitHub takes it for a mention."""
    return f"`{condition.issue}`"


def has_arrived(issue: str, ticket: Ticket, facts: Facts) -> bool | None:
    """Say whether the lowest version of an issue's distribution is newer than its closing; None: unknown.

    Closed is not released, and what is released later may belong to an older line: the version has to be
    above all that were there on that day. A distribution is known by its repository's name.
    """
    name = _distribution(issue)
    lowest = facts.dependencies.get(name)
    if lowest is None or name not in facts.releases or not ticket.closed:
        return None
    there = [r for r in facts.releases[name].releases if r.uploaded]
    if not any(r.version == lowest for r in there):
        return None
    return all(r.version < lowest for r in there if r.uploaded[:10] <= ticket.closed)


def _distribution(issue: str) -> str:
    return plain(issue.partition("#")[0].rpartition("/")[2])
