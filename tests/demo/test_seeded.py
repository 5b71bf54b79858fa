"""The seeded organisation: the same for the same seed, and with what the pages have to show."""

from __future__ import annotations

from collections import Counter

import pytest

from codemods import registry
from codemods.debts import Standing as Debt
from demo.seeded import drives, filling, stories
from demo.seeded.town import DECLINING, NOW, OVERLOADED, STOPPED, STOPPED_BECAUSE, Town
from demo.seeded.wares import UNWANTED, WARES
from workers import ledger
from workers.campaigns import Stand
from workers.ledger import TRIES, JobState, Ledger, ProposalRow, Standing
from workers.ledger.history import replayed
from workers.model import Stage, State

FEW = Town(size=41, weeks=6)


@pytest.fixture(scope="module")
def ends() -> list[ProposalRow]:
    return [life[-1][1] for place in Town(120, 8).places for life in stories.told(Town(120, 8), place)]


def test_a_filled_ledger_holds_something_of_everything_and_replays(sqlite_url: str) -> None:
    book = ledger.open(sqlite_url)
    filling.fill(book, FEW)
    try:
        holds_everything(book)
    finally:
        book.close()


def holds_everything(book: Ledger) -> None:
    events = book.history.read()
    assert replayed(events) == book.history.state()
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert events[-1].at <= NOW
    for row in book.promises.read():
        assert row.due is None or (row.standing == Debt.DUE) == (row.due <= NOW.date())
        assert (f"[{row.due}]" in row.said) == (row.due is not None)
    pages = (book.freshness, book.horizons, book.exposures, book.promises, book.pauses)
    assert [page for page in pages if not page.read()] == []
    assert {state: len(book.jobs(state)) for state in (JobState.POISONED, JobState.RUNNING)} == {
        JobState.POISONED: 4,
        JobState.RUNNING: 2,
    }
    lost = book.jobs(JobState.POISONED)
    assert sorted((job.tries, job.deaths) for job in lost) == [(0, TRIES), *[(TRIES, 0)] * 3]
    assert all(job.finished and job.created < job.finished < NOW for job in lost)
    assert {row.state for row in book.repositories()} == {Standing.ACTIVE, Standing.SKIPPED}
    stopped = book.named(*STOPPED.split("/"))
    assert stopped is not None
    assert book.proposals(stopped.id) == []
    assert [row.sentence for row in book.withheld(stopped.id)] == [STOPPED_BECAUSE]
    assert {str(scan.counts) for scan in book.scans(stopped.id)} == {"{'mistakes': 1}"}
    job = book.scans(stopped.id, 1)[0].job_id
    assert job is not None
    assert book.lines.read(job)[0].said == "job begins"
    for place in (one for one in FEW.places if not one.is_quiet):
        counts = book.scans(place.id, 1)[0].counts
        assert counts["proposals"] == len(book.proposals(place.id, State.OPEN))
        assert counts["withheld"] == len(book.withheld(place.id))


def test_the_same_seed_tells_the_same_stories_and_another_seed_others() -> None:
    told = [[*stories.told(town, town.places[3])] for town in (Town(40), Town(40), Town(40, seed=2))]
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_names_are_there_once_and_improvements_are_those_of_the_catalogue() -> None:
    names = [place.repository.full_name for place in Town().places]
    assert len(set(names)) == len(names) == 300
    assert {ware.improvement for ware in WARES} <= registry.ids().keys()


def test_no_repository_has_two_open_for_one_key_or_two_of_one_number(ends: list[ProposalRow]) -> None:
    opened = Counter((row.repository_id, row.key) for row in ends if row.state == State.OPEN)
    numbers = Counter((row.repository_id, row.number) for row in ends)
    assert {*opened.values(), *numbers.values()} == {1}


@pytest.mark.parametrize("seed", [1, 2])
def test_campaigns_propose_in_their_waves_alone_and_nothing_stays_open_of_one_that_stopped(seed: int) -> None:
    for drive in drives.led(Town(seed=seed)):
        assert drive.lives.keys() == {id_ for wave in drive.course.waves for id_ in wave}
        opened = [life for life in drive.lives.values() if life[-1][1].state == State.OPEN]
        assert (drive.course.state is Stand.RUNNING) == bool(opened)
        assert not drive.waiting or drive.course.state is not Stand.DONE


def test_one_team_has_the_most_to_review_and_one_closes_nearly_all(ends: list[ProposalRow]) -> None:
    waits = Counter(row.team for row in ends if row.state == State.OPEN and row.stage == Stage.READY)
    assert waits.most_common(1)[0][0] == OVERLOADED
    theirs = Counter(row.state for row in ends if row.team == DECLINING)
    assert theirs[State.MERGED] < theirs[State.CLOSED] / 20
    unwanted = Counter(row.state for row in ends if row.improvement == UNWANTED)
    assert unwanted[State.MERGED] < unwanted[State.CLOSED] / 2
