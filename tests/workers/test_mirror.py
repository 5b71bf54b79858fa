"""What is taken of a commit on GitHub: blobs as they are, from a bare mirror."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codemods.tree import blob_id
from demo.github import LocalGitHub, git
from demo.github.state import Repository
from tests.demo.client import Client
from workers import snapshot
from workers.git import GitError
from workers.git import run as kept
from workers.snapshot import Mirror, TooLargeError

BIG = b"x" * (9 * 1024 * 1024)


@dataclass
class Taker:
    """Takes a repository's newest commit, again and again, into the same mirror."""

    hub: LocalGitHub
    store: Path
    token: str = ""

    def add(self, files: dict[str, bytes] | None, modes: dict[str, str] | None = None) -> Repository:
        repository = self.hub.repository("acme/shop", files, modes=modes)
        with Client(self.hub).http as http:
            client = Client(self.hub)
            client.http = http
            self.token = client.token(self.hub.install("acme"))
        return repository

    @contextmanager
    def take(self, revision: str = "refs/heads/main") -> Iterator[Mirror]:
        with snapshot.take(self.store, f"{self.hub.url}/acme/shop.git", revision, self.token) as mirror:
            yield mirror


@pytest.fixture
def taker(github: LocalGitHub, tmp_path: Path) -> Taker:
    return Taker(github, tmp_path / "mirrors" / "1.git")


def grow(repository: Repository, files: dict[str, bytes | None], modes: dict[str, str] | None = None) -> None:
    ada = git.Person("Ada", "ada@example.org", datetime(2026, 3, 1, tzinfo=UTC))
    git.grow(repository.folder, "main", files, [("More", ada)], modes)


def test_bytes_and_ids_are_those_of_the_commit(taker: Taker) -> None:
    files = {"a.py": b"x = 1\r\n", "b/c.txt": b"\xff\x00", "empty.py": b"", "no-newline.py": b"x"}
    repository = taker.add(files)
    with taker.take() as mirror:
        assert mirror.commit == git.resolve(repository.folder, "main")
        assert list(mirror.paths()) == sorted(files)
        for path, data in files.items():
            assert mirror.read(path) == data
            assert mirror.identity(path) == blob_id(data)


def test_the_mirror_is_kept_and_moves_with_the_branch(taker: Taker) -> None:
    repository = taker.add({"a.py": b"1\n", "b.py": b"1\n"})
    for number in (2, 3):
        with taker.take() as mirror:
            assert "b.py" in mirror.paths()
        grow(repository, {"a.py": b"%d\n" % number})
    git.move_ref(repository.folder, "refs/heads/main", first(repository))
    with taker.take() as mirror:
        assert mirror.read("a.py") == b"1\n"


def first(repository: Repository) -> str:
    return git.run(repository.folder, "rev-list", "--max-parents=0", "main").decode().strip()


def test_a_commit_can_be_named_by_its_id(taker: Taker) -> None:
    repository = taker.add({"a.py": b"1\n"})
    grow(repository, {"a.py": b"2\n"})
    with taker.take(first(repository)) as mirror:
        assert mirror.read("a.py") == b"1\n"


def test_a_run_that_was_killed_leaves_nothing_in_the_way(taker: Taker) -> None:
    taker.add({"a.py": b"1\n"})
    (taker.store.parent / "1-half.new").mkdir(parents=True)
    with taker.take():
        pass
    (taker.store / "shallow.lock").write_text("", "utf-8")
    with taker.take() as mirror:
        assert mirror.read("a.py") == b"1\n"


def test_a_big_file_stays_where_it_is_and_is_no_error(taker: Taker) -> None:
    repository = taker.add({"a.py": b"1\n", "big.bin": BIG})
    with taker.take() as mirror:
        assert list(mirror.paths()) == ["a.py"]
    stored = sum(path.stat().st_size for path in taker.store.rglob("*") if path.is_file())
    assert stored < 1024 * 1024
    grow(repository, {"big.bin": None, "b.py": b"2\n"})
    with taker.take() as mirror:
        assert [mirror.read(p) for p in mirror.paths()] == [b"1\n", b"2\n"]


