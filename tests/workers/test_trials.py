"""The pages about groups, on both databases: what was tried, what came of it, and who stays apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fleet import NOW
from tests.workers.bookkeeping import SOON, of
from workers.ledger import Ledger
from workers.ledger.trials import APART, RUNNING

GROUP = "upgrade-dependency/linters-group"
OTHER = "upgrade-dependency/development-group"


@pytest.fixture
def noted(book: Ledger) -> Ledger:
    """A ledger that knows two repositories."""
    for number in (1, 2):
        book.upsert_repository(of(number), NOW)
    return book


def test_a_trial_runs_until_something_came_of_it(noted: Ledger) -> None:
    begun = noted.trials.begin(
        1, GROUP, NOW, red="a1", members=("mypy==1.1", "ruff==1.1"), branch="b", head_sha="c2"
    )
    assert (begun.outcome, begun.finished, begun.failure) == (RUNNING, None, None)
    noted.trials.finish(begun.id, "red", NOW + SOON, {"check": "tests"})
    (row,) = noted.trials.of(1, GROUP)
    assert (row.outcome, row.finished, row.failure) == ("red", NOW + SOON, {"check": "tests"})
    assert (row.red, row.members, row.branch, row.head_sha) == (
        "a1",
        ("mypy==1.1", "ruff==1.1"),
        "b",
        "c2",
    )


def test_what_never_ran_is_finished_at_once(noted: Ledger) -> None:
    begun = noted.trials.begin(1, GROUP, NOW, red="a1", members=("mypy==1.1",), outcome="unbuilt")
    assert begun.finished == NOW


def test_trials_are_told_apart_by_group_and_repository_in_their_order(noted: Ledger) -> None:
    for repository, key in ((1, GROUP), (1, OTHER), (2, GROUP), (1, GROUP)):
        noted.trials.begin(repository, key, NOW, red="a1", members=("x==1",))
    assert [row.id for row in noted.trials.of(1, GROUP)] == sorted(
        row.id for row in noted.trials.of(1) if row.key == GROUP
    )
    assert [len(noted.trials.of(n)) for n in (1, 2, 3)] == [3, 1, 0]


def test_who_is_apart_is_known_beside_what_was_tried(noted: Ledger) -> None:
    noted.trials.begin(1, GROUP, NOW, red="a1", members=("black==2",))
    noted.trials.put_apart(1, GROUP, ["mypy==1.1"], NOW, red="a1", failure={"check": "tests"})
    noted.trials.put_apart(1, OTHER, ["tox"], NOW)
    noted.trials.put_apart(2, GROUP, ["ruff==1"], NOW)
    assert noted.trials.apart(1) == {"mypy==1.1", "tox"}
    assert [row.failure for row in noted.trials.of(1) if row.outcome == APART] == [{"check": "tests"}, None]


def test_trials_are_forgotten_with_their_repository(noted: Ledger) -> None:
    noted.trials.begin(1, GROUP, NOW, red="a1", members=("black==2",))
    noted.remove_repositories([1], NOW)
    assert noted.trials.of(1) == []


def test_old_trials_are_deleted_and_decisions_stay_longer(noted: Ledger) -> None:
    noted.trials.begin(1, GROUP, NOW, red="a1", members=("black==2",), outcome="red")
    noted.trials.begin(1, GROUP, NOW, red="a1", members=("ruff==2",))
    noted.trials.put_apart(1, GROUP, ["mypy==1.1"], NOW)
    noted.prune(NOW + timedelta(days=29))
    assert len(noted.trials.of(1)) == 3
    noted.prune(NOW + timedelta(days=31))
    assert [row.outcome for row in noted.trials.of(1)] == [RUNNING, APART]
    noted.prune(NOW + timedelta(days=366))
    assert noted.trials.apart(1) == frozenset()
