"""GitHub's answers, fuzzed: every question of the door, with something else in any of its answers' fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from codemods.mentions import Mention
from demo.github import LocalGitHub, keys
from demo.github.ci import Job
from demo.loopback import Answer, Request
from tests.fuzz import values
from tests.fuzz.target import Target
from workers.github import App, File, GitHubError, Repo, client
from workers.github.client import Client

_NAME = "acme/shop"
_ODD_HEADERS = ("", "0", "-1", "soon", "99999999999999999999", "Thu, 99 Foo 2026", "\x80", "nan", "1e9")
_STATUSES = (200, 200, 200, 200, 201, 204, 400, 403, 404, 422, 429, 500, 502)


@dataclass
class _Wire:
    """Stands between the door and the local GitHub; with a dice it says something else."""

    hub: LocalGitHub
    kept: dict[tuple[str, str, bytes], Answer] = field(default_factory=dict)
    dice: Random | None = None

    def answer(self, asked: httpx.Request) -> httpx.Response:
        url, body = asked.url, asked.read()
        key = asked.method, str(url), body
        if asked.method not in ("GET", "POST") or key not in self.kept:
            headers = {name.lower(): value for name, value in asked.headers.items()}
            query = url.query.decode()
            self.kept[key] = self.hub._api.answer(Request(asked.method, url.path, query, headers, body))
        said = self.kept[key]
        if self.dice and "access_tokens" not in url.path and self.dice.random() < 0.7:
            said = self._other(said, self.dice)
        return httpx.Response(said.status, headers=said.headers, content=said.body)

    def _other(self, said: Answer, dice: Random) -> Answer:
        try:
            body = values.written(values.changed(json.loads(said.body), dice), dice)
        except ValueError:
            body = said.body
        status = dice.choice(_STATUSES) if dice.random() < 0.2 else said.status
        headers = {k: v for k, v in said.headers.items() if k.lower() != "content-length"}
        if dice.random() < 0.2:
            name = dice.choice(("Retry-After", "X-RateLimit-Reset", "X-RateLimit-Remaining", "Link", "Date"))
            headers[name] = dice.choice(_ODD_HEADERS)
        return replace(said, status=status, body=body, headers=headers)


class _Apart(App):
    """An App whose requests do not leave the process."""

    def __init__(self, wire: _Wire, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wire = wire
        self._lead(self._client)

    def _with(self, *args: Any, **kwargs: Any) -> Client:
        return self._lead(super()._with(*args, **kwargs))

    def _lead(self, client: Client) -> Client:
        kept = client._github.kept
        kept._transport = httpx.MockTransport(self._wire.answer)
        kept._mounts.clear()
        return client


Asking = Callable[[App, Repo], object]
_LATE = datetime(2026, 11, 26, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _There:
    """What there is to be asked about: numbers, and the newest commit of a branch of ours."""

    installation: int
    repository: int
    pull: int
    comment: int
    run: int
    head: str
    page: str


def _questions(there: _There) -> Sequence[Asking]:
    """Return everything that the door can be asked, but for what changes something."""
    installation, number, head = there.installation, there.pull, there.head
    names = {there.repository: ("acme", "shop")}
    return (
        lambda app, _: (vars(app).pop("login", None), app.login),
        lambda app, _: app.hook.registered(),
        lambda app, _: app.hook.target(),
        lambda app, _: list(app.hook.installations()),
        lambda app, _: app.hook.is_gone(installation),
        lambda app, _: list(app.hook.deliveries(0)),
        lambda app, _: list(app.repositories(installation)),
        lambda app, _: app.heads(installation, names),
        lambda app, _: app.organisation_file(installation, "acme", ("kotsu.yml",)),
        lambda app, _: app.left(installation),
        lambda _, repo: repo.branch("main"),
        lambda _, repo: repo.file("README.md"),
        lambda _, repo: repo.subjects(),
        lambda _, repo: repo.pull_of("kotsu/x"),
        lambda _, repo: repo.pulls("kotsu/"),
        lambda _, repo: list(repo.pulls_by("kotsu[bot]")),
        lambda _, repo: repo.pull(number),
        lambda _, repo: repo.notes(there.page),
        lambda _, repo: repo.blame(head, "README.md"),
        lambda _, repo: repo.reviews.talk(number),
        lambda _, repo: repo.reviews.writes("ada-example"),
        lambda _, repo: repo.reviews.patches(number),
        lambda _, repo: repo.checks.runs(head),
        lambda _, repo: repo.checks.required("main"),
        lambda _, repo: repo.checks.ahead("main", "kotsu/x"),
        lambda _, repo: repo.checks.of_base("main", head),
        lambda _, repo: repo.checks.watched(),
        lambda _, repo: [repo.checks.excerpt(one) for one in repo.checks.runs(head)],
        lambda _, repo: repo.checks.history.newest("ci.yml", ">=2026-01-01T00:00:00Z", 50),
        lambda _, repo: repo.checks.history.oldest("ci.yml", ">=2026-01-01T00:00:00Z"),
        lambda _, repo: repo.checks.history.recent("ci.yml", ">=2026-01-01T00:00:00Z"),
        lambda _, repo: repo.checks.history.jobs(there.run),
        lambda _, repo: repo.merges.ways(),
        lambda _, repo: repo.merges.queue("main", number),
        lambda _, repo: repo.merges.before(number),
        lambda _, repo: repo.talk.comment(there.comment),
        lambda _, repo: list(repo.talk.comments(number)),
        lambda _, repo: repo.talk.may_write("ada-example"),
        lambda _, repo: repo.talk.issue(number),
        lambda _, repo: repo.talk.ticket(Mention("", number)),
        lambda _, repo: list(repo.talk.issues_of("ada-example")),
        lambda _, repo: repo.teams.has_access("acme/platform"),
        lambda _, repo: repo.heads.changed("README.md"),
        lambda _, repo: repo.sides.branches("kotsu/"),
        lambda _, repo: repo.commits.read(head),
        lambda _, repo: repo.commits.ahead("main", "kotsu/x"),
        lambda _, repo: repo.branches.stands("main"),
    )


@contextmanager
def opened(folder: Path) -> Iterator[Target]:
    """Make a GitHub with one of everything ready, whose answers are remembered."""
    with (
        LocalGitHub(folder / "github", key_pair=keys.pair(), checks=True) as hub,
        pytest.MonkeyPatch.context() as patch,
    ):
        # Nobody waits between tries for what is wrong on purpose.
        patch.setattr(client, "_TRIES", 1)
        yield from _asking(hub)


def _asking(hub: LocalGitHub) -> Iterator[Target]:
    hub.repository(_NAME, {"README.md": b"# Shop\n", ".github/workflows/ci.yml": b"on: push\n"})
    installed = hub.install("acme")
    hub.reviewing.collaborators(_NAME, "ada-example", "grace-example")
    hub.ci.script(_NAME, Job(), Job("jenkins", status=True))
    hub.ci.require(_NAME, "tests")
    hub.ci.require(_NAME, "lint", ruleset=True)
    hub.release(_NAME, "v1.0", "Notes")
    ran = hub.ci.ran(_NAME, "ci.yml", {"test": 70}, _LATE, steps={"Install": 20, "Test": 50})
    wire = _Wire(hub)
    app = _Apart(wire, hub.api_url, hub.world.app.id, hub.private_key, redact=lambda _: None, pace=0.0)
    with app.open(installed.id, hub.find(_NAME).id) as repo:
        head = repo.commit(repo.branch("main") or "", "Change", [File("a.py", "100644", b"1\n")])
        repo.create_branch("kotsu/x", head)
        pull = repo.create_pull("kotsu/x", "main", "Title", "Body")
        assert pull
        comment = hub.comment(_NAME, pull.number, "/kotsu why")
        hub.reviewing.ask(_NAME, pull.number, "grace-example")
        hub.reviewing.review(_NAME, pull.number)
        hub.settle()
        page = f"{hub.url}/{_NAME}"
        there = _There(installed.id, hub.find(_NAME).id, pull.number, comment.id, ran.id, head, page)
        asked = _questions(there)
        for question in asked:
            question(app, repo)

        def run(case: tuple[int, Random]) -> None:
            number, wire.dice = case
            try:
                asked[number](app, repo)
            finally:
                wire.dice = None

        yield Target(lambda dice: (dice.randrange(len(asked)), Random(dice.random())), run, (GitHubError,))
    app.close()


TARGETS = {"GitHub's answers": opened}
