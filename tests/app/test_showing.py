"""How a plan is printed: what waits together is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import showing
from workers.model import Reason, Report, Withheld


def told(capsys: pytest.CaptureFixture[str], *withheld: Withheld) -> list[str]:
    showing.report(Path("shop"), Report([], withheld, []), diff=False)
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]


def waiting(key: str, reason: Reason = Reason.SERIES_LIMIT, sentence: str = "2 parts wait.") -> Withheld:
    return Withheld(key, key.partition(".")[0], f"Do {key}", reason, sentence)


def test_parts_that_wait_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, waiting("sweep.2"), waiting("sweep.3"), waiting("sweep.4"), waiting("tidy.2"))
    assert lines == ["sweep.2 … sweep.4  2 parts wait.", "tidy.2  2 parts wait."]


def test_what_waits_for_its_day_has_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    day = Reason.DAY_LIMIT
    lines = told(capsys, waiting("sweep", day, day.value), waiting("sweep.2", day, day.value))
    assert lines == ["sweep  Do sweep", "sweep.2  Do sweep.2"]


def test_each_advice_has_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (waiting("sweep", Reason.ADVICE, f"`{path}:1`: ask Ada") for path in ("a.py", "b.py"))
    assert told(capsys, one, other) == ["sweep  `a.py:1`: ask Ada", "sweep  `b.py:1`: ask Ada"]
