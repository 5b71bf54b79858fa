"""`kotsu report` reads the ledger and tells what a week brought."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app import reporting
from app.cli import main
from tests.fleet import NOW
from tests.workers.bookkeeping import pushed
from tests.workers.test_evaluating import ended
from workers import ledger
from workers.ledger import Ledger, Standing


@pytest.fixture
def kept(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A ledger in which one pull request was merged on a Sunday."""
    monkeypatch.setenv("KOTSU_DATABASE_URL", sqlite_url)
    book = ledger.open(sqlite_url)
    book.set_installation(7, "octo", Standing.ACTIVE, NOW)
    book.set_installation(8, "globex", Standing.ACTIVE, NOW)
    book.set_installation(9, "gone", Standing.REMOVED, NOW)
    book.record(pushed(), NOW)
    ended(book, 1, "merged")
    yield book
    book.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["report", *words])


@pytest.mark.usefixtures("kept")
def test_a_week_is_told_of_each_organisation() -> None:
    told = run("--week", "2026-W09")
    assert told.exit_code == 0, told.output
    heads = [line for line in told.stdout.splitlines() if line.startswith("# ")]
    assert heads == ["# globex in week 2026-W09", "# octo in week 2026-W09"]
    assert "1 of 1 that were decided this week were merged." in told.stdout


@pytest.mark.usefixtures("kept")
def test_one_organisation_is_asked_for_by_its_name() -> None:
    told = json.loads(run("--week", "2026-W09", "--organisation", "Octo", "--format", "json").stdout)
    assert [one["organisation"] for one in told["reports"]] == ["octo"]
    assert told["reports"][0]["sections"]["merged"]["rows"][0]["Repository"] == "octo/repo-1"
    other = json.loads(run("--week", "2026-W09", "--organisation", "globex", "--format", "json").stdout)
    assert other["reports"][0]["sections"]["merged"]["merged"] == 0


def test_who_sees_a_part_is_told_no_count_of_the_whole(kept: Ledger) -> None:
    about: tuple[dict[str, Any], ...] = ({}, {"team": "octo/core"}, {"place": 1})
    for more in about:
        kept.pauses.begin(7, "raise", NOW, merged=1, decided=20, **more)
    (of,) = (row for row in kept.installations() if row.id == 7)

    def told(seen: list[int] | None) -> list[tuple[str, int | None, int]]:
        return [
            (row.team, row.place, row.decided)
            for row in reporting.known(kept, of, "2026-W09", NOW, seen).pauses
        ]

    assert told([1]) == [("", None, 0), ("", 1, 20)]
    assert told(None) == [("", None, 20), ("octo/core", None, 20), ("", 1, 20)]
    assert told([]) == []


def test_without_a_week_it_is_the_last_one(kept: Ledger) -> None:
    (one, _) = json.loads(run("--format", "json").stdout)["reports"]
    now = ledger.clock(kept)()
    assert timedelta() <= now - datetime.fromisoformat(one["end"]) < timedelta(days=7)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("words", [("--week", "2026-W60"), ("--organisation", "gone"), ("--format", "pdf")])
def test_what_is_not_there_is_a_mistake_of_whoever_asks(words: tuple[str, str]) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert "Traceback" not in told.output


def test_an_empty_database_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("KOTSU_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    told = run()
    assert told.exit_code == 1
    assert "kotsu db upgrade" in told.output
