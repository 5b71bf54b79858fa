"""What several rooms' tests share: the local GitHub, checked against GitHub's own description."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from demo.github import LocalGitHub, keys
from tests.canaries import MARK
from tests.fleet import (  # noqa: F401 -- fixtures are found by their names
    book,
    broker,
    database_url,
    postgres,
    sqlite_template,
    sqlite_url,
)
from tests.openapi import Validator
from tests.road import road, told  # noqa: F401 -- the same
from tests.workers.improvements import Improvements, package

# The same examples everywhere, and no test fails as a machine is slow: the first draw reads all our modules.
settings.load_profile("ci")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that is skipped in CI fail, and one after which a secret stands in a log.

    Nobody would notice what the first no longer proves.
    """
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped where CI is set: {report.longrepr}"
    if report.passed and any(MARK in text for _, text in report.sections):
        report.outcome = "failed"
        report.longrepr = f"what was printed or logged holds a secret of the tests, which begins with {MARK}"
    return report


@pytest.fixture(scope="session", autouse=True)
def nobody_is_asked() -> Iterator[None]:
    """No test reaches beyond loopback: whatever reads the environment learns that no host may be asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOTSU_HOSTS", "none")
        patch.setenv("KOTSU_ADVISORIES_URL", "off")
        yield


@pytest.fixture
def improvements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Improvements]:
    """A package for small improvements, which is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    made = package(tmp_path)
    yield made
    made.forget()


@pytest.fixture(scope="session")
def key_pair() -> tuple[str, str]:
    return keys.pair()


@pytest.fixture(scope="session")
def openapi() -> Validator:
    return Validator()


@pytest.fixture
def github(tmp_path: Path, key_pair: tuple[str, str], openapi: Validator) -> Iterator[LocalGitHub]:
    """A local GitHub; whatever passes between it and the App must be what GitHub describes."""
    with LocalGitHub(tmp_path / "github", key_pair=key_pair) as hub:
        yield hub
        hub.settle()
    assert openapi.problems(hub.requests) == []
