"""A pull request that migrates code has a commit for each step, and is one piece of ours all the same."""

from __future__ import annotations

from codemods import registry
from demo.github import git
from tests.road import NAME, Road
from workers import marker

_KEY = "upgrade-dependency/urllib3"
_NET = b"from urllib3.util.retry import Retry\n\nretry = Retry(method_whitelist=[])\n"
_FILES = {
    "requirements.txt": b"urllib3==1.25.0\n",
    "shop/net.py": _NET,
    ".github/kotsu.yml": b"release-age: 0\n",
}


def _added(road: Road) -> None:
    for version in ("1.25.0", "2.2.0"):
        road.index.release("urllib3", version)
    known = registry.catalogue()
    ids = ("upgrade-dependency", "urllib3-retry-allowed-methods")
    object.__setattr__(road.world, "catalogue", {id_: known[id_] for id_ in ids})
    road.add(_FILES)


def _subjects(road: Road) -> list[str]:
    folder = road.hub.find(NAME).folder
    written = git.run(folder, "log", "--format=%s", f"main..kotsu/{_KEY}")
    return written.decode().splitlines()


def test_each_migration_is_a_commit_of_its_own(road: Road) -> None:
    _added(road)
    road.scan()
    assert _subjects(road) == [
        "Migrate: urllib3-retry-allowed-methods",
        "Upgrade urllib3 from 1.25.0 to 2.2.0",
    ]
    assert b"allowed_methods" in road.proposed(_KEY, "shop/net.py")
    assert road.proposed(_KEY, "requirements.txt") == b"urllib3==2.2.0\n"
    assert "1 rewritten, 0 for you" in (road.pull(_KEY).body or "")


def test_a_second_scan_writes_nothing(road: Road) -> None:
    _added(road)
    road.scan()
    road.news()
    road.scan()
    assert road.writes() == []


def test_it_is_built_anew_as_a_whole(road: Road) -> None:
    _added(road)
    road.scan()
    road.hub.push(NAME, {"shop/net.py": _NET + b"\nother = Retry(method_whitelist=['GET'])\n"})
    road.scan()
    assert _subjects(road) == [
        "Migrate: urllib3-retry-allowed-methods",
        "Upgrade urllib3 from 1.25.0 to 2.2.0",
    ]
    assert road.proposed(_KEY, "shop/net.py").count(b"allowed_methods") == 2
    assert road.keys() == [_KEY]


def test_a_persons_commit_on_top_comes_along(road: Road) -> None:
    _added(road)
    road.scan()
    road.hub.push(NAME, {"notes.txt": b"checked\n"}, branch=f"kotsu/{_KEY}", message="Check it by hand")
    road.hub.push(NAME, {"shop/net.py": _NET + b"\nother = Retry(method_whitelist=['GET'])\n"})
    road.scan()
    assert _subjects(road) == [
        "Check it by hand",
        "Migrate: urllib3-retry-allowed-methods",
        "Upgrade urllib3 from 1.25.0 to 2.2.0",
    ]
    assert road.proposed(_KEY, "notes.txt") == b"checked\n"


def test_the_body_knows_what_all_commits_change(road: Road) -> None:
    _added(road)
    road.scan()
    change = marker.metadata(road.pull(_KEY).body or "")["change"]
    folder = road.hub.find(NAME).folder
    written = git.run(folder, "log", "--format=%B", f"main..kotsu/{_KEY}").decode()
    assert written.count(f"Kotsu-Change: {change}") == 2
