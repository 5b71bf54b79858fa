"""`kotsu check`: mistakes with their places, and what a changed kotsu.yml would bring."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from demo.github import git

CLOCK = "from datetime import datetime\n\nBORN = datetime.utcnow()\n"
WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two things to improve and a kotsu.yml that is committed."""
    write(tmp_path, "clock.py", CLOCK)
    write(tmp_path, ".github/workflows/ci.yml", WORKFLOW)
    write(tmp_path, "kotsu.yml", ONLY)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Begin"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
        subprocess.run(["git", *who, *command], cwd=tmp_path, env=git.ENVIRONMENT, check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


ONLY = """\
rules:
  - match: {improvement: "*"}
    enabled: false
  - match: {improvement: [aware-utcnow, unbounded-job]}
    enabled: true
"""


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, "utf-8")


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["check", *arguments])


def test_what_a_change_brings_is_said_beside_what_is_committed(folder: Path) -> None:
    write(folder, "kotsu.yml", ONLY.replace("[aware-utcnow, unbounded-job]", "aware-utcnow"))
    said = check("--plan", "--offline").stdout
    assert "kotsu.yml: good.\nWith this file: 1 pull request instead of 2.\n" in said
    assert "- `unbounded-job`: It is switched off in kotsu.yml." in said


@pytest.mark.usefixtures("folder")
def test_without_a_change_nothing_changes() -> None:
    assert "With this file: 2 pull requests, as without it." in check("--plan", "--offline").stdout
    assert check().stdout == "kotsu.yml: good.\n"


def test_a_mistake_is_said_and_nothing_is_compared(folder: Path) -> None:
    write(folder, "kotsu.yml", "limits: {opne: 1}\n")
    result = check("--plan", "--offline")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == 'kotsu.yml:1:10: unknown key "opne": did you mean "open"?\n'


def test_the_organisations_file_can_say_more(folder: Path) -> None:
    write(folder, "kotsu.yml", "capacity: {organisation: {open: 3}}\n")
    assert check().exit_code == 2
    assert check("--organisation").exit_code == 0


def test_a_campaign_about_no_improvement_is_told_with_its_place_and_what_was_meant(folder: Path) -> None:
    write(folder, "kotsu.yml", "campaigns:\n  clocks:\n    improvement: aware-utcnwo\n")
    result = check("--organisation")
    assert result.exit_code == 2
    assert result.stderr == (
        'kotsu.yml:3:18: unknown improvement "aware-utcnwo": did you mean "aware-utcnow"?\n'
    )


def test_a_policy_is_checked_too_and_what_goes_beyond_it_is_said(folder: Path) -> None:
    write(folder, "policy.yml", "limits: {open: 2}\n")
    assert check("--policy", "policy.yml").stdout == "kotsu.yml: good.\n"
    write(folder, "kotsu.yml", f"limits: {{open: 9}}\n{ONLY}")
    said = check("--policy", "policy.yml")
    assert said.exit_code == 0
    assert "allows less than this file asks for: `limits.open` is 2 at most.\n" in said.stdout
    write(folder, "policy.yml", "limits: {opne: 2}\n")
    broken = check("--policy", "policy.yml")
    assert (broken.exit_code, broken.stdout) == (2, "")
    assert 'policy.yml:1:10: unknown key "opne"' in broken.stderr
