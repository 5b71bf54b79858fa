"""What pins an action, and what upgrades it, speak of its version in the same words."""

from __future__ import annotations

from packaging.version import Version

from codemods import registry, testing
from codemods.model import Facts

_PATH, _ADDRESS = ".github/workflows/ci.yml", "git+https://github.com/octo/harbour"
_OLD, _NEW = "1" * 40, "2" * 40
_TAGS = [f"v1 2025-01-01 {_OLD}", f"v1.4.2 2025-01-01 {_OLD}", f"v1.4.1 2024-01-01 {'3' * 40}"]
_NEWER = [*_TAGS, f"v2 2026-01-01 {_NEW}", f"v2.0.0 2026-01-01 {_NEW}"]


def _workflow(version: str) -> bytes:
    return f"on: push\njobs:\n  a:\n    steps:\n      - uses: octo/harbour@{version}\n".encode()


def _after(improvement: str, data: bytes, facts: Facts) -> bytes:
    after, found = testing.run(registry.load(registry.ids()[improvement]), _PATH, data, facts)
    assert all(finding.edit for finding in found)
    return after


def test_a_pin_moves_on_with_its_comment() -> None:
    pinned = _after("unpinned-action", _workflow("v1"), testing.facts({"tags": {_ADDRESS: _TAGS}}))
    assert pinned == _workflow(f"{_OLD} # v1.4.2")
    newer = testing.facts({"tags": {_ADDRESS: _NEWER}})
    assert _after("upgrade-action", pinned, newer) == _workflow(f"{_NEW} # v2.0.0")


def test_the_order_of_both_proposals_does_not_matter() -> None:
    newer = testing.facts({"tags": {_ADDRESS: _NEWER}})
    upgraded = _after("upgrade-action", _workflow("v1"), newer)
    assert upgraded == _workflow("v2")
    assert _after("unpinned-action", upgraded, newer) == _workflow(f"{_NEW} # v2.0.0")


def test_a_pin_is_the_newest_of_the_versions_of_its_commit() -> None:
    facts = testing.facts({"tags": {_ADDRESS: [*_TAGS, f"v1.4.3 2025-02-01 {_OLD}"]}})
    assert _after("unpinned-action", _workflow("v1"), facts) == _workflow(f"{_OLD} # v1.4.3")
    assert facts.releases[_ADDRESS].releases[0].version == Version("1")
