"""How a plan is printed: what waits together is told in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import planning, showing
from workers.model import Report, Wait, Withheld
from workers.reasons import Reason


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


def test_what_waits_for_the_same_stands_below_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    words = "Its review takes about 4 minutes. It may change after Monday."
    wait = Wait(datetime(2026, 3, 2, tzinfo=UTC), None, 4, 45, "")
    some = [Withheld(key, key, f"Do {key}", Reason.MINUTES, words, wait=wait) for key in ("sweep", "tidy")]
    showing.report(Path("shop"), Report([], some, []), diff=False)
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert told[-4:-1] == [words, "sweep  Do sweep", "tidy  Do tidy"]
    assert told[-1] == "With --all nothing waits for its turn."


HOURS = "capacity:\n  days: [monday]\n  hours: 09:00-17:00\n  time-zone: Europe/Berlin\n"


@pytest.mark.parametrize(
    ("day", "options", "is_told"),
    [
        ("2026-03-03", (), True),
        ("2026-03-02", (), False),
        ("2026-03-03", ("--all",), False),
        ("2026-03-03", ("--json",), False),
    ],
    ids=["out of hours", "within", "everything", "for scripts"],
)
def test_out_of_hours_a_plan_shows_what_will_be_opened_when_they_begin(
    tmp_path: Path, day: str, options: tuple[str, ...], *, is_told: bool
) -> None:
    (tmp_path / "kotsu.yml").write_text(HOURS)
    (tmp_path / "one.py").write_text("from datetime import datetime\n\nBORN = datetime.utcnow()\n")
    told = CliRunner().invoke(
        planning.plan,
        [str(tmp_path), "--offline", "--only", "aware-utcnow", "--today", day, *options],
    )
    assert told.exit_code == 0, told.output
    assert "aware-utcnow" in told.output
    assert "out-of-hours" not in told.output
    words = "Out of hours: this is what would be opened after Monday 2026-03-09 09:00 Europe/Berlin."
    assert (words in told.output) == is_told
