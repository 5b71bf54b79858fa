"""A red group bisects itself: the green part stays, what breaks it comes alone, no branch is left behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from demo.github.state import CheckRun, Issue
from tests.road import CONFIG, NAME, PLENTY, Road
from workers import bisecting, config, halving, marker, sides
from workers.case import Case
from workers.checks import Colour, Failing, Verdict
from workers.ledger.trials import APART, RUNNING
from workers.messages import Kind, branch_key, follow_up_key
from workers.model import Stage, State

GROUP = "upgrade-dependency/linters-group"
LINTERS = ("black", "flake8", "mypy", "ruff")
TESTS = "tests"
PAGE = "https://ci.example/runs/1"
Breaks = Callable[[frozenset[str]], bool]


def alone(*names: str) -> Breaks:
    return lambda moved: not moved.isdisjoint(names)


def together(*names: str) -> Breaks:
    return lambda moved: moved >= set(names)


@dataclass
class Hunt:
    """A repository with linters behind by a release, and checks that fail where some of them have moved."""

    road: Road
    breaks: Breaks
    names: tuple[str, ...] = LINTERS
    runs: list[frozenset[str]] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    silent: bool = False
    needs: dict[str, str] = field(default_factory=dict)

    def begin(self, settings: bytes = b"") -> Issue:
        for name in self.names:
            self.road.index.release(name, "1.0")
            if name not in self.needs:
                self.road.index.release(name, "1.1")
        for name, other in self.needs.items():
            self.road.index.release(name, "1.1", requires=[f"{other}>=1.1"])
        lines = "".join(f"{name}==1.0\n" for name in self.names).encode()
        self.road.add({"requirements.txt": lines, CONFIG: PLENTY + settings})
        self.road.scan()
        return self.group(self.road.keys()[0])

    def group(self, key: str = GROUP) -> Issue:
        pull = self.road.pull(key)
        self.road.world.book.change_proposal(self.id, pull.number, self.road.world.clock(), stage=Stage.RED)
        return pull

    def is_open(self) -> bool:
        return GROUP in self.road.keys()  # noqa: SIM118 -- a road is no mapping

    @property
    def id(self) -> int:
        return self.road.hub.find(NAME).id

    def moved(self, revision: str) -> frozenset[str]:
        """Return which linters a commit moves."""
        text = self.road.hub.files(NAME, revision)["requirements.txt"].decode()
        return frozenset(re.findall(r"^(\S+)==1\.1$", text, re.MULTILINE))

    def trials(self) -> list[str]:
        """Return the branches of trials."""
        return sorted(b for b in self.road.branches() if ".try-" in b)

    def check(self) -> None:
        """Let the checks of every trial end that has not been checked."""
        repository = self.road.hub.find(NAME)
        for branch in self.trials():
            head = repository.branch(f"kotsu/{branch}") or ""
            if head in self.judged or self.silent:
                continue
            self.judged.add(head)
            moved = self.moved(head)
            self.runs.append(moved)
            now, failed = self.road.world.clock(), self.breaks(moved)
            output = {"title": "1 failed" if failed else "passed", "summary": ""}
            repository.checks.append(
                CheckRun(
                    next(self.road.hub.world.ids),
                    TESTS,
                    head,
                    "completed",
                    now,
                    "github-actions",
                    conclusion="failure" if failed else "success",
                    completed_at=now,
                    output=output,
                )
            )

    def attend(self, key: str = GROUP, wrap: Callable[[Any], Any] = lambda given: given) -> bool:
        """Attend to the red pull request once, as the follow-up of its checks would."""
        book, pull = self.road.world.book, self.group(key)
        assert self.breaks(self.moved(f"kotsu/{key}"))
        job_key = follow_up_key(self.id, pull.number)
        self.road.enqueue(Kind.FOLLOW_UP, job_key, number=pull.number)
        now = self.road.world.clock()
        job = book.claim("w", now, timedelta(minutes=5))
        assert job is not None
        verdict = Verdict(Colour.RED, "It fails.", (Failing(TESTS, PAGE, "E   AssertionError"),))
        try:
            with self.road.world.app.open(self.road.installation.id, self.id) as repo:
                (row,) = (r for r in book.proposals(self.id, State.OPEN) if r.key == key)
                given = config.read(self.road.hub.files(NAME)[CONFIG], CONFIG)
                assert isinstance(given, config.Config)
                here = wrap(self.road.world)
                known = repo.pull(pull.number)
                return bisecting.attend(Case(here, job, wrap(repo), known, row, given, verdict))
        finally:
            book.finish(job, now)

    def search(self, most: int = 40) -> None:
        """Search to the end, without what follows from it."""
        for _ in range(most):
            if not self.is_open() or not self.attend() or self.over():
                return
            self.check()
        pytest.fail("the search does not end")

    def over(self) -> bool:
        """Say whether the search was decided."""
        rows = self.road.world.book.trials.of(self.id, GROUP)
        return not self.is_open() or any(row.outcome == APART for row in rows)

    def apart(self) -> set[str]:
        return set(self.road.world.book.trials.apart(self.id))


@pytest.fixture
def hunt(road: Road) -> Hunt:
    return Hunt(road, alone("mypy"))


def keys(names: Iterable[str]) -> set[str]:
    return {f"upgrade-dependency/{name}" for name in names}


@pytest.mark.parametrize(
    ("breaks", "guilty", "most"),
    [
        (alone("black"), {"black"}, 3),
        (alone("ruff"), {"ruff"}, 3),
        (alone("flake8", "mypy"), {"flake8", "mypy"}, 6),
        (alone("black", "flake8", "ruff"), {"black", "flake8", "ruff"}, 9),
        (together("flake8", "mypy"), {"mypy"}, 3),
        (together(*LINTERS), {"ruff"}, 3),
    ],
)
def test_the_green_part_stays_and_the_culprits_come_alone(
    hunt: Hunt, breaks: Breaks, guilty: set[str], most: int
) -> None:
    hunt.breaks = breaks
    hunt.begin()
    hunt.search()
    hunt.road.run()
    assert set(hunt.road.keys()) == {GROUP, *keys(guilty)}
    assert hunt.moved(f"kotsu/{GROUP}") == set(LINTERS) - guilty
    assert len(hunt.runs) <= most
    assert hunt.trials() == []


def test_a_culprits_pull_request_shows_the_failing_job(hunt: Hunt) -> None:
    hunt.begin()
    hunt.search()
    hunt.road.run()
    own = hunt.road.pull("upgrade-dependency/mypy").body or ""
    assert "### Why it comes alone\n\n`mypy==1.1` comes alone: with it, the check [tests](" in own
    assert ") failed in `linters-group`.\n\n```text\n1 failed\n```\n" in own
    group = hunt.road.pull(GROUP).body or ""
    assert "### What comes alone\n\n- `mypy==1.1` comes alone: with it, the check [tests](" in group
    assert marker.metadata(group)["apart"] == ["mypy==1.1"]


def test_one_trial_runs_at_a_time_on_the_base_of_the_red_pull_request(hunt: Hunt) -> None:
    pull = hunt.begin()
    base = hunt.road.hub.find(NAME).branch("main")
    hunt.road.hub.push(NAME, {"README.md": b"# Moved\n"})
    assert hunt.attend()
    assert hunt.attend()
    assert hunt.trials() == ["upgrade-dependency/linters-group.try-1"]
    head = hunt.road.hub.find(NAME).branch(f"kotsu/{GROUP}.try-1") or ""
    with hunt.road.world.app.open(hunt.road.installation.id, hunt.id) as repo:
        assert repo.commits.read(head).parents == (base,)
    assert hunt.moved(head) == {"black", "flake8"}
    assert [p.number for p in hunt.road.hub.pulls(NAME)] == [pull.number]


def test_a_release_that_comes_out_meanwhile_is_not_in_a_trial(hunt: Hunt) -> None:
    hunt.begin()
    hunt.road.index.release("black", "1.2")
    hunt.attend()
    assert hunt.moved(f"kotsu/{GROUP}.try-1") == {"black", "flake8"}


def test_while_nothing_is_known_nothing_is_written(hunt: Hunt) -> None:
    hunt.begin()
    hunt.attend()
    hunt.road.news()
    assert hunt.attend()
    assert hunt.road.writes() == []


def test_all_that_break_it_by_themselves_come_one_by_one(hunt: Hunt) -> None:
    hunt.names, hunt.breaks = ("black", "mypy", "ruff"), bool
    pull = hunt.begin()
    hunt.search()
    hunt.road.run()
    assert pull.state == "closed"
    assert set(hunt.road.keys()) == keys(hunt.names)
    (said,) = pull.comments
    assert "as the limits allow: each of them makes the checks fail by itself." in said.body
    assert hunt.road.branches() == keys(hunt.names)


def test_where_the_budget_ends_the_group_falls_apart_within_the_limits(hunt: Hunt) -> None:
    hunt.breaks = alone("black", "flake8", "ruff")
    pull = hunt.begin(b"checks:\n  bisect: 3\n")
    hunt.road.hub.push(NAME, {CONFIG: b"limits:\n  open: 2\n  first: 9\nchecks:\n  bisect: 3\n"})
    hunt.search()
    hunt.road.run()
    assert len(hunt.runs) == 3
    assert pull.state == "closed"
    (said,) = pull.comments
    assert "takes more runs than `checks.bisect` allows." in said.body
    assert len(hunt.road.keys()) == 2
    assert {reason for reason, _ in hunt.road.withheld().values()} == {"open-limit"}
    assert set(hunt.road.keys()) | set(hunt.road.withheld()) == keys(LINTERS)
    assert "takes more runs than `checks.bisect` allows." in (hunt.road.pull(hunt.road.keys()[0]).body or "")


def test_without_a_budget_no_branch_is_made(hunt: Hunt) -> None:
    hunt.begin(b"checks:\n  bisect: 0\n")
    hunt.search()
    assert hunt.runs == []
    assert hunt.apart() == {f"{name}==1.1" for name in LINTERS}


def test_where_no_checks_run_beside_pull_requests_the_group_falls_apart(hunt: Hunt) -> None:
    pull, hunt.silent = hunt.begin(), True
    assert hunt.attend()
    (row,) = hunt.road.world.book.proposals(hunt.id, State.OPEN)
    assert row.due is not None
    hunt.road.ahead += timedelta(minutes=59)
    assert hunt.attend()
    assert pull.state == "open"
    hunt.road.ahead += timedelta(minutes=2)
    assert hunt.attend()
    assert pull.state == "closed"
    (said,) = pull.comments
    assert "do not run on branches without a pull request." in said.body
    assert marker.metadata(pull.body or "")["word"] == "superseded"
    assert hunt.trials() == []


def test_where_all_of_it_passes_on_a_branch_nobody_is_blamed(hunt: Hunt) -> None:
    pull = hunt.begin()
    breaks = hunt.breaks
    while hunt.attend():
        hunt.breaks = alone()
        hunt.check()
        hunt.breaks = breaks
    assert hunt.apart() == set()
    assert hunt.trials() == []
    assert pull.state == "open"
    assert not hunt.attend()
    assert len(hunt.runs) <= 3


def test_a_persons_commit_ends_the_search(hunt: Hunt) -> None:
    hunt.begin()
    hunt.attend()
    hunt.road.hub.push(NAME, {"README.md": b"# Mine\n"}, branch=f"kotsu/{GROUP}")
    assert not hunt.attend()
    assert hunt.trials() == []
    assert [row.outcome for row in hunt.road.world.book.trials.of(hunt.id)] == ["ended"]


@pytest.mark.parametrize("end", ["close", "merge"])
def test_a_closed_or_merged_pull_request_ends_the_search(hunt: Hunt, end: str) -> None:
    pull = hunt.begin()
    hunt.attend()
    getattr(hunt.road.hub, end)(NAME, pull.number)
    hunt.road.scan()
    assert hunt.trials() == []
    assert hunt.apart() == set()


def test_checks_that_pass_after_all_end_the_search(hunt: Hunt) -> None:
    pull = hunt.begin()
    hunt.attend()
    hunt.road.world.book.change_proposal(hunt.id, pull.number, hunt.road.world.clock(), stage=Stage.READY)
    hunt.road.scan()
    assert hunt.trials() == []


def test_a_scan_in_the_middle_disturbs_no_search(hunt: Hunt) -> None:
    hunt.begin()
    hunt.attend()
    hunt.road.scan()
    assert hunt.trials() == ["upgrade-dependency/linters-group.try-1"]
    hunt.search()
    assert hunt.apart() == {"mypy==1.1"}


def test_a_newer_release_of_a_culprit_may_be_fine_in_the_group(hunt: Hunt) -> None:
    hunt.begin()
    hunt.search()
    hunt.road.index.release("mypy", "1.2")
    hunt.road.run()
    assert hunt.road.keys() == [GROUP]
    assert b"mypy==1.2" in hunt.road.proposed(GROUP, "requirements.txt")


def test_who_is_apart_is_known_though_the_ledger_is_lost(hunt: Hunt, tmp_path: Any) -> None:
    hunt.begin(b"improvements:\n  upgrade-dependency/other: false\n")
    hunt.search()
    hunt.road.hub.push(NAME, {CONFIG: b"limits:\n  open: 1\n  first: 9\n"})
    hunt.road.run()
    assert hunt.road.keys() == [GROUP]
    hunt.road.forget(tmp_path / "new.db")
    hunt.road.scan()
    assert hunt.apart() == {"mypy==1.1"}
    assert hunt.moved(f"kotsu/{GROUP}") == set(LINTERS) - {"mypy"}


def test_branches_of_a_forgotten_search_are_deleted_and_those_of_people_stay(
    hunt: Hunt, tmp_path: Any
) -> None:
    hunt.begin()
    hunt.attend()
    hunt.road.hub.push(NAME, {"x": b"x"}, branch=f"kotsu/{GROUP}.try-7")
    hunt.road.forget(tmp_path / "new.db")
    hunt.road.scan()
    assert hunt.trials() == ["upgrade-dependency/linters-group.try-7"]
    hunt.search()
    assert hunt.apart() == {"mypy==1.1"}


def test_what_somebody_pushed_to_a_trial_stays_and_ends_the_search(hunt: Hunt) -> None:
    hunt.begin()
    hunt.attend()
    hunt.road.hub.push(NAME, {"x": b"x"}, branch=f"kotsu/{GROUP}.try-1")
    hunt.attend()
    assert hunt.trials() == ["upgrade-dependency/linters-group.try-1"]
    assert hunt.apart() == {f"{name}==1.1" for name in LINTERS}


def test_where_branches_are_refused_the_group_falls_apart(hunt: Hunt) -> None:
    hunt.begin()
    words = b'{"message":"Repository rule violations found"}'
    hunt.road.hub.fail("POST", "/git/refs$", 422, body=words)
    assert hunt.attend()
    assert hunt.apart() == {f"{name}==1.1" for name in LINTERS}


def test_members_that_do_not_install_without_each_other_come_alone_together(hunt: Hunt) -> None:
    hunt.names, hunt.needs = ("black", "mypy", "ruff"), {"mypy": "ruff"}
    hunt.begin()
    hunt.search()
    assert hunt.apart() == {"mypy==1.1", "ruff==1.1"}
    assert hunt.runs == [{"black"}, {"black", "mypy", "ruff"}]


def test_what_is_no_group_is_not_searched(hunt: Hunt) -> None:
    assert set(halving.members(GROUP, ["b==2", "a==1", "a==2"])) == {"a", "b"}
    assert halving.members(GROUP, ["b==2"]) == {}
    assert halving.members(GROUP, []) == {}
    # Of two that move together, because one needs the other, the proposal has the name of the one.
    assert halving.members("upgrade-dependency/plank", ["plank==2.0", "shelf==2.0"]) == {}
    hunt.names, hunt.breaks = ("black",), bool
    hunt.begin()
    pull = hunt.road.pull("upgrade-dependency/black")
    assert not hunt.attend("upgrade-dependency/black")
    assert (hunt.trials(), pull.state) == ([], "open")


class KilledError(BaseException):
    """Stands for the end of a worker."""


class Mortal:
    """Something whose ``life``th call, counted with those of others, is never made."""

    def __init__(self, inside: Any, life: list[int]) -> None:
        self.inside, self.life = inside, life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inside, name)
        if name in ("book", "trials", "sides"):
            return Mortal(found, self.life)
        if not callable(found) or name == "must_hold":
            return found

        def called(*given: Any, **more: Any) -> Any:
            self.life[0] -= 1
            if self.life[0] < 0:
                raise KilledError
            return found(*given, **more)

        return called


@pytest.mark.parametrize("breaks", [alone("mypy"), bool], ids=["one", "all"])
def test_a_worker_may_be_killed_before_any_step(hunt: Hunt, breaks: Breaks) -> None:
    hunt.names, hunt.breaks = ("black", "mypy"), breaks
    pull = hunt.begin()
    life, done = 0, False
    while not done:
        left = [life]
        try:
            hunt.attend(wrap=partial(Mortal, life=left))
        except KilledError:
            life, done = life + 1, not hunt.is_open()
        else:
            # This step is done: the next one dies at its beginning again.
            life, done = 0, hunt.over()
        hunt.check()
    assert len(hunt.runs) <= 2
    hunt.road.run()
    alone_now = {"mypy"} if breaks is not bool else {"black", "mypy"}
    assert hunt.apart() == {f"{name}==1.1" for name in alone_now}
    assert hunt.trials() == []
    assert len(pull.comments) == (breaks is bool)
    rows = hunt.road.world.book.trials.of(hunt.id)
    assert not [row for row in rows if row.outcome == RUNNING]
    assert len([row for row in rows if row.outcome == APART]) == len(alone_now)


def test_what_happens_on_a_trial_is_looked_at_with_the_pull_request_of_the_group(hunt: Hunt) -> None:
    pull = hunt.begin()
    hunt.attend()
    for beside, asked in ((".try-1", [pull.number]), (".other", [])):
        branch = f"kotsu/{GROUP}{beside}"
        hunt.road.news()
        hunt.road.enqueue(Kind.FOLLOW_UP, branch_key(hunt.id, branch), branch=branch)
        hunt.road.run()
        paths = [e.path for e in hunt.road.news()]
        assert [n for n in range(9) if f"/repos/{NAME}/pulls/{n}" in paths] == asked


def test_a_branch_beside_a_pull_request_is_told_from_it() -> None:
    assert sides.parent(f"kotsu/{GROUP}.try-12") == f"kotsu/{GROUP}"
    assert sides.parent(sides.name(f"kotsu/{GROUP}", 3)) == f"kotsu/{GROUP}"
    for other in (f"kotsu/{GROUP}", "kotsu/aware-utcnow.2", "main", "feature.try-1", "kotsu/x.try-0"):
        assert sides.parent(other) == other
