"""A closed security fix is an answer about the advisories that it named, and about no later ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codemods import registry
from tests.road import NAME, Road
from workers import marker

FIX = "fix-vulnerable-dependency"
SHELF = f"{FIX}/shelf"


@pytest.fixture
def publishes(road: Road, tmp_path: Path) -> Callable[..., None]:
    """Publish a weakness of all shelves before a version; the road looks for nothing else."""
    folder = tmp_path / "osv"
    folder.mkdir()
    given = replace(road.world.settings, advisories_url=str(folder))
    road.world = replace(road.world, settings=given, catalogue={FIX: registry.catalogue()[FIX]})
    road.index.release("shelf", "3.0")
    road.add({"requirements.txt": b"shelf==1.0\n"})

    def publish_one(name: str, *aliases: str, fixed: str = "2.0") -> None:
        events = [{"introduced": "0"}, {"fixed": fixed}]
        ranges = [{"type": "ECOSYSTEM", "events": events}]
        affected = [{"package": {"ecosystem": "PyPI", "name": "shelf"}, "ranges": ranges}]
        record = {"id": name, "aliases": aliases, "published": "2026-01-02T00:00:00Z", "affected": affected}
        (folder / f"{name}.json").write_text(json.dumps(record))

    publish_one("GHSA-2222-2222-2222")
    return publish_one


def decline(road: Road) -> int:
    """Scan, and say no to the fix."""
    road.scan()
    pull = road.pull(SHELF)
    road.hub.close(NAME, pull.number)
    return pull.number


def test_a_closed_fix_stays_closed(road: Road, publishes: Callable[..., None]) -> None:
    decline(road)
    road.index.release("shelf", "2.5")
    road.scan()
    assert road.keys() == []
    assert road.withheld()[SHELF][0] == "declined"
    publishes("GHSA-2222-2222-2222", "CVE-2026-2")  # the same weakness, by a better known name
    road.scan()
    assert road.keys() == []


def test_a_new_advisory_opens_another_pull_request(road: Road, publishes: Callable[..., None]) -> None:
    first = decline(road)
    publishes("CVE-2026-3", fixed="3.0")
    road.scan()
    pull = road.pull(SHELF)
    assert pull.number != first
    assert road.proposed(SHELF, "requirements.txt") == b"shelf==3.0\n"
    assert marker.metadata(pull.body or "")["answers"] == ["CVE-2026-3", "GHSA-2222-2222-2222"]
    assert "it will not be opened again, unless another weakness is published." in (pull.body or "")
    road.hub.close(NAME, pull.number)
    road.scan()
    assert road.keys() == []


def test_a_new_advisory_counts_though_the_ledger_is_lost(
    road: Road, publishes: Callable[..., None], tmp_path: Path
) -> None:
    decline(road)
    road.forget(tmp_path / "new.db")
    road.scan()
    assert road.keys() == []
    assert road.withheld()[SHELF][0] == "declined"
    publishes("CVE-2026-3")
    road.scan()
    assert road.keys() == [SHELF]


def test_who_has_pushed_to_a_closed_fix_keeps_the_branch(road: Road, publishes: Callable[..., None]) -> None:
    road.scan()
    number = road.pull(SHELF).number
    road.hub.push(NAME, {"mine.txt": b"mine"}, branch=f"kotsu/{SHELF}")
    road.hub.close(NAME, number)
    publishes("CVE-2026-3")
    road.scan()
    assert road.keys() == []
    assert road.hub.files(NAME, f"kotsu/{SHELF}")["mine.txt"] == b"mine"
    assert road.withheld()[SHELF][0] == "left-alone"
