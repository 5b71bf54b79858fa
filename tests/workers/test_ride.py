"""A major upgrade takes its migrations along, in commits of their own, and says what it means."""

from __future__ import annotations

from datetime import UTC, datetime

from packaging.version import Version

from codemods import registry
from codemods.model import Release, Releases
from codemods.tree import Files
from workers import config, scan
from workers.model import Report

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_RETRY = b"""from urllib3.util.retry import Retry

retry = Retry(total=3, method_whitelist=["GET"])
"""


def _scanned(files: dict[str, bytes], *, now: str = "2.2.0", off: str = "") -> Report:
    catalogue = registry.catalogue()
    releases = tuple(
        Release(Version(v), "2026-01-01T00:00:00Z", hashes=()) for v in ("1.25.0", "1.26.18", now)
    )
    given = (
        config.read(f"improvements:\n  {off}: false\n".encode(), "kotsu.yml") if off else config.defaults()
    )
    assert isinstance(given, config.Config)
    request = scan.Request(
        tree=Files(files),
        catalogue={id_: i for id_, i in catalogue.items() if id_ == "upgrade-dependency"},
        config=given,
        now=_NOW,
        lookup=lambda names: {n: Releases(n, releases) for n in names if n == "urllib3"},
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
    assert "1 use of 1 changed API in 1 file; 1 rewritten, 0 for you." in proposal.body


def test_what_no_migration_does_is_told_with_its_place() -> None:
    code = b"from urllib3.util.ssl_ import DEFAULT_CIPHERS\n\nprint(DEFAULT_CIPHERS)\n"
    (proposal,) = _scanned({"requirements.txt": b"urllib3==1.26.18\n", "shop/net.py": code}).proposals
    assert "2 uses of 1 changed API in 1 file; 0 rewritten, 2 for you." in proposal.body
    assert "- `shop/net.py:3`: `urllib3.util.ssl_.DEFAULT_CIPHERS` is gone" in proposal.body
    assert proposal.commits == ()


def test_a_repository_that_uses_nothing_of_it_is_told_so() -> None:
    files = {"requirements.txt": b"urllib3==1.26.18\n", "shop/net.py": b"import urllib3\n"}
    (proposal,) = _scanned(files).proposals
    assert "It uses none of the 4 APIs known to have changed." in proposal.body


def test_a_minor_upgrade_takes_nothing_along() -> None:
    files = {"requirements.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY}
    (proposal,) = _scanned(files, now="1.27.0").proposals
    assert [edit.path for edit in proposal.edits] == ["requirements.txt"]


def test_a_library_that_still_admits_the_old_version_keeps_the_old_name() -> None:
    project = b'[project]\nname = "shop"\nversion = "1"\ndependencies = ["urllib3>=1.25,<2"]\n'
    (proposal,) = _scanned({"pyproject.toml": project, "shop/net.py": _RETRY}).proposals
    assert [edit.path for edit in proposal.edits] == ["pyproject.toml"]
    assert "0 rewritten, 1 for you" in proposal.body


def test_a_migration_that_kotsu_yml_switches_off_stays_at_home() -> None:
    files = {"requirements.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY}
    (proposal,) = _scanned(files, off="urllib3-retry-allowed-methods").proposals
    assert [edit.path for edit in proposal.edits] == ["requirements.txt"]
    assert "0 rewritten, 1 for you" in proposal.body