def test_a_server_that_filters_nothing_is_no_reason_to_read_a_big_file(taker: Taker) -> None:
    repository = taker.add({"a.py": b"1\n", "big.bin": BIG})
    git.run(repository.folder, "config", "uploadpack.allowFilter", "false")
    for _ in range(2):
        with taker.take() as mirror:
            assert list(mirror.paths()) == ["a.py"]
            assert mirror.read("a.py") == b"1\n"


def test_an_empty_repository_and_a_missing_branch_are_told(taker: Taker) -> None:
    taker.add(None)
    with pytest.raises(GitError, match="refs/heads/main"), taker.take():
        pass


def test_links_and_submodules_are_not_among_the_files(taker: Taker, tmp_path: Path) -> None:
    links = {"passwd.txt": b"/etc/passwd", "up.py": b"../up.py", ".github": b"/etc", "kotsu.yml": b"a.yml"}
    loop = {"loop.py": b"loop.py", "requirements.txt": b"/etc/passwd"}
    modules = b'[submodule "-u"]\n\tpath = sub\r\n\turl = -u./canary\n\tupdate = !touch canary\n'
    repository = taker.add(
        {"a.py": b"1\n", ".gitmodules": modules, **links, **loop}, dict.fromkeys((*links, *loop), "120000")
    )
    tree = git.run(repository.folder, "rev-parse", "main^{tree}").decode().strip()
    tree = git.write_tree(repository.folder, tree, [git.Entry("160000", "commit", "1" * 40, "sub")])
    ada = git.Person("Ada", "ada@example.org", datetime(2026, 3, 1, tzinfo=UTC))
    head = git.write_commit(repository.folder, tree, [first(repository)], "Link", (ada, ada))
    git.move_ref(repository.folder, "refs/heads/main", head)
    with taker.take() as mirror:
        assert list(mirror.paths()) == [".gitmodules", "a.py"]
    assert not list(tmp_path.rglob("canary"))


def test_attributes_change_no_byte(taker: Taker) -> None:
    files = {
        ".gitattributes": b"* text=auto eol=crlf\n*.py filter=evil ident\n"
        b"*.v export-subst\n*.u working-tree-encoding=UTF-16\n",
        "a.py": b"# $Id$\n",
        "b.v": b"$Format:%H$\n",
        "c.u": b"x\n",
        "lfs.bin": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
    }
    taker.add(files)
    with taker.take() as mirror:
        assert {path: mirror.read(path) for path in mirror.paths()} == files


def test_any_name_is_taken(taker: Taker) -> None:
    names = ["new\nline.py", 'quo"te.py', "$(id).py", "-lead.py", "café.py", "cafe\u0301.py", "A.py", "a.py"]
    names += ["\N{SNAKE}.py", "n" * 252 + ".py", "tab\t.py", "b\\ack.py", " .py"]
    taker.add({name: name.encode() for name in names})
    with taker.take() as mirror:
        assert list(mirror.paths()) == sorted(names)
        assert all(mirror.read(name) == name.encode() for name in names)
        assert mirror.problems == []


def test_a_name_that_is_not_utf8_is_a_problem_and_no_more(taker: Taker) -> None:
    taker.add({"a.py": b"1\n", "caf\udce9.py": b"2\n"})
    with taker.take() as mirror:
        assert list(mirror.paths()) == ["a.py"]
        (problem,) = mirror.problems
        json.dumps(problem.path).encode()
        assert problem.path == "caf\N{REPLACEMENT CHARACTER}.py"


def test_modes_are_kept(taker: Taker) -> None:
    taker.add({"run.sh": b"#!/bin/sh\n", "a.py": b"1\n"}, {"run.sh": "100755"})
    with taker.take() as mirror:
        assert {path: blob.mode for path, blob in mirror.blobs.items()} == {
            "a.py": "100644",
            "run.sh": "100755",
        }


