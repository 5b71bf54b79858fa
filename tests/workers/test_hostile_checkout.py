"""Git in a folder of a stranger: it tells what is there, and nothing that the folder names is run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.workers.checkout import PLAIN, commit, git, put
from workers import annals, snapshot


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    return folder


def hostile(folder: Path, canary: Path) -> None:
    """Everything in a repository's own settings that names a command."""
    put(folder, "a.py", "b.py")
    commit(folder)
    command = f"touch {canary};:"
    hooks = folder / "evil"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {canary}\n", "utf-8")
        (hooks / name).chmod(0o755)
    settings = {
        "core.fsmonitor": str(hooks / "fsmonitor-watchman"),
        "core.hooksPath": str(hooks),
        "core.pager": command,
        "core.editor": command,
        "core.sshCommand": command,
        "core.askPass": command,
        "core.alternateRefsCommand": command,
        "diff.external": command,
        "diff.evil.textconv": command,
        "diff.evil.command": command,
        "filter.evil.clean": command,
        "filter.evil.smudge": command,
        "filter.evil.process": command,
        "merge.evil.driver": command,
        "alias.ls-files": f"!{command}",
        "alias.log": f"!{command}",
        "pager.log": command,
        "pager.blame": command,
        "gpg.program": str(hooks / "post-checkout"),
        "log.showSignature": "true",
        "credential.helper": f"!{command}",
        "protocol.ext.allow": "always",
        "remote.evil.url": f"ext::sh -c {command!r}",
        "remote.evil.promisor": "true",
        "extensions.partialClone": "evil",
        "core.repositoryFormatVersion": "1",
        "i18n.logOutputEncoding": "UTF-16",
        "uploadpack.packObjectsHook": command,
    }
    for name, value in settings.items():
        git(folder, "config", name, value)
    (folder / ".git/info/attributes").write_text("* filter=evil diff=evil merge=evil\n", "utf-8")


def signed(folder: Path) -> None:
    """Put a commit on top that carries something like a signature, so that git would ask for its proof."""
    raw = git(folder, "cat-file", "commit", "HEAD").decode()
    head, _, message = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n xyz\n -----END PGP SIGNATURE-----"
    sha = git(
        folder,
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--stdin",
        data=f"{head}\n{signature}\n\n{message}".encode(),
    )
    git(folder, "update-ref", "refs/heads/main", sha.decode().strip())


def everything(folder: Path) -> None:
    taken = snapshot.folder(folder)
    assert "a.py" in taken.paths()
    snapshot.head(folder)
    snapshot.subjects(folder)
    snapshot.default_branch(folder)
    annals.blame(folder, "a.py")


def test_nothing_that_a_repository_names_is_run(repository: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    put(repository, "a.py")
    commit(repository)
    signed(repository)
    hostile(repository, canary)
    (repository / "a.py").write_bytes(b"changed = 1\nx = 1\n")
    everything(repository)
    assert not canary.exists()
    assert snapshot.subjects(repository)[-1] == "Add"


def test_a_missing_object_is_fetched_from_nowhere(repository: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    hostile(repository, canary)
    blob = git(repository, "rev-parse", "HEAD:a.py").decode().strip()
    (repository / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    everything(repository)
    assert not canary.exists()
    assert annals.blame(repository, "a.py") == []


@pytest.mark.parametrize("act", [snapshot.subjects, lambda folder: annals.blame(folder, "a.py")])
def test_the_canary_would_have_sung(repository: Path, tmp_path: Path, act: Callable[[Path], object]) -> None:
    """The tests above mean something only as long as plain git does run these commands."""
    canary = tmp_path / "canary"
    put(repository, "a.py")
    commit(repository)
    signed(repository)
    hostile(repository, canary)
    told = ["log"] if act is snapshot.subjects else ["blame", "a.py"]
    everywhere = {"PATH": os.environ["PATH"], **PLAIN}
    subprocess.run(["git", *told], cwd=repository, env=everywhere, capture_output=True, check=False)
    assert canary.exists()


# --- who wrote it


def dated(year: int) -> dict[str, str]:
    return {"GIT_AUTHOR_DATE": f"{int(datetime(year, 5, 1, tzinfo=UTC).timestamp())} +0000"}


def test_every_line_has_its_author_and_day(repository: Path) -> None:
    path = repository / "a.py"
    path.write_bytes(b"one\n\x0ctwo\nauthor-time never\n")
    commit(repository, **dated(2020))
    path.write_bytes(b"zero\none\n\x0ctwo\nauthor-time never\n")
    commit(repository, GIT_AUTHOR_NAME="Grace", **dated(2022))
    told = [(b.first, b.last, b.author, b.day) for b in annals.blame(repository, "a.py")]
    assert told == [
        (1, 1, "Grace", date(2022, 5, 1)),
        (2, 2, "Ada", date(2020, 5, 1)),
        (3, 3, "Ada", date(2020, 5, 1)),
        (4, 4, "Ada", date(2020, 5, 1)),
    ]


def test_lines_that_are_not_committed_have_no_author(repository: Path) -> None:
    path = repository / "a.py"
    path.write_bytes(b"one\ntwo\nthree\nfour\n")
    commit(repository)
    path.write_bytes(b"new\r\none\r\ntwo\r\nthree\r\nFOUR\r\n")
    assert [b.first for b in annals.blame(repository, "a.py")] == [2, 3, 4]
    put(repository, "untracked.py")
    assert annals.blame(repository, "untracked.py") == []


@pytest.mark.parametrize("seconds", ["99999999999999", "18446744073709551615", "0"])
def test_an_impossible_day_is_no_reason_to_fail(repository: Path, seconds: str) -> None:
    put(repository, "a.py")
    commit(repository)
    raw = git(repository, "cat-file", "commit", "HEAD").replace(b"1700000000", seconds.encode())
    sha = (
        git(repository, "hash-object", "--literally", "-t", "commit", "-w", "--stdin", data=raw)
        .decode()
        .strip()
    )
    git(repository, "update-ref", "refs/heads/main", sha)
    assert len(annals.blame(repository, "a.py")) == 1
