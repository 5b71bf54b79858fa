"""The past of a workflow is asked for once, a little at a time, and an answer about a moment stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.workers.test_discover import Remembering
from workers.github import GoneError, PassingError, RefusedError
from workers.run_history import RUNS, History
from workers.runs import JobRun, Run, StepRun

_PATH = ".github/workflows/ci.yml"
_DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
_NIGHT = datetime(2026, 3, 3, tzinfo=UTC)


@dataclass
class _Door:
    """A GitHub with these runs; ``fails`` is raised after so many jobs were told."""

    runs: list[Run] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fails: Exception | None = None
    after: int = 0
    deleted: frozenset[int] = frozenset()

    def newest(self, file: str, created: str, most: int) -> Sequence[Run]:
        self._ask(f"{file} {created}")
        return sorted(self.runs, key=lambda run: run.created, reverse=True)[:most]

    def oldest(self, file: str, created: str) -> Sequence[Run]:
        self._ask(f"{file} {created}")
        return self.runs

    def jobs(self, run: int) -> Sequence[JobRun]:
        self._ask(str(run))
        if run in self.deleted:
            raise GoneError("404")
        steps = (StepRun("Install", 30),)
        return [JobRun("test", passed=True, seconds=run, labels=("ubuntu-latest",), steps=steps)]

    def _ask(self, what: str) -> None:
        if self.fails and len(self.asked) >= self.after:
            raise self.fails
        self.asked.append(what)

    def news(self) -> list[str]:
        found, self.asked = self.asked, []
        return found


def _runs(count: int, first: int = 1) -> list[Run]:
    return [
        Run(n, 1, "push", "main", "success", _DAY + timedelta(minutes=n)) for n in range(first, first + count)
    ]


def test_each_run_is_asked_for_once() -> None:
    door, memory = _Door(_runs(3)), Remembering()
    told = History(door, memory, 7).before(_PATH, _NIGHT)
    assert [(ran.run.id, ran.jobs[0].seconds) for ran in told] == [(1, 1), (2, 2), (3, 3)]
    assert door.news() == ["ci.yml <=2026-03-03T00:00:00Z", "1", "2", "3"]
    door.runs += _runs(2, first=4)
    history = History(door, memory, 7)
    assert history.before(_PATH, _NIGHT) == told
    assert door.news() == []
    later = history.before(_PATH, _NIGHT + timedelta(days=1))
    assert [ran.run.id for ran in later] == [1, 2, 3, 4, 5]
    assert door.news() == ["ci.yml <=2026-03-04T00:00:00Z", "4", "5"]


def test_a_run_that_began_anew_is_another_one() -> None:
    door, memory = _Door(_runs(1)), Remembering()
    history = History(door, memory, 7)
    history.before(_PATH, _NIGHT)
    door.runs = [Run(1, 2, "push", "main", "success", _DAY)]
    door.news()
    history.before(_PATH, _NIGHT + timedelta(days=1))
    assert door.news() == ["ci.yml <=2026-03-04T00:00:00Z", "1"]


def test_what_is_kept_has_a_bound_and_so_has_what_is_asked_for() -> None:
    door, memory = _Door(), Remembering()
    history = History(door, memory, 7)
    sizes = []
    for day in range(8):
        door.runs += _runs(RUNS + 20, first=1 + day * 100)
        door.news()
        history.before(_PATH, _NIGHT + timedelta(days=day))
        assert len(door.news()) <= RUNS + 1
        sizes.append(len(memory.kept[next(iter(memory.kept))]))
    assert sizes[-1] <= 4 * sizes[0]
    door.runs = door.runs[:200]
    assert len(history.after(_PATH, _DAY, _NIGHT)) == RUNS


def test_the_same_workflow_of_another_repository_is_another_one() -> None:
    door, memory = _Door(_runs(1)), Remembering()
    History(door, memory, 7).before(_PATH, _NIGHT)
    door.news()
    History(door, memory, 8).before(_PATH, _NIGHT)
    assert len(door.news()) == 2


@pytest.mark.parametrize("error", [GoneError("404"), RefusedError("403"), PassingError("500")])
def test_where_github_does_not_say_nothing_is_known(error: Exception) -> None:
    assert not History(_Door(_runs(3), fails=error), Remembering(), 7).known(_PATH, _NIGHT)


def test_what_was_learned_before_github_asked_us_to_wait_is_not_asked_for_again() -> None:
    memory = Remembering()
    door = _Door(_runs(3), fails=PassingError("slow down", timedelta(minutes=1)), after=3)
    with pytest.raises(PassingError):
        History(door, memory, 7).known(_PATH, _NIGHT)
    door.fails = None
    door.news()
    assert len(History(door, memory, 7).known(_PATH, _NIGHT)) == 3
    assert door.news() == ["ci.yml <=2026-03-03T00:00:00Z", "3"]


def test_a_run_that_was_deleted_since_it_was_listed_takes_no_other_with_it() -> None:
    door, memory = _Door(_runs(3), deleted=frozenset({2})), Remembering()
    for _ in range(2):
        assert [ran.run.id for ran in History(door, memory, 7).before(_PATH, _NIGHT)] == [1, 3]
    assert len(door.news()) == 4
    assert [ran.run.id for ran in History(door, memory, 7).after(_PATH, _DAY, _NIGHT)] == [1, 3]


def test_what_is_refused_in_the_middle_is_no_answer_to_stay_with() -> None:
    door, memory = _Door(_runs(3), fails=RefusedError("403"), after=2), Remembering()
    assert not History(door, memory, 7).before(_PATH, _NIGHT)
    door.fails = None
    door.news()
    assert len(History(door, memory, 7).before(_PATH, _NIGHT)) == 3
    assert door.news() == ["ci.yml <=2026-03-03T00:00:00Z", "2", "3"]


def test_an_answer_keeps_its_runs_however_many_come_later() -> None:
    door, memory = _Door(_runs(3)), Remembering()
    history = History(door, memory, 7)
    told = history.before(_PATH, _NIGHT)
    for first in range(100, 700, 100):
        history.sampled(_PATH, _runs(RUNS, first))
    door.news()
    assert history.before(_PATH, _NIGHT) == told
    assert door.news() == []


def test_what_ran_after_a_moment_is_asked_for_by_itself() -> None:
    door = _Door(_runs(2))
    told = History(door, Remembering(), 7).after(_PATH, _DAY, _NIGHT)
    assert [ran.run.id for ran in told] == [1, 2]
    assert door.news() == ["ci.yml 2026-03-02T10:00:00Z..2026-03-03T00:00:00Z", "1", "2"]


def test_an_answer_that_is_asked_for_each_day_is_not_forgotten() -> None:
    door = _Door(_runs(5))
    history = History(door, Remembering(), 7)
    told = history.before(_PATH, _NIGHT)
    for day in range(1, 9):
        history.before(_PATH, _NIGHT + timedelta(days=day))
        door.news()
        assert history.before(_PATH, _NIGHT) == told
        assert door.news() == []
