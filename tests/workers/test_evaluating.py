"""What became of everything is looked at each day, and what few people want is proposed no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from codemods.model import Finding
from tests.fleet import NOW
from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from tests.workers.bookkeeping import pushed
from tests.workers.test_plan import CATALOGUE, finding, keys, reasons, targets
from workers import capacity, config, evaluating, plan
from workers.config import Config, Switch
from workers.ledger import Job, JobState, Ledger
from workers.ledger.pauses import PauseRow
from workers.messages import Kind
from workers.model import Past, Plan, State, Wanted
from workers.reasons import Reason

DAY = timedelta(days=1)


@dataclass
class Here:
    """What the evaluation needs of a worker's world."""

    book: Ledger
    now: datetime = NOW
    send: Callable[[int], object] = lambda _: None
    held: list[Job] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def must_hold(self, job: Job) -> None:
        self.held.append(job)

    def due(self) -> int:
        evaluating.soon(self)
        return len(self.book.due(self.now))

    def look(self) -> Sequence[PauseRow]:
        evaluating.run(self, None)
        return self.book.pauses.read()


def ended(book: Ledger, count: int, state: str = "closed", *, repository_id: int = 1, first: int = 1) -> None:
    """Let so many pull requests end one after the other."""
    for number in range(first, first + count):
        book.save_proposal(
            repository_id,
            key=f"raise/p{number}",
            improvement="raise",
            title="Raise it",
            branch=f"kotsu/raise/p{number}",
            number=number,
            url=f"https://github.example/octo/repo-1/pull/{number}",
            head_sha="a" * 40,
            digest="d",
            minutes=2,
            now=NOW - 2 * DAY,
            team="acme/apples",
        )
        book.close_proposal(repository_id, number, state, NOW - DAY)


def test_nothing_is_looked_at_before_anything_ended(book: Ledger) -> None:
    here = Here(book)
    assert here.due() == 0
    here.now += 40 * DAY
    assert here.due() == 0


def test_it_is_looked_at_after_an_end_and_each_day_but_not_at_each_sweep(book: Ledger) -> None:
    book.record(pushed(), NOW - 2 * DAY)
    ended(book, 1)
    seen: list[int] = []
    here = Here(book, send=seen.append)
    for after in (0, 5, 11, 23 * 60, 24 * 60, 24 * 60 + 11):
        here.now = NOW + timedelta(minutes=after)
        evaluating.soon(here)
    assert len(seen) == 2
    assert [job.kind for job in book.jobs(JobState.QUEUED)].count(Kind.EVALUATE) == 1
    here.now += timedelta(minutes=11)
    book.close_proposal(1, 1, "merged", here.now)
    evaluating.soon(here)
    assert len(seen) == 3


def test_what_few_merge_pauses_once_and_stays_so_until_somebody_lets_it_go_on(book: Ledger) -> None:
    book.record(pushed(), NOW)
    ended(book, 20)
    here = Here(book)
    (pause,) = here.look()
    assert (pause.improvement, pause.team, pause.merged, pause.decided) == ("raise", "acme/apples", 0, 20)
    here.now += DAY
    assert here.look() == [pause]
    book.pauses.end(7, "raise", "ann", here.now, team="acme/apples")
    assert [row.ended for row in here.look()] == [here.now]


def test_what_people_merge_goes_on(book: Ledger) -> None:
    book.record(pushed(), NOW)
    ended(book, 30, "merged")
    ended(book, 19, first=31)
    assert Here(book).look() == []


def test_another_installation_is_not_concerned(book: Ledger) -> None:
    book.record(pushed(), NOW)
    ended(book, 20)
    Here(book).look()
    assert [row.improvement for row in book.spending.outside(7, 1, NOW).pauses] == ["raise"]
    assert book.spending.outside(8, 1, NOW).pauses == ()


def test_a_pause_of_one_repository_holds_there_alone(book: Ledger) -> None:
    book.pauses.begin(7, "raise", NOW, merged=0, decided=20, place=1)
    assert len(book.spending.outside(7, 1, NOW).pauses) == 1
    assert book.spending.outside(7, 2, NOW).pauses == ()


# --- what is planned


def planned(
    found: Sequence[Finding],
    *before: Past,
    given: Config | None = None,
    wanted: Wanted = plan.NOTHING,
    pause: PauseRow | None = None,
) -> Plan:
    pauses = (pause or PauseRow(7, "raise", NOW, 5, 22), PauseRow(7, "heal", NOW, 0, 20))
    outside = capacity.Outside(pauses=pauses)
    given = given or config.defaults()
    return plan.make(found, CATALOGUE, given, before, NOW, outside=outside, wanted=wanted)


def test_what_pauses_is_withheld_with_a_sentence_that_tells_no_count_of_other_repositories() -> None:
    made = planned([*targets("a"), finding("sweep")])
    assert keys(made) == ["sweep"]
    assert reasons(made) == {"raise/a": Reason.PAUSED}
    assert made.later[0].sentence.startswith("It pauses: few of them were merged. It goes on when")
    alone = planned(targets("a"), pause=PauseRow(7, "raise", NOW, 5, 22, place=1)).later[0].sentence
    assert alone.startswith(
        "It pauses in this repository: of 22 that were decided, 5 were merged. It goes on"
    )


def test_what_pauses_for_another_team_is_proposed() -> None:
    assert keys(planned(targets("a"), pause=PauseRow(7, "raise", NOW, 5, 22, team="acme/apples"))) == [
        "raise/a"
    ]


def test_what_is_open_goes_on_and_what_is_urgent_waits_for_nobody() -> None:
    made = planned([*targets("a"), finding("heal", target="b")], Past("raise/a", State.OPEN, NOW - DAY))
    assert keys(made) == ["heal/b", "raise/a"]


def test_what_a_person_wants_now_does_not_pause() -> None:
    assert keys(planned(targets("a", "b"), wanted=Wanted(now=frozenset({"raise/b"})))) == ["raise/b"]


def test_a_kotsu_yml_that_switches_it_on_in_so_many_words_has_the_last_one() -> None:
    on, said = Switch(enabled=True), Switch(ignore=("docs/**",))
    assert keys(planned(targets("a"), given=Config(improvements={"raise": on}))) == ["raise/a"]
    assert keys(planned(targets("a", "b"), given=Config(improvements={"raise/b": on}))) == ["raise/b"]
    assert keys(planned(targets("a"), given=Config(improvements={"raise": said}))) == []
    off = Config(improvements={"raise": on, "raise/a": Switch(enabled=False)})
    assert reasons(planned(targets("a"), given=off)) == {"raise/a": Reason.DISABLED}


def test_a_repository_hears_of_it_where_it_asks(road: Road) -> None:
    repository = road.add({"clock.py": CLOCK, CONFIG: PLENTY + b"dashboard: true\n"})
    book, home = road.world.book, road.installation.id
    book.pauses.begin(home, UTCNOW, road.world.clock(), merged=3, decided=21)
    road.scan()
    (row,) = [row for row in book.withheld(repository.id) if row.improvement == UTCNOW]
    assert (row.reason, "few of them were merged" in row.sentence) == ("paused", True)
    assert road.keys() == []
    shown = road.hub.people.issues(NAME)[-1].body or ""
    assert f"(`{UTCNOW}`): {row.sentence}" in shown
    assert f"now {UTCNOW}" not in shown
    book.pauses.end(home, UTCNOW, "ann", road.world.clock())
    road.scan()
    assert road.keys() == [UTCNOW]
