"""Asks what became of the issues that promises name; few at a time, and seldom."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date

from codemods.mentions import Mention, Progress, Ticket
from workers.discover import Memory

Find = Callable[[Mention], Ticket | None]
"""Answers with what became of one issue, None where nobody may know."""
Track = Callable[[Collection[Mention]], Mapping[str, Ticket]]
"""Answers with what became of issues, by the words that stand for each."""

MOST = 40
"""Issues that are asked for at a time; the others wait for the next scan."""


def nothing(_: Collection[Mention]) -> Mapping[str, Ticket]:
    """Answer nothing: what is known of issues where nobody is asked."""
    return {}


def asking(find: Find, memory: Memory, repository: int, today: date, *, name: str = "") -> Track:
    """Return how to ask; ``repository`` is the number of the one in which bare numbers are read.

    ``name`` is that one's (``owner/name``); by it an address of one of its own issues is known.

    What is open is asked for once a day, and what is closed once a week: it may be opened again.
    """
    week, day = f"{today:%G-%V}", today.isoformat()

    def key(mention: Mention, when: str) -> str:
        return f"ticket:{'' if mention.repository else repository}{mention}:{when}"

    def track(mentions: Collection[Mention]) -> Mapping[str, Ticket]:
        keys = {key(mention, when): mention for mention in mentions for when in (week, day)}
        found = {keys[k]: _read(text) for k, text in memory.recall(list(keys)).items()}
        fresh = {m: ticket for m in sorted(set(mentions) - found.keys())[:MOST] if (ticket := find(m))}
        if fresh:
            memory.remember({key(m, week if t.closed else day): _written(t) for m, t in fresh.items()})
        told = {**found, **fresh}
        return {str(m): replace(t, own=m.repository == name.lower() != "") for m, t in told.items()}

    return track


def _written(ticket: Ticket) -> str:
    return json.dumps([ticket.progress, ticket.closed, ticket.pull])


def _read(text: str) -> Ticket:
    progress, closed, pull = json.loads(text)
    return Ticket(Progress(progress), closed, pull=pull)
