"""Git is asked about the lines that somebody wants to know of, and about each of them once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.workers.checkout import commit, git
from workers import annals, snapshot


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    return folder


def _write(root: Path, text: str, author: str, year: int, path: str = "a.py") -> None:
    (root / path).write_text(text)
    day = f"{int(datetime(year, 5, 1, tzinfo=UTC).timestamp())} +0000"
    commit(root, GIT_AUTHOR_NAME=author, GIT_AUTHOR_DATE=day)


def _told(root: Path, *numbers: int, store: Path | None = None) -> list[tuple[int, str, int]]:
    found = annals.lines(snapshot.folder(root), root, {"a.py": numbers}, store or root.parent / "store")
    return [(b.first, b.author, b.day.year) for b in found.get("a.py", ())]


def test_only_the_lines_that_are_wanted_are_told(root: Path) -> None:
    _write(root, "one\ntwo\nthree\n", "Ada", 2020)
    _write(root, "one\nTWO\nthree\n", "Bob", 2021)
    assert _told(root, 2, 3) == [(2, "Bob", 2021), (3, "Ada", 2020)]
    assert _told(root, 1) == [(1, "Ada", 2020)]


def test_a_line_keeps_its_author_where_it_moved_on_disk(root: Path) -> None:
    _write(root, "one\ntwo\n", "Ada", 2020)
    (root / "a.py").write_text("zero\none\nnew\ntwo\n")
    assert _told(root, 1, 2, 3, 4) == [(2, "Ada", 2020), (4, "Ada", 2020)]


def test_a_folder_within_a_repository_is_asked_like_a_whole_one(root: Path) -> None:
    (root / "inside").mkdir()
    _write(root, "one\n", "Ada", 2020, "inside/a.py")
    assert _told(root / "inside", 1, store=root.parent / "store") == [(1, "Ada", 2020)]


@pytest.mark.parametrize("path", ["b.py", "a.py"])
def test_what_git_does_not_know_has_no_author(root: Path, path: str) -> None:
    _write(root, "", "Ada", 2020, "c.py")
    (root / path).write_text("one\n")
    assert _told(root, 1) == []


def test_outside_of_git_and_of_nothing_nothing_is_told(root: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    assert _told(tmp_path, 1, store=tmp_path / "store") == []
    assert annals.lines(snapshot.folder(root), root, {}, tmp_path / "store") == {}
    assert not (tmp_path / "store").exists()


def _formatted(root: Path) -> str:
    """Let Bob do no more than format what Ada wrote; return the commit."""
    _write(root, "x=1\n", "Ada", 2020)
    _write(root, "x = 1\n", "Bob", 2021)
    return git(root, "rev-parse", "HEAD").decode().strip()


_ADA, _BOB = [(1, "Ada", 2020)], [(1, "Bob", 2021)]


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("# Formatting\n{}\n", _ADA),
        ("nonsense\n{} # black\r\n", _ADA),
        (f"{'0' * 40}\n{{}}\n", _ADA),
        ("", _BOB),
        ("{:.12}\n", _BOB),
        ("\0\n-x\nHEAD\n", _BOB),
        (f"{'f' * 64}\n", _BOB),
    ],
)
def test_commits_that_only_formatted_are_passed_over(root: Path, listed: str, told: object) -> None:
    sha = _formatted(root)
    (root / annals.PASSED_OVER).write_bytes(listed.format(sha).encode())
    assert _told(root, 1) == told
    assert [(b.first, b.author, b.day.year) for b in annals.blame(root, "a.py")] == told


def test_no_link_is_followed_to_a_list_of_commits(root: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(_formatted(root))
    (root / annals.PASSED_OVER).symlink_to(tmp_path / "list")
    assert _told(root, 1) == _BOB
    (root / annals.PASSED_OVER).unlink()
    (root / annals.PASSED_OVER).mkdir()
    assert _told(root, 1) == _BOB


def test_settings_that_git_cannot_follow_are_no_reason_to_fail(root: Path) -> None:
    _formatted(root)
    git(root, "config", "blame.ignoreRevsFile", "not-there")
    assert _told(root, 1) == []
    git(root, "config", "--unset", "blame.ignoreRevsFile")
    assert _told(root, 1) == _BOB


def _kept(root: Path) -> Path:
    (shelf,) = (root.parent / "store").iterdir()
    return shelf


def test_what_was_told_is_read_again_and_not_asked_again(root: Path) -> None:
    _write(root, "one\ntwo\n", "Ada", 2020)
    assert _told(root, 1) == [(1, "Ada", 2020)]
    _kept(root).write_text(_kept(root).read_text().replace("Ada", "Eve"))
    assert _told(root, 1) == [(1, "Eve", 2020)]
    assert _told(root, 1, 2) == [(1, "Eve", 2020), (2, "Ada", 2020)]


def test_another_state_of_the_file_is_asked_about_anew(root: Path) -> None:
    _write(root, "one\n", "Ada", 2020)
    assert _told(root, 1) == [(1, "Ada", 2020)]
    _write(root, "two\n", "Bob", 2021)
    assert _told(root, 1) == [(1, "Bob", 2021)]


def test_another_repository_has_its_own_authors(root: Path) -> None:
    _write(root, "one\n", "Ada", 2020)
    other = root.parent / "other"
    other.mkdir()
    git(other, "init", "--quiet", ".")
    _write(other, "one\n", "Bob", 2021)
    assert (_told(root, 1), _told(other, 1)) == ([(1, "Ada", 2020)], [(1, "Bob", 2021)])


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"format": 0, "files": 1}',
        b'{"format": 1, "files": [1]}',
        b'{"format": 1, "files": {"a": {"1": 1}}}',
        b'{"format": 1, "files": {"a": {"1": ["Eve", "never"]}}}',
    ],
)
def test_what_is_kept_and_broken_is_asked_for_again(root: Path, broken: bytes) -> None:
    _write(root, "one\n", "Ada", 2020)
    _told(root, 1)
    _kept(root).write_bytes(broken)
    assert _told(root, 1) == [(1, "Ada", 2020)]


def test_nothing_is_kept_in_the_folder_itself_nor_of_a_shallow_clone(root: Path, tmp_path: Path) -> None:
    _write(root, "one\n", "Ada", 2020)
    _write(root, "one\ntwo\n", "Bob", 2021)
    assert _told(root, 1, store=root / "store") == [(1, "Ada", 2020)]
    assert not (root / "store").exists()
    git(tmp_path, "clone", "--quiet", "--depth=1", root.as_uri(), "shallow")
    _told(tmp_path / "shallow", 1)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("changed", ["", "above\n"])
def test_the_oldest_commit_of_a_shallow_clone_says_nothing(root: Path, tmp_path: Path, changed: str) -> None:
    _write(root, "one\n", "Ada", 2020)
    _write(root, "one\ntwo\n", "Bob", 2021)
    _write(root, "one\ntwo\nthree\n", "Cem", 2022)
    git(tmp_path, "clone", "--quiet", "--depth=2", root.as_uri(), "shallow")
    (tmp_path / "shallow" / "a.py").write_text(f"{changed}one\ntwo\nthree\n")
    told = _told(tmp_path / "shallow", *range(1, 4 + bool(changed)))
    assert told == [(3 + bool(changed), "Cem", 2022)]


def test_a_store_that_cannot_be_written_is_no_reason_to_fail(root: Path, tmp_path: Path) -> None:
    _write(root, "one\n", "Ada", 2020)
    (tmp_path / "store").write_text("a file")
    assert _told(root, 1) == [(1, "Ada", 2020)]


def test_many_files_are_told_as_one_is_and_nothing_is_written_into_the_repository(root: Path) -> None:
    for number in range(6):
        _write(root, "one\n", "Ada", 2020 + number, f"{number}.py")
    _write(root, "one\ntwo\n", "Bob", 2026, "3.py")
    before = sorted((root / ".git").rglob("*"))
    wanted = {f"{number}.py": (1, 2) if number == 3 else (1,) for number in range(6)}
    told = annals.lines(snapshot.folder(root), root, wanted, root.parent / "store")
    assert {path: [(b.author, b.day.year) for b in found] for path, found in told.items()} == {
        **{f"{number}.py": [("Ada", 2020 + number)] for number in (0, 1, 2, 4, 5)},
        "3.py": [("Ada", 2023), ("Bob", 2026)],
    }
    assert sorted((root / ".git").rglob("*")) == before
