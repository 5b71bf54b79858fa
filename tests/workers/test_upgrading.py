"""A ledger of revision 0003 with open pull requests: they go on as people know them, without a storm."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Engine, MetaData, Table, inspect, text

from codemods.model import Edit
from demo.github import ci, moves
from demo.github import git as stand_in
from demo.github.ci import Job
from demo.github.state import Issue
from tests.fleet import Postgres
from tests.road import FILES, JOB, NAME, SHELF, UTCNOW, Road
from workers import git, ledger, patch
from workers.ledger import schema, tables

KEYS = [UTCNOW, JOB, SHELF]
LONG_AGO = timedelta(days=60)
_GIVEN = (tables.installation, tables.repository)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database()
    engine = ledger.open(url).engine
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


def _as_it_was(road: Road, pull: Issue) -> str:
    """Make a pull request what it was before: ready from the start, a reviewer asked; return its digest."""
    assert pull.pull is not None
    repository, head = road.hub.find(NAME), pull.pull.head_sha
    base, changed = road.hub.files(NAME), road.hub.files(NAME, pull.pull.head)
    edits = [Edit(path, base[path], data) for path, data in sorted(changed.items()) if data != base[path]]
    digest = hashlib.sha256("\n".join((pull.title, patch.write(edits))).encode()).hexdigest()[:32]
    said = {"version": 1, "key": pull.pull.head.removeprefix("kotsu/"), "digest": digest}
    pull.body = f"<!-- kotsu: {json.dumps(said)} -->\n\nOld words.\n"
    raw = git.run(repository.folder, "cat-file", "commit", head)
    plain = re.sub(rb"Kotsu-Change: .*\n", b"", raw)
    written = ("hash-object", "-t", "commit", "-w", "--stdin")
    sha = git.run(repository.folder, *written, data=plain).decode().strip()
    stand_in.move_ref(repository.folder, f"refs/heads/{pull.pull.head}", sha)
    pull.pull.head_sha, pull.pull.draft, pull.pull.events = sha, False, []
    ada = road.hub.world.account("ada")
    pull.pull.reviewers.append(ada)
    moves.record(road.hub.world, pull, "review_requested", pull.author, ada)
    pull.pull.events = [replace(event, at=event.at - LONG_AGO) for event in pull.pull.events]
    pull.created_at -= LONG_AGO
    return digest


def _old_ledger(road: Road, url: str, digests: dict[str, str]) -> None:
    """Write what the ledger knows into one of revision 0003, and go on with that after its upgrade."""
    engine = ledger.open(url).engine
    _upgrade(engine, "0003")
    heads = {p.number: p.pull.head_sha for p in road.hub.pulls(NAME) if p.pull}
    with road.world.book.engine.begin() as old, engine.begin() as new:
        for table in (tables.installation, tables.repository, tables.scan, tables.proposal):
            known = {c["name"] for c in inspect(new).get_columns(table.name)}
            # Rows of ours are numbered anew: PostgreSQL does not notice numbers that it did not give.
            given = known if table in _GIVEN else known - {"id"}
            columns = [c for c in table.columns if c.name in given]
            there = Table(table.name, MetaData(), *(Column(c.name, c.type) for c in columns))
            for row in old.execute(table.select().with_only_columns(*columns)).mappings():
                values = dict(row)
                if table is tables.proposal:
                    head = heads[values["number"]]
                    values |= {"digest": digests[values["key"]], "head_sha": head}
                    values["opened_at"] -= LONG_AGO
                new.execute(there.insert().values(**values))
    engine.dispose()
    ledger.migrate(url)
    road.world.book.close()
    object.__setattr__(road.world, "book", ledger.open(url))


def _upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture
def old(road: Road, empty_url: str) -> Road:
    """Three pull requests of long ago, one of them red ever since; then Kotsu is upgraded."""
    repository = road.add()
    road.hub.ci.script(NAME, Job(says=ci.fails_on(b"timezone", ".py")))
    road.hub.settle()
    road.scan()
    digests = {key: _as_it_was(road, road.pull(key)) for key in KEYS}
    road.hub.settle()
    _old_ledger(road, empty_url, digests)
    for check in repository.checks:
        check.started_at -= LONG_AGO
        check.completed_at = check.completed_at and check.completed_at - LONG_AGO
    road.hints.clear()
    road.news()
    return road


def test_nobody_is_stormed_by_the_first_looks_after_an_upgrade(old: Road) -> None:
    """Each body learns to say more of itself, once, which tells nobody; and that is all."""
    heads = {p.number: p.pull.head_sha for p in old.hub.pulls(NAME) if p.pull}
    old.scan()
    bodies = sorted(f"PATCH /repos/{NAME}/pulls/{number}" for number in heads)
    assert sorted(old.writes()) == bodies
    for number in heads:
        old.follow(number)
    for _ in range(12):
        old.days(1)
        old.scan()
        for number in heads:
            old.follow(number)
    assert old.writes() == []
    assert {p.number: p.pull.head_sha for p in old.hub.pulls(NAME, "open") if p.pull} == heads
    assert not any(p.comments or (p.pull and p.pull.draft) for p in old.hub.pulls(NAME))
    assert old.parked() == []


def test_what_is_opened_after_an_upgrade_has_the_whole_life(old: Road) -> None:
    old.scan()
    old.hub.merge(NAME, old.pull(JOB).number)
    old.hub.push(NAME, {".github/workflows/ci.yml": FILES[".github/workflows/ci.yml"]})
    old.scan()
    pull = old.pull(JOB)
    assert pull.pull is not None
    assert pull.pull.draft
    old.hub.settle()
    old.follow(pull.number)
    assert not pull.pull.draft


def test_an_old_no_is_still_an_answer_after_an_upgrade(old: Road) -> None:
    number = old.pull(SHELF).number
    old.hub.close(NAME, number)
    old.follow(number)
    old.index.release("shelf", "3.0")
    old.scan()
    assert SHELF not in {key for key, state in old.states().values() if state == "open"}
    assert old.withheld()[SHELF][0] == "declined"
