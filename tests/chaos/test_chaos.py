"""A small fleet lives through a storm; the plan of it is decided by its seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from demo import run
from demo.github import LocalGitHub, moves
from tests.chaos import blows, chaos, kills, processes
from tests.chaos.chaos import Servers
from tests.chaos.kills import Matrix
from tests.chaos.processes import Fleet, Nursery
from tests.chaos.town import KEYS, Shuffled, Town
from tests.fleet import Broker, Postgres
from workers import ledger


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with processes.nursery() as made:
        yield made


@pytest.mark.fleet
def test_a_small_fleet_lives_through_a_storm(postgres: Postgres, broker: Broker, nursery: Nursery) -> None:
    outcome = chaos.once(Servers(postgres, broker, nursery), seed=1, repositories=4, deliveries=60)
    assert outcome.wrongs == (), outcome.log
    assert set(blows.KINDS) - {"github"} <= {what for what, _ in outcome.struck.items()}
    assert (outcome.deliveries >= 60, outcome.pulls) == (True, 4 * len(KEYS))


@pytest.mark.fleet
def test_work_whose_worker_is_killed_is_done_by_another_and_once(
    github: LocalGitHub, postgres: Postgres, broker: Broker, nursery: Nursery, tmp_path: Path
) -> None:
    github.world.webhook_secret = run.SECRET
    fleet = Fleet(github, postgres, broker, nursery, tmp_path, together=1)
    book = ledger.open(fleet.database_url)
    matrix = Matrix(fleet, book)
    with processes.running(fleet):
        github.install("acme")
        matrix.run([(when, "pull request") for when in kills.WHEN], lambda _: None)
        assert list(kills.wrongs(matrix)) == []
    book.close()
    assert len(fleet.killed) == len(kills.WHEN)
    assert [line.split()[-5] for line in kills.table(matrix.deaths)][1:] == ["1", "1", "1", "3"]


def test_a_seed_decides_what_goes_wrong_and_when() -> None:
    plan = blows.plan(1, 500)
    assert plan == blows.plan(1, 500)
    assert plan != blows.plan(2, 500)
    assert len(plan) == sum(blows.KINDS.values())
    assert all(one.after <= other.after for one, other in pairwise(plan))
    assert {blow.kind for blow in blows.plan(1, 20)} == {*blows.KINDS}


def test_each_of_githubs_ways_to_fail_is_ordered_some_day(github: LocalGitHub) -> None:
    dice = random.Random(1)
    names = {blows.github(github, dice) for _ in range(100)}
    assert len(github._api.faults.waiting) == 100
    assert len(names) == 8
    github.recover()


def test_deliveries_come_out_of_order_and_all_of_them() -> None:
    errands = Shuffled(random.Random(1))
    for number in range(50):
        errands.put(number)
    errands.put(None)
    out = [errands.get() for _ in range(51)]
    assert out[-1] is None
    assert out[:-1] != sorted(out[:-1])
    assert sorted(out[:-1]) == list(range(50))
    assert all(abs(place - number) < 50 for place, number in enumerate(out[:-1]))


def test_what_people_say_no_to_is_expected_to_stay_closed(github: LocalGitHub) -> None:
    town = Town(github, random.Random(1), 1)
    (name,) = town.names
    for key in KEYS:
        github.push(name, {"x.py": b"x\n"}, branch=f"kotsu/{key}")
        head = f"kotsu/{key}"
        with github.world.lock:
            made = github.find(name)
            moves.open_pull(
                github.world, made, github.world.app.bot, head=head, base="main", title=key, body=""
            )
    town.close()
    town.merge()
    assert sorted(town.expected[name].values()) == ["closed", "open"]
