"""What others wrote of an upgrade has its place in a body, and no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from packaging.version import Version

from codemods.boundaries import Brought, Change, Impact, Note, Place, Used
from codemods.model import Upgrade
from workers import impacts

_V4 = Version("4")


def _written(*upgrades: Upgrade) -> list[str]:
    candidate: Any = SimpleNamespace(ways=upgrades)
    return list(impacts.sections(candidate))


def _upgrade(notes: int, brought: int) -> Upgrade:
    note = Note(_V4, "note " * 120, "https://corp.example")
    change = Change("corp_auth.x", _V4, "what " * 60, hand="hand " * 80)
    used = Used(change, (), (Place("a.py", 1),))
    one = Brought("corp-auth-x", "title", "```\n" + "why\n" * 999, "risk " * 80)
    impact = Impact((used,), notes=(note,) * notes)
    return Upgrade(
        "corp-auth", Version("3"), _V4, impact=impact, brought=(one,) * brought, remarks=("Left.",)
    )


def test_whoever_writes_much_leaves_room_for_what_a_body_needs() -> None:
    for upgrades in ([_upgrade(500, 0)], [_upgrade(0, 50)], [_upgrade(30, 3)] * 20):
        text = "\n\n".join(_written(*upgrades))
        assert 20_000 < len(text) < 25_000
        assert text.endswith("\n\n… and more, for which there is no room here.")


def test_what_has_room_is_whole() -> None:
    first, second = _written(_upgrade(1, 1))
    assert "no room" not in first + second
    assert second.index("please read the diff") < second.index("Left.") < second.index("`corp-auth-x`")


def test_an_address_tells_nobody_that_it_was_mentioned() -> None:
    url = "https://github.com/corp/auth/issues/4"
    used = Used(Change("corp_auth.x", _V4, "is gone", url=url), (), (Place("a.py", 1),))
    impact = Impact((used,), notes=(Note(_V4, "Note.", url),))
    (text,) = _written(Upgrade("corp-auth", Version("3"), _V4, impact=impact))
    assert "//github.com" not in text
    assert text.count("(https://redirect.github.com/corp/auth/issues/4)") == 2
