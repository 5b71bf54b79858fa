"""What one of our pull requests replaced is banned once, after that was merged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codemods import registry
from codemods.tree import Files
from workers import config, facts, scan
from workers.model import Past, State

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_RUFF = b'[lint]\nselect = ["ALL"]\n'


def _keys(state: State, files: dict[str, bytes] | None = None) -> list[str]:
    known = registry.catalogue()
    request = scan.Request(
        tree=Files({"ruff.toml": _RUFF, **(files or {})}),
        catalogue={"no-way-back": known["no-way-back"]},
        config=config.defaults(),
        now=_NOW,
        lookup=facts.nothing,
        past=[Past("six-usage", state, _NOW)],
    )
    return [proposal.key for proposal in scan.run(request).proposals]


def test_it_follows_the_merge() -> None:
    assert _keys(State.MERGED) == ["no-way-back/six"]


@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED])
def test_nothing_follows_what_nobody_merged(state: State) -> None:
    assert _keys(state) == []


def test_nothing_is_banned_that_somebody_imports_still() -> None:
    assert _keys(State.MERGED, {"shop/old.py": b"import six\n"}) == []
