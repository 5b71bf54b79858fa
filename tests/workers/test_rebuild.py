"""What is a reason to build a pull request anew, and what is none."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods.model import Edit
from tests.workers.test_draft import written
from workers import rebuild
from workers.rebuild import Asked, Cause

_LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=6).map(
    lambda ls: "".join(f"{x}\n" for x in ls)
)


@pytest.mark.parametrize(
    ("asked", "is_same", "is_fresh", "is_ours", "mergeable", "expected"),
    [
        (Asked.NOTHING, True, False, True, True, None),
        (Asked.NOTHING, True, False, True, None, None),
        (Asked.NOTHING, True, False, True, False, Cause.CONFLICT),
        (Asked.NOTHING, True, True, True, False, None),
        (Asked.NOTHING, False, True, False, True, Cause.CHANGED),
        (Asked.REBASE, True, False, False, True, Cause.ASKED),
        (Asked.REBASE, True, True, False, True, None),
        (Asked.RECREATE, True, True, False, True, Cause.ASKED),
        (Asked.RECREATE, True, True, True, True, None),
        (Asked.RECREATE, True, False, True, True, Cause.ASKED),
    ],
)
def test_a_pull_request_is_built_anew_for_a_reason(  # noqa: PLR0913 -- a table
    asked: Asked,
    mergeable: bool | None,  # noqa: FBT001 -- a table
    expected: Cause | None,
    *,
    is_same: bool,
    is_fresh: bool,
    is_ours: bool,
) -> None:
    found = rebuild.cause(asked, is_same=is_same, is_fresh=is_fresh, is_ours=is_ours, mergeable=mergeable)
    assert found is expected


@given(_LINES, _LINES, _LINES)
def test_what_stands_around_a_change_does_not_change_it(above: str, below: str, more: str) -> None:
    def change(before: str, after: str) -> str:
        old, new = (f"{before}old 1\nold 2\n{after}", f"{before}new\n{after}")
        return rebuild.change([Edit("a.py", old.encode(), new.encode())])

    assert change(above, below) == change(more + above, below + more) == change("", "")


def test_another_change_is_another() -> None:
    edits = [
        Edit("a.py", b"a\n", b"b\n"),
        Edit("b.py", b"a\n", b"b\n"),
        Edit("a.py", b"a\n", b"c\n"),
        Edit("a.py", b"b\n", b"a\n"),
        Edit("a.py", None, b"b\n"),
        Edit("a.py", b"", b"b\n"),
        Edit("a.py", b"a\n", None),
        Edit("a.py", b"a\n", b""),
        Edit("a.py", b"a\nx\na\n", b"b\nx\na\n"),
    ]
    found = [rebuild.change([edit]) for edit in edits]
    # The last one does the same as the first, with something near it.
    assert len(set(found)) == len(edits) - 1
    assert found[0] == found[-1]


def test_a_body_from_before_is_still_known() -> None:
    proposal = written()
    same = f"{proposal.title}\n{proposal.patch}"
    assert proposal.former == hashlib.sha256(same.encode()).hexdigest()[:32]
    assert proposal.former != proposal.digest
