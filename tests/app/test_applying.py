"""`kotsu apply` writes what `kotsu plan` shows, one proposal after the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import planning
from demo.index import LocalIndex

PROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\n'
BOTH = """import sys
from typing import List

if sys.version_info >= (3, 8):
    names: List[str] = []
else:
    names = []
"""
ONLY = ("--only", "deprecated-typing-alias", "--only", "dead-version-branch")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "both.py").write_text(BOTH)
    (tmp_path / "one.py").write_text("from typing import Dict\n\nages: Dict[str, int] = {}\n")
    (tmp_path / "none.py").write_text("ages = {}\n")
    return tmp_path


def apply(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(planning.apply, [str(folder), "--all", "--offline", *options])


def test_two_proposals_that_change_one_file_are_both_written(folder: Path) -> None:
    done = apply(folder, *ONLY)
    assert done.exit_code == 0, done.output
    assert (folder / "both.py").read_text() == "names: list[str] = []\n"
    assert (folder / "one.py").read_text() == "ages: dict[str, int] = {}\n"
    assert (folder / "none.py").read_text() == "ages = {}\n"


def test_a_second_time_nothing_is_left(folder: Path) -> None:
    apply(folder, *ONLY)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    done = apply(folder, *ONLY)
    assert "Nothing to propose now" in done.output
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_an_upgrade_is_written_with_what_rides_with_it_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, skip = tmp_path / "shop", ("--skip", "urllib3-retry-allowed-methods")
    folder.mkdir()
    (folder / "requirements.txt").write_text("urllib3==1.25.0\n")
    (folder / "net.py").write_text("from urllib3 import Retry\n\nretry = Retry(method_whitelist=[])\n")
    only = ("--only", "upgrade-dependency", "--only", "urllib3-retry-allowed-methods")
    with LocalIndex({}) as index:
        for version in ("1.25.0", "2.2.0"):
            index.release("urllib3", version)
        monkeypatch.setenv("KOTSU_INDEX_URL", index.url)
        monkeypatch.setenv("KOTSU_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("KOTSU_ADVISORIES_URL", "off")
        done = CliRunner().invoke(planning.plan, [str(folder), "--all", *only, *skip])
        assert "net.py" not in done.output
        done = CliRunner().invoke(planning.apply, [str(folder), "--all", *only])
        assert done.output.count("wrote net.py") == 1, done.output
        assert (folder / "requirements.txt").read_text() == "urllib3==2.2.0\n"
        assert "allowed_methods=[]" in (folder / "net.py").read_text()
        again = CliRunner().invoke(planning.apply, [str(folder), "--all", *only])
        assert "Nothing to propose now" in again.output


def test_the_later_proposal_writes_only_its_own_files(folder: Path) -> None:
    (folder / "kotsu.yml").write_text("limits:\n  files: 1\n")
    done = apply(folder, *ONLY)
    assert done.exit_code == 0, done.output
    assert done.output.count("wrote both.py") == 2
    assert done.output.count("wrote one.py") == 1


def test_a_file_keeps_its_mode(folder: Path) -> None:
    (folder / "one.py").chmod(0o755)
    apply(folder, *ONLY)
    assert (folder / "one.py").stat().st_mode & 0o777 == 0o755


def test_an_empty_folder_is_no_reason_to_complain(tmp_path: Path) -> None:
    done = apply(tmp_path)
    assert (done.exit_code, list(tmp_path.iterdir())) == (0, [])


def test_an_improvement_that_is_none_is_named_with_what_was_meant(folder: Path) -> None:
    done = apply(folder, "--only", "deprecated-typing-alais")
    assert done.exit_code == 2
    assert "deprecated-typing-alias" in done.output
