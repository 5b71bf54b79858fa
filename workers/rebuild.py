"""Decides whether an open pull request is built anew: each build costs its reviewers a run of checks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from enum import Enum

from codemods import changes
from codemods.model import Edit


class Asked(Enum):
    """What a person asked to be done with a pull request of ours."""

    NOTHING = 0
    REBASE = 1
    """Build it anew on the newest base; commits of people are kept."""
    RECREATE = 2
    """Make it as if it were new, whatever happened to it."""


class Cause(Enum):
    """Why a pull request is built anew; that its base has moved on is none."""

    ASKED = "somebody asked for it"
    CHANGED = "what it proposes has changed"
    CONFLICT = "it conflicts with its base"


def cause(
    asked: Asked, *, is_same: bool, is_fresh: bool, is_ours: bool, mergeable: bool | None
) -> Cause | None:
    """Return why it is built anew, None where it stays as it is.

    ``is_same``: it changes what would be proposed now; ``is_fresh``: it stands on the newest base;
    ``is_ours``: nobody else wrote to its branch. What GitHub does not know yet (``mergeable`` None) is no
    conflict.
    """
    if not is_same:
        return Cause.CHANGED
    wanted = {Asked.NOTHING: False, Asked.REBASE: not is_fresh, Asked.RECREATE: not (is_fresh and is_ours)}
    if wanted[asked]:
        return Cause.ASKED
    return Cause.CONFLICT if mergeable is False and not is_fresh else None


def change(edits: Iterable[Edit]) -> str:
    """Return a digest of what edits do: of lines taken away and added, not of where they stand or among what.

    So it stays the same while the rest of its files moves on.
    """
    digest = hashlib.sha256()
    for edit in edits:
        for part in _said(edit):
            # The length parts what stands side by side.
            digest.update(b"%d:%b" % (len(part), part))
    return digest.hexdigest()[:32]


def _said(edit: Edit) -> Iterator[bytes]:
    yield edit.path.encode("utf-8", "surrogateescape")
    yield b"" if edit.before is not None and edit.after is not None else b"%d" % (edit.after is not None)
    old, new = (data.splitlines(keepends=True) for data in (edit.before or b"", edit.after or b""))
    for a, b, c, d in changes.runs(old, new):
        yield b"".join(old[a:b])
        yield b"".join(new[c:d])
