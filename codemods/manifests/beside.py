"""Reads what stands beside a reference: the tag that a commit is said to be, and why to stay with it."""

from __future__ import annotations

import re
from dataclasses import replace

from codemods import tags
from codemods.document import line_start
from codemods.manifests import comments
from codemods.manifests.model import Reference

_COMMENT = re.compile(rb"[ \t]+(#[^\r\n]*)")
_VERSION = re.compile(
    r"#\s*(?:renovate:\s*)?(?:tag=|pin[ @]|ratchet:[^\s@]+@|frozen:\s*|@)?([\w./+-]+)(\s.*)?", re.ASCII
)


def completed(data: bytes, reference: Reference, end: int) -> Reference:
    """Return a reference with the tag and the hold that comments name; its scalar ends at byte ``end``."""
    comment, start = trailing(data, end)
    found = _VERSION.fullmatch(comment)
    said = found if found and tags.parse(found[1]) else None
    words = (said[2] or "") if said else comment
    hold = held(data, reference.at, words)
    if said and not tags.COMMIT.fullmatch(reference.version):
        return replace(reference, hold=hold or f"the comment `{said[1]}`, which would no longer be true")
    if said is None:
        return replace(reference, hold=hold)
    return replace(
        reference, hold=hold, said=said[1], said_at=start + said.start(1), said_end=start + said.end(1)
    )


def trailing(data: bytes, end: int) -> tuple[str, int]:
    """Return the comment behind a byte on its line, and where it starts; ``""`` and 0 without one.

    One character of it is one byte of the file.
    """
    found = _COMMENT.match(data, end)
    return (found[1].decode("latin-1").rstrip(), found.start(1)) if found else ("", 0)


def held(data: bytes, at: int, words: str, *, capped: bool = False) -> str:
    """Return the comment that holds what stands at a byte, in words; ``words`` stand behind it."""
    start = line_start(data, at)
    above = data[line_start(data, max(start - 1, 0)) : start].decode("latin-1").strip()
    comment = comments.hold(words, above if above.startswith("#") else "", capped=capped)
    return f"the comment `{comment}`" if comment else ""
