"""Which open pull requests a scan no longer needs, and of which it cannot be sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from codemods import registry
from codemods.model import Problem
from tests.workers.test_draft import written
from workers import config, obsolete
from workers.ledger import ProposalRow
from workers.model import Proposal, Report, Stage, Withheld, mark
from workers.reasons import Reason

NOW = datetime(2026, 3, 1, tzinfo=UTC)
UPGRADE, CLOCK = "upgrade-dependency", "aware-utcnow"
NOTHING = Report((), (), ())
KNOWN = registry.catalogue()
RAN = {id_: KNOWN[id_] for id_ in (UPGRADE, CLOCK)}


def row(key: str, *versions: str, marks: tuple[str, ...] = (), stage: str = Stage.READY) -> ProposalRow:
    improvement = key.partition("/")[0].partition(".")[0]
    fixed = (1, 7, key, improvement, "Title", f"kotsu/{key}", 3, "", "open", "a" * 40, "d", 5, NOW, None)
    return ProposalRow(*fixed, versions=versions, marks=marks, stage=stage)


def proposal(key: str, *versions: str) -> Proposal:
    return replace(written(), key=key, improvement=key.partition("/")[0], versions=versions)


def withheld(key: str, reason: Reason) -> Withheld:
    return Withheld(key, key.partition("/")[0], "Title", reason, reason.value)


def ends(
    report: Report, *rows: ProposalRow, numbers: Mapping[str, int] | None = None
) -> list[tuple[str, str]]:
    found = obsolete.found(rows, report, config.defaults(), RAN, numbers or {})
    return [(ending.row.key, ending.word) for ending in found]


def test_what_is_found_no_more_is_done() -> None:
    rows = (row(CLOCK, marks=(mark("a.py"),)), row(f"{UPGRADE}/shelf", "shelf==2.0"))
    assert ends(NOTHING, *rows) == [(CLOCK, "done"), (f"{UPGRADE}/shelf", "done")]


def test_what_is_proposed_or_only_waits_stays() -> None:
    assert ends(Report((proposal(CLOCK),), (), ()), row(CLOCK)) == []
    for reason in set(Reason) - {Reason.UNSAFE, Reason.POLICY}:
        assert ends(Report((), (withheld(CLOCK, reason),), ()), row(CLOCK)) == []


def test_what_was_not_run_or_is_held_by_a_person_stays() -> None:
    assert ends(NOTHING, row("unbounded-job"), row(CLOCK, stage=Stage.HELD)) == []


@pytest.mark.parametrize(
    ("path", "ended"), [("a.py", []), ("b.py", [(CLOCK, "done")]), (".", [(CLOCK, "done")])]
)
def test_a_file_that_could_not_be_read_may_still_hold_it(path: str, ended: list[tuple[str, str]]) -> None:
    report = Report((), (), (Problem(path, 1, "skipped"),))
    assert ends(report, row(CLOCK, marks=(mark("a.py"),))) == ended


@pytest.mark.parametrize(
    ("path", "sure"), [("a.py", True), ("setup.py", False), ("pyproject.toml", False), (".", False)]
)
def test_a_dependency_is_sure_only_where_everything_was_read(path: str, *, sure: bool) -> None:
    report = Report((), (), (Problem(path, 1, "skipped"),))
    assert bool(ends(report, row(f"{UPGRADE}/shelf", "shelf==2.0"))) is sure


def test_what_was_only_nice_to_know_leaves_nothing_unsure() -> None:
    asked = row(f"{UPGRADE}/shelf", "shelf==2.0")
    for beside in (True, False):
        report = Report((), (), (Problem(".", 1, "not compared", beside=beside),))
        assert bool(ends(report, asked)) is beside


@pytest.mark.parametrize("improvement", [CLOCK, "lru-cache-none"])
def test_what_depends_on_the_projects_python_is_sure_only_where_that_could_be_read(improvement: str) -> None:
    asked, ran = row(improvement, marks=(mark("a.py"),)), {improvement: KNOWN[improvement]}
    for path, sure in (("pyproject.toml", False), ("setup.py", False), ("b.py", True)):
        report = Report((), (), (Problem(path, 1, "skipped"),))
        found = list(obsolete.found([asked], report, config.defaults(), ran, {}))
        assert bool(found) is sure


def test_a_dependency_whose_releases_are_not_known_stays() -> None:
    asked = replace(NOTHING, unknown=frozenset({"shelf", "git+https://github.com/acme/oak"}))
    assert ends(asked, row(f"{UPGRADE}/shelf"), row(f"{UPGRADE}/acme/oak"), row(f"{UPGRADE}/elm")) == [
        (f"{UPGRADE}/elm", "done")
    ]


def test_what_a_group_moves_as_well_is_superseded_once_the_group_is_open() -> None:
    group, member = f"{UPGRADE}/tree-group", row(f"{UPGRADE}/elm", "elm==2.0")
    report = Report((proposal(group, "elm==2.0", "oak==2.0"),), (), ())
    assert ends(report, member) == []
    assert ends(report, member, numbers={group: 9}) == [(f"{UPGRADE}/elm", "superseded")]


def test_a_group_that_fell_apart_stays_until_all_its_members_are_open() -> None:
    group = row(f"{UPGRADE}/tree-group", "elm==2.0", "oak==2.0")
    elm, oak = proposal(f"{UPGRADE}/elm", "elm==2.0"), proposal(f"{UPGRADE}/oak", "oak==2.0")
    numbers = {elm.key: 8, oak.key: 9}
    waiting = withheld(oak.key, Reason.OPEN_LIMIT)
    assert ends(Report((elm,), (waiting,), ()), group, numbers=numbers) == []
    assert ends(Report((), (waiting,), ()), group, numbers=numbers) == []
    assert ends(Report((elm, oak), (), ()), group, numbers=numbers) == [(group.key, "superseded")]
