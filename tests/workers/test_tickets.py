"""What became of issues is asked for seldom, and for a few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from codemods.mentions import Mention, Progress, Ticket
from tests.workers.test_discover import Remembering
from workers import tickets

_MONDAY = date(2026, 11, 23)


@dataclass
class _GitHub:
    known: Mapping[Mention, Ticket]
    asked: list[str] = field(default_factory=list)

    def find(self, mention: Mention) -> Ticket | None:
        self.asked.append(str(mention))
        return self.known.get(mention)


_OWN, _FOREIGN, _SECRET = Mention("", 7), Mention("acme/tool", 8), Mention("acme/secret", 9)
_KNOWN = {_OWN: Ticket(Progress.OPEN), _FOREIGN: Ticket(Progress.DONE, "2026-01-01", pull=True)}


def test_what_is_open_is_asked_for_each_day_and_what_is_closed_each_week() -> None:
    memory, github = Remembering(), _GitHub(_KNOWN)
    for day, asked in ((23, ["#7", "acme/tool#8"]), (23, []), (24, ["#7"]), (30, ["#7", "acme/tool#8"])):
        track = tickets.asking(github.find, memory, 1, date(2026, 11, day))
        assert track({_OWN, _FOREIGN}) == {str(m): ticket for m, ticket in _KNOWN.items()}
        assert github.asked == asked
        github.asked.clear()


def test_bare_numbers_of_two_repositories_are_two_issues() -> None:
    memory = Remembering()
    tickets.asking(_GitHub(_KNOWN).find, memory, 1, _MONDAY)({_OWN})
    assert tickets.asking(_GitHub({}).find, memory, 2, _MONDAY)({_OWN}) == {}


def test_what_nobody_may_know_is_unknown() -> None:
    assert tickets.asking(_GitHub(_KNOWN).find, Remembering(), 1, _MONDAY)({_SECRET}) == {}


def test_of_many_some_are_asked_for_at_a_time() -> None:
    many = {Mention("", number): Ticket(Progress.OPEN) for number in range(tickets.MOST + 5)}
    memory, github = Remembering(), _GitHub(many)
    track = tickets.asking(github.find, memory, 1, _MONDAY)
    assert len(track(many)) == tickets.MOST
    assert len(track(many)) == tickets.MOST + 5
    assert len(github.asked) == tickets.MOST + 5


def test_an_address_of_the_repository_itself_names_one_of_its_own() -> None:
    github = _GitHub({**_KNOWN, _OWN: Ticket(Progress.DONE, "2026-01-01")})
    asked = tickets.asking(github.find, Remembering(), 1, _MONDAY, name="Acme/Tool")({_OWN, _FOREIGN})
    assert {name: ticket.own for name, ticket in asked.items()} == {"#7": False, "acme/tool#8": True}
    elsewhere = tickets.asking(github.find, Remembering(), 1, _MONDAY)({_FOREIGN})
    assert not elsewhere["acme/tool#8"].own
