"""Canaries where people sign in and tools run: no secret of all these in any log, row, page or process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from demo import run
from demo.github import LocalGitHub
from demo.index import LocalIndex
from tests.app.browsing import HOME, Browser
from tests.app.serving import Server
from tests.canaries import MARK, below, hits, named, spellings, watched
from tests.road import CLOCK, NAME, PLENTY
from tests.workers.test_lockers import STATIC, Locked
from workers import ledger

_TOKEN, _OLD, _PASSWORD = (f"{MARK}{what}-of-a-run" for what in ("token", "old-secret", "password"))
_KEYS = tuple(Fernet.generate_key().decode() for _ in range(2))
_AGED = '[tool.ruff]\nlint.select = ["F"]\n[dependency-groups]\ndev = ["ruff==0.17.0"]\n'


@dataclass
class _Run:
    """A server with everything set that may be secret, and somebody's browser."""

    hub: LocalGitHub
    server: run.Server
    browser: Browser
    folder: Path

    def ask(self, path: str, **headers: str) -> httpx.Response:
        return self.browser.server.client.get(f"{self.server.url}{path}", headers=headers)


@contextmanager
def _running(hub: LocalGitHub, index: LocalIndex, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[_Run]:
    app, ordinary = hub.world.app, run.environ
    hub.world.webhook_secret = run.SECRET
    app.callbacks.append(f"{HOME}/signin/callback")
    more = {
        "KOTSU_API_TOKEN": _TOKEN,
        "KOTSU_WEBHOOK_SECRET": f"{run.SECRET},{_OLD}",
        "KOTSU_GITHUB_CLIENT_ID": app.client_id,
        "KOTSU_GITHUB_CLIENT_SECRET": app.client_secret,
        "KOTSU_ENCRYPTION_KEY": ",".join(_KEYS),
        "KOTSU_PUBLIC_URL": HOME,
    }
    patch.setattr(run, "environ", lambda *given: {**ordinary(*given), **more})
    address = index.url.replace("http://", f"http://me:{_PASSWORD}@")
    with run.running(hub, address, folder) as server, httpx.Client(verify=False, timeout=30) as client:
        port = int(server.url.rpartition(":")[2])
        book = ledger.open(server.database_url)
        yield _Run(hub, server, Browser(Server(server.url, port, book, client)), folder)
        book.close()


def _files(index: LocalIndex, folder: Path) -> dict[str, bytes]:
    """Return a project for which locker, resolver, linter and reader of wheels have something to do."""
    for version in ("1.0", "2.0"):
        index.release("shelf", version)
    locked = Locked(index, folder / "store").lock(
        {"pyproject.toml": STATIC.format('"shelf<2"')}, folder / "shop"
    )
    texts = {**locked, "more/requirements.txt": "shelf==1.0\n", "a.py": "import os  # noqa: F401\nos\n"}
    texts["pyproject.toml"] += _AGED
    return {"shop/clock.py": CLOCK, ".github/kotsu.yml": PLENTY, **{p: t.encode() for p, t in texts.items()}}


def test_whoever_signs_in_and_whatever_tool_runs_no_secret_is_shown(
    github: LocalGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    with LocalIndex({}) as index, _running(github, index, tmp_path / "data", monkeypatch) as ran:
        github.repository(NAME, _files(index, tmp_path))
        github.people.grant(NAME, "ada")
        github.world.browser = "ada"
        with watched(ran.server.process.pid) as seen:
            github.install("acme")
            run.wait(ran.server, github)
            shown += [ran.browser.go("/").text, *(ran.browser.get(p).text for p in _pages(ran.browser))]
            ran.browser.post(f"/repositories/{NAME}/scan", ran.browser.csrf(f"/repositories/{NAME}"))
            run.wait(ran.server, github)
            api = f"/api/v1/repositories/{NAME}/plan"
            shown += [ran.ask(api, Authorization=f"Bearer {t}").text for t in (_TOKEN, _OLD, _PASSWORD)]
            ran.browser.get(f"/signin/callback?code={_OLD}&state={_TOKEN}")
        cookies = list(ran.browser.cookies.values())
        people = [*github.world.people, *cookies]
    _judge(github, tmp_path / "data", people, seen, shown)


def _pages(browser: Browser) -> list[str]:
    found = re.findall(r'href="(/[^"]*)"', browser.get("/").text)
    return sorted({f"/repositories/{NAME}", f"/configuration/{NAME}", "/activity/runs/1", *found})


def _judge(
    github: LocalGitHub, data: Path, people: list[str], seen: list[tuple[bytes, bytes]], shown: list[str]
) -> None:
    app, world = github.world.app, github.world
    given = (
        github.private_key,
        run.SECRET,
        _TOKEN,
        _OLD,
        app.client_secret,
        *_KEYS,
        *world.tokens,
        *world.revoked,
    )
    assert len(people) >= 2
    secrets = {s for value in (*given, *people) for s in spellings(value)}
    everywhere = secrets | spellings(_PASSWORD)
    looked_at = dict(below(data))
    assert {"serve.log", "kotsu.db"} <= {path.name for path in looked_at}
    assert {path: found for path, held in looked_at.items() if (found := hits(everywhere, held))} == {}
    assert hits(everywhere, "\n".join(shown).encode()) == []
    assert hits(everywhere, _texts(github)) == []
    programs = {argv.split(b"\0")[0].rpartition(b"/")[2] for argv, _ in seen}
    assert {b"git", b"uv"} <= programs
    assert [argv for argv, _ in seen if hits(everywhere, argv)] == []
    held = {
        (argv.split(b"\0")[0].rpartition(b"/")[2], name) for argv, env in seen for name in named(secrets, env)
    }
    assert {program for program, _ in held} <= {b"git", b"git-remote-http"}
    assert all(re.fullmatch(rb"GIT_CONFIG_VALUE_\d+", name) for _, name in held)
    indexes = {name for _, env in seen for name in named(spellings(_PASSWORD), env)}
    assert indexes <= {b"UV_DEFAULT_INDEX", b"UV_INDEX"}


def _texts(github: LocalGitHub) -> bytes:
    said = github.find(NAME).issues.values()
    assert said
    return "\n".join(f"{i.title}\n{i.body}\n{[c.body for c in i.comments]}" for i in said).encode()