def test_a_repository_with_too_many_files_is_told_apart(
    taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker.add({f"{n}.py": b"1\n" for n in range(5)})
    monkeypatch.setattr(snapshot, "_MOST", 4)
    with pytest.raises(snapshot.TooLargeError, match="5 files"), taker.take():
        pass


def test_a_token_that_opens_nothing_is_told_without_the_token(taker: Taker) -> None:
    taker.add({"a.py": b"1\n"})
    taker.token = "ghs_" + "s" * 30
    with pytest.raises(GitError) as refused, taker.take():
        pass
    assert "sss" not in str(refused.value)


def test_no_token_is_left_on_disk(taker: Taker) -> None:
    taker.add({"a.py": b"1\n"})
    with taker.take() as mirror:
        assert mirror.read("a.py")
    written = b"".join(path.read_bytes() for path in taker.store.rglob("*") if path.is_file())
    assert taker.token.encode() not in written


def test_the_reader_ends_with_the_look_at_it(taker: Taker) -> None:
    taker.add({"a.py": b"1\n"})
    with taker.take() as mirror:
        reader = mirror._cat
    assert reader.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(reader.pid, 0)


def read_from_a_dead_reader(taker: Taker) -> None:
    with taker.take() as mirror:
        os.kill(mirror._cat.pid, 9)
        mirror._cat.wait()
        mirror.read("a.py")


def test_a_reader_that_died_is_an_error_and_not_a_wait(taker: Taker) -> None:
    taker.add({"a.py": b"1\n"})
    with pytest.raises((GitError, BrokenPipeError)):
        read_from_a_dead_reader(taker)


def test_many_threads_read_at_once(taker: Taker) -> None:
    files = {f"{n}.py": b"x" * n * 97 for n in range(200)}
    taker.add(files)
    with taker.take() as mirror, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(mirror.read, [*files] * 5)) == [*files.values()] * 5


# --- what has no end


def bomb(repository: Repository) -> None:
    """Let the branch stand on ten trees, each of which holds the one below ten times."""
    below = f"100644 blob {git.write_blob(repository.folder, b'1')}"
    for _ in range(10):
        names = "".join(f"{below}\td{n}\n" for n in range(10))
        sha = git.run(repository.folder, "mktree", data=names.encode()).decode().strip()
        below = f"040000 tree {sha}"
    ada = git.Person("Ada", "ada@example.org", datetime(2026, 3, 1, tzinfo=UTC))
    head = git.write_commit(repository.folder, sha, [first(repository)], "Grow", (ada, ada))
    git.move_ref(repository.folder, "refs/heads/main", head)


def test_a_few_trees_that_stand_for_ten_thousand_million_files_are_too_large(
    taker: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb(taker.add({"a.py": b"1\n"}))
    monkeypatch.setattr(snapshot, "_LISTED", 1024**2)
    with pytest.raises(TooLargeError, match="more than the 200000 files"), taker.take():
        pass


def test_a_repository_that_is_too_large_leaves_nothing(taker: Taker, monkeypatch: pytest.MonkeyPatch) -> None:
    taker.add({f"{n}.bin": os.urandom(100_000) for n in range(20)})
    monkeypatch.setattr(snapshot, "_LARGEST", 1024**2)
    with pytest.raises(TooLargeError, match="take more than"), taker.take():
        pass
    assert list(taker.store.parent.iterdir()) == []


def test_a_full_disk_fails_in_one_sentence_and_the_space_is_freed(
    taker: Taker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker.add({"a.py": b"1\n"})
    with taker.take():
        pass
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\ncase "$*" in *fetch*)\n'
        'echo part > "$2/objects/pack/tmp_pack_1"\n'
        "echo 'fatal: write error: No space left on device' >&2; exit 128;; esac\n"
        f'exec {shutil.which("git")} "$@"\n',
        "utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(GitError, match=r"disk is full.*make room"), taker.take():
        pass
    assert list(taker.store.parent.iterdir()) == []


def test_a_mirror_that_is_worn_is_made_anew(taker: Taker, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = taker.add({"a.py": b"1\n"})
    with taker.take():
        pass
    old = first(repository)
    grow(repository, {"a.py": b"2\n"})
    monkeypatch.setattr(snapshot, "_LOOSE", -1)
    with taker.take() as mirror:
        assert mirror.read("a.py") == b"2\n"
    with pytest.raises(GitError):
        kept(taker.store, "cat-file", "-e", old)


def test_a_git_that_dies_while_files_are_read_is_told(taker: Taker) -> None:
    taker.add({"a.py": b"1\n"})
    with taker.take() as mirror:
        mirror._cat.kill()
        mirror._cat.wait()
        with pytest.raises(GitError):
            mirror.read("a.py")
