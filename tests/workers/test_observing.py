"""What a scan saw of a repository is written down; what it did not see is left as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from codemods import lifecycles, registry
from codemods.tree import Files
from tests.road import CONFIG, FILES, NAME, PLENTY, UTCNOW, Road
from tests.workers.test_fixing import FIX, NOW, UPGRADE, Scans, scans
from workers import authors, config, ledger, observing, scan
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.promises import PromiseRow
from workers.messages import Repository
from workers.model import Blame, Trial
from workers.world import Remembered

__all__ = ["scans"]


def _id(road: Road) -> int:
    return road.hub.find(NAME).id


def _freshness(road: Road) -> list[FreshnessRow]:
    return list(road.world.book.freshness.read([_id(road)]))


def _horizons(road: Road) -> list[HorizonRow]:
    return list(road.world.book.horizons.read([_id(road)]))


def _exposures(road: Road) -> list[ExposureRow]:
    return list(road.world.book.exposures.read([_id(road)]))


def _promises(road: Road) -> list[PromiseRow]:
    return list(road.world.book.promises.read([_id(road)]))


def _with(road: Road, *ids: str, **more: str) -> None:
    """Let the road look for more, and know more settings."""
    known = registry.catalogue()
    catalogue = {**road.world.catalogue, **{id_: known[id_] for id_ in ids}}
    road.world = replace(road.world, catalogue=catalogue, settings=replace(road.world.settings, **more))


# Freshness


def test_how_far_behind_dependencies_are_is_written_day_by_day(road: Road) -> None:
    road.index.release("plank", "1.0", uploaded="2024-01-05T08:00:00Z")
    road.index.release("plank", "1.0.1", uploaded="2024-01-15T08:00:00Z")
    road.add({**FILES, "requirements.txt": b"shelf==1.0\nplank==1.0\nunheard-of==1.0\nbench>=1\n"})
    road.scan()
    today = road.world.clock().date()
    first = FreshnessRow(_id(road), today, 4, 2, 10, 1, 0, 1)
    assert _freshness(road) == [first]
    road.scan()
    assert _freshness(road) == [first]
    road.hub.push(NAME, {"requirements.txt": b"shelf==2.0\nplank==1.0\n"})
    road.ahead += timedelta(days=1)
    road.scan()
    assert _freshness(road) == [first, FreshnessRow(_id(road), today + timedelta(days=1), 2, 2, 10, 0, 0, 1)]


def test_without_an_answer_of_the_index_nobody_is_called_fresh(road: Road) -> None:
    road.index.fail("/shelf/", times=99)
    road.add()
    road.scan()
    assert _freshness(road) == []


def test_what_has_no_dependencies_says_so(road: Road) -> None:
    road.add({"shop/clock.py": FILES["shop/clock.py"]})
    road.scan()
    assert [(row.dependencies, row.known, row.days) for row in _freshness(road)] == [(0, 0, 0)]


def test_an_ignored_file_is_not_looked_at(road: Road) -> None:
    ignoring = PLENTY + b"ignore: [requirements.txt, Dockerfile]\n"
    road.add({**FILES, "Dockerfile": b"FROM python:3.9\n", CONFIG: ignoring})
    road.scan()
    assert [row.dependencies for row in _freshness(road)] == [0]
    assert _horizons(road) == []


# What ends


def test_what_ends_is_written_with_what_would_end_it(road: Road) -> None:
    _with(road, "python-floor", "end-of-life")
    files = {
        "pyproject.toml": b'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.9"\n',
        "Dockerfile": b"FROM python:3.12-slim\n",
        "tox.ini": b"[tox]\nenv_list = py39, py310, py312\n",
        "compose.yaml": b"services:\n  db:\n    image: postgres:12\n",
    }
    road.add({**FILES, **files})
    road.scan()
    id_, alive = _id(road), lifecycles.lowest(road.world.clock().date(), 90)
    beyond = {minor: "python-floor/3.9" if alive and minor < alive else "" for minor in lifecycles.pythons()}
    assert _horizons(road) == [
        HorizonRow(id_, "image", "PostgreSQL 12", date(2024, 11, 21), "compose.yaml", "end-of-life/postgres"),
        HorizonRow(id_, "python", "Python 3.9", date(2025, 10, 31), "pyproject.toml", "python-floor/3.9"),
        HorizonRow(id_, "python", "Python 3.10", date(2026, 10, 31), "tox.ini", beyond[3, 10]),
        HorizonRow(id_, "python", "Python 3.12", date(2028, 10, 31), "Dockerfile", beyond[3, 12]),
    ]
    road.hub.push(NAME, {"compose.yaml": b"services:\n  db:\n    image: postgres:18\n"})
    road.scan()
    assert [row.subject for row in _horizons(road) if row.kind == "image"] == ["PostgreSQL 18"]


_DJANGO = """version = 1
[[package]]
name = "shop"
version = "1"
source = { editable = "." }
dependencies = [{ name = "django" }]
[[package]]
name = "django"
version = "4.2.11"
source = { registry = "https://pypi.org/simple" }
"""


def test_what_only_a_lock_file_says_ends_as_well(road: Road) -> None:
    road.index.release("django", "4.2.11")
    project = b'[project]\nname = "shop"\nversion = "1"\ndependencies = ["django>=4.2,<5.3"]\n'
    lock = _DJANGO.replace("https://pypi.org/simple", road.index.url.rstrip("/")).encode()
    road.add({**FILES, "pyproject.toml": project, "uv.lock": lock})
    road.scan()
    assert [(row.kind, row.subject, row.path) for row in _horizons(road)] == [
        ("package", "Django 4.2", "pyproject.toml")
    ]


def test_where_nothing_ends_nothing_is_written(road: Road) -> None:
    road.add({**FILES, "compose.yaml": b"services:\n  db:\n    image: postgres:99\n"})
    road.scan()
    assert _horizons(road) == []


# Weaknesses


@pytest.fixture
def publish(road: Road, tmp_path: Path) -> Callable[..., None]:
    """Publish a weakness of all shelves before 2.0; the road looks for fixes too."""
    folder = tmp_path / "osv"
    folder.mkdir()
    _with(road, FIX, advisories_url=str(folder))

    def publish_one(name: str = "GHSA-2222-2222-2222", *aliases: str, package: str = "shelf") -> None:
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]
        affected = [{"package": {"ecosystem": "PyPI", "name": package}, "ranges": ranges}]
        record = {"id": name, "aliases": aliases, "published": "2026-01-02T00:00:00Z", "affected": affected}
        record["database_specific"] = {"severity": "HIGH"}
        (folder / f"{name}.json").write_text(json.dumps(record))

    publish_one()
    return publish_one


def test_a_weakness_is_written_until_it_is_fixed(road: Road, publish: Callable[..., None]) -> None:
    road.add()
    publish("GHSA-3333-3333-3333", package="bench")
    road.scan()
    (row,) = _exposures(road)
    said = (row.advisory, row.package, row.severity, row.published, row.key)
    assert said == ("GHSA-2222-2222-2222", "shelf", "high", date(2026, 1, 2), f"{FIX}/shelf")
    assert row.gone is None
    publish("GHSA-2222-2222-2222", "CVE-2026-2")  # the same, by a better known name
    road.ahead += timedelta(days=1)
    road.scan()
    assert _exposures(road) == [row]
    road.hub.push(NAME, {"requirements.txt": b"shelf==2.0\n"})
    road.scan()
    (gone,) = _exposures(road)
    assert gone.gone is not None
    assert gone.gone - gone.since > timedelta(days=1)


def test_a_weakness_is_not_gone_because_nobody_could_tell(road: Road, publish: Callable[..., None]) -> None:
    assert publish
    road.add()
    road.scan()
    known = _exposures(road)
    assert len(known) == 1
    advised = road.world
    road.index.fail("/shelf/", times=99)
    road.scan()
    assert _exposures(road) == known
    road.index.recover()
    road.hub.push(NAME, {"requirements.txt": None, "pyproject.toml": b"[project\n"})
    road.scan()
    assert _exposures(road) == known
    road.hub.push(NAME, {"requirements.txt": FILES["requirements.txt"], "pyproject.toml": None})
    _with(road, advisories_url="/nowhere")
    road.scan()
    assert _exposures(road) == known
    _with(road, advisories_url="")
    road.scan()
    assert _exposures(road) == known
    road.world = replace(advised, catalogue={UPGRADE: advised.catalogue[UPGRADE]})
    road.scan()
    assert _exposures(road) == known


def test_what_has_no_weakness_is_not_exposed(road: Road, publish: Callable[..., None]) -> None:
    assert publish
    road.add({**FILES, "requirements.txt": b"shelf==2.0\n", "old/requirements.txt": b"shelf==1.0\n"})
    road.hub.push(NAME, {CONFIG: PLENTY + b"ignore: [old/]\n"})
    road.scan()
    assert _exposures(road) == []


# Promises


def test_promises_are_written_with_whose_they_are_and_until_when(road: Road) -> None:
    files = {
        "shop/a.py": b"# TODO[2020-01-01]: tidy\n# FIXME(grace): speed \x07this up\nx = 1\n",
        "b.py": b"# XXX: " + b"long " * 99 + b"\n",
        "CODEOWNERS": b"/shop/ @acme/web\n",
        CONFIG: b"dashboard: true\nlimits: {open: 0}\n",
    }
    road.add({**FILES, **files})
    road.scan()
    assert {row.written for row in _promises(road)} == {None}
    road.scan()  # who wrote a line was asked for the dashboard, and is known by now
    tidy, long, speed = _promises(road)
    id_ = _id(road)
    assert replace(tidy, written=None) == PromiseRow(
        id_, "shop/a.py", 1, "[2020-01-01] tidy", "due", "acme/web", None, date(2020, 1, 1)
    )
    assert tidy.written is not None
    assert (speed.said, speed.standing, speed.owner, speed.due) == (
        "speed  this up",
        "unconditional",
        "grace",
        None,
    )
    assert (long.path, len(long.said)) == ("b.py", 200)
    road.hub.push(NAME, {"shop/a.py": b"x = 1\n"})
    road.scan()
    assert [row.path for row in _promises(road)] == ["b.py"]


def test_nobody_is_asked_who_wrote_a_line(road: Road) -> None:
    tree, memory = Files({"a.py": b"x = 1\n", "b.py": b"y = 1\n"}), Remembered(road.world)
    wrote = [Blame(1, 1, "Ada", date(2026, 1, 2), "ada")]
    authors.remembered(lambda _: wrote, tree, memory)("a.py")
    assert authors.known(["a.py", "b.py"], tree, memory) == {"a.py": wrote}
    assert authors.known([], tree, memory) == {}


def test_where_nobody_looks_for_promises_there_are_none(road: Road) -> None:
    road.world = replace(road.world, catalogue={UTCNOW: road.world.catalogue[UTCNOW]})
    road.add({**FILES, "a.py": b"# TODO: tidy\n"})
    road.scan()
    assert _promises(road) == []
    assert road.world.book.debts.of(_id(road)) == {}


# All of it


@pytest.mark.parametrize("configuration", [b"limits: [\n", b"enabled: false\nlimits: 3\n"])
def test_a_scan_that_stops_writes_nothing(road: Road, configuration: bytes) -> None:
    road.add({**FILES, "Dockerfile": b"FROM python:3.9\n", CONFIG: configuration})
    road.scan()
    assert (_freshness(road), _horizons(road), _exposures(road), _promises(road)) == ([], [], [], [])


def test_a_part_of_a_tree_says_nothing_of_the_whole(scans: Scans) -> None:
    whole = scans.run()
    assert whole.facts
    assert whole.is_advised
    scans.words = "the source of advisories answered 500"
    assert not scans.run().is_advised
    tree = Files({"requirements.txt": b"shelf==1.0\n"})
    asked = scan.Request(tree, {}, config.defaults(), NOW, scans.lookup)
    assert scan.run(asked).facts
    assert scan.run(replace(asked, paths=frozenset({"requirements.txt"}))).facts is None
    assert scan.run(replace(asked, trial=Trial(f"{UPGRADE}/x", ("shelf==2.0",)))).facts is None


def test_a_bug_in_it_is_logged_and_costs_only_itself(
    road: Road, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("what a pity")

    monkeypatch.setattr(type(road.world.book.freshness), "note", broken)
    road.add({**FILES, "Dockerfile": b"FROM python:3.9\n"})
    assert road.scan().state == "done"
    assert road.keys()
    assert [row.subject for row in _horizons(road)] == ["Python 3.9"]
    assert "RuntimeError: what a pity" in written.getvalue()


def test_where_the_ledger_is_away_the_scan_comes_again(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise ledger.Unavailable("the database is away")

    road.add()
    with monkeypatch.context() as patched:
        patched.setattr(type(road.world.book.freshness), "note", away)
        assert road.scan().state == "queued"
    road.wait()
    assert len(_freshness(road)) == 1


def test_nothing_more_is_asked_for_it(road: Road, scans: Scans) -> None:
    number = road.add().id
    road.world.book.upsert_repository(Repository(number, "acme", "shop", "main", 1), NOW)
    _with(road, advisories_url="/somewhere")
    tree = Files({"requirements.txt": b"shelf==1.0\n", "Dockerfile": b"FROM python:3.9\n"})
    asked = scan.Request(tree, {}, config.defaults(), NOW, scans.lookup, scans.advise)
    asked = replace(asked, catalogue={id_: registry.catalogue()[id_] for id_ in (FIX, UPGRADE)})
    report = scan.run(asked)
    requests = len(road.hub.requests), len(scans.index.requests), len(scans.advised)
    observing.note(road.world, number, tree, asked, report)
    assert [len(found) for found in (_freshness(road), _horizons(road), _exposures(road))] == [1, 1, 1]
    assert (len(road.hub.requests), len(scans.index.requests), len(scans.advised)) == requests
