"""kotsu.yml on the road: where it counts, and what happens when it is broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from codemods import registry
from tests.road import CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, WORKFLOW, Road
from workers import config, effective

_BROKEN = {**FILES, CONFIG: b"limits:\n  open: 2\nimprovment: {}\n"}


def test_a_broken_configuration_is_told_once_and_nothing_is_proposed(road: Road) -> None:
    repository = road.add(_BROKEN)
    assert road.scan().state == "done"
    road.scan()
    (check,) = repository.checks
    assert (check.name, check.conclusion) == ("Kotsu configuration", "failure")
    (remark,) = check.output["annotations"]
    assert (remark["path"], remark["start_line"], remark["start_column"]) == (CONFIG, 3, 1)
    assert remark["message"].startswith('unknown key "improvment": did you mean')
    assert check.output["title"] == ".github/kotsu.yml has 1 mistake"
    assert ".github/kotsu.yml:3:1" in check.output["summary"]
    assert "improvements" in check.output["summary"]
    assert road.keys() == []
    assert road.world.book.scans(repository.id)[0].outcome == "broken configuration"
    ((reason, sentence),) = road.withheld().values()
    assert reason == "broken-configuration"
    assert "`.github/kotsu.yml` is mended, at line 3" in sentence


def test_what_held_at_a_scan_is_written_down_for_whoever_asks(road: Road) -> None:
    repository = road.add(
        {**FILES, CONFIG: b"limits: {open: 2}\nimprovements:\n  unbounded-job: {minutes: soon}\n"}
    )
    key = effective.key(repository.id)
    road.scan()
    known = effective.read(road.world.book.recall([key])[key])
    assert known
    assert (known.path, known.own.limits.open, known.holds, len(known.mistakes)) == (CONFIG, 2, True, 1)
    road.hub.push(NAME, {CONFIG: b"limits: [\n"})
    road.news()
    road.scan()
    broken = effective.read(road.world.book.recall([key])[key])
    assert broken
    assert (broken.path, broken.own, broken.holds, len(broken.mistakes)) == (
        CONFIG,
        config.defaults(),
        False,
        1,
    )


def test_a_mistake_stops_only_what_it_is_about(road: Road) -> None:
    repository = road.add({**FILES, CONFIG: PLENTY + b"improvements:\n  unbounded-job: {minutes: soon}\n"})
    road.scan()
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, SHELF]
    (check,) = repository.checks
    assert check.conclusion == "failure"
    assert "the rest of it holds" in check.output["summary"]
    reason, sentence = road.withheld()[JOB]
    assert reason == "broken-configuration"
    assert ".github/kotsu.yml:" in sentence


def test_a_check_that_may_not_be_written_stops_nothing(road: Road) -> None:
    road.add({**FILES, CONFIG: PLENTY + b"improvements:\n  unbounded-job: {minutes: soon}\n"})
    road.hub.fail(
        "GET", "check-runs", 403, times=9, body=b'{"message":"Resource not accessible by integration"}'
    )
    assert road.scan().state == "done"
    assert sorted(road.keys()) == [UTCNOW, SHELF]


def test_a_mended_configuration_brings_the_proposals(road: Road) -> None:
    repository = road.add(_BROKEN)
    road.scan()
    road.hub.push(NAME, {CONFIG: PLENTY})
    road.scan()
    assert len(road.keys()) == 3
    assert len(repository.checks) == 1


def test_a_configuration_that_breaks_leaves_what_is_open_as_it_is(road: Road) -> None:
    road.add()
    road.scan()
    road.hub.push(NAME, {CONFIG: b"limits: [\n"})
    road.news()
    road.scan()
    assert road.writes() == [f"POST /repos/{NAME}/check-runs"]
    assert len(road.keys()) == 3


def test_what_is_off_runs_where_it_is_named_and_knows_the_default_branch(road: Road) -> None:
    id_, path = "duplicate-triggers", ".github/workflows/ci.yml"
    twice = {path: WORKFLOW.replace(b"on: push", b"on: [push, pull_request]")}
    road.world = replace(road.world, catalogue={id_: registry.catalogue()[id_]})
    said = PLENTY + b"improvements: {duplicate-triggers: true}\n"
    road.add({**FILES, **twice, CONFIG: said}, default_branch="trunk")
    road.scan()
    changed = road.hub.files(NAME, f"kotsu/{id_}")[path]
    assert changed.startswith(b"on:\n  push:\n    branches: [trunk]\n  pull_request:\njobs:")


_UNASKED = b"onboarding: false\n"


def test_the_organisations_configuration_is_inherited(road: Road) -> None:
    said = PLENTY + _UNASKED + b"improvements:\n  unbounded-job: false\n"
    road.hub.repository("acme/.github", {CONFIG: said})
    road.hub.repository(NAME, FILES)
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, SHELF]


def test_the_repositorys_own_configuration_wins(road: Road) -> None:
    said = b"limits: {open: 2}\nimprovements: {upgrade-dependency: false, unbounded-job: false}\n"
    road.hub.repository("acme/.github", {"kotsu.yml": said})
    road.add({**FILES, CONFIG: PLENTY + b"improvements: {upgrade-dependency: true}\n"})
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, SHELF]


def test_a_broken_configuration_of_the_organisation_is_named(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": b"enabled: secret-plan\n"})
    repository = road.add()
    road.scan()
    (check,) = repository.checks
    assert (check.conclusion, check.output["title"]) == ("neutral", "acme/.github/kotsu.yml has 1 mistake")
    assert "annotations" not in check.output
    assert "acme/.github/kotsu.yml:1:10: see the check run there" in check.output["summary"]
    ((_, sentence),) = road.withheld().values()
    assert sentence == "Nothing is proposed until `acme/.github/kotsu.yml` is mended, at line 1."
    assert "secret-plan" not in check.output["summary"]
    assert road.keys() == []


def test_a_mistake_of_the_organisation_that_stops_little_is_told_with_what_waits(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": b"improvements: {unbounded-job: {minutes: soon}}\n"})
    repository = road.add()
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, SHELF]
    assert "`acme/.github/kotsu.yml:1:" in road.withheld()[JOB][1]
    assert repository.checks == []


def test_the_organisations_own_repository_hears_of_its_mistakes(road: Road) -> None:
    repository = road.hub.repository("acme/.github", {"kotsu.yml": b"capacity: {teams: {a/b: {opne: 1}}}\n"})
    road.scan("acme/.github")
    (check,) = repository.checks
    assert (check.conclusion, check.output["title"]) == ("failure", "kotsu.yml has 1 mistake")
    assert 'did you mean "open"' in check.output["summary"]


def test_what_is_the_organisations_to_say_is_told_and_counts_nowhere_else(road: Road) -> None:
    said = PLENTY + b"capacity: {organisation: {open: 1}}\n"
    repository = road.add({**FILES, CONFIG: said})
    road.scan()
    assert "counts only in the kotsu.yml of the organisation" in repository.checks[0].output["summary"]
    assert len(road.keys()) == 3


def test_without_any_configuration_the_defaults_hold(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": _UNASKED})
    road.hub.repository(NAME, FILES)
    road.scan()
    assert len(road.keys()) == 2


def test_only_the_default_branchs_configuration_counts(road: Road) -> None:
    road.add()
    road.hub.push(NAME, {CONFIG: b"enabled: false\n"}, branch="outsider")
    road.scan()
    assert len(road.keys()) == 3


def test_a_configuration_that_is_a_link_is_not_followed(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": _UNASKED})
    road.hub.repository(NAME, {**FILES, CONFIG: b"../secret.yml"}, modes={CONFIG: "120000"})
    road.scan()
    assert len(road.keys()) == 2


def test_a_rule_decides_about_one_pull_request_and_leaves_the_others(road: Road) -> None:
    road.add(
        {
            **FILES,
            CONFIG: PLENTY + b"rules:\n"
            b"  - match: {package: shelf}\n    labels: [shelves]\n"
            b"  - match: {path: .github/}\n    enabled: false\n",
        }
    )
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, SHELF]
    assert set(road.pull(SHELF).labels) == {"shelves", "needs-review"}
    assert set(road.pull(UTCNOW).labels) == {"kotsu"}
    assert road.withheld()[JOB][0] == "disabled"


def test_a_rule_lets_one_package_wait_for_older_releases(road: Road) -> None:
    road.index.release("board", "1.0")
    recently = (road.world.clock() - timedelta(days=5)).isoformat()
    road.index.release("board", "1.1", uploaded=recently)
    road.index.release("shelf", "2.1", uploaded=recently)
    wait = b"rules:\n  - match: {package: board, update: minor}\n    release-age: 9\n"
    road.add({**FILES, "requirements.txt": b"shelf==2.0\nboard==1.0\n", CONFIG: PLENTY + wait})
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]
    assert "until a release is 9 days old" in road.withheld()["upgrade-dependency/board"][1]
