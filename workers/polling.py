"""Asks GitHub what webhooks would tell, where it cannot reach us; what is new becomes the same jobs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from workers import commands
from workers.github.news import Asked, News, Seen, Touched
from workers.ledger import RepositoryRow, Standing
from workers.messages import DASHBOARD, Kind, Priority, branch_key, command_key, dashboard_key
from workers.model import State
from workers.world import World

_RUNNING = ("PENDING", "EXPECTED")


@dataclass(frozen=True, slots=True)
class _Place:
    """A repository with the branches of our open pull requests, and how it stood the last time."""

    row: RepositoryRow
    ours: Mapping[int, str]
    asked: Asked
    before: Seen | None

    @property
    def key(self) -> str:
        return f"poll:{self.row.id}"


def listen(here: World, installation_id: int) -> None:
    """Ask what is new in the repositories of an installation.

    The jobs come first and the note that they came second: killed between the two, they fold into those that
    wait.
    """
    places = {row.id: row for row in here.book.repositories(installation_id) if row.state == Standing.ACTIVE}
    known = here.book.recall([f"poll:{id_}" for id_ in places], here.clock())
    around = {id_: _place(here, row, known.get(f"poll:{id_}")) for id_, row in places.items()}
    if not around:
        return
    with here.app.news(installation_id) as news:
        for id_, seen in news.survey({id_: place.asked for id_, place in around.items()}).items():
            place = around[id_]
            if seen != place.before:
                _hear(here, news, place, seen)
                here.book.remember({place.key: json.dumps(asdict(seen))}, here.clock())


def _place(here: World, row: RepositoryRow, text: str | None) -> _Place:
    ours = {one.number: one.branch for one in here.book.proposals(row.id, State.OPEN)}
    before = Seen(**json.loads(text)) if text else None
    return _Place(row, ours, Asked(row.owner, row.name, sorted(ours.values())), before)


def _hear(here: World, news: News, place: _Place, seen: Seen) -> None:
    before = place.before
    if before is None:
        # What happened before the first look is not known: ours are looked at, old comments not heard.
        for number in place.ours:
            here.attend_soon(place.row, number, Priority.MERGE)
        return
    if (seen.newest, seen.last) != (before.newest, before.last):
        _touched(here, place, news.touched(place.asked, before.newest))
        _said(here, news, place, before.newest)
    for branch, state in seen.checks.items():
        if before.checks.get(branch) != state and not state.endswith(_RUNNING):
            key = branch_key(place.row.id, branch)
            _queue(here, place.row, Kind.FOLLOW_UP, key, Priority.MERGE, branch=branch)


def _touched(here: World, place: _Place, found: Iterable[Touched]) -> None:
    for one in found:
        if one.is_pull:
            if one.number in place.ours or here.book.proposal(place.row.id, one.number) is not None:
                here.attend_soon(place.row, one.number, Priority.MERGE)
        elif one.number == place.row.dashboard or one.body.startswith(DASHBOARD):
            key = dashboard_key(place.row.id)
            _queue(here, place.row, Kind.DASHBOARD, key, Priority.PERSON, number=one.number)


def _said(here: World, news: News, place: _Place, since: str) -> None:
    for said in news.said(place.asked, since):
        if not said.by_person or said.edited or commands.spoken(said.body) is None:
            continue
        known = here.book.words.find(place.row.id, f"comment:{said.id}")
        if known is None or not known.outcome:
            key = command_key(place.row.id, said.id)
            detail = {"number": said.number, "comment": said.id}
            _queue(here, place.row, Kind.COMMAND, key, Priority.PERSON, **detail)


def _queue(
    here: World, row: RepositoryRow, kind: Kind, key: str, priority: Priority, **detail: object
) -> None:
    job_id = here.book.enqueue(
        kind,
        key,
        here.clock(),
        installation_id=row.installation_id,
        repository_id=row.id,
        priority=priority,
        detail=detail,
    )
    here.send(job_id)
