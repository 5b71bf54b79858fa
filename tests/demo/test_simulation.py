"""A small organisation over a few weeks: the budgets hold, and the same seed gives the same order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from demo.simulation import __main__ as command
from demo.simulation.run import simulation
from demo.simulation.town import Town
from demo.simulation.weekly import MERGED, Record
from workers import capacity
from workers.hours import Hours
from workers.ledger import ProposalRow, WithheldRow
from workers.model import Stage

TOWN = Town(5, 18, date(2026, 3, 9))
WEEKS = 2


def ran(folder: Path) -> Record:
    folder.mkdir()
    with simulation(TOWN, folder) as run:
        run.days(7 * WEEKS, lambda _: None)
        return run.record


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return ran(tmp_path_factory.mktemp("town") / "first")


def test_no_promise_is_broken(record: Record) -> None:
    assert record.broken == []
    assert len(record.weeks) == WEEKS
    assert sum(week.opened for week in record.weeks.values()) == len(record.openings) > 2 * TOWN.size
    assert all(week.ended.total() + week.standing.total() for week in record.weeks.values())
    assert sum(week.ended[MERGED] for week in record.weeks.values()) > TOWN.size


def test_budgets_hold_people_up_and_weaknesses_go_beyond_them(record: Record) -> None:
    refused = {reason for week in record.weeks.values() for reason in week.refused}
    assert refused & {"team-budget", "organisation-budget"}
    assert sum(week.overdrafts for week in record.weeks.values()) > 0


def test_the_same_seed_gives_the_same_order(record: Record, tmp_path: Path) -> None:
    assert ran(tmp_path / "second").openings == record.openings


def test_the_table_has_a_row_for_each_week(record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    Console(width=200).print(command.table(record))
    told = capsys.readouterr().out
    assert [week in told for week in ("2026-03-09", "2026-03-16")] == [True] * WEEKS


def test_another_seed_is_another_town() -> None:
    one, other = Town(30, 1, TOWN.start), Town(30, 2, TOWN.start)
    assert [one.files(name) for name in one.names()] != [other.files(name) for name in other.names()]


# --- the judge sees what is broken


def empty() -> Record:
    return Record(TOWN, Hours("Europe/Berlin", 9 * 60, 17 * 60, frozenset(range(5))))


NOW = datetime.fromisoformat("2026-03-10T10:00+01:00")


def row(cost: int, *, at: datetime = NOW, improvement: str = "i", overdraft: bool = False) -> ProposalRow:
    about = (1, 1, "k", improvement, "t", "kotsu/k", 1, "u", "open", "a" * 40, "d", 3, at, None)
    return ProposalRow(*about, team="acme/team-0", cost=cost, overdraft=overdraft)


def test_a_budget_that_is_exceeded_is_seen() -> None:
    made = empty()
    made.opened("acme/shop-000", row(24))
    made.opened("acme/shop-000", row(9, overdraft=True))
    assert made.broken == []
    made.opened("acme/shop-000", row(1))
    assert [words.split(": ")[-1] for words in made.broken] == ["beyond the minutes of acme/team-0"]


def test_more_than_may_be_open_is_seen_but_what_goes_beyond_by_permission_is_not_counted() -> None:
    made, two = empty(), [replace(row(3), id=n, number=n) for n in (1, 2)]
    made.stands(NOW, {1: "acme/shop-000"}, [*two, replace(row(3, overdraft=True), id=3)])
    assert made.broken == []
    made.stands(NOW, {1: "acme/shop-000"}, [*two, replace(row(3), id=3)])
    assert [words.split(": ", 1)[1] for words in made.broken] == [
        "what acme/shop-000 has open: 3, and 2 may be"
    ]


@pytest.mark.parametrize("stage", Stage)
def test_who_is_asked_about_what_fails_is_seen(stage: Stage) -> None:
    made = empty()
    made.asked("acme/shop-000", replace(row(3), stage=stage))
    assert bool(made.broken) == (stage is not Stage.READY)


def test_who_opens_out_of_hours_is_seen() -> None:
    made = empty()
    made.opened("acme/shop-000", row(1, at=NOW + timedelta(hours=9), improvement="leaky"))
    assert made.broken == []
    made.opened("acme/shop-000", row(1, at=NOW + timedelta(hours=9)))
    assert [words.split(": ")[-1] for words in made.broken] == ["out of hours"]


@pytest.mark.parametrize(("late", "is_broken"), [(timedelta(), False), (timedelta(minutes=1), True)])
def test_who_waits_beyond_the_deadline_is_seen(late: timedelta, *, is_broken: bool) -> None:
    made = empty()
    since = NOW - capacity.patience(45) - late
    waiting = WithheldRow("k", "i", "t", "team-budget", "A sentence.", (), since, NOW, 4, 45, "acme/team-0")
    made.looked(NOW, {1: "acme/shop-000"}, [(1, waiting)])
    assert bool(made.broken) == is_broken
