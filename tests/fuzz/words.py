"""What people write, fuzzed: kotsu.yml and policies, comments and boxes, CODEOWNERS, bodies of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

from codemods.tree import Files
from tests.codemods import mutations
from tests.fuzz.target import Opening, pure
from workers import allowance, boxes, commands, config, inert, inheritance, marker, owners, policy
from workers.config import Broken

_ROOT = Path(__file__).parents[2]
_NOW = datetime(2026, 11, 26, tzinfo=UTC)
_BLOCK = re.compile(r"```(?:yaml|text)\n(.*?)```", re.DOTALL)
_ALLOWANCE = b"corp-auth:\n  - " + b"0" * 64 + b"\n"


@cache
def _files() -> Sequence[bytes]:
    """Return the files that the manual shows, and those of the samples."""
    pages = sorted((_ROOT / "docs").glob("*.md"))
    shown = [m[1].encode() for page in pages for m in _BLOCK.finditer(page.read_text("utf-8"))]
    kept = (".github/kotsu.yml", "tests/crater/kotsu.yml", "demo/samples/ops-scripts/.github/kotsu.yml")
    said = [text for text in shown if b": " in text and b"$ " not in text]
    return (*said, *((_ROOT / path).read_bytes() for path in kept), _ALLOWANCE)


def _file(dice: Random) -> bytes:
    return mutations.strange(dice.choice(_files()), _files(), dice)


def _configuration(data: bytes) -> None:
    alone, above = config.read(data, "kotsu.yml"), config.read(data, "kotsu.yml")
    bounds = policy.read(data, "policy.yml")
    for said in (alone, above, bounds, allowance.read(data, "allowance.yml")):
        str(said)
    if isinstance(alone, Broken) or isinstance(above, Broken):
        return
    together = inheritance.merged(above, alone)
    for one in (together, policy.held(together, None if isinstance(bounds, Broken) else bounds)):
        one.ignored("shop/clock.py", "aware-utcnow")
        one.globs("aware-utcnow")
        one.runs("aware-utcnow", by_default=True)


_SAID = (
    *(b"/kotsu rebase", b"/kotsu snooze 30d", b"/kotsu snooze 2026-12-31", b"/kotsu why django", b"/kotsu"),
    *(
        b"> /kotsu never\n\n/kotsu ignore",
        b"/KOTSU Help\r\nplease",
        b"`/kotsu split`",
        b"/kotsu snooze 9999 w",
    ),
    *(b"- [x] <!-- kotsu:propose upgrade-dependency/django -->", b"Fixes #1, @everyone <b>[x](javascript:y)"),
    *(boxes.FOOTER.encode(), b'<!-- kotsu: {"key": "a", "parts": 3, "until": "2026-01-01"} -->\n\nText'),
    *(b"# Notes\n\n* a `b` by @c in https://github.com/a/b/pull/1\n\n<details>\n| a | b |\n|---|---|\n", b""),
)


def _words(dice: Random) -> str:
    return mutations.strange(dice.choice(_SAID), _SAID, dice).decode("utf-8", "replace")


def _comment(text: str) -> None:
    said = commands.spoken(text)
    if said is not None:
        str(commands.read(said, _NOW))
    boxes.footer(text)
    boxes.emptied(text)
    for box in boxes.ticked(text):
        str(box)
    about = marker.metadata(text)
    readers: Sequence[Callable[..., object]] = (
        *(marker.word, marker.until, marker.changed, marker.versions, marker.apart, marker.answers),
        *(marker.marks, marker.parts, marker.price),
    )
    for read in readers:
        read(about)
    marker.metadata(marker.with_metadata(text, word="closed"))
    inert.markdown(text, "https://github.com", 1_000)
    inert.address(text)


_OWNERS = (
    b"* @acme/platform\n/docs/ ada@example.org @ada\n*.py @grace # why\n\\#x @a\n**/a/**/b? @c\n",
    b"[section]\n/a b\\ c/ @d\n!x @y\n",
)


def _owned(dice: Random) -> bytes:
    return mutations.strange(dice.choice(_OWNERS), _OWNERS, dice)


def _ownership(data: bytes) -> None:
    found = owners.found(Files({".github/CODEOWNERS": data}))
    for path in ("docs/a.md", "a/x/b1", "shop/clock.py", "b c/d", "a/" * 60 + "b"):
        found.of(path)


TARGETS: dict[str, Opening] = {
    "kotsu.yml and policies": pure(_file, _configuration),
    "comments and bodies": pure(_words, _comment),
    "CODEOWNERS": pure(_owned, _ownership),
}
