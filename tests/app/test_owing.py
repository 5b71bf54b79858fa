"""`kotsu todo` shows what is promised in comments, and changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli

_FILES = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "2.0"\nrequires-python = ">=3.11"\n',
    "shop/old.py": "import sys\n\n# TODO(ann): remove when we drop Python 3.10\nx = 1\n# FIXME: slow\n",
    "shop/page.js": "// TODO[2031-01-01]: a new page\nlet s = '// TODO no';\n",
    ".github/CODEOWNERS": "*.js @acme/web\n",
}


def _folder(root: Path, files: Mapping[str, str] = _FILES) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def _commit(root: Path, author: str, day: str) -> None:
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (
            ("NAME", author),
            ("EMAIL", f"{author}@example.com"),
            ("DATE", f"{day}T12:00:00Z"),
        )
    }
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", "-C", root, *arguments], check=True, env=environment)


def _run(root: Path, *options: str, store: Path | None = None) -> Result:
    given = {"KOTSU_DATA_DIR": str(store or root / ".git/kotsu")}
    return CliRunner(env=given).invoke(cli.main, ["todo", str(root), "--today", "2026-11-26", *options])


def test_it_says_state_age_owner_and_text(tmp_path: Path) -> None:
    _commit(_folder(tmp_path), "bob", "2023-11-26")
    told = _run(tmp_path)
    assert told.exit_code == 0, told.output
    assert [" ".join(line.split()) for line in told.output.splitlines()] == [
        "Due",
        "3 years ann shop/old.py:3 TODO remove when we drop Python 3.10 (now that the lowest Python is 3.11)",
        "Not yet",
        "3 years acme/web shop/page.js:1 TODO [2031-01-01] a new page (waits for 2031-01-01)",
        "Unconditional",
        "3 years bob shop/old.py:5 FIXME slow",
        "3 promises: 1 due, 1 not yet, 1 unconditional.",
    ]


def test_scripts_get_json(tmp_path: Path) -> None:
    told = json.loads(_run(_folder(tmp_path), "--json", "--state", "due").output)
    assert told == {
        "version": 1,
        "root": str(tmp_path),
        "todos": [
            {
                "path": "shop/old.py",
                "line": 3,
                "tag": "TODO",
                "text": "remove when we drop Python 3.10",
                "state": "due",
                "why": "now that the lowest Python is 3.11",
                "confidence": "read",
                "author": "",
                "owner": "ann",
                "since": None,
                "days": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--fail-on", "due"), 1),
        (("--fail-on", "orphaned"), 0),
        (("--fail-on", "due", "--state", "unconditional"), 1),
        (("--fail-on", "due", "--tag", "FIXME"), 0),
        (("--fail-on", "sometime"), 2),
        (("--tag", "fixme"), 2),
        (("--tag", ""), 2),
    ],
)
def test_the_exit_code_is_for_continuous_integration(
    tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    assert _run(_folder(tmp_path), *options).exit_code == code


def test_it_is_sorted_as_asked(tmp_path: Path) -> None:
    told = _run(_folder(tmp_path), "--json", "--sort", "path").output
    assert [(t["path"], t["line"]) for t in json.loads(told)["todos"]] == [
        ("shop/old.py", 3),
        ("shop/old.py", 5),
        ("shop/page.js", 1),
    ]


def test_nothing_is_promised_in_what_is_ignored_or_empty(tmp_path: Path) -> None:
    assert _run(tmp_path).output == "0 promises.\n"
    _folder(tmp_path, {**_FILES, "kotsu.yml": "ignore: [shop/**]\n"})
    assert _run(tmp_path).output == "0 promises.\n"


def test_a_kotsu_yml_with_mistakes_is_told(tmp_path: Path) -> None:
    told = _run(_folder(tmp_path, {"kotsu.yml": "ignore: 1\n"}))
    assert told.exit_code == 2
    assert "kotsu.yml:1:9" in told.output


def test_text_does_not_steer_the_terminal(tmp_path: Path) -> None:
    told = _run(_folder(tmp_path, {"a.py": "# TODO: \x1b[31mred [bold]x[/bold]\n"}))
    assert "\\x1b[31mred [bold]x[/bold]" in told.output


_MARKS = {
    "pyproject.toml": _FILES["pyproject.toml"],
    "shop/old.py": "import a  # noqa: E4  # until 2026-01-01\nimport b  # noqa: E4 -- effects\n# TODO: x\n",
}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), [("noqa", "due"), ("TODO", "unconditional")]),
        (("--all-tags",), [("noqa", "due"), ("noqa", "unconditional"), ("TODO", "unconditional")]),
        (("--tag", "noqa"), [("noqa", "due"), ("noqa", "unconditional")]),
        (("--tag", "TODO"), [("TODO", "unconditional")]),
        (("--tag", "skip"), []),
    ],
)
def test_a_mark_with_a_reason_is_shown_if_that_ends_or_somebody_asks(
    tmp_path: Path, options: tuple[str, ...], told: list[tuple[str, str]]
) -> None:
    shown = json.loads(_run(_folder(tmp_path, _MARKS), "--json", "--sort", "path", *options).output)
    assert [(row["tag"], row["state"]) for row in shown["todos"]] == told


def test_who_wrote_it_is_kept_outside_of_the_folder(tmp_path: Path) -> None:
    store, root = tmp_path / "store", _folder(tmp_path / "shop")
    _commit(root, "bob", "2023-11-26")
    first = _run(root, "--json", store=store)
    assert [path.suffix for path in store.rglob("*.json")] == [".json"]
    assert _run(root, "--json", store=store).output == first.output
    assert not list(root.glob("*.json"))


def test_a_mistake_in_the_environment_is_told(tmp_path: Path) -> None:
    told = CliRunner(env={"KOTSU_PORT": "x"}).invoke(cli.main, ["todo", str(tmp_path)])
    assert told.exit_code == 2
    assert "KOTSU_PORT" in told.output
