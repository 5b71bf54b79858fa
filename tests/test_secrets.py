"""Canaries: the key, the secret and the tokens of a whole run are found nowhere, in no spelling."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo import run
from demo.github import LocalGitHub
from demo.index import LocalIndex
from tests.canaries import below, children, hits, named, spellings
from tests.fleet import Broker, eventually
from tests.road import CONFIG, FILES, NAME

_PASSWORD = "canary-of-an-index-in-a-file"
_ADDRESS = f"https://me:{_PASSWORD}@packages.test/simple"
_INDEX = f"--index-url {_ADDRESS}\nshelf==1.0\nown @ git+{_ADDRESS}/own\n-e {_ADDRESS}#egg=other\n".encode()
_INDEX_OF_UV = f"[project]\ndependencies = ['shelf==1.0']\n[[tool.uv.index]]\nurl = '{_ADDRESS}'\n".encode()
_FILES = {**FILES, CONFIG: b"# The defaults.\n"}


def _secrets(github: LocalGitHub) -> set[bytes]:
    tokens = [*github.world.tokens, *github.world.revoked]
    assert tokens
    return {s for value in (github.private_key, run.SECRET, *tokens) for s in spellings(value)}


def _texts(github: LocalGitHub, name: str) -> str:
    """Return everything of ours that people read on GitHub."""
    found = github.find(name)
    said = [f"{i.title}\n{i.body}\n{[c.body for c in i.comments]}" for i in found.issues.values()]
    return "\n".join([*said, *(str(check.output) for check in found.checks)])


@contextmanager
def _running(github: LocalGitHub, data_dir: Path) -> Iterator[run.Server]:
    github.world.webhook_secret = run.SECRET
    github.repository(NAME, _FILES)
    with LocalIndex({}) as index, run.running(github, index.url, data_dir) as server:
        yield server


def test_a_whole_run_with_all_its_errors_shows_no_secret(github: LocalGitHub, tmp_path: Path) -> None:
    with _running(github, tmp_path / "data") as server:
        github.fail("POST", "access_tokens", 401, body=b'{"message":"Bad credentials"}')
        github.install("acme")
        github.settle()
        assert eventually(lambda: "Bad credentials" in server.log.read_text("utf-8"), 20)
        github.push(NAME, {"NOTES.md": b"1\n"})
        _until(github, server, "repository scanned")
        github.repository("acme/odd", _FILES)
        github.fail("POST", "access_tokens", 201, body=b"{}")
        github.push("acme/odd", {"NOTES.md": b"2\n"})
        _until(github, server, "Traceback")
        github.fail("GET", "info/refs", 403, body=b"No.")
        github.push(NAME, {"NOTES.md": b"3\n"})
        _until(github, server, "job failed")
        github.fail("POST", "/git/trees", 500)
        github.push(NAME, {"shop/clock.py": b"from datetime import datetime\n\nX = datetime.utcnow()\n"})
        github.push(NAME, {"requirements-more.txt": _INDEX, "pyproject.toml": _INDEX_OF_UV})
        _until(github, server, "repository scanned")
    secrets = _secrets(github) | spellings(_PASSWORD)
    assert github.pulls(NAME)
    assert hits(secrets, _texts(github, NAME).encode()) == []
    looked_at = dict(below(tmp_path / "data"))
    assert {"serve.log", "kotsu.db", "config"} <= {path.name for path in looked_at}
    assert {path: found for path, data in looked_at.items() if (found := hits(secrets, data))} == {}


def _until(github: LocalGitHub, server: run.Server, words: str) -> None:
    github.settle()
    assert eventually(lambda: words in server.log.read_text("utf-8"), 20), server.log.read_text("utf-8")


def test_a_token_reaches_git_in_its_environment_and_nowhere_else(github: LocalGitHub, tmp_path: Path) -> None:
    seen: dict[int, tuple[bytes, bytes]] = {}

    def look() -> bool:
        seen.update(children(server.process.pid))
        return any(b"fetch" in argv for argv, _ in seen.values())

    with _running(github, tmp_path / "data") as server:
        github.delay("GET", "info/refs", 1.0)
        github.install("acme")
        assert eventually(look, 20)
        look()
        run.wait(server, github)
        look()
    secrets = _secrets(github)
    assert not [argv for argv, _ in seen.values() if hits(secrets, argv)]
    fetching = [variables for argv, variables in seen.values() if b"fetch" in argv]
    told = [name for variables in fetching for name in named(secrets, variables)]
    assert told
    assert all(re.fullmatch(rb"GIT_CONFIG_VALUE_\d+", name) for name in told)
    quiet = [v for argv, v in seen.values() if argv.startswith(b"git\0") and b"fetch" not in argv]
    assert not [names for variables in quiet if (names := named(secrets, variables))]
    readers = [variables for argv, variables in seen.values() if b"nursery.py" in argv]
    assert readers
    assert not [v for v in readers if b"KOTSU_" in v or named(secrets, v)]


@pytest.mark.fleet
def test_the_broker_carries_numbers_and_nothing_else(
    github: LocalGitHub, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "environ", _with_broker(run.environ, broker.url))
    with _running(github, tmp_path / "data"):
        github.install("acme")
        github.push(NAME, {"NOTES.md": b"1\n"})
        github.settle()
        assert eventually(lambda: broker.client.llen("kotsu") == 2)
        messages = [json.loads(m) for m in broker.client.lrange("kotsu", 0, -1)]
    bodies = [json.loads(base64.b64decode(m["body"])) for m in messages]
    assert sorted(body[0] for body in bodies) == [[1], [2]]
    assert not [m for m in messages if NAME in json.dumps(m) or run.SECRET in json.dumps(m)]


def _with_broker(environ: object, url: str) -> object:
    assert callable(environ)
    return lambda *arguments: {**environ(*arguments), "KOTSU_BROKER_URL": url}
