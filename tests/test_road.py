"""The whole road: signed deliveries come in at the receiver, and pull requests come out."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import planning
from codemods import registry
from demo import examples, run
from demo.github import LocalGitHub, git
from demo.index import LocalIndex
from tests.app.serving import Server
from tests.fleet import Broker, Postgres, eventually
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, Road, checkout
from workers import ledger


def test_an_installation_brings_pull_requests(road: Road, told: Server) -> None:
    road.add()
    road.hub.repository("acme/empty")
    road.hub.install("acme")
    road.settle()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]
    assert {d.status for d in road.hub.deliveries} == {202}
    assert told.hinted


def test_a_team_meets_kotsu_and_says_what_it_wants(road: Road, told: Server) -> None:
    road.hub.repository(NAME, FILES)
    road.hub.install("acme")
    road.settle()
    (question,) = road.hub.pulls(NAME, "open")
    assert question.title == "Configure Kotsu"
    branch = question.pull.head if question.pull else ""
    road.hub.push(NAME, {CONFIG: b"improvements:\n  unbounded-job: 1\n"}, branch=branch)
    road.settle()
    assert _said(road) == ("failure", ".github/kotsu.yml has 1 mistake")
    road.hub.push(NAME, {CONFIG: b"improvements:\n  unbounded-job: false\n"}, branch=branch)
    road.settle()
    assert _said(road) == ("success", "With this file: 2 pull requests instead of 3")
    assert road.keys() == ["configure"]
    road.hub.merge(NAME, question.number)
    road.settle()
    assert sorted(road.keys()) == [UTCNOW, SHELF]
    assert {d.status for d in road.hub.deliveries} == {202}
    assert told.hinted


def _said(road: Road) -> tuple[str | None, str]:
    """Return how the newest check about kotsu.yml ended, and its title."""
    check = next(c for c in reversed(road.hub.find(NAME).checks) if c.name == "Kotsu configuration")
    return check.conclusion, str(check.output["title"])


def test_what_we_do_ourselves_causes_no_work(road: Road, told: Server) -> None:
    repository = road.add()
    road.hub.install("acme")
    road.settle()
    assert len(told.book.scans(repository.id)) == 1
    assert {d.event for d in road.hub.deliveries} >= {"push", "pull_request", "installation"}


def test_a_push_updates_and_a_merge_makes_room(road: Road, told: Server) -> None:
    repository = road.add({**FILES, CONFIG: b"limits:\n  open: 2\n  first: 9\n  per-day: 9\n"})
    road.hub.install("acme")
    road.settle()
    assert sorted(road.keys()) == [UTCNOW, JOB]
    road.hub.push(NAME, {"shop/clock.py": CLOCK + b"\n\nDIED = datetime.utcnow()\n"})
    road.settle()
    assert b"DIED" in road.proposed(UTCNOW, "shop/clock.py")
    number = road.pull(UTCNOW).number
    road.hub.merge(NAME, number)
    road.settle()
    assert sorted(road.keys()) == [JOB, SHELF]
    assert road.states()[number] == (UTCNOW, "merged")
    assert told.book.scans(repository.id)[0].outcome == "done"


def test_a_renamed_repository_is_followed(road: Road, told: Server) -> None:
    repository = road.add()
    road.hub.install("acme")
    road.settle()
    road.hub.rename(NAME, "store")
    road.hub.rename_default_branch("acme/store", "trunk")
    road.settle()
    assert len(road.hub.pulls("acme/store")) == 3
    row = told.book.repository(repository.id)
    assert row is not None
    assert (row.full_name, row.default_branch) == ("acme/store", "trunk")


def test_an_archived_repository_rests_until_it_is_brought_back(road: Road, told: Server) -> None:
    repository = road.add(archived=True)
    road.hub.install("acme")
    road.settle()
    row = told.book.repository(repository.id)
    assert row is not None
    assert row.state == "skipped"
    road.hub.archive(NAME, archived=False)
    road.settle()
    assert len(road.keys()) == 3


def test_deliveries_of_an_installation_that_is_gone_come_to_nothing(road: Road, told: Server) -> None:
    road.add()
    installation = road.hub.install("acme")
    road.hub.settle()
    road.hub.uninstall(installation)
    road.settle()
    assert road.keys() == []
    assert set(told.book.tally(road.world.clock()).jobs) == {"done"}


def test_a_locked_ledger_costs_time_and_nothing_else(road: Road, sqlite_url: str) -> None:
    road.add()
    object.__setattr__(road.world, "book", ledger.open(sqlite_url, patience=0.1))
    road.hub.delay("POST", "/pulls$", 0.3)
    fault = road.hub._api.faults.waiting[-1]
    locked, done = threading.Event(), threading.Event()

    def lock() -> None:
        while fault.times:
            locked.wait(0.01)
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            locked.set()
            done.wait(120)
            connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=lock)
    thread.start()
    job = road.scan()
    assert locked.is_set()
    done.set()
    thread.join()
    assert job.state == "running"
    road.wait(120)
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert road.jobs() == {"done": 1}


# What new releases bring.


def _published(road: Road, text: str) -> str:
    """Let a public project publish two releases, and a repository of ours use the first; return its key."""
    project = road.hub.repository("octo/oak", {"README.md": b"Oak"}, private=False)
    for version in ("1.0", "2.0"):
        road.index.release("oak", version, says=[f"Project-URL: Source, {road.hub.url}/{project.full_name}"])
        road.hub.release(project.full_name, f"v{version}", text.format(version))
    hook = b"  - id: x\n    additional_dependencies:\n    - oak==1.0 # kotsu: hold\n"
    hooks = b"repos:\n- repo: local\n  hooks:\n" + hook
    road.add({"requirements.txt": b"oak==1.0\n", ".pre-commit-config.yaml": hooks})
    return "upgrade-dependency/oak"


def test_a_pull_request_has_the_notes_of_the_releases_it_moves_to(road: Road) -> None:
    key = _published(road, "News of {}: thanks @ada, fixes #1 <img src=x>")
    assert road.scan().state == "done"
    body = road.pull(key).body or ""
    assert "News of 2.0: thanks @\u200bada, fixes\u200b #\u200b1 \n\n</details>" in body
    assert f"### [2.0]({road.hub.url}/octo/oak/releases/tag/v2.0), " in body
    assert f"| oak ([releases]({road.hub.url}/octo/oak/releases)) | 1.0 → 2.0 |" in body
    assert "News of 1.0" not in body
    assert "### What stays as it is\n\n- `.pre-commit-config.yaml:6`: `oak` is held at `==1.0` by" in body


def test_newer_notes_alone_write_nothing(road: Road) -> None:
    _published(road, "News of {}")
    road.scan()
    road.news()
    road.hub.find("octo/oak").releases[-1].body = "Other news"
    road.scan()
    assert road.writes() == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_without_notes_there_is_a_pull_request_all_the_same(road: Road, status: int) -> None:
    key = _published(road, "News of {}")
    road.hub.fail("GET", "octo/oak/releases", status, times=3)
    assert road.scan().state == "done"
    assert "News" not in (road.pull(key).body or "")
    road.hub.recover()


# What `kotsu plan` shows is what the server opens.


_PROPOSED = (
    *("key", "improvement", "category", "applicability", "title", "body"),
    *("branch", "labels", "reviewers", "files", "patch", "minutes"),
)

_BEHIND = {"billing-api": (8, 8, 7987), "data-tools": (6, 4, 3361), "ops-scripts": (4, 4, 4048)}
"""Dependencies, how many of them are known, and the days that these are behind, as PyPI was recorded."""


@pytest.mark.parametrize("name", examples.NAMES)
def test_plan_equals_pull_requests(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    files = {**examples.files(name), CONFIG: b"release-age: 0\nlimits:\n  open: 99\n  first: 99\n"}
    repository = road.hub.repository(NAME, files, history=["feat: one", *("fix: more",) * 5])
    with LocalIndex() as index:
        given = replace(road.world.settings, index_url=index.url)
        road.world = replace(road.world, catalogue=registry.catalogue(), settings=given)
        monkeypatch.setenv("KOTSU_INDEX_URL", index.url)
        monkeypatch.setenv("KOTSU_DATA_DIR", str(given.data_dir))
        folder = checkout(repository, tmp_path / "work")
        printed = CliRunner().invoke(planning.plan, ["--json", "--all", str(folder)], catch_exceptions=False)
        asked = len(index.requests)
        road.scan()
    ours = [r.headers for r in index.requests[asked:] if r.headers["user-agent"] == "kotsu"]
    assert ours, "the server has asked as well"
    assert all("if-none-match" in headers for headers in ours), "but only whether something has changed"
    (fresh,) = road.world.book.freshness.read([repository.id])
    assert (fresh.dependencies, fresh.known, fresh.days) == _BEHIND[name]
    pythons = [row.subject for row in road.world.book.horizons.read([repository.id]) if row.kind == "python"]
    assert pythons[0] == ("Python 3.9" if name == "data-tools" else "Python 3.11")
    said = json.loads(printed.stdout)
    assert tuple(said) == ("version", "root", "head", "proposals", "withheld", "problems")
    assert {tuple(p) for p in said["proposals"]} == {_PROPOSED}
    assert {tuple(w) for w in said["withheld"]} <= {("key", "improvement", "title", "reason", "sentence")}
    planned = {p["key"]: p for p in said["proposals"]}
    assert len(planned) >= 3
    assert road.keys() == list(planned)
    for key, proposal in planned.items():
        pull = road.pull(key)
        assert (pull.title, pull.body, pull.labels) == (
            proposal["title"],
            proposal["body"],
            proposal["labels"],
        )
        head = git.run(repository.folder, "rev-parse", f"kotsu/{key}^{{tree}}").decode().strip()
        assert _patched(folder, proposal) == head


def _patched(folder: Path, proposal: Mapping[str, Any]) -> str:
    """Return the tree that a patch makes of a checkout; the checkout stays as it was."""
    git.run(folder, "apply", "--index", data=proposal["patch"].encode())
    tree = git.run(folder, "write-tree").decode().strip()
    git.run(folder, "reset", "--quiet", "--hard")
    return tree


# The fleet: a receiver, a worker and a beat, each a process, around PostgreSQL and Redis.


@contextmanager
def _process(command: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        arguments = [sys.executable, "-c", f"from app.cli import main; main(['{command}'])"]
        process = subprocess.Popen(arguments, env=environment, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(20) is not None


@pytest.mark.fleet
def test_a_fleet_heals_when_its_broker_forgets_everything(
    github: LocalGitHub, postgres: Postgres, broker: Broker, tmp_path: Path
) -> None:
    names = [f"acme/shop-{n}" for n in range(4)]
    for name in names:
        github.repository(name, {**FILES, CONFIG: PLENTY + b"improvements:\n  upgrade-dependency: false\n"})
    github.world.webhook_secret = run.SECRET
    more = {"KOTSU_DATABASE_URL": postgres.database(), "KOTSU_BROKER_URL": broker.url}
    environment = {**run.environ(github, "http://127.0.0.1:9/simple", tmp_path, run._free_port()), **more}
    book = ledger.open(more["KOTSU_DATABASE_URL"])
    log = tmp_path / "fleet.log"
    with _process("serve", environment, log) as web:
        url = f"http://127.0.0.1:{environment['KOTSU_PORT']}"
        run._until_ready(run.Server(url, more["KOTSU_DATABASE_URL"], log, web))
        github.webhook_url = f"{url}/webhooks/github"
        github.install("acme")
        github.settle()
        # Nobody has taken the hint yet when the broker loses it.
        broker.client.flushall()
        with _process("worker", environment, log), _process("beat", environment, log):
            assert eventually(lambda: _opened(github, names) >= 2, 60), log.read_text("utf-8")
            broker.client.flushall()
            assert eventually(lambda: _settled(book, github), 60), log.read_text("utf-8")
    github.webhook_url = None
    assert [len(github.pulls(name)) for name in names] == [len(github.pulls(names[0]))] * len(names)
    assert all(len({p.pull.head for p in github.pulls(n) if p.pull}) == len(github.pulls(n)) for n in names)
    assert "Traceback" not in log.read_text("utf-8")
    book.close()


def _opened(github: LocalGitHub, names: list[str]) -> int:
    return sum(len(github.pulls(name)) for name in names)


def _settled(book: ledger.Ledger, github: LocalGitHub) -> bool:
    github.settle()
    jobs = book.tally(github.world.now()).jobs
    return bool(jobs.get("done", 0) >= 5 and not jobs.get("queued") and not jobs.get("running"))
