"""What is taken of a folder: the files that git would take, byte for byte as they lie there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers.checkout import commit, git, put
from workers import annals, snapshot


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    return folder


def paths(folder: Path) -> list[str]:
    return list(snapshot.folder(folder).paths())


# --- which files


def test_tracked_and_untracked_files_are_taken_but_not_ignored_ones(repository: Path) -> None:
    put(repository, "tracked.py", "later/ignored.py")
    commit(repository)
    put(repository, "new.py", "build/made.py")
    (repository / ".gitignore").write_text("build/\n", "utf-8")
    assert paths(repository) == [".gitignore", "later/ignored.py", "new.py", "tracked.py"]


def test_what_is_tracked_and_deleted_is_not_there(repository: Path) -> None:
    put(repository, "gone.py", "folder/gone.py", "here.py")
    commit(repository)
    (repository / "gone.py").unlink()
    (repository / "folder/gone.py").unlink()
    (repository / "folder").rmdir()
    put(repository, "folder")
    assert paths(repository) == ["folder", "here.py"]


def test_a_folder_within_a_repository_is_taken_by_itself(repository: Path) -> None:
    put(repository, "top.py", "inner/a.py", "inner/deep/b.py")
    commit(repository)
    assert paths(repository / "inner") == ["a.py", "deep/b.py"]
    assert snapshot.head(repository / "inner") == snapshot.head(repository)


def test_a_folder_that_git_ignores_is_taken_as_if_outside_of_git(repository: Path) -> None:
    (repository / ".gitignore").write_text("unpacked/\n", "utf-8")
    put(repository, "unpacked/a.py")
    assert paths(repository / "unpacked") == ["a.py"]


def test_outside_of_git_everything_is_taken_but_what_tools_made(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "b/c.py", ".github/workflows/ci.yml", ".venv/lib/d.py", "node_modules/e.py")
    put(tmp_path, "__pycache__/f.py", ".tox/g.py", "my-env/pyvenv.cfg", "my-env/lib/h.py", ".git-not/i.py")
    assert paths(tmp_path) == [".git-not/i.py", ".github/workflows/ci.yml", "a.py", "b/c.py"]
    assert snapshot.head(tmp_path) is None
    assert snapshot.subjects(tmp_path) == []
    assert annals.blame(tmp_path, "a.py") == []


def test_a_clone_knows_the_default_branch_of_its_origin(repository: Path, tmp_path: Path) -> None:
    put(repository, "a.py")
    commit(repository)
    git(repository, "branch", "--move", "trunk/next")
    git(tmp_path, "clone", "--quiet", str(repository), "clone")
    git(tmp_path / "clone", "switch", "--quiet", "--create", "feature")
    assert snapshot.default_branch(tmp_path / "clone") == "trunk/next"


def test_without_an_origin_no_branch_is_the_default(repository: Path, tmp_path: Path) -> None:
    put(repository, "a.py")
    commit(repository)
    assert snapshot.default_branch(repository) == ""
    assert snapshot.default_branch(tmp_path) == ""


def test_without_git_on_the_machine_a_repository_is_a_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, "a.py")
    commit(repository)
    monkeypatch.setenv("PATH", str(repository))
    assert paths(repository) == ["a.py"]
    assert snapshot.head(repository) is None
    assert annals.blame(repository, "a.py") == []


def test_an_empty_repository_and_an_empty_folder_have_no_files(repository: Path, tmp_path: Path) -> None:
    assert paths(repository) == []
    assert snapshot.head(repository) is None
    assert snapshot.subjects(repository) == []
    (tmp_path / "nothing").mkdir()
    assert paths(tmp_path / "nothing") == []


def test_an_orphan_commit_alone_is_a_head(repository: Path) -> None:
    put(repository, "a.py")
    commit(repository, "Only this")
    assert snapshot.head(repository) == git(repository, "rev-parse", "HEAD").decode().strip()
    assert snapshot.subjects(repository) == ["Only this"]


def test_huge_files_are_left_out(repository: Path) -> None:
    put(repository, "a.py")
    with (repository / "huge.py").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    assert paths(repository) == ["a.py"]


# --- links


def test_links_are_never_followed(repository: Path, tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.py", "secret.py")
    put(repository, "real/a.py")
    for name, target in {
        "passwd.txt": "/etc/passwd",
        "up.py": "../secret.py",
        "loop.py": "loop.py",
        "dangling.py": "nowhere.py",
        "inside.py": "real/a.py",
        "folder": "../outside",
        "twin": "real",
        "requirements.txt": "/etc/passwd",
        "kotsu.yml": "../secret.py",
    }.items():
        (repository / name).symlink_to(target)
    (repository / ".github").symlink_to("../outside")
    assert paths(repository) == ["real/a.py"]
    commit(repository)
    assert paths(repository) == ["real/a.py"]


def test_a_tracked_file_behind_a_folder_that_became_a_link_is_gone(repository: Path, tmp_path: Path) -> None:
    put(repository, "package/secret.py", "a.py")
    put(tmp_path, "outside/secret.py")
    commit(repository)
    (repository / "package/secret.py").unlink()
    (repository / "package").rmdir()
    (repository / "package").symlink_to(tmp_path / "outside")
    assert paths(repository) == ["a.py"]


def test_an_index_that_names_files_outside_is_not_believed(repository: Path, tmp_path: Path) -> None:
    put(tmp_path, "secret.py")
    put(repository, "a.py", "zz_secret.py")
    commit(repository)
    index = repository / ".git/index"
    data = index.read_bytes().replace(b"zz_secret.py", b"../secret.py")
    # The checksum at the end: git takes zeros for "not computed".
    index.write_bytes(data[:-20] + b"\0" * 20)
    assert b"../secret.py" in git(repository, "ls-files", "-z")
    assert paths(repository) == ["a.py", "zz_secret.py"]


@pytest.mark.parametrize(
    "name", ["../secret.py", "/etc/passwd", "a/../../secret.py", ".git/config", "./a.py"]
)
def test_a_path_that_leaves_the_folder_is_no_file_of_it(repository: Path, tmp_path: Path, name: str) -> None:
    put(tmp_path, "secret.py")
    put(repository, "a.py", "a/b.py") if name.startswith("a/") else put(repository, "a.py")
    assert not snapshot._regular(repository, name)


def test_other_repositories_within_are_not_part_of_it(repository: Path) -> None:
    put(repository, "a.py", "sub/b.py")
    git(repository / "sub", "init", "--quiet", ".")
    commit(repository / "sub")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    (repository / ".gitmodules").write_text(
        '[submodule "-u"]\n\tpath = module\n\tupdate = !touch canary\n', "utf-8"
    )
    put(repository, "module/c.py")
    assert paths(repository) == [".gitmodules", "a.py"]


# --- bytes, names and modes


def test_bytes_are_those_on_disk_whatever_attributes_say(repository: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    (repository / ".gitattributes").write_text(
        "*.py text eol=lf\n*.bin filter=lfs\n*.v export-subst\n*.u working-tree-encoding=UTF-16\n", "utf-8"
    )
    contents = {
        "a.py": b"x\r\n\xff",
        "b.bin": pointer,
        "c.v": b"$Format:%H$\n",
        "d.u": "x\n".encode("utf-16"),
    }
    for name, data in contents.items():
        (repository / name).write_bytes(data)
    taken = snapshot.folder(repository)
    for name, data in contents.items():
        assert taken.read(name) == data
        assert taken.identity(name) == git(repository, "hash-object", "--no-filters", name).decode().strip()


NAMES = (
    "new\nline.py",
    'quo"te.py',
    "$(touch canary).py",
    "-leading.py",
    "caf\u00e9.py",
    "cafe\u0301.py",
    "Case.py",
    "case.py",
    "\N{SNAKE}.py",
    "tab\t.py",
    "b\\ack.py",
    " .py",
    "n" * 252 + ".py",
    ".gitt/x.py",
    "nbsp\u00a0.py",
)


@pytest.mark.parametrize("committed", [False, True])
def test_any_name_is_taken(repository: Path, *, committed: bool) -> None:
    put(repository, *NAMES)
    if committed:
        commit(repository)
    taken = snapshot.folder(repository)
    assert list(taken.paths()) == sorted(NAMES)
    assert taken.problems == []
    assert {taken.read(name) for name in NAMES} == {b"x = 1\n"}
    assert not list(repository.rglob("canary"))


@pytest.mark.parametrize("tracked", [False, True])
def test_a_name_that_is_not_utf8_is_a_problem_and_no_more(repository: Path, *, tracked: bool) -> None:
    put(repository, "a.py", "caf\udce9.py", "b\udcff/c.py")
    if tracked:
        commit(repository)
    taken = snapshot.folder(repository)
    assert list(taken.paths()) == ["a.py"]
    assert [p.path for p in taken.problems] == ["b?/c.py", "caf?.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_a_file_that_may_not_be_read_is_a_problem_and_no_more(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "closed.py")
    (tmp_path / "closed.py").chmod(0)
    script = (
        "import os, pathlib, sys\n"
        "from workers import snapshot\n"
        "root = os.open(sys.argv[1], os.O_RDONLY)\n"
        "os.fchdir(root), os.setuid(65534)\n"
        "taken = snapshot.folder(pathlib.Path())\n"
        "print(list(taken.paths()), [(p.path, p.message) for p in taken.problems])\n"
    )
    tmp_path.chmod(0o755)
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=True
    ).stdout
    assert said == b"['a.py'] [('closed.py', 'skipped: it may not be read')]\n"
