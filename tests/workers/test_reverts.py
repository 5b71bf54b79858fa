"""Which merged pull requests new commits take back, as git and GitHub write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workers import reverts
from workers.reverts import Landed, Merged

NAME = "acme/shop"
MERGED = datetime(2026, 6, 1, tzinfo=UTC)
NOW = MERGED + timedelta(days=60)
SHA, HEAD, OTHER = "a1" * 20, "b2" * 20, "c3" * 20
TITLE = "Replace the deprecated utcnow() with an exact equivalent"
OURS = Merged(7, TITLE, frozenset({SHA, HEAD}), MERGED)


def found(message: str, days: float = 2, *merged: Merged) -> list[int]:
    landed = [Landed(message, MERGED + timedelta(days=days))]
    return sorted(reverts.found(landed, merged or (OURS,), NAME, NOW))


TAKEN = {
    "by git revert": f'Revert "{TITLE}"\n\nThis reverts commit {SHA}.\n',
    "of a merge": f"Back\n\nThis reverts commit {SHA}, reversing\nchanges made to {OTHER}.\n",
    "by git revert --reference": f"Back to utcnow\n\nThis reverts commit {SHA[:9]} ({TITLE}, 2026-06-01).\n",
    "of the commit in the branch": f'Revert "{TITLE}"\n\nThis reverts commit {HEAD}.\n',
    "of several": f"Take back\n\nThis reverts commits {OTHER} and {SHA}.\n",
    "by the button": f'Revert "{TITLE} (#7)" (#9)\n\nReverts acme/shop#7\n',
    "by the button, merged": f'Merge pull request #9 from acme/revert-7-kotsu/x\n\nRevert "{TITLE}"\n',
    "by number alone": "Take it back\n\nReverts #7\n",
    "in a list": f'Undo some (#12)\n\n* Revert "x"\n\nThis reverts commit {SHA}.\n',
    "by title alone": f'Revert "{TITLE}" (#9)\n',
    "for a reason": f"Back\n\nThis reverts commit {SHA} as {OTHER} was better.\r\n",
    "with a full stop": "Take it back\r\n\r\nReverts acme/shop#7.\r\n",
    "in another case": "Take it back\n\nreverts Acme/Shop#7\n",
}


@pytest.mark.parametrize("message", TAKEN.values(), ids=TAKEN)
def test_a_revert_of_ours(message: str) -> None:
    assert found(message) == [7]


KEPT = {
    "of somebody else's commit": f'Revert "Improve"\n\nThis reverts commit {OTHER}.\n',
    "of one of the same title": f'Revert "{TITLE}"\n\nThis reverts commit {OTHER}.\n',
    "of another number of the same title": f'Revert "{TITLE} (#8)" (#9)\n',
    "in another repository": "Follow shop\n\nReverts acme/other#7\n",
    "of the revert": f'Revert "Revert "{TITLE}""\n\nThis reverts commit {OTHER}.\n',
    "that is only talked about": f"Explain why {SHA} was reverted, see #7\n",
    "with a number in it": "Handle reverts of 7 kinds\n",
    "of too little of a name": f"Back\n\nThis reverts commit {SHA[:6]}.\n",
    "that is quoted": f"Answer\n\n> This reverts commit {SHA}.\n",
    "in a list of changes": f"Release\n\n* Reverts #7\n- This reverts commit {SHA}.\n",
    "that was wrong": "Keep it\n\nReverts acme/shop#7 was wrong; keep\n",
    "that another merge brought": f"Back\n\nThis reverts commit {OTHER}, reversing changes made to {SHA}.\n",
    "that is the reason for another": f"Back\n\nThis reverts commit {OTHER} (it undid {SHA}).\n",
    "empty": "",
}


@pytest.mark.parametrize("message", KEPT.values(), ids=KEPT)
def test_no_revert_of_ours(message: str) -> None:
    assert found(message) == []


@pytest.mark.parametrize(("days", "numbers"), [(30, [7]), (31, []), (-1, [7])])
def test_a_revert_counts_for_thirty_days(days: int, numbers: list[int]) -> None:
    assert found(TAKEN["by git revert"], days) == numbers


def test_a_title_is_that_of_the_newest_that_was_there_by_then() -> None:
    later = Merged(8, TITLE, frozenset(), MERGED + timedelta(days=5))
    assert found(TAKEN["by title alone"], 2, OURS, later) == [7]
    assert found(TAKEN["by title alone"], 6, OURS, later) == [8]
    assert found(TAKEN["by title alone"], -1, OURS, later) == []


def test_the_moment_is_the_first_and_none_that_cannot_be() -> None:
    days = [5, 3, -9]
    landed = [Landed(TAKEN["by git revert"], MERGED + timedelta(days=d)) for d in days]
    assert reverts.found(landed[:2], [OURS], NAME, NOW) == {7: MERGED + timedelta(days=3)}
    assert reverts.found(landed, [OURS], NAME, NOW) == {7: MERGED}
    early = MERGED + timedelta(days=1)
    assert reverts.found(landed[:1], [OURS], NAME, early) == {7: early}
