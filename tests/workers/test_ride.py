"""A major upgrade takes its migrations along, in commits of their own, and says what it means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from packaging.version import Version

from codemods import registry
from codemods.boundaries import Boundary, Change
from codemods.model import Problem, Release, Releases
from codemods.tree import Files
from workers import config, scan
from workers.model import Report

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_RETRY = b"""from urllib3.util.retry import Retry

retry = Retry(total=3, method_whitelist=["GET"])
"""


def _scanned(
    files: dict[str, bytes],
    *,
    off: str = "",
    name: str = "urllib3",
    versions: tuple[str, ...] = ("1.25.0", "1.26.18", "2.2.0"),
) -> Report:
    catalogue = registry.catalogue()
    releases = tuple(Release(Version(v), "2026-01-01T00:00:00Z", hashes=()) for v in versions)
    given = (
        config.read(f"improvements:\n  {off}: false\n".encode(), "kotsu.yml") if off else config.defaults()
    )
    assert isinstance(given, config.Config)
    request = scan.Request(
        tree=Files(files),
        catalogue={id_: i for id_, i in catalogue.items() if id_ == "upgrade-dependency"},
        config=given,
        now=_NOW,
        lookup=lambda names: {n: Releases(n, releases) for n in names if n == name},
        migrations=catalogue,
        everything=True,
    )
    return scan.run(request)


def test_a_pull_request_holds_the_bump_and_the_code_that_changes_with_it() -> None:
    report = _scanned({"requirements.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY})
    (proposal,) = report.proposals
    assert [edit.path for edit in proposal.edits] == ["requirements.txt", "shop/net.py"]
    assert [(subject, [e.path for e in edits]) for subject, edits in proposal.commits] == [
        ("Upgrade urllib3 from 1.25.0 to 2.2.0", ["requirements.txt"]),
        ("Migrate: urllib3-retry-allowed-methods", ["shop/net.py"]),
    ]
    assert b"allowed_methods" in (proposal.edits[1].after or b"")
    assert "1 use of 1 changed API in 1 file; 1 rewritten, 0 for you; " in proposal.body


def test_what_no_migration_does_is_told_with_its_place() -> None:
    code = b"from urllib3.util.ssl_ import DEFAULT_CIPHERS\n\nprint(DEFAULT_CIPHERS)\n"
    (proposal,) = _scanned({"requirements.txt": b"urllib3==1.26.18\n", "shop/net.py": code}).proposals
    assert (
        "1 use of 1 changed API in 1 file; 0 rewritten, 1 for you; 3 changed APIs you do not use."
        in proposal.body
    )
    assert "- `shop/net.py:3`: `urllib3.util.ssl_.DEFAULT_CIPHERS` is gone" in proposal.body
    assert proposal.commits == ()


def test_a_change_that_many_lines_meet_is_told_once() -> None:
    code = b"from urllib3.util import ssl_\n" + b"print(ssl_.DEFAULT_CIPHERS)\n" * 60
    (proposal,) = _scanned({"requirements.txt": b"urllib3==1.26.18\n", "shop/net.py": code}).proposals
    assert "0 rewritten, 60 for you; " in proposal.body
    assert proposal.body.count("`urllib3.util.ssl_.DEFAULT_CIPHERS`") == 1
    assert "`shop/net.py:6` and 55 more: `urllib3.util.ssl_.DEFAULT_CIPHERS` is gone" in proposal.body


def test_a_repository_that_uses_nothing_of_it_is_told_so() -> None:
    files = {"requirements.txt": b"urllib3==1.26.18\n", "shop/net.py": b"import urllib3\n"}
    (proposal,) = _scanned(files).proposals
    assert "It uses none of the 4 APIs known to have changed." in proposal.body


def test_what_only_development_needs_takes_its_migrations_along() -> None:
    files = {"requirements-dev.txt": b"urllib3==1.25.0\n", "tests/test_net.py": _RETRY}
    (proposal,) = _scanned(files).proposals
    assert [edit.path for edit in proposal.edits] == ["requirements-dev.txt", "tests/test_net.py"]
    assert "1 rewritten, 0 for you" in proposal.body


def test_a_library_that_admits_the_old_version_keeps_the_name_though_its_development_does_not() -> None:
    project = b'[project]\nname = "shop"\nversion = "1"\ndependencies = ["urllib3>=1.25,<2"]\n'
    files = {"pyproject.toml": project, "requirements-dev.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY}
    (proposal,) = _scanned(files).proposals
    assert "shop/net.py" not in [edit.path for edit in proposal.edits]


def test_a_minor_upgrade_takes_nothing_along() -> None:
    files = {"requirements.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY}
    (proposal,) = _scanned(files, versions=("1.25.0", "1.26.18", "1.27.0")).proposals
    assert [edit.path for edit in proposal.edits] == ["requirements.txt"]


@pytest.mark.parametrize(
    ("before", "after", "rides"),
    [
        ("0.95.2", "0.115.14", True),
        ("0.115.6", "0.115.7", True),
        ("0.95.2", "0.96.1", False),
        ("0.115.8", "0.115.14", False),
    ],
)
def test_before_version_1_a_boundary_may_be_any_version(before: str, after: str, *, rides: bool) -> None:
    code = b"from fastapi.testclient import TestClient\n\nclient = TestClient(app)\n"
    code += b"client.get(url, allow_redirects=False)\n"
    files = {"requirements.txt": f"fastapi=={before}\n".encode(), "tests/test_web.py": code}
    (proposal,) = _scanned(files, name="fastapi", versions=(before, after)).proposals
    assert ("Migrate: fastapi-follow-redirects" in [subject for subject, _ in proposal.commits]) is rides
    assert ("1 use of 1 changed API in 1 file; 1 rewritten, 0 for you" in proposal.body) is rides


def test_a_library_that_still_admits_the_old_version_keeps_the_old_name() -> None:
    project = b'[project]\nname = "shop"\nversion = "1"\ndependencies = ["urllib3>=1.25,<2"]\n'
    (proposal,) = _scanned({"pyproject.toml": project, "shop/net.py": _RETRY}).proposals
    assert [edit.path for edit in proposal.edits] == ["pyproject.toml"]
    assert "0 rewritten, 1 for you" in proposal.body
    assert "urllib3 1.25 can still be installed here, so what that version needs was not" in proposal.body


def test_a_migration_that_kotsu_yml_switches_off_stays_at_home() -> None:
    files = {"requirements.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY}
    (proposal,) = _scanned(files, off="urllib3-retry-allowed-methods").proposals
    assert [edit.path for edit in proposal.edits] == ["requirements.txt"]
    assert "0 rewritten, 1 for you" in proposal.body


# --- what is compared by name


def _compared(code: bytes, compare: Any, name: str = "shelf") -> Report:
    releases = tuple(Release(Version(v), "2026-01-01T00:00:00Z", hashes=()) for v in ("1.0", "2.0"))
    request = scan.Request(
        tree=Files({"requirements.txt": f"{name}==1.0\n".encode(), "shop/a.py": code}),
        catalogue={"upgrade-dependency": registry.catalogue()["upgrade-dependency"]},
        config=config.defaults(),
        now=_NOW,
        lookup=lambda names: {n: Releases(n, releases) for n in names if n == name},
        compare=compare,
        everything=True,
    )
    return scan.run(request)


_GONE = Boundary(("shelf",), (Change("shelf.old", Version("2.0"), "is gone", hand="Look."),))


def test_an_upgrade_of_which_nothing_is_used_says_so_and_costs_little() -> None:
    code = b"import shelf\nshelf.new()\n"
    (harmless,) = _compared(code, lambda *_: _GONE).proposals
    (unknown,) = _compared(code, lambda *_: "").proposals
    assert "It uses nothing that changed by name (1 name did)." in harmless.body
    assert harmless.cost < unknown.cost
    assert "changes for this repository" not in unknown.body


def test_a_name_that_is_gone_is_told_with_its_place() -> None:
    (proposal,) = _compared(b"import shelf\nshelf.old()\n", lambda *_: _GONE).proposals
    assert "1 use of 1 changed API in 1 file; 0 rewritten, 1 for you." in proposal.body
    assert "- `shop/a.py:2`: `shelf.old` is gone. Look." in proposal.body


def test_where_nothing_is_to_be_said_there_is_no_heading() -> None:
    (proposal,) = _compared(b"import packaging\n", lambda *_: "", "packaging").proposals
    assert "changes for this repository" not in proposal.body


def test_why_nobody_can_compare_is_told() -> None:
    (proposal,) = _compared(b"import shelf\n", lambda *_: "2.0 has no wheel").proposals
    assert "The names of both releases were not compared: 2.0 has no wheel." in proposal.body
    assert "It uses" not in proposal.body


def test_what_hinders_all_comparisons_is_a_problem_told_once() -> None:
    said = Problem(".", 1, "the host is refused", beside=True)
    report = _compared(b"import shelf\n", lambda *_: said)
    assert (len(report.proposals), *report.problems) == (1, said)


def test_a_comparison_that_fails_costs_no_scan() -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("oops")

    report = _compared(b"import shelf\n", fail)
    assert len(report.proposals) == 1
    assert [p.message for p in report.problems] == ["shelf was not compared: RuntimeError: oops"]
    assert report.problems[0].beside


_SQLALCHEMY = ("2.0.40", "2.1.0")


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        (b"from sqlalchemy import create_engine\n\ncreate_engine('postgresql://x')\n", True),
        (b"import os\n", False),
    ],
)
def test_a_minor_upgrade_tells_only_what_concerns_the_repository(code: bytes, *, is_told: bool) -> None:
    catalogue = registry.catalogue()
    known = tuple(Release(Version(v), "2026-01-01T00:00:00Z") for v in _SQLALCHEMY)
    request = scan.Request(
        tree=Files({"requirements.txt": b"sqlalchemy==2.0.40\n", "shop/db.py": code}),
        catalogue={"upgrade-dependency": catalogue["upgrade-dependency"]},
        config=config.defaults(),
        now=_NOW,
        lookup=lambda names: {n: Releases(n, known) for n in names if n == "sqlalchemy"},
        migrations=catalogue,
        everything=True,
    )
    (proposal,) = scan.run(request).proposals
    assert ("What no name shows" in proposal.body) == is_told
    assert ("for this repository" in proposal.body) == is_told
