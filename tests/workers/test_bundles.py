"""Upgrades that belong together are one proposal: what joins a group, and what stays alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from packaging.version import Version

from codemods import registry
from codemods.model import Edit, Finding, Upgrade
from workers import bundles
from workers.config import Config, Switch
from workers.model import Past, State

ID = "upgrade-dependency"
CATALOGUE = registry.catalogue()
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def finding(name: str, before: str = "1.0", after: str = "1.1", *, development: bool = False) -> Finding:
    upgrade = Upgrade(name, Version(before), Version(after), development)
    edit = Edit("requirements.txt", b"", name.encode())
    return Finding(ID, "requirements.txt", 1, name, edit, name, f"Upgrade {name}", upgrade=upgrade)


def groups(
    findings: Sequence[Finding], config: Config | None = None, past: Sequence[Past] = ()
) -> dict[str, str]:
    """Return the group of each name."""
    return {f.target: f.group for f in bundles.bundled(findings, CATALOGUE, config or Config(), past)}


def test_linters_of_one_repository_move_together() -> None:
    found = bundles.bundled([finding("ruff"), finding("mypy"), finding("django")], CATALOGUE, Config(), ())
    assert {f.target: f.group for f in found} == {
        "ruff": "linters-group",
        "mypy": "linters-group",
        "django": "",
    }
    assert {f.title for f in found if f.group} == {"Upgrade mypy and ruff"}


def test_many_are_counted() -> None:
    found = bundles.bundled([finding(n) for n in ("ruff", "mypy", "black", "isort")], CATALOGUE, Config(), ())
    assert {f.title for f in found} == {"Upgrade 4 linters"}


def test_one_alone_is_no_group() -> None:
    assert groups([finding("ruff"), finding("django")]) == {"ruff": "", "django": ""}


def test_what_is_released_together_moves_together_over_majors_too() -> None:
    found = [finding("opentelemetry-api", "1.9", "2.0"), finding("opentelemetry-sdk", "1.9", "2.0")]
    assert set(groups(found).values()) == {"opentelemetry-group"}


@pytest.mark.parametrize(
    ("before", "after"), [("1.9", "2.0"), ("0.4", "0.5"), ("2024.1", "2025.1"), ("1", "1!0")]
)
def test_a_major_stays_alone(before: str, after: str) -> None:
    found = [finding("ruff", before, after), finding("mypy"), finding("black")]
    assert groups(found) == {"ruff": "", "mypy": "linters-group", "black": "linters-group"}


def test_stubs_move_with_their_package() -> None:
    found = [finding("requests"), finding("types-requests", "2.31", "3.0"), finding("types-six")]
    assert groups(found) == {
        "requests": "requests-group",
        "types-requests": "requests-group",
        "types-six": "",
    }


def test_what_only_developers_need_is_one_group() -> None:
    found = [
        finding("pytest", development=True),
        finding("coverage", development=True),
        finding("tox", "3.0", "4.0", development=True),
        finding("requests"),
    ]
    assert groups(found) == {
        "pytest": "development-group",
        "coverage": "development-group",
        "tox": "",
        "requests": "",
    }


def test_a_name_that_kotsu_yml_switches_off_is_in_no_group() -> None:
    config = Config(improvements={f"{ID}/ruff": Switch(enabled=False)})
    assert groups([finding("ruff"), finding("mypy"), finding("black")], config)["ruff"] == ""


@pytest.mark.parametrize("state", list(State))
def test_a_name_with_a_pull_request_of_its_own_stays_with_it(state: State) -> None:
    past = [Past(f"{ID}/ruff", state, NOON)]
    found = groups([finding("ruff"), finding("mypy"), finding("black")], past=past)
    assert found == {"ruff": "", "mypy": "linters-group", "black": "linters-group"}


def test_the_last_one_of_an_open_group_stays_in_it() -> None:
    past = [Past(f"{ID}/linters-group", State.OPEN, NOON)]
    assert groups([finding("ruff")], past=past) == {"ruff": "linters-group"}


def test_words_without_an_edit_are_in_no_group() -> None:
    silent = Finding(ID, "requirements.txt", 1, "`black` is held", target="black")
    assert groups([finding("ruff"), finding("mypy"), silent])["black"] == ""


def test_what_waits_for_a_fix_is_in_no_group() -> None:
    fix = replace(finding("black"), improvement="fix-vulnerable-dependency")
    found = bundles.bundled(
        [fix, finding("ruff"), finding("mypy"), finding("black")], CATALOGUE, Config(), ()
    )
    assert [f.target for f in found if f.group] == ["ruff", "mypy"]
