"""Git finds real repositories behind the local GitHub, and only with a good token."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest

from demo.github.state import Installation
from tests.demo.client import FILES, REPO, Client


def git(*arguments: str, token: str = "") -> subprocess.CompletedProcess[bytes]:
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}" if token else "X-Nothing: 1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    return subprocess.run(["git", *arguments], env=os.environ | settings, capture_output=True, check=False)


def test_a_clone_brings_the_files_and_the_history(
    client: Client, tmp_path: Path, installation: Installation
) -> None:
    url, token = f"{client.hub.url}/acme/widgets.git", client.token(installation)
    done = git("clone", "-q", url, str(tmp_path / "clone"), token=token)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clone/src/a.py").read_bytes() == b"x = 1\n"
    subjects = git("-C", str(tmp_path / "clone"), "log", "--format=%s").stdout.decode().split("\n")
    assert subjects[:2] == ["fix: paint them", "feat: add widgets"]


def test_a_filtered_shallow_clone_fetches_blobs_when_they_are_read(
    client: Client, tmp_path: Path, installation: Installation
) -> None:
    url, token, clone = f"{client.hub.url}/acme/widgets", client.token(installation), str(tmp_path / "clone")
    git("clone", "-q", "--bare", "--depth=1", "--filter=blob:none", url, clone, token=token)
    absent = git("-C", clone, "rev-list", "--objects", "--missing=print", "HEAD").stdout
    assert absent.count(b"?") == len(FILES)
    assert git("-C", clone, "cat-file", "blob", "HEAD:src/a.py", token=token).stdout == b"x = 1\n"


@pytest.mark.parametrize("token", ["", "ghs_unknown"])
def test_git_without_a_good_token_is_asked_for_one(client: Client, tmp_path: Path, token: str) -> None:
    done = git("clone", "-q", f"{client.hub.url}/acme/widgets.git", str(tmp_path / "clone"), token=token)
    assert done.returncode != 0
    assert client.hub.requests[-1].status == 401


def test_git_does_not_see_a_repository_beyond_the_tokens_reach(
    client: Client, tmp_path: Path, installation: Installation
) -> None:
    token = client.token(installation, repositories=["gadgets"])
    done = git("clone", "-q", f"{client.hub.url}/acme/widgets.git", str(tmp_path / "clone"), token=token)
    assert b"not found" in done.stderr


def test_git_follows_a_renamed_repository(client: Client, tmp_path: Path, installation: Installation) -> None:
    client.hub.rename("acme/widgets", "sprockets")
    url, token = f"{client.hub.url}/acme/widgets.git", client.token(installation)
    assert git("clone", "-q", url, str(tmp_path / "clone"), token=token).returncode == 0


def test_a_push_over_git_moves_the_pull_request_of_that_branch(
    client: Client, tmp_path: Path, installation: Installation
) -> None:
    client.branch("kotsu/x")
    client.pull("kotsu/x")
    clone, token = str(tmp_path / "clone"), client.token(installation)
    git("clone", "-q", "-b", "kotsu/x", f"{client.hub.url}/acme/widgets.git", clone, token=token)
    me = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    git("-C", clone, *me, "commit", "-q", "--allow-empty", "-m", "more")
    assert git("-C", clone, "push", "-q", "origin", "HEAD", token=token).returncode == 0
    head = git("-C", clone, "rev-parse", "HEAD").stdout.decode().strip()
    assert client.call("GET", f"{REPO}/pulls/1").json()["head"]["sha"] == head
