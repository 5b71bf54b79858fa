"""kotsu.yml on the road: where it counts, and what happens when it is broken."""

from __future__ import annotations

from collections.abc import Mapping

from tests.road import CONFIG, FILES, NAME, PLENTY, SHELF, UTCNOW, Road

_BROKEN = {**FILES, CONFIG: b"limits:\n  open: 2\nimprovment: {}\n"}


def test_a_broken_configuration_is_told_once_and_nothing_is_proposed(road: Road) -> None:
    repository = road.add(_BROKEN)
    assert road.scan().state == "done"
    road.scan()
    (check,) = repository.checks
    assert (check.name, check.conclusion) == ("Kotsu configuration", "failure")
    assert check.output["title"] == ".github/kotsu.yml has 1 mistake"
    assert ".github/kotsu.yml:3:1" in check.output["summary"]
    assert "improvements" in check.output["summary"]
    assert road.keys() == []
    assert road.world.book.scans(repository.id)[0].outcome == "broken configuration"


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


_DEFAULTS: Mapping[str, bytes] = {k: v for k, v in FILES.items() if k != CONFIG}


def test_the_organisations_configuration_is_inherited(road: Road) -> None:
    road.hub.repository("acme/.github", {CONFIG: PLENTY + b"improvements:\n  unbounded-job: false\n"})
    road.hub.repository(NAME, _DEFAULTS)
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, SHELF]


def test_the_repositorys_own_configuration_wins(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": b"enabled: false\n"})
    road.add()
    road.scan()
    assert len(road.keys()) == 3


def test_a_broken_configuration_of_the_organisation_is_named(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": b"enabled: maybe\n"})
    repository = road.hub.repository(NAME, _DEFAULTS)
    road.scan()
    assert repository.checks[0].output["title"] == "acme/.github/kotsu.yml has 1 mistake"
    assert road.keys() == []


def test_without_any_configuration_the_defaults_hold(road: Road) -> None:
    road.hub.repository(NAME, _DEFAULTS)
    road.scan()
    assert len(road.keys()) == 2


def test_only_the_default_branchs_configuration_counts(road: Road) -> None:
    road.add()
    road.hub.push(NAME, {CONFIG: b"enabled: false\n"}, branch="outsider")
    road.scan()
    assert len(road.keys()) == 3


def test_a_configuration_that_is_a_link_is_not_followed(road: Road) -> None:
    road.hub.repository(NAME, {**FILES, CONFIG: b"../secret.yml"}, modes={CONFIG: "120000"})
    road.scan()
    assert len(road.keys()) == 2
